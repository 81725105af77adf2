from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model


class InvalidCheckOption(Rule):
    """The `check` directive says something that the builder refuses.

    ## Why is this bad?

    The build stops before its first step: failed to parse check options. The options are `skip=NAME,NAME` or
    `skip=all`, `experimental=...` and `error=true`, with semicolons between them and no blanks: the value ends at the
    first blank (BuildKit: frontend/dockerfile/linter/linter.go, ParseLintOptions).

    ## Exceptions

    Names of checks that do not exist, and comments above an instruction: the builder passes over both.
    """

    name = "invalid-check-option"
    category = "syntax"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("# check=skip\nFROM debian:12\n", at=("skip",)),
        Bad("# syntax=docker/dockerfile:1\n# check=skip=all;warn=false\nFROM debian:12\n", at=("warn=false",)),
        Bad("# check=error=yes\nFROM debian:12\n", at=("error=yes",)),
        Bad("# check=skip=StageNameCasing; error=true\r\nfrom debian:12\r\n", at=("",)),
        Bad("# check=Skip=all\nFROM debian:12\n", at=("Skip=all",)),
    )
    good = (
        Good("# check=skip=StageNameCasing,FromAsCasing;error=true\nFROM debian:12\n"),
        Good("# check=error=1;experimental=all;skip=all\nFROM debian:12\n"),
        Good("# check=skip=NoSuchCheck, they said so\nFROM debian:12\n"),
        Good("FROM debian:12\n# check=skip\nRUN make\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        for directive in model.tree.directives:
            if directive.name != "check":
                continue
            from dflint.syntax.check_options import check_options

            problem = check_options(directive.value).problem
            if problem is not None:
                message, start, end = problem
                at = model.source.text.index(directive.value, directive.start)
                yield self.finding(Span(at + start, at + end), message)
