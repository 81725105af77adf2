"""One line a finding: ``path:line:column: level rule message``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import Report, printable, source_of
from dflint.report.statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import InternalError
    from dflint.report.base import FileOutcome


class Format(Report):
    def file(self, outcome: FileOutcome) -> None:
        if self.options.statistics or not outcome.findings:
            return
        source = source_of(outcome)
        path = printable(outcome.path)
        for finding in outcome.findings:
            line, column = source.position(finding.start)
            self.write(f"{path}:{line}:{column}: {finding.level} {finding.name} {printable(finding.message)}\n")

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        if self.options.statistics:
            self.write(statistics(self.totals))
