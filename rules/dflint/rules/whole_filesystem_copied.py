from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.model import Stage
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Copy

_ROOTS = frozenset(("/", "/.", "/*", "/./"))


class WholeFilesystemCopied(Rule):
    """COPY --from takes the whole file system of another stage.

    ## Why is this bad?

    Everything comes along: compilers, caches, sources, secrets of the build, a second operating system over the one of
    the base image. The stage was there to leave that behind.

    ## Exceptions

    Silent when the target is a stage from `scratch` (the image is flattened on purpose) and when the source is a stage
    from `scratch`, an image, or a stage that only gives an image a name: these may hold nothing but what is wanted.

    ## Differs from hadolint

    DL3067 reports every `COPY --from=x / /`.
    """

    name = "whole-filesystem-copied"
    category = "size"
    level = "warning"
    aliases = ("DL3067",)
    since = "0.1.0"

    bad = (
        Bad("FROM golang:1.23 AS build\nRUN make\nFROM debian:12\nCOPY --from=build / /\n", at=("/",)),
        Bad('FROM golang:1.23\nRUN make\nFROM debian:12\ncopy --link \\\n  --from=0 "/" /\n', at=('"/"',)),
    )
    good = (
        Good("FROM golang:1.23 AS build\nRUN make\nFROM debian:12\nCOPY --from=build /app /\n"),
        Good("FROM golang:1.23 AS build\nRUN make\nFROM scratch\nCOPY --from=build / /\n"),
        Good("FROM scratch AS files\nCOPY a /\nFROM debian:12\nCOPY --from=files / /\n"),
        Good("FROM debian:12\nCOPY --from=tonistiigi/xx:1.5.0 / /\n"),
        Good("FROM tonistiigi/xx:1.5.0 AS xx\nARG A\nFROM debian:12\nCOPY --from=xx / /\n"),
        Good("FROM golang:1.23 AS build\nFROM debian:12\nCOPY --from=build / /rootfs\n"),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        if copy.from_ is None or copy.destination is None or copy.destination.literal not in _ROOTS:
            return
        sources = [word for word in copy.sources if word.literal in _ROOTS]
        if not sources or copy.flag("exclude") is not None:
            return
        here = model.stage_of(copy)
        there = model.resolve_from(copy.from_.literal, copy)
        if here is None or here.root.is_scratch or not isinstance(there, Stage) or there.root.is_scratch:
            return
        if not _changes_files(there):
            return
        for word in sources:
            yield self.finding(word, f"all of stage {copy.from_.text} is copied over this one, build tools included")


def _changes_files(stage: Stage) -> bool:
    """Whether a stage, or one that it starts from, does more than naming an image."""
    link: Stage | None = stage
    while link is not None:
        if any(isinstance(instruction, (Run, Transfer)) for instruction in link.instructions):
            return True
        link = link.parent
    return False
