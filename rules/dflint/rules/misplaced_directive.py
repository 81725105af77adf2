from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Comment


class MisplacedDirective(Rule):
    """A parser directive does not stand at the top, so it is a comment.

    ## Why is this bad?

    `# syntax=`, `# escape=` and `# check=` only count in the first lines of a file. After a blank line, another comment
    or an instruction they do nothing, and the build runs with other rules than the author believes.

    ## Exceptions

    `# check=skip=...`, which silences a check for the instruction below it; a `#!` line at the top, after which syntax
    and check still count; values that the directive cannot have, as in prose.

    ## Fix safety

    The fix moves a `syntax` line to the top. The file is then read by another version of the builder's frontend, so it
    is unsafe. Moving `escape` would change what every line means, so there is no fix for it.
    """

    name = "misplaced-directive"
    category = "syntax"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "# The app\n# syntax=docker/dockerfile:1\nFROM debian:12\n",
            at=("# syntax=docker/dockerfile:1",),
            fixed="# syntax=docker/dockerfile:1\n# The app\nFROM debian:12\n",
        ),
        Bad(
            "# escape=\\\r\n\r\n#syntax = docker/dockerfile:1.7-labs\r\nfrom debian:12\r\n",
            at=("#syntax = docker/dockerfile:1.7-labs",),
            fixed="# escape=\\\r\n#syntax = docker/dockerfile:1.7-labs\r\n\r\nfrom debian:12\r\n",
        ),
        Bad("\n# escape=`\nFROM debian:12\n", at=("# escape=`",)),
        Bad("FROM debian:12\n# escape=`\nRUN a\n", at=("# escape=`",)),
        Bad("# The app\n# check=error=true\nFROM debian:12\n", at=("# check=error=true",)),
        Bad(
            "# syntax=docker/dockerfile:1\n\n# syntax=docker/dockerfile:1.4\nFROM debian:12\n",
            at=("# syntax=docker/dockerfile:1.4",),
        ),
        Bad("FROM debian:12\nRUN a \\\n  # escape=`\n  b\n", at=("# escape=`",)),
    )
    good = (
        Good("# syntax=docker/dockerfile:1\n# escape=`\n# check=error=true\n\n# The app\nFROM debian:12\n"),
        Good("#!/usr/bin/env -S docker build -f\n# syntax=docker/dockerfile:1\nFROM debian:12\n"),
        Good("FROM debian:12\n# check=skip=StageNameCasing\nFROM debian:12 AS Build\n"),
        Good("FROM debian:12\n# syntax=error in older versions\nRUN a\n"),
        Good("FROM debian:12\nRUN <<EOF\n# syntax=docker/dockerfile:1\nEOF\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        for comment in model.tree.comments:
            text = comment.text
            if "=" not in text:
                continue
            name, _, value = text.partition("=")
            name, value = name.strip().lower(), value.strip()
            if not _is_directive(name, value) or _is_below_shebang(comment, name, model):
                continue
            is_second = any(directive.name == name for directive in model.tree.directives)
            fix = _fix(comment, model) if name == "syntax" and not is_second else None
            why = "the file has one already" if is_second else "it does not stand in the first lines"
            yield self.finding(comment, f"this {name} directive is a comment, {why}", fix)


def _is_directive(name: str, value: str) -> bool:
    if name == "syntax":
        return "dockerfile" in value and " " not in value
    if name == "escape":
        return value in ("`", "\\")
    return name == "check" and value.startswith(("error=", "experimental=")) and "skip=" not in value


def _is_below_shebang(comment: Comment, name: str, model: Model) -> bool:
    """Whether only a ``#!`` line and comments with directives stand above; escape counts in no such place."""
    if name == "escape" or not model.source.text.startswith("#!"):
        return False
    above = [other for other in model.tree.comments if other.start <= comment.start]
    return model.source.line_of(comment.start) == len(above) and all(_looks_like_one(other.text) for other in above[1:])


def _looks_like_one(text: str) -> bool:
    name, equals, _ = text.partition("=")
    return bool(equals) and name.strip().lower() in ("syntax", "escape", "check")


def _fix(comment: Comment, model: Model) -> Fix | None:
    if comment.in_instruction:
        return None
    source = model.source
    directives = model.tree.directives
    top = directives[-1].full_end if directives and hasattr(directives[-1], "full_end") else 0
    if directives:
        top = source.line_starts[source.line_of(directives[-1].start)]
    elif source.text.startswith("\ufeff"):
        top = 1
    line = source.line_of(comment.start)
    start = source.line_starts[line - 1]
    if line >= source.line_count or start < top:
        return None
    end = source.line_starts[line]
    text = source.text[start:end].strip() + "\n"
    return Fix.of("Move it to the top", "unsafe", [Edit(top, top, text), Edit(start, end, "")])
