from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._from_values import from_values, is_surely_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy, Instruction, Run


class UntaggedBase(Rule):
    """An image is used without a tag or digest.

    ## Why is this bad?

    Without a tag the build takes `latest`, which is another image after each release of it. The same Dockerfile then
    builds something else next month, and nothing in the file or its history says why.

    Images of `COPY --from` and of RUN mounts count too, if the name cannot be that of a context given by
    `--build-context`: it is a path (`owner/image`) or the name of an official image.

    ## Exceptions

    `scratch`, stages, named contexts, a name whose tag comes from an ARG without a default or from the platform
    (`base-${TARGETARCH}`). The default of a global ARG is looked at: with `ARG BASE=debian`, `FROM $BASE` is reported.

    ## Differs from hadolint

    hadolint does not look at ARG defaults in every case, nor at `COPY --from`, and reports `base-${TARGETARCH}` though
    stages have those names.
    """

    name = "untagged-base"
    category = "reproducibility"
    level = "warning"
    aliases = ("DL3006",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian\n", at=("debian",)),
        Bad("from ghcr.io/owner/app as app\nRUN true\n", at=("ghcr.io/owner/app",)),
        Bad("ARG BASE=debian\nFROM ${BASE} AS build\n", at=("${BASE}",)),
        Bad("ARG REGISTRY\nFROM ${REGISTRY}/app\n", at=("${REGISTRY}/app",)),
        Bad("FROM localhost:5000/app\n", at=("localhost:5000/app",)),
        Bad("FROM --platform=$BUILDPLATFORM \\\n    golang AS build\n", at=("golang",)),
        Bad("FROM php:8.3\nCOPY --from=composer /usr/bin/composer /usr/bin/\n", at=("composer",)),
        Bad("FROM php:8.3\nRUN --mount=type=bind,from=owner/tool,target=/t /t/run\n", at=("owner/tool",)),
        Bad("FROM php:8.3\nONBUILD COPY --from=owner/tool /t /t\n", at=("owner/tool",)),
    )
    good = (
        Good("FROM debian:12\n"),
        Good("FROM scratch\nCOPY a /\n"),
        Good("FROM debian@sha256:4abf773f2a570e6873259c4e3ba16de6c6268fb571fd46ec80be7c67822823b3\n"),
        Good("FROM debian:12 AS Build\nFROM build\nFROM Build\n"),
        Good("ARG BASE=debian:12\nFROM ${BASE}\n"),
        Good("ARG BASE\nFROM ${BASE}\n"),
        Good("ARG BASE\nFROM ${BASE:-debian:12}\n"),
        Good("ARG TAG\nFROM debian:$TAG\n"),
        Good("ARG REGISTRY\nFROM ${REGISTRY}/app:1\nFROM ${REGISTRY}/$APP\n"),
        Good(
            "FROM alpine:3.20 AS base-amd64\nFROM alpine:3.20 AS base-arm64\nARG TARGETARCH\nFROM base-${TARGETARCH}\n"
        ),
        # May be a context of the build.
        Good("FROM alpine:3.20\nCOPY --from=sources /a /b\n"),
        Good("FROM alpine:3.20 AS a\nFROM alpine:3.20\nCOPY --from=0 /a /b\nRUN --mount=from=a,target=/c ls /c\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        image = stage.image
        word = stage.from_.image
        if word is None or stage.parents:
            return
        if image is None and stage.base_text is None and _ends_in_a_name(word.text):
            yield self.finding(word, f"{word.text} has no tag, so the build takes whatever is the latest")
        if image is None or image.tag or image.digest:
            return
        if image.text in model.named_contexts:
            return
        if "$" in word.text:
            yield self.finding(word, f"{word.text} means {image.text} by default, which has no tag")
        else:
            yield self.finding(word, f"{image.text} has no tag, so the build takes whatever is the latest")

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def _check_values(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        from dflint.model import ImageReference

        for value in from_values(instruction):
            image = model.resolve_from(value.text, instruction)
            if isinstance(image, ImageReference) and not image.tag and not image.digest and is_surely_image(value.text):
                yield self.finding(value, f"{value.text} has no tag, so the build takes whatever is the latest")


def _ends_in_a_name(text: str) -> bool:
    """Whether a name with unknown variables surely has no tag: the path ends in plain text without one."""
    before, slash, last = text.rpartition("/")
    return bool(slash and last) and "$" in before and not any(char in last for char in ":@$}\"'\\`")
