"""Replaying a history: which steps BuildKit would have run in each commit, had every commit been built.

One builder that forgets nothing builds the commits in order, the one before the first included. A step comes from the
cache if its key has been seen in any earlier build: also when a file changes back.

What a RUN writes is not known. If a step copies or mounts it, and the RUN ran anew, the step may still find the same
bytes and come from the cache. So each step has two keys: one takes the RUN's output for new whenever the RUN ran, the
other takes it for always the same. If they disagree the outcome is ``maybe``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.buildcache.snapshot import GIT_FILE, Source
from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dflint.buildcache.snapshot import Content, Snapshot
    from dflint.buildcache.steps import Input, Plan, StagePlan, Step

Outcome = Literal["cached", "ran", "maybe"]
Key = tuple[int, int]
"""With new outputs of RUNs told apart, and without. Python's own hashes: they need not outlive the process, and of the
million keys of a long history no two are likely to meet."""
NO_KEY = (0, 0)


class MissingSourceError(Exception):
    """The commit does not build: what a step copies or mounts is not in the context. The text is the source."""


class StepResult(NamedTuple):
    """A step in one build. ``own``: whether its own definition or inputs are new; else it ran for what is above it."""

    outcome: Outcome
    own: bool


CACHED = StepResult("cached", False)


class Build(NamedTuple):
    """One build: for each step of its plan the result, or the source that was missing (``""``: something else was)."""

    commit: str
    results: tuple[StepResult, ...]
    missing: str | None = None


class Cache:
    """Keys seen so far: builds one plan after another."""

    def __init__(self) -> None:
        self._seen: tuple[set[int], set[int]] = (set(), set())
        self._seen_own: set[int] = set()
        self._plans: dict[int, tuple[Plan, dict[int, int]]] = {}
        """Plan by its identity, kept alive by that, with a digest of each step's definition."""
        self._seen_contexts: set[tuple[int, tuple[int, ...]]] = set()

    def build(self, commit: str, plan: Plan, snapshot: Snapshot, untracked: frozenset[str] = frozenset()) -> Build:
        """Build a plan on a context. ``untracked`` are sources that no commit has, and that count as unchanged."""
        definitions = self._definitions(plan)
        context = (id(plan), _contents(plan, snapshot))
        if context in self._seen_contexts:
            return Build(commit, (CACHED,) * len(definitions))
        try:
            found = _Keys(plan, snapshot, untracked, definitions).of_all()
        except MissingSourceError as error:
            return Build(commit, (), str(error))
        self._seen_contexts.add(context)
        results = tuple([self._result(key, own) for key, own in found])
        self._seen[0].update([key[0] for key, _ in found])
        self._seen[1].update([key[1] for key, _ in found])
        self._seen_own.update([own for _, own in found])
        return Build(commit, results)

    def _definitions(self, plan: Plan) -> dict[int, int]:
        known = self._plans.get(id(plan))
        if known is None:
            known = self._plans[id(plan)] = (plan, {id(step): hash(step.definition) for step in plan.steps})
        return known[1]

    def _result(self, key: Key, own: int) -> StepResult:
        if key[0] in self._seen[0]:
            return CACHED
        return StepResult("maybe" if key[1] in self._seen[1] else "ran", own not in self._seen_own)


def replay(
    states: Iterable[tuple[str, Snapshot, Plan | None]], untracked: frozenset[str] = frozenset()
) -> tuple[Build, ...]:
    """Build all states: commit, context, plan (None: it cannot be built). The first one fills the cache."""
    cache = Cache()
    return tuple(
        cache.build(commit, plan, snapshot, untracked) if plan is not None else Build(commit, (), "")
        for commit, snapshot, plan in states
    )


def _contents(plan: Plan, snapshot: Snapshot) -> tuple[int, ...]:
    """What of the context a plan depends on; all that a path of a stage may be made of is part of it."""
    return tuple(
        snapshot.content(one.source).digest for step in plan.steps for one in step.inputs if one.kind == "context"
    )


class _Origin(NamedTuple):
    """What is known of a path of a stage, as the two keys have it."""

    strict: object
    loose: object


class _Piece(NamedTuple):
    """What a step puts at or below a path of an image.

    ``content`` is equal only if the files are; ``is_certain``: and different only if they are; None for a folder that
    was made. ``is_all``: nothing of what was there before stays.
    """

    target: str
    content: object
    is_certain: bool
    is_all: bool


