"""The model: what a Dockerfile means, over its tree."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, cast

from dflint.model.environment import Environment, Timeline, global_timeline, stage_timeline
from dflint.model.image import ImageReference, NamedContext
from dflint.model.stage import Stage
from dflint.syntax.tree import Arg, Copy, From, Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dflint.context import BuildContext
    from dflint.model.config import ImageConfig
    from dflint.model.evidence import Evidence
    from dflint.shell import Command, Script
    from dflint.source import Source
    from dflint.syntax.tree import CommandInstruction, Dockerfile, Instruction


MAX_CANDIDATES = 500
"""How many stages a name with variables is compared with."""


class Model:
    """A Dockerfile's stages, variables and configuration. Making one costs nothing, everything is found when asked for.

    ``context`` is the build context, None when it is not known. ``named_contexts`` are names given by
    ``--build-context``; ``target`` names the stage that is built, by default the last one; ``build_args`` are the
    values of ``--build-arg``.
    """

    __slots__ = (
        "_cached_children",
        "_cached_reachable",
        "_cached_scripts",
        "_cached_shipped",
        "_cached_stages",
        "_cached_users",
        "_configs",
        "_global",
        "_names",
        "_shells",
        "_starts",
        "_target_name",
        "_timelines",
        "build_args",
        "context",
        "evidence",
        "image_size",
        "named_contexts",
        "path",
        "rewriter",
        "tree",
    )

    def __init__(
        self,
        tree: Dockerfile,
        context: BuildContext | None = None,
        path: str = "",
        *,
        named_contexts: Iterable[str] = (),
        target: str | None = None,
        build_args: Mapping[str, str] | None = None,
    ) -> None:
        self.tree = tree
        self.context = context
        self.path = path
        self.named_contexts = frozenset(named_contexts)
        self.build_args = build_args or {}
        self.evidence: Evidence | None = None
        """What is known of the file's past, if whoever made the model wants the rules to know."""
        self.image_size: Callable[[str], int | None] | None = None
        """What tells the bytes of an image that an engine has, if the user allows it to be asked."""
        self.rewriter: Callable[[Model], str | None] | None = None
        """What rewrites the file into several stages, if whoever made the model wants the rules to offer that."""
        self._target_name = target
        self._cached_stages: tuple[Stage, ...] | None = None
        self._cached_children: dict[int, tuple[Stage, ...]] | None = None
        self._cached_users: dict[int, tuple[Stage, ...]] | None = None
        self._cached_reachable: frozenset[int] | None = None
        self._cached_shipped: frozenset[int] | None = None
        self._cached_scripts: dict[int, Script | None] = {}
        self._starts: list[int] = []
        self._shells: Mapping[int, tuple[str, ...]] | None = None
        self._names: dict[str, list[Stage]] = {}
        self._global: Timeline | None = None
        self._timelines: dict[int, Timeline] = {}
        self._configs: dict[int, ImageConfig] = {}

    @property
    def source(self) -> Source:
        """The text."""
        return self.tree.source

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """All top-level instructions."""
        return self.tree.instructions

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages in order; those whose FROM is malformed too."""
        if self._cached_stages is None:
            instructions = self.tree.instructions
            starts = [index for index, instruction in enumerate(instructions) if isinstance(instruction, From)]
            stages = []
            for number, start in enumerate(starts):
                end = starts[number + 1] if number + 1 < len(starts) else len(instructions)
                stage = Stage(self, number, cast("From", instructions[start]), instructions[start + 1 : end])
                stages.append(stage)
                if stage.name:
                    self._names.setdefault(stage.name, []).append(stage)
            self._starts = starts
            self._cached_stages = tuple(stages)
        return self._cached_stages

    @property
    def target(self) -> Stage | None:
        """The stage that is built; None for a file without stages or with no stage of the asked name."""
        stages = self.stages
        if self._target_name is None:
            return stages[-1] if stages else None
        named = self._names.get(self._target_name.lower())
        return named[-1] if named else None

    @property
    def global_args(self) -> tuple[Arg, ...]:
        """The ARGs before the first FROM."""
        stages = self.stages
        head = self.tree.instructions[: self._starts[0]] if stages else self.tree.instructions
        return tuple(instruction for instruction in head if isinstance(instruction, Arg))

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """The stage that an instruction (a FROM or a trigger too) stands in; None before the first FROM."""
        stages = self.stages
        number = bisect_right(self._starts, instruction.index)
        return stages[number - 1] if number else None

    # Names

    def resolve_from(
        self, value: str | None, instruction: Instruction | None = None
    ) -> Stage | ImageReference | NamedContext | None:
        """What a ``--from`` or a mount's ``from`` names; None if it is nothing valid, or has variables.

        As in BuildKit a name means the last stage of that name in the whole file, even one that comes later (which
        fails to build), and a number a stage of COPY, but an image of a mount: pass the Run for a mount.
        """
        if not value or "$" in value:
            return None
        stages = self.stages
        if value.lower() in self._names:
            return self._names[value.lower()][-1]
        if not isinstance(instruction, Run) and (number := _go_integer(value)) is not None:
            return stages[number] if 0 <= number < len(stages) else None
        if value in self.named_contexts:
            return NamedContext(value)
        return ImageReference.parse(value)

    def _stage_before(self, name: str, index: int) -> Stage | None:
        """The last stage of a name (lower case) before stage ``index``."""
        for stage in reversed(self._names.get(name, ())):
            if stage.index < index:
                return stage
        return None

    def _named_before(self, index: int) -> list[Stage]:
        """The stages before one that a FROM can name: of those with the same name the last, of very many the last."""
        names: dict[str, Stage] = {}
        for stage in self.stages[:index]:
            if stage.name:
                names[stage.name] = stage
        return list(names.values())[-MAX_CANDIDATES:]

    def stages_named_by(self, instruction: Instruction) -> tuple[Stage, ...]:
        """The stages that an instruction copies or mounts from."""
        stage = self.stage_of(instruction)
        return tuple(self._stages_used_by(instruction, stage.index if stage is not None else 0))

    def _stages_used_by(self, instruction: Instruction, index: int) -> list[Stage]:
        values: list[str] = []
        if isinstance(instruction, Copy):
            flag = instruction.flag("from")
            if flag is not None:
                values.append(flag.text)
        elif isinstance(instruction, Run):
            values.extend(mount.from_ for mount in instruction.mounts if mount.from_)
        elif isinstance(instruction, Onbuild) and instruction.trigger is not None:
            # The stage that runs the trigger needs it; the one that holds it may be all that this file has of it.
            return []
        found: list[Stage] = []
        for value in values:
            if "$" in value:
                from dflint.model.wildcards import text_pattern

                pattern, _ = text_pattern(value, self.tree.escape)
                if pattern is not None:
                    found += [s for s in self._named_before(index) if s.name and pattern.fullmatch(s.name)]
                continue
            target = self.resolve_from(value, instruction)
            if isinstance(target, Stage):
                found.append(target)
        return found

    # The graph

    @property
    def _children(self) -> dict[int, tuple[Stage, ...]]:
        if self._cached_children is None:
            children: dict[int, tuple[Stage, ...]] = {}
            lists: dict[int, list[Stage]] = {}
            for stage in self.stages:
                for parent in stage.parents:
                    lists.setdefault(parent.index, []).append(stage)
            children.update((index, tuple(found)) for index, found in lists.items())
            self._cached_children = children
        return self._cached_children

    @property
    def _users(self) -> dict[int, tuple[Stage, ...]]:
        if self._cached_users is None:
            lists: dict[int, list[Stage]] = {}
            for stage in self.stages:
                for used in stage.uses:
                    lists.setdefault(used.index, []).append(stage)
            self._cached_users = {index: tuple(found) for index, found in lists.items()}
        return self._cached_users

    @property
    def _reachable(self) -> frozenset[int]:
        if self._cached_reachable is None:
            found: set[int] = set()
            pending = [] if self.target is None else [self.target]
            while pending:
                stage = pending.pop()
                if stage.index not in found:
                    found.add(stage.index)
                    pending.extend(stage.parents)
                    pending.extend(stage.uses)
            self._cached_reachable = frozenset(found)
        return self._cached_reachable

    @property
    def _shipped(self) -> frozenset[int]:
        if self._cached_shipped is None:
            found: set[int] = set()
            pending = [] if self.target is None else [self.target]
            while pending:
                stage = pending.pop()
                if stage.index not in found:
                    found.add(stage.index)
                    pending.extend(stage.parents if stage.parent is None else (stage.parent,))
            self._cached_shipped = frozenset(found)
        return self._cached_shipped

    # Environments

    def environment_before(self, instruction: Instruction) -> Environment:
        """What holds just before an instruction: of a FROM or a global ARG the global scope.

        Of a trigger what holds where its ONBUILD stands, although it runs elsewhere.
        """
        stage = self.stage_of(instruction)
        if stage is None:
            return Environment(self._global_timeline(), instruction.index)
        if isinstance(instruction, From):
            return Environment(self._global_timeline(), instruction.index)
        return Environment(self._timeline(stage), instruction.index)

    def environment_at_end(self, stage: Stage) -> Environment:
        """What holds at the end of a stage."""
        return Environment(self._timeline(stage), len(self.tree.instructions))

    def _global_timeline(self) -> Timeline:
        if self._global is None:
            self._global = global_timeline(self.global_args, self.tree.escape, self.build_args)
        return self._global

    def _timeline(self, stage: Stage) -> Timeline:
        pending = [stage]
        while pending:
            current = pending[-1]
            if current.index in self._timelines:
                pending.pop()
                continue
            parent = current.parent
            needed = current.parents if parent is None else (parent,)
            missing = [stage for stage in needed if stage.index not in self._timelines]
            if missing:
                pending.extend(missing)
                continue
            above = self._timelines[parent.index] if parent is not None else None
            possible = [self._timelines[stage.index] for stage in needed] if parent is None else []
            self._timelines[current.index] = stage_timeline(
                current,
                above,
                possible,
                self._global_timeline(),
                self.tree.escape,
                self.build_args,
                self._told_shells(),
            )
        return self._timelines[stage.index]

    def _told_shells(self) -> Mapping[int, tuple[str, ...]]:
        if self._shells is None:
            from dflint.model.shell_comments import told_shells

            self._shells = told_shells(self.tree) if "hadolint" in self.source.text else {}
        return self._shells

    def effective_config(self, stage: Stage) -> ImageConfig:
        """The configuration of the image that a stage makes, as far as the file says."""
        known = self._configs.get(stage.index)
        if known is None:
            from dflint.model.config import effective_config

            known = self._configs[stage.index] = effective_config(self, stage)
        return known

    # Scripts

    def script_of(self, instruction: CommandInstruction) -> Script | None:
        """The shell script that an instruction runs, parsed by the shell in force; None when there is none.

        That is the shell form, a here-document script (by its ``#!`` line if it has one), or the string of an exec form
        that calls a shell: ``["sh", "-c", "..."]``. Of CMD, ENTRYPOINT and HEALTHCHECK too. Opaque if the shell is not
        a POSIX one.
        """
        key = instruction.start
        if key not in self._cached_scripts:
            from dflint.model.scripts import find_script

            self._cached_scripts[key] = find_script(instruction, self.environment_before(instruction).shell)
        return self._cached_scripts[key]

    def commands_of(self, instruction: CommandInstruction) -> tuple[Command, ...]:
        """The simple commands of ``script_of``, in the order of the text."""
        script = self.script_of(instruction)
        return () if script is None else tuple(script.commands())


def _go_integer(text: str) -> int | None:
    """What Go's strconv.Atoi reads, None for what it refuses."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        return None
    return int(text)
