"""What of a stage goes to the stage that builds, what to the one that runs, and what is copied over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.rewrite import Refusal
from dflint.optimizer.split.artifacts import shipped_of_project
from dflint.optimizer.split.replays import Replay, replay_of
from dflint.optimizer.split.view import Step, is_from_context, is_within, outermost
from dflint.record import NamedTuple
from dflint.syntax.tree import (
    Arg,
    Cmd,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Label,
    Maintainer,
    Run,
    Shell,
    Stopsignal,
    Transfer,
    User,
    Volume,
    Workdir,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.optimizer.runtime_bases import RuntimeBase
    from dflint.optimizer.split.packages import Packages
    from dflint.optimizer.split.view import View
    from dflint.syntax.tree import Instruction

_FOR_BUILDING = (Env, Arg, Workdir, User, Shell)
_FOR_RUNNING = (
    Env, Workdir, User, Shell, Label, Expose, Volume, Stopsignal, Healthcheck, Entrypoint, Cmd, Maintainer,
)  # fmt: skip


_PASSED = (Label, Expose, Volume, Stopsignal, Healthcheck, Maintainer)
"""What a copy may stand above or below, all the same."""


class Kept(NamedTuple):
    """An instruction of the original that stands in the final stage as it is."""

    instruction: Instruction


class CopiedOver(NamedTuple):
    """A path that the final stage takes from the one that builds."""

    path: str
    target: str = ""
    """Where to, if elsewhere; ends with a slash for a folder."""


class Piece(NamedTuple):
    """Something of the final stage, with the place of the step in the original that it comes from."""

    number: int
    content: Kept | CopiedOver | Replay


class Plan(NamedTuple):
    """A split. ``builder`` are the steps of the building stage; empty if nothing has to be built."""

    base: RuntimeBase
    builder: tuple[Step, ...]
    final: tuple[Piece, ...]
    assumes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user may want to know: which packages stay and why."""


def plan_split(view: View, base: RuntimeBase, packages: Packages, name: str) -> Plan | Refusal:
    """Plan the split of a stage; ``name`` is the pass's, for refusals."""
    for step, run, effects in view.runs():
        if effects.whole.kind == "unknown":
            line = view.draft.line_of(run.start)
            return Refusal(name, "kept one stage", f"line {line}: {effects.whole.reason}", line)
        if step.writes and "/" in step.writes:
            line = view.draft.line_of(run.start)
            return Refusal(name, "kept one stage", f"line {line} may write anywhere", line)
    shipped = shipped_of_project(view)
    if isinstance(shipped, str):
        return Refusal(name, "kept one stage", shipped)
    assumes = [command.effect.assumes for _, _, effects in view.runs() for command in effects.commands]
    pieces: list[Piece] = []
    needed = _last_building_step(view, shipped.trees)
    evidence = view.draft.evidence
    trees = outermost([*shipped.trees, *(evidence.missing if evidence is not None else ())])
    placed = {tree: _last_writer(view, tree, needed) for tree in trees}
    for step in view.steps:
        # What is copied comes first: commands of the same step may change its owner.
        pieces.extend(Piece(step.number, CopiedOver(tree)) for tree, index in placed.items() if index == step.number)
        piece = _piece(view, step, trees, shipped.leaves_sources, packages, needed)
        if isinstance(piece, str):
            line = view.draft.line_of(step.instruction.start)
            return Refusal(name, "kept one stage", f"line {line}: {piece}", line)
        if piece is not None:
            pieces.append(Piece(step.number, piece))
    pieces = _hoisted(view, pieces)
    pieces = _with_packages(pieces, packages)
    builder = tuple(step for step in view.steps if step.number <= needed and _builds(step.instruction))
    every = (*assumes, *shipped.assumes, *packages.assumes)
    return Plan(
        base,
        builder,
        tuple(_with_used_args(view, pieces)),
        tuple(dict.fromkeys(text for text in every if text)),
        (*shipped.notes, *packages.notes),
    )


def _builds(instruction: Instruction) -> bool:
    return isinstance(instruction, (*_FOR_BUILDING, Run, Transfer))


def _last_building_step(view: View, trees: Sequence[str]) -> int:
    """The last step whose result is taken over by a copy; -1 if none is."""
    last = -1
    for step in view.steps:
        if any(is_within(path, tree) or is_within(tree, path) for path in step.writes for tree in trees):
            last = step.number
    return last


def _last_writer(view: View, tree: str, needed: int) -> int:
    """The last step that puts something into a tree."""
    last = -1
    for step in view.steps[: needed + 1]:
        paths = step.writes if step.target is None else (step.target,)
        if any(is_within(path, tree) or is_within(tree, path) for path in paths):
            last = step.number
    return last if last >= 0 else needed


