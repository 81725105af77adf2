"""Running git to read, and only that: no hook, filter, pager, prompt, file system monitor, lock or network.

A repository's own configuration can name programs. Plumbing commands run none of them for what is asked here; what
could still start one is switched off on the command line and in the environment, which count more than any file.
"""

# ruff: noqa: PTH117, PTH118
from __future__ import annotations

import os
import subprocess
import tempfile
from typing import TYPE_CHECKING

from dflint.history.changes import HistoryError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

SECONDS = 120.0
"""How long a single git may take."""
MAX_OBJECT = 4_000_000
"""Bytes of a content beyond which it is not read: it would be an ignore file or a link."""
_KEPT_VARIABLES = ("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")
_FORCED_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PAGER": "",
    "LC_ALL": "C",
}
_FORCED_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "diff.external=",
    "diff.renames=false",
    "protocol.allow=never",
)


class Repository(NamedTuple):
    """Where a folder stands in its repository. Paths of the system; ``prefix`` with ``/``, empty for the top."""

    top: str
    prefix: str
    storage: str
    """Where the objects are: the same for all work trees of a repository."""
    head: str
    is_shallow: bool


def find_repository(folder: str) -> Repository:
    """The repository of a folder. Raises HistoryError: no git, no repository, one of somebody else, no commit."""
    top = _line(run(folder, ["rev-parse", "--show-toplevel"]))
    if not top:
        raise HistoryError("the folder is not in the work tree of a git repository")
    prefix = _line(run(folder, ["rev-parse", "--show-prefix"]))
    storage = os.path.join(folder, _line(run(folder, ["rev-parse", "--git-common-dir"])))
    try:
        answers = _line(run(folder, ["rev-parse", "--is-shallow-repository", "--verify", "HEAD^{commit}"])).split("\n")
    except HistoryError as error:
        raise HistoryError("the git repository has no commit yet") from error
    return Repository(top, prefix.rstrip("/"), os.path.realpath(storage), answers[-1], answers[0] == "true")


def run(folder: str, arguments: Sequence[str], data: bytes = b"") -> bytes:
    """What git writes, run in a folder. Raises HistoryError."""
    try:
        done = subprocess.run(
            command(folder, arguments), input=data, capture_output=True, env=environment(), timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise HistoryError(f"git took more than {SECONDS:.0f} seconds") from error
    except OSError as error:
        raise HistoryError(f"git cannot be run: {error.strerror or error}") from error
    if done.returncode != 0:
        raise HistoryError(_reason(done.stderr))
    return done.stdout


def chunks(folder: str, arguments: Sequence[str], data: bytes) -> Iterator[bytes]:
    """What git writes, as it comes, NUL-terminated pieces left whole; closing the iterator ends git.

    Raises HistoryError.
    """
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        yield from _streamed(folder, arguments, given)


def _streamed(folder: str, arguments: Sequence[str], given: IO[bytes]) -> Iterator[bytes]:
    from threading import Timer

    try:
        process = subprocess.Popen(
            command(folder, arguments),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
    except OSError as error:
        raise HistoryError(f"git cannot be run: {error.strerror or error}") from error
    assert process.stdout is not None
    timer = Timer(SECONDS, process.kill)
    timer.daemon = True
    timer.start()
    is_finished = False
    try:
        rest = b""
        while chunk := process.stdout.read(1 << 18):
            whole, separator, tail = (rest + chunk).rpartition(b"\0")
            rest = tail if separator else rest + chunk
            if separator:
                yield whole
        is_finished = True
    finally:
        timer.cancel()
        if not is_finished:
            process.kill()
        process.stdout.close()
        code = process.wait()
    if code != 0:
        raise HistoryError("git could not read the history: objects are missing or damaged")


def read_object(folder: str, name: str) -> bytes | None:
    """The content of a blob; None if it is missing, too large or none."""
    if not name.isalnum():
        return None
    try:
        header, _, _ = run(folder, ["cat-file", "--batch-check"], name.encode() + b"\n").partition(b"\n")
        fields = header.split()
        if len(fields) != 3 or fields[1] != b"blob" or int(fields[2]) > MAX_OBJECT:
            return None
        return run(folder, ["cat-file", "blob", name])
    except HistoryError:
        return None


def command(folder: str, arguments: Sequence[str]) -> list[str]:
    """The command line of a git that only reads. Raises HistoryError if there is no git."""
    settings = [part for setting in _FORCED_SETTINGS for part in ("-c", setting)]
    return [_program(), "--no-pager", *settings, "-C", folder, *arguments]


def environment() -> dict[str, str]:
    """This process's environment without what would lead git elsewhere: a hook has GIT_DIR set, for another folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES or name.startswith("GIT_CONFIG_")
    }
    return {**kept, **_FORCED_VARIABLES}


_found: str | None = None


def _program() -> str:
    """git on PATH, never one in the working directory."""
    global _found
    if _found is None:
        from shutil import which

        folders = [f for f in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(f)]
        found = [path for folder in folders if (path := which("git", path=folder)) and os.path.isabs(path)]
        if not found:
            raise HistoryError("git is not installed")
        _found = found[0]
    return _found


def _line(output: bytes) -> str:
    return os.fsdecode(output).removesuffix("\n").removesuffix("\r")


def _reason(output: bytes) -> str:
    text = os.fsdecode(output).strip()
    if "dubious ownership" in text:
        return "git does not trust the repository: it belongs to somebody else (see safe.directory in git's manual)"
    if "not a git repository" in text:
        return "the folder is in no git repository"
    first = text.partition("\n")[0].removeprefix("fatal: ").rstrip(".")
    return f"git says: {first}" if first else "git failed and does not say why"
