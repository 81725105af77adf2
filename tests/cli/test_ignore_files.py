"""Ignore files are linted: those that are named, and those of the Dockerfiles that are linted."""

from __future__ import annotations

import json

import pytest

DEAD = "!src\nnode_modules\nnode_modules/a\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.22\nCOPY src /src\nUSER 1\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a").write_text("")
    (tmp_path / ".dockerignore").write_text(DEAD)
    return tmp_path


def found(dflint, *arguments):
    _, out, err = dflint("--select", "dockerignore-dead-line,malformed-dockerignore", "--format", "json", *arguments)
    assert err == ""
    return [
        (finding["path"], finding["start"]["line"], finding["rule"]) for finding in json.loads(out)["findings"]
    ]  # fmt: skip


BOTH = [(".dockerignore", 1, "dockerignore-dead-line"), (".dockerignore", 3, "dockerignore-dead-line")]


@pytest.mark.parametrize(
    "paths", [[".dockerignore"], ["Dockerfile"], ["."], [], ["Dockerfile", ".dockerignore"], [".dockerignore", "."]]
)
def test_each_is_linted_once(dflint, project, paths):
    assert found(dflint, *paths) == BOTH


def test_again_from_the_kept_results(dflint, project):
    assert found(dflint) == BOTH
    assert found(dflint) == BOTH
    (project / ".dockerignore").write_text("node_modules\n")
    assert found(dflint) == []


def test_what_the_context_says_is_asked_again(dflint, project):
    (project / ".dockerignore").write_text("/home/me/x\n")
    assert [line for _, line, _ in found(dflint)] == [1]
    (project / "home").mkdir()
    assert found(dflint) == []


def test_the_one_that_counts(dflint, project):
    (project / "Dockerfile.dockerignore").write_text("a[\n")
    assert found(dflint, "Dockerfile") == [("Dockerfile.dockerignore", 1, "malformed-dockerignore")]
    (project / "docker").mkdir()
    (project / "docker" / "Dockerfile").write_text("FROM alpine:3.22\n")
    assert found(dflint, "docker") == []
    assert found(dflint, "--context", ".", "docker") == BOTH


def test_excluded_ones_are_left_out(dflint, project):
    (project / "dflint.toml").write_text('exclude = [".dockerignore"]\n')
    assert found(dflint) == []
    assert found(dflint, ".dockerignore") == BOTH


def test_fixes_edit_the_ignore_file(dflint, project):
    dockerfile = (project / "Dockerfile").read_bytes()
    code, out, _ = dflint("--fix", "--quiet", "--select", "dockerignore-dead-line")
    assert code == 1 and "!src" in out
    assert (project / ".dockerignore").read_text() == "!src\nnode_modules\n"
    assert dflint("--unsafe-fixes", "--select", "dockerignore-dead-line")[0] == 0
    assert (project / ".dockerignore").read_text() == "node_modules\n"
    assert (project / "Dockerfile").read_bytes() == dockerfile


def test_diff(dflint, project):
    _, out, _ = dflint("--diff", "--select", "dockerignore-dead-line")
    assert out == "--- a/.dockerignore\n+++ b/.dockerignore\n@@ -1,3 +1,2 @@\n !src\n node_modules\n-node_modules/a\n"


def test_comments_silence(dflint, project):
    (project / ".dockerignore").write_text(
        "# dflint ignore=dockerignore-dead-line for later\n!src\nnode_modules\nnode_modules/a\n"
    )
    assert found(dflint) == [(".dockerignore", 4, "dockerignore-dead-line")]
    (project / ".dockerignore").write_text("# dflint global ignore=context\n" + DEAD)
    assert found(dflint) == []
    (project / ".dockerignore").write_text("# dflint ignore=dockerignore-dead-line\nnode_modules\n")
    code, out, _ = dflint("--select", "dockerignore-dead-line,unused-suppression", "--fix", "--format", "concise", "-q")
    assert (code, out) == (0, "") and (project / ".dockerignore").read_text() == "node_modules\n"


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github", "gitlab", "checkstyle", "junit"])
def test_all_formats_name_the_file(dflint, project, format_):
    _, out, _ = dflint("--format", format_)
    assert ".dockerignore" in out and "dockerignore-dead-line" in out


def test_standard_input(dflint, project):
    code, out, _ = dflint("-", "--stdin-filename", ".dockerignore", "--format", "concise", "-q", stdin=b"!a\n")
    assert code == 1
    assert "dead-line" in out


def test_in_several_processes(dflint, project):
    assert found(dflint, "--jobs", "2", "--no-cache") == BOTH
