"""Taking commands and options out of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit

if TYPE_CHECKING:
    from dflint.model import Model
    from dflint.shell import Command, Word
    from dflint.syntax.tree import Run


def dropped(model: Model, run: Run, command: Command) -> Edit | None:
    """The edit that takes a command out, with the operator and the line break before it.

    None unless the script runs it for sure, alone, after something else, and succeeds and fails as before when it is
    not there: ``a && b``, or any next command under ``set -e``.
    """
    script = model.script_of(run)
    pipeline = command.pipeline
    holder = pipeline.parent
    if script is None or run.exec_form or holder is not script.body or len(pipeline.commands) != 1 or pipeline.negated:
        return None
    if not pipeline.index or any(redirect.here_document is not None for redirect in command.redirects):
        return None
    before = holder.operator_before(pipeline)
    if not holder.requires(pipeline):
        return None
    if before != "&&" and not (before in (";", "\n") and "errexit" in script.options_set()):
        return None
    previous = holder.items[pipeline.index - 1].node
    start, end = previous.end, pipeline.end
    if any(start <= comment.start < end for comment in run.comments) or "#" in model.source.text[start : command.start]:
        return None
    return Edit(start, end, "")


def without_word(model: Model, run: Run, word: Word) -> Edit | None:
    """The edit that takes an option without a value out of a command, its line too if it has one of its own."""
    text, escape = model.source.text, model.tree.escape
    start, end = word.start, word.end
    if run.exec_form or text[start:end] != word.raw or text[start - 1 : start] not in (" ", "\t"):
        return None
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if text[line_start:start].strip():
        return Edit(len(text[:start].rstrip(" \t")), end, "")
    after = text[end:line_end].strip()
    if after == escape:
        return Edit(line_start, line_end + 1, "")
    if after:
        return Edit(start, line_end - len(text[end:line_end].lstrip(" \t")), "")
    above = text[:line_start].rstrip()
    return Edit(len(above[:-1].rstrip(" \t")), end, "") if above.endswith(escape) else None
