"""Running several programs at once and reading what they print, and a folder for the files that they read.

On POSIX this is ``posix_spawn``, ``select`` and ``mkdir``: the modules subprocess and tempfile take as long to import
as ShellCheck takes for a Dockerfile, and waiting with a time limit means polling in subprocess.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH102, PTH106, PTH108, PTH118, PTH208
from __future__ import annotations

import os
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol
else:
    Protocol = object


class Ended(NamedTuple):
    """How a program ended."""

    status: int | None
    """Its exit status, negative for a signal; None: it did not start, or was ended at its time limit."""
    output: bytes = b""
    error: str | None = None
    """Why it did not start."""


class Processes:
    """Commands that run side by side from the moment this is made, each at most its number of seconds.

    Their standard error is dropped. ``wait`` must be called in the end, or ``end`` to stop what still runs.
    """

    def __init__(
        self, commands: Sequence[Sequence[str]], environment: Mapping[str, str], limits: Sequence[float]
    ) -> None:
        self._ended: list[Ended | None] = [None] * len(commands)
        self._running: dict[int, _Running] = {}
        try:
            for number, command in enumerate(commands):
                try:
                    self._running[number] = _started(command, environment, monotonic() + limits[number])
                except OSError as error:
                    self._ended[number] = Ended(None, b"", error.strerror or str(error))
        except BaseException:
            self.end()
            raise

    def wait(self) -> list[Ended]:
        """How each ended, in the order of the commands."""
        try:
            while self._running:
                for number in _next(self._running):
                    running = self._running[number]
                    if (ended := running.step()) is not None:
                        del self._running[number]
                        self._ended[number] = ended
        finally:
            self.end()
        return [ended or Ended(None) for ended in self._ended]

    def end(self) -> None:
        """Stop what still runs."""
        for running in self._running.values():
            running.kill()
        self._running.clear()


def run_all(commands: Sequence[Sequence[str]], environment: Mapping[str, str], limits: Sequence[float]) -> list[Ended]:
    """Run commands side by side to their ends."""
    return Processes(commands, environment, limits).wait()


class _Running(Protocol):
    deadline: float

    def step(self) -> Ended | None: ...
    def kill(self) -> None: ...


class _Spawned:
    """A process started by ``posix_spawn``, and the pipe with what it prints."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], deadline: float) -> None:
        """Raises OSError."""
        self.deadline = deadline
        self._output: list[bytes] = []
        self.pipe, writing = os.pipe()
        try:
            actions = [
                (os.POSIX_SPAWN_DUP2, writing, 1),
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ]
            self._process = os.posix_spawn(command[0], list(command), environment, file_actions=actions)
        except BaseException:
            os.close(self.pipe)
            raise
        finally:
            os.close(writing)

    def step(self) -> Ended | None:
        """Read what is there, or end it at its time limit; how it ended, None while it runs."""
        from select import select

        if not select((self.pipe,), (), (), 0)[0]:
            if monotonic() < self.deadline:
                return None
            self.kill()
            return Ended(None)
        piece = os.read(self.pipe, 1 << 16)
        if piece:
            self._output.append(piece)
            return None
        os.close(self.pipe)
        status = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        return Ended(status, b"".join(self._output))

    def kill(self) -> None:
        from signal import SIGKILL

        os.close(self.pipe)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._process, SIGKILL)
            os.waitpid(self._process, 0)


class _Opened:
    """A process started by ``subprocess``."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], deadline: float) -> None:
        """Raises OSError."""
        from subprocess import DEVNULL, PIPE, Popen

        self.deadline = deadline
        self._process = Popen(command, env=dict(environment), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)

    def step(self) -> Ended:
        from subprocess import TimeoutExpired

        try:
            output, _ = self._process.communicate(timeout=max(self.deadline - monotonic(), 0.01))
            return Ended(self._process.returncode, output)
        except TimeoutExpired:
            self.kill()
            return Ended(None)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def _started(command: Sequence[str], environment: Mapping[str, str], deadline: float) -> _Running:
    started = _Opened if sys.platform == "win32" else _Spawned
    return started(command, environment, deadline)


def _next(running: Mapping[int, _Running]) -> list[int]:
    """Those of some processes that have printed something or have run out of time, after waiting for the first."""
    spawned = {process.pipe: number for number, process in running.items() if isinstance(process, _Spawned)}
    if not spawned:
        return list(running)
    from select import select

    wait = min(process.deadline for process in running.values()) - monotonic()
    ready = select(list(spawned), (), (), max(wait, 0))[0]
    now = monotonic()
    late = [number for number, process in running.items() if process.deadline <= now]
    return list(dict.fromkeys([*(spawned[pipe] for pipe in ready), *late]))


def remove_folder(folder: str) -> None:
    """Remove a temporary folder and the files in it."""
    with suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def temporary_folder() -> str:
    """A new folder that nobody else can read. Raises OSError."""
    if sys.platform != "win32":
        for parent in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/var/tmp")):
            folder = os.path.join(parent, f"dflint-{os.urandom(8).hex()}")
            with suppress(OSError):
                os.mkdir(folder, 0o700)
                return os.path.abspath(folder)
    from tempfile import mkdtemp

    return mkdtemp(prefix="dflint-")
