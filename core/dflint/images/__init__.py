"""Container images: what is in an archive file, without an engine and without unpacking it.

``read_archive`` reads what ``docker buildx build --output type=oci,dest=F`` (or ``type=docker``), ``docker save`` and
``podman save`` write; ``read_root_file_system`` a plain tar archive. Layers are read as a stream and hashed on the way.
"""

from dflint.images.configuration import Healthcheck, History, ImageConfiguration
from dflint.images.entry import Entry, EntryType
from dflint.images.errors import ArchiveError, ImagePathError
from dflint.images.file_tree import FileTree
from dflint.images.image import (
    Image,
    Layer,
    LayerReader,
    read_archive,
    read_archives,
    read_configuration,
    read_root_file_system,
)
from dflint.images.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "DEFAULT_LIMITS",
    "ArchiveError",
    "Entry",
    "EntryType",
    "FileTree",
    "Healthcheck",
    "History",
    "Image",
    "ImageConfiguration",
    "ImagePathError",
    "Layer",
    "LayerReader",
    "Limits",
    "read_archive",
    "read_archives",
    "read_configuration",
    "read_root_file_system",
]
