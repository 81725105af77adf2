"""``dflint optimize [Dockerfile]``: a better Dockerfile for the same image."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint import files
from dflint.cli import CLEAN, FINDINGS, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.build_options import add_build_options, add_engine_options, add_run_options, level
from dflint.cli.optimize_report import as_json, as_text, explanation
from dflint.cli.output import standard, wants_color
from dflint.optimizer.rewrite import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.context import BuildContext
    from dflint.optimizer import Rewrite, Settings


class _ImpossibleError(Exception):
    """Why nothing can be proposed."""


def run(arguments: list[str]) -> int:
    """Propose, write or verify a rewrite, and give the exit code."""
    given = parser().parse_args(arguments)
    try:
        return _run(given)
    except _ImpossibleError as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename or given.file}: {error.strerror or error}")
    return TROUBLE


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint optimize",
        description="Rewrite a Dockerfile so that its image is smaller and builds faster, and does the same.\n\n"
        "Without options the rewrite is shown as a diff, with a reason for each change and for what was not done.\n"
        "Nothing is executed and nothing goes to the network, unless --verify asks for builds.",
        epilog="exit codes: 0 nothing to improve, or shown or written; 1 --check found something to improve, or the\n"
        "verdict of --verify is too low and nothing was written; 2 it could not be done",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("file", nargs="?", default="Dockerfile", metavar="FILE", help="- for standard input")
    made.add_argument(
        "--level", choices=LEVELS, default="multi-stage",
        help="safe: the image stays the same but for caches; multi-stage: builds get a stage of their own, the final\n"
        "image keeps distribution and release (default); aggressive: another base as well",
    )  # fmt: skip
    made.add_argument("--only", action="append", default=[], metavar="PASS", help="run this pass alone; repeatable")
    made.add_argument("--skip", action="append", default=[], metavar="PASS", help="leave this pass out; repeatable")
    mode = made.add_mutually_exclusive_group()
    mode.add_argument("--write", "-w", action="store_true", help="put the rewrite in the place of FILE")
    mode.add_argument("--output", "-o", metavar="FILE", help="write the rewrite to another file; - for standard output")
    mode.add_argument("--check", action="store_true", help="say only whether there is something to improve")
    made.add_argument("--explain", action="store_true", help="say what each pass does")
    made.add_argument("--json", dest="format", action="store_const", const="json", default="text")
    made.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    made.add_argument(
        "--verify", type=level, nargs="?", const=3, metavar="N",
        help="build the original and the rewrite, and give only a rewrite that is shown to be the same up to level N\n"
        "(default: 3, same configuration and the same in a smoke run; dflint verify --help has the levels)",
    )  # fmt: skip
    add_engine_options(made)
    add_build_options(made)
    add_run_options(made)
    made.set_defaults(control="auto", measure=False, repeat=0)
    return made


def _run(given: Any) -> int:
    if given.explain:
        output = standard(sys.stdout, for_people=True)
        output.write(explanation())
        output.flush()
        return CLEAN
    text = files.decoded(sys.stdin.buffer.read()) if given.file == "-" else files.read(given.file)
    context = _context(given)
    if given.verify is not None:
        from dflint.cli.optimize_verified import run_verified

        return run_verified(given, text, context, _settings(given), _finish)
    return _finish(given, _optimize(given, text, context), context)


def _finish(given: Any, rewrite: Rewrite, context: BuildContext | None) -> int:
    """Report and write what was asked for; the exit code."""
    if given.output == "-":
        output = standard(sys.stdout, for_people=False, errors="surrogateescape")
        output.write(rewrite.text)
        output.flush()
        return CLEAN
    _report(given, rewrite)
    if given.check:
        return FINDINGS if rewrite.is_changed else CLEAN
    _write(given, rewrite, context)
    return CLEAN


def _optimize(given: Any, text: str, context: BuildContext | None) -> Rewrite:
    from dflint.optimizer import optimize

    try:
        return optimize(text, context, _settings(given), only=given.only, skip=given.skip)
    except KeyError as error:
        from dflint.optimizer.passes import pass_names

        raise _ImpossibleError(f"no pass is called {error.args[0]}; there are {', '.join(pass_names())}") from None


def _settings(given: Any) -> Settings:
    from dflint.optimizer import Settings

    path = "Dockerfile" if given.file == "-" else given.file.replace(os.sep, "/")
    return Settings(given.level, path, (), given.target, _build_args(given.build_arg))


def _build_args(given: list[str]) -> Mapping[str, str]:
    found = {}
    for argument in given:
        name, equals, value = argument.partition("=")
        found[name] = value if equals else os.environ.get(name, "")
    return found


def _context(given: Any) -> BuildContext | None:
    from dflint.context import BuildContext, DiskFileSystem, RememberingFileSystem

    if given.file == "-" and given.context is None:
        return None
    root = given.context
    if root is not None and not os.path.isdir(root):  # noqa: PTH112
        raise _ImpossibleError(f"{root}: not a folder")
    path = "Dockerfile" if given.file == "-" else given.file.replace(os.sep, "/")
    disk = RememberingFileSystem(DiskFileSystem())
    return BuildContext.for_dockerfile(path, disk, root if root is None else root.replace(os.sep, "/"))


def _report(given: Any, rewrite: Rewrite) -> None:
    output = standard(sys.stdout, for_people=given.format == "text")
    if given.format == "json":
        output.write(as_json(given.file, rewrite))
    else:
        shows_diff = not (given.write or given.output or given.check)
        output.write(as_text(given.file, rewrite, shows_diff, wants_color(given.color, sys.stdout)))
    output.flush()


def _write(given: Any, rewrite: Rewrite, context: BuildContext | None) -> None:
    if given.write:
        if given.file == "-":
            raise _ImpossibleError("standard input cannot be written to: use --output")
        if rewrite.text != rewrite.original:
            files.replace(given.file, rewrite.text, rewrite.original)
        if rewrite.dockerignore is not None and context is not None:
            _write_ignore_file(context, rewrite.dockerignore)
    elif given.output:
        if os.path.exists(given.output):  # noqa: PTH110
            files.replace(given.output, rewrite.text, files.read(given.output))
        else:
            files.create(given.output, rewrite.text)


def _write_ignore_file(context: BuildContext, text: str) -> None:
    if context.ignore_path:
        files.replace(context.ignore_path, text, files.read(context.ignore_path))
    else:
        files.create(f"{context.root}/.dockerignore", text)
