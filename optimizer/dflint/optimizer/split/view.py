"""A stage as the split looks at it: its steps with what each writes, and what it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.base_images import start_of
from dflint.optimizer.effects import RunEffects, effects_of_run, settings_of
from dflint.optimizer.effects.effect import Effect, Place
from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.model import Model, Stage
    from dflint.model.config import ImageConfig
    from dflint.optimizer.draft import Draft
    from dflint.syntax.tree import Instruction


_SETS_OWNER = frozenset(("chown", "chmod", "chgrp"))


class Step(NamedTuple):
    """An instruction of the stage. ``target`` is where a COPY or ADD puts things, absolute; None if not known."""

    number: int
    """Among the stage's instructions, from 0."""
    instruction: Instruction
    effects: RunEffects | None = None
    """Of a RUN."""
    target: str | None = None

    @property
    def writes(self) -> tuple[str, ...]:
        """The paths whose content later stages may want from this RUN."""
        if self.effects is None or self.effects.whole.kind == "nothing":
            return ()
        return self.effects.whole.writes


class View:
    """The stage that ships, read once."""

    def __init__(self, draft: Draft, stage: Stage) -> None:
        self.draft = draft
        self.stage = stage
        self.model: Model = draft.model
        self.config: ImageConfig = self.model.effective_config(stage)
        self.base_workdir = start_of(stage.image).workdir if stage.image is not None else ""
        self.project = self._project()
        self.steps = tuple(self._with_bare_folders(list(self._steps())))

    @property
    def workdir(self) -> str:
        """The working directory that the image starts in."""
        setting = self.config.workdir
        return setting.value if setting.known == "file" and setting.value else self.base_workdir or "/"

    def runs(self) -> Iterator[tuple[Step, Run, RunEffects]]:
        """The RUNs with their effects."""
        for step in self.steps:
            if isinstance(step.instruction, Run) and step.effects is not None:
                yield step, step.instruction, step.effects

    def folder_at(self, instruction: Instruction) -> str | None:
        """The working directory before an instruction, that of the base image included where it is known."""
        workdir = self.model.environment_before(instruction).workdir
        return workdir if workdir is not None else (self.base_workdir or "/")

    def resolve(self, path: str, instruction: Instruction) -> str | None:
        """A path of an instruction made absolute."""
        from posixpath import join, normpath

        folder = self.folder_at(instruction)
        if path.startswith("/"):
            return normpath(path)
        return None if folder is None else normpath(join(folder, path))

    def is_folder(self, path: str) -> bool:
        """Whether a path of the image is known to be a folder: of the project, or made by mkdir or WORKDIR."""
        if path in self.project:
            return True
        for step in self.steps:
            if isinstance(step.instruction, Workdir) and step.instruction.value is not None:
                value = self.model.environment_before(step.instruction).expand(step.instruction.value)
                if value is not None and self.resolve(value, step.instruction) == path:
                    return True
            for item in step.effects.commands if step.effects is not None else ():
                if item.command.program in ("mkdir", "install") and path in item.effect.writes:
                    return True
        inside = next((path[len(f) :].strip("/") for f in self.project if is_within(path, f)), None)
        entry = self.draft.context.resolve(inside) if inside and self.draft.context is not None else None
        return entry is not None and entry.kind == "dir"

    def _project(self) -> tuple[str, ...]:
        """The folders in the image that get files of the build context."""
        found: dict[str, None] = {}
        for instruction in self.stage.instructions:
            if isinstance(instruction, Transfer) and is_from_context(instruction):
                folder = self._folder_of(instruction)
                if folder is not None and folder != "/":
                    found[folder] = None
        return tuple(found)

    def _folder_of(self, transfer: Transfer) -> str | None:
        target = self._target(transfer)
        if target is None:
            return None
        word = transfer.destination
        text = self.model.environment_before(transfer).expand(word) if word is not None else None
        if text is None:
            return None
        if text.endswith(("/", "/.")) or text in (".", "..") or len(transfer.sources) != 1 or self._is_folder(transfer):
            return target
        return target.rpartition("/")[0] or "/"

    def _is_folder(self, transfer: Transfer) -> bool:
        """Whether its only source is a folder of the context."""
        context = self.draft.context
        text = self.model.environment_before(transfer).expand(transfer.sources[0]) if transfer.sources else None
        if text is None:
            return False
        if text in (".", "./", "/"):
            return True
        if context is None:
            return text.endswith("/")
        entries = context.match(text)
        return len(entries) != 1 or entries[0].kind == "dir"

    def destinations(self, transfer: Transfer) -> tuple[str, ...]:
        """The paths in the image that a COPY writes: files one by one where the context tells them, else its target."""
        target = self._target(transfer)
        if target is None:
            return ("/",)
        if self.is_file_copy(transfer):
            return (target,)
        context = self.draft.context
        found = []
        for word in transfer.sources:
            source = self.model.environment_before(transfer).expand(word)
            entries = context.match(source) if context is not None and source is not None else ()
            if not entries or not is_from_context(transfer):
                return (target,)
            for entry in entries:
                found.append(target if entry.kind == "dir" else f"{target.rstrip('/')}/{entry.path.rpartition('/')[2]}")
        return tuple(found)

    def is_file_copy(self, transfer: Transfer) -> bool:
        """Whether a COPY puts its one source at the very path that it names."""
        return self._folder_of(transfer) != self._target(transfer)

    def _target(self, transfer: Transfer) -> str | None:
        word = transfer.destination
        text = self.model.environment_before(transfer).expand(word) if word is not None else None
        return None if text is None else self.resolve(text, transfer)

    def _steps(self) -> Iterator[Step]:
        for index, instruction in enumerate(self.stage.instructions):
            if isinstance(instruction, Run):
                yield Step(index, instruction, self._effects(instruction))
            elif isinstance(instruction, Transfer):
                yield Step(index, instruction, None, self._target(instruction))
            else:
                yield Step(index, instruction)

    def _with_bare_folders(self, steps: list[Step]) -> Iterator[Step]:
        """The steps, those that only set the owner of folders that stay empty made ones to be run again.

        Such a folder is made again together with its owner; nothing is to be copied.
        """
        made = {
            path
            for step in steps
            for item in (step.effects.commands if step.effects is not None else ())
            if item.command.program == "mkdir" and item.effect.kind == "system"
            for path in item.effect.writes
        }
        filled = [step.target for step in steps if step.target is not None] + [
            path
            for step in steps
            for item in (step.effects.commands if step.effects is not None else ())
            if item.effect.kind == "files" and item.command.program not in _SETS_OWNER
            for path in item.effect.writes
        ]
        bare = {path for path in made if not any(is_within(other, path) for other in filled)}
        for step in steps:
            if step.effects is None:
                yield step
                continue
            commands = tuple(
                item._replace(effect=item.effect._replace(kind="system", writes=()))
                if item.command.program in _SETS_OWNER and item.effect.writes and bare.issuperset(item.effect.writes)
                else item
                for item in step.effects.commands
            )
            writes = tuple(path for path in step.effects.whole.writes if path not in bare)
            yield step._replace(
                effects=step.effects._replace(commands=commands, whole=step.effects.whole._replace(writes=writes))
            )

    def _settings_before(self, run: Run) -> tuple[tuple[str, str], ...]:
        """What the RUNs above told package managers to keep."""
        above = [other for other in self.stage.instructions if isinstance(other, Run) and other.index < run.index]
        return tuple(setting for other in above for c in self.model.commands_of(other) for setting in settings_of(c))

    def _effects(self, run: Run) -> RunEffects:
        place = Place(
            self.folder_at(run), self.model.environment_before(run), self.stage.root.image, self.draft.context,
            self.project, self._settings_before(run),
        )  # fmt: skip
        found = effects_of_run(run, self.model, place)
        evidence = self.draft.evidence
        written: Mapping[int, tuple[str, ...]] = {} if evidence is None else evidence.written
        if run.start not in written:
            return found
        return found._replace(whole=_as_seen(found.whole, written[run.start]))


