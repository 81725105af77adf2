"""Where files are read: the disk, memory, or the disk under an editor's unsaved texts.

Paths are strings with ``/`` between their parts. A file system takes them as they come: absolute, or relative to its
root (the working directory for the disk; for memory ``/a/b``, ``./a/b`` and ``a/b`` are one file).
"""

from __future__ import annotations

from posixpath import join, normpath
from typing import TYPE_CHECKING, Literal

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["file", "dir", "symlink", "other"]


class DirectoryEntry(NamedTuple):
    """One entry of a folder; symbolic links are not followed, ``size`` is in bytes and 0 for all but files."""

    name: str
    kind: Kind
    size: int
    is_readable: bool = True
    """Whether this user may read the file. Of folders one learns by listing them, of the rest it says nothing."""


if TYPE_CHECKING:
    from typing import Protocol

    class FileSystem(Protocol):
        """What dflint asks of a file system. All methods raise OSError, the ``is_...`` ones never."""

        def read_text(self, path: str) -> str:
            """The content as UTF-8 with line endings kept; other bytes become lone surrogates (``surrogateescape``)."""

        def is_file(self, path: str) -> bool:
            """Whether it is a file, links followed."""

        def is_dir(self, path: str) -> bool:
            """Whether it is a folder, links followed."""

        def is_link(self, path: str) -> bool:
            """Whether it is a symbolic link, wherever that leads."""

        def list_dir(self, path: str) -> list[DirectoryEntry]:
            """The entries of a folder, sorted by name."""

        def read_link(self, path: str) -> str:
            """The target of a symbolic link as written in it."""
else:
    FileSystem = object  # making a protocol costs every start a millisecond


class DiskFileSystem:
    """The disk, through ``os``."""

    __slots__ = ()

    def read_text(self, path: str) -> str:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123
            return file.read()

    def is_file(self, path: str) -> bool:
        from os.path import isfile

        return isfile(path)  # noqa: PTH113

    def is_dir(self, path: str) -> bool:
        from os.path import isdir

        return isdir(path)  # noqa: PTH112

    def is_link(self, path: str) -> bool:
        from os.path import islink

        return islink(path)  # noqa: PTH114

    def list_dir(self, path: str) -> list[DirectoryEntry]:
        from os import R_OK, access, scandir

        entries = []
        with scandir(path) as found:
            for entry in found:
                kind: Kind = "other"
                size = 0
                is_readable = True
                if entry.is_symlink():
                    kind = "symlink"
                elif entry.is_dir(follow_symlinks=False):
                    kind = "dir"
                elif entry.is_file(follow_symlinks=False):
                    kind = "file"
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        is_readable = False
                    else:
                        size = status.st_size
                        # What everybody may read need not be asked for.
                        is_readable = status.st_mode & 0o444 == 0o444 or access(entry.path, R_OK)
                entries.append(DirectoryEntry(entry.name, kind, size, is_readable))
        entries.sort()
        return entries

    def read_link(self, path: str) -> str:
        from os import readlink

        target = readlink(path)  # noqa: PTH115
        return target.replace("\\", "/") if _is_windows() else target


class MemoryFileSystem:
    """Files from a mapping of path to content; a key that ends in ``/`` is an empty folder."""

    __slots__ = ("_files", "_folders")

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files: dict[str, str | bytes] = {}
        self._folders: dict[str, dict[str, DirectoryEntry]] = {"": {}}
        for path, content in files.items():
            name = memory_path(path)
            if path.endswith("/"):
                self._add_folder(name)
                continue
            self._files[name] = content
            folder, _, last = name.rpartition("/")
            size = len(content) if isinstance(content, bytes) else len(content.encode("utf-8", "surrogateescape"))
            self._add_folder(folder)[last] = DirectoryEntry(last, "file", size)

    def read_text(self, path: str) -> str:
        name = memory_path(path)
        content = self._files.get(name)
        if content is None:
            raise IsADirectoryError(path) if name in self._folders else FileNotFoundError(path)
        return content.decode("utf-8", "surrogateescape") if isinstance(content, bytes) else content

    def is_file(self, path: str) -> bool:
        return memory_path(path) in self._files

    def is_dir(self, path: str) -> bool:
        return memory_path(path) in self._folders

    def is_link(self, path: str) -> bool:
        return False

    def list_dir(self, path: str) -> list[DirectoryEntry]:
        name = memory_path(path)
        folder = self._folders.get(name)
        if folder is None:
            raise NotADirectoryError(path) if name in self._files else FileNotFoundError(path)
        return sorted(folder.values())

    def read_link(self, path: str) -> str:
        raise OSError(f"not a symbolic link: {path}")

    def _add_folder(self, name: str) -> dict[str, DirectoryEntry]:
        known = self._folders.get(name)
        if known is not None:
            return known
        parent, _, last = name.rpartition("/")
        self._add_folder(parent)[last] = DirectoryEntry(last, "dir", 0)
        folder: dict[str, DirectoryEntry] = {}
        self._folders[name] = folder
        return folder


