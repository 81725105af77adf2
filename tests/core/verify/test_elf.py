"""ELF files, and where the loader finds what they need."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from core.images.making import Node, file, oci_archive, symlink
from core.verify.samples import LIB, elf, library, loader_cache, program

from dflint.images import Image, read_archive
from dflint.verify.elf import ElfError, read_elf
from dflint.verify.linking import Linker, parse_cache

GLIBC = "/lib64/ld-linux-x86-64.so.2"
MUSL = "/lib/ld-musl-x86_64.so.1"


def needs(data: bytes):
    return read_elf(lambda start, size: data[start : start + size])


def test_what_a_program_needs() -> None:
    found = needs(
        elf(
            ("liba.so.1", "libc.so.6"), GLIBC, "", "$ORIGIN/../lib:/opt/lib", needs={"libc.so.6": "GLIBC_2.34"},
            defines=("V1", "V2"),
        )
    )  # fmt: skip
    assert found.interpreter == GLIBC and found.needed == ("liba.so.1", "libc.so.6")
    assert found.runpath == ("$ORIGIN/../lib", "/opt/lib") and found.rpath == ()
    assert found.required_versions == (("libc.so.6", "GLIBC_2.34"),) and found.defined_versions == ("V1", "V2")
    assert found.machine == (2, 1, 62) and found.is_dynamic
    static = needs(elf())
    assert static.needed == () and static.interpreter == "" and not static.is_dynamic
    assert needs(elf((), "", "libx.so", "", "/a:/b")).rpath == ("/a", "/b")


@pytest.mark.skipif(sys.platform != "linux", reason="needs an ELF system")
def test_the_interpreter_that_runs_this_test() -> None:
    path = Path(sys.executable).resolve()
    data = path.read_bytes()
    if data[:4] != b"\x7fELF":
        pytest.skip("Python is a script here")
    found = needs(data)
    listed = subprocess.run(["ldd", str(path)], capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("statically linked, or no ldd")
    assert found.needed and all(name in listed.stdout for name in found.needed)


@pytest.mark.parametrize("size", [0, 3, 5, 40, 63, 100, 200])
def test_cut_off_files_are_refused_or_read(size: int) -> None:
    data = program("liba.so")[:size]
    try:
        needs(data)
    except ElfError:
        return
    assert size >= 64


def test_damaged_files_never_raise_anything_else() -> None:
    import random

    chance = random.Random(1)
    whole = elf(("liba.so",), GLIBC, "s", "/r", needs={"libc.so.6": "V"}, defines=("D",))
    for _ in range(3_000):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(16, len(data))] = chance.randrange(256)
        with suppress(ElfError):
            needs(bytes(data))


def image(tmp_path: Path, files: dict[str, Node], **environment: str) -> Image:
    env = [f"{name}={value}" for name, value in environment.items()]
    return read_archive(oci_archive(tmp_path / "a.tar", [files], {"Env": env}))


def found(tmp_path: Path, files: dict[str, Node], path: str = "/app/bin/p", loader: str = GLIBC, **environment: str):
    with image(tmp_path, files, **environment) as read:
        linker = Linker(read)
        entry = read.filesystem[path]
        return [library.path for library in linker.libraries(entry, loader, linker.rpath(entry))]


A = file(library("liba.so"))


def test_the_order_of_places(tmp_path: Path) -> None:
    places = ["/app/lib/liba.so", "/env/liba.so", "/cached/liba.so", f"{LIB}/liba.so"]
    files = dict.fromkeys(places, A)
    files["/etc/ld.so.cache"] = file(loader_cache({"liba.so": "/cached/liba.so"}))
    runpath, rpath = (
        elf(("liba.so",), GLIBC, "", "$ORIGIN/../lib"),
        elf(("liba.so",), GLIBC, "", "", "${ORIGIN}/../lib"),
    )
    assert found(tmp_path, {**files, "/app/bin/p": file(runpath)}, LD_LIBRARY_PATH="/env") == ["/env/liba.so"]
    assert found(tmp_path, {**files, "/app/bin/p": file(runpath)}) == ["/app/lib/liba.so"]
    assert found(tmp_path, {**files, "/app/bin/p": file(rpath)}, LD_LIBRARY_PATH="/env") == ["/app/lib/liba.so"]
    plain = file(elf(("liba.so",), GLIBC))
    assert found(tmp_path, {**files, "/app/bin/p": plain}) == ["/cached/liba.so"]
    del files["/cached/liba.so"]
    assert found(tmp_path, {**files, "/lib": symlink("usr/lib"), "/app/bin/p": plain}) == [
        "/lib/x86_64-linux-gnu/liba.so"
    ]


def test_a_folder_that_only_ld_so_conf_names_does_not_count(tmp_path: Path) -> None:
    files = {
        "/usr/local/lib/liba.so": A,
        "/etc/ld.so.conf": file("/usr/local/lib\n"),
        "/app/bin/p": file(elf(("liba.so",), GLIBC)),
    }
    assert found(tmp_path, files) == [None]


def test_musl_looks_elsewhere(tmp_path: Path) -> None:
    files = {"/usr/local/lib/liba.so": A, "/app/bin/p": file(elf(("liba.so",), MUSL))}
    assert found(tmp_path, files, loader=MUSL) == ["/usr/local/lib/liba.so"]
    files["/etc/ld-musl-x86_64.path"] = file("/opt/lib\n")
    assert found(tmp_path, files, loader=MUSL) == [None]
    files["/opt/lib/liba.so"] = A
    assert found(tmp_path, files, loader=MUSL) == ["/opt/lib/liba.so"]


def test_a_library_of_another_machine_is_passed_over(tmp_path: Path) -> None:
    files = {
        "/app/lib/liba.so": file(elf((), "", "liba.so", machine=183)), "/usr/lib/liba.so": A,
        "/app/bin/p": file(elf(("liba.so",), GLIBC, "", "/app/lib")),
    }  # fmt: skip
    assert found(tmp_path, files) == ["/usr/lib/liba.so"]


def test_the_cache_of_this_system() -> None:
    assert parse_cache(b"") == parse_cache(b"glibc-ld.so.cache1.1") == {}
    made = parse_cache(loader_cache({"liba.so.1": "/x/liba.so.1", "libb.so": "/y/libb.so"}))
    assert made == {"liba.so.1": ["/x/liba.so.1"], "libb.so": ["/y/libb.so"]}
    path = Path("/etc/ld.so.cache")
    if path.exists():
        assert any(name.startswith("libc.so") for name in parse_cache(path.read_bytes()))
