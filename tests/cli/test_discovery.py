"""Which files a search finds; ``git`` itself is the oracle for the patterns."""

# ruff: noqa: PTH118
import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dflint.discovery.gitignore import IgnorePatterns
from dflint.discovery.search import Unsearchable, is_dockerfile_name, search

has_git = shutil.which("git") is not None


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile", "dockerfile", "DOCKERFILE", "Dockerfile.dev", "Dockerfile.prod.v2", "Dockerfile.3.12",
        "x.Dockerfile", "x.dockerfile", "web.v1.dockerfile", "Containerfile", "Containerfile.ubi",
        "Dockerfile.alpine-3.20",
    ],
)  # fmt: skip
def test_names_of_dockerfiles(name):
    assert is_dockerfile_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore", "x.Dockerfile.dockerignore", "Dockerfile.md", "Dockerfile.py", "Dockerfile.dev.j2",
        "Dockerfile.tmpl", "Dockerfile.go", "Dockerfile.sh", "Dockerfile~", "Dockerfile.dev~", "Dockerfile.orig",
        "Dockerfiles", "MyDockerfile", "Dockerfile-dev", "dockerfile_utils", "x.Containerfile.md", ".dockerignore",
        "docker-compose.yml",
    ],
)  # fmt: skip
def test_names_of_other_files(name):
    assert not is_dockerfile_name(name)


def found(folder, **options):
    return [os.path.relpath(path, folder).replace(os.sep, "/") for path in search(str(folder), **options)]


def test_search(tmp_path, write):
    for path in (
        "Dockerfile", "b/Dockerfile", "a/z/Dockerfile.dev", "a/x.Dockerfile", "a/Dockerfile.md", ".hidden/Dockerfile",
        "node_modules/x/Dockerfile", ".git/Dockerfile", "a/vendor/Dockerfile", "venv/Dockerfile",
        "env/Dockerfile", "env/pyvenv.cfg", "Dockerfile.d/Containerfile",
    ):  # fmt: skip
        write(path, "FROM a\n")
    assert found(tmp_path) == [
        "Dockerfile", ".hidden/Dockerfile", "Dockerfile.d/Containerfile", "a/x.Dockerfile", "a/z/Dockerfile.dev",
        "b/Dockerfile",
    ]  # fmt: skip
    assert list(search(str(tmp_path / "node_modules"))) == [str(tmp_path / "node_modules/x/Dockerfile")]


def test_paths_start_as_the_folder_was_given(write, tmp_path, monkeypatch):
    write("a/Dockerfile", "")
    monkeypatch.chdir(tmp_path)
    assert list(search(".")) == [os.path.join("a", "Dockerfile")]
    assert list(search("a")) == [os.path.join("a", "Dockerfile")]
    assert list(search("./a")) == [os.path.join("./a", "Dockerfile")]
    assert list(search("a/..")) == [os.path.join("a/..", "a", "Dockerfile")]


def test_gitignore_files(tmp_path, write):
    for path in (
        "Dockerfile",
        "gen/Dockerfile",
        "a/gen/Dockerfile",
        "a/Dockerfile.x",
        "a/b/Dockerfile.x",
        "c/Dockerfile.x",
    ):
        write(path, "")
    write(".gitignore", "# comment\r\ngen/\r\n*.x\r\n")
    write("a/.gitignore", "!*.x\n")
    write("a/b/.gitignore", "Dockerfile.x\n")
    assert found(tmp_path) == ["Dockerfile", "a/Dockerfile.x"]


def test_gitignore_files_above_count_within_a_repository(tmp_path, write):
    write(".gitignore", "/outer/x/Dockerfile\n")
    write("outer/x/Dockerfile", "")
    write("outer/x/Dockerfile.b", "")
    assert found(tmp_path / "outer/x") == ["Dockerfile", "Dockerfile.b"]
    write(".git/info/exclude", "*.b\n")
    assert found(tmp_path / "outer/x") == []
    assert found(tmp_path / "outer") == []
    write("outer/x/.git/HEAD", "")  # a repository of its own
    assert found(tmp_path / "outer/x") == ["Dockerfile", "Dockerfile.b"]


