"""``dflint ignore``: what it shows, writes and refuses."""

from __future__ import annotations

import json
import os
import socket
import time

import pytest

NODE = "FROM node:22\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\n"


@pytest.fixture
def project(tmp_path):
    for path, content in {
        "Dockerfile": NODE, "package.json": "{}", "src/a.js": "abc", ".git/HEAD": "ref",
        "node_modules/a/b.js": "x" * 5000, ".dockerignore": "# mine\n*.log\n", "b.log": "x" * 70,
    }.items():  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content.encode())
    return tmp_path


def test_shows_the_change_and_writes_nothing(dflint, project):
    before = (project / ".dockerignore").read_bytes()
    code, out, err = dflint("ignore")
    assert (code, err) == (1, "")
    assert out.startswith("--- a/.dockerignore\n+++ b/.dockerignore\n")
    assert "\n+node_modules\n" in out and "\n+.git\n" in out
    assert (project / ".dockerignore").read_bytes() == before


def test_writes_once(dflint, project):
    assert dflint("ignore", "--check") == (1, ".dockerignore: 4 lines to add\n", "")
    (project / ".dockerignore").chmod(0o640)
    assert dflint("ignore", "--write") == (0, ".dockerignore: 4 lines added\n", "")
    written = (project / ".dockerignore").read_text()
    assert written.startswith("# mine\n*.log\n\n# Version control")
    assert (project / ".dockerignore").stat().st_mode & 0o777 == 0o640
    assert dflint("ignore", "--write") == (0, ".dockerignore: nothing to add\n", "")
    assert dflint("ignore", project, cwd=project.parent)[0] == 0
    assert (project / ".dockerignore").read_text() == written
    assert sorted(path.name for path in project.iterdir()) == [
        ".dockerignore", ".git", "Dockerfile", "b.log", "node_modules", "package.json", "src",
    ]  # fmt: skip


def test_makes_a_file_where_there_is_none(dflint, project):
    (project / ".dockerignore").unlink()
    assert dflint("ignore", "-w")[0] == 0
    assert "\nnode_modules\n" in (project / ".dockerignore").read_text()
    assert dflint("ignore")[:2] == (0, ".dockerignore: nothing to add\n")


def test_statistics(dflint, project):
    code, out, _ = dflint("ignore", "--stats")
    assert code == 1
    assert "sent for Dockerfile: 6 files, 5.1 kB now, 2 files, 5 B with the proposed file\n" in out
    assert "    1    70 B  *.log\n" in out
    assert "    1  5.0 kB  node_modules  (new)\n" in out


def test_json(dflint, project):
    code, out, _ = dflint("ignore", "--format", "json")
    made = json.loads(out)
    assert code == 1 and made["changes"] and made["path"] == ".dockerignore"
    lines = {line["text"]: line for line in made["lines"]}
    assert lines["*.log"] == {
        "line": 2, "text": "*.log", "new": False, "reason": None, "files": 1, "size": 70,
    }  # fmt: skip
    assert lines["node_modules"]["new"] and lines["node_modules"]["reason"] and lines["node_modules"]["size"] == 5000
    assert made["sent"][0] == {
        "dockerfile": "Dockerfile",
        "before": {"files": 6, "size": 5087},
        "after": {"files": 2, "size": 5},
    }


def test_the_dockerfiles_own_ignore_file(dflint, project):
    (project / "Dockerfile.dockerignore").write_text("x\n")
    assert dflint("ignore", "-w")[1] == "Dockerfile.dockerignore: 5 lines added\n"
    (project / "other.Dockerfile").write_text("FROM a\nCOPY node_modules /\n")
    code, out, _ = dflint("ignore", "-f", "other.Dockerfile")
    assert code == 1 and "+node_modules" not in out
    code, _, err = dflint("ignore", "-f", "other.Dockerfile", "-f", "Dockerfile")
    assert code == 2 and "name one of them" in err


def test_other_dockerfiles_of_the_context_count(dflint, project):
    (project / "docker").mkdir()
    (project / "docker" / "b.Dockerfile").write_text("FROM a\nCOPY node_modules/a /\n")
    assert "+node_modules" not in dflint("ignore")[1]
    assert "+node_modules" in dflint("ignore", "--file", "Dockerfile")[1]


def test_refusals(dflint, project):
    assert dflint("ignore", "nowhere")[::2] == (2, "dflint: nowhere: not a folder\n")
    assert dflint("ignore", "-f", "nowhere")[::2] == (2, "dflint: nowhere: no such file\n")
    assert dflint("ignore", "src")[::2] == (2, "dflint: src: no Dockerfile found in it: name one with --file\n")
    (project / ".dockerignore").write_text("a\nb[\n")
    code, out, err = dflint("ignore", "--write")
    assert (code, out) == (2, "") and err.startswith("dflint: ./.dockerignore:2: ")
    (project / ".dockerignore").write_text("")
    (project / "Dockerfile").write_text("FROM a\nCOPY\n")
    code, out, err = dflint("ignore", "--write")
    assert (code, out) == (2, "") and "Dockerfile:2: " in err


def test_hostile_contexts_end_with_a_word(dflint, project):
    (project / "loop").symlink_to(".")
    (project / "self").symlink_to("self")
    (project / "out").symlink_to("/etc")
    (project / "new\nline\x1b[31m").write_text("")
    os.mkfifo(project / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(project / "socket"))
        deep = project
        for _ in range(200):
            deep = deep / "deep"
        deep.mkdir(parents=True)
        code, out, err = dflint("ignore", "--stats")
    assert (code, err) == (1, "") and "\x1b" not in out


def test_a_million_lines_end_with_a_word(dflint, project):
    (project / ".dockerignore").write_text("".join(f"some/path/{n}\n" for n in range(1_000_000)))
    started = time.monotonic()
    code, out, err = dflint("ignore")
    assert time.monotonic() - started < 10
    assert (code, out) == (2, "") and "10000 patterns" in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_is_told(dflint, project):
    (project / "locked").mkdir()
    (project / "locked").chmod(0)
    try:
        code, out, _ = dflint("ignore")
    finally:
        (project / "locked").chmod(0o700)
    assert code == 1 and "cannot be read, so the build fails: locked: Permission denied\n" in out
