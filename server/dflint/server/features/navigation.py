"""Where stages and variables are declared and used: definition, references, highlight, rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.record import NamedTuple
from dflint.syntax.tree import Arg, Copy, Env, From, PairsInstruction, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.server.documents import Document
    from dflint.server.process import Server
    from dflint.syntax.tree import Instruction


class Occurrence(NamedTuple):
    """A name in the text: of a stage (in lower case) or of a variable."""

    kind: str
    """``stage`` or ``variable``."""
    name: str
    start: int
    end: int
    is_declaration: bool


def add(server: Server) -> None:
    def named(uri: str, position: types.Position) -> tuple[Document, Occurrence, list[Occurrence]] | None:
        document = server.documents.get(uri)
        if document is None or document.is_ignore_file:
            return None
        offset = document.text.offset(position)
        every = list(occurrences(server.documents.model(document)))
        found = next((o for o in every if o.start <= offset <= o.end), None)
        if found is None:
            return None
        return document, found, [o for o in every if (o.kind, o.name) == (found.kind, found.name)]

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        found = named(params.text_document.uri, params.position)
        if found is None:
            return None
        document, one, every = found
        declared = [o for o in every if o.is_declaration]
        before = [o for o in declared if o.start <= one.start] or declared
        return [types.Location(document.uri, document.text.range(o.start, o.end)) for o in before[-1:]]

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location] | None:
        found = named(params.text_document.uri, params.position)
        if found is None:
            return None
        document, _, every = found
        wanted = [o for o in every if params.context.include_declaration or not o.is_declaration]
        return [types.Location(document.uri, document.text.range(o.start, o.end)) for o in wanted]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        found = named(params.text_document.uri, params.position)
        if found is None:
            return None
        document, _, every = found
        kinds = types.DocumentHighlightKind
        return [
            types.DocumentHighlight(
                document.text.range(o.start, o.end), kinds.Write if o.is_declaration else kinds.Read
            )
            for o in every
        ]

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        found = named(params.text_document.uri, params.position)
        if found is None or not any(o.is_declaration for o in found[2]):
            return None
        document, one, _ = found
        return types.PrepareRenamePlaceholder(
            document.text.range(one.start, one.end), document.text.text[one.start : one.end]
        )

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        found = named(params.text_document.uri, params.position)
        if found is None or not any(o.is_declaration for o in found[2]):
            return None
        document, _, every = found
        edits = [types.TextEdit(document.text.range(o.start, o.end), params.new_name) for o in every]
        return types.WorkspaceEdit(changes={document.uri: edits})


def occurrences(model: Model) -> Iterator[Occurrence]:
    """All names of stages and variables that the file declares or uses, in the order of the text."""
    found: list[Occurrence] = []
    for instruction in model.instructions:
        found += _stages(model, instruction)
        found += _variables(model, instruction)
    yield from sorted(found, key=lambda o: (o.start, o.end))


def _stages(model: Model, instruction: Instruction) -> Iterator[Occurrence]:
    names = {stage.name for stage in model.stages if stage.name}
    if isinstance(instruction, From):
        word = instruction.stage_name
        if word is not None:
            yield Occurrence("stage", word.text.lower(), word.start, word.end, True)
        image = instruction.image
        if image is not None and image.text.lower() in names:
            yield Occurrence("stage", image.text.lower(), image.start, image.end, False)
    elif isinstance(instruction, Copy):
        value = instruction.from_
        if value is not None and value.text.lower() in names:
            yield Occurrence("stage", value.text.lower(), value.start, value.end, False)
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            if mount.from_ and mount.from_.lower() in names:
                text = model.source.text[mount.start : mount.end]
                at = text.find(f"from={mount.from_}")
                if at >= 0:
                    start = mount.start + at + 5
                    yield Occurrence("stage", mount.from_.lower(), start, start + len(mount.from_), False)


def _variables(model: Model, instruction: Instruction) -> Iterator[Occurrence]:
    from dflint.model.expansion import expanded_words

    if isinstance(instruction, (Arg, Env)) and isinstance(instruction, PairsInstruction):
        for pair in instruction.pairs:
            if "$" not in pair.key.text:
                yield Occurrence("variable", pair.key.text, pair.key.start, pair.key.end, True)
    for word in expanded_words(instruction):
        for use in word.variables:
            at = model.source.text.find(use.name, use.start, use.end)
            if at >= 0:
                yield Occurrence("variable", use.name, at, at + len(use.name), False)
    script = model.script_of(instruction) if isinstance(instruction, Run) else None
    if script is None:
        return
    environment = model.environment_before(instruction)
    for variable in script.variables():
        name = variable.name
        at = model.source.text.find(name, variable.start, variable.end)
        if at >= 0 and environment.lookup(name) is not None and type(variable).__name__ == "VariableUse":
            yield Occurrence("variable", name, at, at + len(name), False)
