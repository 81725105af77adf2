"""Words: quotes, escapes and ``$variables`` of the instructions in which BuildKit expands them.

The meaning is that of BuildKit's frontend/dockerfile/shell/lex.go. The grammar is ``grammars/word.lark``; words
without modifiers, nearly all there are, are read by a pattern instead, so that lark is only imported for the others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.syntax.tree import Word


class VariableUse(NamedTuple):
    """A ``$name`` or ``${name...}`` in a word.

    ``start``/``end`` are file offsets of the whole, from ``$`` on; ``name_start`` is that of the name. ``modifier`` is
    ``""`` or one of ``:- :+ :? - + ? # ## % %% / //``; ``operand`` is the raw text after it, up to the closing brace.
    """

    name: str
    start: int
    end: int
    name_start: int
    modifier: str
    operand: str
    is_quoted: bool


class Text(NamedTuple):
    """Literal text: ``text`` is its meaning, ``raw`` how it is written (in patterns escapes keep their meaning)."""

    text: str
    raw: str
    is_quoted: bool


class Variable(NamedTuple):
    """A substitution; ``[start:end]`` are indexes of the word's text."""

    name: str
    modifier: str
    pattern: tuple[Part, ...]
    operand: tuple[Part, ...]
    start: int
    end: int
    name_start: int
    operand_start: int
    is_quoted: bool


Part: TypeAlias = "Text | Variable"


class WordError(ValueError):
    """BuildKit refuses the word; ``start`` and ``end`` are indexes of its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


# the fast path: words without modifiers

_NAME = r"[^\W\d]\w*"


@lru_cache(maxsize=2)
def _simple_pattern(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    variable = rf"\$(?:(?P<NAME>{_NAME})|\{{(?P<BRACED>{_NAME})\}})"
    return re.compile(
        rf"""(?P<text>[^'"${e}]+)|{variable}|'(?P<single>[^']*)'"""
        rf"""|"(?P<double>(?:[^"${e}]|{e}["${e}]|{e}(?!["${e}])|\$(?:{_NAME}|\{{{_NAME}\}}))*)"|(?P<escaped>{e}.)""",
        re.DOTALL,
    )


