"""Which libraries a program or library gets at start, found in the image as the dynamic loader finds them.

glibc: RPATH (where there is no RUNPATH), LD_LIBRARY_PATH, RUNPATH, /etc/ld.so.cache, the default folders (ld.so(8)).
The cache counts, not ld.so.conf: a library that was copied to /usr/local/lib without ldconfig is not found.
musl: LD_LIBRARY_PATH, RPATH and RUNPATH, then the folders of /etc/ld-musl-ARCH.path or the default ones.
"""

from __future__ import annotations

import struct
from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.images.file_tree import clean, parent_of
from dflint.record import NamedTuple
from dflint.verify.elf import Elf, ElfError, read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images import Entry, Image

CACHE = "/etc/ld.so.cache"
_NEW_CACHE = b"glibc-ld.so.cache1.1"
MAX_CACHE = 16 << 20
_TRIPLETS = {
    (2, 62): "x86_64-linux-gnu", (2, 183): "aarch64-linux-gnu", (1, 3): "i386-linux-gnu", (1,
    40): "arm-linux-gnueabihf",
    (2, 243): "riscv64-linux-gnu", (2, 21): "powerpc64le-linux-gnu", (2, 22): "s390x-linux-gnu",
    (2, 258): "loongarch64-linux-gnu",
}  # fmt: skip
"""Class and machine to Debian's multiarch folder, which its loader has among the default ones."""


class Library(NamedTuple):
    """A library that a file needs, and where it is; ``path`` None: nowhere."""

    name: str
    path: str | None


class Linker:
    """Finds libraries in one image."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._tree = image.filesystem
        self._library_path = [path for path in image.config.environment.get("LD_LIBRARY_PATH", "").split(":") if path]
        self._elves: dict[str, Elf | None] = {}
        self._cached: dict[str, list[str]] | None = None

    def elf(self, entry: Entry) -> Elf | None:
        """What an ELF file needs; None if it is none that can be followed."""
        if entry.path not in self._elves:
            found = None
            if entry.is_elf:
                try:
                    found = read_elf(lambda start, size: self._image.read_range(entry, start, size))
                except ElfError:
                    found = None
            self._elves[entry.path] = found
        return self._elves[entry.path]

    def is_musl(self, interpreter: str) -> bool:
        """Whether a program's loader is musl's."""
        return basename(interpreter).startswith("ld-musl-")

    def libraries(self, entry: Entry, loader: str, runpath_of_program: tuple[str, ...] = ()) -> list[Library]:
        """The libraries that a file names itself. ``loader`` is that of the program that it is loaded into.

        ``runpath_of_program`` are folders of the program's RPATH, which holds for its libraries' needs too.
        """
        elf = self.elf(entry)
        if elf is None:
            return []
        folders = list(self.folders(entry, elf, loader, runpath_of_program))
        return [Library(name, self.find(name, folders, elf, loader)) for name in elf.needed]

    def folders(self, entry: Entry, elf: Elf, loader: str, inherited: tuple[str, ...]) -> Iterator[str]:
        """Where to look before the cache."""
        rpath = _expand(elf.rpath, entry.path, elf)
        runpath = _expand(elf.runpath, entry.path, elf)
        if self.is_musl(loader):
            yield from self._library_path
            yield from rpath
            yield from runpath
            yield from inherited
            return
        if not runpath:
            yield from rpath
            yield from inherited
        yield from self._library_path
        yield from runpath

    def rpath(self, entry: Entry) -> tuple[str, ...]:
        """The folders of a program's RPATH, which hold for all that it loads."""
        elf = self.elf(entry)
        return tuple(_expand(elf.rpath, entry.path, elf)) if elf is not None and not elf.runpath else ()

    def find(self, name: str, folders: list[str], elf: Elf, loader: str) -> str | None:
        """Where a library is, as a path that may be a link; None: it is not found."""
        if "/" in name:
            return name if self._fits(name, elf) else None
        for folder in folders:
            path = clean(name, folder or "/")
            if self._fits(path, elf):
                return path
        if self.is_musl(loader):
            later = self._musl_folders(loader)
        else:
            for path in self.cache.get(name, ()):
                if self._fits(path, elf):
                    return path
            later = _default_folders(elf)
        for folder in later:
            path = clean(name, folder)
            if self._fits(path, elf):
                return path
        return None

    @property
    def cache(self) -> dict[str, list[str]]:
        """What /etc/ld.so.cache says: name to paths."""
        if self._cached is None:
            try:
                data = self._image.read(CACHE, MAX_CACHE)
            except ImagePathError:
                data = b""
            self._cached = parse_cache(data)
        return self._cached

    def _musl_folders(self, loader: str) -> list[str]:
        architecture = basename(loader).removeprefix("ld-musl-").partition(".")[0]
        try:
            text = self._image.read(f"/etc/ld-musl-{architecture}.path", 1 << 16).decode("utf-8", "surrogateescape")
        except ImagePathError:
            return ["/lib", "/usr/local/lib", "/usr/lib"]
        return [folder for folder in text.replace("\n", ":").split(":") if folder]

    def _fits(self, path: str, elf: Elf) -> bool:
        entry = self._tree.resolve(path)
        if entry is None or not entry.is_file:
            return False
        found = self.elf(entry)
        return found is not None and found.machine == elf.machine


def parse_cache(data: bytes) -> dict[str, list[str]]:
    """Library name to paths, in the order of the file; nothing for what is no cache (dl-cache.h of glibc)."""
    start = data.find(_NEW_CACHE)
    if start < 0:
        return {}
    data = data[start:]
    found: dict[str, list[str]] = {}
    for order in "<>":
        try:
            count, _ = struct.unpack_from(order + "II", data, len(_NEW_CACHE))
        except struct.error:
            return {}
        if 48 + 24 * count <= len(data):
            break
    else:
        return {}
    for number in range(count):
        _, key, value = struct.unpack_from(order + "iII", data, 48 + 24 * number)
        name, path = _c_string(data, key), _c_string(data, value)
        if name and path:
            found.setdefault(name, []).append(path)
    return found


def _c_string(data: bytes, at: int) -> str:
    end = data.find(b"\0", at)
    return data[at:end].decode("utf-8", "surrogateescape") if 0 <= at < end else ""


def _expand(folders: tuple[str, ...], path: str, elf: Elf) -> list[str]:
    origin = parent_of(path)
    lib = "lib64" if elf.machine[0] == 2 else "lib"
    expanded = []
    for folder in folders:
        for name, value in (("ORIGIN", origin), ("LIB", lib)):
            folder = folder.replace("${" + name + "}", value).replace("$" + name, value)
        expanded.append(folder)
    return expanded


def _default_folders(elf: Elf) -> list[str]:
    triplet = _TRIPLETS.get((elf.machine[0], elf.machine[2]))
    folders = [f"/lib/{triplet}", f"/usr/lib/{triplet}"] if triplet is not None else []
    if elf.machine[0] == 2:
        folders += ["/lib64", "/usr/lib64"]
    return [*folders, "/lib", "/usr/lib"]
