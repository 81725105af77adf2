"""Where the output goes and when: early, to readers that leave, to places that take nothing; and the exit codes."""

# ruff: noqa: PTH123
from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dflint.config.settings import FORMATS

BROKEN = "FROM alpine:3.20\nRUNN make\n"
SELECT = ("--select", "syntax-error")
POSIX = pytest.mark.skipif(os.name != "posix", reason="POSIX's signals and devices")
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


@pytest.fixture
def started(environment: dict[str, str], tmp_path: Path) -> Any:
    """Start dflint in ``tmp_path`` with pipes."""

    def call(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dflint", *arguments]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=tmp_path, env=environment, **{**pipes, **options})

    return call


WAITING = """
import os, time
class Waiting(Rule):
    name, category, level, since = "waiting", "style", "info", "0.1.0"
    def check_file(self, model):
        while model.path.startswith("last") and not os.path.exists("go-on"):
            time.sleep(0.02)
        yield Finding("waiting", "here", "info", 0, 4)
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", FORMATS)
def test_findings_are_out_before_all_files_are_linted(
    dflint_with: Any, environment: dict[str, str], write: Any, tmp_path: Path, name: str, jobs: str
) -> None:
    """The rule does not come to an end with the last file before the test has read a finding."""
    for number in range(60):
        write(f"{number}/Dockerfile", "FROM a\n")
    write("last/Dockerfile", "FROM a\n")
    dflint_with(WAITING, "--version")  # writes the script
    command = [sys.executable, str(tmp_path / "with_rules.py"), "--no-cache", "--jobs", jobs, "--format", name]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE)
    guard = threading.Timer(60, lambda: write("go-on", ""))  # else a failing test would wait for ever
    guard.start()
    assert process.stdout is not None
    found = b""
    while b"here" not in found:
        piece = os.read(process.stdout.fileno(), 1 << 16)
        assert piece
        found += piece
    assert not (tmp_path / "go-on").exists()
    guard.cancel()
    write("go-on", "")
    found += process.stdout.read()
    assert b"last/Dockerfile" in found
    assert process.wait(30) == 1
    process.stdout.close()


@POSIX
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_that_has_enough(started: Any, write: Any, name: str, jobs: str) -> None:
    """As in ``dflint | head -1``: no complaint, and no process is left that works on."""
    for number in range(60):
        write(f"{number}/Dockerfile", "FROM a\n" + "RUNN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * 100)
    process = started(*SELECT, "--no-cache", "--jobs", jobs, "--format", name)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""  # ends when the last process that could write there has ended
    process.stderr.close()
    assert process.wait(30) == 141


@POSIX
def test_a_reader_that_never_was(started: Any, write: Any) -> None:
    write("Dockerfile", BROKEN)
    reading, writing = os.pipe()
    os.close(reading)
    for arguments in (SELECT, ("--version",), ("rules",), ("tree", "Dockerfile")):
        process = started(*arguments, stdout=writing)
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 141, arguments
    os.close(writing)


@FULL
@pytest.mark.parametrize(
    "arguments",
    [*(("--format", name) for name in FORMATS), ("--version",), ("--jobs", "2"), ("--statistics",)],
    ids=" ".join,
)
def test_a_full_disk(started: Any, write: Any, arguments: tuple[str, ...]) -> None:
    for number in range(30):
        write(f"{number}/Dockerfile", BROKEN)
    with open("/dev/full", "wb") as full:
        process = started(*SELECT, *arguments, stdout=full)
        _, complaint = process.communicate(timeout=30)
    assert complaint == b"dflint: cannot write the output: No space left on device\n"
    assert process.returncode == 2


@FULL
def test_a_full_disk_for_an_output_file(dflint: Any, write: Any) -> None:
    write("Dockerfile", BROKEN)
    for name in FORMATS:
        code, out, err = dflint(*SELECT, "--format", name, "-o", "/dev/full")
        assert (code, out, err) == (2, "", "dflint: /dev/full: No space left on device\n")


def test_output_files(dflint: Any, write: Any, tmp_path: Path) -> None:
    """A file gets what standard output would: in UTF-8 and without colours, whatever the terminal."""
    write("Dockerfile", "FROM alpine:3.20\nRUNN \u00e9\n")
    for name in FORMATS:
        code, out, _ = dflint(*SELECT, "--format", name, env={"PYTHONIOENCODING": "utf-8"})
        assert code == 1
        assert dflint(*SELECT, "--format", name, "-o", "report", env={"PYTHONIOENCODING": "ascii"}) == (1, "", "")
        assert (tmp_path / "report").read_bytes() == out.encode()
    for place in (".", "no/such/report", "Dockerfile/report"):
        code, out, err = dflint(*SELECT, "-o", place)
        assert (code, out) == (2, "")
        assert err.startswith(f"dflint: {place}: ")
        assert "Traceback" not in err


@POSIX
@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams(environment: dict[str, str], write: Any, tmp_path: Path, closed: str) -> None:
    write("Dockerfile", BROKEN)
    for arguments, code in (("--select syntax-error", 1), ("--select none-such", 2), ("--baseline none", 2)):
        command = f'"{sys.executable}" -m dflint {arguments} {closed}'
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, timeout=30)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m dflint - 0<&-'],
        cwd=tmp_path, env=environment, capture_output=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.endswith(b"dflint: error: standard input is closed\n")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("cache", [(), ("--no-cache",)], ids=["cache", "no-cache"])
def test_exit_codes(dflint: Any, write: Any, name: str, cache: tuple[str, ...]) -> None:
    """0 nothing (of the level), 1 findings, 2 something could not be done, also if there are findings."""
    options = ("--format", name, *cache)
    write("clean/Dockerfile", "FROM alpine:3.20\n")
    write("broken/Dockerfile", BROKEN)
    write("untagged/Dockerfile", "FROM alpine\n")
    for _ in range(2):
        assert dflint(*SELECT, *options, "clean")[0] == 0
        assert dflint(*SELECT, *options)[0] == 1
        assert dflint("--select", "DL3006", "--fail-level", "error", *options)[0] == 0
        assert dflint("--select", "DL3006", "--fail-level", "warning", *options)[0] == 1
        assert dflint(*SELECT, "--fail-level", "none", *options)[0] == 0
        assert dflint(*SELECT, *options, "clean", "nowhere")[0] == 2
        assert dflint(*SELECT, *options, "broken", "nowhere")[0] == 2
        assert dflint(*SELECT, *options, "--nonsense")[0] == 2


def test_statistics(dflint: Any, write: Any) -> None:
    """The most frequent rule first, equal ones by name; codes of ShellCheck apart; the same from kept results."""
    for number in range(3):
        write(f"{number}/Dockerfile", "FROM alpine\nRUN echo $A\nRUN echo $A `ls`\n")
    options = ("--select", "DL3006,shellcheck", "--quiet")
    told = dflint(*options, "--format", "json", "--no-cache")[1]
    counts: dict[str, int] = {}
    for finding in json.loads(told)["findings"]:
        name = finding["code"] or finding["rule"]
        counts[name] = counts.get(name, 0) + 1
    assert len(counts) > 3
    for name in ("text", "concise"):
        for cache in ("--no-cache", "--quiet", "--quiet"):
            code, out, err = dflint(*options, "--statistics", "--format", name, cache)
            assert (code, err) == (1, "")
            rows = [line.split() for line in out.splitlines()]
            assert [(row[-1], int(row[0])) for row in rows] == sorted(counts.items(), key=lambda i: (-i[1], i[0]))
