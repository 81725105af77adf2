"""Archives made at random: read as ``tarfile`` reads them, and when damaged refused with one kind of error."""

from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

from core.images.making import Node, docker_archive, file, folder, oci_archive, symlink, tar_of
from hypothesis import given, settings, strategies as st

from dflint.images import ArchiveError, ImagePathError, read_archive, read_root_file_system

NAMES = st.text(
    st.characters(blacklist_characters="\0/", blacklist_categories=("Cs",)), min_size=1, max_size=120
).filter(lambda name: name not in (".", "..") and not name.startswith(".wh."))
NODES = st.one_of(
    st.builds(file, st.binary(max_size=2_000), st.integers(0, 0o7777)),
    st.builds(symlink, NAMES),
    st.builds(folder, st.integers(0, 0o7777)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(NAMES, NODES, max_size=8),
    st.sampled_from((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 31),
)
def test_as_tarfile_reads_them(tmp_path_factory, layer: dict[str, Node], form: int, time: int, uid: int) -> None:
    layer = {name: node.but(mtime=time, uid=uid) for name, node in layer.items()}
    data = tar_of(layer, form)
    path = tmp_path_factory.mktemp("random") / "a.tar"
    path.write_bytes(data)
    with (
        tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as archive,
        read_root_file_system(str(path)) as read,
    ):
        for member in archive:
            entry = read.filesystem[f"/{member.name}"]
            assert (entry.mode, entry.uid, entry.gid, entry.mtime) == (
                member.mode,
                member.uid,
                member.gid,
                member.mtime,
            )
            assert entry.target == (member.linkname if member.issym() else "")
            if member.isfile():
                content = archive.extractfile(member)
                assert content is not None and read.read_entry(entry) == content.read()
        assert len(read.filesystem) == len(layer) + 1


def test_damaged_archives_end_with_an_archive_error(tmp_path: Path) -> None:
    chance = random.Random(7)
    layers = [{"a": folder(), "a/b": file("x" * 700), "c": symlink("a"), "long" * 40: file("y")}, {"a/.wh.b": file("")}]
    paths = [
        oci_archive(tmp_path / "o.tar", layers),
        oci_archive(tmp_path / "p.tar", layers, None, "plain"),
        docker_archive(tmp_path / "d.tar", layers),
    ]
    wholes = [Path(path).read_bytes() for path in paths]
    refused = 0
    for number in range(600):
        data = bytearray(wholes[number % 3])
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(data))
            if chance.random() < 0.2:
                del data[at : at + chance.randrange(1, 2_000)]
            else:
                data[at] = chance.randrange(256)
            if not data:
                break
        path = tmp_path / "x.tar"
        path.write_bytes(data)
        try:
            with read_archive(str(path)) as image:
                for entry in image.filesystem.entries():
                    if entry.is_file:
                        image.read_entry(entry)
        except (ArchiveError, ImagePathError) as problem:
            assert str(path) in str(problem) or isinstance(problem, ImagePathError)
            refused += 1
    assert refused > 100


def test_a_bomb_ends_early(tmp_path: Path) -> None:
    import gzip

    from dflint.images import Limits

    path = tmp_path / "a.tar"
    path.write_bytes(gzip.compress(tar_of({"zeros": file(bytes(30_000_000))})))
    assert path.stat().st_size < 100_000
    try:
        read_root_file_system(str(path), limits=Limits(layer=1_000_000))
    except ArchiveError as problem:
        assert "bytes" in str(problem)
    else:
        raise AssertionError("the limit was passed over")
