"""The process: what is announced to a client, and which feature answers what."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from dflint.server.documents import Documents
from dflint.server.evidence import Evidence
from dflint.server.features import (
    actions,
    builds,
    completion,
    diagnostics,
    formatting,
    hints,
    hover,
    lenses,
    links,
    navigation,
    outline,
    selection,
    semantic_tokens,
    signature,
    stage_graph,
    workspace,
)
from dflint.server.settings import SECTION, Settings
from dflint.version import VERSION

if TYPE_CHECKING:
    from dflint.optimizer.rewrite import Level
    from dflint.server.documents import Document
    from dflint.server.handshake import Handshake
    from dflint.shellcheck import ShellCheck

PAUSE = 0.15
"""Seconds without a change before ShellCheck is asked; the rules answer at once."""
GARBAGE_THRESHOLDS = (100_000, 50, 1_000)
"""Of the collector: a full collection takes longer than linting, so it is made when nobody types."""
COMMAND_OPTIMIZE = "dflint.optimize"
COMMAND_TEXT = "dflint.text"


class Server(LanguageServer):
    """A client's server."""

    def __init__(self) -> None:
        super().__init__("dflint", VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.documents = Documents()
        self.pulls = False
        """Whether the client asks for diagnostics itself; then none are pushed."""
        self.settings = Settings()
        self.evidence = Evidence(ThreadPoolExecutor(1, "dflint-evidence"), self._knows_more)
        self.annotates = False
        """Whether the client shows annotated changes before it makes them."""
        self.shows_progress = False
        """Whether the client shows work that the server begins."""
        self._refreshes_hints = False
        self._asks_settings = False
        self._shellcheck: ShellCheck | None = None
        self._pool = ThreadPoolExecutor(1, "dflint-shellcheck")
        self._pending: dict[str, asyncio.TimerHandle] = {}
        self._told: set[str] = set()

    def changed(self, document: Document) -> None:
        """Say what is found now, and a little later what ShellCheck adds to it."""
        if not self.pulls:
            self.publish(document)
        pending = self._pending.pop(document.uri, None)
        if pending is not None:
            pending.cancel()
        loop = asyncio.get_running_loop()
        self._pending[document.uri] = loop.call_later(PAUSE, self._refine, document)

    def look_up(self, document: Document) -> None:
        """Find out what takes longer: files, sizes, history."""
        wanted = self.settings.hints
        if (wanted.sizes or wanted.history) and not document.is_ignore_file:
            self.evidence.ask(document.uri, self.documents.alone().model(document), wanted.history)

    def _knows_more(self) -> None:
        if self._refreshes_hints:
            self.workspace_inlay_hint_refresh(None)

    def begin(self, params: types.InitializeParams) -> None:
        """Take in what the client can and wants."""
        capabilities = params.capabilities
        general = capabilities.general
        offered = list(general.position_encodings or []) if general is not None else []
        chosen = self.workspace.position_encoding
        self.documents.encoding = str(getattr(chosen, "value", chosen))
        assert self.documents.encoding in ("utf-8", "utf-16", "utf-32"), offered
        text_document, workspace_ = capabilities.text_document, capabilities.workspace
        self.pulls = text_document is not None and text_document.diagnostic is not None
        window = capabilities.window
        self.shows_progress = window is not None and bool(window.work_done_progress)
        if workspace_ is not None:
            self._refreshes_hints = workspace_.inlay_hint is not None and bool(workspace_.inlay_hint.refresh_support)
            self._asks_settings = bool(workspace_.configuration)
            edits = workspace_.workspace_edit
            self.annotates = edits is not None and edits.change_annotation_support is not None
        self.settings = Settings.of(_plain(params.initialization_options))

    async def read_settings(self, told: object = None) -> None:
        """Ask the client for its settings, or take those that it told, and show everything by them."""
        if self._asks_settings:
            asked = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
            answers = await self.workspace_configuration_async(asked)
            told = answers[0] if answers else None
        found = Settings.of(_plain(told))
        if told is not None and found != self.settings:
            self.settings = found
            self._knows_more()

    def publish(self, document: Document) -> None:
        """Push what is known of a version, if it is the newest."""
        if self.documents.get(document.uri) is not document:
            return
        result = self.documents.result(document)
        self._tell_errors(result.internal_errors)
        items = [diagnostics.diagnostic_of(f, document, self.documents) for f in result.findings]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, items, document.version))

    def publish_all(self) -> None:
        """Do that for all documents: something that they depend on has changed."""
        for uri in self.documents.uris:
            document = self.documents.get(uri)
            if document is not None:
                self.changed(document)
        if self.pulls:
            self.workspace_diagnostic_refresh(None)

    def _refine(self, document: Document) -> None:
        self._pending.pop(document.uri, None)
        if not self._pending:
            gc.collect()
        if document.is_ignore_file or self.documents.get(document.uri) is not document:
            return
        if not self.settings.shellcheck or "shellcheck" not in self.documents.rule_set(document).rules:
            return
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._pool, self._with_shellcheck, document)
        task.add_done_callback(lambda done: self._refined(document, done))

    def _with_shellcheck(self, document: Document) -> None:
        if self._shellcheck is None:
            from dflint.shellcheck import ShellCheck

            self._shellcheck = ShellCheck(None)
        self.documents.result(document, self._shellcheck)

    def _refined(self, document: Document, done: asyncio.Future[None]) -> None:
        if done.cancelled() or self.documents.get(document.uri) is not document:
            return
        error = done.exception()
        if error is not None:
            self._tell(f"ShellCheck: {error}")
            return
        if self.pulls:
            self.workspace_diagnostic_refresh(None)
        else:
            self.publish(document)

    def _tell_errors(self, errors: Any) -> None:
        for error in errors:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        """Say something once."""
        if text not in self._told:
            self._told.add(text)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"dflint: {text}"))


