"""``dflint verify ORIGINAL REWRITE``: whether a rewritten Dockerfile builds and behaves the same, with evidence."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint.build import (
    BuildOptions,
    EngineError,
    Recipe,
    Session,
    Terminated,
    driver_for,
    find_engine,
    read_recipe,
    signals_raise,
    verify,
)
from dflint.cli import CLEAN, FINDINGS, INTERRUPTED, TROUBLE, complain, kept_verdicts
from dflint.cli.arguments import help_formatter
from dflint.cli.build_options import (
    add_build_options,
    add_engine_options,
    add_reuse_option,
    add_run_options,
    count,
    level,
    verify_options,
)
from dflint.cli.output import standard
from dflint.cli.verify_report import as_json, as_text
from dflint.context import BuildContext
from dflint.files import decoded
from dflint.model import Model
from dflint.syntax import parse
from dflint.verify import Level, Verdict, compare_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.build import Verification, VerifyOptions
    from dflint.build.verification import Driver

LEVELS = "\n".join(f"  {int(level)}  {level.title}" for level in Level)


def run(arguments: list[str]) -> int:
    """Verify, report, and give the exit code: 0 if the level that is asked for is reached."""
    given = parser().parse_args(arguments)
    try:
        with signals_raise():
            return _run(given)
    except EngineError as error:
        complain(str(error))
        return TROUBLE
    except OSError as error:
        complain(f"{error.filename or given.rewrite}: {error.strerror or error}")
        return TROUBLE
    except Terminated as error:
        complain("ended by a signal; nothing of this run is left in the engine, and no file was changed")
        return 128 + error.signal
    except KeyboardInterrupt:
        complain("interrupted; nothing of this run is left in the engine, and no file was changed")
        return INTERRUPTED


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint verify",
        description="Build a Dockerfile and a rewrite of it, and say how far they are shown to be the same:\n" + LEVELS,
        epilog="exit codes: 0 the level is reached; 1 it is not; 2 no engine, or something went wrong with it",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("original", metavar="ORIGINAL", help="the Dockerfile as it was")
    made.add_argument("rewrite", metavar="REWRITE", help="the Dockerfile that is to do the same; - for standard input")
    made.add_argument("--level", type=level, default=3, metavar="N", help="the level to reach (default: 3)")
    made.add_argument("--format", choices=("text", "json"), default="text")
    made.add_argument(
        "--progress", choices=("auto", "plain", "none"), default="auto",
        help="on standard error: what is being done, on a terminal (auto); also each line of the builds (plain)",
    )  # fmt: skip
    add_reuse_option(made)
    add_engine_options(made)
    add_build_options(made)
    add_run_options(made)
    more = made.add_argument_group("Evidence")
    control = more.add_mutually_exclusive_group()
    control.add_argument(
        "--control", dest="control", action="store_const", const="always", default="auto",
        help="build the original again without cache, to know what any two builds differ in (default: if it may help)",
    )  # fmt: skip
    control.add_argument("--no-control", dest="control", action="store_const", const="never", help="do not")
    more.add_argument(
        "--measure", action="store_true", help="measure builds, cold and after edits, in a copy of the context"
    )
    more.add_argument("--repeat", type=count, default=3, metavar="N", help="builds of each kind to measure (3)")
    return made


def _run(given: Any) -> int:
    original = read_recipe(given.original)
    rewrite = _rewrite(given.rewrite, original)
    options = verify_options(given, given.original)
    redactor = options.build.redactor()
    if given.engine == "none":
        verdict = _static(given, options.build, (original, rewrite), "no engine was asked for")
        return _report(given, verdict, None, "none", redactor.text)
    try:
        engine = find_engine(given.engine, given.builder)
    except EngineError as error:
        verdict = _static(given, options.build, (original, rewrite), str(error))
        _report(given, verdict, None, "none", redactor.text)
        complain(str(error))
        return TROUBLE
    told = _teller(given.progress)
    key = None
    with Session(engine.program) as session:
        on_line = told if given.progress == "plain" else None
        driver = driver_for(engine, session, on_line)
        if given.reuse:
            key = _key(given, driver, (original, rewrite), options)
            kept = kept_verdicts.get(key) if key else None
            if kept is not None:
                return _again(given, kept)
        found = verify(driver, original, rewrite, options, told)
    for name in session.left:
        complain(f"could not be removed from the engine: {name}")
    return _report(given, found.verdict, found, engine.description, redactor.text, key)


def _key(given: Any, driver: Driver, recipes: tuple[Recipe, Recipe], options: VerifyOptions) -> str | None:
    context = BuildContext.for_dockerfile(given.original, root=options.build.context)
    form = {"level": given.level, "format": given.format, "names": f"{given.original} {given.rewrite}"}
    return kept_verdicts.key_of(driver, recipes, context, options, form)


def _again(given: Any, kept: kept_verdicts.KeptReport) -> int:
    """Print what an earlier run found out about the very same."""
    output = standard(sys.stdout, for_people=given.format == "text")
    output.write(kept.report)
    if given.format == "text":
        output.write(f"Shown on {kept.made} for the same files, base images and engine; --no-reuse builds again.\n")
    output.flush()
    return CLEAN if kept.level >= given.level else FINDINGS


def _report(
    given: Any,
    verdict: Verdict,
    found: Verification | None,
    engine: str,
    redact: Callable[[str], str],
    key: str | None = None,
) -> int:
    output = standard(sys.stdout, for_people=given.format == "text")
    report = as_json if given.format == "json" else as_text
    text = report(verdict, found, engine, Level(given.level), redact)
    output.write(text)
    output.flush()
    if key is not None and verdict.level > Level.NOT_BUILT:
        kept_verdicts.put(key, int(verdict.level), text)
    return CLEAN if verdict.level >= given.level else FINDINGS


def _rewrite(path: str, original: Recipe) -> Recipe:
    """The rewrite in the original's place: it has its name and, unless it has one itself, its ignore file."""
    if path == "-":
        return original._replace(text=decoded(sys.stdin.buffer.read()))
    recipe = read_recipe(path)
    return recipe._replace(ignore=original.ignore) if recipe.ignore is None else recipe


def _static(given: Any, options: BuildOptions, recipes: tuple[Recipe, Recipe], reason: str) -> Verdict:
    """What can be said without building, and why nothing was built."""
    models = [
        Model(
            parse(recipe.text),
            BuildContext.for_dockerfile(given.original, root=options.context),
            recipe.name,
            named_contexts=[value.partition("=")[0] for value in options.build_contexts],
            target=options.target,
            build_args=options.arguments(),
        )
        for recipe in recipes
    ]
    verdict = compare_models(models[0], models[1])
    return verdict._replace(notes=(f"not built: {reason}", *verdict.notes))


def _teller(progress: str) -> Callable[[str], None]:
    if progress == "none" or (progress == "auto" and not sys.stderr.isatty()):
        return lambda text: None

    def tell(text: str) -> None:
        sys.stderr.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stderr.flush()

    return tell
