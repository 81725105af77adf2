from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.findings import Finding
    from dflint.model import Model, Stage


class UnreachableStage(Rule):
    """No build ever needs this stage.

    ## Why is this bad?

    BuildKit skips it, so nobody notices when it breaks; readers take it for a part of the image. Mostly it is a
    leftover, or a `COPY --from` for it was forgotten.

    ## Exceptions

    A stage with a name may be built with `--target`, so only those are reported that cannot be: stages without a name,
    and stages whose name a later one has too. List the targets that you build, and named stages that neither they nor
    the last stage need are reported as well:

    ```toml
    [rules.unreachable-stage]
    targets = ["test", "dev"]
    ```

    A stage that a name with variables may mean (`FROM base-${TARGETARCH}`) counts as used.
    """

    name = "unreachable-stage"
    category = "base"
    level = "warning"
    since = "0.1.0"
    tag = "unnecessary"
    options: ClassVar[Mapping[str, Option]] = {
        "targets": Option(
            (), "stages that --target builds; if given, the last stage or one of them must need each stage"
        ),
    }

    bad = (
        Bad("FROM golang:1.23\nRUN make\nFROM debian:12\nCOPY a /a\n", at=("FROM golang:1.23",)),
        Bad("from debian:12 as a\nFROM debian:12 \\\n  AS A\nfrom a\n", at=("from debian:12 as a",)),
        Bad(
            "FROM debian:12 AS old\nFROM debian:12 AS test\nFROM debian:12\n",
            at=("FROM debian:12 AS old",),
            options={"targets": ("Test",)},
        ),
    )
    good = (
        Good("FROM golang:1.23\nRUN make\nFROM debian:12\nCOPY --from=0 /a /a\n"),
        Good("FROM debian:12 AS test\nFROM debian:12 AS lint\nFROM debian:12\n"),
        Good("FROM debian:12 AS a\nFROM a AS a\nFROM a\n"),
        Good("FROM debian:12 AS base-amd64\nFROM debian:12 AS base-arm64\nFROM base-$TARGETARCH\n"),
        Good(
            "FROM debian:12 AS base-amd64\nFROM debian:12 AS base-arm64\nFROM base-$TARGETARCH\n",
            options={"targets": ("base-amd64",)},
        ),
        Good("FROM debian:12\nFROM debian:12 AS test\nCOPY --from=0 /a /a\nFROM debian:12\n"),
        Good("FROM debian:12\nFROM debian:12\nRUN --mount=from=owner/app:1,target=/a ls\nCOPY --from=0 /a /b\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        stages = model.stages
        if len(stages) < 2 or model.tree.problems:
            return
        last = {stage.name: stage for stage in stages if stage.name}
        targets = [name.lower() for name in self.setting("targets")]
        roots = [stage for name, stage in last.items() if not targets or name in targets]
        needed = _needed([*roots, stages[-1]])
        for stage in stages:
            if stage.index in needed:
                continue
            if not stage.name:
                message = "nothing uses this stage, and having no name it cannot be built with --target"
            elif last[stage.name] is not stage:
                message = f"A later stage is called {stage.name} too, so nothing can use this one"
            else:
                message = f"neither the last stage nor a target needs the stage {stage.name}"
            yield self.finding(stage.from_, message)


def _needed(stages: list[Stage]) -> set[int]:
    found: set[int] = set()
    pending = list(stages)
    while pending:
        stage = pending.pop()
        if stage.index not in found:
            found.add(stage.index)
            pending.extend(stage.parents)
            pending.extend(stage.uses)
    return found
