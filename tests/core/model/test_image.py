import pytest

from dflint.model import ImageReference


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("python", "docker.io", "library/python", None, None),
        ("python:3.12-slim", "docker.io", "library/python", "3.12-slim", None),
        ("docker.io/python", "docker.io", "library/python", None, None),
        ("index.docker.io/bitnami/redis:7", "docker.io", "bitnami/redis", "7", None),
        ("ghcr.io/owner/app:1", "ghcr.io", "owner/app", "1", None),
        ("localhost/app", "localhost", "app", None, None),
        ("localhost:5000/a/b", "localhost:5000", "a/b", None, None),
        ("[::1]:5000/a", "[::1]:5000", "a", None, None),
        ("HOST/a", "HOST", "a", None, None),
        ("a@sha256:" + "0" * 64, "docker.io", "library/a", None, "sha256:" + "0" * 64),
        ("a__b/c--d:_x", "docker.io", "a__b/c--d", "_x", None),
    ],
)
def test_parse(text: str, registry: str, repository: str, tag: str | None, digest: str | None) -> None:
    image = ImageReference.parse(text)
    assert image is not None
    assert (image.registry, image.repository, image.tag, image.digest) == (registry, repository, tag, digest)


@pytest.mark.parametrize(
    "text", ["", "Python", "a//b", "a:", "a:-x", "a@sha256:1", "a b", "a_._b", "/a", "a/", "0" * 64, "a:" + "x" * 129]
)
def test_not_a_reference(text: str) -> None:
    assert ImageReference.parse(text) is None


def test_names() -> None:
    official = ImageReference.parse("docker.io/library/python:3")
    assert official is not None and official.is_official
    assert official.name == official.family == "python" and official.effective_tag == "3"
    other = ImageReference.parse("mcr.microsoft.com/dotnet/sdk")
    assert other is not None and not other.is_official
    assert (other.name, other.family) == ("mcr.microsoft.com/dotnet/sdk", "dotnet/sdk")
    assert other.effective_tag == "latest"
    digested = ImageReference.parse("localhost:5000/a@sha256:" + "0" * 64)
    assert digested is not None and digested.effective_tag is None
    assert digested.with_tag("2") == "localhost:5000/a:2" and official.with_tag("4") == "docker.io/library/python:4"


def test_equality() -> None:
    assert ImageReference.parse("python:3") == ImageReference.parse("docker.io/library/python:3")
    assert len({ImageReference.parse("a"), ImageReference.parse("library/a"), ImageReference.parse("a:1")}) == 2
