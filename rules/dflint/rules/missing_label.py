from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule
from dflint.rules._final_user import shipped_chain
from dflint.syntax.tree import Label, Onbuild

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model


class MissingLabel(Rule):
    """The shipped image lacks a label that the configuration requires.

    ## Why is this bad?

    Tools that sort, bill or clean up images by their labels miss this one.

    Which labels are required is your decision: without the option `required` the rule does nothing.

    ## Exceptions

    Only the built image counts: the last stage and the stages it starts from. Silent when a key has a variable without
    a known value, as it may be the missing one.

    ## Differs from hadolint

    DL3049 looks at each stage for itself.
    """

    name = "missing-label"
    category = "labels"
    level = "info"
    aliases = ("DL3049",)
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "required": Option((), "The keys of the labels that the image must have.")
    }

    bad = (
        Bad("FROM alpine:3.20\nLABEL a=1\n", at=("alpine:3.20",), options={"required": ("a", "b")}),
        Bad("FROM alpine:3.20\nLABEL a=1\nfrom alpine:3.20\n", at=("alpine:3.20",), options={"required": ("a",)}),
    )
    good = (
        Good("FROM alpine:3.20\n"),
        Good('FROM alpine:3.20\nLABEL a=1 "b"=2\n', options={"required": ("a", "b")}),
        Good("FROM alpine:3.20 AS base\nLABEL a=1\nFROM base\n", options={"required": ("a",)}),
        Good("FROM alpine:3.20\nARG KEY\nLABEL $KEY=1\n", options={"required": ("a",)}),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        required = self.setting("required")
        target = model.target
        if not required or target is None or target.from_.image is None:
            return
        present: set[str] = set()
        for stage in shipped_chain(model):
            for instruction in stage.instructions:
                if isinstance(instruction, Onbuild) and stage is not target and instruction.trigger is not None:
                    instruction = instruction.trigger
                if isinstance(instruction, Label):
                    environment = model.environment_before(instruction)
                    for pair in instruction.pairs:
                        key = environment.expand(pair.key)
                        if key is None:
                            return
                        present.add(key)
        for key in required:
            if key not in present:
                yield self.finding(target.from_.image, f"the image lacks the required label {key}")
