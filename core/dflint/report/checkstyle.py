"""Checkstyle's XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import Report, posix_path, source_of
from dflint.report.xml import attribute
from dflint.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import InternalError
    from dflint.report.base import FileOutcome


class Format(Report):
    def begin(self) -> None:
        self.write(f'<?xml version="1.0" encoding="utf-8"?>\n<checkstyle version="{VERSION}">\n')

    def file(self, outcome: FileOutcome) -> None:
        source = source_of(outcome)
        self.write(f'  <file name="{attribute(posix_path(outcome.path))}">\n')
        for finding in outcome.findings:
            line, column = source.position(finding.start)
            self.write(
                f'    <error line="{line}" column="{column}" severity="{finding.level}" '
                f'message="{attribute(finding.message)}" source="dflint.{attribute(finding.name)}"/>\n'
            )
        for error in outcome.errors:
            self.write(f'    <error line="1" severity="error" message="{attribute(error.message)}" source="dflint"/>\n')
        self.write("  </file>\n")

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        self.write("</checkstyle>\n")
