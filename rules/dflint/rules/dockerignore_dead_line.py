from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Finding, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.context import BuildContext
    from dflint.context.dockerignore import IgnorePattern
    from dflint.context.ignore_document import IgnoreDocument, PatternLine

_EVERYTHING = frozenset(("*", "**", "**/*"))
_HOMES = frozenset(("home", "Users"))


class DockerignoreDeadLine(Rule):
    """A line of an ignore file that can never make a difference.

    ## Why is this bad?

    Whoever wrote it believes that something is left out, or let through, and it is not because of this line. That is
    found out when a secret is in the image, or a build misses a file.

    Reported are

    - a `!` line that takes back what no line above has left out: lines count in their order;
    - a line that says again what one above says already, with no `!` line between them;
    - a path out of the context (`../x`), the context itself (`.`, `/`), a path of the host (`/home/me/project/x`): a
      leading slash means the root of the context.

    ## Exceptions

    Whether the files are there does not matter: a line may be there for some that come later. Silent wherever the
    order of the lines leaves a doubt, and on paths of the host if the context has a folder of that name.

    ## Fix safety

    Safe: the line is removed, and no file is sent or left out because of it. Unsafe for a `!` line and for a path of
    the host, where something else was meant.
    """

    name = "dockerignore-dead-line"
    category = "context"
    level = "info"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad("!src\nnode_modules\n", at=("!src",), fixed="node_modules\n"),
        Bad("node_modules\n# keep\n!src/main.js\n", at=("!src/main.js",), fixed="node_modules\n# keep\n"),
        Bad("node_modules\n*.log\n./node_modules/\n", at=("./node_modules/",), fixed="node_modules\n*.log\n"),
        Bad("dist\r\ndist/**/*.map\r\n.git\r\n", at=("dist/**/*.map",), fixed="dist\r\n.git\r\n"),
        Bad("**/node_modules\nweb/node_modules\n", at=("web/node_modules",), fixed="**/node_modules\n"),
        Bad(
            "**/node_modules\n**/node_modules/**\n**/node_modules/x/*.js",
            at=("**/node_modules/**", "**/node_modules/x/*.js"),
            fixed="**/node_modules\n",
        ),
        Bad("\ufeff*\n.git\n!src\n", at=(".git",), fixed="\ufeff*\n!src\n"),
        Bad("!x\nnode_modules\nnode_modules/a\n", at=("!x", "node_modules/a"), fixed="node_modules\n"),
        Bad("*.md\nREADME.md\n", at=("README.md",), fixed="*.md\n"),
        Bad("*\n!src\nsrc/a\n!src/b\n!src/b\n", at=("!src/b", "!src/b"), fixed="*\n!src\nsrc/a\n"),
        Bad("../secrets\n.\n/\n", at=("../secrets", ".", "/"), fixed=""),
        Bad("/home/me/app/dist\n", at=("/home/me/app/dist",), fixed=""),
    )
    good = (
        Good("node_modules\n*.log\n!important.log\n"),
        Good("*\n!src\nsrc/secret\n!src/secret/not\n"),
        Good("*\n!src/**\n!package.json\n"),
        # Files that are not there yet.
        Good("node_modules\ndist\n.env*\n!.env.example\n*.env\n", files={"a": ""}),
        # Left out again after it was let through.
        Good("*\n!src\n*.log\n**/*.log\n"),
        Good("docs\n!docs/api\ndocs\n"),
        Good("**/*.md\n!README.md\nREADME.md\n"),
        # Takes back below what it names.
        Good("src/gen\n!src/gen\n"),
        Good("/home/me/app/dist\n", files={"home/x": ""}),
        Good("/tmp/*\n/root/x/y\n/home/pages\n"),
        Good("a?c\nabc*\n[ab]c\n"),
        Good("# dflint ignore=dockerignore-dead-line somebody may run it from above\n../secrets\n"),
        Good("../secrets\n# dflint global ignore=dockerignore-dead-line\n!x\n"),
        # Breaks the build: another rule.
        Good("a[\n!src\n"),
    )

    def check_dockerignore(self, document: IgnoreDocument) -> Iterator[Finding]:
        if document.problems:
            return
        patterns = document.ignore.patterns
        index = -1
        for line in document.lines:
            pattern = line.pattern
            if pattern is None:
                continue
            index += 1
            found = _why_dead(index, patterns, document.context)
            if found is not None:
                message, is_safe = found
                level = self.level if is_safe else "warning"
                yield Finding(self.name, message, level, line.start, line.end, _removal(line, is_safe, document))


