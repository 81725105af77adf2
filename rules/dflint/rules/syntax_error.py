from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class SyntaxError(Rule):
    """The Dockerfile says something that the builder refuses.

    ## Why is this bad?

    The build stops at the first of these errors, before any instruction runs. dflint reports all of them at once, each
    at its exact place, and goes on with the other rules; it applies no fixes to a file with syntax errors.

    hadolint's rules about an instruction before the first FROM (DL3061) and about triggers that ONBUILD cannot have
    (DL3043) are among them: BuildKit refuses both.
    """

    name = "syntax-error"
    category = "syntax"
    level = "error"
    aliases = ("DL1000", "DL3043", "DL3061")
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nRUNN make\n", at=("RUNN",)),
        Bad("RUN make\nFROM alpine:3.20\nONBUILD ONBUILD RUN make\n", at=("RUN", "ONBUILD")),
        Bad("FROM alpine:3.20\nCOPY --form=build /a /b\nFROM\n", at=("--form", "FROM")),
    )
    good = (
        Good("FROM alpine:3.20\nRUN make\n"),
        Good("FROM alpine:3.20\nRUN <<EOF\nNOT AN INSTRUCTION\nEOF\n"),
        Good("FROM alpine:3.20\nRUN <<EOF\nls\nEOF\n# a comment\nRUN true\n"),
        Good("FROM alpine:3.20\nCOPY <<a.txt <<b.txt /d/\nx\na.txt\ny\nb.txt\nCOPY <<-\\END /e\n  $x\nEND\nRUN true\n"),
        Good("FROM alpine:3.20\nRUN 3<<END cat <&3\ntext\nEND\nCOPY a /b\nEXPOSE ${PORT:-80}\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        for problem in model.tree.problems:
            yield self.finding(problem, problem.message)