@lru_cache(maxsize=2)
def _double_quoted_pattern(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(
        rf"""(?P<text>(?:[^"${e}]|{e}(?!["${e}]))+)|\$(?:(?P<NAME>{_NAME})|\{{(?P<BRACED>{_NAME})\}})|(?P<escaped>{e}.)""",
        re.DOTALL,
    )


def _simple_parts(text: str, escape: str) -> tuple[Part, ...] | None:
    """The parts of a word without modifiers; None for any other word."""
    parts: list[Any] = []
    at = 0
    match_at = _simple_pattern(escape).match
    while at < len(text):
        match = match_at(text, at)
        if match is None:
            return None
        kind = match.lastgroup
        if kind == "double":
            parts += _double_quoted_parts(match, escape)
        elif kind == "single":
            parts.append(Text(match[kind], match[0], True))
        elif kind == "text":
            parts.append(Text(match[0], match[0], False))
        elif kind == "escaped":
            parts.append(Text(match[0][1:], match[0], True))
        else:
            parts.append(_simple_variable(match, False))
        at = match.end()
    return tuple(parts)


def _double_quoted_parts(quoted: re.Match[str], escape: str) -> Iterator[Part]:
    start, end = quoted.span("double")
    if start == end:
        yield Text("", '""', True)
    for match in _double_quoted_pattern(escape).finditer(quoted.string, start, end):
        if match.lastgroup == "text":
            yield Text(match[0], match[0], True)
        elif match.lastgroup == "escaped":
            yield Text(match[0][1:], match[0], True)
        else:
            yield _simple_variable(match, True)


def _simple_variable(match: re.Match[str], is_quoted: bool) -> Variable:
    group = match.lastgroup or ""
    start, end = match.span()
    return Variable(match[group], "", (), (), start, end, match.start(group), end, is_quoted)


# the grammar


@lru_cache(maxsize=2)
def _grammar(escape: str) -> Any:
    from importlib.resources import files

    from lark import Lark

    text = files("dflint.syntax").joinpath("grammars/word.lark").read_text("utf-8")
    return Lark(text.replace("<E>", re.escape(escape)), parser="lalr", propagate_positions=True)


def _grammar_parts(text: str, escape: str) -> tuple[Part, ...]:
    from lark.exceptions import UnexpectedInput

    try:
        tree = _grammar(escape).parse(text)
    except UnexpectedInput as error:
        raise _word_error(text, escape, error) from None
    except RecursionError:
        raise WordError("nested too deeply", 0, len(text)) from None
    return tuple(_parts_of(tree.children, False))


def _word_error(text: str, escape: str, error: Any) -> WordError:
    at = getattr(error, "pos_in_stream", None)
    at = len(text) if at is None or at < 0 else at
    opening = text.rfind("${", 0, at + 2)
    if at < len(text) and text[at] in "'\"":
        name = "single" if text[at] == "'" else "double"
        return WordError(f"the {name} quote is not closed", at, len(text))
    if opening >= 0:
        return WordError("bad substitution", opening, min(max(at + 1, opening + 2), len(text)))
    quote = text.find('"')
    return WordError("the double quote is not closed", max(quote, 0), len(text))


def _parts_of(children: list[Any], is_quoted: bool) -> Iterator[Part]:
    for child in children:
        if not hasattr(child, "type"):
            if child.data == "double_quoted":
                yield Text("", "", True)
                yield from _parts_of(child.children, True)
            else:
                yield _variable(child, is_quoted)
        elif child.type == "TRAILING_ESCAPE":
            continue
        elif child.type in ("ESCAPED", "QUOTED_ESCAPE"):
            yield Text(child[1:], str(child), True)
        elif child.type == "SINGLE_QUOTED":
            yield Text(child[1:-1], str(child[1:-1]), True)
        else:
            yield Text(str(child), str(child), is_quoted)


def _variable(tree: Any, is_quoted: bool) -> Variable:
    first = tree.children[0]
    is_token = hasattr(first, "type")
    if is_token and first.type == "SIMPLE":
        start, end = first.start_pos, first.end_pos
        return Variable(str(first[1:]), "", (), (), start, end, start + 1, end, is_quoted)
    start, end = tree.meta.start_pos, tree.meta.end_pos
    if is_token:
        return Variable(str(first), "", (), (), start, end, start + 2, end - 1, is_quoted)
    name = str(first.children[0]) if first.children else ""
    operator = tree.children[1]
    modifier = str(operator)
    if not name and modifier[0] == ":":
        raise WordError("bad substitution", start, end)
    groups = tree.children[2:]
    operand = tuple(_parts_of(groups[-1].children, is_quoted))
    pattern = tuple(_parts_of(groups[0].children, is_quoted)) if len(groups) == 2 else ()
    return Variable(name, modifier, pattern, operand, start, end, start + 2, operator.end_pos, is_quoted)


# what words mean


@lru_cache(maxsize=4096)
def parts_of(text: str, escape: str) -> tuple[Part, ...]:
    """The parts of a word's text.

    Raises ``WordError`` where BuildKit refuses it.
    """
    parts = _simple_parts(text, escape)
    return _grammar_parts(text, escape) if parts is None else parts


def word_problem(text: str, escape: str) -> tuple[str, int, int] | None:
    """Why BuildKit refuses a word, with indexes of its text; None for a good one."""
    try:
        parts_of(text, escape)
    except WordError as error:
        return str(error), error.start, error.end
    return None


def _escape(word: Word) -> str:
    from dflint.syntax.tree import escape_of

    return escape_of(word)


def variables_of(word: Word) -> tuple[VariableUse, ...]:
    """All variables of a word, nested ones after the one that holds them; empty for a refused word."""
    try:
        parts = parts_of(word.text, _escape(word))
    except WordError:
        return ()
    return tuple(_uses(word, parts))


def _uses(word: Word, parts: tuple[Part, ...]) -> Iterator[VariableUse]:
    for part in parts:
        if isinstance(part, Variable):
            start, end = word.mapped.span(part.start, part.end)
            operand = word.text[part.operand_start : part.end - 1] if part.modifier else ""
            name_start = word.mapped.offset(part.name_start)
            yield VariableUse(part.name, start, end, name_start, part.modifier, operand, part.is_quoted)
            yield from _uses(word, part.pattern)
            yield from _uses(word, part.operand)


def literal_of(word: Word) -> str | None:
    """A word's meaning if it holds no variable."""
    text = word.text
    if word.type == "string" and "$" not in text:
        return text
    try:
        parts = parts_of(text, _escape(word))
    except WordError:
        return None
    if any(isinstance(part, Variable) for part in parts):
        return None
    return "".join([part.text for part in parts if isinstance(part, Text)])


def expand(word: Word, environment: Mapping[str, str]) -> str | None:
    """A word's meaning with some variables; those not in ``environment`` are unset."""
    return expand_text(word.text, environment, _escape(word))


def expand_text(text: str, environment: Mapping[str, str], escape: str = "\\") -> str | None:
    """What BuildKit makes of a word's text; None where it stops with an error (also by ``${x:?}``)."""
    try:
        return _evaluate(parts_of(text, escape), environment)
    except WordError:
        return None


def _evaluate(parts: tuple[Part, ...], environment: Mapping[str, str], *, raw: bool = False) -> str:
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, Variable):
            pieces.append(_value(part, environment))
        else:
            pieces.append(part.raw if raw else part.text)
    return "".join(pieces)


