"""Release cycles and their ends (package data; ``refresh.py`` says how it is written)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dflint.facts.data import line_of
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model.image import ImageReference


class Cycle(NamedTuple):
    """A release cycle. Dates are ISO texts, so that they compare as texts: ``2025-10-31``."""

    image: str
    name: str
    """``3.12``, ``22.04``."""
    codename: str
    """``bookworm``, ``noble``, or ``""``."""
    end: str | None
    """The day on which support ends; None if none is set, ``0000-00-00`` if it ended on an unknown day."""
    extended_end: str | None
    """The end of long-term or paid support."""

    def has_ended(self, today: str) -> bool:
        """Whether regular support is over on an ISO date."""
        return self.end is not None and self.end < today


_CYCLES_OF = {
    "mcr.microsoft.com/dotnet/sdk": "mcr.microsoft.com/dotnet/runtime",
    "mcr.microsoft.com/dotnet/aspnet": "mcr.microsoft.com/dotnet/runtime",
    "mcr.microsoft.com/dotnet/runtime-deps": "mcr.microsoft.com/dotnet/runtime",
    "mcr.microsoft.com/dotnet/core/sdk": "mcr.microsoft.com/dotnet/runtime",
    "mcr.microsoft.com/dotnet/core/aspnet": "mcr.microsoft.com/dotnet/runtime",
    "mcr.microsoft.com/dotnet/core/runtime": "mcr.microsoft.com/dotnet/runtime",
    "openjdk": "",
}


@lru_cache(maxsize=64)
def cycles_of(name: str) -> tuple[Cycle, ...]:
    """The cycles of an image (by its familiar name), newest first; ``()`` if unknown."""
    line = line_of("cycles.txt", _CYCLES_OF.get(name, name))
    return tuple(_cycle(name, word) for word in line.split(" ")) if line else ()


def end_of_life(image: ImageReference) -> Cycle | None:
    """The cycle that an image's tag belongs to, with its end; None if unknown or the tag names no version.

    A tag belongs to the longest cycle name that starts it at a dot (``3.12.4-slim`` to 3.12), or to the codename that
    is its first part. A floating tag (``latest``, ``3`` where cycles are 3.12) belongs to none.
    """
    tag = image.tag
    cycles = cycles_of(canonical_name(image))
    if tag is None or not cycles:
        return None
    head = tag.split("-")[0].lower()
    version = head.removeprefix("v")
    java_update = version.partition("u")[0] if version[:1] == "8" else version
    best = None
    for cycle in cycles:
        if cycle.codename and cycle.codename == head:
            return cycle
        name = cycle.name
        if (version == name or version.startswith((f"{name}.", f"{name}_")) or java_update == name) and (
            best is None or len(name) > len(best.name)
        ):
            best = cycle
    return best


def distribution_cycle(image: ImageReference) -> Cycle | None:
    """The cycle of the distribution that a tag names: ``python:3.9-buster`` gives Debian 10; None if it names none."""
    name = canonical_name(image)
    if name in ("debian", "ubuntu", "alpine"):
        return end_of_life(image)
    for part in (image.tag or "").lower().split("-"):
        for distribution in ("debian", "ubuntu"):
            for cycle in cycles_of(distribution):
                if cycle.codename and cycle.codename == part:
                    return cycle
        if part.startswith("alpine3."):
            for cycle in cycles_of("alpine"):
                if part.removeprefix("alpine") == cycle.name:
                    return cycle
    return None


def canonical_name(image: ImageReference) -> str:
    """The familiar name; mirrors of the official images count as these (``public.ecr.aws/docker/library/python``)."""
    name = image.name
    for prefix in ("public.ecr.aws/docker/library/", "mirror.gcr.io/library/", "registry.hub.docker.com/library/"):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _cycle(image: str, word: str) -> Cycle:
    label, _, ends = word.partition("=")
    name, _, codename = label.partition("/")
    end, _, extended = ends.partition("+")
    return Cycle(image, name, codename, _date(end), _date(extended) if extended else None)


def _date(text: str) -> str | None:
    if text == "-":
        return None
    return "0000-00-00" if text == "!" else f"{text[:4]}-{text[4:6]}-{text[6:]}"
