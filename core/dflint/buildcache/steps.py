"""The steps of a Dockerfile that BuildKit keeps results of, and what decides whether a kept one is taken.

A step is a RUN, COPY, ADD or WORKDIR; other instructions make no step, but change what the following ones see. Its key
is made of its own definition, its parent's key, and the content of what it copies or mounts.

Behaviour: dockerfile2llb (convert.go, convert_copy.go, convert_runmount.go) for what becomes of an instruction, and
CacheMap in solver/llbsolver/ops (exec.go, file.go) for what is in the key:

- RUN: the command with its shell, all variables in force (ARGs too, used or not), working directory, user, flags, of
  mounts all but the id of a cache and the value of a secret. What its own parent's files look like does not count, only
  the parent's key.
- COPY, ADD: flags, destination (made absolute), the last part of each source, here-documents; no variables. With
  ``--link`` not even the parent.
- sources and bind mounts: by content, whether they come from the context or from another stage. A stage that was built
  anew with the same files changes nothing for those who copy from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.buildcache.snapshot import Source
from dflint.context.gopath import has_wildcards, inside_root
from dflint.model import Stage
from dflint.model.environment import PROXY_ARGS
from dflint.record import NamedTuple
from dflint.syntax.tree import Add, Copy, Onbuild, Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.model import Environment, Model
    from dflint.syntax.mounts import Mount
    from dflint.syntax.tree import Heredoc, Instruction, Word

UNKNOWN_WORKDIR = "?"
"""The first part of a destination below the base image's working directory."""


class Input(NamedTuple):
    """Something whose content is in a step's key.

    ``kind`` ``context``: ``source`` in the build context. ``stage``: the path ``source.path`` of the stage with that
    index. ``fixed``: an image, a named context, a download: ``text`` names it, and it counts as always the same.
    """

    kind: Literal["context", "stage", "fixed"]
    source: Source = Source("")
    stage: int = -1
    text: str = ""


class Step(NamedTuple):
    """A step. ``place`` are its stage's label and its number there, as in BuildKit's progress: ``("build", 2)``.

    In a file with one stage the label is empty.
    """

    instruction: Instruction
    stage: int
    place: tuple[str, int]
    definition: tuple[str, ...]
    inputs: tuple[Input, ...]
    destination: str | None
    """Where a COPY or ADD puts its files, absolute; None if not known. Of a WORKDIR the folder."""
    is_independent: bool = False
    """Whether the parent does not count: ``--link``."""

    @property
    def is_opaque(self) -> bool:
        """Whether nobody can tell what files it makes."""
        return isinstance(self.instruction, Run)

    @property
    def text(self) -> str:
        """The instruction in one line, without here-documents."""
        return " ".join(self.instruction.line.text.split())


class StagePlan(NamedTuple):
    """A stage: what it starts from (a stage's number, or a text that names an image), and its steps."""

    number: int
    label: str
    parent: int | None
    base: str
    total: int
    """How many steps BuildKit's progress counts in it."""
    steps: tuple[Step, ...]


