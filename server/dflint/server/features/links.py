"""Document links: images to their pages, sources to files of the context, addresses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.syntax.tree import Add, Copy, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import ImageReference, Model
    from dflint.server.documents import Document
    from dflint.server.process import Server

_PAGES = {
    "docker.io": "https://hub.docker.com/r/{path}",
    "quay.io": "https://quay.io/repository/{path}",
    "ghcr.io": "https://ghcr.io/{path}",
    "mcr.microsoft.com": "https://mcr.microsoft.com/artifact/mar/{path}",
    "public.ecr.aws": "https://gallery.ecr.aws/{path}",
}
_OFFICIAL = "https://hub.docker.com/_/{path}"


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)
    def links(params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return []
        return list(_links(server.documents.model(document), document))


def _links(model: Model, document: Document) -> Iterator[types.DocumentLink]:
    for stage in model.stages:
        word = stage.from_.image
        if word is not None and stage.image is not None and stage.parent is None:
            url = page_of(stage.image)
            if url:
                yield _link(document, word.start, word.end, url, f"The page of {stage.image.family}")
    for instruction in model.instructions:
        if isinstance(instruction, Transfer):
            yield from _sources(model, document, instruction)


def _link(document: Document, start: int, end: int, target: str, tooltip: str) -> types.DocumentLink:
    return types.DocumentLink(document.text.range(start, end), target, tooltip)


def page_of(image: ImageReference) -> str:
    """The page of an image's repository; empty if its registry has none that is known."""
    registry, path = image.registry or "docker.io", image.repository
    if registry == "docker.io" and "/" not in path.removeprefix("library/"):
        return _OFFICIAL.format(path=path.removeprefix("library/"))
    form = _PAGES.get(registry)
    return form.format(path=path) if form is not None else ""


def _sources(model: Model, document: Document, transfer: Transfer) -> Iterator[types.DocumentLink]:
    if isinstance(transfer, Copy) and transfer.from_ is not None:
        return
    context = model.context
    for word in transfer.sources:
        if isinstance(transfer, Add) and word.text.startswith(("http://", "https://")) and "$" not in word.text:
            yield _link(document, word.start, word.end, word.text, "What is fetched")
            continue
        text = word.literal
        if context is None or not text or any(char in text for char in "*?[") or not context.root:
            continue
        path = os.path.normpath(os.path.join(context.root, text.lstrip("/")))  # noqa: PTH118 - a context may be no folder
        if os.path.isfile(path):  # noqa: PTH113
            yield _link(document, word.start, word.end, Path(path).resolve().as_uri(), text)
