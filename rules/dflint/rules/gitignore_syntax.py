from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext
    from dflint.context.dockerignore import IgnorePattern
    from dflint.context.ignore_document import IgnoreDocument, PatternLine
    from dflint.findings import Finding

_MAX_LOOKED_AT = 5_000


class GitignoreSyntax(Rule):
    """A line of an ignore file has a meaning in a `.gitignore` that it does not have here.

    ## Why is this bad?

    The two look alike, and lines are copied from one to the other. In a `.dockerignore`

    - a name counts in the root alone: `*.pyc` is `**/*.pyc` of a `.gitignore`;
    - a comment starts at the very start of a line: ` # note` and `dist # note` are patterns, which match nothing;
    - `[!a]` is a class of `!` and `a`; what is not `a` is `[^a]`.

    ## Exceptions

    A name is reported only if nothing of the kind is in the root and something is deeper down that is sent, and only if
    it has a `*` or is that of something that comes in any folder: `node_modules`, `__pycache__` and the like.

    ## Fix safety

    A comment that is indented is moved to the start of its line, which is safe, as no file has that name. The other
    fixes are unsafe: they leave out what is sent now.
    """

    name = "gitignore-syntax"
    category = "context"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "*.pyc\n.git\n",
            at=("*.pyc",),
            fixed="**/*.pyc\n.git\n",
            files={"a/b.pyc": "12", "a/c/d.pyc": "", "e.py": ""},
        ),
        Bad("/x\nnode_modules/\n", at=("node_modules/",), fixed="/x\n**/node_modules/\n",
            files={"web/node_modules/a.js": ""}),
        Bad("  # built\r\ndist\r\n", at=("# built",), fixed="# built\r\ndist\r\n"),
        Bad("*.log\ndist # built\n", at=("dist # built",), fixed="*.log\n# built\ndist\n"),
        Bad("*\n![!a]*\n", at=("[!",), fixed="*\n![^a]*\n"),
    )  # fmt: skip
    good = (
        Good("*.pyc\n", files={"a.pyc": "", "b/c.pyc": ""}),
        Good("*.pyc\n**/*.pyc\n", files={"b/c.pyc": ""}),
        Good("/*.pyc\n./dist\na/*.log\n", files={"b/c.pyc": "", "b/dist": "", "b/a/x.log": ""}),
        Good("*.pyc\nb\n", files={"b/c.pyc": "", "d": ""}),
        Good("scripts/\n", files={".github/scripts/a": ""}),
        Good("*\n!*.py\n", files={"b/c.py": ""}),
        Good("# built\ndist\na#b\n[^a]\n[a!]\n", files={"c": ""}),
        Good("dist # built\n # built\n", files={"dist # built": "", "# built": ""}),
    )

    def check_dockerignore(self, document: IgnoreDocument) -> Iterator[Finding]:
        if document.problems:
            return
        context = document.context
        names: list[tuple[PatternLine, IgnorePattern]] = []
        for line in document.lines:
            pattern = line.pattern
            if pattern is None:
                continue
            comment = _comment(pattern, context)
            at = pattern.text.find("[!")
            if comment is not None:
                yield self._of_comment(line, comment, document)
            elif at >= 0:
                place = line._replace(start=line.start + at, end=line.start + at + 2)
                fix = Fix.of("Write [^", "unsafe", [Edit(place.start, place.end, "[^")])
                yield self.finding(place, "[! is no negation here: that is [^", fix)
            elif not pattern.negated and pattern.text[0] not in "/." and "/" not in pattern.text[:-1]:
                names.append((line, pattern))
        if names and context is not None:
            yield from self._of_names(names, context)

    def _of_comment(self, line: PatternLine, at: int, document: IgnoreDocument) -> Finding:
        text = document.source.text[line.start : line.end]
        if at == 0:
            start = document.source.line_span(document.source.line_of(line.start)).start
            start += document.source.text.startswith("\ufeff", start)
            edit = Edit(start, line.start, "")
            fix = Fix.of("Start the line with the comment", "safe", [edit], removes=[line.start])
            return self.finding(line, "a comment must start at the very start of a line: this is a pattern", fix)
        edit = Edit(line.start, line.end, f"{text[at:]}\n{text[:at].rstrip()}")
        fix = Fix.of("Put the comment on a line of its own", "unsafe", [edit])
        return self.finding(line, "a comment needs a line of its own: all of this is one pattern", fix)

    def _of_names(self, names: list[tuple[PatternLine, IgnorePattern]], context: BuildContext) -> Iterator[Finding]:
        from dflint.waste.finder import AT_ANY_DEPTH
        from dflint.waste.sizes import in_words

        names = [(line, p) for line, p in names if "*" in p.cleaned or p.cleaned in AT_ANY_DEPTH]
        roots = [entry.path for entry in context.entries()]
        deeper = [entry for entry in islice(context.walk(), _MAX_LOOKED_AT) if "/" in entry.path]
        for line, pattern in names:
            if any(map(pattern.matches, roots)):
                continue
            found = [entry for entry in deeper if pattern.matches(entry.path.rpartition("/")[2])]
            if not found:
                continue
            size = sum(entry.size for entry in found)
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            told = f" ({in_words(size)})" if size else ""
            message = f"this means the root alone, so {found[0].path}{more}{told} is sent: **/ means all folders"
            fix = Fix.of("Match in all folders", "unsafe", [Edit(line.start, line.start, "**/")])
            yield self.finding(line, message, fix)


def _comment(pattern: IgnorePattern, context: BuildContext | None) -> int | None:
    """Where in a line the comment starts that it seems to have; None if it has none, or a file is called so."""
    at = 0 if pattern.text.startswith("#") else pattern.text.find(" #") + 1
    if at == 0 and not pattern.text.startswith("#"):
        return None
    return None if context is not None and context.exists(pattern.cleaned) else at
