"""``dflint [lint] [PATHS]``: lint and fix Dockerfiles."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH109, PTH112, PTH113, PTH118, PTH120, PTH123
from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from dflint.cli import CLEAN, COMMANDS, FINDINGS, TROUBLE, complain
from dflint.cli.lint_options import STANDARD_INPUT, LintOptions, RegistryOnDemand, configurations_for
from dflint.cli.output import Output, columns, standard, wants_color
from dflint.config import ConfigurationError
from dflint.config.settings import FAIL_LEVELS, FORMATS
from dflint.findings import InternalError
from dflint.linter.registry import Layer, UnknownSelectorError
from dflint.record import NamedTuple
from dflint.report import report
from dflint.report.base import Options
from dflint.report.baseline import BaselineError

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable, Iterator

    from dflint.cli.file_linter import FileLinter
    from dflint.cli.result_cache import ResultCache
    from dflint.config import Configuration
    from dflint.linter.registry import Registry
    from dflint.report.base import FileOutcome
    from dflint.report.baseline import Baseline

FOR_PEOPLE = ("text", "concise")


class Option(NamedTuple):
    """One option of the command line; a value with choices, or a number, is checked."""

    group: str
    flags: tuple[str, ...]
    kind: Literal["switch", "value", "values", "number"]
    """values: may be given several times."""
    metavar: str
    help: str
    choices: tuple[str, ...] = ()
    default: Any = None


RULES, FIXES, FILES, OUTPUT = "rules", "fixes", "files", "output"
OPTIONS = (
    Option("", ("--version", "-V"), "switch", "", "show the version"),
    Option(RULES, ("--select",), "values", "SELECTORS", "run these rules only"),
    Option(RULES, ("--extend-select",), "values", "SELECTORS", "run these rules too"),
    Option(RULES, ("--ignore",), "values", "SELECTORS", "do not run these rules"),
    Option(RULES, ("--preview",), "switch", "", "run the rules in preview too"),
    Option(RULES, ("--engine-sizes",), "switch", "", "ask the local engine for the sizes of base images"),
    Option(RULES, ("--history",), "switch", "", "weigh findings about the build cache by the git history"),
    Option(RULES, ("--no-plugins",), "switch", "", "load no plug-ins"),
    Option(
        RULES, ("--fail-level",), "value", "", "lowest level that makes the exit code 1 (default: info)", FAIL_LEVELS
    ),
    Option(FIXES, ("--fix",), "switch", "", "apply the safe fixes"),
    Option(FIXES, ("--unsafe-fixes",), "switch", "", "apply the unsafe fixes too"),
    Option(FIXES, ("--diff",), "switch", "", "show what the fixes would change, write nothing"),
    Option(FILES, ("--exclude",), "values", "PATTERN", "leave out of a search, as in .gitignore; repeatable"),
    Option(FILES, ("--stdin-filename",), "value", "PATH", "the file that standard input is the content of"),
    Option(FILES, ("--context",), "value", "FOLDER", "the build context (default: the Dockerfile's folder)"),
    Option(FILES, ("--config",), "value", "FILE", "configuration for all files (default: each one's nearest)"),
    Option(FILES, ("--no-config",), "switch", "", "use no configuration file"),
    Option(FILES, ("--baseline",), "value", "FILE", "report only findings that are not in this file"),
    Option(FILES, ("--write-baseline",), "value", "FILE", "write the findings to this file instead of reporting them"),
    Option(FILES, ("--no-baseline",), "switch", "", "report the findings of the baseline too"),
    Option(FILES, ("--no-cache",), "switch", "", "neither use nor keep results of earlier runs"),
    Option(FILES, ("--cache-dir",), "value", "FOLDER", "keep results there (default: in the user's cache folder)"),
    Option(FILES, ("--clear-cache",), "switch", "", "remove all kept results, and do nothing else"),
    Option(FILES, ("--jobs", "-j"), "number", "N", "worker processes (default: as many as pay off)"),
    Option(OUTPUT, ("--format",), "value", "", "default: text", FORMATS),
    Option(OUTPUT, ("--output-file", "-o"), "value", "FILE", "write the report there"),
    Option(OUTPUT, ("--color",), "value", "", "default: auto", ("auto", "always", "never"), "auto"),
    Option(OUTPUT, ("--quiet", "-q"), "switch", "", "no summary"),
    Option(OUTPUT, ("--statistics",), "switch", "", "count the findings of each rule instead of showing them"),
)


def parsed(arguments: list[str]) -> Any:
    """The command line as an object with an attribute for each option, and ``paths``. Exits when it is wrong.

    argparse takes a tenth of the time of linting a file, so plain command lines are read without it.
    """
    return _plain(arguments) or parser().parse_intermixed_args(arguments)


def _plain(arguments: list[str]) -> SimpleNamespace | None:
    """The command line if it is plainly right: every flag in full, every value in an argument of its own."""
    by_flag = {flag: option for option in OPTIONS for flag in option.flags}
    values: dict[str, Any] = {
        _attribute(option): False if option.kind == "switch" else option.default for option in OPTIONS
    }
    paths = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-") or argument == "-":
            paths.append(argument)
            continue
        option = by_flag.get(argument)
        if option is None:
            return None
        name = _attribute(option)
        if option.kind == "switch":
            values[name] = True
            continue
        value = next(rest, "-")
        if value.startswith("-") or (option.choices and value not in option.choices):
            return None
        if option.kind == "number":
            if not value.isdecimal() or int(value) == 0:
                return None
            values[name] = int(value)
        else:
            values[name] = [*(values[name] or ()), value] if option.kind == "values" else value
    return SimpleNamespace(paths=paths, **values)


def _attribute(option: Option) -> str:
    return option.flags[0][2:].replace("-", "_")


def parser() -> ArgumentParser:
    """The whole syntax of the command line, with its help and its complaints."""
    from argparse import ArgumentParser

    from dflint.cli.arguments import help_formatter

    commands = "\n".join(f"  {name:<8}{text}" for name, text in COMMANDS.items())
    made = ArgumentParser(
        prog="dflint",
        usage="dflint [COMMAND] [OPTIONS] [PATH ...]",
        description="Lint and fix Dockerfiles.",
        epilog=f"commands:\n{commands}\n\n`dflint COMMAND --help` tells more of each. A path that is called like a\n"
        "command goes behind it (`dflint lint rules`) or is written ./rules.\n\n"
        "exit codes: 0 nothing found, 1 findings, 2 wrong usage or something that could not be done",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    paths_help = "Dockerfiles, or folders to search for them (default: .); - is standard input"
    made.add_argument("paths", nargs="*", metavar="PATH", help=paths_help)
    groups: dict[str, Any] = {"": made}
    described = {
        RULES: "SELECTORS: rule names, codes, categories, plug-ins, all, hadolint, buildkit; separated by commas"
    }
    for option in OPTIONS:
        if option.group not in groups:
            groups[option.group] = made.add_argument_group(option.group, described.get(option.group))
        add = groups[option.group].add_argument
        if option.kind == "switch":
            add(*option.flags, action="store_true", help=option.help)
        elif option.kind == "number":
            add(*option.flags, type=_number, metavar=option.metavar, help=option.help)
        else:
            add(
                *option.flags,
                action="append" if option.kind == "values" else "store",
                choices=option.choices or None,
                metavar=option.metavar or None,
                default=option.default,
                help=option.help,
            )
    return made


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"not a number of processes: {text!r}")
    return int(text)


def run(arguments: list[str]) -> int:
    """Lint, and give the exit code."""
    given = parsed(arguments)
    if given.version:
        from dflint.version import VERSION

        sys.stdout.write(f"dflint {VERSION}\n")
        return CLEAN
    _check(given)
    if given.clear_cache:
        return _clear_cache(given)
    try:
        made = _Run(given)
    except UnknownSelectorError as error:
        complain(str(error))
        return TROUBLE
    except ConfigurationError as error:
        for problem in error.problems:
            complain(str(problem))
        return TROUBLE
    if given.statistics and made.format_name not in FOR_PEOPLE:
        _refuse("--statistics goes with --format text or concise")
    return made.run()


def _clear_cache(given: Any) -> int:
    from dflint.cli.result_cache import clear

    base = _cache_folder(given)
    try:
        if base is not None:
            clear(base)
    except OSError as error:
        complain(f"{base}: {error.strerror or error}")
        return TROUBLE
    return CLEAN


def _cache_folder(given: Any) -> str | None:
    from dflint.cli.result_cache import default_folder

    return os.path.abspath(given.cache_dir) if given.cache_dir is not None else default_folder()


def lint_options(given: Any) -> LintOptions:
    """What is needed of the command line to lint a file."""
    return LintOptions(
        layer=Layer(
            None if given.select is None else _listed(given.select),
            _listed(given.extend_select),
            _listed(given.ignore),
        ),
        preview=given.preview,
        fix=given.fix or given.unsafe_fixes or given.diff,
        unsafe=given.unsafe_fixes,
        write=not given.diff and given.paths != ["-"],
        fail_level=given.fail_level,
        context=given.context,
        config=given.config,
        no_config=given.no_config,
        no_plugins=given.no_plugins,
        history=given.history,
        engine_sizes=given.engine_sizes,
        history_store=None if given.no_cache else "" if given.cache_dir is None else os.path.abspath(given.cache_dir),
    )


def _listed(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def _check(given: Any) -> None:
    if "-" in given.paths and len(given.paths) > 1:
        _refuse("- (standard input) must be the only path")
    if given.paths == ["-"] and sys.stdin is None:
        _refuse("standard input is closed")
    if given.stdin_filename is not None and given.paths != ["-"]:
        _refuse("--stdin-filename goes with - as the path")
    if given.config is not None and given.no_config:
        _refuse("--config and --no-config exclude each other")
    if given.cache_dir is not None and given.no_cache:
        _refuse("--cache-dir and --no-cache exclude each other")
    if given.baseline is not None and given.no_baseline:
        _refuse("--baseline and --no-baseline exclude each other")
    if given.write_baseline is not None:
        for other in ("baseline", "no_baseline", "diff", "output_file", "statistics"):
            if getattr(given, other):
                _refuse(f"--write-baseline and --{other.replace('_', '-')} exclude each other")
        if given.paths == ["-"]:
            _refuse("--write-baseline does not go with standard input")
    if given.context is not None and not os.path.isdir(given.context):
        _refuse(f"--context: not a folder: {given.context}")


def _refuse(message: str) -> NoReturn:
    parser().error(message)


class _Run:
    """One call of ``dflint lint``."""

    def __init__(self, given: Any) -> None:
        """Raises ``UnknownSelectorError`` and ``ConfigurationError`` for the command line."""
        self.given = given
        self.is_stdin = given.paths == ["-"]
        self.fails = False
        self.errors: list[InternalError] = []
        self._problems: set[str] = set()
        self._told: dict[tuple[str | None, str], int] = {}
        self._linter: FileLinter | None = None
        self._baselines: dict[str, Baseline] = {}
        self._base: str | None = None
        options = lint_options(given)
        self.registry = RegistryOnDemand(options)
        self.cache: ResultCache | None = None
        if not (options.fix or self.is_stdin or given.no_cache or given.history or given.engine_sizes):
            options = self._with_cache(options)
        self.options = options
        registry: Registry = self.registry  # type: ignore[assignment]
        remembered = None if self.cache is None else _Remembered(self.cache, registry)
        self.configurations = configurations_for(options, registry, remembered)
        self._check_selectors(registry)
        here = self._configuration_here()
        self.format_name: str = given.format or ("text" if here is None else here["format"])

    def _with_cache(self, options: LintOptions) -> LintOptions:
        from dflint.cli.result_cache import ResultCache, folder_for

        self._base = _cache_folder(self.given)
        folder = None if self._base is None else folder_for(self._base, options)
        if folder is None:
            return options
        options = options._replace(cache=folder)
        self.cache = ResultCache(options)
        return options

    def _check_selectors(self, registry: Registry) -> None:
        """A wrong selector is told before any file is read."""
        layer = self.options.layer
        if layer == Layer(None, [], []) or (self.cache is not None and self.cache.knows_selectors()):
            return
        registry.selected([layer])
        if self.cache is not None:
            self.cache.keep_selectors(registry)

    def _configuration_here(self) -> Configuration | None:
        try:
            return self.configurations.of_folder(os.getcwd())
        except (ConfigurationError, OSError):
            return None  # told with the files that it holds for

    @property
    def linter(self) -> FileLinter:
        """Made when there is a file to lint: it imports the rules."""
        if self._linter is None:
            from dflint.cli.file_linter import FileLinter

            self._linter = FileLinter(self.options, self.registry, self.configurations)
            for name, reason in self._linter.registry.broken.items():
                self.trouble(InternalError("", f"cannot be loaded: {reason}", name))
            for problem in self._linter.registry.problems:
                self.trouble(InternalError("", problem))
        return self._linter

    def run(self) -> int:
        try:
            code = self._report()
        except BaselineError as error:
            complain(str(error))
            return TROUBLE
        if self._base is not None and self._linter is not None:
            from dflint.cli.result_cache import prune

            prune(self._base)
        return code

    def _report(self) -> int:
        if self.given.diff:
            self.show_diff()
        elif self.given.write_baseline is not None:
            if not self.write_baseline():
                return TROUBLE
        elif self.given.output_file is not None:
            try:
                with open(self.given.output_file, "wb") as file:
                    self.report_to(Output(file), sys.stdout, is_terminal=False)
            except OSError as error:
                complain(f"{self.given.output_file}: {error.strerror or error}")
                return TROUBLE
        else:
            # With the fixed text on standard output, what is said about it goes to standard error.
            stream = sys.stderr if self.is_stdin and self.options.fix else sys.stdout
            self.report_to(standard(stream, self.format_name in FOR_PEOPLE), stream, is_terminal=True)
        self.tell_repetitions()
        self.tell_configuration()
        return TROUBLE if self.errors else FINDINGS if self.fails else CLEAN

    def report_to(self, output: Output, stream: Any, is_terminal: bool) -> None:
        options = Options(
            color=wants_color(self.given.color, stream) and (is_terminal or self.given.color == "always"),
            width=columns(stream) if is_terminal else 120,
            quiet=self.given.quiet,
            statistics=self.given.statistics,
        )
        registry: Registry = self.registry  # type: ignore[assignment]
        made = report(self.format_name, output.write, registry, options)
        self.load_baseline()
        made.begin()
        for outcome in self.outcomes():
            new = self.without_known(outcome)
            self.fails = self.fails or new.fails
            made.add(new)
            output.flush()  # who reads it need not wait for other files
        made.totals.settled = sum(baseline.settled() for baseline in self._baselines.values())
        made.end(self.errors)
        output.flush()
        if not self.given.quiet and self.format_name != "text":
            from dflint.report.text import baseline_summary

            if told := baseline_summary(made.totals):
                complain(told)

    def load_baseline(self) -> None:
        """Read the baseline of the command line, or of the working directory, before anything is written."""
        if self.given.baseline is not None:
            self._baseline(self.given.baseline)
        elif not self.given.no_baseline and not self.is_stdin:
            here = self._configuration_here()
            if here is not None and here.baseline is not None:
                self._baseline(here.baseline)

    def _baseline(self, path: str) -> Baseline:
        found = self._baselines.get(path)
        if found is None:
            from dflint.report.baseline import Baseline

            found = self._baselines[path] = Baseline.read(path)
        return found

    def without_known(self, outcome: FileOutcome) -> FileOutcome:
        """The outcome without the findings of the baseline that holds for the file."""
        path = self.given.baseline
        if path is None and not self.given.no_baseline and outcome.path != STANDARD_INPUT:
            try:
                path = self.configurations.of_file(outcome.path).baseline
            except ConfigurationError:
                return outcome
        return outcome if path is None else self._baseline(path).without_known(outcome)

    def write_baseline(self) -> bool:
        """Lint, and write all findings to a file; False if it could not be written."""
        from dflint.report.baseline import BaselineWriter
        from dflint.report.text import counted

        writer = BaselineWriter(self.given.write_baseline)
        for outcome in self.outcomes():
            writer.add(outcome)
        if self.errors:
            complain(f"{writer.path}: not written, as not everything could be linted")
            return True
        try:
            writer.write()
        except OSError as error:
            complain(f"{writer.path}: {error.strerror or error}")
            return False
        if not self.given.quiet:
            told = (
                f"{counted(writer.findings, 'finding')} in {counted(writer.files, 'file')} written to {writer.path}.\n"
            )
            sys.stdout.write(told)
        return True

    def show_diff(self) -> None:
        from dflint.cli.diff import unified_diff

        output = standard(sys.stdout, for_people=False, errors="surrogateescape")
        color = wants_color(self.given.color, sys.stdout)
        changed = fixed = 0
        for outcome in self.outcomes():
            if outcome.new_text is not None:
                changed += 1
                fixed += len(outcome.fixed)
                output.write(unified_diff(outcome.path, outcome.old_text, outcome.new_text, color))
        output.flush()
        self.fails = changed > 0
        if not self.given.quiet:
            from dflint.report.text import counted

            told = f"{counted(changed, 'file')} would change, {counted(fixed, 'finding')} would be fixed"
            sys.stderr.write((told if changed else "Nothing would change") + ".\n")

    def outcomes(self) -> Iterator[FileOutcome]:
        """The outcome of each file, in the order of the paths; what goes wrong is told on the way."""
        if self.is_stdin:
            found: Iterable[FileOutcome] = [self.standard_input()]
        elif self.cache is None:
            found = self.linted(self.paths())
        else:
            from dflint.cli.kept_outcomes import with_kept

            found = with_kept(self.paths(), self.kept, self.linted)
        for outcome in found:
            for error in outcome.errors:
                self.trouble(error)
            if outcome.problem and outcome.problem not in self._problems:
                self._problems.add(outcome.problem)
                complain(outcome.problem)
            yield outcome

    def kept(self, path: str) -> FileOutcome | None:
        """The outcome of an earlier run, if it still holds."""
        assert self.cache is not None
        try:
            configuration = self.configurations.of_file(path)
        except ConfigurationError:
            return None
        return self.cache.find(path, configuration) if configuration["cache"] else None

    def linted(self, paths: Iterable[str]) -> Iterator[FileOutcome]:
        from dflint.cli.workers import outcomes

        return outcomes(self.linter, paths, self.given.jobs)

    def standard_input(self) -> FileOutcome:
        from dflint import files

        path = self.given.stdin_filename or STANDARD_INPUT
        text = files.decoded(sys.stdin.buffer.read())
        outcome = self.linter.text(path, text)
        if self.options.fix and not self.given.diff:
            sys.stdout.flush()
            sys.stdout.buffer.write(files.encoded(text if outcome.new_text is None else outcome.new_text))
            sys.stdout.buffer.flush()
        return outcome

    def paths(self) -> Iterator[str]:
        """The files to lint: those named, those that searching the named folders finds, and their ignore files."""
        seen: set[str] = set()
        for path in self.dockerfiles(seen):
            yield path
            ignore_file = self.ignore_file_of(path)
            if ignore_file is not None and (place := _place(ignore_file)) not in seen:
                seen.add(place)
                yield ignore_file

    def ignore_file_of(self, path: str) -> str | None:
        """The ignore file that counts for a Dockerfile."""
        if path.endswith(".dockerignore"):
            return None
        found = f"{path}.dockerignore"
        if not os.path.isfile(found):
            try:
                root = self.options.context or self.configurations.of_file(path).context or os.path.dirname(path)
            except ConfigurationError:  # told when the file is linted
                return None
            found = os.path.join(root, ".dockerignore")
            if not os.path.isfile(found):
                return None
        return None if self.is_excluded(found, False) else found

    def dockerfiles(self, seen: set[str]) -> Iterator[str]:
        """The files that are named or found; ``seen`` are the places of those so far."""
        for path in self.given.paths or ["."]:
            if os.path.isdir(path):
                from dflint.discovery.search import Unsearchable, search

                for found in search(path, self.is_excluded):
                    if isinstance(found, Unsearchable):
                        self.trouble(InternalError(found.path, f"cannot be searched: {found.reason}"))
                    elif (place := _place(found)) not in seen:
                        seen.add(place)
                        yield found
            elif (place := _place(path)) in seen:
                continue
            elif not os.path.lexists(path):
                hint = f" (`dflint {path}` is a command; it must come first)" if path in COMMANDS else ""
                self.trouble(InternalError(path, f"no such file or folder{hint}"))
            else:
                seen.add(place)
                yield path

    def is_excluded(self, path: str, is_folder: bool) -> bool:
        if self.given.exclude:
            if not hasattr(self, "_excluded"):
                from dflint.discovery.gitignore import IgnorePatterns

                self._excluded = IgnorePatterns(self.given.exclude)
            relative = os.path.relpath(path).replace(os.sep, "/")
            if self._excluded.verdict(relative, is_folder):
                return True
        try:
            return self.configurations.of_file(path).excludes(path, is_folder)
        except ConfigurationError:
            return False  # told when a file is linted

    def trouble(self, error: InternalError) -> None:
        self.errors.append(error)
        key = (error.rule, error.message)
        if error.rule is None or key not in self._told:
            complain(str(error))
        self._told[key] = self._told.get(key, 0) + 1

    def tell_configuration(self) -> None:
        """Say that settings come from hadolint's file, which nobody asked dflint to read."""
        if self.given.quiet:
            return
        for path in self.given.paths:
            try:  # worker processes find configurations on their own; in folders this process has searched
                if not os.path.isdir(path):
                    self.configurations.of_file(path)
            except ConfigurationError:
                continue  # told when the file was linted
        used = self.configurations.hadolint_files
        if used:
            more = f" and {len(used) - 1} more" if len(used) > 1 else ""
            complain(f"using {used[0]}{more}, as there is no dflint.toml (`dflint migrate` makes one)")

    def tell_repetitions(self) -> None:
        """Of a rule that failed in many files the first was told; tell how many others there are."""
        for (rule, _), count in self._told.items():
            if rule is not None and count > 1:
                complain(f"rule {rule}: the same in {count - 1} more file{'' if count == 2 else 's'}")


def _place(path: str) -> str:
    """The same for all names of a file that lead through the same folders; links to files stay what they are."""
    if ".." not in path:
        return os.path.abspath(path)
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


class _Remembered:
    """Configurations that earlier runs have read."""

    def __init__(self, cache: ResultCache, registry: Registry) -> None:
        self._registry = registry
        self._cache = cache
        self.configuration = cache.configuration

    def keep_configuration(self, text: str, read: Configuration) -> None:
        self._cache.keep_configuration(text, read, self._registry)
