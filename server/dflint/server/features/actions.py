"""Code actions: fixes of findings, all of them at once, silencing, and the rewrite into stages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from dflint.linter.fixer import compatible, fix_text
from dflint.server.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.server.documents import Document
    from dflint.server.process import Server

FIX_ALL = "source.fixAll.dflint"
REWRITE = "refactor.rewrite.dflint"
_KINDS: list[types.CodeActionKind | str] = [
    types.CodeActionKind.QuickFix, FIX_ALL, types.CodeActionKind.SourceFixAll, types.CodeActionKind.RefactorRewrite,
    types.CodeActionKind.Source,
]  # fmt: skip


def add(server: Server) -> None:
    options = types.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        wanted = params.context.only
        found = _actions(server, document, params.range)
        return [action for action in found if wanted is None or _is_wanted(action, wanted)]

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolve(action: types.CodeAction) -> types.CodeAction:
        data: Any = action.data
        document = server.documents.get(data["uri"]) if isinstance(data, dict) else None
        if document is None or document.version != data["version"]:
            return action
        if data["what"] == "ignore-file":
            action.edit = _ignore_file(server, document)
            return action
        text = _fixed(server, document) if data["what"] == "fix-all" else _in_stages(server, document)
        if text is not None:
            action.edit = _whole(document, text)
            if data["what"] == "stages" and server.annotates:
                action.edit = _annotated(document, action.edit)
        return action


def _is_wanted(action: types.CodeAction, wanted: Sequence[types.CodeActionKind | str]) -> bool:
    kind = str(getattr(action.kind, "value", action.kind))
    asked = [str(getattr(kind, "value", kind)) for kind in wanted]
    return any(kind == one or kind.startswith(f"{one}.") for one in asked)


def _actions(server: Server, document: Document, place: types.Range) -> Iterator[types.CodeAction]:
    start, end = document.text.offset(place.start), document.text.offset(place.end)
    result = server.documents.result(document)
    touched = [f for f in result.findings if f.start <= end and f.end >= start]
    for finding in touched:
        if finding.fix is not None and finding.fix.edits:
            yield _quick_fix(server, document, finding)
    for finding in touched:
        same = [f for f in result.findings if f.name == finding.name and f.fix is not None and f.fix.edits]
        if len(same) > 1 and finding is next(f for f in touched if f.name == finding.name):
            yield _fix_of_rule(document, finding.name, same)
    silenced: set[str] = set()
    for finding in touched:
        if finding.name not in silenced and not document.is_ignore_file:
            silenced.add(finding.name)
            yield from _silencing(server, document, finding)
    if any(f.fix is not None and f.fix.applicability == "safe" for f in result.findings):
        yield types.CodeAction(
            "Fix all that dflint can fix safely", FIX_ALL, data=_later(document, "fix-all"),
        )  # fmt: skip
    if not document.is_ignore_file:
        yield from _refactorings(server, document, start, end)
        yield types.CodeAction("Rewrite to multi-stage form", f"{REWRITE}.multiStage", data=_later(document, "stages"))
        if document.path != document.uri:
            title = "Create or improve the .dockerignore"
            yield types.CodeAction(title, "source.dflint.ignoreFile", data=_later(document, "ignore-file"))


def _refactorings(server: Server, document: Document, start: int, end: int) -> Iterator[types.CodeAction]:
    from dflint.optimizer.refactorings import refactorings_at

    for offer in refactorings_at(server.documents.model(document), start, end):
        edits = [types.TextEdit(document.text.range(e.start, e.end), e.text) for e in offer.edits]
        edit = types.WorkspaceEdit(changes={document.uri: edits})
        yield types.CodeAction(offer.title, f"{REWRITE}.{offer.kind}", edit=edit)


def _later(document: Document, what: str) -> dict[str, Any]:
    return {"uri": document.uri, "version": document.version, "what": what}


def _quick_fix(server: Server, document: Document, finding: Finding) -> types.CodeAction:
    from dflint.server.features.diagnostics import diagnostic_of

    fix = finding.fix
    assert fix is not None
    title = fix.title if fix.applicability == "safe" else f"{fix.title} ({fix.applicability})"
    edits = [types.TextEdit(document.text.range(e.start, e.end), e.text) for e in fix.edits]
    return types.CodeAction(
        title,
        types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic_of(finding, document, server.documents)],
        is_preferred=fix.applicability == "safe",
        edit=types.WorkspaceEdit(changes={document.uri: edits}),
    )


def _fix_of_rule(document: Document, name: str, findings: list[Finding]) -> types.CodeAction:
    fixes = compatible(f.fix for f in findings if f.fix is not None)
    edits = [types.TextEdit(document.text.range(e.start, e.end), e.text) for fix in fixes for e in fix.edits]
    return types.CodeAction(
        f"Fix all of {name} here",
        types.CodeActionKind.QuickFix,
        edit=types.WorkspaceEdit(changes={document.uri: edits}),
    )


def _silencing(server: Server, document: Document, finding: Finding) -> Iterator[types.CodeAction]:
    """A comment above the instruction, or one for the file."""
    model = server.documents.model(document)
    instruction = model.tree.instruction_at(finding.start)
    newline = model.source.newline
    places = [("here", instruction.start if instruction is not None else 0, f"# dflint ignore={finding.name}")]
    first = model.instructions[0].start if model.instructions else 0
    places.append(("in this file", first, f"# dflint global ignore={finding.name}"))
    for where, at, comment in places:
        edit = types.TextEdit(document.text.range(at, at), f"{comment}{newline}")
        yield types.CodeAction(
            f"Ignore {finding.name} {where}",
            types.CodeActionKind.QuickFix,
            edit=types.WorkspaceEdit(changes={document.uri: [edit]}),
        )


def _fixed(server: Server, document: Document) -> str | None:
    lint_text = server.documents.linter(document)
    fixed = fix_text(document.text.text, document.path, lambda text: lint_text(text, None))
    return fixed.text if fixed.text != document.text.text else None


def _in_stages(server: Server, document: Document) -> str | None:
    from dflint.optimizer.rewriting import in_stages

    return in_stages(server.documents.model(document))


def _ignore_file(server: Server, document: Document) -> types.WorkspaceEdit | None:
    """The ignore file made, or what is there replaced; None if nothing would change."""
    from dflint.waste.proposal import propose

    model = server.documents.model(document)
    context = model.context
    if context is None:
        return None
    proposal = propose(context, [model])
    path = context.ignore_path or f"{context.root}/.dockerignore"
    old = proposal.old or ""
    if proposal.new == old:
        return None
    uri = Path(path).absolute().as_uri()
    whole = Text(old, server.documents.encoding).range(0, len(old))
    edit = types.TextDocumentEdit(
        types.OptionalVersionedTextDocumentIdentifier(uri), [types.TextEdit(whole, proposal.new)]
    )
    if context.ignore_path:
        return types.WorkspaceEdit(document_changes=[edit])
    create = types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True))
    return types.WorkspaceEdit(document_changes=[create, edit])


def _annotated(document: Document, edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
    """The same, as a change that the client shows before it is made."""
    name = "dflint.multiStage"
    told = types.ChangeAnnotation(
        "Rewrite to multi-stage form", True, "Not proven by the files alone: dflint optimize --verify builds it."
    )
    edits = [types.AnnotatedTextEdit(name, e.range, e.new_text) for e in (edit.changes or {})[document.uri]]
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    change = types.TextDocumentEdit(identifier, edits)
    return types.WorkspaceEdit(document_changes=[change], change_annotations={name: told})


def _whole(document: Document, text: str) -> types.WorkspaceEdit:
    """The change of a whole text, as one edit of the lines that differ."""
    old = document.text.text
    start = 0
    while start < min(len(old), len(text)) and old[start] == text[start]:
        start += 1
    start = old.rfind("\n", 0, start) + 1
    end, new_end = len(old), len(text)
    while end > start and new_end > start and old[end - 1] == text[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    edit = types.TextEdit(document.text.range(start, end), text[start:new_end])
    return types.WorkspaceEdit(changes={document.uri: [edit]})