class Plan(NamedTuple):
    """The stages of a model that building the target needs, in the order of the file."""

    model: Model
    stages: tuple[StagePlan, ...]
    target: int
    remarks: tuple[str, ...]
    """What is taken for granted."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for stage in self.stages for step in stage.steps)


class PlanError(Exception):
    """There is nothing to plan; the text says why."""


def plan_of(model: Model) -> Plan:
    """The plan of a model with its target and build arguments. Raises PlanError: syntax errors, no such target."""
    if model.tree.problems:
        line = model.source.position(model.tree.problems[0].start).line
        raise PlanError(f"line {line}: {model.tree.problems[0].message}")
    if model.target is None:
        raise PlanError("there is no such stage" if model.stages else "there is no FROM")
    remarks: dict[str, None] = {}
    stages = tuple(_stage(model, stage, remarks) for stage in model.stages if stage.is_reachable)
    return Plan(model, stages, model.target.index, tuple(remarks))


def _stage(model: Model, stage: Stage, remarks: dict[str, None]) -> StagePlan:
    label = "" if len(model.stages) == 1 else stage.name or f"stage-{stage.index}"
    parent = stage.parent
    word = stage.from_.image
    base = stage.base_text or (word.text if word is not None else "")
    if parent is None and not stage.is_scratch:
        remarks["base images are taken to be the same in all builds"] = None
    number = 1 if parent is None and not stage.is_scratch else 0
    total = number
    steps: list[Step] = []
    for instruction, environment in _executed(model, stage):
        if isinstance(instruction, (Run, Transfer, Workdir)):
            total += 1
            step = _Maker(model, stage, environment, remarks).step(instruction, (label, number + 1))
            if step is not None:
                number += 1
                steps.append(step)
    return StagePlan(stage.index, label, None if parent is None else parent.index, base, total, tuple(steps))


def _executed(model: Model, stage: Stage) -> Iterator[tuple[Instruction, Environment]]:
    """What a stage runs: the triggers of the stage it starts from, then its own instructions."""
    parent = stage.parent
    if parent is not None:
        for instruction in parent.instructions:
            if isinstance(instruction, Onbuild) and instruction.trigger is not None:
                yield instruction.trigger, model.environment_at_end(parent)
    for instruction in stage.instructions:
        yield instruction, model.environment_before(instruction)


class _Maker:
    """Makes one step."""

    def __init__(self, model: Model, stage: Stage, environment: Environment, remarks: dict[str, None]) -> None:
        self.model = model
        self.stage = stage
        self.environment = environment
        self.remarks = remarks

    def step(self, instruction: Instruction, place: tuple[str, int]) -> Step | None:
        """The step of an instruction; None for ``WORKDIR /``, which makes none."""
        if isinstance(instruction, Run):
            return self._run(instruction, place)
        if isinstance(instruction, Transfer):
            return self._transfer(instruction, place)
        assert isinstance(instruction, Workdir)
        folder = self._destination(instruction.value)
        if folder == "/":
            return None
        user = self.environment.user
        definition = ("WORKDIR", folder or self._text(instruction.value), "?" if user is None else user)
        return Step(instruction, self.stage.index, place, definition, (), folder)

    def _run(self, run: Run, place: tuple[str, int]) -> Step:
        environment = self.environment
        script = run.script
        command = [word.text for word in run.words] if run.exec_form else [script.text if script else ""]
        flags = [f"{flag.name}={flag.text}" for flag in run.flags if flag.name != "mount"]
        definition = [
            "RUN", *([] if run.exec_form else [f"shell {' '.join(environment.shell)}"]), *command, *sorted(flags),
            f"cwd {environment.workdir}", f"user {environment.user}", *self._variables(),
        ]  # fmt: skip
        inputs: list[Input] = []
        for mount in run.mounts:
            definition.append(self._mount_definition(mount))
            source = self._mount_input(mount, run)
            if source is not None:
                inputs.append(source)
        return Step(run, self.stage.index, place, tuple(definition), tuple(inputs), None)

    def _variables(self) -> list[str]:
        return [
            f"{name}={'?' if variable.value is None else variable.value}"
            for name, variable in sorted(self.environment.variables.items())
            if variable.is_set and name not in PROXY_ARGS
        ]

    def _mount_definition(self, mount: Mount) -> str:
        left_out = ("id", "sharing") if mount.type == "cache" else ("env",) if mount.type == "secret" else ()
        fields = [
            f"{field.key}={field.value}" for field in mount.fields if field.key not in (*left_out, "source", "src")
        ]
        return f"mount {' '.join(sorted(fields))}"

    def _mount_input(self, mount: Mount, run: Run) -> Input | None:
        if mount.type not in ("bind", "cache"):
            return None
        path = self._expanded(mount.source or "")
        if mount.from_:
            return self._input_from(mount.from_, path, run)
        return Input("context", Source.of(path, is_literal=True)) if mount.type == "bind" else None

    def _transfer(self, transfer: Transfer, place: tuple[str, int]) -> Step:
        flags = {flag.name: flag.text for flag in transfer.flags}
        exclude = tuple(flag.text for flag in transfer.flags if flag.name == "exclude")
        has_parents = "parents" in flags and flags["parents"].lower() != "false"
        is_linked = "link" in flags and flags["link"].lower() != "false" and "chmod" not in flags
        destination = self._destination(transfer.destination)
        definition = [
            transfer.name, destination or f"{self.environment.workdir} {self._text(transfer.destination)}",
            *(f"--{name}={self._expanded(flags[name])}" for name in ("chown", "chmod", "unpack") if name in flags),
            *(f"--exclude={pattern}" for pattern in exclude), f"--parents={has_parents}", f"--link={is_linked}",
        ]  # fmt: skip
        inputs: list[Input] = []
        for word in transfer.sources:
            text = self._expanded(word.text)
            definition.append(f"source {text.rstrip('/').rpartition('/')[2]}{'/' if text.endswith('/') else ''}")
            inputs.append(self._source(transfer, text, exclude, has_parents))
        definition += [self._heredoc(heredoc) for heredoc in transfer.heredocs]
        return Step(
            transfer, self.stage.index, place, tuple(definition), tuple(inputs), destination, is_independent=is_linked
        )

    def _source(self, transfer: Transfer, text: str, exclude: tuple[str, ...], has_parents: bool) -> Input:
        if isinstance(transfer, Add) and is_remote(text):
            self.remarks["what ADD downloads is taken to be the same in all builds"] = None
            return Input("fixed", text=text)
        origin = transfer.flag("from") if isinstance(transfer, Copy) else None
        if origin is not None:
            return self._input_from(origin.text, text, transfer, exclude, has_parents)
        return Input("context", Source.of(text, exclude, has_parents))

    def _input_from(
        self,
        name: str,
        path: str,
        instruction: Instruction,
        exclude: tuple[str, ...] = (),
        has_parents: bool = False,
    ) -> Input:
        found = self.model.resolve_from(name, instruction)
        if isinstance(found, Stage):
            return Input("stage", Source.of(path, exclude, has_parents), found.index)
        self.remarks["images that are copied from are taken to be the same in all builds"] = None
        return Input("fixed", text=f"{name} {path}")

    def _heredoc(self, heredoc: Heredoc) -> str:
        """A here-document: name, content, and the values of the variables in it."""
        content = heredoc.content.text
        values = ""
        if heredoc.expands and "$" in content:
            import re

            names = sorted(set(re.findall(r"\$\{?([^\W\d]\w*)", content)))
            values = " ".join(f"{name}={self._value(name)}" for name in names)
        return f"heredoc {heredoc.delimiter} {content} {values}"

    def _value(self, name: str) -> str | None:
        variable = self.environment.lookup(name)
        return None if variable is None else variable.value

    def _destination(self, word: Word | None) -> str | None:
        """A path of the image, absolute; below ``/?`` if it is relative to the base image's working directory."""
        if word is None:
            return None
        text = self._text(word)
        known = self.environment.resolve_path(text)
        if known is None and not self.environment.is_windows and not text.startswith(("/", "..")):
            workdir = self.environment.workdir
            known = None if workdir is not None else f"/{UNKNOWN_WORKDIR}/{inside_root(text)}".rstrip("/")
        return known

    def _text(self, word: Word | None) -> str:
        return "" if word is None else self._expanded(word.text)

    def _expanded(self, text: str) -> str:
        """A text with its variables; those that nobody sets are empty, as in a build."""
        from dflint.syntax.words import expand_text

        known = self.environment.expand_text(text)
        if known is not None:
            return known
        values: Mapping[str, str] = {
            name: variable.value for name, variable in self.environment.variables.items() if variable.value is not None
        }
        self.remarks[f"{text!r} depends on a value that is not known: give it with --build-arg"] = None
        return expand_text(text, values, self.model.tree.escape) or ""


def is_remote(text: str) -> bool:
    """Whether ADD downloads a source: a URL or a git repository."""
    return text.startswith(("http://", "https://", "git@", "git://", "ssh://")) or (
        text.partition("#")[0].endswith(".git") and "/" in text and not has_wildcards(text) and ":" in text
    )
