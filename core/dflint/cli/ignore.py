"""``dflint ignore [PATH]``: an ignore file for a build context."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH112, PTH113, PTH118, PTH120
from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint import files
from dflint.cli import CLEAN, FINDINGS, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import standard, wants_color
from dflint.record import NamedTuple
from dflint.report.base import posix_path, printable, valid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.waste.proposal import Proposal
    from dflint.waste.sizes import Amount

MAX_ENTRIES = 2_000_000
"""Entries of a context beyond which nothing is proposed."""


class _Given(NamedTuple):
    """What the command line means."""

    root: str
    dockerfiles: tuple[str, ...]
    target: str
    """The ignore file."""


class _ImpossibleError(Exception):
    """Why nothing can be proposed."""


def run(arguments: list[str]) -> int:
    """Propose an ignore file, and give the exit code: 1 if the file would change (0 with ``--write``)."""
    given = parser().parse_args(arguments)
    try:
        return _run(given)
    except _ImpossibleError as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename or given.path}: {error.strerror or error}")
    return TROUBLE


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint ignore",
        description="Write or improve a .dockerignore from what is in the build context.\n\n"
        "Lines that are there stay. New ones are tried over the whole context: they take away nothing that a COPY,\n"
        "ADD or bind mount names, and of what COPY . . takes only what no image needs. Without options the change\n"
        "is shown and nothing written.",
        epilog="exit codes: 0 nothing to change, or written; 1 the file would change; 2 it could not be done",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("path", nargs="?", default=".", metavar="PATH", help="the build context (default: .)")
    made.add_argument(
        "--file", "-f", action="append", metavar="DOCKERFILE",
        help="a Dockerfile that is built with it; repeatable (default: all that are found in it)",
    )  # fmt: skip
    mode = made.add_mutually_exclusive_group()
    mode.add_argument("--write", "-w", action="store_true", help="write the file")
    mode.add_argument("--check", action="store_true", help="say only whether the file would change")
    made.add_argument("--diff", action="store_true", help="show the change; what happens without any option")
    made.add_argument("--stats", action="store_true", help="show files and bytes: before, after, and of each line")
    made.add_argument("--format", choices=("text", "json"), default="text")
    made.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    return made


def _run(given: Any) -> int:
    meant = _meant(given)
    from dflint.waste.proposal import propose

    context, models = _read(meant)
    proposal = propose(context, models)
    if given.format == "json":
        _write_json(meant, context, models, proposal)
    else:
        _write_text(given, meant, context, models, proposal)
    if not proposal.is_change:
        return CLEAN
    if given.write:
        if context.ignore is None:
            files.create(meant.target, proposal.new)
        else:
            files.replace(meant.target, proposal.new, proposal.old)
        return CLEAN
    return FINDINGS


def _meant(given: Any) -> _Given:
    root = given.path
    named = tuple(given.file or ())
    if not os.path.isdir(root):
        if not os.path.isfile(root) or named:
            raise _ImpossibleError(f"{root}: not a folder")
        named, root = (root,), os.path.dirname(root) or "."
    for path in named:
        if not os.path.isfile(path):
            raise _ImpossibleError(f"{path}: no such file")
    dockerfiles = named or tuple(_found(root))
    if not dockerfiles:
        raise _ImpossibleError(f"{root}: no Dockerfile found in it: name one with --file")
    shared = tuple(path for path in dockerfiles if not os.path.isfile(f"{path}.dockerignore"))
    if len(dockerfiles) == 1 and not shared:
        return _Given(root, dockerfiles, f"{dockerfiles[0]}.dockerignore")
    if not shared or (named and len(shared) < len(named)):
        raise _ImpossibleError(f"{root}: Dockerfiles with ignore files of their own: name one of them with --file")
    return _Given(root, shared, os.path.join(root, ".dockerignore"))


def _found(root: str) -> Iterator[str]:
    """The Dockerfiles in a folder; those in its subfolders may be built with it too."""
    from dflint.discovery.search import search

    for path in search(root):
        if isinstance(path, str):
            yield path


def _read(meant: _Given) -> tuple[BuildContext, list[Model]]:
    from dflint.context import BuildContext, DiskFileSystem, RememberingFileSystem
    from dflint.model import Model
    from dflint.syntax import parse

    root, dockerfiles = meant.root.replace(os.sep, "/"), [path.replace(os.sep, "/") for path in meant.dockerfiles]
    disk = RememberingFileSystem(DiskFileSystem())
    context = BuildContext.for_dockerfile(dockerfiles[0], disk, root, MAX_ENTRIES)
    if context.ignore is None and context.unreadable:
        raise _ImpossibleError(f"{meant.target}: {context.unreadable[0].message}")
    for problem in context.ignore.problems if context.ignore is not None else ():
        raise _ImpossibleError(f"{meant.target}:{problem.line}: {problem.message}")
    models = []
    for path in dockerfiles:
        tree = parse(files.read(path))
        if tree.problems and (len(dockerfiles) == 1 or os.path.dirname(path) in ("", meant.root)):
            line = tree.source.line_of(tree.problems[0].start)
            raise _ImpossibleError(f"{path}:{line}: {tree.problems[0].message}")
        models.append(Model(tree, context, path))
    if not all(models[0].stages for model in models):
        raise _ImpossibleError(f"{dockerfiles[0]}: has no FROM")
    for _ in context.walk():  # to know of all folders that cannot be read
        pass
    if not context.is_complete:
        raise _ImpossibleError(
            f"{meant.root}: more than {MAX_ENTRIES} files are sent: leave out the largest folders first"
        )
    return context, models


def _write_text(given: Any, meant: _Given, context: BuildContext, models: list[Model], proposal: Proposal) -> None:
    output = standard(sys.stdout, for_people=True)
    shows_diff = given.diff or not (given.write or given.check or given.stats)
    if shows_diff and proposal.is_change:
        from dflint.cli.diff import unified_diff

        color = wants_color(given.color, sys.stdout)
        output.write(unified_diff(meant.target, proposal.old, proposal.new, color))
    if given.stats:
        output.write("".join(_statistics(meant, context, models, proposal)))
    for unreadable in context.unreadable:
        output.write(f"cannot be read, so the build fails: {printable(unreadable.path)}: {unreadable.message}\n")
    for path in _empty_on_arrival(context):
        output.write(f"cannot be read, so it arrives empty: {printable(path)}\n")
    for path in proposal.doubtful:
        output.write(f"left in, as it may be needed: {printable(path)}\n")
    count = len(proposal.lines)
    lines = f"{count} line{'' if count == 1 else 's'}"
    if not proposal.is_change:
        output.write(f"{printable(posix_path(meant.target))}: nothing to add\n")
    elif given.write:
        output.write(f"{printable(posix_path(meant.target))}: {lines} added\n")
    elif given.check:
        output.write(f"{printable(posix_path(meant.target))}: {lines} to add\n")
    output.flush()


def _empty_on_arrival(context: BuildContext) -> Iterator[str]:
    return (entry.path for entry in context.walk() if not entry.is_readable)


def _amounts(context: BuildContext, models: list[Model], proposal: Proposal) -> Iterator[tuple[str, Amount, Amount]]:
    """For each Dockerfile what the client sends for it, before and after; last, named ``""``, all not ignored."""
    from dflint.context.dockerignore import parse_ignore
    from dflint.model.context_reads import SentPaths, context_reads
    from dflint.waste.sizes import amount_sent

    after = context.with_ignore(parse_ignore(proposal.new))
    for model in models:
        reads = context_reads(model)
        yield (
            model.path,
            amount_sent(context, SentPaths(reads, context)),
            amount_sent(after, SentPaths(reads, context)),
        )
    yield "", amount_sent(context), amount_sent(after)


def _statistics(meant: _Given, context: BuildContext, models: list[Model], proposal: Proposal) -> Iterator[str]:
    from dflint.waste.accounts import amounts_by_line
    from dflint.waste.sizes import in_words

    for path, before, after in _amounts(context, models, proposal):
        name = f"sent for {printable(posix_path(path))}" if path else "not ignored"
        yield f"{name}: {_told(before)} now, {_told(after)} with the proposed file\n"
    rows = [
        (str(line.amount.files), in_words(line.amount.size), line.text, "" if line.is_there else "new")
        for line in amounts_by_line(context, proposal.old, proposal.new)
    ]
    if rows:
        widths = [max(len(row[column]) for row in [("files", "bytes"), *rows]) for column in (0, 1)]
        yield f"\n{'files':>{widths[0]}}  {'bytes':>{widths[1]}}  left out by\n"
        for count, size, text, new in rows:
            yield f"{count:>{widths[0]}}  {size:>{widths[1]}}  {printable(text)}{'  (new)' if new else ''}\n"
        yield "\n"


def _told(amount: Amount) -> str:
    from dflint.waste.sizes import in_words

    return f"{amount.files} file{'' if amount.files == 1 else 's'}, {in_words(amount.size)}"


def _write_json(meant: _Given, context: BuildContext, models: list[Model], proposal: Proposal) -> None:
    from json import dumps

    from dflint.waste.accounts import amounts_by_line

    sent = [
        {"dockerfile": posix_path(path) or None, "before": before._asdict(), "after": after._asdict()}
        for path, before, after in _amounts(context, models, proposal)
    ]
    by_text = {line.pattern: line for line in proposal.lines}
    made = {
        "path": posix_path(meant.target),
        "context": posix_path(meant.root),
        "changes": proposal.is_change,
        "text": valid(proposal.new),
        "sent": sent,
        "lines": [
            {
                "line": line.line,
                "text": valid(line.text),
                "new": not line.is_there,
                "reason": by_text[line.text].reason if not line.is_there and line.text in by_text else None,
                **line.amount._asdict(),
            }
            for line in amounts_by_line(context, proposal.old, proposal.new)
        ],
        "doubtful": [valid(path) for path in proposal.doubtful],
        "unreadable": [{"path": valid(path), "message": message} for path, message in context.unreadable],
        "empty": list(map(valid, _empty_on_arrival(context))),
    }
    output = standard(sys.stdout, for_people=False)
    output.write(dumps(made, indent=2) + "\n")
    output.flush()
