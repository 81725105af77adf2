"""Reading archives: their forms, what is wrong with them, and their content."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from core.images.making import (
    Blobs,
    add_image,
    configuration,
    digest_of,
    docker_archive,
    file,
    folder,
    link,
    oci_archive,
    symlink,
    tar_of,
    write_tar,
)

from dflint.images import (
    ArchiveError,
    Healthcheck,
    ImagePathError,
    Limits,
    read_archive,
    read_archives,
    read_root_file_system,
)

if TYPE_CHECKING:
    from pathlib import Path

LAYERS = [
    {"bin": folder(), "bin/tool": file(b"\x7fELF tool", 0o4755, uid=1, gid=2), "etc": folder(0o700)},
    {"etc/app.conf": file("port=1\n"), "bin/link": symlink("tool")},
]
CONFIG = {
    "Env": ["PATH=/bin", "A=b=c"],
    "Entrypoint": ["/bin/tool"],
    "Cmd": [],
    "ExposedPorts": {"80/tcp": {}},
    "Labels": {"b": "2", "a": "1"},
    "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5},
    "User": "app",
}


@pytest.mark.parametrize("compression", ["gzip", "plain"])
def test_oci_archive(tmp_path: Path, compression: str) -> None:
    history = [{"created_by": "COPY a"}, {"created_by": "ENV x", "empty_layer": True}, {"created_by": "RUN b"}]
    with read_archive(oci_archive(tmp_path / "a.tar", LAYERS, CONFIG, compression, history=history)) as image:
        assert image.config.environment == {"PATH": "/bin", "A": "b=c"}
        assert image.config.entrypoint == ("/bin/tool",) and image.config.cmd is None
        assert image.config.exposed_ports == ("80/tcp",) and image.config.labels == (("a", "1"), ("b", "2"))
        assert image.config.healthcheck == Healthcheck(("CMD", "x"), 5) and image.config.user == "app"
        assert [layer.history.created_by for layer in image.layers if layer.history] == ["COPY a", "RUN b"]
        assert [layer.diff_id for layer in image.layers] == [digest_of(tar_of(layer)) for layer in LAYERS]
        assert all((layer.compressed_size == layer.size) == (compression == "plain") for layer in image.layers)
        tool = image.filesystem["/bin/tool"]
        assert (tool.mode, tool.uid, tool.gid, tool.size, tool.layer) == (0o4755, 1, 2, 9, 0)
        assert tool.sha256 == hashlib.sha256(b"\x7fELF tool").digest() and tool.is_elf and not tool.is_script
        assert image.filesystem["/etc"].mode == 0o700
        assert image.read("/bin/link") == b"\x7fELF tool" and image.read("/etc/app.conf") == b"port=1\n"
        assert list(image.filesystem) == ["/", "/bin", "/bin/link", "/bin/tool", "/etc", "/etc/app.conf"]
        assert image.size == 9 + 7


def test_docker_archive_whose_layers_are_links(tmp_path: Path) -> None:
    path = docker_archive(tmp_path / "a.tar", LAYERS, CONFIG)
    with read_archive(path) as image:
        assert image.names == ("app:latest",) and image.read("/bin/link") == b"\x7fELF tool"
    tars = [tar_of(layer) for layer in LAYERS]
    document = configuration([digest_of(tar) for tar in tars])
    manifest = [{"Config": "c.json", "Layers": ["x/layer.tar", "y/layer.tar"]}]
    outer = {"b0.tar": file(tars[0]), "x": folder(), "x/layer.tar": symlink("../b0.tar"), "y/layer.tar": file(tars[1])}
    outer |= {"c.json": file(document), "manifest.json": file(json.dumps(manifest))}
    (tmp_path / "b.tar").write_bytes(tar_of(outer))
    with read_archive(str(tmp_path / "b.tar")) as image:
        assert image.read("/etc/app.conf") == b"port=1\n"


def test_nested_index_with_attestation(tmp_path: Path) -> None:
    blobs = Blobs()
    image = add_image(blobs, [tar_of(LAYERS[0])], CONFIG)
    arm = add_image(blobs, [tar_of(LAYERS[1])], CONFIG, architecture="arm64")
    attestation = add_image(blobs, [tar_of({})])
    attestation["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    absent = {**image, "digest": "sha256:" + "0" * 64}
    inner = json.dumps({"manifests": [image, attestation, absent]}).encode()
    index = blobs.add(inner, "application/vnd.oci.image.index.v1+json")
    index["annotations"] = {"io.containerd.image.name": "docker.io/library/app:1"}
    blobs.files["index.json"] = json.dumps({"manifests": [index]}).encode()
    with read_archive(write_tar(tmp_path / "a.tar", blobs.files)) as read:
        assert "/bin/tool" in read.filesystem
    blobs.files["index.json"] = json.dumps({"manifests": [index, arm]}).encode()
    path = write_tar(tmp_path / "b.tar", blobs.files)
    with pytest.raises(ArchiveError, match=r"2 images in it.*say which platform"):
        read_archive(path)
    with read_archive(path, "linux/arm64") as read:
        assert "/etc/app.conf" in read.filesystem
    with pytest.raises(ArchiveError, match="no image for linux/riscv64"):
        read_archive(path, "linux/riscv64")


def test_root_file_system(tmp_path: Path) -> None:
    (tmp_path / "root.tar").write_bytes(tar_of({**LAYERS[0], **LAYERS[1]}))
    with read_root_file_system(str(tmp_path / "root.tar")) as image:
        assert image.read("/bin/tool") == b"\x7fELF tool" and image.layers[0].history is None


def test_shared_layers_are_read_once_and_images_are_closed_apart(tmp_path: Path) -> None:
    first = oci_archive(tmp_path / "a.tar", LAYERS)
    second = oci_archive(tmp_path / "b.tar", [*LAYERS, {"etc/more": file("x")}])
    a, b = read_archives([first, second])
    a.close()
    assert b.read("/etc/app.conf") == b"port=1\n" and b.read("/etc/more") == b"x"
    assert a.filesystem["/bin/tool"] == b.filesystem["/bin/tool"]
    b.close()


@pytest.mark.parametrize("compression", ["gzip", "plain"])
def test_content_can_be_read_anywhere(tmp_path: Path, compression: str) -> None:
    big = os.urandom(9_000_000) + b"middle" + bytes(6_000_000)
    layer = {"a": file(b"first"), "big": file(big), "z": file(b"last"), "big2": link("big")}
    with read_archive(oci_archive(tmp_path / "a.tar", [layer], None, compression)) as image:
        entry = image.filesystem["/big"]
        assert image.read_range(entry, 9_000_000, 6) == b"middle"
        assert image.read("/z") == b"last" and image.read("/a") == b"first"
        assert image.read_range(entry, len(big) - 3, 100) == bytes(3)
        assert image.read("/big2") == big
        with pytest.raises(ImagePathError, match="at most 10 are read"):
            image.read("/big", 10)
        with pytest.raises(ImagePathError, match="no such file"):
            image.read("/nothing")


def test_several_threads_may_read(tmp_path: Path) -> None:
    big = os.urandom(20_000_000)
    archive = oci_archive(tmp_path / "a.tar", [{"big": file(big)}], None, "gzip")
    with read_archive(archive) as image, ThreadPoolExecutor(8) as pool:
        entry = image.filesystem["/big"]
        starts = [number * 7_919_000 % 19_000_000 for number in range(200)]
        read = pool.map(lambda start: image.read_range(entry, start, 1000), starts)
        assert all(part == big[start : start + 1000] for start, part in zip(starts, read, strict=True))


def test_several_gzip_members_and_padding(tmp_path: Path) -> None:
    data = tar_of({"a": file(b"1" * 5000), "b": file(b"2" * 5000)})
    pieces = b"".join(gzip.compress(data[at : at + 700]) for at in range(0, len(data), 700)) + bytes(100)
    blobs = Blobs()
    config = blobs.add(configuration([digest_of(data)]), "")
    manifest = {"config": config, "layers": [blobs.add(pieces, "")]}
    blobs.files["index.json"] = json.dumps({"manifests": [blobs.add(json.dumps(manifest).encode(), "")]}).encode()
    with read_archive(write_tar(tmp_path / "a.tar", blobs.files)) as image:
        assert image.read("/b") == b"2" * 5000


def test_zstd(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    data = tar_of({"a": file(os.urandom(5_000_000)), "b": file(b"2" * 5000), "c": file(b"")})
    blobs = Blobs()
    config = blobs.add(configuration([digest_of(data)]), "")
    manifest = {"config": config, "layers": [blobs.add(zstandard.compress(data), "")]}
    blobs.files["index.json"] = json.dumps({"manifests": [blobs.add(json.dumps(manifest).encode(), "")]}).encode()
    with read_archive(write_tar(tmp_path / "a.tar", blobs.files)) as image:
        assert image.read("/b") == b"2" * 5000
        assert hashlib.sha256(image.read("/a")).digest() == image.filesystem["/a"].sha256
        assert image.read("/b") == b"2" * 5000


# Members of every kind


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_and_numbers(tmp_path: Path, form: int) -> None:
    long = "d/" * 120 + "name" * 60
    odd = b"caf\xe9\n".decode("utf-8", "surrogateescape")
    layer = {
        long: file(b"long"),
        odd: file(b"odd"),
        "l": symlink("t" * 300),
        "big": file(b"", uid=3_000_000, gid=1 << 30, mtime=1 << 34),
        "null": file(b"").but(kind="char", device=(1, 3)),
        "pipe": file(b"").but(kind="fifo"),
    }
    (tmp_path / "a.tar").write_bytes(tar_of(layer, form))
    with read_root_file_system(str(tmp_path / "a.tar")) as image:
        assert image.read(f"/{long}") == b"long" and image.read(f"/{odd}") == b"odd"
        assert image.filesystem["/l"].target == "t" * 300
        big = image.filesystem["/big"]
        assert (big.uid, big.gid, big.mtime) == (3_000_000, 1 << 30, 1 << 34)
        assert image.filesystem["/null"].device == (1, 3) and image.filesystem["/pipe"].type == "fifo"


def test_extended_attributes(tmp_path: Path) -> None:
    capability = b"\x01\x00\x00\x02\x00\x04\x00\x00"
    layer = {"ping": file(b"", 0o755, xattrs={"security.capability": capability, "user.a": b"b"})}
    (tmp_path / "a.tar").write_bytes(tar_of(layer))
    with read_root_file_system(str(tmp_path / "a.tar")) as image:
        assert image.filesystem["/ping"].xattrs == (("security.capability", capability), ("user.a", b"b"))
        assert image.filesystem["/ping"].capability == capability


def test_the_size_that_a_link_states_is_not_of_its_content(tmp_path: Path) -> None:
    """Old archives state the size of the file that a hard link leads to; no content follows."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        plain = tarfile.TarInfo("a")
        plain.size = 3
        archive.addfile(plain, io.BytesIO(b"abc"))
        hard = tarfile.TarInfo("b")
        hard.type, hard.linkname, hard.size = tarfile.LNKTYPE, "a", 3
        archive.addfile(hard)
        last = tarfile.TarInfo("c")
        last.size = 1
        archive.addfile(last, io.BytesIO(b"x"))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    with read_root_file_system(str(tmp_path / "a.tar")) as image:
        assert image.read("/b") == b"abc" and image.read("/c") == b"x"


