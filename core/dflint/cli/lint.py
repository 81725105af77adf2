"""``dflint [lint] [PATHS]``: lint and fix Dockerfiles."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH109, PTH112, PTH123
from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from dflint.cli import CLEAN, COMMANDS, FINDINGS, TROUBLE, complain
from dflint.cli.file_linter import STANDARD_INPUT, FileLinter, LintOptions
from dflint.cli.output import Output, columns, standard, wants_color
from dflint.config import ConfigurationError
from dflint.config.settings import FAIL_LEVELS, FORMATS
from dflint.discovery.search import Unsearchable, search
from dflint.linter.engine import InternalError
from dflint.linter.registry import Layer, UnknownSelectorError
from dflint.record import NamedTuple
from dflint.report import report
from dflint.report.base import Options

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable, Iterator

    from dflint.report.base import FileOutcome

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
    described = {RULES: "SELECTORS: rule names, codes, categories, all, hadolint, buildkit; separated by commas"}
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
    try:
        linter = FileLinter(lint_options(given))
        linter.registry.selected([linter.options.layer])  # a wrong selector is told before any file is read
        format_name = given.format or _configured_format(linter)
    except UnknownSelectorError as error:
        complain(str(error))
        return TROUBLE
    except ConfigurationError as error:
        for problem in error.problems:
            complain(str(problem))
        return TROUBLE
    if given.statistics and format_name not in FOR_PEOPLE:
        _refuse("--statistics goes with --format text or concise")
    return _Run(given, linter, format_name).run()


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
    )


def _listed(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def _check(given: Any) -> None:
    if "-" in given.paths and len(given.paths) > 1:
        _refuse("- (standard input) must be the only path")
    if given.stdin_filename is not None and given.paths != ["-"]:
        _refuse("--stdin-filename goes with - as the path")
    if given.config is not None and given.no_config:
        _refuse("--config and --no-config exclude each other")
    if given.context is not None and not os.path.isdir(given.context):
        _refuse(f"--context: not a folder: {given.context}")


def _refuse(message: str) -> NoReturn:
    parser().error(message)


def _configured_format(linter: FileLinter) -> str:
    try:
        name: str = linter.configurations.of_folder(os.getcwd())["format"]
    except ConfigurationError:
        return "text"  # told with the files that it holds for
    return name


class _Run:
    """One call of ``dflint lint``."""

    def __init__(self, given: Any, linter: FileLinter, format_name: str) -> None:
        self.given = given
        self.linter = linter
        self.format_name = format_name
        self.is_stdin = given.paths == ["-"]
        self.fails = False
        self.errors: list[InternalError] = []
        self._told: dict[tuple[str | None, str], int] = {}

    def run(self) -> int:
        if self.given.diff:
            self.show_diff()
        elif self.given.output_file is not None:
            try:
                with open(self.given.output_file, "wb") as file:
                    self.report_to(Output(file), sys.stdout, is_terminal=False)
            except OSError as error:
                complain(f"{self.given.output_file}: {error.strerror or error}")
                return TROUBLE
        else:
            # With the fixed text on standard output, what is said about it goes to standard error.
            stream = sys.stderr if self.is_stdin and self.linter.options.fix else sys.stdout
            self.report_to(standard(stream, self.format_name in FOR_PEOPLE), stream, is_terminal=True)
        self.tell_repetitions()
        return TROUBLE if self.errors else FINDINGS if self.fails else CLEAN

    def report_to(self, output: Output, stream: Any, is_terminal: bool) -> None:
        options = Options(
            color=wants_color(self.given.color, stream) and (is_terminal or self.given.color == "always"),
            width=columns(stream) if is_terminal else 120,
            quiet=self.given.quiet,
            statistics=self.given.statistics,
        )
        made = report(self.format_name, output.write, self.linter.registry, options)
        made.begin()
        for outcome in self.outcomes():
            self.fails = self.fails or outcome.fails
            made.add(outcome)
        made.end(self.errors)
        output.flush()

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
        for name, reason in self.linter.registry.broken.items():
            self.trouble(InternalError("", f"cannot be loaded: {reason}", name))
        if self.is_stdin:
            found: Iterable[FileOutcome] = [self.standard_input()]
        else:
            from dflint.cli.workers import outcomes

            found = outcomes(self.linter, self.paths(), self.given.jobs)
        for outcome in found:
            for error in outcome.errors:
                self.trouble(error)
            yield outcome

    def standard_input(self) -> FileOutcome:
        from dflint import files

        path = self.given.stdin_filename or STANDARD_INPUT
        text = files.decoded(sys.stdin.buffer.read())
        outcome = self.linter.text(path, text)
        if self.linter.options.fix and not self.given.diff:
            sys.stdout.flush()
            sys.stdout.buffer.write(files.encoded(text if outcome.new_text is None else outcome.new_text))
            sys.stdout.buffer.flush()
        return outcome

    def paths(self) -> Iterator[str]:
        """The files to lint: those named, and those that searching the named folders finds."""
        seen: set[str] = set()
        for path in self.given.paths or ["."]:
            if os.path.isdir(path):
                for found in search(path, self.is_excluded):
                    if isinstance(found, Unsearchable):
                        self.trouble(InternalError(found.path, f"cannot be searched: {found.reason}"))
                    elif found not in seen:
                        seen.add(found)
                        yield found
            elif path in seen:
                continue
            elif not os.path.lexists(path):
                hint = f" (`dflint {path}` is a command; it must come first)" if path in COMMANDS else ""
                self.trouble(InternalError(path, f"no such file or folder{hint}"))
            else:
                seen.add(path)
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
            return self.linter.configurations.of_file(path).excludes(path, is_folder)
        except ConfigurationError:
            return False  # told when a file is linted

    def trouble(self, error: InternalError) -> None:
        self.errors.append(error)
        key = (error.rule, error.message)
        if error.rule is None or key not in self._told:
            complain(str(error))
        self._told[key] = self._told.get(key, 0) + 1

    def tell_repetitions(self) -> None:
        """Of a rule that failed in many files the first was told; tell how many others there are."""
        for (rule, _), count in self._told.items():
            if rule is not None and count > 1:
                complain(f"rule {rule}: the same in {count - 1} more file{'' if count == 2 else 's'}")
