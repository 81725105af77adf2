"""One run of ShellCheck over many scripts.

Each different script is a small file in a temporary folder, and all of them are arguments of one process (as many
processes as jobs). Its JSON says for each file what it found. A process that takes too long or dies is tried again
with half of its scripts, until the script that did it is alone and named.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH118, PTH123
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dflint.record import NamedTuple
from dflint.shellcheck.codes import NEVER
from dflint.shellcheck.program import ShellCheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dflint.shellcheck.program import Program
    from dflint.shellcheck.scripts import ShellCheckScript

CHUNK = 500
"""Scripts that one process is given: 500 file names are a short command line on every system."""
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
    found: dict[str, Outcome] = {}
    asked: dict[str, None] = {}
    for script in scripts:
        if script.is_plain:
            found[script.program_text] = Outcome()
        else:
            asked[script.program_text] = None
    if not asked:
        return found
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="dflint-", ignore_cleanup_errors=True) as folder:
        found.update(_Run(folder, list(asked), program, time_limit).outcomes(max(jobs, 1)))
    return found


class _Run:
    """The scripts of one call, each in a file named after its place in ``texts``."""

    def __init__(self, folder: str, texts: list[str], program: Program, time_limit: float) -> None:
        self.folder = folder
        self.texts = texts
        self.program = program
        self.time_limit = time_limit
        self.found: dict[str, Outcome] = {}
        self._started = 0
        for number, text in enumerate(texts):
            if text.startswith(BUSYBOX) and not program.knows_busybox:
                text = "#!/bin/dash" + text[len(BUSYBOX) :]
            with open(os.path.join(folder, str(number)), "wb") as file:
                file.write(text.encode("utf-8", "replace"))

    def outcomes(self, jobs: int) -> dict[str, Outcome]:
        numbers = list(range(len(self.texts)))
        size = min(CHUNK, -(-len(numbers) // jobs))
        # Neighbours come from one file and are alike; dealt out in turn the shares take equally long.
        count = -(-len(numbers) // size)
        pending = [numbers[first::count] for first in range(count)]
        is_trusted = False
        while pending:
            batch, pending = pending[:jobs], pending[jobs:]
            running = [(share, self._start(share)) for share in batch]
            try:
                for share, process in running:
                    failure = self._finish(share, process)
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
                        pending += [share[:middle], share[middle:]]
            finally:
                for _, process in running:
                    _stop(process)
        return self.found

    def _start(self, share: Sequence[int]) -> Any:
        """A process over some of the scripts, with its output in a file; the exception if it does not start."""
        import subprocess

        self._started += 1
        output = os.path.join(self.folder, f"output{self._started}")
        exclude = ",".join(map(str, sorted(NEVER)))
        command = [self.program.path, "--norc", "--format=json1", f"--exclude={exclude}", *map(str, share)]
        # The user's options for ShellCheck could change the format; what is reported is dflint's configuration.
        environment = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
        try:
            with open(output, "wb") as file:
                process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.DEVNULL,
                )
        except OSError as error:
            return error
        return process, output

    def _finish(self, share: Sequence[int], running: Any) -> str | None:
        """Wait for a process and note what it found; why that could not be done, None if it was."""
        import subprocess

        if isinstance(running, OSError):
            return f"ShellCheck does not start: {running.strerror or running}"
        process, output = running
        try:
            status = process.wait(self.time_limit * (1 + len(share) / 100))
        except subprocess.TimeoutExpired:
            return f"ShellCheck took longer than {self.time_limit:g} s"
        if status not in (0, 1):
            return f"ShellCheck ended with status {status}"
        with open(output, "rb") as file:
            by_file = comments_by_file(file.read())
        if by_file is None:
            return "ShellCheck's answer is not the JSON it should be"
        for number in share:
            self.found[self.texts[number]] = Outcome(tuple(by_file.get(str(number), ())))
        return None


def _stop(running: Any) -> None:
    if isinstance(running, tuple) and running[0].poll() is None:
        running[0].kill()
        running[0].wait()


def comments_by_file(output: bytes) -> dict[str, list[Comment]] | None:
    """The comments of an answer in the format ``json1`` by file name; None if it is no such answer."""
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
            found.setdefault(comment["file"], []).append(
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
