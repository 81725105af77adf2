"""What dflint knows about single ShellCheck codes; their explanations are ShellCheck's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.findings import Level

NEVER = frozenset((1090, 1091, 2187))
"""Codes that are no use in a Dockerfile, as in hadolint: 1090 and 1091 say that a sourced file was not followed (it is
in the image, not here), 2187 that ash is checked as dash."""

FROM_OUTSIDE = frozenset((2154,))
"""Codes that mean nothing where variables come from outside the file: what CMD runs gets those of ``docker run``."""

ONCE = frozenset((1017,))
"""Codes of which a script's first comment says it all: a carriage return on every line."""

LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "info", "style": "info"}

BACKQUOTES = 2006
"""``...`` instead of $(...)."""

REPEATED_SPACES = 2291
"""``echo a  b``, which prints one space."""

TITLES = {
    2004: "Remove the `$`",
    2006: "Write `$(...)`",
    2046: "Quote the substitution",
    2086: "Quote the variable",
    2140: "Join the quoted parts",
    2164: "Add `|| exit`",
    2223: "Quote the expansion",
    2248: "Quote the variable",
    2250: "Add braces",
}
"""What ShellCheck's fix does, for the codes that come with one most often."""


def page(code: int) -> str:
    """The address of ShellCheck's page about a code."""
    return f"https://www.shellcheck.net/wiki/SC{code:04}"


def title(code: int) -> str:
    """The title of ShellCheck's fix for a code."""
    return TITLES.get(code, f"Apply ShellCheck's fix for SC{code:04}")