def _pax(records: dict[str, str], name: str, payload: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(payload)
        info.pax_headers = records
        archive.addfile(info, io.BytesIO(payload))
        after = tarfile.TarInfo("after")
        after.size = 1
        archive.addfile(after, io.BytesIO(b"x"))
    return out.getvalue()


SPARSE = b"\0" * 1000 + b"abc" + b"\0" * 997 + b"defg" + b"\0" * 96


@pytest.mark.parametrize(
    "archive",
    [
        _pax({"GNU.sparse.map": "1000,3,2000,4,2100,0", "GNU.sparse.size": "2100", "GNU.sparse.name": "s"}, "x",
        b"abcdefg"),
        _pax(
            {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "2100", "GNU.sparse.name": "s"},
            "x",
            b"3\n1000\n3\n2000\n4\n2100\n0\n".ljust(512, b"\0") + b"abcdefg",
        ),
    ],
    ids=["0.1", "1.0"],
)  # fmt: skip
def test_sparse_files(tmp_path: Path, archive: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(archive)
    with read_root_file_system(str(tmp_path / "a.tar")) as image:
        entry = image.filesystem["/s"]
        assert entry.size == 2100 and entry.sha256 == hashlib.sha256(SPARSE).digest()
        assert image.read("/s") == SPARSE and image.read_range(entry, 1001, 1001) == SPARSE[1001:2002]
        assert image.read("/after") == b"x"


def test_old_sparse_file(tmp_path: Path) -> None:
    info = tarfile.TarInfo("s")
    info.size = 7
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    for number, value in enumerate((1000, 3, 2000, 4)):
        header[386 + 12 * number : 398 + 12 * number] = b"%011o\0" % value
    header[483:495] = b"%011o\0" % 2100
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(bytes(header) + b"abcdefg".ljust(512, b"\0") + bytes(1024))
    with read_root_file_system(str(tmp_path / "a.tar")) as image:
        assert image.filesystem["/s"].sha256 == hashlib.sha256(SPARSE).digest()


# What is wrong


def _broken(path: Path, **changes: bytes) -> str:
    blobs = Blobs()
    descriptor = add_image(blobs, [tar_of(LAYERS[0])])
    blobs.files["index.json"] = json.dumps({"manifests": [descriptor]}).encode()
    for name, data in changes.items():
        at = next(member for member in blobs.files if name in member)
        blobs.files[at] = data
    return write_tar(path, blobs.files)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (b"{", "index.json: not valid JSON"),
        (b"[" * 100_000, "index.json: not valid JSON"),
        (b"{}", "index.json: an index without manifests"),
        (b'{"manifests": [{}]}', "index.json: a descriptor without a digest"),
        (b'{"manifests": [{"digest": "sha256:../../etc"}]}', "index.json: a malformed digest"),
        (b'{"manifests": []}', "no image in it"),
    ],
)
def test_a_bad_index(tmp_path: Path, index: bytes, message: str) -> None:
    path = _broken(tmp_path / "a.tar", index=index)
    with pytest.raises(ArchiveError, match=message) as caught:
        read_archive(path)
    assert str(caught.value).startswith(path)


