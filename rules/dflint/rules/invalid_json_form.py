from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.source import MappedText
    from dflint.syntax.tree import (
        Add,
        Cmd,
        CommandInstruction,
        Copy,
        Entrypoint,
        Healthcheck,
        Instruction,
        Run,
        Transfer,
        Volume,
    )

_QUOTES = {"'": "'", "“": "”“", "”": "”“", "„": "”“", "‘": "’‘", "’": "’‘", "«": "»"}


class InvalidJsonForm(Rule):
    """An instruction is written like a JSON array, but is none.

    ## Why is this bad?

    The builder falls back to the other form without a word. `CMD ['nginx', '-g']` runs the shell with the command
    `[nginx,`, and `COPY ['a', '/c/']` copies a file called `[a,` to `/c/]`. Strings need double quotes, with commas
    between them and none after the last.

    ## Exceptions

    Shell tests such as `RUN [ -f /a ]`. SHELL takes nothing but JSON, so there this is a syntax error.

    ## Fix safety

    The fix corrects quotes and commas, closes the array and moves a comment behind it to a line above. The instruction
    then means something else, so it is unsafe.
    """

    name = "invalid-json-form"
    category = "correctness"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nCMD ['nginx', '-g']\n", at=("'",), fixed='FROM debian:12\nCMD ["nginx", "-g"]\n'),
        Bad("FROM debian:12\nRUN [\"echo\" 'x']\n", at=("'",), fixed='FROM debian:12\nRUN ["echo", "x"]\n'),
        Bad(
            'FROM debian:12\nentrypoint ["a", \\\n  "b", \\\n]\n',
            at=("]",),
            fixed='FROM debian:12\nentrypoint ["a", \\\n  "b" \\\n]\n',
        ),
        Bad("FROM debian:12\nCMD [“a”, “b”]\n", at=("“",), fixed='FROM debian:12\nCMD ["a", "b"]\n'),
        Bad('FROM debian:12\nVOLUME ["/a"\n', at=('"',), fixed='FROM debian:12\nVOLUME ["/a"]\n'),
        Bad(
            "FROM debian:12\nCOPY --link ['a', '/c/']\n", at=("'",), fixed='FROM debian:12\nCOPY --link ["a", "/c/"]\n'
        ),
        Bad(
            "FROM debian:12\nHEALTHCHECK CMD ['sh', '-c', 'echo \"a\"']\n",
            at=("'",),
            fixed='FROM debian:12\nHEALTHCHECK CMD ["sh", "-c", "echo \\"a\\""]\n',
        ),
        Bad('FROM debian:12\nONBUILD CMD ["a",]\n', at=("]",), fixed='FROM debian:12\nONBUILD CMD ["a"]\n'),
        Bad('FROM debian:12\nCMD ["a"]  # b\n', at=("#",), fixed='FROM debian:12\n# b\nCMD ["a"]\n'),
        Bad('FROM debian:12\nCMD ["a"] && b\n', at=("&",)),
        Bad('FROM debian:12\nCMD ["C:\\a.exe"]\n', at=("\\",)),
    )
    good = (
        Good('FROM debian:12\nCMD ["a", "b"]\n'),
        Good("FROM debian:12\nCMD []\n"),
        Good('FROM debian:12\nRUN [ -f /a ] && [ "$A" = b ]\n'),
        Good('FROM debian:12\nRUN [ "$A" != b ] || make\nRUN [ "$A" ] && make\nRUN [ \'$A\' -eq 1 ]\n'),
        Good("FROM debian:12\nRUN [[ -f /a ]]\n"),
        Good("FROM debian:12\nCOPY [a-c].txt /d/\n"),
        Good('FROM debian:12\nCOPY ["a", "b", \\\n  "c/"]\n'),
        Good("FROM debian:12\nSHELL ['sh', '-c']\n"),
    )

    def check_cmd(self, instruction: Cmd, model: Model) -> Iterator[Finding]:
        return self._check_command(instruction)

    def check_entrypoint(self, instruction: Entrypoint, model: Model) -> Iterator[Finding]:
        return self._check_command(instruction)

    def check_healthcheck(self, instruction: Healthcheck, model: Model) -> Iterator[Finding]:
        return self._check_command(instruction)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check_command(instruction)

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check_words(instruction)

    def check_add(self, instruction: Add, model: Model) -> Iterator[Finding]:
        return self._check_words(instruction)

    def check_volume(self, instruction: Volume, model: Model) -> Iterator[Finding]:
        return self._check_words(instruction)

    def _check_command(self, instruction: CommandInstruction) -> Iterator[Finding]:
        if instruction.shell_text is not None and instruction.shell_text.value.startswith("["):
            yield from self._check(instruction, instruction.shell_text.mapped)

    def _check_words(self, instruction: Transfer | Volume) -> Iterator[Finding]:
        words = instruction.words
        if instruction.exec_form or not words or not words[0].value.startswith("["):
            return
        line = instruction.line
        at = line.text.find("[")
        while at >= 0 and line.offset(at) != words[0].start:
            at = line.text.find("[", at + 1)
        if at >= 0:
            yield from self._check(instruction, line.slice(at, len(line.text.rstrip())))

    def _check(self, instruction: Instruction, array: MappedText) -> Iterator[Finding]:
        from dflint.syntax.exec_form import json_problem

        problem = json_problem(array)
        if problem is None:
            return
        edits = _edits(array) or _comment_edits(instruction, array)
        fix = Fix.of("Make it valid JSON", "unsafe", edits) if edits else None
        reason = problem.message.removeprefix("not valid JSON: ")
        if reason == "unexpected '#'":
            reason = "a comment needs a line of its own"
        yield self.finding(problem, f"this {instruction.name} is no JSON array, {reason}", fix)