def _piece(
    view: View, step: Step, trees: Sequence[str], leaves_sources: bool, packages: Packages, needed: int
) -> Kept | Replay | str | None:
    """What a step becomes in the final stage: nothing, itself, or commands to run again; a text says why not."""
    instruction = step.instruction
    if isinstance(instruction, Run):
        assert step.effects is not None
        return replay_of(view, step, instruction, step.effects, trees, packages)
    if isinstance(instruction, Transfer):
        if step.target is None:
            return "it is not known where it copies to"
        if step.number <= needed:
            if step.target.startswith(("/tmp/", "/var/tmp/")):
                return None  # sources of a build; what it names at run time is among the trees
            if all(any(is_within(path, tree) for tree in trees) for path in view.destinations(instruction)):
                return None
            if leaves_sources and is_from_context(instruction) and _is_project(view, step.target):
                return None
            if any(
                is_within(path, step.target) and path in trees
                for later in view.steps[step.number :]
                for path in later.writes
            ) and view.is_file_copy(instruction):
                return None
        return Kept(instruction)
    if isinstance(instruction, (*_FOR_RUNNING, Arg)):
        return Kept(instruction)
    return f"{instruction.name} cannot be taken apart"


def _is_project(view: View, target: str) -> bool:
    return any(is_within(target, folder) for folder in view.project)


def _hoisted(view: View, pieces: list[Piece]) -> list[Piece]:
    """Copies of what changes seldom above those of the sources, where the two have nothing to do with each other."""
    result: list[Piece] = []
    for piece in pieces:
        at = len(result)
        if isinstance(piece.content, (CopiedOver, Replay)):
            while at and _may_swap(view, result[at - 1], piece):
                at -= 1
            # Only past transfers: what stands between keeps its order.
            if not any(_is_source_copy(view, result[k]) for k in range(at, len(result))):
                at = len(result)
        result.insert(at, piece)
    return result


def _may_swap(view: View, earlier: Piece, piece: Piece) -> bool:
    content = earlier.content
    if isinstance(content, Kept) and isinstance(content.instruction, _PASSED) and isinstance(piece.content, CopiedOver):
        return True
    if isinstance(content, Kept) and isinstance(content.instruction, Workdir) and isinstance(piece.content, CopiedOver):
        value = view.model.environment_before(content.instruction).expand(content.instruction.value)  # type: ignore[arg-type]
        path = view.resolve(value, content.instruction) if value is not None else None
        return path is not None and not is_within(piece.content.path, path)
    if not isinstance(content, Kept) or not isinstance(content.instruction, Transfer):
        return isinstance(content, CopiedOver) and isinstance(piece.content, Replay) and piece.content.is_packages
    transfer = content.instruction
    if isinstance(piece.content, Replay):
        return piece.content.is_packages
    target = view.steps[earlier.number].target
    assert isinstance(piece.content, CopiedOver)
    tree = piece.content.path
    if target is None:
        return False
    if not (is_within(tree, target) or is_within(target, tree)):
        return True
    return is_within(tree, target) and _sends_nothing_to(view, transfer, target, tree)


def _is_source_copy(view: View, piece: Piece) -> bool:
    return isinstance(piece.content, CopiedOver) or (
        isinstance(piece.content, Kept) and isinstance(piece.content.instruction, Transfer)
    )


def _sends_nothing_to(view: View, transfer: Transfer, target: str, tree: str) -> bool:
    """Whether a COPY of a folder of the context surely brings nothing below a tree."""
    context = view.draft.context
    if context is None or not is_from_context(transfer) or len(transfer.sources) != 1:
        return False
    source = view.model.environment_before(transfer).expand(transfer.sources[0])
    if source is None or any(char in source for char in "*?["):
        return False
    entry = context.resolve(source)
    if entry is None or entry.kind != "dir":
        return tree not in view.destinations(transfer)
    below = tree[len(target) :].strip("/")
    return not context.is_sent(f"{entry.path}/{below}".strip("/"))


def _with_packages(pieces: list[Piece], packages: Packages) -> list[Piece]:
    """The pieces with what has to be installed that the original did not name."""
    if not packages.extra_line or any(isinstance(p.content, Replay) and p.content.has_extra for p in pieces):
        return pieces
    at = next((k for k, piece in enumerate(pieces) if not _is_setting(piece)), len(pieces))
    # Right below FROM if all before it is mere configuration.
    return [*pieces[:at], Piece(-1, Replay(packages.extra_line, is_packages=True, has_extra=True)), *pieces[at:]]


def _is_setting(piece: Piece) -> bool:
    kinds = (Env, Arg, Shell, Label, Workdir)
    return isinstance(piece.content, Kept) and isinstance(piece.content.instruction, kinds)


def _with_used_args(view: View, pieces: list[Piece]) -> list[Piece]:
    """Without the ARGs that nothing in the final stage asks for."""
    import re

    texts = []
    for piece in pieces:
        content = piece.content
        if isinstance(content, Replay):
            texts.append(content.text)
        elif isinstance(content, Kept):
            instruction = content.instruction
            text = view.draft.text[instruction.keyword.end : instruction.end]
            if isinstance(instruction, Arg):
                text = "".join(pair.value.text for pair in instruction.pairs if pair.value is not None)
            texts.append(text)
    used = set(re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", "\n".join(texts)))
    return [
        piece
        for piece in pieces
        if not (
            isinstance(piece.content, Kept)
            and isinstance(piece.content.instruction, Arg)
            and not any(pair.key.text in used for pair in piece.content.instruction.pairs)
        )
    ]