def _as_seen(effect: Effect, written: tuple[str, ...]) -> Effect:
    """An effect as a build showed it: without trees that nothing was written to, with what was written elsewhere."""
    if effect.kind == "unknown":
        return Effect("files", written) if written else Effect("nothing")
    kept = [tree for tree in effect.writes if any(is_within(p, tree) or is_within(tree, p) for p in written)]
    if effect.kind == "system":
        return effect._replace(writes=tuple(kept))
    more = [path for path in written if not any(is_within(path, tree) for tree in kept)]
    return effect._replace(kind="files" if kept or more else "nothing", writes=(*kept, *more))


def is_from_context(transfer: Transfer) -> bool:
    """Whether a COPY or ADD takes files of the build context."""
    return not (isinstance(transfer, Copy) and transfer.flag("from") is not None)


def is_within(path: str, folder: str) -> bool:
    """Whether a path is a folder or below it."""
    return path == folder or folder == "/" or path.startswith(folder + "/")


def outermost(paths: list[str]) -> list[str]:
    """The paths that lie below no other, each once, in the order in which they came first."""
    given = dict.fromkeys(paths)
    return [path for path in given if not any(folder in given for folder in _parents(path))]


def _parents(path: str) -> Iterator[str]:
    while path not in ("/", ""):
        path = path.rpartition("/")[0] or "/"
        yield path
