"""What a RUN deletes again before its layer is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Run

_MANAGERS = frozenset(
    ("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper", "pip", "npm", "yarn")
)
_RUNNERS = frozenset(("sh", "bash", "ash", "source", ".", "curl", "wget"))
_HOMES = ("~", "$HOME", "${HOME}")


def is_removed(run: Run, model: Model, after: int, *folders: str) -> bool:
    """Whether a command behind offset ``after`` deletes one of the folders, its content, or a folder above it.

    Also True if it may: the path is a variable, or the command is a script made for cleaning. ``folders`` are
    absolute; one in the home of root counts also as ``~`` and ``$HOME``.
    """
    for command in model.commands_of(run):
        if command.start < after and not command.in_function:
            continue
        program = command.program or ""
        if program in ("rm", "find", "sudo", "rmdir", "unlink"):
            if any(_covers(path, folder) for path in removed_paths(command) for folder in folders):
                return True
        elif "clean" in program and program not in _MANAGERS:
            return True
        if program in _RUNNERS and any("clean" in word.literal_prefix.rpartition("/")[2] for word in command.arguments):
            return True
    return False


def removed_paths(command: Command) -> Iterator[str | None]:
    """The operands of ``rm``, and where ``find ... -delete`` starts.

    None for one that is not known; ``\\0`` stands for what is not known at its end or before its last name.
    """
    command = command.unwrapped()
    if command.program == "rm":
        for word in command.arguments:
            if not word.literal_prefix.startswith("-"):
                yield from _paths(word)
    elif command.program == "find" and any(word.value in ("-delete", "rm") for word in command.arguments):
        for word in command.arguments:
            if word.literal_prefix.startswith(("-", "(", "!")):
                break
            yield from _paths(word)


def _paths(word: Word) -> Iterable[str | None]:
    text = word.value
    if text is None:
        text = word.raw
        if text.startswith(('"', "'")):
            text = text[1:].replace('"', "", 1)
        home = next((home for home in _HOMES if text.startswith(home)), None)
        if home is None or "$" in text[len(home) :]:
            prefix = word.literal_prefix
            if prefix.startswith("/"):
                return (prefix + "\0",)
            last = text.rpartition("/")[2].strip('"') if "/" in text else ""
            return ("\0" + last if last and not set(last) & set("$`*?") else None,)
    if text.startswith(_HOMES):
        text = "/root" + text[text.find("/") :] if "/" in text else "/root"
    return _with_braces(text)


def _covers(path: str | None, folder: str) -> bool:
    if path is None:
        return True
    if path.startswith("\0"):
        return path[1:] in folder.split("/")
    if "\0" in path:
        known = path[:-1]
        return folder.startswith(known) or known.startswith(folder + "/")
    path = path.rstrip("/")
    if path.startswith("/home/") and folder.startswith("/root/"):
        path = "/root/" + path[6:].partition("/")[2]
    head, _, last = path.rpartition("/")
    if "*" in last or last in (".", "?"):
        path = head
    if "*" in path:
        from fnmatch import fnmatch

        return fnmatch(folder, path) or fnmatch(folder, path + "/*")
    return bool(path) and (folder == path or folder.startswith(path + "/"))


def _with_braces(text: str, depth: int = 0) -> list[str]:
    """``/var/{a,b}`` as the shell expands it; at most some levels."""
    begin = text.find("{")
    if begin < 0 or depth > 5:
        return [text]
    level, parts, start = 0, [], begin + 1
    for at in range(begin, len(text)):
        char = text[at]
        if char == "{":
            level += 1
        elif char == "," and level == 1:
            parts.append(text[start:at])
            start = at + 1
        elif char == "}":
            level -= 1
            if level == 0:
                parts.append(text[start:at])
                if len(parts) < 2:
                    return [text]
                tails = _with_braces(text[at + 1 :], depth + 1)
                return [
                    text[:begin] + middle + tail
                    for part in parts
                    for middle in _with_braces(part, depth + 1)
                    for tail in tails
                ]
    return [text]
