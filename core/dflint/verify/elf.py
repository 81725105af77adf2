"""What an ELF file needs to be started or loaded, read from its headers (System V ABI, gABI chapters 4 and 5).

Only the dynamic section is looked at: no sections, no code. What a program opens itself with ``dlopen`` is not in it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 1, 5, 10, 14, 15, 29
_DT_VERDEF, _DT_VERDEFNUM, _DT_VERNEED, _DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_ET_EXEC, _ET_DYN = 2, 3
LOOKUPS = frozenset((
    "getservbyname", "getservbyname_r", "getservbyport", "getservbyport_r", "getservent", "getservent_r",
    "getprotobyname", "getprotobyname_r", "getprotobynumber", "getprotobynumber_r", "getprotoent", "getprotoent_r",
    "getaddrinfo", "getnameinfo",
))  # fmt: skip
"""What reads ``/etc/services`` and ``/etc/protocols`` (POSIX netdb.h)."""
MAX_TABLE = 16 << 20
MAX_ENTRIES = 20_000


class ElfError(Exception):
    """Not an ELF file, or one whose headers make no sense."""


class Elf(NamedTuple):
    """The dynamic needs of a program or library."""

    machine: tuple[int, int, int]
    """Class (1: 32 bits, 2: 64), byte order (1: little) and machine: equal for files that work together."""
    kind: int
    """2: a program at a fixed place, 3: a library or a program at any place."""
    interpreter: str
    """The loader that the kernel starts (``/lib64/ld-linux-x86-64.so.2``), empty for libraries and static programs."""
    needed: tuple[str, ...]
    soname: str
    rpath: tuple[str, ...]
    runpath: tuple[str, ...]
    required_versions: tuple[tuple[str, str], ...]
    """Library and symbol version: ``("libc.so.6", "GLIBC_2.34")``."""
    defined_versions: tuple[str, ...]
    lookups: frozenset[str] = frozenset()
    """Functions of the C library that look names up in files of the system, of those in ``LOOKUPS``."""

    @property
    def is_dynamic(self) -> bool:
        """Whether a loader has work with it."""
        return bool(self.interpreter or self.needed)


def read_elf(read: Callable[[int, int], bytes]) -> Elf:
    """Read a file's needs; ``read(start, size)`` gives its bytes, fewer at its end.

    ElfError for what is no ELF file or cannot be followed.
    """
    try:
        return _Reader(read).elf()
    except (struct.error, IndexError, ValueError, OverflowError) as problem:
        raise ElfError(f"malformed: {problem}") from None


class _Reader:
    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self.read = read
        head = read(0, 64)
        if head[:4] != b"\x7fELF" or len(head) < 52 or head[4] not in (1, 2) or head[5] not in (1, 2):
            raise ElfError("not an ELF file")
        self.is_64 = head[4] == 2
        self.order = "<" if head[5] == 1 else ">"
        self.kind, machine = struct.unpack_from(self.order + "HH", head, 16)
        self.machine = head[4], head[5], machine
        if self.is_64:
            offset, size, count = *struct.unpack_from(self.order + "Q", head, 32), *self.half(head, 54)
        else:
            offset, size, count = *struct.unpack_from(self.order + "I", head, 28), *self.half(head, 42)
        self.segments = [self.segment(read(offset + number * size, size)) for number in range(min(count, 512))]

    def half(self, data: bytes, at: int) -> tuple[int, int]:
        size, count = struct.unpack_from(self.order + "HH", data, at)
        return size, count

    def segment(self, data: bytes) -> tuple[int, int, int, int]:
        """Type, offset, address and size in the file."""
        if self.is_64:
            kind, _, offset, address, _, size = struct.unpack_from(self.order + "IIQQQQ", data)
        else:
            kind, offset, address, _, size = struct.unpack_from(self.order + "IIIII", data)
        return kind, offset, address, size

    def elf(self) -> Elf:
        interpreter = ""
        values: dict[int, list[int]] = {}
        for kind, offset, _, size in self.segments:
            if kind == _PT_INTERP:
                interpreter = self.read(offset, min(size, 4096)).partition(b"\0")[0].decode("utf-8", "surrogateescape")
            elif kind == _PT_DYNAMIC:
                values = self.dynamic(self.read(offset, min(size, MAX_TABLE)))
        strings = self.table(values, _DT_STRTAB, values.get(_DT_STRSZ, [0])[0])
        needed = tuple(_string(strings, at) for at in values.get(_DT_NEEDED, ()))
        return Elf(
            self.machine,
            self.kind,
            interpreter,
            needed,
            _string(strings, values[_DT_SONAME][0]) if _DT_SONAME in values else "",
            _paths(strings, values.get(_DT_RPATH)),
            _paths(strings, values.get(_DT_RUNPATH)),
            tuple(self.required(values, strings)),
            tuple(self.defined(values, strings)),
            frozenset(name for name in LOOKUPS if b"\0" + name.encode() + b"\0" in strings),
        )

    def dynamic(self, data: bytes) -> dict[int, list[int]]:
        values: dict[int, list[int]] = {}
        entry = struct.Struct(self.order + ("qQ" if self.is_64 else "iI"))
        for at in range(0, min(len(data) - entry.size + 1, MAX_ENTRIES * entry.size), entry.size):
            tag, value = entry.unpack_from(data, at)
            if tag == 0:
                break
            values.setdefault(tag, []).append(value)
        return values

    def place(self, address: int) -> int:
        """Where in the file an address is."""
        for kind, offset, start, size in self.segments:
            if kind == _PT_LOAD and start <= address < start + size:
                return offset + address - start
        raise ValueError(f"address {address:#x} is in no segment")

    def table(self, values: dict[int, list[int]], tag: int, size: int) -> bytes:
        if tag not in values:
            return b""
        return self.read(self.place(values[tag][0]), min(size, MAX_TABLE))

    def required(self, values: dict[int, list[int]], strings: bytes) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if _DT_VERNEED not in values:
            return found
        at = self.place(values[_DT_VERNEED][0])
        for _ in range(min(values.get(_DT_VERNEEDNUM, [0])[0], MAX_ENTRIES)):
            _, count, file, first, following = struct.unpack(self.order + "HHIII", self.read(at, 16))
            inner = at + first
            for _ in range(min(count, MAX_ENTRIES)):
                _, _, _, name, after = struct.unpack(self.order + "IHHII", self.read(inner, 16))
                found.append((_string(strings, file), _string(strings, name)))
                if not after or len(found) > MAX_ENTRIES:
                    break
                inner += after
            if not following or len(found) > MAX_ENTRIES:
                break
            at += following
        return found

    def defined(self, values: dict[int, list[int]], strings: bytes) -> list[str]:
        found: list[str] = []
        if _DT_VERDEF not in values:
            return found
        at = self.place(values[_DT_VERDEF][0])
        for _ in range(min(values.get(_DT_VERDEFNUM, [0])[0], MAX_ENTRIES)):
            _, _, _, _, _, first, following = struct.unpack(self.order + "HHHHIII", self.read(at, 20))
            name, _ = struct.unpack(self.order + "II", self.read(at + first, 8))
            found.append(_string(strings, name))
            if not following:
                break
            at += following
        return found


def _string(strings: bytes, at: int) -> str:
    if at >= len(strings):
        raise ValueError("a name lies outside of the string table")
    return strings[at : strings.index(b"\0", at)].decode("utf-8", "surrogateescape")


def _paths(strings: bytes, places: list[int] | None) -> tuple[str, ...]:
    if not places:
        return ()
    return tuple(path for path in _string(strings, places[0]).split(":") if path)
