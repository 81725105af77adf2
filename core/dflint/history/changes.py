"""What a history is made of.

Paths are text with ``/``; bytes that are not UTF-8 are lone surrogates, as everywhere in dflint. Those of a context are
relative to its root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EXECUTABLE, REGULAR, LINK, SUBMODULE = 0o100755, 0o100644, 0o120000, 0o160000
"""The modes that git knows. A submodule stands for the whole folder, with the commit it is at in place of a content."""


class HistoryError(Exception):
    """There is no history to be had; the text says why, without a full stop."""


class File(NamedTuple):
    """A tracked file: its mode and the name of its content (git's object name, hexadecimal)."""

    mode: int
    content: str


class Change(NamedTuple):
    """What a commit made of a path: ``file`` is None if it is gone. A rename is two changes."""

    path: str
    file: File | None


class Commit(NamedTuple):
    """A commit and what it changed against its first parent; ``time`` in seconds since 1970, as the commit says.

    ``changes`` are those below the context, ``other_changes`` those of the watched files elsewhere, by their paths from
    the top of the repository.
    """

    name: str
    time: int
    changes: tuple[Change, ...]
    other_changes: tuple[Change, ...] = ()


class History(NamedTuple):
    """The last commits of a branch, its merges' side branches left out, oldest first.

    ``files`` is the context before the first of ``commits``, ``other_files`` the watched files then.
    """

    commits: tuple[Commit, ...]
    files: Mapping[str, File]
    other_files: Mapping[str, File]
    base: str
    """The commit before the first of ``commits``."""
    head: str
    folder: str
    """The context's path from the top of the repository, ``""`` if it is the top."""
    is_shallow: bool
    """Whether older commits are missing because the clone is shallow."""
    is_whole: bool
    """Whether ``base`` is the first commit that there is."""
    read: Callable[[str], bytes | None]
    """The content of an object by its name; None if it is missing or too large."""

    def changed(self, is_wanted: Callable[[str], bool]) -> int:
        """In how many commits a path of the context changed for which ``is_wanted`` holds."""
        return sum(any(is_wanted(change.path) for change in commit.changes) for commit in self.commits)
