from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.facts import Cycle
    from dflint.findings import Finding
    from dflint.model import Model, Stage

_WITH_PUBLIC_LTS = frozenset(("debian",))


class EndOfLifeBase(Rule):
    """A base image belongs to a release that gets no more updates.

    ## Why is this bad?

    Nobody repairs a security hole in it any more: neither in the language or server that the image is for, nor, if the
    distribution is the one that has ended, in any of its packages. Its package mirrors are moved away sooner or later,
    and then the build fails.

    ## Exceptions

    Told by dflint's table of release cycles, whose date stands in the message: what ended after it is not reported.
    Debian counts until the end of its long-term support, Ubuntu until the end of its standard support. Silent on tags
    that name no release (`latest`, `3`), digests, names with variables that have no default, and images that are not
    in the table.
    """

    name = "end-of-life-base"
    category = "base"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad("FROM python:3.8\nCMD python\n", at=("python:3.8",)),
        Bad("FROM node:16-alpine AS build\nRUN npm ci\n", at=("node:16-alpine",)),
        Bad("FROM ubuntu:18.04\nCMD a\n", at=("ubuntu:18.04",)),
        Bad("FROM debian:stretch-slim\nCMD a\n", at=("debian:stretch-slim",)),
        # The distribution is what has ended.
        Bad("FROM nginx:1.31-buster\n", at=("nginx:1.31-buster",)),
        Bad("ARG VERSION=3.7\nFROM python:${VERSION}-slim\nCMD a\n", at=("python:${VERSION}-slim",)),
    )
    good = (
        Good("FROM python:3.14\nCMD python\n"),
        Good("FROM python\nCMD python\n"),
        Good("FROM python:3\nCMD python\n"),
        Good("FROM debian:bookworm\nCMD a\n"),
        Good("FROM owner/python:3.8\nCMD python\n"),
        Good("ARG VERSION\nFROM python:${VERSION}\nCMD a\n"),
        Good("FROM python:3.14 AS python\nFROM python\nCMD a\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        image, word = stage.image, stage.from_.image
        if image is None or word is None or image.tag is None:
            return
        from dflint.facts import DATE, distribution_cycle, end_of_life

        today = f"{DATE}-01"
        for cycle in (end_of_life(image), distribution_cycle(image)):
            if cycle is not None and _end_of(cycle) < today:
                yield self.finding(word, _message(cycle))
                return


def _end_of(cycle: Cycle) -> str:
    """The day after which nobody gets updates without paying; a far one if none is set."""
    if cycle.image in _WITH_PUBLIC_LTS and cycle.extended_end is not None:
        return max(cycle.end or "", cycle.extended_end)
    return cycle.end or "9999"


def _message(cycle: Cycle) -> str:
    end = _end_of(cycle)
    name = f"{cycle.image} {cycle.name}" + (f" ({cycle.codename})" if cycle.codename else "")
    since = "" if end.startswith("0000") else f" since {end}"
    return f"{name} has had no updates{since}"