def _removal(line: PatternLine, is_safe: bool, document: IgnoreDocument) -> Fix:
    source = document.source
    number = source.line_of(line.start)
    start = source.line_span(number).start
    if start == 0 and source.text.startswith("\ufeff"):
        start = 1
    edit = Edit(start, line.full_end, "")
    return Fix.of("Remove the line", "safe" if is_safe else "unsafe", [edit], removes=[line.start])


def _why_dead(index: int, patterns: Sequence[IgnorePattern], context: BuildContext | None) -> tuple[str, bool] | None:
    """Why a line can never matter, and whether removing it is what its writer would want."""
    pattern = patterns[index]
    cleaned = pattern.cleaned
    if cleaned in ("", ".", "/"):
        return "this means the context itself, which no line leaves out", True
    if cleaned == ".." or cleaned.startswith("../"):
        return "this is not below the context, so it matches nothing", True
    above = patterns[:index]
    if pattern.negated:
        if not any(not other.negated for other in above):
            return "no line above leaves anything out that this one could let through", False
        if not pattern.has_glob and not _is_ignored(cleaned, above):
            return f"no line above leaves {cleaned} out", False
    first = index
    while first and patterns[first - 1].negated == pattern.negated:
        first -= 1
    is_first_run = all(other.negated for other in patterns[:first])
    for other in patterns[first:index]:
        if _says_it_all(other, pattern, is_first_run):
            return f"line {other.line} ({other.text}) says this already", True
    if pattern.text.startswith("/") and _is_of_host(cleaned, context):
        return "this is a path of the host: a leading slash means the root of the context", False
    return None


def _is_ignored(path: str, patterns: Sequence[IgnorePattern]) -> bool:
    """Whether the walk leaves out a path because of some lines."""
    from dflint.context.dockerignore import IgnoreFile

    ignore = IgnoreFile("", tuple(patterns))
    ignored = False
    state: tuple[bool, ...] = ()
    at = 0
    while at >= 0:
        at = path.find("/", at + 1)
        ignored, state = ignore.descend(path[:at] if at >= 0 else path, state)
    return ignored


def _says_it_all(other: IgnorePattern, pattern: IgnorePattern, is_first_run: bool) -> bool:
    """Whether all that a line matches is matched by another of the same sign, with only such lines between them.

    What a folder above matches counts only in the first lines that leave things out. Later ones are not even tried for
    a folder that is left out already, and so do not hold for what an exception lets through below it.
    """
    if other.cleaned == pattern.cleaned:
        return True
    is_literal = not pattern.has_glob
    if is_literal and other.matches(pattern.cleaned):
        return True
    if not is_first_run or pattern.negated:
        return False
    if other.cleaned in _EVERYTHING:
        return True
    if is_literal:
        return other.matches_or_parent(pattern.cleaned)
    folder = pattern.literal_folder
    if folder:
        return other.matches_or_parent(folder)
    name = other.cleaned[3:]
    is_name = other.cleaned.startswith("**/") and not any(char in name for char in "*?[]\\^")
    return is_name and pattern.cleaned.startswith(f"**/{name}/")


def _is_of_host(cleaned: str, context: BuildContext | None) -> bool:
    """Whether a path starts like that of somebody's own folder, and the context has nothing of that name."""
    parts = cleaned.split("/")
    return len(parts) > 2 and parts[0] in _HOMES and context is not None and context.entry(parts[0]) is None
