"""Layers put on top of each other: the file system that a container sees.

Behaviour: the OCI image specification (layer.md) and what containerd makes of it (archive/tar.go): whiteouts and opaque
markers hide what lower layers have, never what their own layer brings; a folder over a folder keeps what is in it;
anything else replaces; a path below a symbolic link lands where the link leads, inside the image.
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING

from dflint.images.entry import Entry
from dflint.images.errors import ImagePathError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.images.layer import LayerContent

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
METADATA = ".wh..wh."
MAX_LINKS = 40
"""Symbolic links followed for one path, as in Linux."""


class FileTree:
    """A file system: every path with its entry. A mapping to look things up; nothing of it is changed."""

    __slots__ = ("_children", "_entries")

    def __init__(self, entries: dict[str, Entry], children: dict[str, dict[str, None]]) -> None:
        self._entries = entries
        self._children = children

    @classmethod
    def of(cls, layers: Iterable[LayerContent]) -> FileTree:
        """The layers from the lowest to the highest; their ``layer`` numbers are their places in this order."""
        builder = _Builder()
        for number, content in enumerate(layers):
            builder.apply(content, number)
        builder.group_links()
        return cls(builder.entries, builder.children)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        """All paths, a folder before what is in it."""
        return (entry.path for entry in self.walk("/"))

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __getitem__(self, path: str) -> Entry:
        return self._entries[path]

    def get(self, path: str) -> Entry | None:
        """The entry at an absolute, clean path, no link followed; None if there is nothing."""
        return self._entries.get(path)

    def entries(self) -> Iterable[Entry]:
        """All entries, in no certain order."""
        return self._entries.values()

    def names(self, folder: str) -> list[str]:
        """The names in a folder, links to it followed, sorted; nothing for what is no folder."""
        names = self._children.get(folder)
        if names is None:
            entry = self.resolve(folder)
            names = self._children.get(entry.path) if entry is not None else None
        return sorted(names or ())

    def walk(self, path: str) -> Iterator[Entry]:
        """The entry at a path and, if it is a folder, all below it, by name; no link followed."""
        pending = [path]
        while pending:
            current = pending.pop()
            entry = self._entries.get(current)
            if entry is None:
                continue
            yield entry
            base = current if current != "/" else ""
            pending.extend(f"{base}/{name}" for name in sorted(self._children.get(current, ()), reverse=True))

    def resolve(self, path: str, *, follow: bool = True) -> Entry | None:
        """What a program finds at a path, links followed within the image; ``follow=False``: but for the last part.

        None: nothing there, a link that leads nowhere or in a circle.
        """
        return self.trace(path, follow=follow)[0]

    def trace(self, path: str, *, follow: bool = True) -> tuple[Entry | None, list[Entry]]:
        """As ``resolve``, with the symbolic links on the way, in order."""
        entry = self._entries.get(path)
        if entry is not None and entry.type != "symlink":
            return entry, []  # its folders are folders, or it would not be there
        links: list[Entry] = []
        parts = _parts(path)
        current = "/"
        while parts:
            part = parts.pop()
            if part == "..":
                current = parent_of(current)
                continue
            candidate = child_of(current, part)
            entry = self._entries.get(candidate)
            if entry is None:
                return None, links
            if entry.type != "symlink" or (not parts and not follow):
                if parts and entry.type != "dir":
                    return None, links
                current = candidate
                continue
            links.append(entry)
            if len(links) > MAX_LINKS:
                return None, links
            if entry.target.startswith("/"):
                current = "/"
            parts.extend(_parts(entry.target))
        return self._entries.get(current), links

    def file(self, path: str) -> Entry:
        """The regular file that a path leads to; ImagePathError if there is none."""
        entry = self.resolve(path)
        if entry is None:
            raise ImagePathError(path, "no such file in the image")
        if entry.type != "file":
            raise ImagePathError(path, f"a {entry.type}, not a file")
        return entry


def parent_of(path: str) -> str:
    """The folder that a path lies in; the root's is the root."""
    return path.rpartition("/")[0] or "/"


def child_of(folder: str, name: str) -> str:
    """The path of a name in a folder."""
    return f"{folder}/{name}" if folder != "/" else f"/{name}"


def clean(path: str, folder: str = "/") -> str:
    """A path made absolute by ``folder`` and clean, without looking at links."""
    cleaned = normpath(join(folder, path))
    return "/" + cleaned.lstrip("/")


