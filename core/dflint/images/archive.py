"""Image archives: what is where in the file, and which image of it is meant.

Two forms: an OCI image layout (``index.json`` and ``blobs/``), as ``docker buildx build --output type=oci,dest=F``,
``docker save`` and ``podman save --format oci-archive`` write it, and Docker's own (``manifest.json``).
"""

from __future__ import annotations

import hashlib
import json
from posixpath import dirname, join, normpath
from typing import IO, TYPE_CHECKING, Any

from dflint.images.compression import Region, compression_of
from dflint.images.configuration import ImageConfiguration
from dflint.images.errors import ArchiveError
from dflint.images.tar import members
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.images.limits import Limits

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
ATTESTATION = "attestation-manifest"
MAX_ARCHIVE_LINKS = 16


class StoredLayer(NamedTuple):
    """A layer in the archive: where it is, and what it is said to be ("" where the archive says nothing)."""

    name: str
    """Of the archive's member."""
    region: Region
    digest: str
    """Of what is stored, ``sha256:...``."""
    diff_id: str
    """Of what that is when uncompressed."""


class StoredImage(NamedTuple):
    """One image of an archive."""

    configuration: ImageConfiguration
    layers: tuple[StoredLayer, ...]
    config_digest: str
    """``sha256:...`` of the configuration's document: the image's id."""
    names: tuple[str, ...]
    """What it is tagged as in the archive."""


class ArchiveFile:
    """An archive open for reading. It finds its members by their headers alone."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        try:
            self.file: IO[bytes] = open(path, "rb")  # noqa: SIM115, PTH123 - closed by close()
        except OSError as problem:
            raise ArchiveError(path, "", problem.strerror or str(problem)) from None
        self.regions: dict[str, Region] = {}
        self._links: dict[str, str] = {}
        try:
            self._index()
        except BaseException:
            self.file.close()
            raise

    def close(self) -> None:
        self.file.close()

    def error(self, member: str, problem: str) -> ArchiveError:
        return ArchiveError(self.path, member, problem)

    def _index(self) -> None:
        compression = compression_of(self.file.read(10))
        if compression != "plain":
            raise self.error("", f"the archive as a whole is compressed with {compression}: decompress it first")
        stream = _FileStream(self.file)
        for member in members(stream, self.path, "", self.limits):
            name = normpath(member.name).lstrip("/")
            if member.type == "file" and member.segments is None:
                self.regions[name] = Region(member.offset, member.stored)
            elif member.type == "symlink":
                self._links[name] = normpath(join(dirname(name), member.target))
            elif member.type == "link":
                self._links[name] = normpath(member.target)
            if len(self.regions) + len(self._links) > self.limits.entries:
                raise self.error("", f"more than {self.limits.entries} members")
        if stream.is_short:
            raise self.error("", "the archive is cut off")

    def region(self, name: str) -> Region:
        """Where a member's content is, links followed within the archive."""
        target = normpath(name)
        for _ in range(MAX_ARCHIVE_LINKS):
            region = self.regions.get(target)
            if region is not None:
                return region
            if target not in self._links:
                break
            target = self._links[target]
        raise self.error(name, "no such file in the archive")

    def document(self, name: str) -> tuple[Any, bytes]:
        """A JSON document of the archive, decoded and as stored."""
        region = self.region(name)
        if region.size > self.limits.document:
            raise self.error(name, f"a document of {region.size} bytes")
        self.file.seek(region.start)
        data = self.file.read(region.size)
        try:
            return json.loads(data), data
        except (ValueError, RecursionError) as problem:
            raise self.error(name, f"not valid JSON: {problem}") from None

    # Images

    def images(self, platform: str | None = None) -> list[StoredImage]:
        """The images for a platform (``linux/arm64``), all of them for None."""
        if "manifest.json" in self.regions:
            found = self._docker_images()
        elif "index.json" in self.regions:
            found = self._oci_images()
        else:
            raise self.error("", "not an image archive: it has neither index.json nor manifest.json")
        if platform is not None:
            found = [image for image in found if _fits(image.configuration, platform)]
        return found

    def _docker_images(self) -> list[StoredImage]:
        document, _ = self.document("manifest.json")
        if not isinstance(document, list):
            raise self.error("manifest.json", "not an array")
        images = []
        for item in document:
            if not isinstance(item, dict) or not isinstance(item.get("Config"), str):
                raise self.error("manifest.json", "an image without a Config")
            layers = item.get("Layers") or []
            if not isinstance(layers, list) or not all(isinstance(name, str) for name in layers):
                raise self.error("manifest.json", "Layers is not an array of strings")
            configuration, digest = self._configuration(item["Config"])
            tags = item.get("RepoTags") or []
            names = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
            stored = [(name, _digest_in(name)) for name in layers]
            images.append(self._image(configuration, stored, digest, names))
        return images

    def _oci_images(self) -> list[StoredImage]:
        document, _ = self.document("index.json")
        images: list[StoredImage] = []
        self._read_index("index.json", document, images, 0)
        unique = {(image.config_digest, tuple(layer.name for layer in image.layers)): image for image in images}
        return list(unique.values())

    def _read_index(self, name: str, document: object, images: list[StoredImage], depth: int) -> None:
        if depth > self.limits.nesting:
            raise self.error(name, f"more than {self.limits.nesting} indexes within each other")
        manifests = document.get("manifests") if isinstance(document, dict) else None
        if not isinstance(manifests, list) or len(manifests) > self.limits.layers:
            raise self.error(name, "an index without manifests, or with too many")
        for descriptor in manifests:
            blob, _ = self._blob_name(name, descriptor)
            if _is_attestation(descriptor) or normpath(blob) not in self.regions:
                continue  # an index may name images of other platforms that are not in the archive
            content, _ = self._verified(blob)
            if descriptor.get("mediaType") in INDEX_TYPES or (isinstance(content, dict) and "manifests" in content):
                self._read_index(blob, content, images, depth + 1)
            elif isinstance(content, dict) and "config" in content:
                images.append(self._oci_image(blob, content, _names(descriptor)))
            else:
                raise self.error(blob, "neither an index nor an image manifest")

    def _oci_image(self, name: str, manifest: dict[str, Any], names: tuple[str, ...]) -> StoredImage:
        config_name, _ = self._blob_name(name, manifest["config"])
        configuration, digest = self._configuration(config_name)
        layers = manifest.get("layers") or []
        if not isinstance(layers, list):
            raise self.error(name, "layers is not an array")
        stored = [self._blob_name(name, layer) for layer in layers]
        for layer in layers:
            if "encrypted" in str(layer.get("mediaType")):
                raise self.error(name, "an encrypted layer")
        return self._image(configuration, stored, digest, names)

    def _image(
        self, configuration: ImageConfiguration, stored: list[tuple[str, str]], digest: str, names: tuple[str, ...]
    ) -> StoredImage:
        if len(stored) > self.limits.layers:
            raise self.error("", f"an image of {len(stored)} layers")
        if len(configuration.diff_ids) != len(stored):
            named = len(configuration.diff_ids)
            raise self.error("", f"the configuration names {named} layers, there are {len(stored)}")
        layers = tuple(
            StoredLayer(name, self.region(name), layer_digest, diff_id)
            for (name, layer_digest), diff_id in zip(stored, configuration.diff_ids, strict=True)
        )
        return StoredImage(configuration, layers, digest, names)

    def _configuration(self, name: str) -> tuple[ImageConfiguration, str]:
        document, data = self._verified(name)
        try:
            configuration = ImageConfiguration.from_json(document)
        except ValueError as problem:
            raise self.error(name, str(problem)) from None
        return configuration, f"sha256:{hashlib.sha256(data).hexdigest()}"

    def _verified(self, name: str) -> tuple[Any, bytes]:
        document, data = self.document(name)
        stated = _digest_in(name)
        if stated and stated != f"sha256:{hashlib.sha256(data).hexdigest()}":
            raise self.error(name, "its content has another digest")
        return document, data

    def _blob_name(self, name: str, descriptor: object) -> tuple[str, str]:
        digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
        if not isinstance(digest, str):
            raise self.error(name, "a descriptor without a digest")
        algorithm, _, value = digest.partition(":")
        if not algorithm.isalnum() or not value.isalnum():
            raise self.error(name, f"a malformed digest: {digest[:80]!r}")
        return f"blobs/{algorithm}/{value}", digest


