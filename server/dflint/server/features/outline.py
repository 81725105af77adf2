"""Symbols and folding: stages with their instructions, and what spans several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model, Stage
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.syntax.tree import Instruction

_KINDS = {
    "ARG": types.SymbolKind.Variable, "ENV": types.SymbolKind.Variable, "RUN": types.SymbolKind.Function,
    "COPY": types.SymbolKind.File, "ADD": types.SymbolKind.File, "LABEL": types.SymbolKind.Property,
    "CMD": types.SymbolKind.Event, "ENTRYPOINT": types.SymbolKind.Event,
}  # fmt: skip
_SHOWN = 60


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return []
        return list(_symbols(server.documents.model(document), document))

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return []
        return list(_folds(server.documents.model(document), document))


def _symbols(model: Model, document: Document) -> Iterator[types.DocumentSymbol]:
    for arg in model.global_args:
        yield _symbol(arg, document, model)
    for stage in model.stages:
        yield _stage(stage, document, model)


def _stage(stage: Stage, document: Document, model: Model) -> types.DocumentSymbol:
    word = stage.from_.stage_name or stage.from_.image or stage.from_.keyword
    return types.DocumentSymbol(
        name=stage.name or f"stage {stage.index}",
        detail=stage.from_.image.text if stage.from_.image is not None else "",
        kind=types.SymbolKind.Class,
        range=document.text.range(stage.start, max(stage.end, stage.from_.end)),
        selection_range=document.text.range(word.start, word.end),
        children=[_symbol(instruction, document, model) for instruction in stage.instructions],
    )


def _symbol(instruction: Instruction, document: Document, model: Model) -> types.DocumentSymbol:
    arguments = " ".join(instruction.line.text[len(instruction.keyword.text) :].split())
    name = f"{instruction.name} {arguments}".strip()
    return types.DocumentSymbol(
        name=name if len(name) <= _SHOWN else name[:_SHOWN] + "...",
        kind=_KINDS.get(instruction.name, types.SymbolKind.Constant),
        range=document.text.range(instruction.start, instruction.end),
        selection_range=document.text.range(instruction.keyword.start, instruction.keyword.end),
    )


def _folds(model: Model, document: Document) -> Iterator[types.FoldingRange]:
    for stage in model.stages:
        yield from _fold(document, stage.start, stage.end)
    for instruction in model.instructions:
        yield from _fold(document, instruction.start, instruction.end)
        for heredoc in instruction.heredocs:
            yield from _fold(document, heredoc.body.start, heredoc.body.end)
    first = last = None
    for comment in model.tree.comments:
        if (
            last is not None
            and document.text.position(comment.start).line == document.text.position(last.start).line + 1
        ):
            last = comment
            continue
        if first is not None and last is not None:
            yield from _fold(document, first.start, last.end, types.FoldingRangeKind.Comment)
        first = last = comment
    if first is not None and last is not None:
        yield from _fold(document, first.start, last.end, types.FoldingRangeKind.Comment)


def _fold(
    document: Document, start: int, end: int, kind: types.FoldingRangeKind | None = None
) -> Iterator[types.FoldingRange]:
    one, other = document.text.position(start), document.text.position(end)
    if other.line > one.line:
        yield types.FoldingRange(one.line, other.line, kind=kind)
