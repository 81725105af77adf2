"""What one run of dflint makes in an engine and on disk, and its end."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dflint.build import janitor
from dflint.build.errors import EngineError
from dflint.build.processes import no_interruption, run
from dflint.build.tasks import Result, Task, check_dropped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from dflint.build.processes import Ended

REGISTRY = "dflint.invalid"
"""First part of temporary tags. No registry can have this name (RFC 2606), so none is ever asked for them."""
MEBIBYTE = 1 << 20
LEAST_FREE = 512 * MEBIBYTE
"""Bytes that must stay free on the disk of the temporary folder."""
LAST_WORDS = 12.0
"""Seconds for a task's processes to end, when the session does."""


class Session:
    """A temporary folder, temporary tags and labelled containers: gone when the ``with`` block ends, however it ends.

    A second process watches (``janitor``): it tidies up if this one is killed.
    """

    def __init__(self, program: str = "", folder: str | None = None, least_free: int = LEAST_FREE) -> None:
        """``program`` is the engine's client (empty: none); ``folder`` is where the temporary folder is made."""
        self.id = f"run-{secrets.token_hex(6)}"
        self.program = program
        self.least_free = least_free
        self.left: list[str] = []
        """After the end: containers and tags that could not be removed."""
        self._parent = folder
        self._folder: Path | None = None
        self._containers: list[str] = []
        self._tags: list[str] = []
        self._is_tidy = True
        """Whether all that was made in the engine is known, so that it need not be searched for what is ours."""
        self._janitor: subprocess.Popen[bytes] | None = None
        self._tasks: list[Task[object]] = []

    @property
    def folder(self) -> Path:
        assert self._folder is not None, "the session is not open"
        return self._folder

    @property
    def label(self) -> tuple[str, str]:
        """Arguments that mark a container or a network as one of this run."""
        return ("--label", f"{janitor.LABEL}={self.id}")

    def tag(self, name: str) -> str:
        """A temporary tag."""
        return f"{REGISTRY}/{self.id}:{name}"

    def note_tag(self, tag: str) -> None:
        """An image has this temporary tag now."""
        self._tags.append(tag)

    def drop_tag(self, tag: str) -> None:
        """Remove a temporary tag before the end, as far as the engine does."""
        if tag and self.program and janitor.remove(self.program, (), (tag,)):
            self._tags = [other for other in self._tags if other != tag]

    def note_container(self, identifier: str) -> None:
        """There is this container now; it is removed at the end."""
        self._containers.append(identifier)

    def search_at_end(self) -> None:
        """Something was made that no note tells, or may have been."""
        self._is_tidy = False

    def beside(self, function: Callable[[], Result]) -> Task[Result]:
        """Do something at the same time; it is dropped when the session ends."""
        task = Task(function)
        self._tasks.append(task)  # type: ignore[arg-type] # only ended, the result is not looked at
        return task

    def __enter__(self) -> Session:
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="dflint-run-", dir=self._parent))
        except OSError as error:
            raise EngineError(
                f"no temporary folder can be made: {error.strerror or error}", "set TMPDIR to a folder with room"
            ) from None
        with suppress(OSError):
            self._janitor = subprocess.Popen(
                [sys.executable, "-I", "-S", janitor.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._tell("folder", str(self._folder))
        if self.program:
            self._tell("engine", self.program, self.id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with no_interruption():
            for task in self._tasks:
                task.drop()
            for task in self._tasks:
                task.wait(LAST_WORDS)
            if self.program:
                self._tidy(is_interrupted=kind is not None)
            shutil.rmtree(self.folder, ignore_errors=True)
            self._tell("over")
            if self._janitor is not None:
                assert self._janitor.stdin is not None
                with suppress(OSError):
                    self._janitor.stdin.close()
                self._janitor.wait()

    def _tidy(self, is_interrupted: bool) -> None:
        """Remove what was made. One command for all tags, if nothing went wrong; else look for everything of ours."""
        removed = janitor.remove(self.program, tuple(self._containers), tuple(dict.fromkeys(self._tags)))
        if removed and self._is_tidy and not is_interrupted:
            return
        self.left = janitor.remove_all(self.program, self.id)
        if is_interrupted:
            # What a client was about to have made when it was ended may have appeared meanwhile.
            time.sleep(1)
            self.left = janitor.remove_all(self.program, self.id)

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        time_limit: float = 60.0,
        on_line: Callable[[str], None] | None = None,
    ) -> Ended:
        """As ``processes.run``, watched by the janitor and ``check_disk``; DroppedError in a task that was dropped."""
        check_dropped()
        begun: list[int] = []

        def started(process: int) -> None:
            begun.append(process)
            self._tell("process", process)

        try:
            return run(
                command,
                environment=environment,
                time_limit=time_limit,
                on_line=on_line,
                guard=self._guard,
                started=started,
            )
        finally:
            for process in begun:
                self._tell("ended", process)

    def _guard(self) -> None:
        check_dropped()
        self.check_disk()

    def check_disk(self) -> None:
        """Raise EngineError when the disk of the temporary folder is about to be full."""
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError:
            return
        if free < self.least_free:
            raise EngineError(
                f"only {free // MEBIBYTE} MiB are free on the disk of {self.folder.parent}",
                "make room, or set TMPDIR to a folder with more",
            )

    def _tell(self, *words: object) -> None:
        if self._janitor is not None and self._janitor.stdin is not None:
            with suppress(OSError, ValueError):
                self._janitor.stdin.write(json.dumps(words).encode() + b"\n")
                self._janitor.stdin.flush()
