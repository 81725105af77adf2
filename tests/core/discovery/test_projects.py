"""What compose and bake files say of Dockerfiles."""

import pytest

from dflint.discovery.projects import context_of, targets_in, targets_of

COMPOSE = """\
services:
  web:
    build:
      context: .
      dockerfile: docker/web.Dockerfile
      target: runtime
      args: {VERSION: 1.2, FROM_OUTSIDE: "${X}", EMPTY: }
  api:
    build: ./api
  other:
    image: redis
  remote:
    build: https://example.org/x.git
  inline:
    build: {dockerfile_inline: "FROM x"}
"""
HCL = """\
variable "TAG" { default = "1" }
target "web" {
  context = "."
  dockerfile = "docker/web.Dockerfile"
  args = {
    VERSION = "1.2"
    TAG = "${TAG}"
  }
}
target "api" {
  context = "api" # the folder
  tags = ["a{b}"]
}
target "plain" { }
target "variable" {
  context = TAG
}
target "inherited" {
  inherits = ["web"]
}
"""
JSON = (
    '{"target": {"web": {"dockerfile": "docker/web.Dockerfile", "args": {"VERSION": "1.2"}},'
    ' "x": {"inherits": ["web"]}}}'
)


def seen(folder):
    return {
        one.name: (
            one.dockerfile.removeprefix(f"{folder}/"), one.context.removeprefix(str(folder)).strip("/"), one.target,
            dict(one.args),
        )
        for one in targets_in(str(folder))
    }  # fmt: skip


def test_compose(tmp_path):
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    assert seen(tmp_path) == {
        "web": ("docker/web.Dockerfile", "", "runtime", {"VERSION": "1.2"}),
        "api": ("api/Dockerfile", "api", None, {}),
    }


def test_bake(tmp_path):
    (tmp_path / "docker-bake.hcl").write_text(HCL)
    found = seen(tmp_path)
    assert found["web"] == ("docker/web.Dockerfile", "", None, {"VERSION": "1.2"})
    assert found["plain"] == ("Dockerfile", "", None, {})
    assert not found.keys() & {"variable", "inherited"}


def test_bake_json(tmp_path):
    (tmp_path / "docker-bake.json").write_text(JSON)
    assert seen(tmp_path) == {"web": ("docker/web.Dockerfile", "", None, {"VERSION": "1.2"})}


@pytest.mark.parametrize(
    "text", ["", "a: [", "services: 1", "services: {a: {build: 1}}", "\x00", "services: {a: {build: {context: 3}}}"]
)
def test_what_says_nothing(tmp_path, text):
    (tmp_path / "compose.yaml").write_text(text)
    assert seen(tmp_path) == {}


def test_context_comes_from_the_nearest_folder_and_only_if_all_agree(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    dockerfile = str(tmp_path / "docker" / "web.Dockerfile")
    assert context_of(dockerfile) == str(tmp_path)
    assert [one.target for one in targets_of(dockerfile)] == ["runtime"]
    assert context_of(str(tmp_path / "docker" / "other.Dockerfile")) is None
    (tmp_path / "docker-bake.json").write_text(
        '{"target": {"w": {"context": "docker", "dockerfile": "web.Dockerfile"}}}'
    )
    assert context_of(dockerfile) is None
