"""The build context: file systems, ignore files, which files COPY gets, dependency manifests."""

from dflint.context.build_context import BuildContext, ContextEntry, Unreadable
from dflint.context.filesystem import (
    DirectoryEntry,
    DiskFileSystem,
    FileSystem,
    MemoryFileSystem,
    OverlayFileSystem,
    RememberingFileSystem,
)

__all__ = [
    "BuildContext",
    "ContextEntry",
    "DirectoryEntry",
    "DiskFileSystem",
    "FileSystem",
    "MemoryFileSystem",
    "OverlayFileSystem",
    "RememberingFileSystem",
    "Unreadable",
]
