"""Bounds for archives, which may be made to do harm."""

from __future__ import annotations

from dflint.record import NamedTuple

MIB = 1 << 20


class Limits(NamedTuple):
    """What an archive may have at most; sizes are in bytes. Past them reading ends with an ``ArchiveError``."""

    document: int = 16 * MIB
    """A JSON document: index, manifest, configuration."""
    header: int = MIB
    """The extended header of one member: long names, extended attributes."""
    name: int = 8_192
    """A path, in characters."""
    entries: int = 4_000_000
    """Members of a layer."""
    layers: int = 1_000
    nesting: int = 4
    """Indexes within indexes."""
    layer: int = 64 * 1024 * MIB
    """A layer, uncompressed."""
    file: int = 64 * MIB
    """What ``Image.read`` gives at most, unless told otherwise."""


DEFAULT_LIMITS = Limits()
