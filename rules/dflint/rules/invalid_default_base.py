from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage

_PLATFORM = {
    "TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64", "TARGETVARIANT": "",
    "TARGETOSVERSION": "", "TARGETSTAGE": "default",
    "BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": "", "BUILDOSVERSION": "",
}  # fmt: skip


class InvalidDefaultBase(Rule):
    """Without build arguments FROM names no valid image.

    ## Why is this bad?

    A plain `docker build .` stops with a message about an invalid reference, which does not say that an argument is
    missing. So do all tools that look at a Dockerfile without knowing the arguments. Give the ARG a default, or if
    there is no good one say `${BASE:?give a base image}`.

    ## Exceptions

    A variable that no ARG declares is left to undefined-arg-in-from, a name without variables to
    invalid-image-reference; `${BASE:?...}` stops by itself with a clear message. For the platform's ARGs values of
    linux/amd64 are taken.
    """

    name = "invalid-default-base"
    category = "base"
    level = "info"
    aliases = ("InvalidDefaultArgInFrom",)
    since = "0.1.0"

    bad = (
        Bad("ARG TAG\nFROM debian:${TAG}\n", at=("debian:${TAG}",)),
        Bad("ARG BASE\nfrom $BASE as build\n", at=("$BASE",)),
        Bad("ARG OWNER=acme\nARG IMAGE=$OWNER/App\nFROM \\\n  ${IMAGE}\n", at=("${IMAGE}",)),
    )
    good = (
        Good("ARG TAG=12\nFROM debian:${TAG}\n"),
        Good("ARG TAG\nFROM debian:${TAG:-12}\n"),
        Good("ARG BASE\nFROM ${BASE:?give a base image}\n"),
        Good("FROM debian:${TAG}\n"),
        Good("ARG SUFFIX\nFROM debian:12${SUFFIX}\n"),
        Good("FROM debian:12 AS base-amd64\nFROM base-$TARGETARCH$TARGETVARIANT\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        if not model.global_args:
            return  # no variable of a FROM is declared
        values: dict[str, str] | None = None
        for stage in model.stages:
            word = stage.from_.image
            if word is None or "$" not in word.text:
                continue
            values = _defaults(model) if values is None else values
            if not _is_declared(stage, model):
                continue
            text = word.expand(values)
            if text is None or _is_valid(text, stage, model):
                continue
            unset = [use.name for use in word.variables if use.name not in values]
            if unset:
                yield self.finding(word, f"{word.text} names no valid image unless --build-arg sets {unset[0]}")
            else:
                yield self.finding(word, f'{word.text} means "{text}" by default, which is no valid image name')


def _defaults(model: Model) -> dict[str, str]:
    """The global ARGs without build arguments (convert.go: buildMetaArgs); those without a value left out."""
    values = dict(_PLATFORM)
    for instruction in model.global_args:
        for pair in instruction.pairs:
            value = pair.value.expand(values) if pair.value is not None else None
            if value is not None:
                values[pair.key.text] = value
    return values


def _is_declared(stage: Stage, model: Model) -> bool:
    word = stage.from_.image
    environment = model.environment_before(stage.from_)
    return word is not None and all(environment.lookup(use.name) is not None for use in word.variables)


def _is_valid(text: str, stage: Stage, model: Model) -> bool:
    from dflint.model import ImageReference

    if any(other.name == text for other in model.stages[: stage.index]):
        return True
    return text in model.named_contexts or ImageReference.parse(text) is not None
