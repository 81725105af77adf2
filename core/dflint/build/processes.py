"""Running an engine's client: its output line by line, a time limit, and nothing left of it when we stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import IO, TYPE_CHECKING

from dflint.build.errors import EngineError, Terminated
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

LINES_KEPT = 4_000
"""Lines of output that are kept of a process; the first ones go."""
LONGEST_LINE = 1 << 20
"""Bytes; what is longer is cut into several lines."""
PATIENCE = 5.0
"""Seconds between asking a process to end and ending it."""


class Ended(NamedTuple):
    """How a process ended: exit code (negative: a signal) and the last ``LINES_KEPT`` lines of each output."""

    code: int
    output: str
    errors: str
    seconds: float


class TimeLimitError(EngineError):
    """A process was ended at its time limit."""


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    time_limit: float = 60.0,
    on_line: Callable[[str], None] | None = None,
    guard: Callable[[], None] | None = None,
    started: Callable[[int], None] | None = None,
) -> Ended:
    """Run a command in a process group of its own, without standard input.

    ``on_line`` gets each line of both outputs as it comes; ``guard`` is called about once a second and may raise to
    end it; ``started`` gets the process id. Raises EngineError if it does not start, TimeLimitError at the limit
    (seconds). Whatever is raised, the process and its children are ended first: SIGINT, then SIGTERM, then SIGKILL.
    """
    begun = monotonic()
    process = _start(command, environment)
    outputs: tuple[deque[str], deque[str]] = (deque(maxlen=LINES_KEPT), deque(maxlen=LINES_KEPT))
    lines: Queue[tuple[int, str | None]] = Queue()
    readers = [
        Thread(target=_read, args=(pipe, number, lines), daemon=True)
        for number, pipe in enumerate((process.stdout, process.stderr))
    ]
    try:
        if started:
            started(process.pid)
        for reader in readers:
            reader.start()
        open_pipes = len(readers)
        checked = begun
        while open_pipes:
            now = monotonic()
            if now - begun > time_limit:
                raise TimeLimitError(f"{_shown(command)} took longer than {time_limit:g} seconds and was ended")
            if guard and now - checked >= 1:
                checked = now
                guard()
            try:
                number, line = lines.get(timeout=min(1.0, max(0.01, begun + time_limit - now)))
            except Empty:
                continue
            if line is None:
                open_pipes -= 1
                continue
            outputs[number].append(line)
            if on_line:
                on_line(line)
        code = process.wait(max(0.1, begun + time_limit - monotonic()))
    except BaseException as error:
        end(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise TimeLimitError(f"{_shown(command)} took longer than {time_limit:g} seconds and was ended") from None
        raise
    return Ended(code, "\n".join(outputs[0]), "\n".join(outputs[1]), monotonic() - begun)


def _start(command: Sequence[str], environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            env=None if environment is None else dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A Ctrl-C in the terminal is for us; we end our processes in the order that leaves nothing.
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(f"{command[0]} cannot be run: {error.strerror or error}") from None


def _shown(command: Sequence[str]) -> str:
    return " ".join(command[:3])


def _read(pipe: IO[bytes], number: int, lines: Queue[tuple[int, str | None]]) -> None:
    with suppress(OSError, ValueError):
        while line := pipe.readline(LONGEST_LINE):
            lines.put((number, line.decode("utf-8", "replace").rstrip("\r\n")))
    lines.put((number, None))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours and all that is in its group, and wait for it."""
    for name, patience in (("SIGINT", PATIENCE), ("SIGTERM", 2.0), ("SIGKILL", 2.0)):
        if process.poll() is None:
            _signal(process, name)
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience)
    _signal(process, "SIGKILL")
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _signal(process: subprocess.Popen[bytes], name: str) -> None:
    with suppress(OSError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, getattr(signal, name))


@contextmanager
def signals_raise() -> Iterator[None]:
    """While this is open, SIGTERM and SIGHUP raise ``Terminated`` in the main thread, as Ctrl-C does with its own."""

    def handle(number: int, frame: FrameType | None) -> None:
        raise Terminated(number)

    kept = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(ValueError):  # not the main thread: whoever runs us has to handle signals
                kept.append((number, signal.signal(number, handle)))
    try:
        yield
    finally:
        for number, handler in kept:
            signal.signal(number, handler)


@contextmanager
def no_interruption() -> Iterator[None]:
    """While this is open, signals that would end us wait: for tidying up, which must not be cut short."""
    kept = []
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with suppress(ValueError):
                kept.append((number, signal.signal(number, signal.SIG_IGN)))
    try:
        yield
    finally:
        for number, handler in kept:
            signal.signal(number, handler)