def test_not_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    for data, message in (
        (b"", "neither index.json nor manifest.json"),
        (b"hello" * 500, "not a tar archive"),
        (gzip.compress(b"x"), "compressed with gzip: decompress it first"),
        (tar_of({"a": file(b"")}), "neither index.json"),
    ):
        path.write_bytes(data)
        with pytest.raises(ArchiveError, match=message):
            read_archive(str(path))
    with pytest.raises(ArchiveError, match="No such file"):
        read_archive(str(tmp_path / "none.tar"))


def test_a_damaged_layer(tmp_path: Path) -> None:
    tar = tar_of(LAYERS[0])
    for layer, message in (
        (gzip.compress(tar)[:-20], "the gzip data is cut off|cut off"),
        (gzip.compress(tar)[:200] + b"\xff" * 50, "damaged gzip data|cut off"),
        (gzip.compress(tar_of(LAYERS[1])), "not the digest that the configuration states"),
        (gzip.compress(tar[:700]), "cut off"),
        (gzip.compress(b"x" * 5000), "not a tar archive"),
        (b"BZh91AY&SY....", "compressed with bzip2 are not read"),
    ):
        blobs = Blobs()
        config = blobs.add(configuration([digest_of(tar)]), "")
        manifest = {"config": config, "layers": [blobs.add(layer, "")]}
        blobs.files["index.json"] = json.dumps({"manifests": [blobs.add(json.dumps(manifest).encode(), "")]}).encode()
        with pytest.raises(ArchiveError, match=message) as caught:
            read_archive(write_tar(tmp_path / "a.tar", blobs.files))
        assert caught.value.member.startswith("blobs/sha256/")


