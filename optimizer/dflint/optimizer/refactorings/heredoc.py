"""Turns a chain of ``&&`` into a here-document, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.refactorings.refactoring import Refactoring, chain_of
from dflint.optimizer.style import Style
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Instruction

KIND = "heredoc"
_SHELLS = ("/bin/sh", "/bin/bash", "sh", "bash", "/bin/ash", "/bin/dash")


def offers(model: Model, instruction: Instruction) -> Iterator[Refactoring]:
    """To a here-document that stops at the first error, as the chain does; or from one."""
    if not isinstance(instruction, Run) or instruction.is_onbuild_trigger or model.tree.escape != "\\":
        return
    if model.environment_before(instruction).shell[0] not in _SHELLS:
        return
    if instruction.heredocs:
        yield from _to_chain(model, instruction)
    else:
        yield from _from_chain(model, instruction)


def _from_chain(model: Model, run: Run) -> Iterator[Refactoring]:
    chain = chain_of(model, run)
    text = model.source.text
    if chain is None or len(chain) < 2 or "<<" in text[run.start : run.content_end]:
        return
    if (chain[0].start, chain[-1].end) != (run.arguments_span.start, run.content_end):
        return
    steps = [text[pipeline.start : pipeline.end].replace("\r\n", "\n") for pipeline in chain]
    if any("EOF" in step for step in steps):
        return
    newline = model.source.newline
    body = newline.join(("<<EOF", "set -e", *(step.replace("\n", newline) for step in steps), "EOF"))
    line_end = text.find("\n", run.content_end)
    end = len(text) if line_end < 0 else line_end
    if text[run.content_end : end].strip():
        return
    end = run.content_end + len(text[run.content_end : end].rstrip("\r"))  # the delimiter has its line for itself
    yield Refactoring("Turn into a here-document", KIND, (Edit(chain[0].start, end, body),))


def _to_chain(model: Model, run: Run) -> Iterator[Refactoring]:
    script = model.script_of(run)
    if script is None or script.is_opaque or script.errors or len(run.heredocs) != 1 or not run.is_heredoc_script:
        return
    heredoc = run.heredocs[0]
    if heredoc.strips_tabs or heredoc.end_leaf is None or "#" in heredoc.body.value:
        return
    items = script.body.items
    steps = [item.node for item in items]
    if len(steps) < 2 or any(item.operator not in ("\n", ";", None) for item in items):
        return
    text = model.source.text
    first = text[steps[0].start : steps[0].end].split()
    if first not in (["set", "-e"], ["set", "-ex"], ["set", "-eux"], ["set", "-eu"]) or len(steps) < 3:
        return
    if any(len(step.commands) != 1 or step.negated or "\n" in text[step.start : step.end] for step in steps):
        return
    style = Style.of(model)
    kept = steps[1:] if first == ["set", "-e"] else steps
    joined = style.join([text[step.start : step.end] for step in kept])
    opener, end = heredoc.opener, heredoc.end_leaf.end
    tail = text[run.content_end : end]
    if text[opener.start : run.content_end].strip() != text[opener.start : opener.end] or not tail:
        return
    ending = model.source.newline if text[:end].endswith("\n") else ""
    yield Refactoring("Turn into a chain of &&", KIND, (Edit(opener.start, end, joined + ending),))
