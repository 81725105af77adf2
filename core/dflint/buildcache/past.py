"""The contexts that a history leads through, with the ignore file that held in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.buildcache.snapshot import GIT_FILE, Snapshot
from dflint.context.dockerignore import parse_ignore
from dflint.history.changes import LINK, REGULAR, SUBMODULE, Change, File

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.context.dockerignore import IgnoreFile
    from dflint.history import History

IGNORE_NAME = ".dockerignore"


class Past:
    """Goes through a history: the state before its first commit, then that after each.

    ``own_ignore`` is how ``NAME.dockerignore`` beside the Dockerfile is called in the history's ``other_files``;
    ``ignore`` what holds if no ignore file is tracked at all: the one on the disk. ``has_git_folder``: the context
    holds the folder ``.git``. ``has_syntax``: the Dockerfile names a frontend image.
    """

    def __init__(
        self,
        history: History,
        own_ignore: str,
        ignore: IgnoreFile | None,
        has_git_folder: bool = False,
        has_syntax: bool = False,
    ) -> None:
        self._history = history
        self._has_syntax = has_syntax
        self._has_git_folder = has_git_folder
        self._own_ignore = own_ignore
        self._untracked = ignore
        self._parsed: dict[str, IgnoreFile | None] = {}

    def states(self) -> Iterator[tuple[str, Snapshot, Mapping[str, File]]]:
        """Commit, context, and the watched files elsewhere. The context is the same object each time, changed."""
        history = self._history
        others = dict(history.other_files)
        snapshot = Snapshot(history.files, None, history.read)
        snapshot.apply(self._git_changes(history.base))
        is_ever_tracked = self._is_ever_tracked()
        names = self._names(snapshot, others)
        snapshot.set_ignore(self._ignore(names) if is_ever_tracked else self._untracked)
        yield history.base, snapshot, others
        for commit in history.commits:
            for change in commit.other_changes:
                if change.file is None:
                    others.pop(change.path, None)
                else:
                    others[change.path] = change.file
            snapshot.apply((*commit.changes, *self._git_changes(commit.name)))
            now = self._names(snapshot, others)
            if is_ever_tracked and now != names:
                snapshot.set_ignore(self._ignore(now))
                names = now
            yield commit.name, snapshot, others

    def _git_changes(self, commit: str) -> tuple[Change, ...]:
        return (Change(GIT_FILE, File(REGULAR, commit)),) if self._has_git_folder else ()

    def _is_ever_tracked(self) -> bool:
        history = self._history
        if IGNORE_NAME in history.files or self._own_ignore in history.other_files:
            return True
        return any(
            change.path in (IGNORE_NAME, self._own_ignore)
            for commit in history.commits
            for change in (*commit.changes, *commit.other_changes)
        )

    def _names(self, snapshot: Snapshot, others: Mapping[str, File]) -> tuple[str, str]:
        """The names of the contents of both ignore files, ``""`` for one that is not there."""
        return _content_of(others.get(self._own_ignore)), _content_of(snapshot.files.get(IGNORE_NAME))

    def _ignore(self, names: tuple[str, str]) -> IgnoreFile | None:
        """What they mean together: one beside the Dockerfile counts alone, also if it is empty.

        Unless a frontend image is asked for by ``# syntax``: over its connection an empty file arrives as none.
        """
        own = self._read(names[0])
        return own if own is not None and (own.text or not self._has_syntax) else self._read(names[1])

    def _read(self, name: str) -> IgnoreFile | None:
        if not name:
            return None
        if name not in self._parsed:
            content = self._history.read(name)
            self._parsed[name] = None if content is None else parse_ignore(content.decode("utf-8", "surrogateescape"))
        return self._parsed[name]


def _content_of(file: File | None) -> str:
    return "" if file is None or file.mode in (LINK, SUBMODULE) else file.content
