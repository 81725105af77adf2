"""Completion: instructions, flags, stages, variables, images and tags, files of the context, rules in comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.server.features.hover import INSTRUCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.server.documents import Document
    from dflint.server.process import Server

FLAGS = {
    "FROM": ("platform",), "RUN": ("mount", "network", "security"), "HEALTHCHECK": (
        "interval", "timeout", "start-period", "start-interval", "retries",
    ),
    "COPY": ("from", "chown", "chmod", "link", "parents", "exclude"),
    "ADD": ("chown", "chmod", "link", "checksum", "keep-git-dir", "exclude", "unpack"),
}  # fmt: skip
MOUNT_KEYS = ("type", "target", "source", "from", "id", "sharing", "readonly", "mode", "uid", "gid", "required", "size")
MOUNT_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
SNIPPETS = {
    "FROM": "FROM ${1:image}:${2:tag} AS ${3:name}", "COPY": "COPY ${1:source} ${2:target}", "RUN": "RUN ${1:command}",
    "CMD": 'CMD ["${1:program}"]', "ENTRYPOINT": 'ENTRYPOINT ["${1:program}"]', "ENV": "ENV ${1:name}=${2:value}",
    "ARG": "ARG ${1:name}=${2:default}", "LABEL": "LABEL ${1:name}=${2:value}", "EXPOSE": "EXPOSE ${1:port}",
    "WORKDIR": "WORKDIR ${1:/app}", "USER": "USER ${1:name}", "VOLUME": "VOLUME ${1:/data}",
    "HEALTHCHECK": "HEALTHCHECK --interval=${1:30s} CMD ${2:command}",
}  # fmt: skip
_PRAGMA = re.compile(r"#\s*(?:dflint|hadolint)\s+(?:global\s+)?ignore=[\w,-]*$")
_MAX = 300


def add(server: Server) -> None:
    options = types.CompletionOptions(trigger_characters=["=", "-", "$", "{", "/", ":", ",", " "])

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    def completion(params: types.CompletionParams) -> types.CompletionList:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return types.CompletionList(False, [])
        offset = document.text.offset(params.position)
        items = []
        for item in _items(server, document, offset):
            items.append(item)
            if len(items) >= _MAX:
                break
        return types.CompletionList(len(items) >= _MAX, items)


def _items(server: Server, document: Document, offset: int) -> Iterator[types.CompletionItem]:
    text = document.text.text
    line_start = text.rfind("\n", 0, offset) + 1
    before = text[line_start:offset]
    if before.lstrip().startswith("#"):
        if _PRAGMA.search(before):
            for name in server.documents.registry.classes:
                yield _item(name, types.CompletionItemKind.EnumMember)
        return
    model = server.documents.model(document)
    instruction = model.tree.instruction_at(max(offset - 1, 0))
    above = text[:line_start].rstrip("\r\n").rpartition("\n")[2].rstrip(" \t\r")
    is_inside = above.endswith(model.tree.escape) or (instruction is not None and line_start < instruction.end)
    is_continued = instruction is not None and instruction.start < line_start and is_inside
    if not is_continued and re.fullmatch(r"\s*\w*", before):
        yield from _instructions(before)
        return
    if instruction is None:
        return
    word = re.split(r"[\s\"\[]", text[instruction.start : offset])[-1]
    if re.search(r"\$\{?\w*$", word):
        for name in model.environment_before(instruction).variables:
            yield _item(name, types.CompletionItemKind.Variable)
        return
    yield from _words(model, instruction.name, word, instruction.index, before)


def _instructions(before: str) -> Iterator[types.CompletionItem]:
    lower = before.strip().islower()
    for name, (form, meaning) in INSTRUCTIONS.items():
        shown = name.lower() if lower else name
        snippet = SNIPPETS.get(name, f"{name} $1")
        yield types.CompletionItem(
            label=shown,
            kind=types.CompletionItemKind.Keyword,
            detail=form,
            documentation=meaning,
            insert_text=snippet.replace(name, shown, 1),
            insert_text_format=types.InsertTextFormat.Snippet,
            deprecated=name == "MAINTAINER" or None,
        )


def _words(model: Model, name: str, word: str, index: int, before: str) -> Iterator[types.CompletionItem]:
    kind = types.CompletionItemKind
    stages = [stage.name for stage in model.stages if stage.name and stage.from_.index < index]
    if name == "RUN" and word.startswith("--mount="):
        yield from _mount(word.removeprefix("--mount="), stages)
    elif name == "COPY" and word.startswith("--from="):
        for stage in stages:
            yield _item(stage, kind.Class)
    elif word.startswith("-") and name in FLAGS:
        for flag in FLAGS[name]:
            yield types.CompletionItem(
                label=f"--{flag}", kind=kind.Property, insert_text=f"--{flag}".removeprefix(word[:-1])
            )
    elif name == "FROM" and not re.search(r"\bas\s+\S*$", before, re.IGNORECASE):
        yield from _images(word, stages)
    elif name in ("COPY", "ADD") and "--from=" not in before:
        yield from _paths(model, word)


def _mount(value: str, stages: list[str]) -> Iterator[types.CompletionItem]:
    kind = types.CompletionItemKind
    key, equals, _ = value.rpartition(",")[2].partition("=")
    if equals and key == "type":
        for name in MOUNT_TYPES:
            yield _item(name, kind.EnumMember)
    elif equals and key == "from":
        for name in stages:
            yield _item(name, kind.Class)
    elif equals and key == "sharing":
        for name in ("shared", "private", "locked"):
            yield _item(name, kind.EnumMember)
    elif not equals:
        for name in MOUNT_KEYS:
            yield _item(name, kind.Property)


def _images(word: str, stages: list[str]) -> Iterator[types.CompletionItem]:
    from dflint.facts import official_names, tags_of

    kind = types.CompletionItemKind
    name, colon, start = word.partition(":")
    if colon:
        for tag in tags_of(name):
            if tag.startswith(start):
                yield _item(tag, kind.Constant)
        return
    for stage in stages:
        yield _item(stage, kind.Class)
    for image in official_names():
        if image.startswith(word):
            yield _item(image, kind.Module)


def _paths(model: Model, word: str) -> Iterator[types.CompletionItem]:
    """Files and folders of the build context that the build gets."""
    context = model.context
    if context is None or "$" in word:
        return
    folder = word.rpartition("/")[0]
    for entry in context.entries(folder.removeprefix("./").strip("/")):
        if entry.is_ignored:
            continue
        name = entry.path.rpartition("/")[2]
        if entry.kind == "dir":
            yield _item(f"{name}/", types.CompletionItemKind.Folder)
        else:
            yield _item(name, types.CompletionItemKind.File)


def _item(label: str, kind: types.CompletionItemKind) -> types.CompletionItem:
    return types.CompletionItem(label=label, kind=kind)
