"""Selection ranges: word, command, pipeline, instruction, stage, file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from dflint.syntax.tree import CommandInstruction, Dockerfile, Instruction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.server.documents import Document
    from dflint.server.process import Server


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    def selection(params: types.SelectionRangeParams) -> list[types.SelectionRange]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        if document.is_ignore_file:
            return [_nested(document, _lines(document, document.text.offset(place))) for place in params.positions]
        model = server.documents.model(document)
        return [_nested(document, spans(model, document.text.offset(place))) for place in params.positions]


def _nested(document: Document, found: list[tuple[int, int]]) -> types.SelectionRange:
    """The ranges, from the widest inwards; the answer is the innermost."""
    made: types.SelectionRange | None = None
    for start, end in found:
        made = types.SelectionRange(document.text.range(start, end), made)
    assert made is not None, "the whole text is always one of them"
    return made


def _lines(document: Document, offset: int) -> list[tuple[int, int]]:
    text = document.text.text
    start, end = text.rfind("\n", 0, offset) + 1, text.find("\n", offset)
    return [(0, len(text)), (start, len(text) if end < 0 else end)]


def spans(model: Model, offset: int) -> list[tuple[int, int]]:
    """What lies around an offset, the widest first, each within the one before and smaller."""
    chain = [(0, len(model.source.text))]
    for start, end in sorted(_around(model, offset), key=lambda span: (span[0] - span[1], span[0])):
        outer = chain[-1]
        if start <= offset <= end and outer[0] <= start and end <= outer[1] and (start, end) != outer:
            chain.append((start, end))
    return chain


def _around(model: Model, offset: int) -> Iterator[tuple[int, int]]:
    for comment in model.tree.comments:
        yield comment.start, comment.end
    for stage in model.stages:
        yield stage.start, max(stage.end, stage.from_.end)
    instruction = model.tree.instruction_at(offset)
    if instruction is None:
        return
    yield instruction.start, instruction.content_end
    yield instruction.start, instruction.full_end
    yield instruction.arguments_span
    node: Any = model.tree.leaf_at(offset)
    while node is not None and not isinstance(node, (Instruction, Dockerfile)):
        yield node.start, node.end
        node = node.parent
    if isinstance(instruction, CommandInstruction):
        yield from _of_script(model, instruction, offset)


def _of_script(model: Model, instruction: CommandInstruction, offset: int) -> Iterator[tuple[int, int]]:
    script = model.script_of(instruction)
    if script is None or script.is_opaque:
        return
    for command in script.commands():
        if not command.start <= offset <= command.end:
            continue
        yield command.start, command.end
        yield command.pipeline.start, command.pipeline.end
        for holder, _ in command.enclosing_lists():
            yield holder.start, holder.end
        for word in command.words:
            yield word.start, word.end
            if word.is_quoted and word.end - word.start > 1:
                yield word.start + 1, word.end - 1
