"""What is known of the base images that the optimizer takes apart: their Debian release, start, folders, PATH.

By hand, from the Dockerfiles of the official images. Debian's release of a tag that does not name one is that of the
rebuilds since September 2025: trixie for what was maintained then, bookworm for what had just ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model.image import ImageReference

RELEASES = ("buster", "bullseye", "bookworm", "trixie")
"""Debian's releases, the oldest first."""
_TRIXIE_SINCE = {"golang": (1, 24), "rust": (1, 89), "gcc": (14,), "python": (3, 9), "node": (20,), "ruby": (3, 2)}
_BOOKWORM_SINCE = {"golang": (1, 19), "rust": (1, 70), "gcc": (12,), "python": (3, 7), "node": (18,), "ruby": (3, 1)}
_GCC_OF_RELEASE = {"buster": 8, "bullseye": 10, "bookworm": 12, "trixie": 14}


class Start(NamedTuple):
    """What an image starts with and where, as far as it concerns the images made from it."""

    workdir: str = ""
    """Empty for the root folder."""
    path: tuple[str, ...] = ()
    """Folders that it puts before the usual ones of PATH."""
    entrypoint: str = ""
    """The program of its ENTRYPOINT; empty if it has none."""


_STARTS = {
    "golang": Start("/go", ("/go/bin", "/usr/local/go/bin")),
    "rust": Start("", ("/usr/local/cargo/bin",)),
    "node": Start("", (), "docker-entrypoint.sh"),
    "ruby": Start("", ("/usr/local/bundle/bin",)),
    "maven": Start("", ("/opt/java/openjdk/bin",), "/usr/local/bin/mvn-entrypoint.sh"),
    "gradle": Start("/home/gradle", ("/opt/java/openjdk/bin",)),
    "eclipse-temurin": Start("", ("/opt/java/openjdk/bin",), "/__cacert_entrypoint.sh"),
    "openjdk": Start("", ("/usr/local/openjdk/bin",)),
    "python": Start("", ("/usr/local/bin",)),
}


def start_of(image: ImageReference) -> Start:
    """What is known of an image's start; the usual, which is nothing, for others."""
    from dflint.facts import canonical_name

    return _STARTS.get(canonical_name(image), Start())


def debian_release(image: ImageReference) -> str | None:
    """The Debian release that a tag of an official image is built on; None if it is none, or not known."""
    from dflint.facts import canonical_name, distribution_cycle, facts_of

    if facts_of(image).distribution != "debian":
        return None
    cycle = distribution_cycle(image)
    if cycle is not None:
        return cycle.codename if cycle.codename in RELEASES else None
    name = canonical_name(image)
    version = version_of(image)
    if version is None:
        return "trixie" if name in _TRIXIE_SINCE and image.digest is None else None
    for table, release in ((_TRIXIE_SINCE, "trixie"), (_BOOKWORM_SINCE, "bookworm")):
        since = table.get(name)
        if since is not None and _is_at_least(version, since):
            return release
    return None


def _is_at_least(version: tuple[int, ...], since: tuple[int, ...]) -> bool:
    """Whether a version is not older; ``1`` is the newest ``1.x``."""
    return version >= since or version == since[: len(version)]


def version_of(image: ImageReference) -> tuple[int, ...] | None:
    """The numbers at the start of a tag: ``(3, 11)`` of ``3.11-slim``; None if it does not start with one."""
    head = (image.tag or "").partition("-")[0]
    numbers = []
    for part in head.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers) or None


def has_newer_libstdcxx(image: ImageReference, release: str) -> bool:
    """Whether programs made by an image's own C++ compiler may want a newer library than a release has."""
    from dflint.facts import canonical_name

    if canonical_name(image) != "gcc":
        return False
    version = version_of(image)
    return version is None or version[0] > _GCC_OF_RELEASE.get(release, 0)
