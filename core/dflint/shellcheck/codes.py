"""What dflint knows about single ShellCheck codes; their explanations are ShellCheck's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.findings import Level

NEVER = frozenset((1090, 1091, 2016, 2102, 2185, 2187))
"""Codes that are no use in a Dockerfile.

Three are left out by hadolint too: 1090 and 1091 say that a sourced file was not followed (it is in the image, not
here), 2187 that ash is checked as dash. 2016 says that nothing expands in single quotes: a RUN writes profiles,
configurations and scripts in which it shall expand later, or edits them with sed. 2102 takes the extras of a Python
package (``celery[redis]``) and ``echo [section]`` for sets of characters. 2185 says that some ``find`` needs a path:
those of Linux do not.
"""

FROM_OUTSIDE = frozenset((2154,))
"""Codes that mean nothing where variables come from outside the file: what CMD runs gets those of ``docker run``."""

IN_DASH = frozenset((2028, 3012, 3043))
"""Codes of POSIX sh that mean nothing where it is known to be dash.

Its echo expands ``\\n``, its ``[`` compares by ``\\<``, and it has ``local``.
"""

ECHO_FLAGS = 3037
"""``echo -e``; of ``echo -n`` it means nothing, which the sh of every Linux has, nor of the program ``/bin/echo``."""

EMPTY_VALUE = 1007
"""``a= b``; of ``a= b=``, which makes both empty, it means nothing."""

OWN_WORDS = {1010: "mix ", 2283: "chmod "}
"""Codes about a word that one command takes as its own: ``mix do``, ``chmod =644``."""

ONCE = frozenset((1017,))
"""Codes of which a script's first comment says it all: a carriage return on every line."""

LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "info", "style": "info"}

BACKQUOTES = 2006
"""``...`` instead of $(...)."""

SUBSTITUTION = 2046
"""``$(...)`` without quotes."""

SPLITTING = frozenset((2086, SUBSTITUTION))
"""Codes about expansions that are split at spaces."""

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
