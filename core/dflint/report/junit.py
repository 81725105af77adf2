"""JUnit's XML: a test suite for each file, a failing test for each finding, one passing test for a clean file.

Only attributes that the schema of Jenkins' xUnit plugin has: it turns down a report with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import Report, posix_path, source_of
from dflint.report.xml import attribute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import InternalError
    from dflint.report.base import FileOutcome


class Format(Report):
    def begin(self) -> None:
        self.write('<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="dflint">\n')

    def file(self, outcome: FileOutcome) -> None:
        source = source_of(outcome)
        path = attribute(posix_path(outcome.path))
        failures, errors = len(outcome.findings), len(outcome.errors)
        tests = failures + errors or 1
        self.write(f'  <testsuite name="{path}" tests="{tests}" failures="{failures}" errors="{errors}" time="0">\n')
        for finding in outcome.findings:
            line, column = source.position(finding.start)
            rule, message = attribute(finding.name), attribute(finding.message)
            name, place = f"{rule}:{line}:{column}", f"{path}:{line}:{column}"
            self.write(
                f'    <testcase name="{name}" classname="{path}" time="0">\n'
                f'      <failure type="{finding.level}" message="{message}">{place}: {message}</failure>\n'
                "    </testcase>\n"
            )
        for error in outcome.errors:
            self.write(
                f'    <testcase name="dflint" classname="{path}" time="0">\n'
                f'      <error type="internal" message="{attribute(error.message)}"/>\n    </testcase>\n'
            )
        if not failures and not errors:
            self.write(f'    <testcase name="dflint" classname="{path}" time="0"/>\n')
        self.write("  </testsuite>\n")

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        self.write("</testsuites>\n")
