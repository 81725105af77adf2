from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Label, Maintainer

_KEY = "org.opencontainers.image.authors"


class DeprecatedMaintainer(Rule):
    """MAINTAINER is deprecated in favour of a LABEL.

    ## Why is this bad?

    MAINTAINER has been deprecated since Docker 1.13. It sets a field that few tools show, while the label
    `org.opencontainers.image.authors` is read by registries and scanners and can be searched for.

    ## Fix safety

    Unsafe: the image gets a label, and its author field becomes empty. There is no fix when the stage has that label
    already, nor with comments between the lines.
    """

    name = "deprecated-maintainer"
    category = "labels"
    level = "warning"
    aliases = ("MaintainerDeprecated", "DL4000")
    since = "0.1.0"
    tag = "deprecated"

    bad = (
        Bad(
            "FROM alpine:3.20\nMAINTAINER Jo Doe <jo@example.com>\n",
            at=("MAINTAINER",),
            fixed='FROM alpine:3.20\nLABEL org.opencontainers.image.authors="Jo Doe <jo@example.com>"\n',
        ),
        Bad(
            'FROM alpine:3.20\nmaintainer "Jo $HOME"\nMAINTAINER J "x" \\d \\\n  Doe\n',
            at=("maintainer", "MAINTAINER"),
            fixed='FROM alpine:3.20\nlabel org.opencontainers.image.authors="Jo \\$HOME"\n'
            'MAINTAINER J "x" \\d \\\n  Doe\n',
        ),
        Bad("FROM alpine:3.20\nLABEL org.opencontainers.image.authors=Jo\nMAINTAINER Jo\n", at=("MAINTAINER",)),
        Bad(
            '# escape=`\r\nFROM alpine:3.20\r\nMAINTAINER a\\b "c"\r\n',
            at=("MAINTAINER",),
            fixed='# escape=`\r\nFROM alpine:3.20\r\nLABEL org.opencontainers.image.authors="a\\b `"c`""\r\n',
        ),
    )
    good = (
        Good('FROM alpine:3.20\nLABEL maintainer="jo@example.com"\n'),
        Good('FROM alpine:3.20\nLABEL org.opencontainers.image.authors="Jo Doe"\n'),
        Good("FROM alpine:3.20\n# MAINTAINER Jo\nENV MAINTAINER=Jo\n"),
    )

    def check_maintainer(self, maintainer: Maintainer, model: Model) -> Iterator[Finding]:
        message = f"MAINTAINER is deprecated: use LABEL {_KEY}"
        yield self.finding(maintainer.keyword, message, _fix(maintainer, model))


def _fix(maintainer: Maintainer, model: Model) -> Fix | None:
    word = maintainer.value
    if word is None or maintainer.comments or maintainer.is_onbuild_trigger or not word.mapped.is_contiguous:
        return None
    stage = model.stage_of(maintainer)
    for instruction in stage.instructions if stage is not None else ():
        if instruction.type == "label" and _has_key(instruction):  # type: ignore[arg-type]
            return None
        if instruction.type == "maintainer" and instruction is not maintainer and instruction.start < maintainer.start:
            return None
    escape = model.tree.escape
    text = word.text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if text.endswith(escape):
        return None
    for char in (escape, '"', "$"):
        text = text.replace(char, escape + char)
    keyword = "label" if maintainer.keyword.value.islower() else "LABEL"
    edit = Edit(maintainer.start, word.end, f'{keyword} {_KEY}="{text}"')
    return Fix.of("Use a LABEL", "unsafe", [edit])


def _has_key(label: Label) -> bool:
    return any(pair.key.literal in (_KEY, None) for pair in label.pairs)
