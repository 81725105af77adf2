"""Layers as stored: plain, gzip or zstd; read in order, and later in pieces.

A gzip stream cannot be entered in its middle. While it is read the first time, the state of the decompressor (40 kB)
is put aside every few MB; later reads go on from the nearest one. Nothing is written to disk.
"""

from __future__ import annotations

import io
import zlib
from collections import OrderedDict
from copy import copy
from typing import IO, TYPE_CHECKING

from dflint.images.errors import ArchiveError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


INPUT = 1 << 16
OUTPUT = 1 << 17
STEP = 4 << 20
"""Bytes of output between two kept states, to begin with."""
MOST_STATES = 512
KEPT_BYTES = 32 << 20
"""How much decompressed data all blobs of an image keep for later reads."""
GZIP = 31
"""zlib's window bits for a gzip stream."""


class Region(NamedTuple):
    """A stretch of a file: offset and size in bytes."""

    start: int
    size: int


class State(NamedTuple):
    """Where decompression can go on: ``produced`` bytes are out, the next input is at ``consumed`` of the region."""

    produced: int
    consumed: int
    decompressor: object | None
    """None: a new stream starts here."""


def compression_of(head: bytes) -> str:
    """``gzip``, ``zstd`` or ``plain``, by the first bytes; also ``bzip2`` and ``xz``, which are not read."""
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and b"\x50" <= head[:1] <= b"\x5f"):
        return "zstd"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    return "plain"


Kept = OrderedDict[tuple[int, str, int], bytes]
"""Decompressed stretches by where their blob is and their number, the least recently used first."""


