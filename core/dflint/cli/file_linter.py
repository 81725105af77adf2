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
from dflint.linter.registry import SHELLCHECK
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.report.base import FileOutcome, reaches
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dflint.cli.recorded_files import RecordingFiles
    from dflint.cli.result_cache import ResultCache
    from dflint.linter.engine import RuleSet
    from dflint.linter.fixer import FixResult
    from dflint.linter.registry import Registry
    from dflint.shellcheck import ShellCheck


class _File(NamedTuple):
    """A file that is parsed and has yet to be linted."""

    path: str
    text: str
    configuration: Configuration
    rule_set: RuleSet
    model: Model | None
    """None for an ignore file."""


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
        self._shellchecks: dict[str, ShellCheck] = {}
        """By the program that the configuration names."""

    def files(self, paths: Iterable[str]) -> Iterator[FileOutcome]:
        """Lint files, and fix them if that is asked for. Whatever goes wrong is in the outcome's ``errors``.

        They are all parsed before the first is linted, so that ShellCheck gets the scripts of all of them in one go.
        """
        begun = [self._read(path) for path in paths]
        self._begin_shellcheck([file for file in begun if isinstance(file, _File)])
        try:
            for file in begun:
                yield self._written(file) if isinstance(file, _File) else file
        finally:
            for shellcheck in self._shellchecks.values():
                shellcheck.end()

    def text(self, path: str, text: str) -> FileOutcome:
        """Lint a text as the content of ``path``; ``new_text`` is its fixed text if that differs."""
        file = self._begun(path, text)
        return self._outcome(file) if isinstance(file, _File) else file

    def _read(self, path: str) -> _File | FileOutcome:
        try:
            text = files.read(path)
        except OSError as error:
            return _failed(path, "", error.strerror or str(error))
        return self._begun(path, text)

    def _begun(self, path: str, text: str) -> _File | FileOutcome:
        try:
            configuration = self.configurations.of_file(path)
        except ConfigurationError as error:
            problems = [str(p) for p in error.problems if str(p) not in self._reported]
            self._reported.update(problems)
            errors = tuple(InternalError("", problem) for problem in problems)
            return FileOutcome(path, "", (), errors, notes=("not linted: its configuration is wrong",))
        rule_set = configuration.rule_set(self.registry, path, self.options.layer, self.options.preview)
        if path.endswith(".dockerignore"):
            return _File(path, text, configuration, rule_set, None)
        try:
            model = Model(parse(text), None, path)
        except Exception as error:  # a bug in the parser must not stop the other files
            return _failed(path, text, failure(error))
        return _File(path, text, configuration, rule_set, model)

    def _begin_shellcheck(self, files: Sequence[_File]) -> None:
        by_program: dict[int, tuple[ShellCheck, list[Model]]] = {}
        for file in files:
            shellcheck = self._shellcheck(file.rule_set) if file.model is not None else None
            if shellcheck is not None and file.model is not None:
                by_program.setdefault(id(shellcheck), (shellcheck, []))[1].append(file.model)
        for shellcheck, models in by_program.values():
            try:
                shellcheck.prepare(models)
            except Exception:  # told of the file that it happens with, when that is linted
                shellcheck.end()

    def _shellcheck(self, rule_set: RuleSet) -> ShellCheck | None:
        """What checks the shell code of a file; None if nothing shall."""
        rule = rule_set.rules.get(SHELLCHECK)
        if rule is None:
            return None
        program = rule.setting("program")
        found = self._shellchecks.get(program)
        if found is None:
            from dflint.shellcheck import ShellCheck

            found = self._shellchecks[program] = ShellCheck(program or None)
        return found

    def _written(self, file: _File) -> FileOutcome:
        outcome = self._outcome(file)
        if outcome.new_text is None or not self.options.write:
            return outcome
        try:
            files.replace(file.path, outcome.new_text, file.text)
        except OSError as error:
            return _failed(file.path, file.text, f"cannot write: {error.strerror or error}")
        return outcome._replace(old_text="", new_text=None)

    def _outcome(self, file: _File) -> FileOutcome:
        try:
            return self._linted(file)
        except Exception as error:  # a bug in the model must not stop the other files
            return _failed(file.path, file.text, failure(error))

    def _linted(self, file: _File) -> FileOutcome:
        path, text, configuration, rule_set, model = file
        if model is None:
            return self._linted_ignore_file(file)
        model.context = context = self._context(path, configuration)
        shellcheck = self._shellcheck(rule_set)
        has_history = context is not None and (self.options.history or configuration["history"])

        def lint_text(new: str) -> LintResult:
            asked = model if new == text else Model(parse(new), context, path)
            if has_history:
                from dflint.buildcache.evidence import HistoryEvidence

                asked.evidence = HistoryEvidence(asked, self.options.history_store)
            if self.options.engine_sizes:
                from dflint.build.local_images import size_of_image

                asked.image_size = size_of_image
            if self.options.unsafe:
                from dflint.optimizer.rewriting import in_stages

                asked.rewriter = in_stages
            return lint(asked, rule_set, shellcheck)

        # What a history says changes with every commit, what an engine has with every pull.
        may_keep = not has_history and not self.options.engine_sizes
        return self._fixed(file, lint_text, context, shellcheck, may_keep=may_keep)

    def _linted_ignore_file(self, file: _File) -> FileOutcome:
        from dflint.context.ignore_document import IgnoreDocument
        from dflint.linter.engine import lint_dockerignore

        context = self._context_of_ignore_file(file.path, file.configuration)

        def lint_text(new: str) -> LintResult:
            return lint_dockerignore(IgnoreDocument(new, file.path, context), file.rule_set)

        return self._fixed(file, lint_text, context, None)

    def _fixed(
        self,
        file: _File,
        lint_text: Callable[[str], LintResult],
        context: BuildContext | None,
        shellcheck: ShellCheck | None,
        may_keep: bool = True,
    ) -> FileOutcome:
        path, text, configuration = file.path, file.text, file.configuration
        if not self.options.fix:
            outcome = self._report(path, lint_text(text), configuration, shellcheck)
            if self._cache is not None and configuration["cache"] and may_keep:
                self._cache.keep(outcome, text, configuration, context, self.registry)
            return outcome
        from dflint.linter.fixer import fix_text

        fixed = fix_text(text, path, lint_text, self.options.unsafe)
        outcome = self._report(path, fixed.result, configuration, shellcheck)
        return outcome._replace(
            errors=outcome.errors + fixed.internal_errors,
            notes=_notes(fixed),
            fixed=tuple(finding.rule for finding in fixed.applied),
            old_text=text if fixed.text != text else "",
            new_text=fixed.text if fixed.text != text else None,
        )

    def _report(
        self, path: str, result: LintResult, configuration: Configuration, shellcheck: ShellCheck | None
    ) -> FileOutcome:
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
            problem=(shellcheck.problem or "") if shellcheck else "",
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

    def _context_of_ignore_file(self, path: str, configuration: Configuration) -> BuildContext | None:
        """The context that an ignore file is for: its folder, or that of the Dockerfile beside it."""
        if os.sep != "/":
            path = path.replace(os.sep, "/")
        files = self._disk if self._cache is None else self._recorder()
        folder, _, name = path.rpartition("/")
        root = folder or ("/" if path.startswith("/") else ".")
        if name != ".dockerignore":
            root = self.options.context or configuration.context or root
        return BuildContext(root.replace(os.sep, "/"), files, ignore_path=path)

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
