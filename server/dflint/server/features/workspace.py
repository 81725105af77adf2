"""Stages of all Dockerfiles of the workspace, and what the rules say of those that are not open."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.record import NamedTuple
from dflint.server.documents import Document, path_of
from dflint.server.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.server.process import Server

MAX_FILES = 500


class Place(NamedTuple):
    """A stage of a file."""

    name: str
    base: str
    range: types.Range


class Index:
    """The stages of files, kept for as long as the files have the same time and size."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int], tuple[Place, ...]]] = {}

    def of(self, path: str, encoding: str) -> tuple[Place, ...]:
        """The stages of a file; none if it cannot be read."""
        try:
            status = os.stat(path)  # noqa: PTH116 - many files
            key = (status.st_mtime_ns, status.st_size)
            known = self._known.get(path)
            if known is None or known[0] != key:
                text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
                known = self._known[path] = (key, tuple(_stages(text, encoding)))
            return known[1]
        except OSError:
            return ()


def _stages(text: str, encoding: str) -> Iterator[Place]:
    from dflint.model import Model
    from dflint.syntax import parse

    made = Text(text, encoding)
    for stage in Model(parse(text), None, "").stages:
        word = stage.from_.stage_name or stage.from_.image or stage.from_.keyword
        base = stage.from_.image.text if stage.from_.image is not None else ""
        yield Place(stage.name or f"stage {stage.index}", base, made.range(word.start, word.end))


def add(server: Server) -> None:
    index = Index()

    @server.feature(types.WORKSPACE_SYMBOL)
    @server.thread()
    def symbols(params: types.WorkspaceSymbolParams) -> list[types.SymbolInformation]:
        wanted = params.query.lower()
        found = []
        for path in _files(server):
            for place in index.of(path, server.documents.encoding):
                if _fits(wanted, place.name.lower()) or _fits(wanted, place.base.lower()):
                    location = types.Location(Path(path).as_uri(), place.range)
                    kind = types.SymbolKind.Class
                    found.append(types.SymbolInformation(location, place.name, kind, container_name=place.base))
        return found

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    @server.thread()
    def diagnostics(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        known = {previous.uri: previous.value for previous in params.previous_result_ids}
        return types.WorkspaceDiagnosticReport(list(_reports(server, known)))


def _fits(wanted: str, name: str) -> bool:
    """Whether the characters of a query come in a name in their order, as editors match."""
    at = 0
    for char in wanted:
        at = name.find(char, at) + 1
        if not at:
            return False
    return True


def _folders(server: Server) -> list[str]:
    workspace = server.workspace
    found = [path_of(folder.uri) for folder in workspace.folders.values()]
    return found or ([path_of(workspace.root_uri)] if workspace.root_uri else [])


def _files(server: Server) -> list[str]:
    """The Dockerfiles of the workspace, as ``dflint`` itself finds them."""
    from dflint.discovery.search import search

    found: dict[str, None] = {}
    for folder in _folders(server):
        if os.path.isdir(folder):  # noqa: PTH112
            for path in search(folder):
                if not isinstance(path, str):
                    continue
                found[os.path.abspath(path)] = None  # noqa: PTH100
                if len(found) >= MAX_FILES:
                    break
    return list(found)


def _reports(server: Server, known: dict[str, str]) -> Iterator[types.WorkspaceDocumentDiagnosticReport]:
    from dflint.server.features.diagnostics import diagnostic_of

    opened = {path_of(uri) for uri in server.documents.uris}
    documents = server.documents.alone()
    for path in _files(server):
        if path in opened:
            continue
        uri = Path(path).as_uri()
        try:
            text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
        document = Document(uri, path, 0, Text(text, server.documents.encoding))
        items = [diagnostic_of(finding, document, documents) for finding in documents.result(document).findings]
        identifier = hashlib.sha256(repr(items).encode("utf-8", "replace")).hexdigest()[:16]
        if known.get(uri) == identifier:
            yield types.WorkspaceUnchangedDocumentDiagnosticReport(uri, identifier, None)
        else:
            yield types.WorkspaceFullDocumentDiagnosticReport(uri, items, None, result_id=identifier)
