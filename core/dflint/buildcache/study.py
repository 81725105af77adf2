"""What a history says about a Dockerfile: how often each step would have run, and for what.

The Dockerfile as it is now is applied to all past contexts (with the ignore file of each): the question is how this
Dockerfile would have fared. The other question, what was really built then, is answered with ``past_dockerfiles``:
then each commit is built with the Dockerfile it has, and what is told is about the steps that the file still has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.buildcache.past import Past
from dflint.buildcache.replay import Build, Cache
from dflint.buildcache.steps import Plan, PlanError, Step, plan_of
from dflint.history.changes import REGULAR, File
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.buildcache.snapshot import Snapshot, Source
    from dflint.context import BuildContext
    from dflint.history import History

MAX_PARTS = 12
"""How many entries of a copied folder are told with their counts."""


class Setup(NamedTuple):
    """What is built: ``path`` of the Dockerfile, its context, the target stage, the build arguments."""

    path: str
    context: BuildContext
    target: str | None = None
    build_args: Mapping[str, str] = {}
    past_dockerfiles: bool = False

    def plan(self, text: str) -> Plan:
        """The plan of a Dockerfile's text. Raises PlanError."""
        return plan_of(Model(parse(text), self.context, self.path, target=self.target, build_args=self.build_args))


class PartCount(NamedTuple):
    """An entry of what is copied and in how many commits something of it changed."""

    name: str
    commits: int


class SourceStudy(NamedTuple):
    """A source in the context: in how many builds its content was another one than the build before."""

    text: str
    commits: int
    parts: tuple[PartCount, ...]


class StepStudy(NamedTuple):
    """A step: ``ran`` builds in which it ran for sure, ``maybe`` those in which nobody can tell; ``own``: builds in
    which its own definition or inputs were new. ``cause`` is the index of the step that made it run most often when it
    was not its own doing. ``outcomes``: a letter for each build, ``r`` ran, ``m`` maybe, ``c`` cached, ``-`` not built.
    """

    step: Step
    ran: int
    maybe: int
    own: int
    cause: int | None
    sources: tuple[SourceStudy, ...]
    outcomes: str


class Study(NamedTuple):
    """``builds`` after the first one, of which ``compared`` could be made; ``missing`` says what the others lacked."""

    plan: Plan
    steps: tuple[StepStudy, ...]
    builds: int
    compared: int
    missing: tuple[PartCount, ...]
    remarks: tuple[str, ...]

    def ran(self, line: int) -> int | None:
        """How often the step that starts in a line of the file ran; None if there is no such step."""
        for study in self.steps:
            if _line_of(study.step) == line:
                return study.ran + study.maybe
        return None


def study(setup: Setup, text: str, history: History, own_path: str) -> Study:
    """Study a Dockerfile's text. ``own_path`` is the Dockerfile's path from the top of the repository.

    Raises PlanError.
    """
    plan = setup.plan(text)
    untracked = _untracked(plan, setup.context, history)
    past = Past(
        history,
        f"{own_path}.dockerignore",
        setup.context.ignore,
        has_git_folder=has_git_folder(setup.context, history),
        has_syntax=any(directive.name == "syntax" for directive in parse(text).directives),
    )
    cache = Cache()
    plans: dict[str, Plan | None] = {}
    gathered = _Gathered(plan)
    changes = {commit.name: commit.changes for commit in history.commits}
    for commit, snapshot, others in past.states():
        then: Plan | None = plan
        if setup.past_dockerfiles:
            file = others.get(own_path)
            name = file.content if file is not None else ""
            if name not in plans:
                plans[name] = _plan_then(setup, history, name)
            then = plans[name]
        build = cache.build(commit, then, snapshot, untracked) if then is not None else Build(commit, (), "")
        gathered.take(then, build, snapshot, changes.get(commit))
    remarks = list(plan.remarks)
    if _copies_git_folder(plan, setup.context, history):
        remarks.append("no ignore file keeps .git out: it is copied with the context, and changes with every commit")
    if untracked:
        names = ", ".join(sorted(untracked))
        remarks.append(f"not in git, and taken to be always the same: {names}")
    return gathered.study(tuple(remarks))


