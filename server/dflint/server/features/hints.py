"""Inlay hints: values of variables, bytes of a COPY, and how often its files changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.syntax.tree import Copy, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.server.settings import Settings
    from dflint.syntax.tree import Instruction

_SHOWN = 40
"""Characters of a value that is shown."""


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: types.InlayHintParams) -> list[types.InlayHint]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return []
        start, end = document.text.offset(params.range.start), document.text.offset(params.range.end)
        model = server.documents.model(document)
        return list(_hints(server, model, document, start, end))


def _hints(server: Server, model: Model, document: Document, start: int, end: int) -> Iterator[types.InlayHint]:
    settings: Settings = server.settings
    for instruction in model.instructions:
        if instruction.end < start or instruction.start > end:
            continue
        if settings.hints.variables and not isinstance(instruction, Run):
            yield from _values(model, document, instruction)
        if isinstance(instruction, Transfer) and not (isinstance(instruction, Copy) and instruction.from_ is not None):
            text = _evidence(server, document, instruction)
            if text:
                yield types.InlayHint(
                    document.text.position(instruction.content_end), text, padding_left=True,
                    tooltip="What it takes from the build context, and how often it would have run anew",
                )  # fmt: skip


def _values(model: Model, document: Document, instruction: Instruction) -> Iterator[types.InlayHint]:
    from dflint.model.expansion import expanded_words

    for word in expanded_words(instruction):
        for use in word.variables:
            variable = model.environment_before(instruction).lookup(use.name)
            value = None if variable is None else variable.value
            if value is not None and value and len(value) <= _SHOWN and "\n" not in value:
                yield types.InlayHint(document.text.position(use.end), f"={value}", types.InlayHintKind.Type)


def _evidence(server: Server, document: Document, instruction: Instruction) -> str:
    known = server.evidence.of(document.uri, instruction)
    parts = []
    if server.settings.hints.sizes and known.files is not None and known.size is not None:
        parts.append(f"{known.files} file{'s' * (known.files != 1)}, {shown_size(known.size)}")
    if server.settings.hints.history and known.runs is not None and known.runs.of:
        parts.append(f"ran anew in {known.runs.commits} of {known.runs.of} commits")
    return "; ".join(parts)


def shown_size(size: int) -> str:
    """Bytes as people say them, in decimal units: ``14 kB``."""
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    raise AssertionError
