"""SARIF 2.1.0 for code scanning services: results with their fixes, and the rules they come from.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH117
from __future__ import annotations

from json.encoder import JSONEncoder
from typing import TYPE_CHECKING, Any

from dflint.linter.explanation import explanation_of, page_url
from dflint.linter.registry import SHELLCHECK, is_shellcheck_code
from dflint.report.base import Report, fingerprints, posix_path, project_path, source_of, valid
from dflint.report.json import fix_as_json
from dflint.shellcheck.codes import page
from dflint.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import Finding, InternalError
    from dflint.report.base import FileOutcome
    from dflint.source import Source

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


class Format(Report):
    def begin(self) -> None:
        self._encode = JSONEncoder(ensure_ascii=False).encode
        self._separator = "\n"
        self._rule_indexes: dict[str, int] = {}
        self.write(
            f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"columnKind": "unicodeCodePoints", "results": ['
        )

    def file(self, outcome: FileOutcome) -> None:
        if not outcome.findings:
            return
        source = source_of(outcome)
        uri = _uri(outcome.path)
        for finding, fingerprint in zip(outcome.findings, fingerprints(outcome), strict=True):
            result = self._result(finding, uri, source, fingerprint)
            self.write(self._separator + self._encode(result))
            self._separator = ",\n"

    def end(self, errors: Sequence[InternalError] = ()) -> None:
        driver = {
            "name": "dflint",
            "version": VERSION,
            "semanticVersion": VERSION,
            "rules": [self._rule(name) for name in self._rule_indexes],
        }
        invocation: dict[str, Any] = {"executionSuccessful": not errors}
        if errors:
            invocation["toolExecutionNotifications"] = [
                {"level": "error", "message": {"text": valid(str(error))}} for error in errors
            ]
        self.write(
            f'\n], "tool": {{"driver": {self._encode(driver)}}}, "invocations": {self._encode([invocation])}}}]}}\n'
        )

    def _result(self, finding: Finding, uri: str, source: Source, fingerprint: str) -> dict[str, Any]:
        index = self._rule_indexes.setdefault(finding.name, len(self._rule_indexes))
        result: dict[str, Any] = {
            "ruleId": finding.name,
            "ruleIndex": index,
            "level": _LEVELS[finding.level],
            "message": {"text": valid(finding.message)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri},
                        "region": _region(*source.position(finding.start), *source.position(finding.end)),
                    }
                }
            ],
            "partialFingerprints": {"dflint/v1": fingerprint},
        }
        fix = fix_as_json(finding.fix, source)
        if fix and fix["applicability"] != "manual":
            replacements = [
                {
                    "deletedRegion": _region(*edit["start"].values(), *edit["end"].values()),
                    "insertedContent": {"text": edit["text"]},
                }
                for edit in fix["edits"]
            ]
            change = {"artifactLocation": {"uri": uri}, "replacements": replacements}
            result["fixes"] = [{"description": {"text": fix["title"]}, "artifactChanges": [change]}]
        return result

    def _rule(self, name: str) -> dict[str, Any]:
        rule = self.rule(name)
        if is_shellcheck_code(name):
            return _shellcheck_code(name)
        if rule is None:
            return {"id": name}
        page = explanation_of(rule)
        url = page_url(rule)
        return {
            "id": name,
            "name": "".join(part.capitalize() for part in name.split("-")),
            "shortDescription": {"text": page.summary},
            "fullDescription": {"text": page.sections.get("Why is this bad?") or page.summary},
            **({"helpUri": url} if url else {}),
            "help": {"text": f"{page.summary}\n{url}" if url else page.summary},
            "defaultConfiguration": {"level": _LEVELS[rule.level]},
            "properties": {"tags": [rule.category, *rule.aliases]},
        }


def _shellcheck_code(code: str) -> dict[str, Any]:
    url = page(int(code[2:]))
    return {
        "id": code,
        "shortDescription": {"text": f"ShellCheck {code}"},
        "helpUri": url,
        "help": {"text": f"ShellCheck {code}\n{url}"},
        "properties": {"tags": ["shell", SHELLCHECK]},
    }


def _region(start_line: int, start_column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column}


def _uri(path: str) -> str:
    """A relative reference, or a file URI for an absolute path (RFC 3986), of the very bytes of the name."""
    import os
    from urllib.parse import quote

    path = project_path(path)
    name = posix_path(path, as_valid=False).encode("utf-8", "surrogateescape" if os.name == "posix" else "replace")
    if os.path.isabs(path):
        return "file://" + quote(name if name.startswith(b"/") else b"/" + name, safe="/:")
    return quote(name, safe="/")