class Blob:
    """A stored blob, decompressed. ``where`` names it in errors."""

    def __init__(self, file: IO[bytes], region: Region, path: str, where: str) -> None:
        self.file = file
        self.region = region
        self.path = path
        self.where = where
        file.seek(region.start)
        self.compression = compression_of(file.read(min(10, region.size)))
        if self.compression not in ("plain", "gzip", "zstd"):
            raise self.error(f"layers compressed with {self.compression} are not read")
        self._states: list[State] = [State(0, 0, None)]
        self._step = STEP
        self._kept: Kept = OrderedDict()
        self._running: tuple[int, int, Iterator[bytes]] | None = None

    def over(self, file: IO[bytes], kept: Kept) -> Blob:
        """The same blob over another handle of the same file; what was learnt of it stays known.

        ``kept`` is the decompressed data that several blobs share room for.
        """
        other = copy(self)
        other.file = file
        other._kept = kept
        other._running = None
        return other

    def error(self, problem: str) -> ArchiveError:
        return ArchiveError(self.path, self.where, problem)

    def chunks(self, seen: object = None) -> Iterator[bytes]:
        """The whole content in order. ``seen`` gets the stored bytes by its ``update`` (a hash), if given."""
        if self.compression == "plain":
            yield from self._stored(0, seen)
        elif self.compression == "gzip":
            yield from self._gzip(self._states[0], seen, keep=True)
        else:
            yield from self._zstd(seen)

    def _stored(self, start: int, seen: object = None, size: int = OUTPUT) -> Iterator[bytes]:
        at, end = self.region.start + start, self.region.start + self.region.size
        update = getattr(seen, "update", None)
        while at < end:
            self.file.seek(at)
            data = self.file.read(min(size, end - at))
            if not data:
                raise self.error("the archive is cut off")
            at += len(data)
            if update is not None:
                update(data)
            yield data

    def _gzip(self, state: State, seen: object = None, keep: bool = False) -> Iterator[bytes]:
        produced, consumed = state.produced, state.consumed
        decompressor = state.decompressor.copy() if state.decompressor is not None else zlib.decompressobj(GZIP)  # type: ignore[attr-defined]
        is_new = state.decompressor is None
        try:
            for data in self._stored(consumed, seen, INPUT):
                consumed += len(data)
                while data:
                    if is_new and produced and not data.strip(b"\0"):
                        break  # padding after the last member
                    output = decompressor.decompress(data, OUTPUT)
                    is_new = False
                    data = decompressor.unconsumed_tail
                    produced += len(output)
                    if output:
                        yield output
                    if decompressor.eof:
                        data = decompressor.unused_data
                        decompressor, is_new = zlib.decompressobj(GZIP), True
                    if keep and produced - self._states[-1].produced >= self._step and (is_new or not data):
                        kept = None if is_new else decompressor.copy()
                        self._keep(State(produced, consumed - len(data), kept))
        except zlib.error as problem:
            raise self.error(f"damaged gzip data: {problem}") from None
        if not is_new:
            raise self.error("the gzip data is cut off")

    def _keep(self, state: State) -> None:
        self._states.append(state)
        if len(self._states) > MOST_STATES:
            self._states = self._states[::2]
            self._step *= 2

    def _zstd(self, seen: object = None) -> Iterator[bytes]:
        reader = _zstd_reader(self, _RegionFile(self._stored(0, seen, INPUT)))
        while True:
            try:
                output = reader.read(OUTPUT)
            except ArchiveError:
                raise
            except Exception as problem:  # each of the libraries has exception classes of its own
                raise self.error(f"damaged zstd data: {problem}") from None
            if not output:
                return
            yield output

    # Pieces

    def read(self, offset: int, size: int) -> bytes:
        """``size`` bytes of the content from ``offset`` on, which must be there. ``chunks`` has been read before."""
        if self.compression == "plain":
            self.file.seek(self.region.start + offset)
            return self.file.read(size)
        parts = []
        while size > 0:
            start, block = self._block(offset)
            part = block[offset - start : offset - start + size]
            if not part:
                raise self.error("the archive changed while it was read")
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return b"".join(parts)

    def _block(self, offset: int) -> tuple[int, bytes]:
        """A decompressed stretch that has ``offset``, and its start."""
        from bisect import bisect_right

        if self.compression == "zstd":
            index, start = offset // STEP, offset // STEP * STEP
        else:
            index = bisect_right(self._states, offset, key=lambda state: state.produced) - 1
            start = self._states[index].produced
        key = self.region.start, self.path, index
        block = self._kept.get(key)
        if block is None:
            block = self._zstd_block(index) if self.compression == "zstd" else self._gzip_block(index)
            self._kept[key] = block
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > KEPT_BYTES:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return start, block

    def _gzip_block(self, index: int) -> bytes:
        state = self._states[index]
        end = self._states[index + 1].produced - state.produced if index + 1 < len(self._states) else None
        parts, size = [], 0
        for chunk in self._gzip(state):
            parts.append(chunk)
            size += len(chunk)
            if end is not None and size >= end:
                break
        return b"".join(parts)[:end]

    def _zstd_block(self, index: int) -> bytes:
        """Reads on from where it stopped, or from the start: the libraries cannot copy a decompressor's state."""
        if self._running is None or self._running[0] > index:
            self._running = (0, 0, _blocks(self._zstd()))
        at, _, blocks = self._running
        block = b""
        while at <= index:
            block = next(blocks, b"")
            at += 1
        self._running = (at, 0, blocks)
        return block


def _blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) >= STEP:
            yield bytes(pending[:STEP])
            del pending[:STEP]
    if pending:
        yield bytes(pending)


class _RegionFile(io.RawIOBase):
    """The stored bytes as a file to read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _zstd_reader(blob: Blob, file: io.RawIOBase) -> IO[bytes]:
    """A reader of the standard library (Python 3.14), backports.zstd or zstandard; ArchiveError if none is there."""
    from importlib import import_module

    reader: IO[bytes]
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            module = import_module(name)
        except ImportError:
            continue
        if name == "zstandard":
            reader = module.ZstdDecompressor().stream_reader(file, read_size=INPUT, read_across_frames=True)
        else:
            reader = module.open(file)
        return reader
    raise blob.error("layers compressed with zstd need Python 3.14, or the package backports.zstd or zstandard")
