"""The build context: which files a build gets, as BuildKit picks them.

Paths in the context are relative to its root, with ``/``, without a leading slash; ``""`` is the root. Folders are
listed when somebody asks, each one once; symbolic links are entries, never followed by a walk.
"""

from __future__ import annotations

from posixpath import basename, dirname, join
from typing import TYPE_CHECKING

from dflint.context.gopath import BadPatternError, has_wildcards, inside_root, match_pattern
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context.dockerignore import IgnoreFile, State
    from dflint.context.filesystem import FileSystem, Kind

MAX_ENTRIES = 200_000
_MAX_LINKS = 40


class ContextEntry(NamedTuple):
    """Something in the context; ``is_ignored`` as the ignore file says of it, whatever it says of what is below."""

    path: str
    kind: Kind
    size: int
    is_ignored: bool
    is_readable: bool = True
    """False for a file that this user may not read: BuildKit's client sends it empty, without a word."""


class Unreadable(NamedTuple):
    """A folder or an ignore file that could not be read, and why."""

    path: str
    message: str


class BuildContext:
    """A context folder with its ignore file.

    ``root`` and ``ignore_path`` are paths for ``filesystem``, as is ``dockerfile``, the Dockerfile's; the rest of the
    interface speaks of paths within the context. ``ignore`` is None when there is no ignore file.
    """

    __slots__ = (
        "_dir_states",
        "_folders",
        "_listed",
        "dockerfile",
        "filesystem",
        "ignore",
        "ignore_path",
        "max_entries",
        "remembered",
        "root",
        "unreadable",
    )

    def __init__(
        self,
        root: str,
        filesystem: FileSystem,
        ignore: IgnoreFile | None = None,
        ignore_path: str = "",
        dockerfile: str = "",
        max_entries: int = MAX_ENTRIES,
    ) -> None:
        self.root = root
        self.filesystem = filesystem
        self.ignore = ignore
        self.ignore_path = ignore_path
        self.dockerfile = dockerfile
        self.max_entries = max_entries
        self.unreadable: list[Unreadable] = []
        """What could not be read so far."""
        self.remembered: dict[object, object] = {}
        """What others found out about the files, by a key of theirs; shared like the listings."""
        self._listed = 0
        self._folders: dict[str, dict[str, ContextEntry]] = {}
        self._dir_states: dict[str, tuple[bool, State]] = {"": (False, ())}

    @classmethod
    def for_dockerfile(
        cls, path: str, filesystem: FileSystem | None = None, root: str | None = None, max_entries: int = MAX_ENTRIES
    ) -> BuildContext:
        """The context of the Dockerfile at ``path``: its own folder, or ``root``.

        ``NAME.dockerignore`` beside the Dockerfile is used instead of ``.dockerignore`` in the root if it is there, an
        empty one too (dockerui/config.go; a frontend that ``# syntax=`` brings from elsewhere passes over an empty one,
        which reaches it as no bytes at all). Links are followed within their folder: one that leads out of it does not
        count.
        """
        from dflint.context.dockerignore import parse_ignore
        from dflint.context.filesystem import DiskFileSystem

        files = DiskFileSystem() if filesystem is None else filesystem
        folder = dirname(path) or "."
        if root is None:
            root = folder
        context = cls(root, files, dockerfile=path, max_entries=max_entries)
        for place, name in ((folder, f"{basename(path)}.dockerignore"), (root, ".dockerignore")):
            candidate = real = join(place, name)
            if files.is_link(candidate):
                entry = cls(place, files).resolve(name)
                real = "" if entry is None else join(place, entry.path)
            if not real or not files.is_file(real):
                continue
            try:
                text = files.read_text(real)
            except OSError as error:
                context.unreadable.append(Unreadable(candidate, _reason(error)))
                continue
            context.ignore = parse_ignore(text)
            context.ignore_path = candidate
            break
        return context

    def for_neighbour(self, path: str, root: str | None = None) -> BuildContext | None:
        """``for_dockerfile`` for another Dockerfile, with what is known of the files already.

        None if its context is another folder, or one of the two has an ignore file of its own.
        """
        if self.root != (dirname(path) or "." if root is None else root):
            return None
        own = join(self.root, ".dockerignore")
        if self.ignore_path not in ("", own) or self.filesystem.is_file(f"{path}.dockerignore"):
            return None
        context = BuildContext(self.root, self.filesystem, self.ignore, self.ignore_path, path, self.max_entries)
        context.unreadable = self.unreadable
        context.remembered = self.remembered
        context._folders = self._folders
        context._dir_states = self._dir_states
        context._listed = self._listed
        return context

    def with_ignore(self, ignore: IgnoreFile | None) -> BuildContext:
        """The same files under another ignore file; folders are listed anew, unless the file system remembers them."""
        made = BuildContext(self.root, self.filesystem, ignore, self.ignore_path, self.dockerfile, self.max_entries)
        made.unreadable = list(self.unreadable)
        return made

    @property
    def is_complete(self) -> bool:
        """Whether the limit of entries has not been hit; otherwise absence proves nothing."""
        return self._listed < self.max_entries

    # One path

    def entry(self, path: str) -> ContextEntry | None:
        """What stands at a path, links on the way to it followed (within the context), its own link not."""
        name = inside_root(path)
        if not name:
            return ContextEntry("", "dir", 0, False)
        return self._lookup(name, False)

    def resolve(self, path: str) -> ContextEntry | None:
        """What stands at a path, all links followed as COPY does; None if nothing, or a link leads nowhere."""
        name = inside_root(path)
        if not name:
            return ContextEntry("", "dir", 0, False)
        return self._lookup(name, True)

    def exists(self, path: str) -> bool:
        """Whether it is in the context folder, ignored or not."""
        return self.resolve(path) is not None

    def is_ignored(self, path: str) -> bool:
        """Whether the ignore file leaves the path itself out when the context is sent.

        Something below an ignored folder may still be sent: see ``is_sent``.
        """
        if self.ignore is None:
            return False
        name = inside_root(path)
        return bool(name) and self._state_of(name)[0]

    def is_sent(self, path: str) -> bool:
        """Whether the build gets the path: it exists and it, or something below it, is not ignored."""
        entry = self.resolve(path)
        if entry is None:
            return False
        if not entry.path:
            return True
        return self._is_sent(entry)

    def read(self, path: str) -> str:
        """The text of a file of the context, ignored or not; raises OSError."""
        entry = self.resolve(path)
        if entry is None:
            raise FileNotFoundError(path)
        return self.filesystem.read_text(self._real(entry.path))

    # Many paths

    def entries(self, folder: str = "") -> tuple[ContextEntry, ...]:
        """The entries of a folder, sorted by name; empty if it cannot be listed."""
        return tuple(self._list(inside_root(folder)).values())

    def walk(self, folder: str = "", include_ignored: bool = False) -> Iterator[ContextEntry]:
        """All entries below a folder, a folder before its entries; links are not followed.

        Without ``include_ignored`` only what is sent (a folder that is sent only for what is below it is left out), and
        ignored folders are entered only if an exception may apply below them. Stops at ``max_entries``.
        """
        ignore = self.ignore
        pending = [inside_root(folder)]
        while pending:
            below = []
            for entry in self._list(pending.pop()).values():
                if include_ignored or not entry.is_ignored:
                    yield entry
                if entry.kind != "dir":
                    continue
                if include_ignored or not entry.is_ignored or (ignore and ignore.may_send_below(entry.path)):
                    below.append(entry.path)
            pending.extend(reversed(below))

    def files(self, pattern: str | None = None, include_ignored: bool = False) -> Iterator[ContextEntry]:
        """All files and links (of ``walk``) whose path matches ``pattern``, in the syntax of an ignore file line."""
        chosen = None
        if pattern is not None:
            from dflint.context.dockerignore import parse_ignore

            chosen = parse_ignore(pattern)
        for entry in self.walk(include_ignored=include_ignored):
            if entry.kind != "dir" and (chosen is None or chosen.matches(entry.path)):
                yield entry

    def match(self, source: str, include_ignored: bool = False) -> tuple[ContextEntry, ...]:
        """What a COPY or ADD source stands for, in the order of the walk; empty if nothing.

        A source without ``*``, ``?`` or ``[`` is one path; otherwise names are matched part by part, as Go's
        filepath.Match does (no ``**``, ``*`` matches hidden names too). No match of a pattern is no error for BuildKit.
        """
        name = inside_root(source)
        if not has_wildcards(name):
            entry = self.resolve(name)
            if entry is None or not (include_ignored or not entry.path or self._is_sent(entry)):
                return ()
            return (entry,)
        parts = name.split("/")
        first = next(index for index, part in enumerate(parts) if has_wildcards(part))
        start = self.resolve("/".join(parts[:first]))
        if start is None or start.kind != "dir":
            return ()
        found = [start]
        for index in range(first, len(parts)):
            try:
                expression = match_pattern(parts[index])
            except BadPatternError:
                return ()
            last = index == len(parts) - 1
            found = [
                entry
                for folder in found
                for entry in self._list(folder.path).values()
                if expression.fullmatch(basename(entry.path)) and (last or entry.kind == "dir")
            ]
        return tuple(entry for entry in found if include_ignored or self._is_sent(entry))

    def sizes(self, include_ignored: bool = False) -> dict[str, int]:
        """Total bytes of the files below each entry of the root: what is sent, or everything."""
        totals: dict[str, int] = {}
        for entry in self.walk(include_ignored=include_ignored):
            top = entry.path.partition("/")[0]
            totals[top] = totals.get(top, 0) + entry.size
        return totals

    # Within

    def _real(self, path: str) -> str:
        return join(self.root, path) if path else self.root

    def _list(self, folder: str) -> dict[str, ContextEntry]:
        known = self._folders.get(folder)
        if known is not None:
            return known
        listed: dict[str, ContextEntry] = {}
        if self._listed >= self.max_entries:
            return listed
        self._folders[folder] = listed
        try:
            found = self.filesystem.list_dir(self._real(folder))
        except OSError as error:
            self.unreadable.append(Unreadable(folder, _reason(error)))
            return listed
        found = found[: self.max_entries - self._listed]
        self._listed += len(found)
        ignore = self.ignore
        state = self._state_of(folder)[1] if ignore is not None else ()
        prefix = f"{folder}/" if folder else ""
        for name, kind, size, is_readable in found:
            path = prefix + name
            ignored = False
            if ignore is not None:
                ignored, below = ignore.descend(path, state)
                if kind == "dir":
                    self._dir_states[path] = (ignored, below)
            listed[name] = ContextEntry(path, kind, size, ignored, is_readable)
        return listed

    def _state_of(self, path: str) -> tuple[bool, State]:
        known = self._dir_states.get(path)
        if known is not None:
            return known
        assert self.ignore is not None
        done = path
        missing = []
        while (known := self._dir_states.get(done)) is None:
            missing.append(done)
            done = done.rpartition("/")[0]
        result = known
        for name in reversed(missing):
            result = self.ignore.descend(name, result[1])
        return result

    def _is_sent(self, entry: ContextEntry) -> bool:
        if not entry.is_ignored:
            return True
        if entry.kind != "dir" or self.ignore is None or not self.ignore.may_send_below(entry.path):
            return False
        return next(self.walk(entry.path), None) is not None

    def _lookup(self, name: str, follow_last: bool) -> ContextEntry | None:
        """Go from the root to ``name`` part by part; link targets are taken as if the context were the whole disk."""
        rest = name.split("/")[::-1]
        at = ""
        links = 0
        entry = None
        while rest:
            part = rest.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at = at.rpartition("/")[0]
                entry = None
                continue
            entry = self._list(at).get(part)
            if entry is None:
                return None
            if entry.kind == "symlink" and (rest or follow_last):
                links += 1
                if links > _MAX_LINKS:
                    return None
                try:
                    target = self.filesystem.read_link(self._real(entry.path))
                except OSError:
                    return None
                rest.extend(reversed(target.split("/")))
                if target.startswith("/"):
                    at = ""
                entry = None
                continue
            if rest and entry.kind != "dir":
                return None
            at = entry.path
        if entry is not None:
            return entry
        if not at:
            return ContextEntry("", "dir", 0, False)
        parent, _, last = at.rpartition("/")
        return self._list(parent).get(last)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
