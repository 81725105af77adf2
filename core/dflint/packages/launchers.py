"""Programs that run a package manager: ``python -m pip``, ``php composer.phar``, ``corepack yarn``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.shell import Word

_VALUES = {"python": ("-W", "-X"), "pypy": ("-W", "-X"), "php": ("-d", "-c", "-z")}
_MANAGERS = frozenset(("npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx"))


def launched(program: str, words: tuple[Word, ...]) -> tuple[str, tuple[Word, ...]]:
    """The manager that a launcher runs and its arguments; the launcher itself if it runs none."""
    if program == "corepack":
        name = (words[0].value or "").partition("@")[0] if words else ""
        return (name, words[1:]) if name in _MANAGERS else (program, words)
    at = 0
    while at < len(words):
        value = words[at].value or ""
        at += 1
        if program != "php" and value.startswith("-") and not value.startswith("--") and "m" in value[1:]:
            before, _, attached = value.partition("m")
            if before.strip("-bBdEhiIOPqsSuvVx"):
                return program, words
            name = attached or (words[at].value or "" if at < len(words) else "")
            return _versionless(name), words[at if attached else at + 1 :]
        if value in _VALUES[program]:
            at += 1
        elif not value.startswith("-"):
            return (value.rpartition("/")[2], words[at:]) if program == "php" else (program, words)
    return program, words


def _versionless(name: str) -> str:
    return name.rstrip("0123456789.")
