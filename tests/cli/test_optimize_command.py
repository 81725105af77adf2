"""The command line of ``dflint optimize`` and ``dflint preview``, without an engine."""

import json
import os
import stat

import pytest

ORIGINAL = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /usr/local/bin/app .\nENTRYPOINT ["app"]\n'


@pytest.fixture
def project(write):
    write("Dockerfile", ORIGINAL)
    write("go.mod", "module example.org/app\n")
    write("main.go", "package main\n")


def test_shows_a_diff_with_reasons_and_writes_nothing(dflint, project, tmp_path):
    code, output, errors = dflint("optimize")
    assert (code, errors) == (0, "")
    assert "+COPY --from=build /usr/local/bin/app /usr/local/bin/app\n" in output
    assert "because: the tools of golang are needed to build, not to run" in output
    assert "Not proven by the files alone" in output
    assert (tmp_path / "Dockerfile").read_text() == ORIGINAL


def test_writes(dflint, project, tmp_path):
    file = tmp_path / "Dockerfile"
    file.chmod(0o640)
    assert dflint("optimize", "--write")[0] == 0
    assert "FROM debian:bookworm-slim\n" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    written = file.read_text()
    code, output, _ = dflint("optimize", "--write")
    assert (code, file.read_text()) == (0, written)
    assert "nothing to improve" in output


def test_check(dflint, project):
    assert dflint("optimize", "--check")[0] == 1
    dflint("optimize", "--write")
    assert dflint("optimize", "--check")[0] == 0


def test_to_another_file_and_to_standard_output(dflint, project, tmp_path):
    assert dflint("optimize", "-o", "better.Dockerfile")[0] == 0
    _, output, _ = dflint("optimize", "-o", "-")
    assert output == (tmp_path / "better.Dockerfile").read_text()
    assert (tmp_path / "Dockerfile").read_text() == ORIGINAL


def test_standard_input(dflint, project):
    code, output, _ = dflint("optimize", "-", "--context", ".", "-o", "-", stdin=ORIGINAL.encode())
    assert code == 0
    assert "FROM debian:bookworm-slim\n" in output
    assert dflint("optimize", "-", "--write", stdin=ORIGINAL.encode())[0] == 2


def test_levels_and_passes(dflint, project):
    assert "--from=build" not in dflint("optimize", "--level", "safe", "-o", "-")[1]
    assert "--mount" not in dflint("optimize", "--skip", "cache-mounts", "-o", "-")[1]
    assert "--mount" in dflint("optimize", "--only", "cache-mounts", "-o", "-")[1]
    code, _, errors = dflint("optimize", "--only", "no-such")
    assert code == 2
    assert "no pass is called no-such; there are dead-stages, plain-copy" in errors


def test_json(dflint, project):
    report = json.loads(dflint("optimize", "--json")[1])
    assert report["changed"] is True
    assert {change["pass"] for change in report["changes"]} >= {"split-stages", "cache-mounts"}
    assert report["text"].startswith("FROM golang:1.22 AS build\n")


def test_what_was_not_done_is_told(dflint, write):
    write("Dockerfile", "FROM golang:1.22\nCOPY . .\nRUN go build -o /app .\nCMD go run .\n")
    assert "kept one stage: CMD runs go" in dflint("optimize")[1]


def test_explain(dflint):
    code, output, _ = dflint("optimize", "--explain")
    assert code == 0
    assert "split-stages (multi-stage)\n  Builds in a stage" in output


def test_bad_input(dflint, write):
    assert dflint("optimize", "missing")[0] == 2
    write("Dockerfile", "FROM a\nCOPY x\n")
    code, output, _ = dflint("optimize")
    assert code == 0
    assert "left the file as it is" in output


def test_no_byte_is_lost(dflint, project, tmp_path):
    content = b"# caf\xe9\r\n" + ORIGINAL.replace("\n", "\r\n").encode()
    (tmp_path / "Dockerfile").write_bytes(content)
    assert dflint("optimize", "--write")[0] == 0
    written = (tmp_path / "Dockerfile").read_bytes()
    assert written.startswith(b"# caf\xe9\r\nFROM golang:1.22 AS build\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")


def test_verify_without_an_engine(dflint, project, tmp_path):
    code, _, errors = dflint("optimize", "--verify", "--write", env={"PATH": str(tmp_path)})
    assert code == 2
    assert "no build engine is installed" in errors
    assert (tmp_path / "Dockerfile").read_text() == ORIGINAL


def test_preview_without_an_engine(dflint, project, tmp_path):
    code, _, errors = dflint("preview", env={"PATH": str(tmp_path)})
    assert code == 2
    assert "no build engine is installed" in errors


def test_preview_of_what_cannot_be_improved(dflint, write, tmp_path):
    write("Dockerfile", 'FROM debian:12-slim\nCMD ["sh"]\n')
    code, output, _ = dflint("preview", env={"PATH": str(tmp_path)})
    assert code == 0
    assert output.startswith("nothing to improve\n")


def test_the_rule_offers_the_rewrite(dflint, project):
    code, output, _ = dflint("lint", "--unsafe-fixes", "--diff", "--select", "build-tools-in-final-image", "Dockerfile")
    assert code == 1
    assert "+FROM debian:bookworm-slim" in output


def test_paths_of_a_diff_can_be_applied(dflint, project, tmp_path):
    output = dflint("optimize", tmp_path / "Dockerfile")[1]
    assert f"--- a{os.sep}{tmp_path.as_posix().lstrip('/')}/Dockerfile\n" in output
