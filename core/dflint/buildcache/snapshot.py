"""The context at a commit, and a fingerprint of any part of it that is kept up to date from commit to commit.

What counts is what BuildKit hashes (cache/contenthash): of each entry that is sent its kind, mode and content, of a
link its target, and its path from the source on (so that a single file's name does not count, which is in the step's
definition as far as it matters); owner and times do not count. Of modes git knows one bit. A folder counts by itself,
for an ignore file may send it and nothing in it.

A fingerprint is the sum of the digests of its entries, so that a changed file costs a subtraction and an addition
however large the context is.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from dflint.context.gopath import BadPatternError, has_wildcards, inside_root, match_pattern
from dflint.history.changes import LINK, SUBMODULE
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dflint.context.dockerignore import IgnoreFile, State
    from dflint.history.changes import Change, File

GIT_FILE = ".git/index"
"""Stands for git's own folder, of which something changes with every commit: it is part of a context that is the top of
a repository, unless it is ignored."""
_FOLDER = 0o040000
_SIZE = 16
_MODULUS = 1 << (8 * _SIZE)
_MAX_LINKS = 40
_MAX_TARGET = 4096


class Source(NamedTuple):
    """A part of a context as COPY, ADD or a bind mount names it, cleaned and relative to the root.

    ``exclude`` are the patterns of ``--exclude``. With ``--parents`` ``path`` is what stands before the pivot ``/./``
    and ``include`` the pattern behind it.
    """

    path: str
    exclude: tuple[str, ...] = ()
    include: str | None = None
    has_wildcards: bool = False

    @classmethod
    def of(
        cls, text: str, exclude: tuple[str, ...] = (), with_parents: bool = False, is_literal: bool = False
    ) -> Source:
        """The source that a word of COPY or ADD, or (``is_literal``) the ``source`` of a mount, stands for."""
        include = None
        if with_parents:
            pivot, found, pattern = text.partition("/./")
            include = inside_root(pattern if found else text)
            text = pivot if found else "/"
        return cls(inside_root(text), exclude, include, not is_literal and has_wildcards(text))


class Content(NamedTuple):
    """What a source stands for at a commit: equal if BuildKit would find it equal. ``entries`` is 0 for nothing."""

    digest: int
    entries: int
    is_file: bool = False
    """Whether it is one file, no folder."""


class Snapshot:
    """The context of one commit at a time: ``apply`` leads to the next one."""

    def __init__(
        self, files: Mapping[str, File], ignore: IgnoreFile | None, read: Callable[[str], bytes | None]
    ) -> None:
        """``read`` gives the content of a file by its git name; it is asked for links."""
        self.files: dict[str, File] = dict(files)
        self._read = read
        self._ignore = ignore
        self._states: dict[str, tuple[bool, State]] = {"": (False, ())}
        self._entries: dict[str, int] = {}
        """Folder to the number of its entries, ignored ones too."""
        self._links: set[str] = set()
        self._submodules: set[str] = set()
        self._ignored: dict[str, bool] = {}
        self._parts: dict[Source, _Part] = {}
        for path, file in self.files.items():
            self._note_kind(path, file)
            self._count(path)

    # Changing

    def apply(self, changes: Iterable[Change]) -> None:
        """Go to the next commit. Changes of the ignore file are not looked at: see ``set_ignore``."""
        gone = [change for change in changes if change.file is None]
        for change in gone:
            self._remove(change.path)
        for change in changes:
            if change.file is not None:
                self._put(change.path, change.file)

    def set_ignore(self, ignore: IgnoreFile | None) -> None:
        """Another ignore file holds from now on."""
        self._ignore = ignore
        self._states = {"": (False, ())}
        self._ignored = {}
        sources = list(self._parts)
        self._parts = {}
        for source in sources:
            self._part(source)

    def _remove(self, path: str) -> None:
        file = self.files.pop(path, None)
        if file is None:
            return
        if self._parts and not self._is_ignored(path):
            self._tell(path, file.mode, self._sent(path, file), -1)
        self._links.discard(path)
        self._submodules.discard(path)
        folder = path.rpartition("/")[0]
        while folder:
            self._entries[folder] -= 1
            if self._entries[folder]:
                return
            del self._entries[folder]
            if self._parts and not self._state_of(folder)[0]:
                self._tell(folder, _FOLDER, "", -1)
            folder = folder.rpartition("/")[0]

    def _put(self, path: str, file: File) -> None:
        old = self.files.get(path)
        self.files[path] = file
        is_told = bool(self._parts) and not self._is_ignored(path)
        if old is not None:
            if is_told:
                self._tell(path, old.mode, self._sent(path, old), -1)
            self._links.discard(path)
            self._submodules.discard(path)
        self._note_kind(path, file)
        if is_told:
            self._tell(path, file.mode, self._sent(path, file), 1)
        if old is None:
            for folder in self._count(path):
                if self._parts and not self._state_of(folder)[0]:
                    self._tell(folder, _FOLDER, "", 1)

    def _note_kind(self, path: str, file: File) -> None:
        if file.mode == LINK:
            self._links.add(path)
        elif file.mode == SUBMODULE:
            self._submodules.add(path)

    def _count(self, path: str) -> list[str]:
        """Count an entry in its folder; the folders that are there only now."""
        made = []
        folder = path.rpartition("/")[0]
        while folder:
            known = self._entries.get(folder)
            if known is not None:
                self._entries[folder] = known + 1
                break
            self._entries[folder] = 1
            made.append(folder)
            folder = folder.rpartition("/")[0]
        return made

    def _tell(self, path: str, mode: int, content: str, sign: int) -> None:
        for part in self._parts.values():
            part.tell(path, mode, content, sign)

    # Ignoring

    def _state_of(self, folder: str) -> tuple[bool, State]:
        known = self._states.get(folder)
        if known is None:
            parent = self._state_of(folder.rpartition("/")[0]) if folder else (False, ())
            ignore = self._ignore
            known = self._states[folder] = (False, ()) if ignore is None else ignore.descend(folder, parent[1])
        return known

    def _is_ignored(self, path: str) -> bool:
        if self._ignore is None:
            return False
        known = self._ignored.get(path)
        if known is None:
            state = self._state_of(path.rpartition("/")[0])[1]
            known = self._ignored[path] = self._ignore.descend(path, state)[0]
        return known

    def _sent(self, path: str, file: File) -> str:
        """The name of the content that arrives: some ignore files have files sent, and emptied on the way."""
        if self._ignore is None or not self._ignore.has_exceptions or file.mode in (LINK, SUBMODULE):
            return file.content
        return "" if self._ignore.empties(path) else file.content

    # Asking

    def content(self, source: Source) -> Content:
        """What a source stands for now, links followed as COPY does."""
        if not source.has_wildcards:
            if self._links:
                path = self._resolved(source.path)
                if path is None:
                    return Content(0, 0)
                if path != source.path:
                    source = source._replace(path=path)
            return self._part(source).content
        if self._links:
            literal, pattern = _split_wildcards(source.path)
            folder = self._resolved(literal)
            if folder is None:
                return Content(0, 0)
            source = source._replace(path=f"{folder}/{pattern}" if folder else pattern)
        part = self._part(source)
        content = part.content
        if part.links:
            ends = [(link, self.content(Source(link))) for link in sorted(part.links)]
            made = blake2b(repr((content.digest, ends)).encode("utf-8", "surrogateescape"), digest_size=_SIZE)
            content = Content(int.from_bytes(made.digest(), "little"), content.entries)
        return content

    def tops(self, source: Source, changes: Iterable[Change]) -> set[str]:
        """Which entries right below a source changes concern, ``""`` for the source itself; ignored ones do not."""
        part = self._part(source)
        found = set()
        for change in changes:
            relative = part.relative(change.path)
            if relative is not None and not self._is_ignored(change.path):
                found.add(relative.partition("/")[0])
        return found

    def is_folder(self, path: str) -> bool:
        """Whether a path (of a source without wildcards) is a folder now."""
        found = self._resolved(path) if self._links else path
        return found is not None and (not found or found in self._entries or found in self._submodules)

    def _part(self, source: Source) -> _Part:
        part = self._parts.get(source)
        if part is None:
            part = self._parts[source] = _Part(source, self._submodules)
            for path, file in self.files.items():
                if part.relative(path) is not None and not self._is_ignored(path):
                    part.tell(path, file.mode, self._sent(path, file), 1)
            for folder in self._entries:
                if part.relative(folder) is not None and not self._state_of(folder)[0]:
                    part.tell(folder, _FOLDER, "", 1)
        return part

    def _resolved(self, path: str) -> str | None:
        """Where a path leads when the links on the way, and at its end, are followed; None: nowhere."""
        rest = path.split("/")[::-1]
        at = ""
        links = 0
        while rest:
            name = rest.pop()
            if name in ("", "."):
                continue
            if name == "..":
                at = at.rpartition("/")[0]
                continue
            here = f"{at}/{name}" if at else name
            if here not in self._links:
                at = here
                continue
            links += 1
            target = self._target(here)
            if target is None or links > _MAX_LINKS or self._is_ignored(here):
                return None
            if target.startswith("/"):
                at = ""
            rest.extend(reversed(target.split("/")))
        return at

    def _target(self, link: str) -> str | None:
        content = self._read(self.files[link].content)
        if content is None or len(content) > _MAX_TARGET:
            return None
        return content.decode("utf-8", "surrogateescape")


class _Part:
    """The sum over what a source stands for; links are entries here."""

    __slots__ = (
        "_content", "_count", "_depth", "_exclude", "_folder", "_include", "_is_file", "_literal", "_matched",
        "_patterns", "_submodules", "_sum", "links", "source",
    )  # fmt: skip

    def __init__(self, source: Source, submodules: set[str]) -> None:
        self.source = source
        self.links: set[str] = set()
        """Links that the wildcards match: COPY takes what they lead to."""
        self._submodules = submodules
        self._content: Content | None = None
        self._sum = 0
        self._count = 0
        self._is_file = False
        self._folder = f"{source.path}/" if source.path else ""
        self._patterns = _expressions(source.path) if source.has_wildcards else ()
        self._depth = len(self._patterns)
        literal = _split_wildcards(source.path)[0] if source.has_wildcards else ""
        self._literal = f"{literal}/" if literal else ""
        self._matched: dict[str, bool] = {}
        self._exclude = _ignore_of(source.exclude) if source.exclude else None
        self._include = _ignore_of((source.include,)) if source.include is not None else None

    @property
    def content(self) -> Content:
        if self._content is None:
            self._content = Content(self._sum, self._count, self._is_file)
        return self._content

    def tell(self, path: str, mode: int, content: str, sign: int) -> None:
        """Take an entry in (``sign`` 1) or out (-1), if it belongs here."""
        relative = self.relative(path)
        if relative is None:
            return
        self._content = None
        self._sum = (self._sum + sign * _digest(relative, mode, content)) % _MODULUS
        self._count += sign
        if path == self.source.path:
            self._is_file = sign > 0 and mode not in (_FOLDER, SUBMODULE)
        if mode == LINK and self._patterns and path.count("/") + 1 == self._depth:
            (self.links.add if sign > 0 else self.links.discard)(path)

    def relative(self, path: str) -> str | None:
        """The path of an entry from the source on, None if it does not belong here; whether it is ignored aside.

        A submodule belongs here if what it holds may.
        """
        if self._patterns:
            return self._matched_path(path)
        source = self.source.path
        if path == source or path.startswith(self._folder):
            relative = path[len(self._folder) :] if path != source else ""
            if self._exclude is None and self._include is None:
                return relative
            return relative if self._passes(relative) else None
        return path if path in self._submodules and source.startswith(f"{path}/") else None

    def _matched_path(self, path: str) -> str | None:
        if not path.startswith(self._literal):
            return path if path in self._submodules and self._literal.startswith(f"{path}/") else None
        parts = path.split("/")
        if len(parts) < self._depth:
            fits = path in self._submodules and all(map(_fullmatch, self._patterns, parts))
            return path if fits else None
        top = "/".join(parts[: self._depth])
        known = self._matched.get(top)
        if known is None:
            known = self._matched[top] = all(map(_fullmatch, self._patterns, parts))
        if not known:
            return None
        if (self._exclude is not None or self._include is not None) and not self._passes(
            "/".join(parts[self._depth :])
        ):
            return None
        return path[len(self._literal) :]

    def _passes(self, relative: str) -> bool:
        """Whether ``--exclude`` and ``--parents`` let an entry below the source pass; the source itself does."""
        if not relative:
            return self._include is None
        if self._include is not None and not _holds(self._include, relative):
            return False
        return self._exclude is None or not _holds(self._exclude, relative)


def _fullmatch(expression: object, name: str) -> bool:
    return expression is not None and expression.fullmatch(name) is not None  # type: ignore[attr-defined]


def _expressions(pattern: str) -> tuple[object, ...]:
    """For each part of a pattern what its names match; None for a part that Go refuses."""
    found: list[object] = []
    for part in pattern.split("/"):
        try:
            found.append(match_pattern(part))
        except BadPatternError:
            found.append(None)
    return tuple(found)


def _split_wildcards(path: str) -> tuple[str, str]:
    """The parts before the first one with wildcards, and the rest."""
    parts = path.split("/")
    first = next(index for index, part in enumerate(parts) if has_wildcards(part))
    return "/".join(parts[:first]), "/".join(parts[first:])


def _digest(path: str, mode: int, content: str) -> int:
    text = f"{path}\0{mode}\0{content}".encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(text, digest_size=_SIZE).digest(), "little")


def _ignore_of(patterns: tuple[str, ...]) -> IgnoreFile:
    from dflint.context.dockerignore import parse_ignore

    return parse_ignore("\n".join(patterns))


def _holds(patterns: IgnoreFile, path: str) -> bool:
    """Whether patterns hold for a path, asked from the top down as BuildKit walks."""
    state: State = ()
    held = False
    at = 0
    while at >= 0:
        at = path.find("/", at + 1)
        held, state = patterns.descend(path if at < 0 else path[:at], state)
    return held
