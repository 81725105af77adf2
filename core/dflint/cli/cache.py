"""``dflint cache``: how often each step would have run, by what the git history says about the build context."""

# ruff: noqa: PTH112, PTH123
from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from dflint import files
from dflint.buildcache.steps import PlanError
from dflint.buildcache.study import Setup, study, study_classes
from dflint.buildcache.timings import TimingsError, read_timings
from dflint.cli import CLEAN, FINDINGS, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.cache_data import Advice, Manifests, Report, Saving, as_json, line_of
from dflint.cli.cache_text import Table
from dflint.cli.output import columns, standard, wants_color
from dflint.context import BuildContext
from dflint.history import HistoryError, read_history
from dflint.history.log import COMMITS, path_in_repository
from dflint.history.store import default_folder
from dflint.model import Model
from dflint.syntax import parse
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.buildcache.study import StepStudy, Study
    from dflint.findings import Fix
    from dflint.history import History
    from dflint.linter.engine import LintResult, RuleSet

ADVISORS = ("cache-busting-copy",)
"""The rules whose fixes are tried."""

DESCRIPTION = """\
Tell how often each step of a Dockerfile would have run again instead of coming from the build cache, had every one of
the last commits been built in turn by a builder that forgets nothing. What counts is what BuildKit looks at: contents
and modes of the files that a step copies or mounts and that the ignore file sends, build arguments, the steps above.
The Dockerfile as it is now is applied to all past contexts. The git history is read; nothing is built or run."""


def run(arguments: list[str]) -> int:
    """Study a Dockerfile and write what was found out."""
    given = _parser().parse_args(arguments)
    path = given.file or next(filter(os.path.isfile, ("Dockerfile", "Containerfile")), None)
    if path is None:
        complain("no Dockerfile in this folder")
        return TROUBLE
    try:
        text = files.read(path)
        setup = _setup(given, path)
        report = _report(given, setup, text)
    except OSError as error:
        complain(f"{error.filename or path}: {error.strerror or error}")
        return TROUBLE
    except (PlanError, TimingsError) as error:
        complain(f"{given.timings if isinstance(error, TimingsError) else path}: {error}")
        return TROUBLE
    if given.diff or given.fix:
        return _fix(given, setup, text, report)
    _write(given, report)
    return CLEAN


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="dflint cache", description=DESCRIPTION, formatter_class=help_formatter)
    parser.add_argument("file", nargs="?", metavar="FILE", help="the Dockerfile (default: Dockerfile in this folder)")
    parser.add_argument("--context", metavar="DIR", help="the build context (default: as configured, or FILE's folder)")
    parser.add_argument("--target", metavar="STAGE", help="the stage that is built (default: the last one)")
    parser.add_argument(
        "--build-arg", action="append", default=[], metavar="K=V", type=_pair, help="a build argument of all builds"
    )
    parser.add_argument(
        "--commits",
        type=_number,
        default=COMMITS,
        metavar="N",
        help=f"how many commits to look at (default: {COMMITS})",
    )
    parser.add_argument(
        "--past-dockerfiles",
        action="store_true",
        help="build each commit with the Dockerfile it has, to tell what was really built",
    )
    parser.add_argument(
        "--timings",
        metavar="FILE",
        help="how long steps take: what docker buildx build --progress=rawjson wrote; - for standard input",
    )
    parser.add_argument("--format", choices=("text", "json", "html"), default="text")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    parser.add_argument("--diff", action="store_true", help="show what the fixes would change, and write nothing else")
    parser.add_argument("--fix", action="store_true", help="write the fixes that save something to the Dockerfile")
    parser.add_argument("--unsafe-fixes", action="store_true", help="with --diff and --fix also those that need a look")
    parser.add_argument("--no-cache", action="store_true", help="keep nothing of the history for the next time")
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name:
        raise ArgumentTypeError("a build argument has a name")
    return name, value if equals else os.environ.get(name, "")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 100_000:
        raise ArgumentTypeError("a number from 1 to 100000")
    return int(text)


