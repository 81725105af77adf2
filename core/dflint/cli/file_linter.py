"""What is done with one file: read, lint, fix, write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dflint import files
from dflint.config import Configuration, ConfigurationError, ConfigurationFinder, load_configuration
from dflint.context import BuildContext, DiskFileSystem
from dflint.linter.engine import InternalError, LintResult, failure, lint
from dflint.linter.registry import Layer, Registry, registry
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.report.base import FileOutcome
from dflint.syntax import parse

if TYPE_CHECKING:
    from dflint.findings import Finding
    from dflint.linter.engine import RuleSet
    from dflint.linter.fixer import FixResult

STANDARD_INPUT = "<stdin>"
"""The path of standard input when ``--stdin-filename`` is not given."""
_SEVERITY = {"info": 0, "warning": 1, "error": 2, "none": 3}


class LintOptions(NamedTuple):
    """What the command line says about linting; can be sent to worker processes."""

    layer: Layer = Layer()
    preview: bool = False
    fix: bool = False
    unsafe: bool = False
    write: bool = True
    """Whether fixed files are written; False for ``--diff``."""
    fail_level: str | None = None
    context: str | None = None
    config: str | None = None
    no_config: bool = False


class FileLinter:
    """Lints files one after the other, with the configuration that holds for each."""

    def __init__(self, options: LintOptions) -> None:
        """Raises ``ConfigurationError`` for the file of ``--config``."""
        self.options = options
        self.registry: Registry = registry()
        fixed = None
        if options.no_config:
            fixed = Configuration()
        elif options.config is not None:
            fixed = load_configuration(options.config, self.registry)
        self.configurations = ConfigurationFinder(self.registry, fixed)
        self._disk = DiskFileSystem()
        self._last_context: BuildContext | None = None
        self._reported: set[str] = set()

    def file(self, path: str) -> FileOutcome:
        """Lint a file, and fix it if that is asked for. Whatever goes wrong is in the outcome's ``errors``."""
        try:
            text = files.read(path)
        except OSError as error:
            return _failed(path, "", error.strerror or str(error))
        outcome = self.text(path, text)
        if outcome.new_text is None or not self.options.write:
            return outcome
        try:
            files.replace(path, outcome.new_text, text)
        except OSError as error:
            return _failed(path, text, f"cannot write: {error.strerror or error}")
        return outcome._replace(old_text="", new_text=None)

    def text(self, path: str, text: str) -> FileOutcome:
        """Lint a text as the content of ``path``; ``new_text`` is its fixed text if that differs."""
        try:
            configuration = self.configurations.of_file(path)
        except ConfigurationError as error:
            problems = [str(p) for p in error.problems if str(p) not in self._reported]
            self._reported.update(problems)
            errors = tuple(InternalError("", problem) for problem in problems)
            return FileOutcome(path, "", (), errors, notes=("not linted: its configuration is wrong",))
        rule_set = configuration.rule_set(self.registry, path, self.options.layer, self.options.preview)
        try:
            return self._outcome(path, text, configuration, rule_set)
        except Exception as error:  # a bug in the parser or the model must not stop the other files
            return _failed(path, text, failure(error))

    def _outcome(self, path: str, text: str, configuration: Configuration, rule_set: RuleSet) -> FileOutcome:
        context = self._context(path, configuration)

        def lint_text(text: str) -> LintResult:
            return lint(Model(parse(text), context, path), rule_set)

        if not self.options.fix:
            return self._report(path, lint_text(text), configuration)
        from dflint.linter.fixer import fix_text

        fixed = fix_text(text, path, lint_text, self.options.unsafe)
        outcome = self._report(path, fixed.result, configuration)
        return outcome._replace(
            errors=outcome.errors + fixed.internal_errors,
            notes=_notes(fixed),
            fixed=tuple(finding.rule for finding in fixed.applied),
            old_text=text if fixed.text != text else "",
            new_text=fixed.text if fixed.text != text else None,
        )

    def _report(self, path: str, result: LintResult, configuration: Configuration) -> FileOutcome:
        fail_level = self.options.fail_level or configuration["fail-level"]
        return FileOutcome(
            path,
            result.tree.source.text if result.findings else "",
            result.findings,
            result.internal_errors,
            suppressed=len(result.suppressed),
            is_fixable=not result.tree.problems,
            fails=_fails(result.findings, fail_level),
        )

    def _context(self, path: str, configuration: Configuration) -> BuildContext | None:
        """The build context; not known for standard input that is no file's content."""
        if path == STANDARD_INPUT:
            return None
        root = self.options.context or configuration.context
        if os.sep != "/":
            path = path.replace(os.sep, "/")
            root = root and root.replace(os.sep, "/")
        known = self._last_context
        context = known.for_neighbour(path, root) if known is not None else None
        if context is None:
            context = BuildContext.for_dockerfile(path, self._disk, root)
        self._last_context = context
        return context


def _fails(findings: tuple[Finding, ...], fail_level: str) -> bool:
    least = _SEVERITY[fail_level]
    return any(_SEVERITY[finding.level] >= least for finding in findings)


def _failed(path: str, text: str, message: str) -> FileOutcome:
    return FileOutcome(path, text, (), (InternalError(path, message),))


def _notes(fixed: FixResult) -> tuple[str, ...]:
    """What to say about fixes that were not applied; one line for all that have the same reason."""
    by_reason: dict[str, int] = {}
    for withheld in fixed.withheld:
        by_reason[withheld.reason] = by_reason.get(withheld.reason, 0) + 1
    return tuple(
        f"{count} fix{'' if count == 1 else 'es'} not applied: {reason}" for reason, count in by_reason.items()
    )
