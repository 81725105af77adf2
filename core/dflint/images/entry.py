"""One path of an image's file system."""

from __future__ import annotations

from typing import Literal

from dflint.record import NamedTuple

EntryType = Literal["file", "dir", "symlink", "char", "block", "fifo"]


class Entry(NamedTuple):
    """What an image has at a path."""

    path: str
    """Absolute: ``/usr/bin/env``; the root is ``/``. Bytes that are not UTF-8 are lone surrogates."""
    type: EntryType
    mode: int
    """Permission bits with setuid, setgid and sticky: at most 0o7777."""
    uid: int
    gid: int
    size: int
    """Of a file, in bytes; else 0."""
    mtime: int
    """Seconds since 1970."""
    sha256: bytes
    """Of a file's content, 32 bytes; else empty."""
    target: str
    """Of a symlink, as written in it."""
    xattrs: tuple[tuple[str, bytes], ...]
    """Extended attributes by name; ``security.capability`` holds file capabilities."""
    device: tuple[int, int] | None
    """Major and minor number of a device."""
    links: int
    """The same number for all names of one file (hard links); 0 for a file with one name."""
    layer: int
    """Index of the layer that it comes from."""
    head: bytes
    """The first bytes of a file, at most 20."""
    offset: int
    """Where the content starts in the uncompressed layer; of a hard link that of the file."""
    segments: tuple[tuple[int, int], ...] | None
    """Of a sparse file: offset and length of each stretch of data, stored one after another; None for others."""
    is_implied: bool = False
    """Whether no layer has it, only paths below it."""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.type == "file"

    @property
    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return self.type == "dir"

    @property
    def is_symlink(self) -> bool:
        """Whether it is a symbolic link."""
        return self.type == "symlink"

    @property
    def is_elf(self) -> bool:
        """Whether it is an ELF file: a program, a library or an object."""
        return self.head.startswith(b"\x7fELF")

    @property
    def is_script(self) -> bool:
        """Whether it starts with ``#!``."""
        return self.head.startswith(b"#!")

    @property
    def capability(self) -> bytes:
        """The value of ``security.capability``; empty if the file has none."""
        return dict(self.xattrs).get("security.capability", b"")
