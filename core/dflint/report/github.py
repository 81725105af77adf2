"""Workflow commands of GitHub Actions: each finding becomes an annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import Report, posix_path, printable, source_of

if TYPE_CHECKING:
    from dflint.report.base import FileOutcome

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


class Format(Report):
    def file(self, outcome: FileOutcome) -> None:
        if not outcome.findings:
            return
        source = source_of(outcome)
        path = _property(posix_path(outcome.path))
        for finding in outcome.findings:
            line, column = source.position(finding.start)
            end_line, end_column = source.position(finding.end)
            place = f"file={path},line={line},endLine={end_line}"
            if line == end_line:  # of several lines GitHub wants no columns
                place += f",col={column},endColumn={end_column}"
            title = _property(self.names(finding))
            message = _data(f"{printable(outcome.path)}:{line}:{column}: {finding.message}")
            self.write(f"::{_COMMANDS[finding.level]} {place},title={title}::{message}\n")


def _data(text: str) -> str:
    """Escape a message (actions/toolkit, packages/core/src/command.ts)."""
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    """Escape a value before the second ``::``."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
