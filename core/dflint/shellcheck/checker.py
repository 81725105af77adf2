"""ShellCheck for many files, remembering what it has said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.shellcheck.process import Checking, Outcome
from dflint.shellcheck.program import MISSING, find_program
from dflint.shellcheck.reports import findings_of
from dflint.shellcheck.scripts import scripts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shellcheck.program import Program
    from dflint.shellcheck.scripts import ShellCheckScript

MEMORY = 20_000
"""Scripts whose outcomes are kept; then all are forgotten."""


class ShellCheck:
    """Checks the shell scripts of files. Nothing is searched or started before there is a script to check."""

    def __init__(self, configured: str | None = None, jobs: int = 1) -> None:
        """``configured`` names the program, None to look for it; ``jobs`` is the number of processes at a time."""
        self._configured = configured
        self._jobs = jobs
        self._program: Program | None = None
        self._is_searched = False
        self._outcomes: dict[str, Outcome] = {}
        self._scripts: list[tuple[Model, list[ShellCheckScript]]] = []
        self._checking: Checking | None = None
        self.problem: str | None = None
        """Why nothing is checked, once that is known: to be said once a run."""

    def prepare(self, models: Iterable[Model]) -> None:
        """Begin to check the scripts of many files in one go; ``findings`` of each waits for the end of it.

        Raises OSError when there is no place for temporary files.
        """
        self.end()
        self._scripts = [(model, scripts_of(model)) for model in models]
        if len(self._outcomes) > MEMORY:
            self._outcomes.clear()
        missing = []
        for script in (script for _, scripts in self._scripts for script in scripts):
            if script.is_plain:
                self._outcomes[script.program_text] = Outcome()
            elif script.program_text not in self._outcomes:
                missing.append(script)
        if missing and (program := self._found()) is not None:
            self._checking = Checking(missing, program, self._jobs)

    def end(self) -> None:
        """Stop what has begun; ``findings`` begins it anew."""
        if self._checking is not None:
            self._checking.end()
            self._checking = None
        self._scripts = []  # else the trees of these files live on

    def findings(self, model: Model) -> tuple[list[Finding], list[str]]:
        """What ShellCheck says of a file, in the order of the text, and why scripts of it could not be checked.

        Raises OSError when there is no place for temporary files.
        """
        if not any(prepared is model for prepared, _ in self._scripts):
            self.prepare((model,))
        if self._checking is not None:
            self._outcomes.update(self._checking.outcomes())
            self._checking = None
        scripts = next(scripts for prepared, scripts in self._scripts if prepared is model)
        found: list[Finding] = []
        failures: list[str] = []
        for script in scripts:
            outcome = self._outcomes.get(script.program_text)
            if outcome is None:
                continue
            if outcome.failure is not None:
                line = model.source.line_of(script.text.offset(0))
                failures.append(f"the script of line {line}: {outcome.failure}")
            found += findings_of(script, outcome.comments, model.source.text)
        found.sort(key=lambda finding: (finding.start, finding.end, finding.code))
        return found, failures

    def _found(self) -> Program | None:
        if not self._is_searched:
            self._is_searched = True
            self._program = find_program(self._configured)
            if self._program is None:
                named = f"shell code was not checked: there is no program {self._configured}"
                self.problem = named if self._configured else MISSING
        return self._program
