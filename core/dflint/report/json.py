"""JSON for programs: the shape is part of dflint's interface.

``{"version", "findings": [...], "errors": [{"path", "rule", "message"}]}``, path and rule of an error null if there is
none; lines and columns count from 1, columns in code points. The text is always valid Unicode: in paths and messages a
byte that is not UTF-8 reads ``\\xNN``, and a fix that would insert such a byte is null.
"""

from __future__ import annotations

from json.encoder import JSONEncoder
from typing import TYPE_CHECKING, Any

from dflint.report.base import Report, is_valid, posix_path, source_of, valid
from dflint.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import Finding, Fix, InternalError
    from dflint.report.base import FileOutcome
    from dflint.source import Source


class Format(Report):
    def begin(self) -> None:
        self._encode = JSONEncoder(ensure_ascii=False).encode
        self._separator = "\n"
        self.write(f'{{"version": "{VERSION}", "findings": [')

    def file(self, outcome: FileOutcome) -> None:
        if not outcome.findings:
            return
        source = source_of(outcome)
        for finding in outcome.findings:
            self.write(self._separator + self._encode(self._finding(finding, outcome.path, source)))
            self._separator = ",\n"

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        told = [
            {"path": posix_path(error.path) or None, "rule": error.rule, "message": valid(error.message)}
            for error in errors
        ]
        self.write(f'\n], "errors": {self._encode(told)}}}\n')

    def _finding(self, finding: Finding, path: str, source: Source) -> dict[str, Any]:
        rule = self.facts(finding.rule)
        return {
            "rule": finding.rule,
            "code": finding.code or None,
            "aliases": list(rule.aliases),
            "category": rule.category or "correctness",
            "level": finding.level,
            "message": valid(finding.message),
            "path": posix_path(path),
            "start": _position(source, finding.start),
            "end": _position(source, finding.end),
            "fix": fix_as_json(finding.fix, source),
            "url": self.url(finding),
        }


def fix_as_json(fix: Fix | None, source: Source) -> dict[str, Any] | None:
    """``{"title", "applicability", "edits": [{"start", "end", "text"}]}``; inserted lines end like the file's."""
    if fix is None or not all(is_valid(edit.text) for edit in fix.edits):
        return None
    newline = source.newline
    return {
        "title": valid(fix.title),
        "applicability": fix.applicability,
        "edits": [
            {
                "start": _position(source, edit.start),
                "end": _position(source, edit.end),
                "text": edit.text.replace("\r\n", "\n").replace("\n", newline),
            }
            for edit in fix.edits
        ],
    }


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column}
