"""The commands ``dflint.preview`` and ``dflint.verify``: builds in sight, that can be cancelled.

They run ``dflint preview`` as a process of its own; what it tells on the way is shown as the
progress of work. Nothing else of the server builds anything.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from dflint import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.server.documents import Document
    from dflint.server.process import Server

PREVIEW, VERIFY = "dflint.preview", "dflint.verify"
PATIENCE = 30.0
"""Seconds in which a process that is told to stop tidies up."""


def add(server: Server) -> None:
    @server.command(PREVIEW)
    async def preview(uri: str, *options: Any) -> dict[str, Any]:
        """Build a file and its rewrite: ``{"exitCode", "report", "page", "errors"}``; the page is a URI of HTML.

        ``options`` are those of ``dflint preview``.
        """
        return await _answer(server, uri, "Build preview", options)

    @server.command(VERIFY)
    async def verify(uri: str, rewrite: str, *options: Any) -> dict[str, Any]:
        """Build a file and a text in its place, and tell how far they are the same: as ``dflint.preview``."""
        return await _answer(server, uri, "Verify", ("--no-measure", *options), rewrite)


async def _answer(
    server: Server, uri: str, title: str, options: Sequence[str], rewrite: str | None = None
) -> dict[str, Any]:
    document = server.documents.get(uri)
    problem = _problem(document)
    if document is None or problem:
        return {"exitCode": 2, "report": None, "page": None, "errors": problem}
    folder = Path(tempfile.mkdtemp(prefix="dflint-page-"))
    arguments = ["preview", document.path, "--json", "--html", str(folder / "report.html"), *map(str, options)]
    if rewrite is not None:
        (folder / "Dockerfile").write_bytes(files.encoded(rewrite))
        arguments += ["--rewrite", str(folder / "Dockerfile")]
    try:
        return await _Work(server, title).run(arguments, folder / "report.html")
    finally:
        if not (folder / "report.html").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _problem(document: Document | None) -> str:
    if document is None or document.is_ignore_file:
        return "no Dockerfile is open there"
    try:
        text = files.read(document.path)
    except OSError as error:
        return f"{document.path}: {error.strerror}"
    return "" if text == document.text.text else "the file is not saved; builds take it from the disk"


class _Work:
    """One process, shown as work in progress."""

    def __init__(self, server: Server, title: str) -> None:
        self.server = server
        self.title = title
        self.token = f"dflint-{id(self)}"
        self.errors: list[str] = []

    async def run(self, arguments: Sequence[str], page: Path) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dflint", *arguments, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=_environment(), limit=1 << 24,
        )  # fmt: skip
        await self._begin()
        watcher = asyncio.ensure_future(self._stop_when_cancelled(process))
        assert process.stdout is not None and process.stderr is not None
        output, _ = await asyncio.gather(process.stdout.read(), self._tell(process.stderr))
        code = await process.wait()
        watcher.cancel()
        self._end(code)
        report = None
        with suppress(ValueError):
            report = json.loads(output)
        shown = page.as_uri() if page.exists() else None
        return {"exitCode": code, "report": report, "page": shown, "errors": "\n".join(self.errors[-20:])}

    async def _begin(self) -> None:
        if self.server.shows_progress:
            await self.server.work_done_progress.create_async(self.token)
            begin = types.WorkDoneProgressBegin(self.title, cancellable=True)
            self.server.work_done_progress.begin(self.token, begin)

    async def _tell(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            text = line.decode("utf-8", "replace").strip()
            if not text:
                continue
            self.errors.append(text)
            self.server.window_log_message(types.LogMessageParams(types.MessageType.Log, text))
            if self.server.shows_progress:
                self.server.work_done_progress.report(self.token, types.WorkDoneProgressReport(message=text[:200]))

    async def _stop_when_cancelled(self, process: asyncio.subprocess.Process) -> None:
        cancelled = self.server.work_done_progress.tokens.get(self.token)
        while cancelled is None or not cancelled.cancelled():
            await asyncio.sleep(0.2)
            cancelled = self.server.work_done_progress.tokens.get(self.token)
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE)
            process.kill()

    def _end(self, code: int) -> None:
        if self.server.shows_progress:
            told = {0: "shown to be the same", 1: "not shown to be the same"}.get(code, "ended without a verdict")
            self.server.work_done_progress.end(self.token, types.WorkDoneProgressEnd(message=told))


def _environment() -> dict[str, str]:
    """Ours; the process imports what this one does, also where that is not installed."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
