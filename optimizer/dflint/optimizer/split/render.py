"""The text of a split, made of the author's own lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.split.plan import CopiedOver, Kept
from dflint.optimizer.split.replays import Replay
from dflint.syntax.tree import Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.model import Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.split.plan import Plan
    from dflint.syntax.tree import Instruction

_NAMES = ("build", "builder", "build-stage", "compile")


def render(draft: Draft, stage: Stage, plan: Plan) -> str:
    """The whole text after the split."""
    text = draft.text
    source = draft.model.source
    newline = source.newline
    from_ = stage.from_
    builder = _free_name(draft)
    if not plan.builder:
        head = text[: from_.start] + _from_line(draft, stage, plan.base.text, None)
        before = set()
    else:
        lines = [text[: from_.start] + _from_line(draft, stage, _image_text(stage), builder)]
        lines += [_chunk(draft, step.instruction) for step in plan.builder]
        head = "".join(lines).rstrip() + newline + newline + _from_line(draft, stage, plan.base.text, None)
        before = {step.instruction.start for step in plan.builder}
    final = list(_final_lines(draft, plan, builder, before, newline))
    tail = text[stage.instructions[-1].full_end if stage.instructions else from_.full_end :]
    body = "".join(final).lstrip("\r\n")
    if not body.endswith("\n") and (tail or text.endswith("\n")):
        body += newline
    if not text.endswith("\n") and not tail:
        body = body.rstrip("\r\n")
    return head + body + tail


def _final_lines(draft: Draft, plan: Plan, builder: str, before: set[int], newline: str) -> Iterable[str]:
    lower = draft.model.instructions[0].keyword.text.islower() if draft.model.instructions else False
    copy = "copy" if lower else "COPY"
    for line in _restated(plan):
        yield f"{line}{newline}"
    for piece in plan.final:
        content = piece.content
        if isinstance(content, Kept):
            chunk = _chunk(draft, content.instruction)
            if content.instruction.start in before:
                instruction = content.instruction
                leading = newline if _starts_with_blank(chunk) else ""
                chunk = leading + draft.text[instruction.start : instruction.end] + newline
            yield chunk if chunk.endswith("\n") else chunk + newline
        elif isinstance(content, CopiedOver):
            target = content.target or content.path
            yield f"{copy} --from={builder} {_quoted(content.path, target)}{newline}"
        elif isinstance(content, Replay):
            yield content.text if content.text.endswith("\n") else content.text + newline


def _restated(plan: Plan) -> Iterable[str]:
    """What the building image brought and the running one does not."""
    base = plan.base
    copied = [piece.content.path for piece in plan.final if isinstance(piece.content, CopiedOver)]
    folders = [f for f in base.lost_path if any(path == f or path.rpartition("/")[0] == f for path in copied)]
    if folders:
        yield f"ENV PATH={':'.join(folders)}:$PATH"
    if base.workdir and _counts_on_workdir(plan):
        yield f"WORKDIR {base.workdir}"


def _counts_on_workdir(plan: Plan) -> bool:
    """Whether something in the final stage happens in the working directory of the building image."""
    for piece in plan.final:
        content = piece.content
        if isinstance(content, Replay):
            return True
        if not isinstance(content, Kept):
            continue
        instruction = content.instruction
        if isinstance(instruction, Workdir):
            return instruction.value is None or not instruction.value.text.startswith("/")
        if isinstance(instruction, Transfer):
            return True
    return True


def _quoted(source: str, target: str) -> str:
    if " " in source or " " in target:
        from json import dumps

        return f"[{dumps(source)}, {dumps(target)}]"
    return f"{source} {target}"


def _chunk(draft: Draft, instruction: Instruction) -> str:
    """An instruction with the comments and blank lines above it."""
    instructions = draft.model.instructions
    start = instructions[instruction.index - 1].full_end if instruction.index else instruction.start
    return draft.text[start : instruction.full_end]


def _starts_with_blank(chunk: str) -> bool:
    return not chunk.partition("\n")[0].strip()


def _image_text(stage: Stage) -> str:
    assert stage.from_.image is not None
    return stage.from_.image.value


def _from_line(draft: Draft, stage: Stage, image: str, builder: str | None) -> str:
    """FROM with the flags as they are; ``builder`` names the building stage, the other keeps the name that was."""
    from_ = stage.from_
    newline = draft.model.source.newline
    keyword = from_.keyword.text
    word_as = "as" if keyword.islower() else "AS"
    parts = [keyword, *(draft.text[flag.start : flag.end] for flag in from_.flags), image]
    if builder is not None:
        parts += [word_as, builder]
    elif from_.stage_name is not None:
        parts += [from_.as_keyword.text if from_.as_keyword is not None else word_as, from_.stage_name.text]
    return " ".join(parts) + newline


def _free_name(draft: Draft) -> str:
    taken = {stage.name for stage in draft.model.stages}
    number = 2
    for name in _NAMES:
        if name not in taken:
            return name
    while f"build-{number}" in taken:
        number += 1
    return f"build-{number}"
