"""Reading one layer: what it holds, with every file's hash, in one pass."""

from __future__ import annotations

import hashlib
from posixpath import normpath
from typing import TYPE_CHECKING, cast

from dflint.images.entry import Entry, EntryType
from dflint.images.errors import ArchiveError
from dflint.images.tar import members
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images.compression import Blob
    from dflint.images.limits import Limits
    from dflint.images.tar import Member

HEAD = 20
_ZEROS = bytes(1 << 16)


class LayerContent(NamedTuple):
    """What is in a layer. ``entries`` are in order; a hard link is an entry of the type ``link`` (in ``links``)."""

    entries: list[Entry]
    links: dict[int, str]
    """Index in ``entries`` to the absolute path of the file that this name is a hard link to."""
    size: int
    """Uncompressed, in bytes."""
    diff_id: str
    """``sha256:...`` of the uncompressed layer."""
    digest: str
    """``sha256:...`` of the layer as stored."""


def read_layer(blob: Blob, limits: Limits, layer: int) -> LayerContent:
    """Read a layer to its end; memory for its content stays at a few MB."""
    stored = hashlib.sha256()
    stream = _LayerStream(blob.chunks(stored), blob, limits)
    entries: list[Entry] = []
    links: dict[int, str] = {}
    for member in members(stream, blob.path, f"{blob.where}: ", limits):
        path = absolute(member.name)
        if path is None:
            raise ArchiveError(blob.path, f"{blob.where}: {member.name}", "the path leads out of the image")
        if len(entries) >= limits.entries:
            raise blob.error(f"more than {limits.entries} members")
        head, digest = _content(stream, member) if member.type == "file" else (b"", b"")
        if member.type == "link":
            target = absolute(member.target)
            if target is None:
                raise ArchiveError(blob.path, f"{blob.where}: {member.name}", "a hard link leads out of the image")
            links[len(entries)] = target
        entries.append(_entry(member, path, layer, head, digest))
    stream.finish()
    return LayerContent(
        entries, links, stream.position, f"sha256:{stream.hash.hexdigest()}", f"sha256:{stored.hexdigest()}"
    )


def absolute(name: str) -> str | None:
    """A member's name as an absolute, clean path; None if ``..`` leads above the root."""
    if "//" not in name and "/." not in name and name[:1] not in (".", "/"):
        return "/" + name.rstrip("/")
    path = normpath(name.lstrip("/") or ".")
    if path == ".." or path.startswith("../"):
        return None
    return "/" if path == "." else "/" + path


def _entry(member: Member, path: str, layer: int, head: bytes, digest: bytes) -> Entry:
    kind = "file" if member.type == "link" else member.type
    is_file = member.type == "file"
    return Entry(
        path, cast("EntryType", kind), member.mode, member.uid, member.gid, member.size if is_file else 0, member.mtime,
        digest, member.target if kind == "symlink" else "", member.xattrs, member.device, 0, layer, head,
        member.offset, member.segments,
    )  # fmt: skip


def _content(stream: _LayerStream, member: Member) -> tuple[bytes, bytes]:
    """The first bytes of a file and its hash."""
    if member.segments is None:
        return stream.digest(member.stored)
    hasher = hashlib.sha256()
    head = b""
    at = 0
    stream.count(member.size)
    for offset, length in (*member.segments, (member.size, 0)):
        for part in _hole(offset - at):
            hasher.update(part)
            head = head or part[:HEAD]
        while length:
            part = stream.read(min(length, 1 << 20))
            if not part:
                raise stream.cut_off()
            hasher.update(part)
            head = (head + part[:HEAD])[:HEAD]
            length -= len(part)
            offset += len(part)
        at = offset
    return head, hasher.digest()


def _hole(size: int) -> Iterator[bytes]:
    while size > 0:
        part = _ZEROS[:size] if size < len(_ZEROS) else _ZEROS
        yield part
        size -= len(part)


class _LayerStream:
    """The uncompressed layer in order, hashed as it passes."""

    def __init__(self, chunks: Iterator[bytes], blob: Blob, limits: Limits) -> None:
        self._chunks = chunks
        self._blob = blob
        self._limits = limits
        self._data = b""
        self._at = 0
        self._seen = 0
        self.position = 0
        self.hash = hashlib.sha256()

    def read(self, size: int) -> bytes:
        at = self._at
        end = at + size
        if end <= len(self._data):
            self._at = end
            self.position += size
            return self._data[at:end]
        parts = []
        missing = size
        while missing:
            if self._at >= len(self._data) and not self._fill():
                break
            part = self._data[self._at : self._at + missing]
            self._at += len(part)
            missing -= len(part)
            parts.append(part)
        self.position += size - missing
        return b"".join(parts)

    def skip(self, size: int) -> None:
        while size:
            available = len(self._data) - self._at
            if not available:
                if not self._fill():
                    raise EOFError
                continue
            taken = min(available, size)
            self._at += taken
            self.position += taken
            size -= taken

    def digest(self, size: int) -> tuple[bytes, bytes]:
        """Pass over a file's content and give its first bytes and its SHA-256."""
        at = self._at
        end = at + size
        if end <= len(self._data):
            data = self._data[at:end]
            self._at = end
            self.position += size
            return data[:HEAD], hashlib.sha256(data).digest()
        hasher = hashlib.sha256()
        head = b""
        while size:
            if self._at >= len(self._data) and not self._fill():
                raise self.cut_off()
            part = memoryview(self._data)[self._at : self._at + size]
            if len(head) < HEAD:
                head += bytes(part[: HEAD - len(head)])
            hasher.update(part)
            self._at += len(part)
            self.position += len(part)
            size -= len(part)
        return head, hasher.digest()

    def finish(self) -> None:
        """Read what is behind the last member, so that the hash is that of all."""
        self.position += len(self._data) - self._at
        while self._fill():
            self.position += len(self._data)

    def count(self, size: int) -> None:
        """Count the apparent size of a sparse file, which costs time even where nothing is stored."""
        self._seen += size
        if self._seen > self._limits.layer:
            raise self._blob.error(f"a layer of more than {self._limits.layer} bytes")

    def cut_off(self) -> ArchiveError:
        return self._blob.error("the layer is cut off")

    def _fill(self) -> bool:
        self._data = next(self._chunks, b"")
        self._at = 0
        self.count(len(self._data))
        self.hash.update(self._data)
        return bool(self._data)
