"""Typical sizes of images on linux/amd64, unpacked, in megabytes.

Rounded figures by hand, of the variants as they are usually found: they tell whether a variant is a tenth or a half, no
more. Versions differ by a fifth or so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.model.image import ImageReference

_FULL = {
    "python": 1020, "node": 1100, "ruby": 1000, "perl": 900, "pypy": 1050, "golang": 840, "rust": 1500, "gcc": 1300,
    "debian": 120, "ubuntu": 78, "eclipse-temurin": 430, "maven": 530, "gradle": 650, "php": 500, "openjdk": 470,
    "buildpack-deps": 830, "alpine": 8, "nginx": 190,
}  # fmt: skip
_SLIM = {"python": 125, "node": 220, "ruby": 200, "perl": 140, "pypy": 250, "debian": 75, "rust": 800}
_ALPINE = {"python": 50, "node": 150, "ruby": 90, "golang": 250, "rust": 850, "php": 110, "nginx": 50}
_JRE = {"eclipse-temurin": 270, "openjdk": 220}


def typical_size(image: ImageReference) -> int | None:
    """Megabytes; None for images that are not in the table."""
    from dflint.facts.cycles import canonical_name

    name = canonical_name(image)
    words = (image.effective_tag or "").split("-")
    if any(word.startswith("alpine") for word in words):
        return _ALPINE.get(name)
    if "slim" in words:
        return _SLIM.get(name)
    if any(word.startswith("jre") for word in words):
        return _JRE.get(name)
    return _FULL.get(name)
