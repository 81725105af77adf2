import pytest

from dflint.build import BuildOptions, EngineError, Recipe, read_recipe
from dflint.build.podman import line_of
from dflint.syntax import parse


def test_the_frontend_goes_and_no_line_moves():
    text = "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\nRUN x `\n y\n"
    recipe = Recipe(text)
    assert recipe.frontend == ("docker/dockerfile:1", 1)
    changed = recipe.without_frontend()
    assert changed.frontend is None
    assert [directive.name for directive in parse(changed.text).directives] == ["escape", "check"]
    assert changed.text.splitlines()[3:] == text.splitlines()[3:]
    assert [i.name for i in parse(changed.text).instructions] == ["FROM", "RUN"]


@pytest.mark.parametrize("text", ["FROM a\n", "# comment\n# syntax=x\nFROM a\n", "", "# escape=`\nFROM a\n"])
def test_without_a_frontend_nothing_changes(text):
    assert Recipe(text).without_frontend().text == text


def test_windows_line_endings_stay():
    assert Recipe("# syntax=x\r\nFROM a\r\n").without_frontend().text == "#\r\nFROM a\r\n"


def test_cache_mounts_that_were_shared_stay_shared():
    text = (
        "FROM a AS one\nRUN --mount=type=cache,target=/c,id=x a\nRUN --mount=type=cache,target=/d b\n"
        "FROM a\nRUN --mount=type=bind,target=/s --mount=type=cache,id=x,target=/e c\n"
    )
    changed = Recipe(text).with_fresh_caches("n1").text
    runs = [i for i in parse(changed).instructions if i.name == "RUN"]
    ids = [mount.id for run in runs for mount in run.mounts if mount.type == "cache"]
    assert len(ids) == 3
    assert ids[0] == ids[2] != ids[1]
    assert all(identifier.startswith("dflint-n1-") for identifier in ids)
    assert "type=bind,target=/s --mount" in changed
    assert Recipe(text).with_fresh_caches("n2").text != changed


def test_the_base_of_the_target():
    text = "ARG V=3.11\nFROM python:${V} AS build\nRUN x\nFROM build AS test\nRUN y\nFROM scratch AS out\nCOPY a /\n"
    assert Recipe(text).of_base("test", {}).text == "ARG V=3.11\nFROM python:${V} AS build\n"
    assert Recipe(text).of_base(None, {}) is None
    assert Recipe(text).of_base("missing", {}) is None


def test_a_recipe_with_its_own_ignore_file(tmp_path):
    (tmp_path / "web.Dockerfile").write_bytes(b"FROM a\r\n# \xff\n")
    (tmp_path / "web.Dockerfile.dockerignore").write_text("x\n")
    recipe = read_recipe(tmp_path / "web.Dockerfile")
    assert recipe.ignore == "x\n"
    written = recipe.write(tmp_path / "copy")
    assert written.read_bytes() == b"FROM a\r\n# \xff\n"
    assert (tmp_path / "copy" / "web.Dockerfile.dockerignore").read_text() == "x\n"


def test_secrets_as_buildx_finds_them(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("from-a-file\n")
    monkeypatch.setenv("TOKEN", "from-variable")
    monkeypatch.setenv("by_id", "from-identity")
    for specification, value in (
        (f"id=a,src={tmp_path}/file", "from-a-file"),
        (f"type=file,id=a,source={tmp_path}/file", "from-a-file"),
        ("id=a,env=TOKEN", "from-variable"),
        ("id=by_id", "from-identity"),
    ):
        assert BuildOptions(secrets=(specification,)).redactor().text(f"x {value}") == "x ***"
    with pytest.raises(EngineError, match="secret none cannot be read"):
        BuildOptions(secrets=("id=none,src=/no/such/file",)).redactor()


def test_build_arguments_of_the_environment(monkeypatch):
    monkeypatch.setenv("GIVEN", "from-outside")
    monkeypatch.delenv("ABSENT", raising=False)
    options = BuildOptions(build_args=(("GIVEN", None), ("ABSENT", None), ("SET", "value")))
    assert options.arguments() == {"GIVEN": "from-outside", "SET": "value"}


def test_line_of_a_step_that_buildah_numbers():
    recipe = Recipe("ARG A\nFROM a AS one\nRUN x\nFROM b\n\nCOPY . .\nRUN \\\n  y\n")
    assert line_of(recipe, 1, 2) == 3
    assert line_of(recipe, 2, 3) == 7
    assert line_of(recipe, 3, 1) is None
