"""Members of a tar archive, from a stream.

ustar, GNU (long names, base-256 numbers, sparse files) and pax (long names, extended attributes, sparse files 0.0, 0.1
and 1.0). Global pax headers are passed over, as Go's archive/tar does for all engines. Names that are not UTF-8 keep
their bytes as lone surrogates (``surrogateescape``).

Why not ``tarfile``: it takes several times as long for an archive of many small files, keeps all members, and offers
no way to hash a file while it passes by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.images.errors import ArchiveError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from dflint.images.limits import Limits

    class ByteStream(Protocol):
        """Where members come from; ``position`` counts the bytes taken."""

        position: int

        def read(self, size: int) -> bytes:
            """Exactly ``size`` bytes, fewer only at the end."""

        def skip(self, size: int) -> None:
            """Pass over ``size`` bytes; EOFError if there are fewer."""


BLOCK = 512
_ZEROS = bytes(BLOCK)
_TYPES = {
    0x30: "file", 0x00: "file", 0x37: "file", 0x53: "file", 0x31: "link", 0x32: "symlink", 0x33: "char", 0x34: "block",
    0x35: "dir", 0x36: "fifo",
}  # fmt: skip
_GLOBAL, _EXTENDED, _SOLARIS_EXTENDED, _LONG_NAME, _LONG_LINK, _SPARSE = b"gxXLKS"
_VOLUME_LABEL = 0x56

Segments = tuple[tuple[int, int], ...]
"""Of a sparse file: offset and length of each stretch of data."""


class Member(NamedTuple):
    """One member. Its content is the next ``stored`` bytes of the stream, and lies at ``offset`` of it."""

    name: str
    """As written."""
    type: str
    """file, link (a hard link), symlink, char, block, dir or fifo."""
    mode: int
    uid: int
    gid: int
    size: int
    """Of the file; the size in the archive, but for sparse files."""
    mtime: int
    target: str
    """Of links."""
    device: tuple[int, int] | None
    xattrs: tuple[tuple[str, bytes], ...]
    offset: int
    stored: int
    segments: Segments | None
    """None unless the file is sparse."""


def members(stream: ByteStream, path: str, where: str, limits: Limits) -> Iterator[Member]:
    """The members in order. Take (or leave) a member's content from the stream before asking for the next one.

    ``path`` and ``where`` (in it) are for errors: ArchiveError for what is no tar archive, is
    cut off or exceeds limits.
    """
    reader = _Reader(stream, path, where, limits)
    while True:
        member = reader.next()
        if member is None:
            return
        end = member.offset + member.stored
        yield member
        end += -member.stored % BLOCK
        try:
            stream.skip(end - stream.position)
        except EOFError:
            raise ArchiveError(path, f"{where}{member.name}", "the archive is cut off") from None


class _Reader:
    def __init__(self, stream: ByteStream, path: str, where: str, limits: Limits) -> None:
        self.stream = stream
        self.path = path
        self.where = where
        self.limits = limits
        self.last = ""

    def error(self, problem: str) -> ArchiveError:
        after = f"after {self.last}" if self.last else "at its start"
        return ArchiveError(self.path, self.where.rstrip(":/"), f"{problem} ({after})")

    def next(self) -> Member | None:
        extended: dict[bytes, bytes] = {}
        sparse_pairs: list[int] = []
        long_name = long_link = None
        while True:
            header = self.stream.read(BLOCK)
            if not header or header == _ZEROS:
                return None
            if len(header) < BLOCK:
                raise self.error("the archive is cut off")
            self.check(header)
            kind = header[156]
            if kind in (_EXTENDED, _SOLARIS_EXTENDED):
                extended, sparse_pairs = self.extended(self.payload(header))
            elif kind == _LONG_NAME:
                long_name = self.payload(header).partition(b"\0")[0]
            elif kind == _LONG_LINK:
                long_link = self.payload(header).partition(b"\0")[0]
            elif kind == _GLOBAL:
                self.payload(header)
            elif kind == _VOLUME_LABEL:
                continue
            else:
                return self.member(header, extended, sparse_pairs, long_name, long_link)

    def check(self, header: bytes) -> None:
        total = sum(header) - sum(header[148:156]) + 256
        try:
            stated = int(header[148:156].strip(b" \0") or b"0", 8)
        except ValueError:
            stated = -1
        if stated != total:
            raise self.error("not a tar archive, or damaged: a header's checksum is wrong")

    def payload(self, header: bytes) -> bytes:
        size = self.number(header[124:136])
        if size > self.limits.header:
            raise self.error(f"an extended header of {size} bytes")
        padded = size + -size % BLOCK
        data = self.stream.read(padded)
        if len(data) < padded:
            raise self.error("the archive is cut off")
        return data[:size]

    def number(self, field: bytes) -> int:
        if field[0] & 0x80:
            value = int.from_bytes(field, "big") & ((1 << (8 * len(field) - 1)) - 1)
            return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
        try:
            return int(field.replace(b"\0", b" ").split(None, 1)[0], 8)
        except IndexError:
            return 0
        except ValueError:
            raise self.error("a header's number is malformed") from None

    def extended(self, data: bytes) -> tuple[dict[bytes, bytes], list[int]]:
        records: dict[bytes, bytes] = {}
        pairs: list[int] = []
        at = 0
        while at < len(data):
            space = data.find(b" ", at, at + 12)
            try:
                length = int(data[at:space])
            except ValueError:
                length = 0
            end = at + length
            key, equals, value = data[space + 1 : end - 1].partition(b"=")
            if space < 0 or length < 5 or end > len(data) or data[end - 1 : end] != b"\n" or not equals:
                raise self.error("an extended header is malformed")
            if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
                pairs.append(self.decimal(value))
            else:
                records[key] = value
            at = end
        return records, pairs

    def decimal(self, value: bytes) -> int:
        try:
            return int(value)
        except ValueError:
            raise self.error("an extended header's number is malformed") from None

    def member(
        self, header: bytes, extended: dict[bytes, bytes], pairs: list[int], long_name: bytes | None,
        long_link: bytes | None,
    ) -> Member:  # fmt: skip
        name = long_name if long_name is not None else header[:100].partition(b"\0")[0]
        target = long_link if long_link is not None else header[157:257].partition(b"\0")[0]
        if long_name is None and header[257:263] == b"ustar\0" and header[345]:
            name = header[345:500].partition(b"\0")[0] + b"/" + name
        kind = header[156]
        number = self.number
        mode, uid, gid = number(header[100:108]), number(header[108:116]), number(header[116:124])
        stored, mtime = number(header[124:136]), number(header[136:148])
        xattrs: tuple[tuple[str, bytes], ...] = ()
        segments: Segments | None = None
        if extended:
            name = extended.get(b"path", name)
            target = extended.get(b"linkpath", target)
            stored = self.decimal(extended[b"size"]) if b"size" in extended else stored
            uid = self.decimal(extended[b"uid"]) if b"uid" in extended else uid
            gid = self.decimal(extended[b"gid"]) if b"gid" in extended else gid
            if b"mtime" in extended:
                mtime = self.decimal(extended[b"mtime"].partition(b".")[0])
            name = extended.get(b"GNU.sparse.name", name)
            xattrs = _xattrs(extended)
        self.last = name.decode("utf-8", "surrogateescape")
        if len(name) > self.limits.name or len(target) > self.limits.name:
            raise self.error(f"a path of {max(len(name), len(target))} bytes")
        if stored < 0 or stored > self.limits.layer:
            raise self.error(f"a file of {stored} bytes")
        type_ = _TYPES.get(kind)
        if type_ is None:
            raise self.error(f"a member of unknown type {bytes([kind])!r}")
        if type_ == "file":
            if kind in (0x00, 0x30) and name.endswith(b"/"):
                type_ = "dir"
        else:
            stored = 0  # links may state the size of what they point to; no content follows
        size = stored
        if kind == _SPARSE:
            segments, size = self.old_sparse(header)
        elif pairs or any(key.startswith(b"GNU.sparse.") for key in extended):
            segments, size, taken = self.pax_sparse(extended, pairs, stored)
            stored -= taken
        if segments is not None and not self.fits(segments, stored, size):
            raise self.error("a sparse file's map does not fit")
        device = None
        if type_ == "char" or type_ == "block":
            device = number(header[329:337]), number(header[337:345])
        return Member(
            self.last, type_, mode & 0o7777, uid, gid, size, mtime, target.decode("utf-8", "surrogateescape"), device,
            xattrs, self.stream.position, stored, segments,
        )  # fmt: skip

    def fits(self, segments: Segments, stored: int, size: int) -> bool:
        end = sum(segments[-1]) if segments else 0
        return sum(length for _, length in segments) == stored and end <= size <= self.limits.layer

    def old_sparse(self, header: bytes) -> tuple[Segments, int]:
        numbers = [header[at : at + 12] for at in range(386, 386 + 4 * 24, 12)]
        more = header[482]
        while more:
            block = self.stream.read(BLOCK)
            if len(block) < BLOCK:
                raise self.error("the archive is cut off")
            numbers += [block[at : at + 12] for at in range(0, 21 * 24, 12)]
            if len(numbers) * 12 > self.limits.header:
                raise self.error("a sparse file's map is too long")
            more = block[504]
        values = [self.number(field) for field in numbers if field[0]]
        return self.segments(values), self.number(header[483:495])

    def pax_sparse(self, extended: dict[bytes, bytes], pairs: list[int], stored: int) -> tuple[Segments, int, int]:
        size = self.decimal(extended.get(b"GNU.sparse.realsize", extended.get(b"GNU.sparse.size", b"%d" % stored)))
        if extended.get(b"GNU.sparse.major") == b"1":
            values, taken = self.sparse_map(stored)
            return self.segments(values), size, taken
        if b"GNU.sparse.map" in extended:
            pairs = [self.decimal(value) for value in extended[b"GNU.sparse.map"].split(b",") if value]
        return self.segments(pairs), size, 0

    def sparse_map(self, stored: int) -> tuple[list[int], int]:
        data = b""
        wanted = None
        while True:
            lines = data.split(b"\n")[:-1]
            if wanted is None and lines:
                wanted = 1 + 2 * self.decimal(lines[0])
            if wanted is not None and len(lines) >= wanted:
                return [self.decimal(line) for line in lines[1:wanted]], len(data)
            block = self.stream.read(BLOCK) if len(data) < min(stored, self.limits.header) else b""
            if len(block) < BLOCK:
                raise self.error("a sparse file's map is cut off or too long")
            data += block

    def segments(self, values: list[int]) -> Segments:
        segments = tuple(zip(values[::2], values[1::2], strict=False))
        end = 0
        for offset, length in segments:
            if offset < end or length < 0:
                raise self.error("a sparse file's map is malformed")
            end = offset + length
        return tuple(segment for segment in segments if segment[1])


def _xattrs(extended: dict[bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    found: dict[str, bytes] = {}
    for key, value in extended.items():
        if key.startswith(b"LIBARCHIVE.xattr."):
            from base64 import b64decode

            name = key[17:].decode("utf-8", "surrogateescape")
            try:
                found.setdefault(name, b64decode(value + b"=" * (-len(value) % 4)))
            except ValueError:
                found.setdefault(name, value)
        elif key.startswith(b"SCHILY.xattr."):
            found[key[13:].decode("utf-8", "surrogateescape")] = value
    return tuple(sorted(found.items()))
