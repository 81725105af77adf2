from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Env, Label, PairsInstruction


class LegacyKeyValue(Rule):
    """ENV or LABEL is written with a blank between name and value.

    ## Why is this bad?

    In `ENV A b C=d` all that follows the name is the value, so that the instruction can only set one variable, and a
    forgotten `=` is no error: `ENV ONE TWO= THREE=3` sets ONE to `TWO= THREE=3`. The form is kept for old files only.

    ## Fix safety

    The fix puts `=` between name and value, and quotes around a value that needs them. It is only offered if the
    value then means the same. Comments between name and value prevent it. In `LABEL a = b`, where the `=` is part of
    the value and surely not meant to be, the fix removes the blanks; it is unsafe, as the value changes.
    """

    name = "legacy-key-value"
    category = "style"
    level = "warning"
    aliases = ("LegacyKeyValueFormat",)
    since = "0.1.0"
    tag = "deprecated"

    bad = (
        Bad("FROM debian:12\nENV LANG C.UTF-8\n", at=("LANG C.UTF-8",), fixed="FROM debian:12\nENV LANG=C.UTF-8\n"),
        Bad(
            "FROM debian:12\nENV GREETING Hello $NAME of the world\n",
            at=("GREETING Hello $NAME of the world",),
            fixed='FROM debian:12\nENV GREETING="Hello $NAME of the world"\n',
        ),
        Bad(
            'FROM debian:12\nlabel   note \t "one two"\n',
            at=('note \t "one two"',),
            fixed='FROM debian:12\nlabel   note="one two"\n',
        ),
        Bad(
            'FROM debian:12\nENV A -Da="b c" -De=\\$f\n',
            at=('A -Da="b c" -De=\\$f',),
            fixed='FROM debian:12\nENV A="-Da=b c -De=\\$f"\n',
        ),
        Bad(
            "FROM debian:12\nENV A one \\\n    two \\\n    # why\n    three\n",
            at=("A one \\\n    two \\\n    # why\n    three",),
            fixed='FROM debian:12\nENV A="one \\\n    two \\\n    # why\n    three"\n',
        ),
        Bad("FROM debian:12\r\nENV A \\\r\n  b\r\n", at=("A \\\r\n  b",), fixed="FROM debian:12\r\nENV A=b\r\n"),
        Bad("FROM debian:12\nONBUILD ENV A b c\n", at=("A b c",), fixed='FROM debian:12\nONBUILD ENV A="b c"\n'),
        Bad(
            "# escape=`\nFROM debian:12\nENV A C:\\x y\n",
            at=("A C:\\x y",),
            fixed='# escape=`\nFROM debian:12\nENV A="C:\\x y"\n',
        ),
        Bad(
            'FROM debian:12\nLABEL vendor = "me and you"\nENV A = b c\n',
            at=('vendor = "me and you"', "A = b c"),
            fixed='FROM debian:12\nLABEL vendor="me and you"\nENV A="= b c"\n',
        ),
        Bad("FROM debian:12\nENV A \\\n# why\n  b\n", at=("A \\\n# why\n  b",)),
        Bad("FROM debian:12\nENV A \"$B\" 'c d'\n", at=("A \"$B\" 'c d'",)),
    )
    good = (
        Good("FROM debian:12\nENV A=b C=d\n"),
        Good('FROM debian:12\nLABEL a="b c" \\\n  d=e\n'),
        Good("ARG A\nFROM debian:12\n"),
    )

    def check_env(self, instruction: Env, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def check_label(self, instruction: Label, model: Model) -> Iterator[Finding]:
        return self._check(instruction, model)

    def _check(self, instruction: PairsInstruction, model: Model) -> Iterator[Finding]:
        if not instruction.is_legacy or instruction.problems or instruction.pairs[0].value is None:
            return
        pair = instruction.pairs[0]
        name = instruction.name
        message = f"{name} {pair.key.text}=... says the same without surprises"
        fix = None
        if instruction.pairs[0].value.text.startswith("="):
            message = f'the "=" is part of the value: write {pair.key.text}=... without blanks'
            fix = _without_blanks(instruction, model)
        yield self.finding(pair, message, fix or _fix(instruction, model))


def _without_blanks(instruction: PairsInstruction, model: Model) -> Fix | None:
    """``a = b`` as ``a=b``, if that is one word."""
    key, value = instruction.pairs[0].key, instruction.pairs[0].value
    if value is None or value.text != value.value or "#" in value.prefix:
        return None
    rest = value.text[1:].lstrip(" \t")
    if not rest or not _is_one_word(rest, model.tree.escape):
        return None
    return Fix("Write it without blanks", "unsafe", (Edit(key.end, value.end - len(rest), "="),))


def _fix(instruction: PairsInstruction, model: Model) -> Fix | None:
    key, value = instruction.pairs[0].key, instruction.pairs[0].value
    if value is None or "#" in value.prefix or '"' in key.text or "'" in key.text:
        return None
    edits = _edits(value.text, value.start, value.end, value.value, model.tree.escape)
    if edits is None:
        return None
    return Fix.of("Write it with =", "safe", [Edit(key.end, value.start, "="), *edits])


def _edits(text: str, start: int, end: int, raw: str, escape: str) -> list[Edit] | None:
    """What makes one word of a value, with the same meaning; None if that would not be plain to see."""
    from dflint.syntax import parse
    from dflint.syntax.tree import Env
    from dflint.syntax.words import WordError, expand_text, parts_of

    plain = f'"{text}"'
    quoted = None
    if _is_one_word(text, escape):
        return []
    if not any(char in text for char in ("'", '"', escape)):
        quoted = plain
        edits = [Edit(start, start, '"'), Edit(end, end, '"')]
    elif raw == text and "$" not in text.replace(escape + "$", ""):
        literal = expand_text(text, {}, escape)
        if literal is None:
            return None
        for char in (escape, '"', "$"):
            literal = literal.replace(char, escape + char)
        quoted = f'"{literal}"'
        edits = [Edit(start, end, quoted)]
    else:
        return None
    try:
        before, after = parts_of(text, escape), parts_of(quoted, escape)
    except WordError:
        return None
    head = "# escape=`\n" if escape == "`" else ""
    tree = parse(f"{head}ENV A={quoted}\n")
    instruction = tree.instructions[0]
    same = _meaning(before) == _meaning(after)
    return edits if same and isinstance(instruction, Env) and len(instruction.pairs) == 1 else None


def _is_one_word(text: str, escape: str) -> bool:
    """Whether ``A=text`` is a single word: no blank outside quotes."""
    from dflint.syntax import parse
    from dflint.syntax.tree import Env

    if not any(char in text for char in " \t\v\f\r\u0085\u00a0"):
        return True
    head = "# escape=`\n" if escape == "`" else ""
    tree = parse(f"{head}ENV A={text}\n")
    instruction = tree.instructions[0]
    if len(tree.instructions) != 1 or not isinstance(instruction, Env) or len(instruction.pairs) != 1:
        return False
    value = instruction.pairs[0].value
    return value is not None and value.text == text


def _meaning(parts: tuple[object, ...]) -> list[object]:
    """Parts without how they are written: joined texts, and variables by name, modifier and operand."""
    from dflint.syntax.words import Text, Variable

    found: list[object] = []
    for part in parts:
        if isinstance(part, Text):
            if found and isinstance(found[-1], str):
                found[-1] += part.text
            elif part.text:
                found.append(part.text)
        elif isinstance(part, Variable):
            found.append((part.name, part.modifier, _meaning(part.pattern), _meaning(part.operand)))
    return found
