"""Running programs, by both of the ways there are."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from dflint.shellcheck import spawn
from dflint.shellcheck.spawn import Ended, Processes, remove_folder, run_all, temporary_folder

Runner = Callable[[Sequence[Sequence[str]], Mapping[str, str], Sequence[float]], list[Ended]]


@pytest.fixture(params=["posix_spawn", "subprocess"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Runner:
    if request.param == "posix_spawn" and os.name == "nt":
        pytest.skip("POSIX")
    if request.param == "subprocess":
        monkeypatch.setattr(spawn, "_started", spawn._Opened)
    return run_all


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_and_status(run: Runner) -> None:
    commands = [
        python("print('a' * 300_000)"),
        python("import sys; sys.stderr.write('x' * 300_000); sys.exit(3)"),
        python("import os; print(os.environ['ASKED'], 'PATH' in os.environ)"),
        python("import sys; print(repr(sys.stdin.read()))"),
    ]
    found = run(commands, {"ASKED": "yes", "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}, [60] * 4)
    assert [ended.status for ended in found] == [0, 3, 0, 0]
    assert [ended.output.strip() for ended in found] == [b"a" * 300_000, b"", b"yes False", b"''"]
    assert [ended.error for ended in found] == [None] * 4


def test_a_time_limit_is_for_each(run: Runner) -> None:
    start = time.monotonic()
    slow, fast = run([python("import time; time.sleep(60)"), python("print(1)")], os.environ, [1, 60])
    assert time.monotonic() - start < 30
    assert (slow.status, slow.error) == (None, None)
    assert (fast.status, fast.output.strip()) == (0, b"1")


def test_a_program_that_is_not_there(run: Runner) -> None:
    missing, present = run([["/does/not/exist"], python("print(1)")], os.environ, [60, 60])
    assert missing.status is None and missing.error
    assert present.status == 0


def test_programs_run_side_by_side(run: Runner) -> None:
    start = time.monotonic()
    run([python("import time; time.sleep(1.5)")] * 4, os.environ, [60] * 4)
    assert time.monotonic() - start < 5


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_a_program_that_is_killed(run: Runner) -> None:
    (ended,) = run([python("import os; os.kill(os.getpid(), 9)")], os.environ, [60])
    assert ended.status == -9


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_nothing_is_left_behind(run: Runner) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    run([python("import time; time.sleep(60)"), ["/does/not/exist"], python("1")], os.environ, [0.2, 1, 60])
    stopped = Processes([python("import time; time.sleep(60)")] * 2, os.environ, [60] * 2)
    stopped.end()
    stopped.end()
    assert [ended.status for ended in stopped.wait()] == [None, None]
    assert len(list(Path("/dev/fd").iterdir())) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_they_run_before_they_are_waited_for(run: Runner, tmp_path: Path) -> None:
    made = tmp_path / "made"
    processes = Processes([python(f"open({str(made)!r}, 'w')")], os.environ, [60])
    deadline = time.monotonic() + 60
    while not made.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert [ended.status for ended in processes.wait()] == [0]


def test_a_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = Path(temporary_folder())
    if os.name != "nt":
        assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    (folder / "file").write_text("")
    remove_folder(str(folder))
    assert not folder.exists()
    remove_folder(str(folder))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    folder = Path(temporary_folder())
    assert folder.is_dir()
    remove_folder(str(folder))
