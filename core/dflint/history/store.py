"""What commits changed, kept between runs: a commit never changes, so the next run reads the new ones only.

One file for each repository and context. Readers never see half a file: it is written beside and put in place. A
damaged one counts as none. Two processes at once write the same facts; the last one's stay.
"""

# ruff: noqa: PTH103, PTH105, PTH108, PTH110, PTH111, PTH112, PTH117, PTH118, PTH123
from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING, Any

from dflint.history.changes import Change, File

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Kept = Mapping[str, tuple[str, tuple[Change, ...]]]
    """Commit to its first parent and its changes."""

NAME = "history"
FORMAT = b"dflint-history-1"
MAX_FILES = 64
"""Files (one a repository and context) beyond which the oldest go."""
MAX_BYTES = 64_000_000
"""Size of a file beyond which nothing is kept."""
_DAMAGED = (OSError, ValueError, EOFError, TypeError, KeyError, IndexError, MemoryError)


def default_folder() -> str | None:
    """Where programs of this user keep what they can make again; None if that is not known."""
    home = os.path.expanduser("~")
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        place = os.path.join(local, "dflint", "Cache")
    elif sys.platform == "darwin":
        place = os.path.join(home, "Library", "Caches", "dflint")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        place = os.path.join(base if os.path.isabs(base) else os.path.join(home, ".cache"), "dflint")
    return place if os.path.isabs(place) else None


class Store:
    """The kept changes of one context of one repository, in ``base/history``."""

    def __init__(self, base: str, storage: str, prefix: str, others: Sequence[str]) -> None:
        self.folder = os.path.join(base, NAME)
        self.path = os.path.join(self.folder, _digest(repr((storage, prefix, sorted(others))).encode()).hex())

    def load(self) -> Kept:
        """What is kept; empty if there is nothing or it is damaged."""
        try:
            with open(self.path, "rb") as file:
                content = file.read(MAX_BYTES + 1)
            head, body = content[: len(FORMAT) + 20], content[len(FORMAT) + 20 :]
            if len(content) > MAX_BYTES or head != FORMAT + _digest(body):
                return {}
            texts, commits = marshal.loads(body)
            return {name: (parent, _unpacked(numbers, texts)) for name, parent, numbers in commits}
        except _DAMAGED:
            return {}

    def save(self, kept: Kept) -> None:
        """Keep it, in place of what was kept. Raises nothing: then it is read from git again."""
        numbers: dict[str, int] = {}
        commits = []
        for name, (parent, changes) in kept.items():
            packed: list[int] = []
            for path, file in changes:
                mode, content = file if file is not None else (0, "")
                packed += (numbers.setdefault(path, len(numbers)), mode, numbers.setdefault(content, len(numbers)))
            commits.append((name, parent, tuple(packed)))
        try:
            body = marshal.dumps((tuple(numbers), commits), 2)
            if len(body) < MAX_BYTES:
                self._write(FORMAT + _digest(body) + body)
        except _DAMAGED:
            return

    def _write(self, content: bytes) -> None:
        is_new = not os.path.isdir(self.folder)
        os.makedirs(self.folder, 0o700, exist_ok=True)
        if is_new:
            with open(os.path.join(self.folder, ".gitignore"), "wb") as file:
                file.write(b"*\n")
        temporary = f"{self.path}.{os.getpid()}-{os.urandom(4).hex()}"
        try:
            with open(temporary, "xb") as file:
                file.write(content)
            os.replace(temporary, self.path)
        except OSError:
            if os.path.exists(temporary):
                os.unlink(temporary)
            return
        _prune(self.folder)


def _unpacked(numbers: Any, texts: Any) -> tuple[Change, ...]:
    changes = []
    for at in range(0, len(numbers), 3):
        path, mode, content = numbers[at : at + 3]
        changes.append(Change(texts[path], File(mode, texts[content]) if mode else None))
    return tuple(changes)


def _digest(content: bytes) -> bytes:
    from hashlib import blake2b

    return blake2b(content, digest_size=20).digest()


def _prune(folder: str) -> None:
    with os.scandir(folder) as entries:
        files = [(e.stat().st_mtime, e.path) for e in entries if not e.name.startswith(".") and e.is_file()]
    for _, path in sorted(files)[: -MAX_FILES or None]:
        os.unlink(path)
