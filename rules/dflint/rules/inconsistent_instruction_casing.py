from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class InconsistentInstructionCasing(Rule):
    """An instruction's keyword is not in the case that most of the file's keywords are in.

    ## Why is this bad?

    Keywords in one case are what makes the instructions of a file easy to find. Capitals are the custom; a file all in
    lower case is left alone.

    ## Exceptions

    ARGs before the first FROM and triggers behind ONBUILD do not count, as in BuildKit
    (frontend/dockerfile/dockerfile2llb/validations.go). If both cases are used equally often, capitals win.

    ## Fix safety

    The fix changes the case of the keyword, which the builder does not look at.
    """

    name = "inconsistent-instruction-casing"
    category = "style"
    level = "info"
    aliases = ("ConsistentInstructionCasing",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN make\nrun make install\n",
            at=("run",),
            fixed="FROM debian:12\nRUN make\nRUN make install\n",
        ),
        Bad("from debian:12\nrun make\nCMD a\n", at=("CMD",), fixed="from debian:12\nrun make\ncmd a\n"),
        Bad("FROM debian:12\nrun <<EOF\nmake\nEOF\n", at=("run",), fixed="FROM debian:12\nRUN <<EOF\nmake\nEOF\n"),
        Bad("From debian:12\n", at=("From",), fixed="FROM debian:12\n"),
        Bad(
            "FROM debian:12\nonbuild run make\nWORKDIR /a\n",
            at=("onbuild",),
            fixed="FROM debian:12\nONBUILD run make\nWORKDIR /a\n",
        ),
        Bad(
            "FROM debian:12\r\nrun make \\\r\n  install\r\n",
            at=("run",),
            fixed="FROM debian:12\r\nRUN make \\\r\n  install\r\n",
        ),
    )
    good = (
        Good("from debian:12\nrun make\ncmd a\n"),
        Good("FROM debian:12\nRUN make\nCMD a\n"),
        Good("arg A=1\nFROM debian:12\nONBUILD run make\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        keywords = []
        upper = lower = 0
        for stage in model.stages:
            for instruction in (stage.from_, *stage.instructions):
                if instruction.type == "unknown":
                    continue
                text = instruction.keyword.text
                keywords.append(instruction.keyword)
                if text.isupper():
                    upper += 1
                elif text.islower():
                    lower += 1
        if upper == len(keywords) or lower == len(keywords):
            return
        for keyword in keywords:
            wanted = keyword.text.lower() if lower > upper else keyword.text.upper()
            if keyword.text == wanted:
                continue
            fix = None
            if keyword.value == keyword.text:
                fix = Fix.of(f"Write {wanted}", "safe", [Edit(keyword.start, keyword.end, wanted)])
            yield self.finding(keyword, f"most keywords are in {_name(lower > upper)} case, {keyword.text} is not", fix)


def _name(is_lower: bool) -> str:
    return "lower" if is_lower else "upper"
