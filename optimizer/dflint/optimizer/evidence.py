"""What a build of the original showed, for rewrites that are guided by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class BuildEvidence(NamedTuple):
    """Facts from built images; passes prefer them to what the text lets them assume."""

    written: Mapping[int, tuple[str, ...]] = {}
    """Offset of a RUN of the original text to the paths that it wrote and that belong to no package: files, and folders
    that it made with all below them. RUNs that changed the system besides are not in it."""
    packages: tuple[str, ...] = ()
    """The distribution's packages that an earlier rewrite lacked."""
    missing: tuple[str, ...] = ()
    """Paths that an earlier rewrite lacked and that belong to no package."""