def study_classes(setup: Setup, text: str) -> tuple[Study, Study]:
    """Without a history: what a changed source file does, and what a changed manifest or lock file does.

    Raises PlanError.
    """
    from dflint.buildcache.snapshot import Snapshot
    from dflint.context.manifests import is_lock, is_manifest
    from dflint.history.changes import Change

    plan = setup.plan(text)
    paths = [entry.path for entry in setup.context.walk() if entry.kind == "file"]
    manifests = [path for path in paths if is_manifest(name := path.rpartition("/")[2]) or is_lock(name)]
    sources = sorted({*paths} - {*manifests})
    made = []
    for changed in (sources, manifests):
        snapshot = Snapshot({path: File(REGULAR, "old") for path in paths}, setup.context.ignore, _nothing)
        cache = Cache()
        gathered = _Gathered(plan)
        untracked = frozenset(
            one.source.path for step in plan.steps for one in step.inputs if setup.context.exists(one.source.path)
        )
        gathered.take(plan, cache.build("", plan, snapshot, untracked), snapshot, None)
        changes = tuple(Change(path, File(REGULAR, "new")) for path in changed)
        snapshot.apply(changes)
        gathered.take(plan, cache.build("", plan, snapshot, untracked), snapshot, changes)
        made.append(gathered.study(plan.remarks))
    return made[0], made[1]


def _nothing(name: str) -> bytes | None:
    return None


def _plan_then(setup: Setup, history: History, name: str) -> Plan | None:
    content = history.read(name) if name else None
    if content is None:
        return None
    try:
        return setup.plan(content.decode("utf-8", "surrogateescape"))
    except PlanError:
        return None


def has_git_folder(context: BuildContext, history: History) -> bool:
    """Whether git's own folder lies in the context (that of a work tree or a submodule is a file)."""
    from posixpath import join

    return not history.folder and context.filesystem.is_dir(join(context.root, ".git"))


def _copies_git_folder(plan: Plan, context: BuildContext, history: History) -> bool:
    sources = {one.source.path for step in plan.steps for one in step.inputs if one.kind == "context"}
    return "" in sources and has_git_folder(context, history) and not context.is_ignored(".git/index")


def _untracked(plan: Plan, context: BuildContext, history: History) -> frozenset[str]:
    """Sources that are on the disk and in no commit, such as what a build before this one makes."""
    named = {
        one.source.path
        for step in plan.steps
        for one in step.inputs
        if one.kind == "context" and one.source.path and not one.source.has_wildcards
    }
    if not named:
        return frozenset()
    tracked = set(history.files)
    tracked.update(change.path for commit in history.commits for change in commit.changes)
    folders = {path[:at] for path in tracked for at in _slashes(path)}
    return frozenset(
        path for path in named if path not in tracked and path not in folders and context.resolve(path) is not None
    )


def _slashes(path: str) -> list[int]:
    found = []
    at = path.find("/")
    while at >= 0:
        found.append(at)
        at = path.find("/", at + 1)
    return found


