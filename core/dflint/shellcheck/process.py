"""One run of ShellCheck over many scripts.

Each different script is a small file in a temporary folder, and all of them are arguments of one process (as many
processes as jobs). Its JSON says for each file what it found. A process that takes too long or dies is tried again
with half of its scripts, until the script that did it is alone and named.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH118, PTH123
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.shellcheck.codes import NEVER
from dflint.shellcheck.program import ShellCheckError
from dflint.shellcheck.spawn import Processes, remove_folder, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dflint.shellcheck.program import Program
    from dflint.shellcheck.scripts import ShellCheckScript
    from dflint.shellcheck.spawn import Ended

CHUNK = 300
"""Scripts that one process is given: so many file names are no command line too long on any system."""
BUSYBOX = "#!/bin/busybox sh"
TIME_LIMIT = 30.0
"""Seconds for a process, and as much again for every 100 scripts."""


class Replacement(NamedTuple):
    """Part of a fix: lines and columns as in ``Comment``."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    is_before_start: bool
    """Of an insertion: whether it belongs to what stands before it, not to what follows."""


class Comment(NamedTuple):
    """Something ShellCheck says: lines and columns from 1 in the script as it was given, columns in code points."""

    line: int
    column: int
    end_line: int
    end_column: int
    level: str
    """``error``, ``warning``, ``info`` or ``style``."""
    code: int
    message: str
    replacements: tuple[Replacement, ...] = ()


class Outcome(NamedTuple):
    """What ShellCheck says of one script; ``failure`` is why it says nothing, None if all went well."""

    comments: tuple[Comment, ...] = ()
    failure: str | None = None


def check(
    scripts: Iterable[ShellCheckScript], program: Program, jobs: int = 1, time_limit: float = TIME_LIMIT
) -> dict[str, Outcome]:
    """What ShellCheck says of scripts, by ``ShellCheckScript.program_text``; equal ones are checked once.

    ``jobs`` is the number of ShellCheck processes at a time. Nothing is raised for a script that cannot be checked.
    """
    return Checking(scripts, program, jobs, time_limit).outcomes()


class Checking:
    """ShellCheck at work on some scripts from the moment this is made. ``outcomes`` or ``end`` must be called."""

    def __init__(
        self, scripts: Iterable[ShellCheckScript], program: Program, jobs: int = 1, time_limit: float = TIME_LIMIT
    ) -> None:
        """Raises OSError when there is no place for temporary files."""
        asked = dict.fromkeys(script.program_text for script in scripts)
        self._run = _Run(list(asked), program, max(jobs, 1), time_limit) if asked else None

    def outcomes(self) -> dict[str, Outcome]:
        """What ShellCheck says, by ``ShellCheckScript.program_text``: waits until it has said it."""
        if self._run is None:
            return {}
        try:
            return self._run.outcomes()
        finally:
            self.end()

    def end(self) -> None:
        """Stop what still runs and remove the temporary files."""
        if self._run is not None:
            self._run.end()
            self._run = None


def _valid(text: str) -> str:
    """The text with bytes that are not UTF-8 as U+FFFD: of the same length, and no character that a shell knows."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


class _Run:
    """The scripts of one call, each in a file named after its place in ``texts``."""

    def __init__(self, texts: list[str], program: Program, jobs: int, time_limit: float) -> None:
        self.texts = texts
        self.program = program
        self.jobs = jobs
        self.time_limit = time_limit
        self.found: dict[str, Outcome] = {}
        numbers = list(range(len(texts)))
        size = min(CHUNK, -(-len(numbers) // jobs))
        # Neighbours come from one file and are alike; dealt out in turn the shares take equally long.
        count = -(-len(numbers) // size)
        self._pending = [numbers[first::count] for first in range(count)]
        self._batch: list[list[int]] = []
        self._processes: Processes | None = None
        self.folder = temporary_folder()
        try:
            for number, text in enumerate(texts):
                self._write(number, text)
            self._start()
        except BaseException:
            self.end()
            raise

    def _write(self, number: int, text: str) -> None:
        if text.startswith(BUSYBOX) and not self.program.knows_busybox:
            text = "#!/bin/dash" + text[len(BUSYBOX) :]
        with open(os.path.join(self.folder, str(number)), "wb") as file:
            file.write(_valid(text).encode("utf-8"))

    def _start(self) -> None:
        """Have the next shares checked, a process each."""
        self._batch, self._pending = self._pending[: self.jobs], self._pending[self.jobs :]
        exclude = ",".join(map(str, sorted(NEVER)))
        options = [self.program.path, "--norc", "--format=json1", f"--exclude={exclude}"]
        commands = [options + [os.path.join(self.folder, str(number)) for number in share] for share in self._batch]
        # The user's options for ShellCheck could change the format; what is reported is dflint's configuration.
        environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
        limits = [self.time_limit * (1 + len(share) / 100) for share in self._batch]
        self._processes = Processes(commands, environment, limits)

    def outcomes(self) -> dict[str, Outcome]:
        is_trusted = False
        while self._processes is not None:
            results = self._processes.wait()
            self._processes = None
            for share, result in zip(self._batch, results, strict=True):
                failure = self._note(share, result)
                if failure is None:
                    is_trusted = True
                    continue
                if not is_trusted:
                    try:
                        is_trusted = bool(self.program.version)
                    except ShellCheckError as error:
                        return dict.fromkeys(self.texts, Outcome((), str(error)))
                if len(share) == 1:
                    self.found[self.texts[share[0]]] = Outcome((), failure)
                else:
                    middle = len(share) // 2
                    self._pending += [share[:middle], share[middle:]]
            if self._pending:
                self._start()
        return self.found

    def end(self) -> None:
        if self._processes is not None:
            self._processes.end()
        remove_folder(self.folder)

    def _note(self, share: Sequence[int], result: Ended) -> str | None:
        """Note what a process found; why it found nothing, None if it did."""
        if result.error is not None:
            return f"ShellCheck does not start: {result.error}"
        if result.status is None:
            return f"ShellCheck took longer than {self.time_limit:g} s"
        if result.status not in (0, 1):
            return f"ShellCheck ended with status {result.status}"
        by_file = comments_by_file(result.output)
        if by_file is None:
            return "ShellCheck's answer is not the JSON it should be"
        for number in share:
            self.found[self.texts[number]] = Outcome(tuple(by_file.get(str(number), ())))
        return None


def comments_by_file(output: bytes) -> dict[str, list[Comment]] | None:
    """The comments of an answer in the format ``json1`` by file name without folders; None if it is no such answer."""
    import json

    found: dict[str, list[Comment]] = {}
    try:
        for comment in json.loads(output)["comments"]:
            fix = comment.get("fix") or {}
            replacements = tuple(
                Replacement(
                    part["line"],
                    part["column"],
                    part["endLine"],
                    part["endColumn"],
                    part["replacement"],
                    part["insertionPoint"] == "beforeStart",
                )
                for part in fix.get("replacements", ())
            )
            name = comment["file"].rpartition(os.sep)[2]
            found.setdefault(name, []).append(
                Comment(
                    comment["line"],
                    comment["column"],
                    comment["endLine"],
                    comment["endColumn"],
                    comment["level"],
                    comment["code"],
                    comment["message"],
                    replacements,
                )
            )
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return found
