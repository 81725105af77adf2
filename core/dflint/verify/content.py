"""Whether two files say the same although their bytes differ: timestamps in them, and the line that names a script's
interpreter."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from dflint.images import ImagePathError

if TYPE_CHECKING:
    from dflint.images import Entry, Image

MAX_FILE = 192 << 20
MAX_UNPACKED = 1 << 30
MAX_MEMBERS = 200_000
_PIECE = 1 << 20


def differs_in_timestamps_only(first: Image, one: Entry, second: Image, other: Entry) -> bool:
    """Whether two files of the same kind (.pyc, zip and jar, gzip) are equal but for times written in them."""
    if max(one.size, other.size) > MAX_FILE or one.head[:2] != other.head[:2]:
        return False
    try:
        if one.path.endswith(".pyc"):
            return _same_bytecode(first, one, second, other)
        if one.head.startswith(b"PK\x03\x04"):
            return _zip_content(first.read_entry(one, MAX_FILE)) == _zip_content(second.read_entry(other, MAX_FILE))
        if one.head.startswith(b"\x1f\x8b"):
            return _gzip_content(first.read_entry(one, MAX_FILE)) == _gzip_content(second.read_entry(other, MAX_FILE))
    except (
        ImagePathError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        KeyError,
    ):
        return False
    return False


def _same_bytecode(first: Image, one: Entry, second: Image, other: Entry) -> bool:
    """Time-checked byte code: magic number, flags, time and size of the source, code (PEP 552)."""
    if one.size != other.size or one.head[:8] != other.head[:8] or int.from_bytes(one.head[4:8], "little") & 1:
        return False
    return first.read_range(one, 16, one.size) == second.read_range(other, 16, other.size)


def is_stale_bytecode(image: Image, entry: Entry) -> bool:
    """Whether Python passes over a ``__pycache__`` file because it was not made from the source beside it as it is."""
    source = image.filesystem.resolve(source_of(entry.path) or "")
    if source is None or int.from_bytes(entry.head[4:8], "little"):
        return False
    time, size = int.from_bytes(entry.head[8:12], "little"), int.from_bytes(entry.head[12:16], "little")
    return (source.mtime & 0xFFFFFFFF, source.size & 0xFFFFFFFF) != (time, size)


def source_of(path: str) -> str | None:
    """``/a/x.py`` for ``/a/__pycache__/x.cpython-311.pyc``; None for what is no such file."""
    folder, separator, name = path.rpartition("/__pycache__/")
    if not separator or not name.endswith((".pyc", ".pyo")) or "/" in name:
        return None
    return f"{folder}/{name.partition('.')[0]}.py"


def _zip_content(data: bytes) -> dict[str, tuple[bytes, int]]:
    """Names with the hash of what is in them, and their permissions."""
    found: dict[str, tuple[bytes, int]] = {}
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise ValueError("too many members")
        for member in members:
            total += member.file_size
            if total > MAX_UNPACKED or member.filename in found:
                raise ValueError("too large, or a name twice")
            hasher = hashlib.sha256()
            size = 0
            with archive.open(member) as file:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    if size > member.file_size:
                        raise ValueError("larger than stated")
                    hasher.update(_without_dates(piece) if member.filename.endswith("/pom.properties") else piece)
            found[member.filename] = hasher.digest(), member.external_attr >> 16
    return found


def _without_dates(text: bytes) -> bytes:
    """A properties file without the comment that says when it was written."""
    return b"\n".join(line for line in text.splitlines() if not line.startswith(b"#"))


def _gzip_content(data: bytes) -> tuple[bytes, int]:
    """Hash and size of what is compressed, all members together."""
    hasher = hashlib.sha256()
    size = 0
    while data:
        unpacker = zlib.decompressobj(31)
        while data and not unpacker.eof:
            piece = unpacker.decompress(data, _PIECE)
            data = unpacker.unconsumed_tail
            hasher.update(piece)
            size += len(piece)
            if size > MAX_UNPACKED:
                raise ValueError("too large")
        if not unpacker.eof:
            raise ValueError("cut off")
        data = unpacker.unused_data.lstrip(b"\0")
    return hasher.digest(), size


def same_but_for_interpreter(first: Image, one: Entry, second: Image, other: Entry) -> bool:
    """Whether two scripts are equal but for the line ``#!...``."""
    if not (one.is_script and other.is_script) or max(one.size, other.size) > 1 << 20:
        return False
    rest = first.read_entry(one).partition(b"\n")[2]
    return rest == second.read_entry(other).partition(b"\n")[2]
