"""Code lenses: what can be done with the whole file, for clients that say they have the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from dflint.server.process import Server

LENSES = (
    ("Optimize", "dflint.showOptimized"),
    ("Build preview", "dflint.buildPreview"),
    ("Show cache", "dflint.showCache"),
)
"""Title and command of the client; each gets the document's URI."""


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file or not server.settings.lenses:
            return []
        stages = server.documents.model(document).stages
        if not stages:
            return []
        keyword = stages[-1].from_.keyword
        place = document.text.range(keyword.start, keyword.end)
        return [types.CodeLens(place, types.Command(title, name, arguments=[document.uri])) for title, name in LENSES]
