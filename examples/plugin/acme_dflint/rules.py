"""The rules: every class here that has a ``name`` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class UnmirroredImage(Rule):
    """A base image comes from Docker Hub and not from the mirror.

    ## Why is this bad?

    Docker Hub limits how often it answers, and nobody at Acme has looked at what it serves. The mirror has the same
    images under the same names, scanned.

    ## Exceptions

    `scratch`, other stages, images of other registries, and images whose name is not known before the build.

    ## Fix safety

    The mirror may lag behind by a day: unsafe.
    """

    name = "acme-unmirrored-image"
    category = "security"
    level = "warning"
    since = "1.0.0"
    aliases = ("ACME001",)
    url = "https://example.com/acme-dflint/unmirrored-image"
    options: ClassVar[Mapping[str, Option]] = {"mirror": Option("mirror.example.com", "The host of the mirror.")}

    bad = (
        Bad("FROM alpine:3.20\n", at=("alpine:3.20",), fixed="FROM mirror.example.com/library/alpine:3.20\n"),
        Bad(
            "FROM docker.io/bitnami/redis:7 AS cache\n",
            at=("docker.io/bitnami/redis:7",),
            fixed="FROM mirror.example.com/bitnami/redis:7 AS cache\n",
        ),
        Bad(
            "FROM python:3.12 AS build\nFROM build\nFROM \\\n    node:22\n",
            at=("python:3.12", "node:22"),
            fixed="FROM mirror.example.com/library/python:3.12 AS build\n"
            "FROM build\nFROM \\\n    mirror.example.com/library/node:22\n",
        ),
        # What an argument stands for is the author's to change.
        Bad("ARG BASE=alpine:3.20\nFROM $BASE\n", at=("$BASE",)),
        Bad("FROM alpine\n", at=("alpine",), fixed="FROM m:5000/library/alpine\n", options={"mirror": "m:5000"}),
    )
    good = (
        Good("FROM mirror.example.com/library/alpine:3.20\n"),
        Good("FROM ghcr.io/acme/base:1\n"),
        Good("FROM scratch\n"),
        Good("ARG BASE\nFROM $BASE\n"),
        Good("# dflint ignore=acme-unmirrored-image not mirrored yet\nFROM alpine:3.20\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        image, word = stage.image, stage.from_.image
        if image is None or word is None or image.registry != "docker.io" or image.text in model.named_contexts:
            return
        mirror = self.setting("mirror")
        fix = None
        if word.text == image.text:
            tag = f":{image.tag}" if image.tag else ""
            digest = f"@{image.digest}" if image.digest else ""
            mirrored = f"{mirror}/{image.repository}{tag}{digest}"
            fix = Fix.of("Take it from the mirror", "unsafe", [Edit(word.start, word.end, mirrored)])
        yield self.finding(word, f"{image.name} comes from Docker Hub, {mirror} has it too", fix)