class RememberingFileSystem:
    """A file system whose folders are listed once: for several contexts over the same files."""

    __slots__ = ("_base", "_failed", "_listed")

    def __init__(self, base: FileSystem) -> None:
        self._base = base
        self._listed: dict[str, list[DirectoryEntry]] = {}
        self._failed: dict[str, OSError] = {}

    def read_text(self, path: str) -> str:
        return self._base.read_text(path)

    def is_file(self, path: str) -> bool:
        return self._base.is_file(path)

    def is_dir(self, path: str) -> bool:
        return self._base.is_dir(path)

    def is_link(self, path: str) -> bool:
        return self._base.is_link(path)

    def list_dir(self, path: str) -> list[DirectoryEntry]:
        known = self._listed.get(path)
        if known is None:
            if path in self._failed:
                raise self._failed[path]
            try:
                known = self._listed[path] = self._base.list_dir(path)
            except OSError as error:
                self._failed[path] = error
                raise
        return known

    def read_link(self, path: str) -> str:
        return self._base.read_link(path)


class OverlayFileSystem:
    """A file system with some texts in front of it, as an editor's unsaved documents; ``overrides`` may change."""

    __slots__ = ("_base", "_overrides")

    def __init__(self, base: FileSystem, overrides: Mapping[str, str]) -> None:
        """``overrides``: normalized path (as the base is asked for it, absolute for the disk) to text."""
        self._base = base
        self._overrides = overrides

    def read_text(self, path: str) -> str:
        text = self._overrides.get(normpath(path))
        return self._base.read_text(path) if text is None else text

    def is_file(self, path: str) -> bool:
        return normpath(path) in self._overrides or self._base.is_file(path)

    def is_dir(self, path: str) -> bool:
        return self._base.is_dir(path) or bool(self._below(path))

    def is_link(self, path: str) -> bool:
        return normpath(path) not in self._overrides and self._base.is_link(path)

    def list_dir(self, path: str) -> list[DirectoryEntry]:
        added = self._below(path)
        try:
            entries = {entry.name: entry for entry in self._base.list_dir(path)}
        except OSError:
            if not added:
                raise
            entries = {}
        for name, entry in added.items():
            known = entries.get(name)
            if known is None or entry.kind == "file":
                entries[name] = entry
        return sorted(entries.values())

    def read_link(self, path: str) -> str:
        return self._base.read_link(path)

    def _below(self, path: str) -> dict[str, DirectoryEntry]:
        prefix = join(normpath(path), "")
        if prefix == "./":
            prefix = ""
        found: dict[str, DirectoryEntry] = {}
        for override, text in self._overrides.items():
            if override.startswith(prefix) and (prefix or not override.startswith("/")):
                name, slash, _ = override[len(prefix) :].partition("/")
                if slash:
                    found.setdefault(name, DirectoryEntry(name, "dir", 0))
                else:
                    found[name] = DirectoryEntry(name, "file", len(text.encode("utf-8", "surrogateescape")))
        return found


def memory_path(path: str) -> str:
    """The one spelling of a path in memory: relative to the root, ``""`` for the root itself."""
    name = normpath("/" + path).lstrip("/")
    return "" if name == "." else name


def _is_windows() -> bool:
    from os import sep

    return sep == "\\"