def _setup(given: Namespace, path: str) -> Setup:
    root = given.context or _configured_context(path)
    shown = path.replace(os.sep, "/")
    context = BuildContext.for_dockerfile(shown, root=root.replace(os.sep, "/") if root else None)
    if not os.path.isdir(context.root):
        raise NotADirectoryError(20, "is no folder", context.root)
    return Setup(shown, context, given.target, dict(given.build_arg), given.past_dockerfiles)


def _configured_context(path: str) -> str | None:
    from dflint.config import ConfigurationError, ConfigurationFinder
    from dflint.linter.registry import registry

    try:
        return ConfigurationFinder(registry()).of_file(path).context
    except ConfigurationError as error:
        for problem in error.problems:
            complain(str(problem))
        return None


def _report(given: Namespace, setup: Setup, text: str) -> Report:
    """Raises OSError, PlanError, TimingsError."""
    seconds = _timings(given.timings) if given.timings else None
    try:
        history = _history(given, setup)
    except HistoryError as error:
        sources, manifests = study_classes(setup, text)
        return Report(setup.path, sources, None, str(error), manifests, seconds=seconds)
    own = path_in_repository(history, setup.context.root, setup.path)
    found = study(setup, text, history, own)
    return Report(
        setup.path,
        found,
        history,
        past_dockerfiles=setup.past_dockerfiles,
        seconds=seconds,
        manifests=_manifests(found, history),
        advice=() if setup.past_dockerfiles else tuple(_advice(setup, text, found, history, own)),
    )


def _history(given: Namespace, setup: Setup) -> History:
    store = None if given.no_cache else default_folder()
    watched = [setup.path, f"{setup.path}.dockerignore"]
    history = read_history(setup.context.root, given.commits, watched, store)
    if not history.files and not any(commit.changes for commit in history.commits):
        raise HistoryError("no file of the context is in git")
    if not history.commits:
        raise HistoryError("there is but one commit" + (", the clone is shallow" if history.is_shallow else ""))
    return history


def _timings(path: str) -> Mapping[tuple[str, int], float]:
    if path == "-":
        return read_timings(files.decoded(sys.stdin.buffer.read()).splitlines())
    with open(path, encoding="utf-8", errors="replace") as file:
        return read_timings(file)


# What a RUN installs from

_ECOSYSTEMS = {"mvn": "maven", "bundle": "bundler"}


def _manifests(found: Study, history: History) -> dict[int, Manifests]:
    made = {}
    tracked: set[str] | None = None
    for number, step_study in enumerate(found.steps):
        instruction = step_study.step.instruction
        if not isinstance(instruction, Run) or not step_study.ran + step_study.maybe:
            continue
        if tracked is None:
            tracked = set(history.files) | {c.path for commit in history.commits for c in commit.changes if c.file}
        paths = _paths_installed_from(found.plan.model, instruction, tracked)
        if paths:
            wanted = frozenset(paths)
            made[number] = Manifests(paths, history.changed(wanted.__contains__))
    return made


def _paths_installed_from(model: Model, run: Run, tracked: set[str]) -> tuple[str, ...]:
    """The tracked manifests and lock files of the ecosystems that a RUN installs by: those nearest to the top."""
    from fnmatch import fnmatchcase

    from dflint.context.manifests import BY_NAME
    from dflint.packages import parse_package_command

    patterns: list[str] = []
    for command in model.commands_of(run):
        package = parse_package_command(command)
        if package is None or package.action not in ("install", "restore", "build", "publish") or package.packages:
            continue
        ecosystem = BY_NAME.get(_ECOSYSTEMS.get(package.manager, package.manager))
        if package.requirement_files:
            patterns += [word.value.rpartition("/")[2] for word in package.requirement_files if word.value]
        elif ecosystem is not None and ecosystem.name != "pip":
            patterns += (*ecosystem.manifests, *ecosystem.locks)
    fitting = [path for path in tracked if any(fnmatchcase(path.rpartition("/")[2], p) for p in patterns)]
    depth = min((path.count("/") for path in fitting), default=0)
    return tuple(sorted(path for path in fitting if path.count("/") == depth))


# What another order would save


