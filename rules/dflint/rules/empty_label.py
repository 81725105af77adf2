from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Label


class EmptyLabel(Rule):
    """A label that must say something is empty.

    ## Why is this bad?

    The label is there, so a check for its presence passes, but it tells nothing.

    Which labels must not be empty is your decision: without the option `labels` the rule does nothing.

    ## Exceptions

    Silent for values with a variable that the build may set, be its default empty.
    """

    name = "empty-label"
    category = "labels"
    level = "warning"
    aliases = ("DL3051",)
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "labels": Option((), "The keys of the labels that must not be empty; `*` for all.")
    }

    bad = (
        Bad('FROM alpine:3.20\nLABEL a="" b=""\n', at=("a",), options={"labels": ("a",)}),
        Bad("FROM alpine:3.20\nlabel \\\n  \"a\"= b=' '\n", at=('"a"', "b"), options={"labels": ("*",)}),
    )
    good = (
        Good('FROM alpine:3.20\nLABEL a=""\n'),
        Good('FROM alpine:3.20\nLABEL a=1 b=""\n', options={"labels": ("a",)}),
        Good("FROM alpine:3.20\nARG V\nLABEL a=$V\n", options={"labels": ("a",)}),
        Good('FROM alpine:3.20\nARG V=""\nLABEL a="${V}"\n', options={"labels": ("a",)}),
    )

    def check_label(self, label: Label, model: Model) -> Iterator[Finding]:
        labels = self.setting("labels")
        if not labels:
            return
        environment = model.environment_before(label)
        for pair in label.pairs:
            key = environment.expand(pair.key)
            if key is None or pair.value is None or not (key in labels or "*" in labels):
                continue
            value = environment.expand(pair.value)
            if value is not None and not value.strip() and environment.is_constant(pair.value):
                yield self.finding(pair.key, f"label {key} is empty")
