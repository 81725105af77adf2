"""Semantic tokens: what each word of a Dockerfile is, the shell inside of RUN too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.record import NamedTuple
from dflint.syntax.tree import (
    Arg,
    CommandInstruction,
    Copy,
    Dockerfile,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Onbuild,
    PairsInstruction,
    User,
    ValueInstruction,
    WordsInstruction,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.model import Model
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.shell import Command
    from dflint.shell.nodes import Word as ShellWord
    from dflint.syntax.tree import Word

TYPES = (
    "keyword", "parameter", "property", "string", "number", "variable", "class", "namespace", "comment", "macro",
    "operator", "function",
)  # fmt: skip
MODIFIERS = ("declaration", "deprecated")
_NUMBERS = {name: number for number, name in enumerate(TYPES)}
_DECLARATION, _DEPRECATED = 1, 2


class Token(NamedTuple):
    """A piece of the text that is of one type; it may go over several lines."""

    start: int
    end: int
    type: str
    modifiers: int = 0


def add(server: Server) -> None:
    legend = types.SemanticTokensLegend(list(TYPES), list(MODIFIERS))
    kept: dict[str, tuple[int, list[int]]] = {}
    """For each document the version and numbers that the client has."""

    def numbers(document: Document) -> list[int]:
        known = kept.get(document.uri)
        if known is None or known[0] != document.version:
            known = (document.version, encoded(tokens(server.documents.model(document)), document))
            kept[document.uri] = known
        return known[1]

    @server.feature(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        types.SemanticTokensRegistrationOptions(
            legend=legend, full=types.SemanticTokensFullDelta(delta=True), range=True
        ),
    )
    def full(params: types.SemanticTokensParams) -> types.SemanticTokens:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return types.SemanticTokens([])
        return types.SemanticTokens(numbers(document), str(document.version))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA)
    def delta(params: types.SemanticTokensDeltaParams) -> types.SemanticTokens | types.SemanticTokensDelta:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return types.SemanticTokens([])
        before = kept.get(document.uri)
        now = numbers(document)
        if before is None or str(before[0]) != params.previous_result_id:
            return types.SemanticTokens(now, str(document.version))
        return types.SemanticTokensDelta(changes(before[1], now), str(document.version))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE)
    def part(params: types.SemanticTokensRangeParams) -> types.SemanticTokens:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return types.SemanticTokens([])
        start, end = document.text.offset(params.range.start), document.text.offset(params.range.end)
        inside = [t for t in tokens(server.documents.model(document)) if t.end > start and t.start < end]
        return types.SemanticTokens(encoded(inside, document))


def changes(before: list[int], now: list[int]) -> list[types.SemanticTokensEdit]:
    """One edit: what is between the equal beginning and the equal end."""
    if before == now:
        return []
    most = min(len(before), len(now))
    start = next((index for index in range(most) if before[index] != now[index]), most)
    same = 0
    while same < most - start and before[-1 - same] == now[-1 - same]:
        same += 1
    return [types.SemanticTokensEdit(start, len(before) - start - same, now[start : len(now) - same])]


def encoded(found: Iterable[Token], document: Document) -> list[int]:
    """The tokens as the protocol counts them: five numbers each, relative to the one before; none over line ends."""
    numbers: list[int] = []
    line = column = 0
    for token in found:
        for start, end in _by_lines(document.text.text, token.start, token.end):
            place = document.text.range(start, end)
            here, there = place.start, place.end
            if here.line != there.line or there.character == here.character:
                continue
            first = here.character - (column if here.line == line else 0)
            numbers += (
                here.line - line, first, there.character - here.character, _NUMBERS[token.type], token.modifiers,
            )  # fmt: skip
            line, column = here.line, here.character
    return numbers


def _by_lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for piece in re.finditer(r"[^\r\n]+", text[start:end]):
        yield start + piece.start(), start + piece.end()


def tokens(model: Model) -> list[Token]:
    """All tokens of a file, in order; of two at one place the wider one is cut, or goes."""
    found = list(_of_tree(model))
    found.sort(key=lambda token: (token.start, -token.end))
    flat: list[Token] = []
    for token in found:
        _lay(flat, token)
    return flat


def _lay(flat: list[Token], token: Token) -> None:
    """Put a token on top of those before it: what it covers of the last one is cut out."""
    if token.end <= token.start:
        return
    if not flat or flat[-1].end <= token.start:
        flat.append(token)
        return
    below = flat.pop()
    if below.start < token.start:
        flat.append(below._replace(end=token.start))
    flat.append(token)
    if below.end > token.end:
        flat.append(below._replace(start=token.end))


def _of_tree(model: Model) -> Iterator[Token]:
    tree: Dockerfile = model.tree
    for directive in tree.directives:
        yield Token(directive.start, directive.end, "macro")
    for comment in tree.comments:
        yield Token(comment.start, comment.end, "comment")
    for instruction in tree.instructions:
        yield from _of_instruction(model, instruction)


def _of_instruction(model: Model, instruction: Instruction) -> Iterator[Token]:
    keyword = instruction.keyword
    yield Token(keyword.start, keyword.end, "keyword", _DEPRECATED if instruction.name == "MAINTAINER" else 0)
    for flag in instruction.flags:
        yield from _of_flag(instruction, flag.start, flag.end, flag.value)
    for heredoc in instruction.heredocs:
        yield Token(heredoc.opener.start, heredoc.opener.end, "operator")
        yield Token(heredoc.body.start, heredoc.body.end, "string")
        if heredoc.end_leaf is not None:
            yield Token(heredoc.end_leaf.start, heredoc.end_leaf.end, "operator")
    if isinstance(instruction, Onbuild):
        if instruction.trigger is not None:
            yield from _of_instruction(model, instruction.trigger)
    elif isinstance(instruction, CommandInstruction):
        yield from _of_command(model, instruction)
    elif isinstance(instruction, PairsInstruction):
        yield from _of_pairs(instruction)
    elif isinstance(instruction, From):
        yield from _of_from(model, instruction)
    elif isinstance(instruction, WordsInstruction):
        kind = "number" if isinstance(instruction, Expose) else "string"
        for word in instruction.words:
            yield from _of_word(word, kind)
    elif isinstance(instruction, ValueInstruction) and instruction.value is not None:
        yield from _of_word(instruction.value, "namespace" if isinstance(instruction, User) else "string")


def _of_flag(instruction: Instruction, start: int, end: int, value: Word | None) -> Iterator[Token]:
    yield Token(start, end if value is None else value.start - 1, "parameter")
    if value is not None:
        is_stage = isinstance(instruction, Copy) and instruction.from_ is value
        yield from _of_word(value, "class" if is_stage else "property")


def _of_word(word: Word, kind: str) -> Iterator[Token]:
    yield Token(word.start, word.end, kind)
    for use in word.variables:
        yield Token(use.start, use.end, "variable")


def _of_from(model: Model, instruction: From) -> Iterator[Token]:
    names = {stage.name for stage in model.stages if stage.name and stage.from_.index < instruction.index}
    if instruction.image is not None:
        yield from _of_word(instruction.image, "class" if instruction.image.text.lower() in names else "namespace")
    if instruction.as_keyword is not None:
        yield Token(instruction.as_keyword.start, instruction.as_keyword.end, "keyword")
    if instruction.stage_name is not None:
        yield Token(instruction.stage_name.start, instruction.stage_name.end, "class", _DECLARATION)


def _of_pairs(instruction: PairsInstruction) -> Iterator[Token]:
    is_variable = isinstance(instruction, (Arg, Env))
    for pair in instruction.pairs:
        kind, modifiers = ("variable", _DECLARATION) if is_variable else ("property", 0)
        yield Token(pair.key.start, pair.key.end, kind, modifiers)
        if pair.value is not None:
            yield from _of_word(pair.value, "string")


def _of_command(model: Model, instruction: CommandInstruction) -> Iterator[Token]:
    if isinstance(instruction, Healthcheck) and instruction.kind is not None:
        yield Token(instruction.kind.start, instruction.kind.end, "keyword")
    if instruction.exec_form:
        for word in instruction.words:
            yield Token(word.start, word.end, "string")
        return
    script = model.script_of(instruction)
    if script is None or script.is_opaque:
        return
    for pipeline in script.pipelines():
        span = pipeline.parent.items[pipeline.index].operator_span
        if span is not None and model.source.text[span[0] : span[1]].strip():
            yield Token(span[0], span[1], "operator")
    for command in script.commands():
        yield from _of_shell_command(command)


def _of_shell_command(command: Command) -> Iterator[Token]:
    for assignment in command.assignments:
        yield Token(assignment.start, assignment.start + len(assignment.name), "variable", _DECLARATION)
        if assignment.value is not None:
            yield from _of_shell_word(assignment.value, "string")
    for index, word in enumerate(command.words):
        text = word.value or ""
        kind = "function" if index == 0 else "parameter" if text.startswith("-") else "string"
        yield from _of_shell_word(word, kind)


def _of_shell_word(word: ShellWord, kind: str) -> Iterator[Token]:
    yield Token(word.start, word.end, kind)
    for use in word.variables:
        yield Token(use.start, use.end, "variable")
