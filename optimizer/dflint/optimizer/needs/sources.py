"""Programs that the application's own sources start by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.optimizer.needs.entry import ProgramUse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dflint.context import BuildContext, ContextEntry

_MAX_FILES = 400
_MAX_BYTES = 3_000_000
_MAX_FILE = 400_000
_SUFFIXES = (
    ".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".rb", ".php", ".go", ".rs", ".java", ".kt", ".sh", ".pl",
    ".cs", ".c", ".cc", ".cpp", ".erb",
)  # fmt: skip
_SKIPPED = frozenset((
    "node_modules", ".git", "vendor", "test", "tests", "__tests__", "spec", "docs", "examples", "dist", "build",
    ".venv",
    "venv", "target", ".github", "e2e", "fixtures", "testdata", "scripts", "cypress",
))  # fmt: skip
_WORDS = frozenset(("file", "patch"))
_STARTS = re.compile(
    r"subprocess|os\.system|popen|shutil\.which|child_process|execa|shelljs|\bspawn|exec\.Command|Command::new|"
    r"ProcessBuilder|\.exec\(|shell_exec|proc_open|passthru|\bsystem\s*\(|Open3|Process\.Start|execvp|execlp|execl\b",
    re.IGNORECASE,
)

_BACKTICKS = re.compile(r"`[^`\n]+`|%x")
"""What starts a program in these languages alone."""
_WITH_BACKTICKS = (".rb", ".erb", ".pl", ".php", ".sh")


def source_programs(context: BuildContext, wanted: Collection[str]) -> tuple[ProgramUse, ...]:
    """Those of ``wanted`` that sources of the context name at the start of a string, where they start programs."""
    key = ("optimizer.source_programs", frozenset(wanted))
    known = context.remembered.get(key)
    if known is None:
        known = context.remembered[key] = tuple(_found(context, wanted))
    return known  # type: ignore[return-value]


def _found(context: BuildContext, wanted: Collection[str]) -> Iterator[ProgramUse]:
    if not wanted:
        return
    named = _pattern(wanted)
    seen: set[str] = set()
    size = 0
    for number, entry in enumerate(_sources(context)):
        size += entry.size
        if number >= _MAX_FILES or size > _MAX_BYTES:
            return
        try:
            text = context.read(entry.path)
        except (OSError, UnicodeError):
            continue
        if not (_STARTS.search(text) or (entry.path.endswith(_WITH_BACKTICKS) and _BACKTICKS.search(text))):
            continue
        for match in named.finditer(text):
            if match[1] not in seen:
                seen.add(match[1])
                yield ProgramUse(match[1], f"{entry.path} starts {match[1]}")


def _pattern(wanted: Collection[str]) -> re.Pattern[str]:
    """A program's name at the start of a string; one that is a plain word must look more like a command."""
    places = r"(?:/usr/bin/|/usr/local/bin/|/bin/)"
    names = "|".join(sorted((re.escape(name) for name in wanted), key=len, reverse=True))
    words = "|".join(name for name in sorted(wanted) if name in _WORDS)
    text = rf"""["'`]{places}?({names})(?=["'`\s])"""
    if words:
        is_command = rf"""["'`]{places}(?:{words})\b|(?<=\[)\s*["'](?:{words})["']\s*,|["'`](?:{words})\s+[-./]"""
        text = rf"""(?:(?!["'`](?:{words})\b)|(?={is_command})){text}"""
    return re.compile(text)


def _sources(context: BuildContext) -> Iterator[ContextEntry]:
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in context.entries(folder):
            name = entry.path.rpartition("/")[2]
            if entry.kind == "dir":
                if name not in _SKIPPED and not entry.is_ignored:
                    pending.append(entry.path)
            elif not entry.is_ignored and name.endswith(_SUFFIXES) and entry.size <= _MAX_FILE:
                yield entry
