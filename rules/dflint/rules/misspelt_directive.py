from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model

_DIRECTIVES = ("syntax", "escape", "check")


class MisspeltDirective(Rule):
    """A comment at the top is nearly a parser directive.

    ## Why is this bad?

    A directive with a slip in it is a comment: the build runs with the builder's own version of the syntax, with the
    usual escape character, or with all checks, and nothing says so. It also ends the directives, so that those below it
    are comments too.

    ## Exceptions

    Comments below an instruction, a blank line or another comment, and those whose value is none that the directive
    could have.

    ## Fix safety

    The fix corrects the name and the `=`. The file is then read in another way, so it is unsafe.
    """

    name = "misspelt-directive"
    category = "syntax"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "# syntaxx=docker/dockerfile:1\nFROM debian:12\n",
            at=("syntaxx",),
            fixed="# syntax=docker/dockerfile:1\nFROM debian:12\n",
        ),
        Bad(
            "#syntax: docker/dockerfile:1\r\nfrom debian:12\r\n",
            at=("syntax:",),
            fixed="#syntax= docker/dockerfile:1\r\nfrom debian:12\r\n",
        ),
        Bad(
            "# syntax=docker/dockerfile:1\n# excape=`\nFROM debian:12\nRUN a `\n  b\n",
            at=("excape",),
            fixed=None,
        ),
        Bad(
            "# checks=skip=StageNameCasing\nFROM debian:12\n",
            at=("checks",),
            fixed="# check=skip=StageNameCasing\nFROM debian:12\n",
        ),
        Bad(
            "# syntax docker/dockerfile:1\nFROM debian:12\n",
            at=("syntax ",),
            fixed="# syntax=docker/dockerfile:1\nFROM debian:12\n",
        ),
    )
    good = (
        Good("# syntax=docker/dockerfile:1\n# escape=`\nFROM debian:12\n"),
        Good("# Syntax = docker/dockerfile:1\nFROM debian:12\n"),
        Good("# syntax: see the manual\nFROM debian:12\n"),
        Good("# A comment\n# syntaxx=docker/dockerfile:1\nFROM debian:12\n"),
        Good("FROM debian:12\n# syntaxx=docker/dockerfile:1\nRUN a\n"),
        Good("# version=1.2\n# check = yes\nFROM debian:12\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        comments = model.tree.comments
        if not comments or comments[0].in_instruction:
            return
        comment = comments[0]
        directives = model.tree.directives
        top = model.source.line_of(directives[-1].start) if directives else 0
        if model.source.line_of(comment.start) != top + 1:
            return
        slip = _slip(comment.text)
        if slip is None or any(directive.name == slip[0] for directive in directives):
            return
        name, start, end = slip
        place = Span(comment.start + 1 + start, comment.start + 1 + end)
        written = comment.text[start:end]
        fixed = name if written[-1].isalnum() else f"{name}="
        fix = None if name == "escape" else Fix.of(f"Write {fixed}", "unsafe", [Edit(*place, fixed)])
        yield self.finding(place, f"this is a comment, did you mean the directive {name}=?", fix)


def _slip(text: str) -> tuple[str, int, int] | None:
    """The directive that a comment's text is probably meant as, and where in it what is wrong stands."""
    start = len(text) - len(text.lstrip())
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in "-_"):
        end += 1
    written = text[start:end].lower()
    rest = text[end:].lstrip(" \t")
    if len(written) < 4 or not rest:
        return None
    from dflint.syntax.suggest import nearest

    name = nearest(written, _DIRECTIVES)
    if name is None or abs(len(name) - len(written)) > 2:
        return None
    if rest[0] == "=":
        return (name, start, end) if name != written and _is_value(name, rest[1:].strip()) else None
    if rest[0] == ":":
        colon = text.index(":", end)
        return (name, start, colon + 1) if _is_value(name, rest[1:].strip()) else None
    return (name, start, end + 1) if rest.startswith("docker/dockerfile") and end < len(text) - len(rest) else None


def _is_value(name: str, value: str) -> bool:
    if name == "escape":
        return value in ("`", "\\")
    if name == "check":
        return value.startswith(("skip=", "error=", "experimental="))
    return "dockerfile" in value and " " not in value