class _Gathered:
    """Counts, build by build."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._steps = plan.steps
        self._identities: dict[int, tuple[Plan, list[tuple[object, ...]]]] = {}
        self._keys = self._identities_of(plan)
        self._above = [self._found_above(index) for index in range(len(self._steps))]
        self._outcomes: list[list[str]] = [[] for _ in self._steps]
        self._own = [0] * len(self._steps)
        self._causes: list[dict[int, int]] = [{} for _ in self._steps]
        self._contents: dict[Source, int] = {}
        self._changed: dict[Source, int] = {}
        self._parts: dict[Source, dict[str, int]] = {}
        self._missing: dict[str, int] = {}
        self._builds = -1
        self._compared = 0
        self._sources = {one.source: None for step in self._steps for one in step.inputs if one.kind == "context"}

    def take(self, plan: Plan | None, build: Build, snapshot: Snapshot, changes: object) -> None:
        """Take in a build. The first one fills the cache and does not count."""
        self._builds += 1
        is_first = self._builds == 0
        if build.missing is not None or plan is None:
            if not is_first:
                reason = build.missing or "a Dockerfile that can be built"
                self._missing[reason] = self._missing.get(reason, 0) + 1
                for outcomes in self._outcomes:
                    outcomes.append("-")
            return
        self._watch(snapshot, changes, is_first)
        if is_first:
            return
        self._compared += 1
        found = dict(zip(self._identities_of(plan), build.results, strict=True))
        results = [found.get(key) for key in self._keys]
        causes: dict[int, int | None] = {}
        for index, result in enumerate(results):
            self._outcomes[index].append("-" if result is None else result.outcome[0])
            if result is None or result.outcome == "cached":
                continue
            if result.own:
                self._own[index] += 1
                causes[index] = index
                continue
            cause = self._cause(index, causes)
            causes[index] = cause
            if cause is not None:
                self._causes[index][cause] = self._causes[index].get(cause, 0) + 1

    def _identities_of(self, plan: Plan) -> list[tuple[object, ...]]:
        known = self._identities.get(id(plan))
        if known is None:
            known = self._identities[id(plan)] = (plan, _identities(plan))
        return known[1]

    def _found_above(self, index: int) -> list[int]:
        """The steps on which a step depends directly: the one above it, and the last of stages that it copies from."""
        step = self._steps[index]
        stages = {stage.number: stage for stage in self._plan.stages}
        above = [number for number in range(index) if self._steps[number].stage == step.stage][-1:]
        stage = stages.get(step.stage)
        while not above and stage is not None and stage.parent is not None:
            above = self._last_of(stage.parent)
            stage = stages.get(stage.parent)
        used = [number for one in step.inputs if one.kind == "stage" for number in self._last_of(one.stage)]
        return used if step.is_independent else above + used

    def _last_of(self, stage: int) -> list[int]:
        return [number for number, other in enumerate(self._steps) if other.stage == stage][-1:]

    def _cause(self, index: int, causes: Mapping[int, int | None]) -> int | None:
        """The step that made this one run: what is above it, or what it copies from."""
        return next((cause for number in self._above[index] if (cause := causes.get(number)) is not None), None)

    def _watch(self, snapshot: Snapshot, changes: object, is_first: bool) -> None:
        for source in self._sources:
            digest = snapshot.content(source).digest
            before = self._contents.get(source)
            self._contents[source] = digest
            if is_first or before is None or before == digest:
                continue
            self._changed[source] = self._changed.get(source, 0) + 1
            parts = self._parts.setdefault(source, {})
            for name in snapshot.tops(source, changes or ()):  # type: ignore[arg-type]
                parts[name] = parts.get(name, 0) + 1

    def study(self, remarks: tuple[str, ...]) -> Study:
        steps = []
        for index, step in enumerate(self._steps):
            outcomes = "".join(self._outcomes[index])
            causes = self._causes[index]
            cause = max(causes, key=lambda number: (causes[number], -number)) if causes else None
            sources = {one.source: None for one in step.inputs if one.kind == "context"}
            steps.append(
                StepStudy(
                    step, outcomes.count("r"), outcomes.count("m"), self._own[index], cause,
                    tuple(map(self._source, sources)), outcomes,
                )
            )  # fmt: skip
        missing = tuple(sorted((PartCount(*item) for item in self._missing.items()), key=lambda p: -p.commits))
        return Study(self._plan, tuple(steps), max(self._builds, 0), self._compared, missing, remarks)

    def _source(self, source: Source) -> SourceStudy:
        counts = self._parts.get(source, {})
        parts = sorted((PartCount(name, count) for name, count in counts.items() if name), key=_by_count)
        return SourceStudy(source.path or ".", self._changed.get(source, 0), tuple(parts[:MAX_PARTS]))


def _by_count(part: PartCount) -> tuple[int, str]:
    return -part.commits, part.name


def _identities(plan: Plan) -> list[tuple[object, ...]]:
    """What makes a step of another version of the file the same: its stage, its text, and the how-manieth it is."""
    counts: dict[tuple[str, str], int] = {}
    found: list[tuple[object, ...]] = []
    for step in plan.steps:
        name = (step.place[0], step.text)
        counts[name] = counts.get(name, 0) + 1
        found.append((*name, counts[name]))
    return found


def _line_of(step: Step) -> int:
    instruction = step.instruction
    line: int = instruction.start_pos[0]
    return line
