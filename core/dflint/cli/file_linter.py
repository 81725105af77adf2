"""What is done with one file: read, lint, fix, write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from dflint import files
from dflint.cli.lint_options import STANDARD_INPUT, LintOptions, RegistryOnDemand, configurations_for
from dflint.config import Configuration, ConfigurationError, ConfigurationFinder
from dflint.context import BuildContext, DiskFileSystem
from dflint.findings import InternalError
from dflint.linter.engine import LintResult, failure, lint
from dflint.model import Model
from dflint.report.base import FileOutcome, reaches
from dflint.syntax import parse

if TYPE_CHECKING:
    from dflint.cli.recorded_files import RecordingFiles
    from dflint.cli.result_cache import ResultCache
    from dflint.linter.engine import RuleSet
    from dflint.linter.fixer import FixResult
    from dflint.linter.registry import Registry


class FileLinter:
    """Lints files one after the other, with the configuration that holds for each."""

    def __init__(
        self,
        options: LintOptions,
        registry: RegistryOnDemand | None = None,
        configurations: ConfigurationFinder | None = None,
    ) -> None:
        """The rules and the configurations may be there already. Raises ``ConfigurationError`` for ``--config``."""
        self.options = options
        self.registry: Registry = (registry or RegistryOnDemand(options)).loaded()
        self.configurations = configurations or configurations_for(options, self.registry)
        self._cache: ResultCache | None = None
        if options.cache is not None:
            from dflint.cli.result_cache import ResultCache

            self._cache = ResultCache(options)
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
            outcome = self._report(path, lint_text(text), configuration)
            if self._cache is not None and configuration["cache"]:
                self._cache.keep(outcome, text, configuration, context, self.registry)
            return outcome
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
            fails=reaches(result.findings, fail_level),
            fail_level=fail_level,
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
        context = None
        if known is not None:
            context = known.for_neighbour(path, root) if self._cache is None else self._neighbour(known, path, root)
        if context is None:
            context = BuildContext.for_dockerfile(path, self._disk if self._cache is None else self._recorder(), root)
        self._last_context = context
        return context

    def _recorder(self) -> RecordingFiles:
        from dflint.cli.recorded_files import RecordingFiles

        return RecordingFiles(self._disk)

    def _neighbour(self, known: BuildContext, path: str, root: str | None) -> BuildContext | None:
        """``known.for_neighbour``; what it asks of the disk concerns this file alone."""
        files = cast("RecordingFiles", known.filesystem)
        files.start_own()
        try:
            return known.for_neighbour(path, root)
        finally:
            files.end_own()


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
