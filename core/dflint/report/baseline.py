"""Baselines: files of findings that are known and not reported, so that a large repository can start at zero.

A finding is known by its file, its rule and the text it marks, white space aside; never by line numbers. Of equal ones
as many are known as there were. Which of them, where there are more now, the text of the whole lines tells.

The file is JSON, one line for each kind of finding of a file, in a fixed order, so that it can be reviewed and merged::

    {"version": 1, "files": {"api/Dockerfile": [
      ["untagged-base", "1f0c3a9d2b8e4c67", ["9a1b2c3d4e5f6071"]]
    ]}}

Paths are relative to the baseline's folder, with ``/``. The last element holds one mark for each equal finding.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH105, PTH108, PTH118, PTH120, PTH123
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from dflint.report.base import reaches, valid

if TYPE_CHECKING:
    from dflint.findings import Finding
    from dflint.report.base import FileOutcome

    Marks = dict[tuple[str, str], list[str]]
    """Rule and mark of the marked text, to the marks of the lines of each finding."""

VERSION = 1


class BaselineError(Exception):
    """A file that cannot be used as a baseline; the text says which and why."""


class Baseline:
    """The findings in a file, and which of them were found again."""

    def __init__(self, path: str, files: dict[str, Marks]) -> None:
        self.path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._files = files
        self._again: dict[str, int] = {}
        """Each file seen, to how many of its findings were found again."""

    @classmethod
    def read(cls, path: str) -> Baseline:
        """Raises ``BaselineError``."""
        from json import loads

        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            hint = f" (make it with --write-baseline {path})" if isinstance(error, FileNotFoundError) else ""
            raise BaselineError(f"{path}: cannot read the baseline: {error.strerror or error}{hint}") from None
        try:
            data = loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise BaselineError(f"{path}: not a baseline: {error}") from None
        if isinstance(data, dict) and isinstance(data.get("version"), int) and data["version"] > VERSION:
            raise BaselineError(f"{path}: made by a later version of dflint")
        files = _read(data)
        if files is None:
            raise BaselineError(f"{path}: not a baseline: not made by --write-baseline")
        return cls(path, files)

    def without_known(self, outcome: FileOutcome) -> FileOutcome:
        """The outcome with the findings that are new; ``hidden`` counts the others."""
        name = _relative(outcome.path, self._folder)
        known = self._files.get(name)
        self._again[name] = 0
        if not known or not outcome.findings:
            return outcome
        by_kind: dict[tuple[str, str], list[int]] = {}
        marks = [_marks(outcome.text, finding) for finding in outcome.findings]
        for index, (kind, _) in enumerate(marks):
            by_kind.setdefault(kind, []).append(index)
        hidden: set[int] = set()
        for kind, indexes in by_kind.items():
            left = list(known.get(kind, ()))
            others = []
            for index in indexes:
                if marks[index][1] in left:
                    left.remove(marks[index][1])
                    hidden.add(index)
                else:
                    others.append(index)
            hidden.update(others[: len(left)])
        self._again[name] = len(hidden)
        findings = tuple(finding for index, finding in enumerate(outcome.findings) if index not in hidden)
        return outcome._replace(findings=findings, hidden=len(hidden), fails=reaches(findings, outcome.fail_level))

    def settled(self) -> int:
        """How many of its findings are there no more, in the files that were linted or that are gone."""
        looked_at = sum(
            len(lines)
            for name, marks in self._files.items()
            if name in self._again or not os.path.lexists(os.path.join(self._folder, name))
            for lines in marks.values()
        )
        return looked_at - sum(self._again.values())


class BaselineWriter:
    """Collects findings for a new baseline."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._files: dict[str, Marks] = {}

    def add(self, outcome: FileOutcome) -> None:
        if not outcome.findings:
            return
        marks = self._files[_relative(outcome.path, self._folder)] = {}
        for finding in outcome.findings:
            kind, lines = _marks(outcome.text, finding)
            marks.setdefault(kind, []).append(lines)

    @property
    def findings(self) -> int:
        """The number of findings."""
        return sum(len(lines) for marks in self._files.values() for lines in marks.values())

    @property
    def files(self) -> int:
        """The number of files with findings."""
        return len(self._files)

    def write(self) -> None:
        """Put the file in place, all at once. Raises OSError."""
        from json import dumps

        parts = []
        for name, marks in sorted(self._files.items()):
            kinds = ",\n".join(f"  {dumps([*kind, lines])}" for kind, lines in sorted(marks.items()))
            parts.append(f" {dumps(name)}: [\n{kinds}\n ]")
        text = f'{{"version": {VERSION}, "files": {{\n' + ",\n".join(parts) + "\n}}\n"
        real = os.path.realpath(self.path)  # a link stays a link
        temporary = f"{real}.{os.getpid()}.tmp"
        try:
            with open(temporary, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.replace(temporary, real)
        except OSError:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            raise


def _read(data: Any) -> dict[str, Marks] | None:
    """What is in a baseline; None if it is none."""
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("files"), dict):
        return None
    files: dict[str, Marks] = {}
    for name, kinds in data["files"].items():
        if not isinstance(kinds, list):
            return None
        marks = files[name] = {}
        for kind in kinds:
            if not isinstance(kind, list) or len(kind) != 3:
                return None
            rule, mark, lines = kind
            if not isinstance(rule, str) or not isinstance(mark, str) or not _are_strings(lines):
                return None
            marks.setdefault((rule, mark), []).extend(lines)
    return files


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


def _marks(text: str, finding: Finding) -> tuple[tuple[str, str], str]:
    """Rule and mark of the marked text, and the mark of the lines that it stands in."""
    start = text.rfind("\n", 0, finding.start) + 1
    end = text.find("\n", max(finding.end - 1, finding.start))
    return (finding.name, _mark(text[finding.start : finding.end])), _mark(text[start : end if end >= 0 else None])


def _mark(text: str) -> str:
    from hashlib import sha256

    return sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _relative(path: str, folder: str) -> str:
    try:
        found = os.path.relpath(path, folder)
    except ValueError:  # another drive
        found = os.path.abspath(path)
    return valid(found.replace(os.sep, "/"))
