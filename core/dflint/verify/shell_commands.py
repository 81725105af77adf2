"""What shell scripts start: every command in them that is a program of the image."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images.file_tree import clean, parent_of
from dflint.shell import Assignment, parse_shell, quote
from dflint.shell.wrappers import WRAPPERS
from dflint.source import MappedText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dflint.shell import Command, Script, Word
    from dflint.verify.closure import Closure

MAX_COMMANDS = 5_000
_ABSOLUTE = re.compile(r"(?<![\w$}.~/])(?:/[\w.+@-]+){2,}")
"""Absolute paths anywhere in a script, of two parts and more."""
_SIMPLE_WRAPPERS = frozenset(
    ("catatonit", "docker-init", "pid1", "setpriv", "s6-setuidgid", "with-contenv", "chroot", "su")
)


def follow_shell(closure: Closure, arguments: Sequence[str], folder: str, depth: int) -> None:
    """Follow ``sh FILE ...`` and ``sh -c TEXT ...``."""
    words = list(arguments[1:])
    if basename(arguments[0]) == "busybox":
        if not words:
            return
        if words[0] not in ("sh", "ash"):
            closure.run(words, folder, "started by busybox", depth + 1)
            return
        words = words[1:]
    is_string = False
    while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
        option = words.pop(0)
        if option == "--":
            break
        if option in ("-o", "+o", "-O", "+O", "--rcfile", "--init-file") and words:
            words.pop(0)
        elif not option.startswith("--") and "c" in option:
            is_string = True
    if not words:
        return
    if is_string:
        follow_text(closure, words[0], words[1:], "the start command", folder, depth)
        return
    path = clean(words[0], folder)
    entry = closure.reach(path, f"the script that {arguments[0]} runs")
    if entry is not None and entry.is_file:
        follow_text(closure, closure.text(entry), words, entry.path, folder, depth)


def follow_text(closure: Closure, text: str, parameters: Sequence[str], name: str, folder: str, depth: int) -> None:
    """Follow the commands of a script. ``parameters`` are $0 and its arguments."""
    if "\0" in text or not closure.is_new("shell", text, folder, *parameters):
        return
    script = _parsed(text)
    if script is None:
        closure.note(f"{name}: a shell script that could not be parsed; what it starts is not known")
        return
    environment = {**closure.environment, **_assignments(script)}
    for number, parameter in enumerate(parameters):
        environment.setdefault(str(number), parameter)
    folders = [folder, *_changed_folders(script, environment, folder)]
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    closure.name_paths(dict.fromkeys(_ABSOLUTE.findall(code)), folder, f"named in {name}")
    for count, command in enumerate(script.commands()):
        if count > MAX_COMMANDS:
            closure.note(f"{name}: more than {MAX_COMMANDS} commands; the rest was not followed")
            return
        for inner in _layers(command):
            _follow_command(closure, inner, environment, parameters, name, folders, depth)


def _follow_command(
    closure: Closure, command: Command, environment: Mapping[str, str], parameters: Sequence[str], name: str,
    folders: Sequence[str], depth: int,
) -> None:  # fmt: skip
    for redirect in command.redirects:
        if redirect.target is not None and redirect.operator == "<":
            _name(closure, redirect.target, environment, name, folders)
    if command.name is None:
        return
    program = command.name.text_with(environment)
    words = [word.text_with(environment) for word in command.arguments]
    if program is None:
        if command.name.raw in ('"$@"', "$@", "$*", '"$*"'):
            closure.maybe_run(parameters[1:], folders[0], f"started by {name}")
        else:
            closure.note(f"{name}: starts {command.name.raw}, a computed name")
            _name_all(closure, command.arguments, environment, name, folders)
        return
    expanded: list[str] = []
    for word, value in zip(command.arguments, words, strict=True):
        if value is not None:
            expanded.append(value)
        elif word.raw in ('"$@"', "$@", "$*", '"$*"'):
            expanded.extend(parameters[1:])
        else:
            expanded.append("")
    if program in (".", "source"):
        _include(closure, expanded, name, folders, parameters, depth)
        return
    if program == "eval":
        closure.note(f"{name}: uses eval; what it evaluates is not known")
    if program == "exec" and expanded:
        return  # the inner command comes by itself
    place = next((place for place in folders if closure.lookup_program(program, place) is not None), None)
    if place is not None:
        closure.run([program, *expanded], place, f"started by {name}", depth + 1)
    _name_all(closure, command.arguments, environment, name, folders)


def _include(
    closure: Closure, words: list[str], name: str, folders: Sequence[str], parameters: Sequence[str], depth: int
) -> None:
    if not words or not words[0]:
        closure.note(f"{name}: includes a file under a computed name")
        return
    for place in folders:
        entry = closure.reach(clean(words[0], place), f"included by {name}")
        if entry is not None and entry.is_file and depth < 20:
            follow_text(closure, closure.text(entry), parameters, entry.path, place, depth + 1)
            return


def _name_all(
    closure: Closure, words: Sequence[Word], environment: Mapping[str, str], name: str, folders: Sequence[str]
) -> None:
    for word in words:
        _name(closure, word, environment, name, folders)


def _name(closure: Closure, word: Word, environment: Mapping[str, str], name: str, folders: Sequence[str]) -> None:
    """Take in the path that a word names; of a pattern the folder that it looks into."""
    value = word.text_with(environment)
    if value is None:
        prefix = word.literal_prefix
        if prefix.startswith("/") and prefix.count("/") > 1:
            closure.name_paths([parent_of(prefix)], folders[0], f"named in {name}")
        return
    if word.has_glob:
        value = value.partition("*")[0].partition("?")[0].partition("[")[0]
        value = parent_of(value) if not value.endswith("/") else value.rstrip("/")
        if not value.startswith("/") or value == "":
            return
    for place in folders:
        closure.name_paths([value], place, f"named in {name}")


def _layers(command: Command) -> list[Command]:
    """A command and the one that it wraps, if it is a wrapper such as ``exec`` or ``gosu``."""
    inner = command.unwrapped()
    return [command] if inner is command else [command, inner]


def _parsed(text: str) -> Script | None:
    script = parse_shell(MappedText.contiguous(text.replace("\r\n", "\n"), 0), "bash")
    return None if script.is_opaque else script


def _assignments(script: Script) -> dict[str, str]:
    """Variables that the script gives one fixed value."""
    found: dict[str, set[str | None]] = {}
    for use in script.variables():
        if isinstance(use, Assignment):
            found.setdefault(use.name, set()).add(use.value.value if use.value is not None else None)
    return {name: value for name, values in found.items() if len(values) == 1 and (value := values.pop()) is not None}


def _changed_folders(script: Script, environment: Mapping[str, str], folder: str) -> list[str]:
    """Where ``cd`` goes: commands after it may run there."""
    found = []
    for command in script.commands():
        if command.program in ("cd", "pushd") and command.arguments:
            value = command.arguments[-1].text_with(environment)
            if value:
                found.append(clean(value, folder))
    return found


def env_command(arguments: Sequence[str]) -> list[str]:
    """What ``env`` starts: ``env -S python3 -u``, ``env A=b program``."""
    words = list(arguments[1:])
    while words:
        word = words[0]
        if word in ("-S", "--split-string") and len(words) > 1:
            return [*words[1].split(), *words[2:]]
        if word.startswith("-S"):
            return [*word[2:].split(), *words[1:]]
        if word in ("-u", "--unset", "-C", "--chdir"):
            words = words[2:]
        elif word.startswith("-") or "=" in word:
            words = words[1:]
        else:
            # the kernel hands over all that follows the program of a #! line as one word
            return [*word.split(), *words[1:]]
    return []


def inner_command(arguments: Sequence[str]) -> list[str]:
    """What a program such as tini or gosu starts; empty for a program that starts nothing known."""
    name = basename(arguments[0])
    if "--" in arguments and (name in WRAPPERS or name in _SIMPLE_WRAPPERS):
        return list(arguments[arguments.index("--") + 1 :])
    if name in _SIMPLE_WRAPPERS:
        rest = [word for word in arguments[1:] if not word.startswith("-")]
        return rest[1:] if name in ("s6-setuidgid", "chroot", "su") else rest
    if name not in WRAPPERS:
        return []
    text = " ".join(quote(word) for word in (name, *arguments[1:]))
    script = parse_shell(MappedText.contiguous(text, 0), "bash")
    command = next(iter(script.commands()), None)
    if command is None:
        return []
    inner = command.unwrapped()
    if inner is command:
        return []
    values = [word.value for word in inner.words]
    return [value for value in values if value is not None]
