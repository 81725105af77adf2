"""``dflint tree FILE``: the syntax tree."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint import files
from dflint.cli import CLEAN, FINDINGS, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import standard
from dflint.report.base import printable, valid
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.source import Source
    from dflint.syntax.tree import Dockerfile, Leaf, Node


def run(arguments: list[str]) -> int:
    """Show a file's tree; the exit code is 1 when it has syntax errors."""
    parser = ArgumentParser(
        prog="dflint tree",
        description="Show the syntax tree of a Dockerfile: type, place and text of every node.",
        formatter_class=help_formatter,
    )
    parser.add_argument("file", metavar="FILE", help="a Dockerfile, or - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    given = parser.parse_args(arguments)
    try:
        text = files.decoded(sys.stdin.buffer.read()) if given.file == "-" else files.read(given.file)
    except OSError as error:
        complain(f"{given.file}: {error.strerror or error}")
        return TROUBLE
    tree = parse(text)
    output = standard(sys.stdout, for_people=given.format == "text")
    if given.format == "json":
        from json import dumps

        output.write(dumps(as_json(tree)) + "\n")
    else:
        for line in as_text(tree):
            output.write(line + "\n")
    output.flush()
    return FINDINGS if tree.problems else CLEAN


def as_text(tree: Dockerfile) -> Iterator[str]:
    """A line for each node, indented by its depth: type, ``line:column-line:column``, a leaf's text; then problems."""
    source = tree.source
    stack: list[tuple[Any, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        text = "" if hasattr(node, "children") else f" {_quoted(node.value)}"
        yield f"{'  ' * depth}{node.type} {_place(source, node.start, node.end)}{text}"
        if hasattr(node, "children"):
            stack.extend((child, depth + 1) for child in reversed(node.children))
    for problem in tree.problems:
        yield f"problem {_place(source, problem.start, problem.end)} {printable(problem.message)}"


def as_json(tree: Dockerfile) -> dict[str, Any]:
    """``{"tree": node, "problems": [...]}``; a node has type, start, end, and children or value and prefix."""
    source = tree.source
    problems = [
        {
            "code": p.code,
            "message": valid(p.message),
            "start": _position(source, p.start),
            "end": _position(source, p.end),
        }
        for p in tree.problems
    ]
    return {"tree": _node(tree, source), "problems": problems}


def _node(node: Node | Leaf, source: Source) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": node.type,
        "start": _position(source, node.start),
        "end": _position(source, node.end),
    }
    children = getattr(node, "children", None)
    if children is None:
        made["value"] = valid(node.value)  # type: ignore[union-attr]
        made["prefix"] = valid(node.prefix)  # type: ignore[union-attr]
    else:
        made["children"] = [_node(child, source) for child in children]
    return made


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column}


def _place(source: Source, start: int, end: int) -> str:
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    return f"{line}:{column}-{end_line}:{end_column}"


def _quoted(text: str) -> str:
    return '"' + printable(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'
