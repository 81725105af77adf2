"""Images: configuration, layers, file system and content, read from archives."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import IO, TYPE_CHECKING

from dflint.images.archive import ArchiveFile, StoredImage, StoredLayer
from dflint.images.compression import Blob, Kept, Region
from dflint.images.configuration import History, ImageConfiguration
from dflint.images.errors import ArchiveError, ImagePathError
from dflint.images.file_tree import FileTree
from dflint.images.layer import LayerContent, read_layer
from dflint.images.limits import DEFAULT_LIMITS, Limits
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from dflint.images.entry import Entry


class Layer(NamedTuple):
    """One layer of an image."""

    digest: str
    """``sha256:...`` of the layer as stored in the archive."""
    diff_id: str
    """``sha256:...`` of the layer uncompressed."""
    compressed_size: int
    """Bytes in the archive; the same as ``size`` if it is stored plain."""
    size: int
    """Bytes uncompressed, as a tar archive."""
    history: History | None


class Image:
    """An image that has been read. It keeps the archive open for ``read``: close it, or use it with ``with``."""

    def __init__(
        self, path: str, configuration: ImageConfiguration, layers: tuple[Layer, ...], filesystem: FileTree,
        blobs: tuple[Blob, ...], limits: Limits, names: tuple[str, ...] = (), image_id: str = "",
    ) -> None:  # fmt: skip
        self.path = path
        """Of the archive."""
        self.config = configuration
        self.layers = layers
        self.filesystem = filesystem
        self.names = names
        """What it is tagged as in the archive."""
        self.image_id = image_id
        """``sha256:...`` of the configuration's document; empty for a plain root file system."""
        self._blobs = blobs
        self._limits = limits
        self._lock = Lock()
        """Of the open archive: several threads may read."""

    @property
    def size(self) -> int:
        """Bytes of the files, each once: what a copy of the flattened file system takes."""
        total = 0
        seen: set[int] = set()
        for entry in self.filesystem.entries():
            if entry.links == 0 or entry.links not in seen:
                total += entry.size
                seen.add(entry.links)
        return total

    def read(self, path: str, limit: int | None = None) -> bytes:
        """A file's content, links followed.

        ImagePathError if there is no file, or one of more than ``limit`` bytes (by default that of the limits).
        """
        return self.read_entry(self.filesystem.file(path), limit)

    def read_entry(self, entry: Entry, limit: int | None = None) -> bytes:
        """As ``read``, of an entry of this image's file system."""
        most = self._limits.file if limit is None else limit
        if entry.type != "file":
            raise ImagePathError(entry.path, f"a {entry.type}, not a file")
        if entry.size > most:
            raise ImagePathError(entry.path, f"has {entry.size} bytes, at most {most} are read")
        return self.read_range(entry, 0, entry.size)

    def read_range(self, entry: Entry, start: int, size: int) -> bytes:
        """Up to ``size`` bytes of a file from ``start`` on; fewer where the file ends."""
        size = max(0, min(size, entry.size - start))
        with self._lock:
            return self._content(self._blobs[entry.layer], entry, start, size)

    @staticmethod
    def _content(blob: Blob, entry: Entry, start: int, size: int) -> bytes:
        if entry.segments is None:
            return blob.read(entry.offset + start, size) if size else b""
        content = bytearray(size)
        at = entry.offset
        for offset, length in entry.segments:
            first, last = max(offset, start), min(offset + length, start + size)
            if first < last:
                content[first - start : last - start] = blob.read(at + first - offset, last - first)
            at += length
        return bytes(content)

    def close(self) -> None:
        """Close the archive; ``read`` no longer works, all else does."""
        for blob in self._blobs:
            blob.file.close()

    def __enter__(self) -> Image:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Image({self.path!r}, {len(self.layers)} layers, {len(self.filesystem)} paths)"


