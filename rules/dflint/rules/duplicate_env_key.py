from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Env


class DuplicateEnvKey(Rule):
    """One ENV sets the same variable twice.

    ## Why is this bad?

    Only the last value counts, the others are never seen by anything: all values of an ENV are made from the variables
    as they were before it. Mostly one of the names is a slip of copying.

    ## Fix safety

    The fix removes the pair that has no effect. It is withheld if a comment stands between it and the next one.
    """

    name = "duplicate-env-key"
    category = "correctness"
    level = "warning"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad("FROM debian:12\nENV A=1 B=2 A=3\n", at=("A=1",), fixed="FROM debian:12\nENV B=2 A=3\n"),
        Bad(
            "FROM debian:12\nenv A=1 \\\n    B=2 \\\n    A=3 \\\n    A=4\n",
            at=("A=1", "A=3"),
            fixed="FROM debian:12\nenv B=2 \\\n    A=4\n",
        ),
        Bad("FROM debian:12\nONBUILD ENV A=1 A=$A\n", at=("A=1",), fixed="FROM debian:12\nONBUILD ENV A=$A\n"),
        Bad("FROM debian:12\nENV A=1 \\\n  # why\n  A=2\n", at=("A=1",)),
    )
    good = (
        Good("FROM debian:12\nENV A=1 B=2\nENV A=3\n"),
        Good("FROM debian:12\nENV A=1 a=2\n"),
        Good("FROM debian:12\nENV A A=1 A=2\n"),
        Good("FROM debian:12\nARG N=A\nENV $N=1 ${N}B=2\n"),
    )

    def check_env(self, instruction: Env, model: Model) -> Iterator[Finding]:
        pairs = instruction.pairs
        if len(pairs) < 2:
            return
        names = [pair.key.literal for pair in pairs]
        if len(set(names)) == len(names):
            return
        text = model.source.text
        for at, pair in enumerate(pairs):
            name = names[at]
            if name is None or name not in names[at + 1 :]:
                continue
            end = pairs[at + 1].start
            fix = None
            if "#" not in text[pair.end : end]:
                fix = Fix.of("Remove it", "safe", [Edit(pair.start, end, "")])
            yield self.finding(pair, f"{name} is set again in this ENV, so this value is never seen", fix)