class _FileStream:
    """The archive itself, passed over by seeking."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._file.seek(0, 2)
        self._size = self._file.tell()
        self.position = 0

    @property
    def is_short(self) -> bool:
        return self.position > self._size

    def read(self, size: int) -> bytes:
        self._file.seek(self.position)
        data = self._file.read(size)
        self.position += len(data)
        return data

    def skip(self, size: int) -> None:
        if self.position + size > self._size + 511:  # some writers leave out the padding of the last member
            raise EOFError
        self.position += size


def _digest_in(name: str) -> str:
    """``sha256:...`` for ``blobs/sha256/...``, and for ``<64 digits>.json`` and ``.tar`` of Docker's older form."""
    value = name.removeprefix("blobs/sha256/").partition(".")[0]
    is_digest = len(value) == 64 and all(char in "0123456789abcdef" for char in value)
    return f"sha256:{value}" if is_digest else ""


def _is_attestation(descriptor: dict[str, Any]) -> bool:
    annotations = descriptor.get("annotations")
    kind = annotations.get("vnd.docker.reference.type") if isinstance(annotations, dict) else None
    platform = descriptor.get("platform")
    return kind == ATTESTATION or (isinstance(platform, dict) and platform.get("os") == "unknown")


def _names(descriptor: dict[str, Any]) -> tuple[str, ...]:
    annotations = descriptor.get("annotations")
    if not isinstance(annotations, dict):
        return ()
    name = annotations.get("io.containerd.image.name") or annotations.get("org.opencontainers.image.ref.name")
    return (name,) if isinstance(name, str) else ()


def _fits(configuration: ImageConfiguration, platform: str) -> bool:
    os, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    return (configuration.os, configuration.architecture) == (os, architecture) and (
        not variant or configuration.variant == variant
    )
