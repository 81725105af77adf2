from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Onbuild, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class RunInEmptyImage(Rule):
    """A RUN stands in an image from `scratch` into which nothing has been copied.

    ## Why is this bad?

    There is no shell and no program in the image, so the build fails.

    ## Exceptions

    Silent after any COPY or ADD of the stage or of a stage that it starts from, and for a RUN that mounts something.
    """

    name = "run-in-empty-image"
    category = "correctness"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM scratch\nRUN make\nCOPY app /\n", at=("RUN",)),
        Bad('FROM scratch AS base\nENV A=1\nFROM base\nWORKDIR /app\nrun ["/bin/true"]\n', at=("run",)),
        Bad("FROM scratch\nRUN <<EOF\nmake\nEOF\n", at=("RUN",)),
    )
    good = (
        Good("FROM scratch\nADD rootfs.tar.xz /\nRUN make\n"),
        Good("FROM scratch AS base\nCOPY --from=busybox:1.36 / /\nFROM base\nRUN make\n"),
        Good("FROM scratch AS base\nONBUILD ADD rootfs.tar.xz /\nFROM base\nRUN make\n"),
        Good('FROM scratch\nRUN --mount=from=busybox:1.36,target=/bin ["/bin/true"]\n'),
        Good("FROM alpine:3.20\nRUN make\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not stage.root.is_scratch:
            return
        parent = stage.parent
        while parent is not None:
            for instruction in parent.instructions:
                if isinstance(instruction, (Transfer, Run, Onbuild)):
                    return
            parent = parent.parent
        for instruction in stage.instructions:
            if isinstance(instruction, Transfer):
                return
            if isinstance(instruction, Run):
                if instruction.flag("mount") is None:
                    yield self.finding(instruction.keyword, "nothing can run here: the image from scratch is empty")
                return
