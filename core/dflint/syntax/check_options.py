"""What ``# check=skip=StageNameCasing;error=true`` tells BuildKit.

frontend/dockerfile/linter/linter.go, ParseLintOptions: options end at the first blank, names count in their exact case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
KEYS = ("skip", "experimental", "error")
ALL = "all"


class CheckOptions(NamedTuple):
    """``skip`` are names of checks, or ``all``; ``error`` is whether a warning fails the build."""

    skip: Sequence[str] = ()
    error: bool = False
    problem: tuple[str, int, int] | None = None
    """Why BuildKit refuses them, and where in the value; then it takes none of them."""


def check_options(value: str) -> CheckOptions:
    """What the value of a ``check`` directive or comment says."""
    text = value.lstrip()
    at = len(value) - len(text)
    text = text.partition(" ")[0]
    skip: list[str] = []
    error = False
    for part in text.split(";", 2) if text else ():
        key, equals, setting = part.partition("=")
        problem = _problem(part, key, equals, setting)
        if problem:
            return CheckOptions(problem=(problem, at, at + len(part)))
        at += len(part) + 1
        if key == "skip":
            skip = [name.strip() for name in setting.split(",")]
        elif key == "error":
            error = setting in TRUE
    return CheckOptions([name for name in skip if name], error)


def _problem(part: str, key: str, equals: str, setting: str) -> str | None:
    if not equals:
        return f"`{part}` is no option" if part else "an option is missing: they end at the first blank"
    if key not in KEYS:
        return f"there is no option `{key}`; the options are skip, experimental and error"
    if key == "error" and setting not in TRUE and setting not in FALSE:
        return f"`error` is true or false, not `{setting}`"
    return None
