"""Layers on top of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.images.making import Node, file, folder, link, oci_archive, symlink

from dflint.images import FileTree, read_archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HIDDEN = file(b"")


def tree(tmp_path: Path, *layers: Mapping[str, Node]) -> FileTree:
    with read_archive(oci_archive(tmp_path / "a.tar", layers)) as image:
        return image.filesystem


def test_whiteouts(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {"a/b": file("1"), "a/c/d": file("2"), "e": file("3"), "f": file("old")},
        {"a/.wh.c": HIDDEN, ".wh.e": HIDDEN, "f": file("new"), ".wh.f": HIDDEN, ".wh.nothing": HIDDEN},
    )
    assert list(found) == ["/", "/a", "/a/b", "/f"]
    assert found["/f"].size == 3 and found["/f"].layer == 1


def test_a_path_comes_again_in_a_later_layer(tmp_path: Path) -> None:
    found = tree(tmp_path, {"a/b": file("1")}, {".wh.a": HIDDEN}, {"a": file("2")})
    assert list(found) == ["/", "/a"] and found["/a"].is_file


def test_opaque_folder_hides_lower_layers_only(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {"a": folder(0o700), "a/old": file("1"), "a/sub/old": file("2"), "a/gone/x": file("3")},
        {"a": folder(0o755), "a/new": file("4"), "a/sub/new": file("5"), "a/.wh..wh..opq": HIDDEN},
    )
    assert list(found) == ["/", "/a", "/a/new", "/a/sub", "/a/sub/new"]
    assert found["/a"].mode == 0o755


def test_aufs_metadata_is_no_content(tmp_path: Path) -> None:
    assert list(tree(tmp_path, {".wh..wh.plnk": folder(), ".wh..wh.aufs": file(""), "a": file("")})) == ["/", "/a"]


def test_kinds_replace_each_other(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {"a/b": file("1"), "c": file("2"), "d": folder(0o700, uid=5), "d/e": file("3"), "l": symlink("d")},
        {"a": file("x"), "c": folder(), "c/y": file("z"), "d": folder(0o755), "l": folder()},
    )
    assert found["/a"].is_file and "/a/b" not in found
    assert found["/c"].is_dir and found.names("/c") == ["y"]
    assert found["/d"].mode == 0o755 and found["/d"].uid == 0 and "/d/e" in found
    assert found["/l"].is_dir


def test_paths_through_links_land_where_the_link_leads(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {"usr/bin": folder(), "bin": symlink("usr/bin"), "abs": symlink("/usr/bin"), "up": symlink("../../usr")},
        {"bin/a": file("1"), "abs/b": file("2"), "up/c": file("3"), "bin/.wh.a": HIDDEN},
        {"bin/.wh.b": HIDDEN},
    )
    assert [entry.path for entry in found.walk("/usr")] == ["/usr", "/usr/bin", "/usr/bin/a", "/usr/c"]
    assert found["/bin"].is_symlink


def test_resolving(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {
            "usr/bin/tool": file("x", 0o755), "bin": symlink("usr/bin"), "tool": symlink("bin/tool"),
            "loop": symlink("loop2"), "loop2": symlink("loop"), "dangling": symlink("/no"),
            "out": symlink("../../../bin"),
        },
    )  # fmt: skip
    entry, links = found.trace("/tool")
    assert entry is not None and entry.path == "/usr/bin/tool" and [link.path for link in links] == ["/tool", "/bin"]
    for path in ("/loop", "/dangling", "/loop/x", "/usr/bin/tool/x", "/nothing/x"):
        assert found.resolve(path) is None
    out = found.resolve("/out/tool")
    assert out is not None and out.path == "/usr/bin/tool"
    up = found.resolve("/bin/../bin/tool")  # from /usr, where the link leads
    assert up is not None and up.path == "/usr/bin/tool" and found.resolve("/bin/../tool") is None
    assert found.names("/bin") == found.names("/usr/bin") == ["tool"] and found.names("/tool") == []
    last = found.resolve("/tool", follow=False)
    assert last is not None and last.is_symlink


def test_hard_links(tmp_path: Path) -> None:
    found = tree(
        tmp_path,
        {"a": file("1", 0o4755), "b": link("a"), "c": link("b"), "x": file("2"), "y": link("x"), "bad": link("none")},
        {"x": file("new"), "d": link("a")},
    )
    group = found["/a"].links
    assert group and {found[path].links for path in ("/a", "/b", "/c", "/d")} == {group}
    assert found["/b"].mode == 0o4755 and found["/d"].sha256 == found["/a"].sha256
    assert found["/y"].links == found["/x"].links == 0 and found["/y"].size == 1
    assert "/bad" not in found


def test_a_link_loop_as_parent_ends(tmp_path: Path) -> None:
    found = tree(tmp_path, {"l": symlink("m"), "m": symlink("l")}, {"l/a": file("1")})
    assert any(path.endswith("/a") for path in found)


def test_the_root_and_names_with_dots(tmp_path: Path) -> None:
    found = tree(tmp_path, {"./": folder(0o711), "./a": file("1"), "/b": file("2"), "c/./d/../e": file("3")})
    assert list(found) == ["/", "/a", "/b", "/c", "/c/e"] and found["/"].mode == 0o711
