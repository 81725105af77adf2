"""What the install rule of a Makefile writes."""

from __future__ import annotations

import re
from posixpath import normpath

_ASSIGNMENT = re.compile(r"^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(?:\?|:|::)?=\s*(.*?)\s*$")
_VARIABLE = re.compile(r"\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]")


def installed(text: str, given: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The absolute paths that ``make install`` writes, and the commands that make its links; None if not certain.

    ``given`` are variables of the command line. Read are simple variables and the commands install, cp, mkdir, ln.
    """
    text = text.replace("\\\n", " ")
    values = _variables(text) | given
    values.setdefault("DESTDIR", "")
    recipe = _recipe(text)
    if recipe is None:
        return None
    found: list[str] = []
    again: list[str] = []
    for line in recipe:
        words = _expanded(line.lstrip("@-+ \t"), values)
        if words is None:
            return None
        if words.split()[:1] in (["ln"], ["ldconfig"]):
            again.append(words)
            continue
        paths = _written(words.split())
        if paths is None:
            return None
        found += paths
    if any(not word.startswith(("/", "-")) for line in again for word in line.split()[-1:] if line.startswith("ln")):
        return None
    return (tuple(dict.fromkeys(found)), tuple(again)) if found else None


def _variables(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.match(line)
        if match is not None:
            found[match[1]] = match[2].partition("#")[0].strip()
    return found


def _recipe(text: str) -> list[str] | None:
    """The lines of the rule ``install``; None if there is none or it needs others that install."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        match = re.match(r"^install\s*::?\s*(.*)$", line)
        if match is None:
            continue
        if "install" in match[1]:
            return None
        found = []
        for recipe in lines[at + 1 :]:
            if recipe.startswith("\t"):
                found.append(recipe.strip())
            elif recipe.strip():
                break
        return found or None
    return None


def _expanded(line: str, values: dict[str, str]) -> str | None:
    for _ in range(10):
        match = _VARIABLE.search(line)
        if match is None:
            break
        if match[1] not in values:
            return None
        line = line[: match.start()] + values[match[1]] + line[match.end() :]
    return None if "$" in line or "`" in line or any(char in line for char in ";&|><") else line


def _written(words: list[str]) -> list[str] | None:
    """What one command of the recipe writes."""
    if not words:
        return []
    program, arguments = words[0].rpartition("/")[2], words[1:]
    operands = []
    skip = False
    makes_folders = False
    folder = ""
    for word in arguments:
        if skip:
            skip = False
            continue
        if word in ("-m", "-o", "-g", "-t"):
            skip = True
            folder = arguments[arguments.index(word) + 1] if word == "-t" else folder
        elif word.startswith("-"):
            makes_folders = makes_folders or (program == "install" and "d" in word)
            skip = word.endswith("m") and len(word) > 1 and program == "install" and not word.startswith("--")
        else:
            operands.append(word)
    if program == "touch":
        return [normpath(word) for word in operands[-1:] if word.startswith("/")] or None
    if program == "mkdir" or makes_folders:
        return []  # folders come with what is put there
    if program not in ("install", "cp"):
        return None
    sources, target = (operands, folder) if folder else (operands[:-1], operands[-1] if operands else "")
    if not target.startswith("/") or any(char in word for word in operands for char in "*?["):
        return None
    if target.endswith("/") or len(sources) != 1 or folder or "." not in target.rpartition("/")[2]:
        is_folder = target.endswith("/") or len(sources) != 1 or bool(folder) or _is_folder_name(target, sources)
        if is_folder:
            return [normpath(f"{target}/{source.rpartition('/')[2]}") for source in sources]
    return [normpath(target)]


def _is_folder_name(target: str, sources: list[str]) -> bool:
    """Whether a target without a slash is a folder: it is not called like its source."""
    last = target.rstrip("/").rpartition("/")[2]
    return last != sources[0].rpartition("/")[2] and last in ("bin", "sbin", "lib", "lib64", "include", "man1", "etc")
