"""Lighter variants that exist for the very version of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.facts.cycles import canonical_name
from dflint.facts.families import DISTRIBUTION_WORDS, facts_of
from dflint.facts.tags import tag_set
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model.image import ImageReference

VariantKind = Literal["slim", "minimal", "jre", "alpine"]


class Variant(NamedTuple):
    """Another tag of the same image and version."""

    kind: VariantKind
    tag: str
    reference: str
    """The reference to write, the name spelled as it was, without a digest."""
    same_distribution: bool
    """Whether distribution and release stay: only what is installed gets less."""
    changes_libc: bool
    """Whether glibc becomes musl: native modules, prebuilt wheels and downloaded programs may fail."""


_NOT_DISTRIBUTIONS = frozenset(("slim", "alpine", "debian"))


def lighter_variants(image: ImageReference) -> tuple[Variant, ...]:
    """The lighter tags that are supported for an official image's version, the least change first.

    ``python:3.12`` has ``3.12-slim`` (the same Debian) and ``3.12-alpine`` (another C library). Empty for images and
    tags that the facts do not hold, for a reference by digest alone, and where the tag is light already.
    """
    name = canonical_name(image)
    tag = image.effective_tag
    tags = tag_set(name)
    if tag is None or tag not in tags:
        return ()
    words = [] if tag == "latest" else tag.split("-")
    given = frozenset(words)
    facts = facts_of(image)
    if facts.distribution == "windows":
        return ()
    found: list[Variant] = []
    by_words = _by_words(name)

    def add(kind: VariantKind, wanted: frozenset[str]) -> None:
        candidate = by_words.get(wanted)
        if candidate is not None and candidate != tag:
            reference = image.with_tag(candidate)
            other = type(image)(reference, image.registry, image.repository, candidate, None)
            theirs = facts_of(other)
            same = kind != "alpine" and theirs.distribution == facts.distribution
            found.append(Variant(kind, candidate, reference, same, facts.libc == "glibc" and theirs.libc == "musl"))

    if "slim" not in given and "minimal" not in given:
        add("slim", given | {"slim"})
        add("minimal", given | {"minimal"})
    if facts.is_build_tool and not any(word.startswith("jre") for word in words):
        without_jdk = _with_jre(given)
        add("jre", given | {"jre"} if without_jdk == given else without_jdk)
    if facts.distribution != "alpine":
        rest = frozenset(word for word in words if word != "slim" and not _is_distribution(word))
        add("alpine", rest | {"alpine"})
        if _with_jre(rest) != rest:
            add("alpine", _with_jre(rest) | {"alpine"})
    return tuple(found)


def _with_jre(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word.replace("jdk", "jre", 1) if word.startswith("jdk") else word for word in words)


def _by_words(name: str) -> dict[frozenset[str], str]:
    """The tags of an image by their words, whose order differs: ``slim-bookworm`` and ``bookworm-slim``."""
    found: dict[frozenset[str], str] = {}
    for tag in sorted(tag_set(name)):
        found.setdefault(frozenset() if tag == "latest" else frozenset(tag.split("-")), tag)
    return found


def _is_distribution(word: str) -> bool:
    return word in DISTRIBUTION_WORDS and word not in _NOT_DISTRIBUTIONS
