"""Scripts inside scripts: the string that ``sh -c``, ``su -c`` or ``eval`` runs.

Seen are ``sh``, ``bash``, ``dash``, ``ash``, ``zsh``, ``ksh``, ``su`` and ``runuser`` with ``-c`` (also ``-ec``,
``-lc``; also behind the wrappers of ``unwrapped()``), and ``eval`` with one argument. The string must be static and one
plain word or one pair of quotes, single or double.
"""

from __future__ import annotations

from dflint.shell.nodes import QUOTED, Assignment, Command, Pipeline, Unescaped, VariableUse, Word
from dflint.shell.parser import Parser
from dflint.shell.words import Tables
from dflint.shell.wrappers import WRAPPERS

SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh"))
_WITH_STRINGS = SHELLS | {"su", "runuser"}
_MAX_NESTING = 5


def parse_strings(
    commands: list[Command],
    pipelines: list[Pipeline],
    uses: list[VariableUse],
    assignments: list[Assignment],
    depth: int = 0,
) -> None:
    """Parse the strings of these commands and insert what they hold into the lists, commands behind their runner."""
    if depth >= _MAX_NESTING or not any(_may_have_string(command) for command in commands):
        return
    result: list[Command] = []
    for command in commands:
        result.append(command)
        word = script_word(command) if _may_have_string(command) else None
        text = _contents(word) if word is not None else None
        if text is None:
            continue
        tables = Tables()
        command._string_script = Parser(text, tables, 10 * depth).script("string", command)
        tables.sort()
        parse_strings(tables.commands, tables.pipelines, tables.uses, tables.assignments, depth + 1)
        result.extend(tables.commands)
        pipelines.extend(tables.pipelines)
        uses.extend(tables.uses)
        assignments.extend(tables.assignments)
    commands[:] = result
    pipelines.sort(key=_start)


def script_word(command: Command) -> Word | None:
    """The word that is the script of ``sh -c`` and the like, None if the command runs none."""
    inner = command.unwrapped()
    if inner.program == "eval":
        return inner.arguments[0] if len(inner.arguments) == 1 else None
    if inner.program not in _WITH_STRINGS:
        return None
    arguments = iter(inner.arguments)
    wanted = False
    for word in arguments:
        value = word.value
        if value is None:
            return None
        if inner.program in SHELLS:
            for _ in range(_values_after(value)):
                next(arguments, None)
        if value[:1] in ("-", "+") and len(value) > 1:
            wanted = wanted or value == "--command" or (value[0] == "-" and value[1] != "-" and "c" in value)
            if wanted and inner.program not in SHELLS:
                return next(arguments, None)
        elif inner.program in SHELLS:
            return word if wanted else None
    return None


def _values_after(option: str) -> int:
    """How many words a shell's option takes: 1 for ``-o``, ``-euo``, ``--rcfile``."""
    if option in ("--rcfile", "--init-file"):
        return 1
    if option[:1] not in ("-", "+") or option[1:2] == "-":
        return 0
    return option.count("o") + option.count("O")


def _may_have_string(command: Command) -> bool:
    program = command.program
    return program in _WITH_STRINGS or program == "eval" or program in WRAPPERS


def _contents(word: Word) -> Unescaped | None:
    """What the quotes of a word hold, with the way back; None if it is not one static quoted text."""
    parts = word.parts
    if parts is None:
        return Unescaped(word._text, word.raw, word.begin, [])
    if any(part[0] != QUOTED for part in parts):
        return None
    raw = word.raw
    if raw[0] == "'" and len(parts) == 1:
        return Unescaped(word._text, raw[1:-1], word.begin + 1, [])
    if raw[0] != '"' or parts[0][1] != "" or parts[-1][3] != word.stop - 1:
        return None
    pieces: list[str] = []
    removed: list[int] = []
    length = 0
    at = word.begin + 1
    for _, payload, begin, stop in parts[1:]:
        text = str(payload)
        if begin != at:
            removed.extend([length] * (begin - at))
        removed.extend([length] * (stop - begin - len(text)))
        pieces.append(text)
        length += len(text)
        at = stop
    return Unescaped(word._text, "".join(pieces), word.begin + 1, removed)


def _start(pipeline: Pipeline) -> int:
    return pipeline.start