def read_archive(path: str, platform: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Image:
    """The image in an archive file.

    ArchiveError if the file is no archive, is damaged, or holds several images and ``platform`` (``linux/arm64``) does
    not say which.
    """
    return read_archives([path], platform, limits)[0]


def read_archives(paths: Sequence[str], platform: str | None = None, limits: Limits = DEFAULT_LIMITS) -> list[Image]:
    """The images in archive files, read side by side; layers that several of them have are read once."""
    return LayerReader(platform, limits).read(*paths)


def read_configuration(path: str, platform: str | None = None, limits: Limits = DEFAULT_LIMITS) -> ImageConfiguration:
    """The configuration of the image in an archive file; no layer is read. ArchiveError as ``read_archive``."""
    return _choose(path, platform, limits).configuration


class LayerReader:
    """Reads archives. What several of them have is read once; the first one that has it must stay where it is."""

    def __init__(self, platform: str | None = None, limits: Limits = DEFAULT_LIMITS) -> None:
        self._platform = platform
        self._limits = limits
        self._done: dict[tuple[str, str], tuple[Blob, LayerContent]] = {}

    def read(self, *paths: str) -> list[Image]:
        """The images in some archives. ArchiveError as ``read_archive``."""
        from concurrent.futures import ThreadPoolExecutor

        plans = [_choose(path, self._platform, self._limits) for path in paths]
        jobs: dict[tuple[str, str], tuple[str, StoredLayer, int]] = {}
        for path, image in zip(paths, plans, strict=True):
            for number, layer in enumerate(image.layers):
                if _key(layer) not in self._done:
                    jobs.setdefault(_key(layer), (path, layer, number))
        ordered = sorted(jobs, key=lambda key: -jobs[key][1].region.size)
        pool = ThreadPoolExecutor(max_workers=2)
        try:
            futures = {key: pool.submit(_read_stored, *jobs[key], self._limits) for key in ordered}
            self._done |= {key: future.result() for key, future in futures.items()}
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return [_assemble(path, image, self._done, self._limits) for path, image in zip(paths, plans, strict=True)]


def read_root_file_system(
    path: str, configuration: ImageConfiguration | None = None, limits: Limits = DEFAULT_LIMITS
) -> Image:
    """The file system in a plain tar archive (``docker export``, ``--output type=tar``) as an image of one layer."""
    configuration = configuration or ImageConfiguration()
    try:
        file = open(path, "rb")  # noqa: SIM115, PTH123 - closed with the image
    except OSError as problem:
        raise ArchiveError(path, "", problem.strerror or str(problem)) from None
    try:
        blob = Blob(file, Region(0, file.seek(0, 2)), path, "")
        content = read_layer(blob, limits, 0)
    except BaseException:
        file.close()
        raise
    layer = Layer(content.digest, content.diff_id, blob.region.size, content.size, None)
    return Image(path, configuration, (layer,), FileTree.of([content]), (blob,), limits)


def _choose(path: str, platform: str | None, limits: Limits) -> StoredImage:
    archive = ArchiveFile(path, limits)
    try:
        images = archive.images(platform)
    finally:
        archive.close()
    if len(images) == 1:
        return images[0]
    if not images:
        raise ArchiveError(path, "", f"no image for {platform} in it" if platform else "no image in it")
    platforms = sorted({f"{image.configuration.os}/{image.configuration.architecture}" for image in images})
    raise ArchiveError(path, "", f"{len(images)} images in it ({', '.join(platforms)}): say which platform")


def _key(layer: StoredLayer) -> tuple[str, str]:
    return layer.diff_id, layer.digest


def _read_stored(path: str, layer: StoredLayer, number: int, limits: Limits) -> tuple[Blob, LayerContent]:
    with open(path, "rb") as file:  # noqa: PTH123
        blob = Blob(file, layer.region, path, layer.name)
        content = read_layer(blob, limits, number)
    if layer.digest and layer.digest not in (content.digest, content.diff_id):
        raise blob.error("its content has another digest")
    if layer.diff_id != content.diff_id:
        raise blob.error(f"uncompressed it has not the digest that the configuration states ({layer.diff_id})")
    return blob, content


def _assemble(
    path: str, image: StoredImage, done: dict[tuple[str, str], tuple[Blob, LayerContent]], limits: Limits
) -> Image:
    contents = [done[_key(layer)][1] for layer in image.layers]
    history = image.configuration.layer_history
    layers = tuple(
        Layer(content.digest, content.diff_id, stored.region.size, content.size, past)
        for stored, content, past in zip(image.layers, contents, history, strict=True)
    )
    tree = FileTree.of(contents)
    files: dict[str, IO[bytes]] = {}
    for layer in image.layers:
        source = done[_key(layer)][0].path
        if source not in files:
            files[source] = open(source, "rb")  # noqa: SIM115, PTH123 - closed with the image
    kept: Kept = OrderedDict()
    blobs = tuple(blob.over(files[blob.path], kept) for blob in (done[_key(layer)][0] for layer in image.layers))
    return Image(path, image.configuration, layers, tree, blobs, limits, image.names, image.config_digest)
