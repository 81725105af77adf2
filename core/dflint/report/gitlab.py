"""GitLab's code quality report (a subset of Code Climate's format)."""

from __future__ import annotations

from json.encoder import JSONEncoder
from typing import TYPE_CHECKING

from dflint.report.base import Report, fingerprints, posix_path, project_path, source_of, valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import InternalError
    from dflint.report.base import FileOutcome

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


class Format(Report):
    def begin(self) -> None:
        self._encode = JSONEncoder(ensure_ascii=False).encode
        self._separator = "\n"
        self.write("[")

    def file(self, outcome: FileOutcome) -> None:
        if not outcome.findings:
            return
        source = source_of(outcome)
        path = posix_path(project_path(outcome.path))
        for finding, fingerprint in zip(outcome.findings, fingerprints(outcome), strict=True):
            rule = self.facts(finding.rule)
            begin = source.line_of(finding.start)
            end = source.line_of(max(finding.end - 1, finding.start))
            issue = {
                "type": "issue",
                "check_name": finding.name,
                "description": valid(finding.message),
                "content": {"body": ": ".join(filter(None, (rule.category, self.url(finding))))},
                "categories": ["Security" if rule.category == "security" else "Style"],
                "severity": _SEVERITIES[finding.level],
                "fingerprint": fingerprint,
                "location": {"path": path, "lines": {"begin": begin, "end": end}},
            }
            self.write(self._separator + self._encode(issue))
            self._separator = ",\n"

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        self.write("\n]\n")