class _Keys:
    """The keys of one build."""

    def __init__(
        self, plan: Plan, snapshot: Snapshot, untracked: frozenset[str], definitions: Mapping[int, int]
    ) -> None:
        self._plan = plan
        self._definitions = definitions
        self._snapshot = snapshot
        self._untracked = untracked
        self._stages: dict[int, StagePlan] = {stage.number: stage for stage in plan.stages}
        self._states: dict[int, list[Key]] = {}
        """For each stage what holds before its first step, and after each."""

    def of_all(self) -> list[tuple[Key, int]]:
        """For each step its keys and a digest of what is its own. Raises MissingSourceError."""
        found: list[tuple[Key, int]] = []
        for stage in self._plan.stages:
            state = self._start(stage)
            states = self._states[stage.number] = [state]
            for step in stage.steps:
                strict, loose = self._inputs(step)
                above = NO_KEY if step.is_independent else state
                definition = self._definitions[id(step)]
                key = (hash((definition, above[0], strict)), hash((definition, above[1], loose)))
                found.append((key, hash((definition, loose))))
                state = (hash((state[0], key[0])), hash((state[1], key[1]))) if step.is_independent else key
                states.append(state)
        return found

    def _start(self, stage: StagePlan) -> Key:
        if stage.parent is not None:
            return self._end(stage.parent)
        base = hash(("base", stage.base))
        return base, base

    def _end(self, index: int) -> Key:
        """What holds at the end of a stage; a stage that comes later in the file is no stage that can be used."""
        states = self._states.get(index)
        return states[-1] if states else NO_KEY

    def _inputs(self, step: Step) -> tuple[tuple[object, ...], tuple[object, ...]]:
        if not step.inputs:
            return (), ()
        strict: list[object] = []
        loose: list[object] = []
        for one in step.inputs:
            if one.kind == "context":
                digest = self._context(one).digest
                strict.append(digest)
                loose.append(digest)
            elif one.kind == "fixed":
                strict.append(one.text)
                loose.append(one.text)
            else:
                origin = self._stage_content(one)
                strict.append(origin.strict)
                loose.append(origin.loose)
        return tuple(strict), tuple(loose)

    def _context(self, one: Input) -> Content:
        source = one.source
        content = self._snapshot.content(source)
        if not content.entries and source.path.startswith(".git/"):
            content = self._snapshot.content(Source(GIT_FILE))
        if not content.entries and source.path and not source.has_wildcards and source.path not in self._untracked:
            raise MissingSourceError(source.path)
        return content

    # What a path of a stage is made of

    def _stage_content(self, one: Input) -> _Origin:
        source = one.source
        if source.has_wildcards or source.include is not None or source.exclude:
            return _Origin(self._end(one.stage)[0], "?")
        return self._origin(one.stage, f"/{source.path}")

    def _origin(self, index: int, path: str) -> _Origin:
        """Follow a path of a stage back to what was copied there."""
        pieces: list[_Piece] = []
        stage = self._stages.get(index)
        while stage is not None and stage.number in self._states:
            states = self._states[stage.number]
            for number in range(len(stage.steps) - 1, -1, -1):
                placed = self._placed(stage.steps[number], path)
                if placed is None:
                    return _made_of(path, pieces, states[number + 1][0], "?")
                pieces += placed
                if any(piece.is_all for piece in placed):
                    return _made_of(path, pieces, 0, "")
            if stage.parent is None:
                # Behind a link of the base image a path may be what was copied elsewhere.
                is_plain = bool(pieces) or stage.base == "scratch"
                return _made_of(path, pieces, 0 if is_plain else self._end(index)[0], stage.base)
            stage = self._stages.get(stage.parent)
        return _made_of(path, pieces, self._end(index)[0], "?")

    def _placed(self, step: Step, path: str) -> list[_Piece] | None:
        """What a step puts at or below a path; None if that cannot be told."""
        destination = step.destination
        transfer = step.instruction
        if destination is None:
            return None
        if isinstance(transfer, Workdir):
            return [_Piece(destination, None, False, False)] if _is_below(destination, path) else []
        if not _overlap(destination, path):
            return []
        if not isinstance(transfer, Copy) or transfer.flag("parents") or transfer.flag("exclude"):
            return None
        if transfer.heredocs or any(one.kind != "context" or one.source.has_wildcards for one in step.inputs):
            return None
        written = transfer.destination.text if transfer.destination is not None else ""
        is_folder = written.endswith("/") or written in (".", "..") or len(step.inputs) > 1
        pieces: list[_Piece] = []
        for one in step.inputs:
            content = self._context(one)
            if not content.is_file:
                pieces += self._from_folder(step, one, destination, path)
            elif is_folder:
                target = f"{destination.rstrip('/')}/{one.source.path.rpartition('/')[2]}"
                if _is_below(target, path):
                    pieces.append(_piece(step, target, content)._replace(is_all=target == path))
            elif destination != path and _is_below(destination, path):
                pieces.append(_piece(step, destination, content))
            elif destination == path and path.rpartition("/")[2] == one.source.path.rpartition("/")[2]:
                pieces.append(_piece(step, path, content)._replace(is_all=True))
            else:
                return None  # a file of that name, or a file in a folder of that name: only the image tells
        return pieces

    def _from_folder(self, step: Step, one: Input, destination: str, path: str) -> list[_Piece]:
        """What a folder of the context that is copied to ``destination`` brings to ``path``."""
        if _is_below(destination, path):
            return [_piece(step, destination, self._context(one))]
        inner = path[len(destination.rstrip("/")) + 1 :]
        content = self._snapshot.content(Source(f"{one.source.path}/{inner}".lstrip("/")))
        if not content.entries:
            return []
        return [_piece(step, path, content)._replace(is_all=content.is_file)]


def _piece(step: Step, target: str, content: Content) -> _Piece:
    """What a COPY brings; with ``--chown`` or ``--chmod`` files that differ in mode may arrive the same."""
    if any(flag.name in ("chown", "chmod") for flag in step.instruction.flags):
        return _Piece(target, (content.digest, step.definition), False, False)
    return _Piece(target, content.digest, True, False)


def _made_of(path: str, pieces: Sequence[_Piece], below: int, origin: str) -> _Origin:
    """Pieces, the latest first; what may lie under another one does not count for sure."""
    strict: list[object] = [below, origin]
    loose: list[object] = [origin]
    for number, piece in enumerate(pieces):
        relative = piece.target[len(path.rstrip("/")) :]
        strict.append((relative, piece.content))
        later = [other.target for other in pieces[:number] if other.content is not None]
        if piece.is_certain and not any(_overlap(piece.target, target) for target in later):
            loose.append((relative, piece.content))
    return _Origin(tuple(strict), tuple(loose))


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _overlap(one: str, other: str) -> bool:
    return _is_below(one, other) or _is_below(other, one)
