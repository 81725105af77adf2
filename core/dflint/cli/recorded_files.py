"""What was asked of the disk, and whether the answers are still the same.

A question is a kind and a path. Its answer is what the asker got to see, or a digest of it: never a time of change
alone, which a quick edit, ``touch`` or an unpacked archive can leave as it was.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH123
from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.cli.digest import digest
from dflint.context.filesystem import DiskFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeVar

    from dflint.context.filesystem import DirectoryEntry

    _A = TypeVar("_A", bytes, str, bool)
    Question = tuple[str, str]
    """``text``, ``list``, ``link``, ``is_file``, ``is_dir`` or ``is_link``, and the path as it was asked for."""
    Answer = bytes | str | bool


class RecordingFiles:
    """The disk as a ``FileSystem`` that notes what it is asked and what it says."""

    def __init__(self, disk: DiskFileSystem) -> None:
        self._disk = disk
        self.shared: dict[Question, Answer] = {}
        """What was asked for all files that share a context: what is known of it is asked once for all of them."""
        self.own: dict[Question, Answer] = {}
        """What was asked between ``start_own`` and ``end_own``, for one file only."""
        self.is_sound = True
        """False when something failed, or answered differently the second time: then nothing can be said later."""
        self._notes = self.shared

    def start_own(self) -> None:
        self._notes = self.own = {}

    def end_own(self) -> None:
        self._notes = self.shared

    def read_text(self, path: str) -> str:
        try:
            text = self._disk.read_text(path)
        except OSError:
            self.is_sound = False
            raise
        self._note("text", path, digest(text.encode("utf-8", "surrogateescape")))
        return text

    def is_file(self, path: str) -> bool:
        return self._note("is_file", path, self._disk.is_file(path))

    def is_dir(self, path: str) -> bool:
        return self._note("is_dir", path, self._disk.is_dir(path))

    def is_link(self, path: str) -> bool:
        return self._note("is_link", path, self._disk.is_link(path))

    def list_dir(self, path: str) -> list[DirectoryEntry]:
        try:
            entries = self._disk.list_dir(path)
        except OSError:
            self.is_sound = False
            raise
        self._note("list", path, _listing(entries))
        return entries

    def read_link(self, path: str) -> str:
        try:
            target = self._disk.read_link(path)
        except OSError:
            self.is_sound = False
            raise
        return self._note("link", path, target)

    def _note(self, kind: str, path: str, answer: _A) -> _A:
        if self._notes.setdefault((kind, path), answer) != answer:
            self.is_sound = False
        return answer


class Answers:
    """The answers that the disk gives now; each question is asked once."""

    def __init__(self) -> None:
        self._disk = DiskFileSystem()
        self._known: dict[Question, Answer | None] = {}

    def are(self, expected: Iterable[tuple[str, str, Answer]]) -> bool:
        """Whether all answers are still these."""
        return all(self._answer((kind, path)) == answer for kind, path, answer in expected)

    def _answer(self, question: Question) -> Answer | None:
        if question not in self._known:
            try:
                self._known[question] = self._asked(*question)
            except (OSError, ValueError):
                self._known[question] = None
        return self._known[question]

    def _asked(self, kind: str, path: str) -> Answer | None:
        if kind == "is_file":
            return self._disk.is_file(path)
        if kind == "list":
            return _listing(self._disk.list_dir(path))
        if kind == "text":
            with open(path, "rb") as file:
                return digest(file.read())
        if kind == "link":
            return self._disk.read_link(path)
        if kind == "is_dir":
            return self._disk.is_dir(path)
        if kind == "is_link":
            return self._disk.is_link(path)
        return None


def _listing(entries: Iterable[DirectoryEntry]) -> bytes:
    """A digest of all that a listing tells: names, kinds, sizes, and what cannot be read."""
    told = "\0".join(f"{entry.kind}:{entry.size}:{entry.is_readable:d}:{entry.name}" for entry in entries)
    return digest(told.encode("utf-8", "surrogatepass"))
