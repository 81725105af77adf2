"""For people: each finding with its line, what to do about it, and a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import LEVELS, Report, printable, source_of
from dflint.report.excerpt import excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import Finding, InternalError
    from dflint.report.base import FileOutcome, Totals
    from dflint.source import Source

_LEVEL_COLORS = {"error": "1;31", "warning": "1;33", "info": "1;36"}
_APPLIED_BY = {"safe": " [--fix]", "unsafe": " [--unsafe-fixes]", "manual": ""}


class Format(Report):
    def file(self, outcome: FileOutcome) -> None:
        if self.options.statistics:
            return
        if outcome.findings:
            source = source_of(outcome)
            path = printable(outcome.path)
            for finding in outcome.findings:
                self.write(self._finding(finding, path, source, outcome.is_fixable))
        if not self.options.quiet:
            for note in outcome.notes:
                self.write(f"{self._paint('1', printable(outcome.path))}: {printable(note)}\n\n")

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        if self.options.statistics:
            from dflint.report.statistics import statistics

            self.write(statistics(self.totals))
        if not self.options.quiet:
            self.write(summary(self.totals) + "\n")

    def _finding(self, finding: Finding, path: str, source: Source, is_fixable: bool) -> str:
        line, column = source.position(finding.start)
        color = _LEVEL_COLORS[finding.level]
        names = self.names(finding)
        place = self._paint("1", f"{path}:{line}:{column}:")
        message = f"{self._paint(color, finding.level)}: {printable(finding.message)}"
        out = [f"{place} {message} {self._paint('2', f'[{names}]')}"]
        lines, more = excerpt(source, finding.start, finding.end, self.options.width - 8)
        gutter = max(len(str(lines[-1].number)), 2)
        bar = self._paint("34", f"{'':>{gutter}} |")
        for number, text, mark in lines:
            out.append(f"{self._paint('34', f'{number:>{gutter}} |')} {text}")
            out.append(f"{bar} {self._paint(color, mark)}" if mark.strip() else bar)
        if more:
            out.append(f"{bar} … {counted(more, 'more line')}")
        if finding.fix is not None:
            by = _APPLIED_BY[finding.fix.applicability] if is_fixable else ""
            label = self._paint("1;32", "help")
            out.append(
                f"{'':>{gutter}} {self._paint('34', '=')} {label}: {printable(finding.fix.title)}{self._paint('2', by)}"
            )
        return "\n".join(out) + "\n\n"

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.options.color and text else text


def summary(totals: Totals) -> str:
    """One or two sentences about all files: how many findings, what was fixed, what a fix would settle."""
    parts = []
    if totals.fixed:
        parts.append(f"Fixed {counted(totals.fixed, 'finding')} in {counted(totals.files_fixed, 'file')}.")
    if not totals.files:
        parts.append("No Dockerfile found.")
    elif not totals.findings and totals.files > totals.failed:
        files = counted(totals.files - totals.failed, "file")
        parts.append(f"{'Nothing left' if totals.fixed else 'No findings'} in {files}.")
    elif totals.findings:
        levels = ", ".join(_of_level(totals.levels[level], level) for level in LEVELS if totals.levels[level])
        files = counted(totals.files_with_findings, "file")
        of = f" of {totals.files}" if totals.files > totals.files_with_findings else ""
        left = " left" if totals.fixed else ""
        parts.append(f"{counted(totals.findings, 'finding')}{left} ({levels}) in {files}{of}.")
        if totals.safe and totals.unsafe:
            parts.append(f"--fix would settle {totals.safe}, --unsafe-fixes {totals.unsafe} more.")
        elif totals.safe or totals.unsafe:
            parts.append(f"{'--fix' if totals.safe else '--unsafe-fixes'} would settle {totals.safe or totals.unsafe}.")
    if totals.failed:
        parts.append(f"{counted(totals.failed, 'file')} could not be linted.")
    if totals.suppressed:
        parts.append(f"{totals.suppressed} suppressed.")
    if told := baseline_summary(totals):
        parts.append(told)
    return " ".join(parts)


def baseline_summary(totals: Totals) -> str:
    """One sentence about the baseline; empty if there is none, or nothing to say of it."""
    parts = []
    if totals.hidden:
        parts.append(f"{totals.hidden} more in the baseline")
    if totals.settled:
        parts.append(
            f"{counted(totals.settled, 'finding')} of the baseline fixed (--write-baseline removes them from it)"
        )
    return ", ".join(parts) + "." if parts else ""


def counted(count: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _of_level(count: int, level: str) -> str:
    return f"{count} info" if level == "info" else counted(count, level)