def _comment_edits(instruction: Instruction, array: MappedText) -> list[Edit] | None:
    """What moves the comment behind an array to a line above the instruction."""
    from dflint.syntax.exec_form import NOT_STRINGS, scan_array

    at = array.text.rfind("]", 0, array.text.find("#")) + 1
    tokens = scan_array(array.text, 0, at) if at else None
    comment = array.text[at:].strip()
    if not tokens or tokens is NOT_STRINGS or not comment.startswith("#") or instruction.is_onbuild_trigger:
        return None
    start = array.offset(at - 1) + 1
    end = array.offset(len(array.text) - 1) + 1
    if end - start != len(array.text) - at or instruction.heredocs:
        return None
    return [Edit(instruction.start, instruction.start, f"{comment}\n"), Edit(start, end, "")]


def _edits(array: MappedText) -> list[Edit] | None:
    """What makes valid JSON of an array; None if it is not plain what is meant."""
    from dflint.syntax.exec_form import NOT_STRINGS, scan_array

    changes = _changes(array.text)
    if changes is None:
        return None
    text = array.text
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    tokens = scan_array(text, 0, len(text))
    if not tokens or tokens is NOT_STRINGS:
        return None
    edits = []
    for start, end, new in changes:
        offset = array.offset(start) if start < len(array.text) else array.offset(start - 1) + 1
        edits.append(Edit(offset, offset + end - start, new))
    return edits


def _changes(text: str) -> list[tuple[int, int, str]] | None:
    changes: list[tuple[int, int, str]] = []
    at = 1
    before = "["
    comma = -1
    while at < len(text) and before != "]":
        char = text[at]
        if char in " \t\r\n":
            at += 1
            continue
        if char == ",":
            if before != '"':
                return None
            before, comma, at = ",", at, at + 1
        elif char == "]":
            if before == ",":
                changes.append((comma, comma + 1, ""))
            before, at = "]", at + 1
        elif char == '"' or char in _QUOTES:
            end = _string_end(text, at)
            if end < 0:
                return None
            if before == '"':
                changes.append((_end_before(text, at), _end_before(text, at), ","))
            if char != '"':
                changes.append((at, at + 1, '"'))
                changes += [(i, i, "\\") for i in range(at + 1, end - 1) if text[i] == '"']
                changes.append((end - 1, end, '"'))
            before, at = '"', end
        else:
            return None
    if text[at:].strip():
        return None
    if before == '"':
        changes.append((_end_before(text, len(text)), _end_before(text, len(text)), "]"))
    elif before != "]":
        return None
    return changes


def _string_end(text: str, start: int) -> int:
    """The index behind the string that starts at ``start``, -1 if it is not closed or has a doubtful backslash."""
    closing = _QUOTES.get(text[start], '"')
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            if text[start] != '"':
                return -1
            at += 1
        elif text[at] in closing:
            return at + 1
        at += 1
    return -1


def _end_before(text: str, at: int) -> int:
    """The index behind the last character before ``at`` that is not blank."""
    return len(text[:at].rstrip())
