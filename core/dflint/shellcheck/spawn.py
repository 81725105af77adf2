"""Running several programs at once and reading what they print, and a folder for the files that they read.

On POSIX this is ``posix_spawn``, ``select`` and ``mkdir``: the modules subprocess and tempfile take as long to import
as ShellCheck takes for a Dockerfile, and waiting with a time limit means polling in subprocess.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH102, PTH106, PTH108, PTH118, PTH208
from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Ended(NamedTuple):
    """How a program ended."""

    status: int | None
    """Its exit status, negative for a signal; None: it did not start, or was ended at its time limit."""
    output: bytes = b""
    error: str | None = None
    """Why it did not start."""


def run_all(commands: Sequence[Sequence[str]], environment: Mapping[str, str], limits: Sequence[float]) -> list[Ended]:
    """Run commands side by side, each at most its number of seconds; their standard error is dropped."""
    if sys.platform == "win32":
        return _by_subprocess(commands, environment, limits)
    return _by_spawn(commands, environment, limits)


def _by_spawn(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], limits: Sequence[float]
) -> list[Ended]:
    from select import select

    ended: dict[int, Ended] = {}
    running: dict[int, tuple[int, int, float]] = {}  # the end of the pipe to read: number, process, deadline
    outputs: list[list[bytes]] = [[] for _ in commands]
    try:
        for number, command in enumerate(commands):
            try:
                pipe, process = _spawned(command, environment)
            except OSError as error:
                ended[number] = Ended(None, b"", error.strerror or str(error))
            else:
                running[pipe] = number, process, monotonic() + limits[number]
        while running:
            wait = min(deadline for _, _, deadline in running.values()) - monotonic()
            for pipe in select(list(running), (), (), max(wait, 0))[0]:
                number, process, _ = running[pipe]
                piece = os.read(pipe, 1 << 16)
                if piece:
                    outputs[number].append(piece)
                    continue
                del running[pipe]
                os.close(pipe)
                status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
                ended[number] = Ended(status, b"".join(outputs[number]))
            now = monotonic()
            for pipe in [pipe for pipe, (_, _, deadline) in running.items() if deadline <= now]:
                number, process, _ = running.pop(pipe)
                _kill(pipe, process)
                ended[number] = Ended(None)
    finally:
        for pipe, (_, process, _) in running.items():
            _kill(pipe, process)
    return [ended[number] for number in range(len(commands))]


def _spawned(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, int]:
    """The end of a pipe with what a new process prints, and its number. Raises OSError."""
    reading, writing = os.pipe()
    try:
        actions = [
            (os.POSIX_SPAWN_DUP2, writing, 1),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        return reading, os.posix_spawn(command[0], list(command), environment, file_actions=actions)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)


def _kill(pipe: int, process: int) -> None:
    from signal import SIGKILL

    os.close(pipe)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, SIGKILL)
        os.waitpid(process, 0)


def _by_subprocess(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], limits: Sequence[float]
) -> list[Ended]:
    import subprocess

    running: list[subprocess.Popen[bytes] | OSError] = []
    ended: list[Ended] = []
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    try:
        for command in commands:
            try:
                running.append(subprocess.Popen(command, env=dict(environment), stdin=null, stdout=pipe, stderr=null))
            except OSError as error:
                running.append(error)
        start = monotonic()
        for process, limit in zip(running, limits, strict=True):
            if isinstance(process, OSError):
                ended.append(Ended(None, b"", process.strerror or str(process)))
                continue
            try:
                output, _ = process.communicate(timeout=max(start + limit - monotonic(), 0.01))
                ended.append(Ended(process.returncode, output))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                ended.append(Ended(None))
    finally:
        for process in running:
            if not isinstance(process, OSError) and process.poll() is None:
                process.kill()
                process.communicate()
    return ended


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A new folder that nobody else can read; it and the files in it are gone afterwards. Raises OSError."""
    folder = _made_folder()
    try:
        yield folder
    finally:
        with suppress(OSError):
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)


def _made_folder() -> str:
    if sys.platform != "win32":
        for parent in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/var/tmp")):
            folder = os.path.join(parent, f"dflint-{os.urandom(8).hex()}")
            with suppress(OSError):
                os.mkdir(folder, 0o700)
                return os.path.abspath(folder)
    from tempfile import mkdtemp

    return mkdtemp(prefix="dflint-")