def make() -> Server:
    """A server with all its features."""
    server = Server()
    _add_life_cycle(server)
    _add_synchronization(server)
    diagnostics.add(server)
    actions.add(server)
    hover.add(server)
    completion.add(server)
    navigation.add(server)
    outline.add(server)
    links.add(server)
    selection.add(server)
    signature.add(server)
    hints.add(server)
    lenses.add(server)
    semantic_tokens.add(server)
    workspace.add(server)
    stage_graph.add(server)
    formatting.add(server)
    builds.add(server)
    _add_commands(server)
    gc.freeze()  # what was made so far stays
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    return server


def _add_life_cycle(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        asyncio.get_running_loop().call_later(PAUSE, server.documents.warm_up)
        await server.read_settings()


def _add_synchronization(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        document = server.documents.open(item.uri, item.version, item.text)
        server.changed(document)
        server.look_up(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        item = params.text_document
        document = server.documents.change(item.uri, item.version, params.content_changes)
        if document is not None:
            server.changed(document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.documents.close(uri)
        server.evidence.forget(uri)
        if not server.pulls:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.documents.forget()
        server.publish_all()
        document = server.documents.get(params.text_document.uri)
        if document is not None:
            server.look_up(document)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(params: types.DidChangeWatchedFilesParams) -> None:
        server.documents.forget()
        server.publish_all()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        await server.read_settings(params.settings)
        server.documents.forget()
        server.publish_all()


def _plain(value: object) -> object:
    """A value as JSON has it: pygls makes objects of those whose form the protocol leaves open."""
    if isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        return [_plain(item) for item in value]
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _add_commands(server: Server) -> None:
    @server.command(COMMAND_TEXT)
    def text(uri: str) -> str | None:
        """The text of an open document, as the server has it: what a client can compare with its own."""
        document = server.documents.get(uri)
        return None if document is None else document.text.text

    @server.command(COMMAND_OPTIMIZE)
    def optimize(uri: str, *levels: Any) -> dict[str, Any] | None:
        """The optimized text of an open document, with what was changed and what not.

        ``levels``: how far the rewrite may go, if not to multi-stage form. The ignore file is given with its URI if it
        changes: ``{"text", "dockerignore": {"uri", "text"} | null, "changes": [...], "refusals": [...]}``.
        """
        from dflint.optimizer import Settings, optimize as optimized
        from dflint.optimizer.rewrite import LEVELS

        document = server.documents.get(uri)
        level: Level = next((known for known in LEVELS if levels[:1] == (known,)), "multi-stage")
        if document is None:
            return None
        model = server.documents.model(document)
        rewrite = optimized(document.text.text, model.context, Settings(level, model.path))
        ignore = None
        if rewrite.dockerignore is not None and model.context is not None:
            path = model.context.ignore_path or f"{model.context.root}/.dockerignore"
            ignore = {"uri": Path(path).absolute().as_uri(), "text": rewrite.dockerignore}
        return {
            "text": rewrite.text,
            "dockerignore": ignore,
            "changes": [{"title": c.title, "reason": c.reason, "assumes": list(c.assumes)} for c in rewrite.changes],
            "refusals": [{"title": r.title, "reason": r.reason} for r in rewrite.refusals],
        }


def serve_stdio(handshake: Handshake) -> None:
    """Serve one client over the streams of a handshake."""
    make().start_io(cast("BinaryIO", handshake), cast("BinaryIO", handshake))


def serve_tcp(host: str, port: int) -> None:
    """Serve one client after another over a socket."""
    make().start_tcp(host, port)
