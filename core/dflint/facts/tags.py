"""The tags of the official images (package data; ``refresh.py`` says how it is written)."""

from __future__ import annotations

from functools import lru_cache

from dflint.facts.data import line_of, names_in, text_of

_HISTORIC = """
onbuild wheezy jessie stretch buster bullseye bookworm trixie sid experimental testing unstable stable
oldstable oldoldstable precise trusty xenial bionic cosmic disco eoan focal groovy hirsute impish jammy
kinetic lunar mantic noble oracular plucky questing resolute lucid artful zesty yakkety vivid wily utopic
saucy raring quantal nanoserver windowsservercore sac2016 ltsc2016 ltsc2019 ltsc2022 ltsc2025 oracle
oraclelinux7 oraclelinux8 alpine slim cli fpm apache zts debug perl mainline edge rc beta alpha dev preview
nightly devel latest lts corretto openjdk adoptopenjdk temurin semeru current rolling minimal standard full
jdk jre hotspot openj9 curl scm dind rootless git builder management community enterprise focal-slim otel ubi
ubi8 ubi9 centos centos7 centos8 al2 al2023 servercore threaded dmd ldc php5 php7 java7 java8 java11 musl
glibc uclibc buildpack boron argon carbon dubnium erbium fermium gallium hydrogen iron jod krypton rawhide
base init legacy sdk runtime
"""
HISTORIC_WORDS = frozenset(_HISTORIC.split())
"""Parts of tags that official images once had: distributions, Windows releases, variants, code names."""


@lru_cache(maxsize=64)
def tags_of(name: str) -> tuple[str, ...]:
    """The supported tags of an official image, ``()`` for others."""
    line = line_of("tags.txt", name)
    return tuple(unfold(line)) if line else ()


@lru_cache(maxsize=64)
def tag_set(name: str) -> frozenset[str]:
    """``tags_of`` as a set."""
    return frozenset(tags_of(name))


def is_known_official(name: str) -> bool:
    """Whether ``name`` is an official image that has supported tags, or had some and is known by its cycles."""
    return line_of("tags.txt", name) is not None or (name in _RETIRED)


def official_names() -> tuple[str, ...]:
    """The official images with supported tags."""
    return names_in("tags.txt")


def known_tag(name: str, tag: str) -> bool | None:
    """Whether an official image has a tag: True if it is supported; False if it is surely a mistake; None otherwise.

    Old tags stay on the registry and new ones come, so only a tag with a part that no official image has or had, and
    that is nearly one that the image has, counts as a mistake (``3.12-slm``, ``latst``).
    """
    tags = tag_set(name)
    if not tags:
        return None
    if tag in tags:
        return True
    words = _vocabulary(name)
    for part in tag.lower().split("-"):
        word = part.strip("0123456789._")
        # Numbers, v1.2, rc1, r0, b07 and the like say nothing.
        if len(word) < 3 or any(char.isdigit() for char in word) or part in words or word in words:
            continue
        limit = 1 if len(word) < 6 else 2
        if any(edit_distance(word, known, limit) <= limit for known in _own_words(name)):
            return False
    return None


def nearest_tag(name: str, tag: str) -> str | None:
    """The supported tag that was most likely meant by an unknown one, None if none is near."""
    limit = 1 if len(tag) < 5 else 2
    best: tuple[int, int, str] | None = None
    for candidate in tags_of(name):
        if abs(len(candidate) - len(tag)) > limit:
            continue
        distance = edit_distance(tag, candidate, limit)
        if distance <= limit:
            key = (distance, _changed_digits(tag, candidate), candidate)
            if best is None or key < best:
                best = key
    return best[2] if best is not None and not best[1] else None


def nearest_official(name: str) -> str | None:
    """The official image that was most likely meant by an unknown name, None if none is near or it is one."""
    if is_known_official(name) or len(name) < 4:
        return None
    found = [(edit_distance(name, known, 1 if len(name) < 6 else 2), known) for known in official_names()]
    distance, known = min(found)
    return known if distance <= (1 if len(name) < 6 else 2) else None


def unfold(text: str) -> list[str]:
    """The tags of a folded text (``dflint.facts.refresh.fold``)."""
    found: list[str] = []
    _unfold(text, 0, [""], found)
    return found


def _unfold(text: str, at: int, prefixes: list[str], found: list[str]) -> int:
    end = len(text)
    while at < end and text[at] != ")":
        start = at
        while at < end and text[at] not in " ()":
            at += 1
        heads = [prefix + head for prefix in prefixes for head in text[start:at].split(",")]
        if at < end and text[at] == "(":
            at += 1
            if text[at] == "|":
                found.extend(heads)
                at += 1
            at = _unfold(text, at, [f"{head}-" for head in heads], found) + 1
        else:
            found.extend(heads)
        if at < end and text[at] == " ":
            at += 1
    return at


@lru_cache(maxsize=64)
def _own_words(name: str) -> frozenset[str]:
    """The words in an image's own tags."""
    return frozenset(part.lower().strip("0123456789._") for tag in tags_of(name) for part in tag.split("-")) - {""}


@lru_cache(maxsize=64)
def _vocabulary(name: str) -> frozenset[str]:
    """Parts that tags of official images have or had."""
    from dflint.facts.cycles import cycles_of

    words = set(HISTORIC_WORDS)
    for part in _all_parts():
        words.add(part)
        words.add(part.strip("0123456789._"))
    words.update(cycle.codename for image in (name, "debian", "ubuntu") for cycle in cycles_of(image) if cycle.codename)
    return frozenset(words)


@lru_cache(maxsize=1)
def _all_parts() -> tuple[str, ...]:
    """The parts of all tags, and the images' names, which are parts of others' tags."""
    import re

    return tuple(re.split(r"[,( )|\n\t-]+", text_of("tags.txt").lower()))


def edit_distance(first: str, second: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours from one text to the other; above ``limit``: more."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(second) + 1))
    for i, char in enumerate(first, 1):
        row = [i]
        for j, other in enumerate(second, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before_last, last = last, row
    return last[-1]


def _changed_digits(first: str, second: str) -> int:
    """Whether the digits differ: another version is no misspelling."""
    return int([c for c in first if c.isdigit()] != [c for c in second if c.isdigit()])


_RETIRED = frozenset(("centos", "java", "nodejs", "sl", "vault", "consul", "jenkins", "mono", "jobber", "euleros"))