class _Advisor:
    """The rules that know another order."""

    def __init__(self, setup: Setup) -> None:
        from dflint.config import Configuration
        from dflint.linter.registry import Layer, registry

        self._setup = setup
        layer = Layer(select=ADVISORS)
        self._rules: RuleSet = Configuration().rule_set(registry(), setup.path, layer)

    def lint(self, text: str) -> LintResult:
        from dflint.linter.engine import lint

        return lint(Model(parse(text), self._setup.context, self._setup.path, target=self._setup.target), self._rules)


def _advice(setup: Setup, text: str, found: Study, history: History, own: str) -> list[Advice]:
    advice = []
    for finding in _Advisor(setup).lint(text).findings:
        fix = finding.fix
        if fix is None or fix.applicability == "manual":
            continue
        new_text = _applied(text, fix)
        try:
            after = study(setup, new_text, history, own)
        except PlanError:
            continue
        savings = _savings(found, after)
        if savings:
            line = parse(text).source.line_of(finding.start)
            advice.append(Advice(finding.rule, fix.title, line, fix.applicability, savings, new_text))
    return advice


def _applied(text: str, fix: Fix) -> str:
    from dflint.linter.fixer import apply_edits

    newline = parse(text).source.newline
    edits = (
        fix.edits if newline == "\n" else [edit._replace(text=edit.text.replace("\n", newline)) for edit in fix.edits]
    )
    return apply_edits(text, edits)


def _savings(before: Study, after: Study) -> tuple[Saving, ...]:
    """The steps of both files that run in a smaller share of the builds afterwards; those with the most first."""
    later: dict[tuple[int, str], StepStudy] = {(s.step.stage, s.step.text): s for s in after.steps}
    savings = []
    for found in before.steps:
        other = later.get((found.step.stage, found.step.text))
        if other is None or not after.compared or not before.compared:
            continue
        old, new = found.ran + found.maybe, other.ran + other.maybe
        if old / before.compared > new / after.compared:
            savings.append(Saving(found.step.text, line_of(found.step), old, new, after.compared))
    return tuple(sorted(savings, key=lambda saving: saving.after - saving.before))


def _fix(given: Namespace, setup: Setup, text: str, report: Report) -> int:
    """Apply the fixes that save something; the exit code is 1 if ``--diff`` shows a change."""
    from dflint.cli.diff import unified_diff

    chosen = [a for a in report.advice if a.applicability == "safe" or given.unsafe_fixes]
    if not chosen:
        complain(f"{setup.path}: no fix" + ("; see --unsafe-fixes" if report.advice else " that would save something"))
        return CLEAN
    new_text = text
    for advice in chosen:
        # One after the other: each on what the one before has made of the file.
        finding = next(
            (f for f in _Advisor(setup).lint(new_text).findings if f.fix and f.fix.title == advice.title), None
        )
        if finding is not None and finding.fix is not None:
            new_text = _applied(new_text, finding.fix)
    output = standard(sys.stdout, for_people=True, errors="surrogateescape" if given.diff else "backslashreplace")
    if given.diff:
        output.write(unified_diff(setup.path, text, new_text, wants_color(given.color, sys.stdout)))
        output.flush()
        return FINDINGS
    try:
        files.replace(given.file or setup.path, new_text, text)
    except OSError as error:
        complain(f"{setup.path}: cannot write: {error.strerror or error}")
        return TROUBLE
    for line in Table(report._replace(advice=tuple(chosen)), columns(sys.stdout), False, _has_blocks()).advice_lines():
        output.write(line + "\n")
    output.flush()
    return CLEAN


# Writing


def _write(given: Namespace, report: Report) -> None:
    output = standard(sys.stdout, for_people=given.format == "text")
    if given.format == "json":
        from json import dumps

        output.write(dumps(as_json(report), indent=2) + "\n")
    elif given.format == "html":
        from dflint.cli.cache_page import page

        output.write(page(report))
    else:
        color = wants_color(given.color, sys.stdout)
        for line in Table(report, columns(sys.stdout), color, _has_blocks()).lines():
            output.write(line + "\n")
    output.flush()


def _has_blocks() -> bool:
    """Whether the terminal's encoding has the characters that bars are made of."""
    try:
        "█▏░".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
