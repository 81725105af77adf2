"""What the instructions of a Dockerfile read from the build context.

Behaviour: dockerfile2llb/convert.go (ctxPaths, filterPaths) and convert_runmount.go. The client sends only what one of
the stages that are built reads, so a folder that no COPY, ADD or bind mount names costs nothing but the walk over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.context.gopath import has_wildcards, inside_root
from dflint.record import NamedTuple
from dflint.syntax.tree import Add, Copy, Onbuild, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.context import BuildContext, ContextEntry
    from dflint.context.dockerignore import IgnorePattern
    from dflint.model.environment import Environment
    from dflint.model.model import Model
    from dflint.model.stage import Stage
    from dflint.syntax.mounts import Mount
    from dflint.syntax.tree import Instruction, Word


class ContextRead(NamedTuple):
    """One source of a COPY or ADD, or one bind mount."""

    kind: Literal["copy", "add", "bind"]
    place: Word | Mount
    instruction: Instruction
    stage: Stage | None
    source: str | None
    """A path in the context without leading slash, ``""`` for all of it, or a pattern; None: not known.

    Known means: the same in every build of the file. An ARG's default is not known.
    """
    is_partial: bool = False
    """Whether ``--exclude`` or ``--parents`` says more about which files are taken."""

    @property
    def is_whole(self) -> bool:
        """Whether it reads the whole context (``*`` names all entries of the root)."""
        return self.source in ("", "*")

    def roots(self, context: BuildContext, include_ignored: bool = False) -> tuple[ContextEntry, ...]:
        """What the source names, links followed; empty if that is not known."""
        if self.source is None:
            return ()
        if self.kind == "bind":
            entry = context.resolve(self.source)
            return () if entry is None or not (include_ignored or context.is_sent(entry.path)) else (entry,)
        if self.is_partial and _keeps_parents(self.instruction):
            return tuple(_by_parents(self.source, context, include_ignored))
        return context.match(self.source, include_ignored)

    def covers(self, path: str) -> bool:
        """Whether it may take the path: it is what the source names, or below that."""
        source = self.source
        if not source:  # not known, or everything
            return True
        if not has_wildcards(source) and "\\" not in source:
            return path == source or path.startswith(source + "/")
        pattern = _pattern(source)
        return pattern is None or pattern.matches_or_parent(path)


def context_reads(model: Model, only_built: bool = True) -> tuple[ContextRead, ...]:
    """What is read by the stages that are built for the target, or by all of them, triggers of ONBUILD included."""
    return tuple(_reads(model, only_built))


def _reads(model: Model, only_built: bool) -> Iterator[ContextRead]:
    for stage in model.stages:
        if only_built and not stage.is_reachable:
            continue
        for instruction in stage.instructions:
            here: Instruction | None = instruction
            while isinstance(here, Onbuild):
                here = None if only_built else here.trigger
            if isinstance(here, Transfer):
                yield from _of_transfer(here, stage, model)
            elif isinstance(here, Run) and here.mounts:
                yield from _of_run(here, stage, model)


def _of_transfer(transfer: Transfer, stage: Stage, model: Model) -> Iterator[ContextRead]:
    if isinstance(transfer, Copy) and transfer.flag("from") is not None:
        return
    environment = model.environment_before(transfer)
    is_partial = transfer.flag("exclude") is not None or _keeps_parents(transfer)
    for word in transfer.sources:
        source = environment.expand(word) if environment.is_constant(word) else None
        if source is not None and isinstance(transfer, Add) and is_remote(source):
            continue
        kind: Literal["copy", "add"] = "add" if isinstance(transfer, Add) else "copy"
        yield ContextRead(kind, word, transfer, stage, None if source is None else inside_root(source), is_partial)


def _of_run(run: Run, stage: Stage, model: Model) -> Iterator[ContextRead]:
    environment = model.environment_before(run)
    for mount in run.mounts:
        if mount.from_ or (mount.type != "bind" and "$" not in mount.type):
            continue
        yield ContextRead("bind", mount, run, stage, _source_of(mount, environment))


def _source_of(mount: Mount, environment: Environment) -> str | None:
    if not mount.source:
        return ""
    return None if "$" in mount.source else inside_root(environment.expand_text(mount.source) or mount.source)


def is_remote(source: str) -> bool:
    """Whether ADD fetches the source: a URL, or a git repository."""
    return "://" in source or source.startswith("git@")


def _keeps_parents(instruction: Instruction) -> bool:
    return isinstance(instruction, Transfer) and instruction.flag("parents") is not None


def _by_parents(source: str, context: BuildContext, include_ignored: bool) -> Iterator[ContextEntry]:
    """``COPY --parents``: the source is matched as a line of an ignore file is."""
    pattern = _pattern(source.replace("/./", "/"))
    if pattern is None:
        return
    folder = context.resolve(pattern.literal_folder)
    if folder is None:
        return
    for entry in context.walk(folder.path, include_ignored):
        if pattern.matches(entry.path):
            yield entry


def _pattern(text: str) -> IgnorePattern | None:
    from dflint.context.dockerignore import parse_ignore

    found = parse_ignore(text.strip()).patterns
    return found[0] if len(found) == 1 and not found[0].negated else None


class SentPaths:
    """Which paths the client sends for some reads, as far as the ignore file lets it."""

    __slots__ = ("_folders", "_patterns", "is_whole")

    def __init__(self, reads: Iterable[ContextRead], context: BuildContext) -> None:
        self._folders: set[str] = set()
        self._patterns: list[IgnorePattern] = []
        self.is_whole = False
        for read in reads:
            pattern = None
            if read.source is None or read.is_whole or (read.is_partial and _keeps_parents(read.instruction)):
                self.is_whole = True
            elif has_wildcards(read.source):
                pattern = _pattern(read.source)
                self.is_whole = self.is_whole or pattern is None
            else:
                entry = context.resolve(read.source)
                self._folders.update((read.source,) if entry is None else (read.source, entry.path))
            if pattern is not None:
                self._patterns.append(pattern)

    def has(self, path: str) -> bool:
        """Whether a path is sent if it is not ignored."""
        if self.is_whole or path in self._folders:
            return True
        at = path.rfind("/")
        while at > 0:
            if path[:at] in self._folders:
                return True
            at = path.rfind("/", 0, at)
        return any(pattern.matches_or_parent(path) for pattern in self._patterns)
