"""``dflint format FILE...``: lay Dockerfiles out, without a change of meaning."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from dflint import files
from dflint.cli import CLEAN, FINDINGS, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.diff import unified_diff
from dflint.formatting import FormatSettings, formatted


def run(arguments: list[str]) -> int:
    """Lay out the files, or tell which are not; the exit code."""
    given = parser().parse_args(arguments)
    settings = FormatSettings(
        None if given.keywords == "keep" else given.keywords, given.indent, given.blank_lines, True
    )
    code = CLEAN
    for path in given.files:
        try:
            code = max(code, _format(path, settings, given.check, given.diff))
        except OSError as error:
            complain(f"{path}: {error.strerror or error}")
            code = TROUBLE
    return code


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint format",
        description="Lay Dockerfiles out: case of keywords, white space, blank lines. Here-documents, comments,\n"
        "quoted text and line ends stay as they are, and an instruction that would mean anything else is left alone.",
        epilog="exit codes: 0 laid out, or was already; 1 --check or --diff found a file that is not; 2 trouble",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("files", nargs="+", metavar="FILE", help="- for standard input, to standard output")
    mode = made.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is not laid out")
    mode.add_argument("--diff", action="store_true", help="change nothing; show what would change")
    made.add_argument("--keywords", choices=("upper", "lower", "keep"), default="upper", help="their case")
    made.add_argument("--indent", type=int, metavar="N", help="spaces before continued lines (default: as they are)")
    made.add_argument("--blank-lines", type=int, default=2, metavar="N", help="the most in a row (default: 2)")
    return made


def _format(path: str, settings: FormatSettings, check: bool, diff: bool) -> int:
    if path == "-":
        text = files.decoded(sys.stdin.buffer.read())
        new = formatted(text, settings)
        if not (check or diff):
            sys.stdout.buffer.write(files.encoded(new))
            return CLEAN
    else:
        text = files.read(path)
        new = formatted(text, settings)
    if new == text:
        return CLEAN
    if check:
        sys.stdout.write(f"{path}\n")
    elif diff:
        sys.stdout.write(unified_diff(path, text, new))
    else:
        files.replace(path, new, text)
        return CLEAN
    return FINDINGS
