"""Signs that what runs at build time writes outside of the project: absolute paths and home folders in its sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.context import BuildContext

_ROOTS = "var|opt|srv|home|root|data|mnt|media|vol|app|www|workspace|static|models?|cache"
_LITERAL = re.compile(rf"""["'`](/(?:{_ROOTS})(?:/[\w.@+-]+)*)/?["'`]""")
_HOME = re.compile(r"Path\.home\(|expanduser\(|os\.homedir\(|Dir\.home|File\.expand_path\(\s*[\"']~|\bHOME\b|~/\.?\w")
_RECIPE = re.compile(
    r"\b(?:cp|install|mv|mkdir|ln|tee|touch|tar)\b[^\n]*\s(/(?:usr|opt|var|srv|etc|home|root)/[\w./-]+)"
)
_MAX_FILES = 150
_MAX_BYTES = 1_000_000
_SKIPPED = frozenset(("node_modules", ".git", "test", "tests", "docs", "vendor", ".venv", "venv", "dist", "build"))


def outside_of_project(context: BuildContext, suffixes: Sequence[str], project: Sequence[str]) -> str:
    """What sources of these kinds name outside of the project's folders; empty if nothing."""
    key = ("optimizer.outside", tuple(suffixes), tuple(project))
    known = context.remembered.get(key)
    if known is None:
        known = context.remembered[key] = next(_signs(context, suffixes, project), "")
    return str(known)


def _signs(context: BuildContext, suffixes: Sequence[str], project: Sequence[str]) -> Iterator[str]:
    size = 0
    for number, (path, length) in enumerate(_sources(context, suffixes)):
        size += length
        if number >= _MAX_FILES or size > _MAX_BYTES:
            return
        try:
            text = context.read(path)
        except (OSError, UnicodeError):
            continue
        for match in _LITERAL.finditer(text):
            if not any(match[1] == folder or match[1].startswith(folder + "/") for folder in project):
                yield f"{path} names {match[1]}"
        if _HOME.search(text):
            yield f"{path} speaks of the home folder"


def _sources(context: BuildContext, suffixes: Sequence[str]) -> Iterator[tuple[str, int]]:
    pending = [""]
    while pending:
        for entry in context.entries(pending.pop()):
            name = entry.path.rpartition("/")[2]
            if entry.kind == "dir" and name not in _SKIPPED and not entry.is_ignored:
                pending.append(entry.path)
            elif entry.kind != "dir" and not entry.is_ignored and name.endswith(tuple(suffixes)):
                yield entry.path, entry.size


def outside_of_recipes(text: str) -> str:
    """The first path outside of the project that a Makefile's recipes write, rules that install or clean left out."""
    rule = ""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("\t"):
            match = _RECIPE.search(line)
            if match is not None and "install" not in rule and "clean" not in rule:
                return match[1]
        elif ":" in line and not line.startswith(("#", " ")):
            rule = line.partition(":")[0]
    return ""
