from pathlib import Path

import pytest

from dflint.context import DirectoryEntry, DiskFileSystem, FileSystem, MemoryFileSystem, OverlayFileSystem


def test_memory_has_one_spelling_for_a_path() -> None:
    files = MemoryFileSystem({"a/b.txt": "x", "/c": b"\xff"})
    assert files.read_text("/a/b.txt") == files.read_text("./a/b.txt") == files.read_text("a/../a/b.txt") == "x"
    assert files.read_text("c") == "\udcff"
    assert files.is_dir("") and files.is_dir(".") and files.is_dir("a")
    assert not files.is_file("a") and not files.is_file("missing")


def test_memory_lists_folders() -> None:
    files = MemoryFileSystem({"a/b/c": "123", "a/é": "é", "empty/": ""})
    assert files.list_dir("") == [DirectoryEntry("a", "dir", 0), DirectoryEntry("empty", "dir", 0)]
    assert files.list_dir("a") == [DirectoryEntry("b", "dir", 0), DirectoryEntry("é", "file", 2)]
    assert files.list_dir("empty") == []


@pytest.mark.parametrize("path", ["nothing", "a"])
def test_memory_raises_os_errors(path: str) -> None:
    files = MemoryFileSystem({"a/b": ""})
    with pytest.raises(OSError):
        files.read_text(path)
    with pytest.raises(OSError):
        files.list_dir("a/b" if path == "a" else path)
    with pytest.raises(OSError):
        files.read_link(path)


def test_disk(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\r\n\xff")
    (tmp_path / "d").mkdir()
    (tmp_path / "l").symlink_to("d")
    root = tmp_path.as_posix()
    files: FileSystem = DiskFileSystem()
    assert files.read_text(f"{root}/f") == "a\r\n\udcff"
    assert files.list_dir(root) == [
        DirectoryEntry("d", "dir", 0),
        DirectoryEntry("f", "file", 4),
        DirectoryEntry("l", "symlink", 0),
    ]
    assert files.is_dir(f"{root}/l") and files.is_file(f"{root}/f")
    assert files.read_link(f"{root}/l") == "d"
    with pytest.raises(FileNotFoundError):
        files.list_dir(f"{root}/x")


def test_overlay_puts_texts_in_front() -> None:
    overrides = {"p/Dockerfile": "new", "p/sub/extra.txt": "12"}
    files = OverlayFileSystem(MemoryFileSystem({"p/Dockerfile": "old", "p/a": "1"}), overrides)
    assert files.read_text("./p/Dockerfile") == "new"
    assert files.read_text("p/a") == "1"
    assert files.is_file("p/sub/extra.txt") and files.is_dir("p/sub")
    assert files.list_dir("p") == [
        DirectoryEntry("Dockerfile", "file", 3),
        DirectoryEntry("a", "file", 1),
        DirectoryEntry("sub", "dir", 0),
    ]
    assert files.list_dir("p/sub") == [DirectoryEntry("extra.txt", "file", 2)]
    overrides.clear()
    assert files.read_text("p/Dockerfile") == "old"
    with pytest.raises(OSError):
        files.list_dir("p/sub")