def test_a_blob_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    blobs = Blobs()
    descriptor = add_image(blobs, [tar_of(LAYERS[0])])
    blobs.files["index.json"] = json.dumps({"manifests": [descriptor]}).encode()
    layer = next(name for name, data in blobs.files.items() if data.startswith(b"\x1f\x8b"))
    blobs.files[layer] = gzip.compress(tar_of(LAYERS[0]), 9)
    with pytest.raises(ArchiveError, match="another digest"):
        read_archive(write_tar(tmp_path / "a.tar", blobs.files))
    with pytest.raises(ArchiveError, match=r"cut off"):
        data = (tmp_path / "a.tar").read_bytes()
        (tmp_path / "b.tar").write_bytes(data[: len(data) // 3])
        read_archive(str(tmp_path / "b.tar"))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/../x"])
def test_paths_do_not_lead_out(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    with pytest.raises(ArchiveError, match="leads out of the image"):
        read_root_file_system(str(tmp_path / "a.tar"))


def test_limits(tmp_path: Path) -> None:
    path = str(tmp_path / "a.tar")
    (tmp_path / "a.tar").write_bytes(tar_of({"a": file(bytes(50_000)), "b" * 300: file(b"")}))
    for limits, message in (
        (Limits(layer=20_000), "a file of 50000 bytes|more than 20000 bytes"),
        (Limits(entries=1), "more than 1 members"),
        (Limits(name=200), "a path of 300 bytes"),
        (Limits(header=100), "an extended header of"),
    ):
        with pytest.raises(ArchiveError, match=message):
            read_root_file_system(path, limits=limits)
    (tmp_path / "s.tar").write_bytes(
        _pax({"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 62), "GNU.sparse.name": "s"}, "x", b"a")
    )
    with pytest.raises(ArchiveError, match="sparse"):
        read_root_file_system(str(tmp_path / "s.tar"))
    with pytest.raises(ArchiveError, match="a document of"):
        read_archive(oci_archive(tmp_path / "o.tar", LAYERS), limits=Limits(document=10))
