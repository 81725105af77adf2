from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Label


class UnknownLabel(Rule):
    """A label is not among those that the configuration allows.

    ## Why is this bad?

    It is probably a slip of a label that tools look for, or one that nobody reads.

    Which labels are allowed is your decision: without the option `allowed` the rule does nothing.

    ## Exceptions

    Silent for keys with a variable without a known value. A `*` at the end of an allowed key stands for anything.
    """

    name = "unknown-label"
    category = "labels"
    level = "info"
    aliases = ("DL3050",)
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "allowed": Option((), "The keys of the labels that images may have; `com.example.*` for a namespace.")
    }

    bad = (
        Bad("FROM alpine:3.20\nLABEL a=1 b=2\n", at=("b",), options={"allowed": ("a",)}),
        Bad("FROM alpine:3.20\nlabel vendro Acme\n", at=("vendro",), options={"allowed": ("vendor", "version")}),
        Bad('FROM alpine:3.20\nONBUILD LABEL \\\n  "c d"=1\n', at=('"c d"',), options={"allowed": ("a",)}),
    )
    good = (
        Good("FROM alpine:3.20\nLABEL a=1\n"),
        Good("FROM alpine:3.20\nLABEL a=1 org.opencontainers.image.title=x\n", options={"allowed": ("a", "org.*")}),
        Good("FROM alpine:3.20\nLABEL $KEY=1\n", options={"allowed": ("a",)}),
    )

    def check_label(self, label: Label, model: Model) -> Iterator[Finding]:
        allowed = self.setting("allowed")
        if not allowed:
            return
        environment = model.environment_before(label)
        prefixes = tuple(key[:-1] for key in allowed if key.endswith("*"))
        for pair in label.pairs:
            key = environment.expand(pair.key)
            if key is None or key in allowed or key.startswith(prefixes):
                continue
            from dflint.syntax.suggest import nearest

            near = nearest(key, allowed)
            hint = f" (did you mean {near}?)" if near else ""
            yield self.finding(pair.key, f"label {key} is not among the allowed ones{hint}")
