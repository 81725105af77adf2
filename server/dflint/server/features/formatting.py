"""Formatting: a document, a range, and the next line of a command while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.formatting import FormatSettings, format_edits

if TYPE_CHECKING:
    from dflint.server.documents import Document
    from dflint.server.process import Server


def add(server: Server) -> None:
    def edits(uri: str, place: types.Range | None) -> list[types.TextEdit]:
        document = server.documents.get(uri)
        if document is None or document.is_ignore_file:
            return []
        tree = server.documents.model(document).tree
        start = 0 if place is None else document.text.offset(place.start)
        end = None if place is None else document.text.offset(place.end)
        found = format_edits(tree, FormatSettings(), start, end)
        return [types.TextEdit(document.text.range(edit.start, edit.end), edit.text) for edit in found]

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def whole(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        return edits(params.text_document.uri, None)

    @server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
    def part(params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
        return edits(params.text_document.uri, params.range)

    @server.feature(types.TEXT_DOCUMENT_ON_TYPE_FORMATTING, types.DocumentOnTypeFormattingOptions("\n"))
    def typed(params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file or not params.position.line:
            return []
        return _indented(server, document, params.position.line, params.options)


def _indented(server: Server, document: Document, line: int, options: types.FormattingOptions) -> list[types.TextEdit]:
    """The new line gets the indentation of the command that it goes on with."""
    lines = document.text.text.split("\n")
    escape = server.documents.model(document).tree.escape
    above = lines[line - 1].rstrip("\r \t")
    if not above.endswith(escape) or line >= len(lines) or lines[line].strip():
        return []
    indent = _leading(lines[line - 1])
    if line < 2 or not lines[line - 2].rstrip("\r \t").endswith(escape):  # the first line of the instruction
        indent += " " * options.tab_size if options.insert_spaces else "\t"
    if _leading(lines[line]) == indent:
        return []
    start = types.Position(line, 0)
    return [types.TextEdit(types.Range(start, types.Position(line, len(_leading(lines[line])))), indent)]


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