def test_links(tmp_path, write):
    write("real/Dockerfile", "")
    write("elsewhere.txt", "")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "Dockerfile").symlink_to("real/Dockerfile")
    (tmp_path / "Dockerfile.b").symlink_to("elsewhere.txt")
    (tmp_path / "Dockerfile.c").symlink_to("nowhere")
    assert found(tmp_path) == ["Dockerfile", "Dockerfile.b"]


def test_more_can_be_excluded(tmp_path, write):
    for path in ("Dockerfile", "a/Dockerfile", "b/Dockerfile"):
        write(path, "")
    asked = []

    def is_excluded(path, is_folder):
        asked.append((os.path.relpath(path, tmp_path), is_folder))
        return path.endswith("a")

    assert found(tmp_path, is_excluded=is_excluded) == ["Dockerfile", "b/Dockerfile"]
    assert ("a", True) in asked
    assert ("Dockerfile", False) in asked
    assert not any(path.startswith("a/") for path, _ in asked)


def test_a_folder_that_is_not_there(tmp_path):
    (told,) = search(str(tmp_path / "missing"))
    assert isinstance(told, Unsearchable)
    assert told.reason == "No such file or directory"


@pytest.mark.parametrize(
    ("pattern", "path", "is_folder", "expected"),
    [
        ("a", "a", False, True),
        ("a", "x/a", False, True),
        ("/a", "x/a", False, None),
        ("a/b", "x/a/b", False, None),
        ("a/b", "a/b", False, True),
        ("**/a/b", "x/y/a/b", False, True),
        ("**/a/b", "a/b", False, True),
        ("a/**", "a/b/c", False, True),
        ("a/**", "a", True, None),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("a**b", "ab", False, True),
        ("a**b", "a/b", False, None),
        ("a/", "a", False, None),
        ("a/", "a", True, True),
        ("!a", "a", False, False),
        (r"\!a", "!a", False, True),
        (r"\#a", "#a", False, True),
        ("#a", "#a", False, None),
        ("a ", "a", False, True),
        ("a\\ ", "a ", False, True),
        ("*.x", "a/b.x", False, True),
        ("?", "a", False, True),
        ("?", "ab", False, None),
        ("[ab]", "b", False, True),
        ("[!ab]", "c", False, True),
        ("[!ab]", "a", False, None),
        ("[^ab]", "c", False, True),
        ("[a-c]x", "bx", False, True),
        ("[]a]", "]", False, True),
        ("[[:digit:]]", "7", False, True),
        ("[ab", "[ab", False, None),
        ("a.b", "axb", False, None),
        ("/", "a", False, None),
        ("", "a", False, None),
    ],
)
def test_patterns(pattern, path, is_folder, expected):
    assert IgnorePatterns([pattern]).verdict(path, is_folder) is expected


NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda n: n.strip(".") and not n.endswith("."))
PATTERNS = st.text("ab.*?/![]\\- ", min_size=1, max_size=6).filter(lambda p: not p.startswith("#"))


@pytest.mark.skipif(not has_git, reason="needs git")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(PATTERNS, min_size=1, max_size=5),
    st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=6),
)
def test_git_agrees(tmp_path_factory, patterns, paths):
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("\n".join(patterns) + "\n")
    files = sorted({"/".join(path) for path in paths})
    files = [f for f in files if not any(other.startswith(f + "/") for other in files)]
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("")
    done = subprocess.run(
        ["git", "check-ignore", "--stdin", "-z"], input="\0".join(files).encode(), capture_output=True, cwd=folder
    )
    ignored = set(filter(None, done.stdout.decode().split("\0")))
    ours = IgnorePatterns(patterns)
    assert {file for file in files if ours.excludes(file)} == ignored
