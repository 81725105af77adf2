from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context.ignore_document import IgnoreDocument
    from dflint.findings import Finding


class MalformedDockerignore(Rule):
    """A line of an ignore file that breaks every build with this context.

    ## Why is this bad?

    The client refuses the whole file, with a message that names no line: a class that is not closed (`a[b`), a single
    backslash at the end, a `!` with nothing behind it, a tab in the middle of a line (all of it is one pattern), a line
    of 64 KiB, more than 1 MiB of patterns.

    ## Exceptions

    A tab is allowed, by chance, where another line is not plain ASCII. dflint reads no more than 10,000 patterns, and
    says so of the first of the others.

    ## Differs from BuildKit

    BuildKit checks nothing before it builds. Sources: patternmatcher.go (New), ignorefile.go (ReadAll), filesync.go
    (encodeOpts).
    """

    name = "malformed-dockerignore"
    category = "context"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("node_modules\na[b\n", at=("a[b",)),
        Bad("# all\n*\n!\n", at=("!",)),
        Bad("*.log\r\n  dist\t# built \r\n", at=("dist\t# built",)),
        Bad("\ufeffdist\\", at=("dist\\",)),
    )
    good = (
        Good("\ufeff# comment [\n*\n!src\n\n!a[b]c\n"),
        Good("é\ndist\tx\n"),
        Good("\t dist \t\n"),
        Good(""),
    )

    def check_dockerignore(self, document: IgnoreDocument) -> Iterator[Finding]:
        for problem in document.problems:
            yield self.finding(problem, problem.message)
