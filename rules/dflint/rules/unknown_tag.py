from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class UnknownTag(Rule):
    """The name or the tag of an official image is mistyped.

    ## Why is this bad?

    The build stops at FROM, and only after the registry was asked; or, worse, somebody publishes an image under the
    mistyped name.

    ## Exceptions

    Tags come and go, so only what is surely a mistake is reported: a part of a tag that no official image has or ever
    had and that is almost one that this image has (`3.12-slm`), and a name without a slash that is almost that of an
    official image, as there is no other image of such a name (`pyhton`). Versions are never judged.

    ## Fix safety

    Unsafe: which image was meant is a guess.
    """

    name = "unknown-tag"
    category = "base"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM python:3.12-slm\nCMD python\n",
            at=("3.12-slm",),
            fixed="FROM python:3.12-slim\nCMD python\n",
        ),
        Bad("FROM debian:latst\n", at=("latst",), fixed="FROM debian:latest\n"),
        Bad("FROM pyhton:3.12 AS a\nRUN b\n", at=("pyhton",), fixed="FROM python:3.12 AS a\nRUN b\n"),
        Bad("FROM ubunut\nRUN b\n", at=("ubunut",), fixed="FROM ubuntu\nRUN b\n"),
        # What was meant is not clear.
        Bad("FROM node:9.9-bulseye\nRUN b\n", at=("9.9-bulseye",)),
    )
    good = (
        Good("FROM python:3.12-slim\n"),
        Good("FROM python:3.99\n"),
        Good("FROM python:2.7-onbuild\n"),
        Good("FROM owner/pyhton:1\n"),
        Good("FROM registry.example/pyhton:1\n"),
        Good("FROM a AS pyhton\nFROM pyhton\n"),
        Good("FROM ${X}ython:3.12\n"),
        Good("FROM myimage\n"),
        Good("FROM debian9\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        image, word = stage.image, stage.from_.image
        if image is None or word is None or not image.is_official or word.value != image.text:
            return
        from dflint.facts import known_tag, nearest_official, nearest_tag

        name = image.name
        near = nearest_official(name)
        if near is not None and _letters(near) == _letters(name):
            near = None  # debian9: an image of one's own
        at = word.start + word.value.rfind(name)
        if near is not None:
            place = Span(at, at + len(name))
            change = Fix.of(f"Use {near}", "unsafe", [Edit(*place, near)])
            yield self.finding(place, f"there is no official image {name}: did you mean {near}?", change)
            return
        tag = image.tag
        if tag is None or known_tag(name, tag) is not False:
            return
        meant = nearest_tag(name, tag)
        start = at + len(name) + 1
        place = Span(start, start + len(tag))
        hint = f": did you mean {meant}?" if meant is not None else ""
        fix = None if meant is None else Fix.of(f"Use {meant}", "unsafe", [Edit(*place, meant)])
        yield self.finding(place, f"{name} has no tag like {tag}{hint}", fix)


def _letters(name: str) -> str:
    return "".join(char for char in name if char.isalpha())
