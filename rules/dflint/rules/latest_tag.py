from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._from_values import from_values
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy, Instruction, Run

_LATEST = ":latest"


class LatestTag(Rule):
    """An image is used by its tag `latest`.

    ## Why is this bad?

    `latest` is what was pushed last, in most projects the next major version sooner or later. The same Dockerfile then
    builds something else next month, or not at all.

    ## Exceptions

    A digest behind the tag settles what is pulled. Images that only an ARG without a default names are not known.

    ## Differs from hadolint

    Images of `COPY --from` and of RUN mounts count too, and so do the defaults of global ARGs.
    """

    name = "latest-tag"
    category = "reproducibility"
    level = "warning"
    aliases = ("DL3007",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:latest\n", at=("latest",)),
        Bad("from \\\n  owner/app:latest as app\n", at=("latest",)),
        Bad("ARG REGISTRY\nFROM $REGISTRY/app:latest\n", at=("latest",)),
        Bad("ARG TAG=latest\nFROM debian:${TAG}\n", at=("debian:${TAG}",)),
        Bad("FROM php:8.3\nCOPY --from=composer:latest /usr/bin/composer /usr/bin/\n", at=("latest",)),
        Bad("FROM php:8.3\nRUN --mount=from=composer:latest,target=/c /c/usr/bin/composer\n", at=("latest",)),
        Bad("FROM php:8.3\nONBUILD COPY --from=composer:latest /a /a\n", at=("latest",)),
    )
    good = (
        Good("FROM debian:12\n"),
        Good("FROM debian:latest@sha256:4abf773f2a570e6873259c4e3ba16de6c6268fb571fd46ec80be7c67822823b3\n"),
        Good("FROM owner/latest:1.0\n"),
        Good("FROM debian:latest-backports\n"),
        Good("ARG TAG\nFROM debian:${TAG}\n"),
        Good("FROM debian:12 AS latest\nFROM latest\nCOPY --from=latest /a /b\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        image = stage.image
        word = stage.from_.image
        if word is None or stage.parents:
            return
        if word.text.endswith(_LATEST):
            span = word.mapped.span(len(word.text) - len(_LATEST) + 1, len(word.text))
            name = word.text.removesuffix(_LATEST)
            yield self.finding(span, f"the latest tag of {name} means another image after each release")
        elif image is not None and image.tag == "latest" and not image.digest:
            yield self.finding(word, f"{word.text} means {image.text} by default, another image after each release")

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def _check_values(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        for value in from_values(instruction):
            if value.text.endswith(_LATEST) and "$" not in value.text:
                place = Span(value.end - len(_LATEST) + 1, value.end) if value.is_verbatim else value
                name = value.text.removesuffix(_LATEST)
                yield self.finding(place, f"the latest tag of {name} means another image after each release")