def _parts(path: str) -> list[str]:
    """The parts of a path, the last first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


class _Builder:
    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {"/": _folder("/", 0)}
        self.children: dict[str, dict[str, None]] = {"/": {}}
        self.groups: dict[int, list[str]] = {}

    def apply(self, content: LayerContent, number: int) -> None:
        entries = self.entries
        links = content.links
        for index, entry in enumerate(content.entries):
            path = entry.path
            folder, _, name = path.rpartition("/")
            parent = entries.get(folder or "/")
            if parent is None or parent.type != "dir":
                folder = self.make_folder(folder or "/", number)
                path = child_of(folder, name)
            folder = folder or "/"
            if name.startswith(WHITEOUT):
                self.whiteout(folder, name, number)
                continue
            if entry.layer != number or path != entry.path:
                entry = entry._replace(path=path, layer=number)
            if index in links:
                linked = self.linked(links[index], path)
                if linked is None:
                    continue
                entry = linked
            self.put(path, folder, name, entry)

    def put(self, path: str, folder: str, name: str, entry: Entry) -> None:
        existing = self.entries.get(path)
        if path == "/":
            if entry.type == "dir":
                self.entries["/"] = entry
            return
        if existing is None:
            self.children[folder][name] = None
        elif existing.type == "dir" and entry.type != "dir":
            self.remove_below(path)
            del self.children[path]
        if entry.type == "dir":
            self.children.setdefault(path, {})
        self.entries[path] = entry

    def linked(self, target: str, path: str) -> Entry | None:
        """The entry of a hard link; None for a link to nothing, which engines refuse."""
        entry = self.entries.get(target)
        if entry is None:
            folder, _, name = target.rpartition("/")
            resolved = self.real_folder(folder or "/")
            entry = self.entries.get(child_of(resolved, name)) if resolved is not None else None
        if entry is None or entry.type == "dir":
            return None
        if entry.links == 0:
            entry = entry._replace(links=len(self.groups) + 1)
            self.groups[entry.links] = [entry.path]
            self.entries[entry.path] = entry
        self.groups[entry.links].append(path)
        return entry._replace(path=path)

    def group_links(self) -> None:
        """Forget groups of which one name is left."""
        for group, paths in self.groups.items():
            left = [path for path in dict.fromkeys(paths) if path in self.entries and self.entries[path].links == group]
            if len(left) == 1:
                self.entries[left[0]] = self.entries[left[0]]._replace(links=0)

    def whiteout(self, folder: str, name: str, number: int) -> None:
        if name == OPAQUE:
            self.remove_lower(folder, number)
        elif not name.startswith(METADATA):
            path = child_of(folder, name[len(WHITEOUT) :])
            entry = self.entries.get(path)
            if entry is None:
                return
            if entry.layer < number:
                self.remove(path)
            elif entry.type == "dir":
                self.remove_lower(path, number)

    def remove(self, path: str) -> None:
        self.remove_below(path)
        self.children.pop(path, None)
        folder, _, name = path.rpartition("/")
        del self.entries[path]
        del self.children[folder or "/"][name]

    def remove_below(self, path: str) -> None:
        pending = [child_of(path, name) for name in self.children.get(path, ())]
        while pending:
            current = pending.pop()
            pending.extend(child_of(current, name) for name in self.children.pop(current, ()))
            del self.entries[current]
        if path in self.children:
            self.children[path] = {}

    def remove_lower(self, folder: str, number: int) -> None:
        """Remove what lower layers have below a folder."""
        kept: list[str] = []
        pending = [folder]
        while pending:
            current = pending.pop()
            for name in list(self.children.get(current, ())):
                path = child_of(current, name)
                if self.entries[path].type == "dir":
                    pending.append(path)
                    kept.append(path)
                elif self.entries[path].layer < number:
                    self.remove(path)
        for path in reversed(kept):  # a folder after what is in it
            if self.entries[path].layer < number:
                if self.children[path]:
                    self.entries[path] = _folder(path, number)
                else:
                    self.remove(path)

    def make_folder(self, path: str, number: int) -> str:
        """Where a path leads, as a folder; what is missing of it is made, as engines do."""
        parts = _parts(path)
        current = "/"
        followed = 0
        while parts:
            part = parts.pop()
            if part == "..":
                current = parent_of(current)
                continue
            candidate = child_of(current, part)
            entry = self.entries.get(candidate)
            if entry is not None and entry.type == "symlink" and followed < MAX_LINKS:
                followed += 1
                if entry.target.startswith("/"):
                    current = "/"
                parts.extend(_parts(entry.target))
                continue
            if entry is None or entry.type != "dir":
                self.put(candidate, current, part, _folder(candidate, number))
            current = candidate
        return current

    def real_folder(self, path: str) -> str | None:
        entry = FileTree(self.entries, self.children).resolve(path)
        return entry.path if entry is not None else None


def _folder(path: str, layer: int) -> Entry:
    return Entry(path, "dir", 0o755, 0, 0, 0, 0, b"", "", (), None, 0, layer, b"", 0, None, True)
