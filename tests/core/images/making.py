"""Making image archives for tests, with nothing but the standard library."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIME = 1_600_000_000


@dataclass(frozen=True)
class Node:
    """One path of a layer."""

    kind: str = "file"
    content: bytes = b""
    target: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = TIME
    xattrs: Mapping[str, bytes] = field(default_factory=dict)
    device: tuple[int, int] = (0, 0)

    def but(self, **changes: Any) -> Node:
        return replace(self, **changes)


def file(content: bytes | str = b"", mode: int = 0o644, **more: Any) -> Node:
    data = content.encode() if isinstance(content, str) else content
    return Node("file", data, mode=mode, **more)


def folder(mode: int = 0o755, **more: Any) -> Node:
    return Node("dir", mode=mode, **more)


def symlink(target: str, **more: Any) -> Node:
    return Node("symlink", target=target, mode=0o777, **more)


def link(target: str, **more: Any) -> Node:
    return Node("link", target=target, **more)


Layer = dict[str, Node]
_TYPES = {
    "file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE, "link": tarfile.LNKTYPE,
    "char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE, "fifo": tarfile.FIFOTYPE,
}  # fmt: skip


def tar_of(layer: Mapping[str, Node], format_: int = tarfile.PAX_FORMAT) -> bytes:
    """A layer as a plain tar archive, in the order of the mapping."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_, errors="surrogateescape") as archive:
        for path, node in layer.items():
            info = tarfile.TarInfo(path.lstrip("/"))
            info.type, info.mode, info.uid, info.gid, info.mtime = (
                _TYPES[node.kind], node.mode, node.uid, node.gid, node.mtime,
            )  # fmt: skip
            info.linkname = node.target.lstrip("/") if node.kind == "link" else node.target
            info.size = len(node.content)
            info.devmajor, info.devminor = node.device
            info.pax_headers = {
                f"SCHILY.xattr.{name}": value.decode("utf-8", "surrogateescape") for name, value in node.xattrs.items()
            }
            archive.addfile(info, io.BytesIO(node.content))
    return out.getvalue()


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def configuration(diff_ids: Sequence[str], config: Mapping[str, Any] | None = None, **more: Any) -> bytes:
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": dict(config or {}),
        "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
        **more,
    }
    return json.dumps(document).encode()


def write_tar(path: Path, files: Mapping[str, bytes]) -> str:
    path.write_bytes(tar_of({name: file(data) for name, data in files.items()}, tarfile.USTAR_FORMAT))
    return str(path)


class Blobs:
    """The blobs of an OCI layout."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def add(self, data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
        digest = digest_of(data)
        self.files["blobs/sha256/" + digest.partition(":")[2]] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}


def compress(data: bytes, compression: str) -> bytes:
    return gzip.compress(data, 1, mtime=0) if compression == "gzip" else data


def add_image(
    blobs: Blobs, tars: Sequence[bytes], config: Mapping[str, Any] | None = None, compression: str = "gzip", **more: Any
) -> dict[str, Any]:
    """Add an image; gives the descriptor of its manifest."""
    stored = blobs.add(
        configuration([digest_of(tar) for tar in tars], config, **more), "application/vnd.oci.image.config.v1+json"
    )
    layers = [blobs.add(compress(tar, compression), "application/vnd.oci.image.layer.v1.tar+gzip") for tar in tars]
    manifest = {"schemaVersion": 2, "config": stored, "layers": layers}
    return blobs.add(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")


def oci_archive(
    path: Path, layers: Sequence[Mapping[str, Node]], config: Mapping[str, Any] | None = None,
    compression: str = "gzip", **more: Any,
) -> str:  # fmt: skip
    """Write an OCI archive; gives its path."""
    blobs = Blobs()
    descriptor = add_image(blobs, [tar_of(layer) for layer in layers], config, compression, **more)
    blobs.files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [descriptor]}).encode()
    return write_tar(path, blobs.files)


def docker_archive(
    path: Path, layers: Sequence[Mapping[str, Node]], config: Mapping[str, Any] | None = None, **more: Any
) -> str:
    """Write an archive in Docker's own form."""
    tars = [tar_of(layer) for layer in layers]
    files = {f"{number}/layer.tar": tar for number, tar in enumerate(tars)}
    document = configuration([digest_of(tar) for tar in tars], config, **more)
    name = digest_of(document).partition(":")[2] + ".json"
    files[name] = document
    manifest = [{"Config": name, "RepoTags": ["app:latest"], "Layers": [f"{n}/layer.tar" for n in range(len(tars))]}]
    files["manifest.json"] = json.dumps(manifest).encode()
    return write_tar(path, files)
