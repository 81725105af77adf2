"""Findings as diagnostics: pushed by the server, or pulled by the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from dflint.linter.explanation import page_url

if TYPE_CHECKING:
    from dflint.findings import Finding
    from dflint.server.documents import Document, Documents
    from dflint.server.process import Server

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
_TAGS = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}


def add(server: Server) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="dflint")

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    def pull(params: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        result = server.documents.result(document)
        items = [diagnostic_of(finding, document, server.documents) for finding in result.findings]
        return types.RelatedFullDocumentDiagnosticReport(items=items)


def diagnostic_of(finding: Finding, document: Document, documents: Documents) -> types.Diagnostic:
    """A finding as the protocol has it."""
    rule_class = documents.registry.classes.get(finding.rule)
    url = page_url(rule_class)
    tag = rule_class.tag if rule_class is not None else None
    return types.Diagnostic(
        range=document.text.range(finding.start, finding.end),
        message=finding.message,
        severity=_SEVERITIES[finding.level],
        code=finding.name,
        code_description=types.CodeDescription(url) if url else None,
        source="dflint",
        tags=[_TAGS[tag]] if tag is not None else None,
    )
