"""Which shell runs a script, and how it quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

POSIX_DIALECTS = frozenset(("posix", "sh", "bash", "dash", "ash", "zsh", "ksh"))

_PROGRAMS = {
    "sh": "sh", "bash": "bash", "rbash": "bash", "dash": "dash", "ash": "ash", "zsh": "zsh", "ksh": "ksh",
    "ksh93": "ksh", "mksh": "ksh", "busybox": "ash", "powershell": "powershell", "pwsh": "powershell", "cmd": "cmd",
    "python": "python", "pypy": "python", "node": "node", "nodejs": "node", "perl": "perl", "ruby": "ruby",
    "php": "php", "fish": "fish", "lua": "lua", "bun": "node", "deno": "node",
}  # fmt: skip
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-")
# Programs before the shell itself: ["/usr/bin/env", "bash", "-c"].
_BEFORE = frozenset(("env", "exec", "tini", "dumb-init", "catchsegv", "sudo"))


def dialect_of(shell: Sequence[str]) -> str:
    """The dialect of an exec-form SHELL, or of a shebang's words (``#!`` cut off or not).

    One of ``sh``, ``bash``, ``dash``, ``ash``, ``zsh``, ``ksh`` (which ``parse_shell`` reads), ``powershell``, ``cmd``,
    ``python``, ``node``, ``perl``, ``ruby``, ``php``, ``fish``, ``lua``, or ``unknown``.
    """
    for word in shell:
        program = word.removeprefix("#!").strip().replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
        if program in _BEFORE or not program or program.startswith("-") or "=" in program:
            continue
        known = _PROGRAMS.get(program) or _PROGRAMS.get(program.rstrip("0123456789."))
        return known or "unknown"
    return "unknown"


def quote(text: str) -> str:
    """The text as one word for a POSIX shell: bare if nothing in it is special, else in single quotes."""
    if text and _SAFE.issuperset(text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"