def _value(variable: Variable, environment: Mapping[str, str]) -> str:
    value = environment.get(variable.name)
    modifier = variable.modifier
    if not modifier:
        return value or ""
    if modifier[0] in "#%":
        return _trimmed(value or "", _evaluate(variable.operand, environment, raw=True), modifier)
    if modifier[0] == "/":
        return _replaced(variable, value or "", environment)
    operand = _evaluate(variable.operand, environment)
    is_missing = value is None or (modifier[0] == ":" and not value)
    if modifier[-1] == "-":
        return operand if is_missing else value or ""
    if modifier[-1] == "+":
        return "" if is_missing else operand
    if is_missing:
        raise WordError(operand or f"{variable.name} is not set", variable.start, variable.end)
    return value or ""


def _trimmed(value: str, pattern: str, modifier: str) -> str:
    greedy = len(modifier) == 2
    if modifier[0] == "#":
        match = re.match(_pattern_source(pattern, greedy), value, re.DOTALL if greedy else 0)
        return value[match.end() :] if match else value
    compiled = re.compile(_pattern_source(pattern, True) + r"\Z")
    starts = range(len(value) + 1) if greedy else range(len(value), -1, -1)
    for start in starts:
        if compiled.match(value, start):
            return value[:start]
    return value


def _replaced(variable: Variable, value: str, environment: Mapping[str, str]) -> str:
    pattern = _pattern_source(_evaluate(variable.pattern, environment, raw=True), True)
    replacement = _evaluate(variable.operand, environment, raw=True)
    return re.sub(pattern, lambda _: replacement, value, count=0 if variable.modifier == "//" else 1)


def _pattern_source(pattern: str, greedy: bool) -> str:
    """A shell pattern as a regular expression: ``*``, ``?`` and escapes are special (convertShellPatternToRegex)."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append(".*" if greedy else ".*?")
        elif char == "?":
            out.append(".")
        elif char == "\\":
            following = pattern[at : at + 1]
            at += 1
            if following not in ("}", "/", "*", "?", "\\"):
                raise WordError(f"invalid escape '\\{following}' in a pattern", 0, len(pattern))
            out.append(re.escape(following))
        else:
            out.append(re.escape(char))
    return "".join(out)


def unquote_flag_value(text: str, escape: str) -> str:
    """A flag's value without quotes and escapes (split_command.go: extractBuilderFlags)."""
    out: list[str] = []
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        if char == escape:
            at += 1
            out.append(text[at : at + 1])
        elif quote:
            if char == quote:
                quote = ""
            else:
                out.append(char)
        elif char in "\"'":
            quote = char
        else:
            out.append(char)
        at += 1
    return "".join(out)
