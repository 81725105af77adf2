"""Adding a command at the end of a RUN's script, in the layout that the script has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit

if TYPE_CHECKING:
    from dflint.model import Model
    from dflint.shell import Command, Pipeline, Script
    from dflint.syntax.tree import Run

_LEAVES = frozenset(("exit", "exec", "return"))


def appended(run: Run, model: Model, text: str) -> Edit | None:
    """The edit that runs ``text`` (one command) when the script has come to its end in success.

    None where that cannot be said: other here-documents than the script's own, a script that was not understood, one
    that ends in the background or by ``exit``. Joined by ``&&`` the exit status of the script stays what it is.
    """
    if run.shell_text is None or (run.heredocs and not run.is_heredoc_script):
        return None
    script = model.script_of(run)
    if script is None or script.is_opaque or script.errors or not script.body.items:
        return None
    items = script.body.items
    last = items[-1].node
    if items[-1].operator not in (None, "\n", ";") or _ends_script(last):
        return None
    commands = list(script.commands())
    if any(redirect.here_document is not None for command in commands for redirect in command.redirects):
        return None
    at = last.end
    source = model.source.text
    if _stops_on_error(script) and len(items) > 1 and items[-2].operator in (";", "\n") and not last.negated:
        return _own_statement(source, script, at, text, model.tree.escape)
    return Edit(at, at, _joiner(source, script, run, model.tree.escape) + text)


def _own_statement(source: str, script: Script, at: int, text: str, escape: str) -> Edit | None:
    items = script.body.items
    before, last = items[-2], items[-1]
    gap = source[before.node.end : last.node.start]
    line = gap.rfind("\n")
    if before.operator == "\n":
        indent = gap[line + 1 :]
        return Edit(at, at, "\n" + indent + text) if not indent.strip() and last.operator in (None, "\n") else None
    indent = gap[line + 1 :] if line >= 0 else ""
    separator = f" {escape}\n{indent}" if line >= 0 and not indent.strip() else " "
    if last.operator == ";":
        span = last.operator_span
        end = span.end if span is not None else at
        return Edit(end, end, separator + text + ";")
    return Edit(at, at, ";" + separator + text)


def _joiner(source: str, script: Script, run: Run, escape: str) -> str:
    """`` && ``, with a line break before or after it if the script's other elements have one."""
    items = script.body.items
    if run.is_heredoc_script:
        return " && "
    for before, item in zip(reversed(items[:-1]), reversed(items[1:]), strict=True):
        span = before.operator_span
        if before.operator != "&&" or span is None:
            continue
        left = source[before.node.end : span.start]
        right = source[span.end : item.node.start]
        if "\n" in left:
            indent = left[left.rfind("\n") + 1 :]
            blank = right if right and not right.strip(" \t") else " "
            return f" {escape}\n{indent}&&{blank}" if not indent.strip() else " && "
        if "\n" in right:
            indent = right[right.rfind("\n") + 1 :]
            return f" && {escape}\n{indent}" if not indent.strip() else " && "
    start, end = items[-1].node.start, items[-1].node.end
    line_start = source.rfind("\n", 0, end) + 1
    if line_start <= start:
        return " && "
    line = source[line_start:end]
    return f" {escape}\n{line[: len(line) - len(line.lstrip())]}&& "


def _stops_on_error(script: Script) -> bool:
    first = script.body.items[0].node.commands
    command = first[0] if first else None
    return getattr(command, "program", None) == "set" and "errexit" in script.options_set()


def _ends_script(pipeline: Pipeline) -> bool:
    from dflint.shell import Compound

    if not pipeline.commands:
        return True
    last: Command | Compound = pipeline.commands[-1]
    if isinstance(last, Compound):
        return last.kind in ("function", "coproc")
    return last.program in _LEAVES
