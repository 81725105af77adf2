from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Label, Pair


class DuplicateLabelKey(Rule):
    """A stage sets the same label twice.

    ## Why is this bad?

    Only the last value is in the image. The other one is not seen by anything, but readers may take it for the one that
    counts.

    ## Exceptions

    A label of another stage that this one starts from: setting it anew is what a child image does. Labels of ONBUILD,
    which another image gets.

    ## Fix safety

    The fix removes the pair that has no effect, and with the last pair the whole LABEL. It is withheld if a comment
    stands in the part that would go.
    """

    name = "duplicate-label-key"
    category = "labels"
    level = "warning"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad("FROM debian:12\nLABEL a=1 b=2 a=3\n", at=("a=1",), fixed="FROM debian:12\nLABEL b=2 a=3\n"),
        Bad(
            'FROM debian:12\nlabel "a"=1 b=2\nRUN true\nlabel a=3\n',
            at=('"a"=1',),
            fixed="FROM debian:12\nlabel b=2\nRUN true\nlabel a=3\n",
        ),
        Bad(
            "FROM debian:12\nLABEL b=2 \\\n  a=1\nLABEL a=3\n",
            at=("a=1",),
            fixed="FROM debian:12\nLABEL b=2\nLABEL a=3\n",
        ),
        Bad("FROM debian:12\nLABEL a 1\nLABEL a=3\n", at=("a 1",), fixed="FROM debian:12\nLABEL a=3\n"),
        Bad("FROM debian:12\nLABEL a=1 \\\n  # why\n  b=2\nLABEL a=3\n", at=("a=1",)),
    )
    good = (
        Good("FROM debian:12\nLABEL a=1 A=2\n"),
        Good("FROM debian:12 AS base\nLABEL a=1\nFROM base\nLABEL a=2\n"),
        Good("FROM debian:12\nLABEL a=1\nONBUILD LABEL a=2\n"),
        Good("ARG N=a\nFROM debian:12\nLABEL a=1 $N=2\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        from dflint.syntax.tree import Label

        labels = [instruction for instruction in stage.instructions if isinstance(instruction, Label)]
        pairs = [(pair, label) for label in labels for pair in label.pairs]
        if len(pairs) < 2:
            return
        names = [pair.key.literal for pair, _ in pairs]
        if len(set(names)) == len(names):
            return
        last = {name: at for at, name in enumerate(names)}
        for at, (pair, label) in enumerate(pairs):
            name = names[at]
            if name is None or last[name] == at:
                continue
            line = model.source.line_of(pairs[last[name]][0].start)
            place = "again in this LABEL" if pairs[last[name]][1] is label else f"again in line {line}"
            dead = [p for i, (p, owner) in enumerate(pairs) if owner is label and names[i] and last[names[i]] != i]
            fix = _fix(pair, label, dead, model)
            yield self.finding(pair, f"{name} is set {place}, so this value is not in the image", fix)


def _fix(pair: Pair, label: Label, dead: list[Pair], model: Model) -> Fix | None:
    text = model.source.text
    at = label.pairs.index(pair)
    if len(label.pairs) == len(dead):
        if pair is not dead[0] or label.comments:
            return None  # one fix removes the whole instruction
        return Fix.of("Remove it", "safe", [Edit(label.start, label.full_end, "")], removes=(label.start,))
    if at + 1 < len(label.pairs):
        edit = Edit(pair.start, label.pairs[at + 1].start, "")
        gap = text[pair.end : edit.end]
    else:
        edit = Edit(label.pairs[at - 1].end, pair.end, "")
        gap = text[edit.start : pair.start]
    return Fix.of("Remove it", "safe", [edit]) if "#" not in gap else None
