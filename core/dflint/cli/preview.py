"""``dflint preview [Dockerfile]``: the original and its optimized form, built side by side and compared."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from functools import partial
from typing import TYPE_CHECKING, Any

from dflint import files
from dflint.build import (
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
from dflint.cli import CLEAN, FINDINGS, INTERRUPTED, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.build_options import (
    add_build_options,
    add_engine_options,
    add_run_options,
    count,
    level,
    verify_options,
)
from dflint.cli.output import standard
from dflint.cli.preview_page import page
from dflint.cli.preview_progress import Board
from dflint.cli.verify_report import as_json, as_text
from dflint.optimizer.rewrite import LEVELS
from dflint.record import NamedTuple
from dflint.verify import Level

if TYPE_CHECKING:
    from dflint.build import Verification, VerifyOptions
    from dflint.build.engines import Engine
    from dflint.context import BuildContext


class Preview(NamedTuple):
    """What there is to show."""

    path: str
    original: str
    rewrite: str
    changes: tuple[str, ...]
    """Title and reason of each change, and what was not done."""
    found: Verification
    engine: str


def run(arguments: list[str]) -> int:
    """Build both, compare, report, and give the exit code: 0 if the level that is asked for is reached."""
    given = parser().parse_args(arguments)
    try:
        with signals_raise():
            return _run(given)
    except EngineError as error:
        complain(str(error))
        return TROUBLE
    except OSError as error:
        complain(f"{error.filename or given.file}: {error.strerror or error}")
        return TROUBLE
    except Terminated as error:
        complain("ended by a signal; nothing of this run is left in the engine, and no file was changed")
        return 128 + error.signal
    except KeyboardInterrupt:
        complain("interrupted; nothing of this run is left in the engine, and no file was changed")
        return INTERRUPTED


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint preview",
        description="Build a Dockerfile and its optimized form side by side, and show what the rewrite brings:\n"
        "sizes, layers, times of rebuilds, and how far both are shown to be the same. No file is changed.",
        epilog="exit codes: 0 the level is reached, or there is nothing to improve; 1 it is not; 2 no engine, or\n"
        "something went wrong with it",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("file", nargs="?", default="Dockerfile", metavar="FILE")
    made.add_argument("--rewrite", metavar="FILE", help="compare with this file, in place of what the optimizer makes")
    made.add_argument("--optimize", choices=LEVELS, default="multi-stage", help="how far the optimizer may go")
    made.add_argument("--level", type=level, default=3, metavar="N", help="the level of sameness to reach (default: 3)")
    made.add_argument("--html", metavar="FILE", help="write the report as a page of its own, which loads nothing")
    made.add_argument("--json", dest="format", action="store_const", const="json", default="text")
    made.add_argument("--no-measure", dest="measure", action="store_false", help="do not time rebuilds")
    made.add_argument("--repeat", type=count, default=1, metavar="N", help="builds of each kind to time (1)")
    add_engine_options(made)
    add_build_options(made)
    add_run_options(made)
    made.set_defaults(control="auto")
    return made


def _run(given: Any) -> int:
    original = read_recipe(given.file)
    options = verify_options(given, given.file)
    rewrite, changes = _rewrite(given, original)
    if rewrite.text == original.text:
        output = standard(sys.stdout, for_people=True)
        output.write("".join(f"{line}\n" for line in ("nothing to improve", *changes)))
        output.flush()
        return CLEAN
    engine = find_engine(given.engine, given.builder)
    found = _built(engine, (original, rewrite), options)
    preview = Preview(given.file, original.text, rewrite.text, changes, found, engine.description)
    _report(given, preview, options)
    return CLEAN if found.verdict.level >= given.level else FINDINGS


def _rewrite(given: Any, original: Recipe) -> tuple[Recipe, tuple[str, ...]]:
    if given.rewrite:
        return original._replace(text=files.read(given.rewrite)), (f"the rewrite is {given.rewrite}",)
    from dflint.optimizer import Settings, optimize

    settings = Settings(given.optimize, given.file.replace(os.sep, "/"), (), given.target)
    rewrite = optimize(original.text, _context(given), settings)
    changes = tuple(f"{change.title}: {change.reason}" for change in rewrite.changes)
    refusals = tuple(f"not done, {refusal.title}: {refusal.reason}" for refusal in rewrite.refusals)
    return original._replace(text=rewrite.text), (*changes, *refusals)


def _context(given: Any) -> BuildContext:
    from dflint.context import BuildContext, DiskFileSystem, RememberingFileSystem

    disk = RememberingFileSystem(DiskFileSystem())
    return BuildContext.for_dockerfile(given.file.replace(os.sep, "/"), disk, given.context)


def _built(engine: Engine, recipes: tuple[Recipe, Recipe], options: VerifyOptions) -> Verification:
    """Build both at the same time, in sight, and compare what the engine then has."""
    names = ("original", "rewrite")
    with Session(engine.program) as session, Board(names, sys.stderr) as board:
        drivers = [driver_for(engine, session, board.teller(name)) for name in names]
        # As tasks of the session: they end with it, whatever ends it.
        tasks = [
            session.beside(partial(driver.build, f"side-{name}", recipe, options.build))
            for name, driver, recipe in zip(names, drivers, recipes, strict=True)
        ]
        for name, task in zip(names, tasks, strict=True):
            result = task.result()
            board.done(name, result.failure.message if result.failure else f"built in {result.seconds:.1f} s")
        return verify(driver_for(engine, session), recipes[0], recipes[1], options, board.say)


def _report(given: Any, preview: Preview, options: VerifyOptions) -> None:
    redact = options.build.redactor().text
    if given.html:
        text = page(preview, redact)
        if os.path.exists(given.html):  # noqa: PTH110
            files.replace(given.html, text, files.read(given.html))
        else:
            files.create(given.html, text)
    output = standard(sys.stdout, for_people=given.format == "text")
    wanted = Level(given.level)
    if given.format == "json":
        output.write(as_json(preview.found.verdict, preview.found, preview.engine, wanted, redact))
    else:
        output.write("".join(f"{redact(line)}\n" for line in preview.changes) + "\n")
        output.write("".join(f"{line}\n" for line in _bars(preview.found)))
        output.write(as_text(preview.found.verdict, preview.found, preview.engine, wanted, redact))
    output.flush()


BAR = 40


def _bars(found: Verification) -> list[str]:
    """Sizes and rebuilds as bars of one scale each."""
    lines = []
    if found.sizes is not None:
        lines += _pair("size", found.sizes[0].files / 1e6, found.sizes[1].files / 1e6, "MB")
    if found.measures:
        theirs = {rebuild.edit: rebuild for rebuild in found.measures[1].rebuilds}
        for rebuild in found.measures[0].rebuilds:
            if rebuild.edit in theirs:
                name = rebuild.edit if rebuild.edit in ("cold", "nothing") else f"{rebuild.edit} edited"
                lines += _pair(name, rebuild.wall.median, theirs[rebuild.edit].wall.median, "s")
    return [*lines, ""] if lines else []


def _pair(name: str, before: float, after: float, unit: str) -> list[str]:
    most = max(before, after) or 1.0
    rows = (("original", before), ("rewrite", after))
    return [name, *(f"  {who:<9}{'#' * round(BAR * value / most):<{BAR}} {value:.1f} {unit}" for who, value in rows)]
