"""Hover: what an instruction is for, what a variable holds, what is known of an image, what a rule is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.linter.explanation import explanation_of, page_url

if TYPE_CHECKING:
    from dflint.model import Model, Stage
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.syntax.tree import Instruction

INSTRUCTIONS = {
    "FROM": ("FROM [--platform=P] image [AS name]", "Starts a stage from an image or from another stage."),
    "RUN": ("RUN [--mount=...] [--network=...] command", "Runs a command, and keeps what it changed as a layer."),
    "CMD": ('CMD ["program", "argument"]', "What the container starts, or the arguments of ENTRYPOINT."),
    "ENTRYPOINT": ('ENTRYPOINT ["program", "argument"]', "The program that the container always starts."),
    "COPY": ("COPY [--from=S] [--chown=U] [--chmod=M] source... target", "Copies files of the context or a stage."),
    "ADD": ("ADD source... target", "Copies files, and fetches and unpacks where the source is an address or archive."),
    "ENV": ("ENV name=value...", "Sets variables of the image, for later steps and for the container."),
    "ARG": ("ARG name[=default]...", "Declares a variable that --build-arg may set, for the steps of the stage."),
    "LABEL": ("LABEL name=value...", "Adds metadata to the image."),
    "EXPOSE": ("EXPOSE port[/protocol]...", "Says which ports the container listens on; it opens none."),
    "VOLUME": ("VOLUME path...", "Says which folders get a volume of their own when a container starts."),
    "USER": ("USER name[:group]", "Who runs later steps, and the container."),
    "WORKDIR": ("WORKDIR path", "The folder of later steps and of the container; made if it is not there."),
    "STOPSIGNAL": ("STOPSIGNAL signal", "The signal that asks the container to stop."),
    "HEALTHCHECK": ("HEALTHCHECK [--interval=T] CMD command", "How to see whether the container works."),
    "SHELL": ('SHELL ["program", "option"]', "The shell that runs commands in shell form."),
    "ONBUILD": ("ONBUILD instruction", "Keeps an instruction for images that start from this one."),
    "MAINTAINER": ("MAINTAINER name", "Deprecated: a LABEL says it."),
}
_PRAGMA = re.compile(r"(?:dflint|hadolint)\s+(?:global\s+)?ignore=([\w,-]+)|check=skip=([\w,-]+)")


def add(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        document = server.documents.get(params.text_document.uri)
        if document is None or document.is_ignore_file:
            return None
        offset = document.text.offset(params.position)
        found = _at(server, document, offset)
        if found is None:
            return None
        text, start, end = found
        content = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(content, document.text.range(start, end))


def _at(server: Server, document: Document, offset: int) -> tuple[str, int, int] | None:
    model = server.documents.model(document)
    for comment in model.tree.comments:
        if comment.start <= offset <= comment.end:
            return _of_pragma(server, model, comment.start, comment.end, offset)
    instruction = model.tree.instruction_at(offset)
    if instruction is None:
        return None
    keyword = instruction.keyword
    if keyword.start <= offset <= keyword.end:
        return _of_instruction(model, instruction, keyword.start, keyword.end)
    return _of_variable(model, instruction, offset) or _of_image(model, instruction, offset)


def _of_instruction(model: Model, instruction: Instruction, start: int, end: int) -> tuple[str, int, int] | None:
    known = INSTRUCTIONS.get(instruction.name)
    if known is None:
        return None
    form, meaning = known
    text = f"```dockerfile\n{form}\n```\n{meaning}"
    stage = model.stage_of(instruction)
    if instruction.name == "FROM" and stage is not None:
        text += f"\n\n{_of_stage(model, stage)}"
    return text, start, end


def _of_stage(model: Model, stage: Stage) -> str:
    """What a stage is, and what its image starts."""
    config = model.effective_config(stage)
    name = f"`{stage.name}`" if stage.name else f"number {stage.index}"
    shipped = "ships" if stage.is_shipped else "does not ship" if stage.is_reachable else "is not built"
    parts = [f"Stage {name}: {len(stage.instructions)} instructions, {shipped}."]
    for label, value in (
        ("working directory", config.workdir.value),
        ("user", config.user.value),
        ("command", " ".join(config.cmd.value.arguments) if config.cmd.value else None),
        ("entry point", " ".join(config.entrypoint.value.arguments) if config.entrypoint.value else None),
    ):
        if value:
            parts.append(f"- {label}: `{value}`")
    return "\n".join(parts)


def _of_variable(model: Model, instruction: Instruction, offset: int) -> tuple[str, int, int] | None:
    from dflint.model.expansion import expanded_words

    for word in expanded_words(instruction):
        for use in word.variables:
            if use.start <= offset <= use.end:
                variable = model.environment_before(instruction).lookup(use.name)
                if variable is None:
                    text = f"`{use.name}` is set neither by ENV nor by ARG of this file."
                else:
                    value = "not known from the file" if variable.value is None else f"`{variable.value}`"
                    origin = {"env": "ENV", "arg": "ARG", "platform": "the builder", "base": "the base image"}
                    text = f"`{use.name}`: {value}, from {origin[variable.origin]}"
                    if variable.pair is not None:
                        text += f" in line {model.source.line_of(variable.pair.start)}"
                return text, use.start, use.end
    return None


def _of_image(model: Model, instruction: Instruction, offset: int) -> tuple[str, int, int] | None:
    stage = model.stage_of(instruction)
    if stage is None or instruction is not stage.from_ or stage.from_.image is None or stage.image is None:
        return None
    word = stage.from_.image
    if not word.start <= offset <= word.end:
        return None
    from dflint.facts import distribution_cycle, end_of_life, facts_of, lighter_variants, typical_size

    image = stage.image
    facts = facts_of(image)
    lines = [f"`{image.text}`"]
    if facts.distribution:
        lines.append(f"- distribution: {facts.distribution}" + (f", {facts.libc}" if facts.libc else ""))
    for cycle in (end_of_life(image), distribution_cycle(image)):
        if cycle is not None and cycle.end:
            lines.append(f"- {cycle.image} {cycle.name}: updates until {cycle.end}")
    size = typical_size(image)
    if size is not None:
        lines.append(f"- typically {size} MB")
    for variant in lighter_variants(image)[:3]:
        lines.append(f"- lighter: `{variant.reference}`" + (" (another C library)" if variant.changes_libc else ""))
    return "\n".join(lines), word.start, word.end


def _of_pragma(server: Server, model: Model, start: int, end: int, offset: int) -> tuple[str, int, int] | None:
    """The page of a rule that a comment names."""
    text = model.source.text[start:end]
    for match in _PRAGMA.finditer(text):
        group = 1 if match[1] is not None else 2
        at = start + match.start(group)
        for name in match[group].split(","):
            if at <= offset <= at + len(name):
                rule_class = server.documents.registry.find(name)
                if rule_class is None:
                    return None
                page = explanation_of(rule_class)
                url = page_url(rule_class)
                body = f"**{rule_class.name}**\n\n{page.summary}\n\n{page.introduction}".strip()
                return (f"{body}\n\n[more]({url})" if url else body), at, at + len(name)
            at += len(name) + 1
    return None
