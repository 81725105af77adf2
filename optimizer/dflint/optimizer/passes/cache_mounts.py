"""Download and compile caches that outlive a build, and never get into a layer.

A mount hides what the image has at its place, and nothing written there gets into the layer. So a cache is mounted only
where nothing else reads it; what later commands need (Go's modules, Cargo's registry) only if all of them get it and
would fetch anew what is not there. There is no mount for ``target`` of Cargo: what is built must be copied out of it,
and Cargo takes sources that are older than what it holds for built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.cache_obstacles import is_mounted, may_take, obstacle, other_targets
from dflint.optimizer.cache_settings import is_plain
from dflint.optimizer.caches import (
    CACHES,
    MANAGERS,
    Cache,
    Caller,
    caller_of,
    is_offline,
    is_use,
    place_of,
)
from dflint.optimizer.draft import Outcome
from dflint.optimizer.dropping import dropped, without_word
from dflint.optimizer.rewrite import Change, Refusal
from dflint.optimizer.split.view import is_within
from dflint.optimizer.style import Style
from dflint.packages import parse_package_command
from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Onbuild, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import ClassVar

    from dflint.findings import Edit
    from dflint.model import Model, Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command

_SWITCHES = frozenset(("sudo", "doas", "su", "gosu", "su-exec", "runuser", "setpriv", "chroot", "chpst"))
"""Programs that run others as someone else."""
_BUILTINS = frozenset(("exit", "return", "break", "continue", "shift", "read", "unset", "trap", "ulimit", "umask"))
_SCRIPTED = frozenset(("make", "just", "task", "sh", "bash", "ant", "npm", "yarn", "pnpm", "bun", "npx"))
"""Programs that start others, which may be any."""


class CacheMounts:
    """Keeps what package managers download, and compilers remember, in cache mounts."""

    name: ClassVar[str] = "cache-mounts"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Keeps what package managers download, and compilers remember, in cache mounts."

    def run(self, draft: Draft) -> Outcome:
        """Add the mounts to all RUNs that may have them."""
        model = draft.model
        style = Style.of(model)
        edits: list[Edit] = []
        places: dict[str, None] = {}
        needless: dict[str, None] = {}
        # Linked files that come apart are no change of what an image does, but one of what is in it.
        caches = [cache for cache in CACHES if draft.settings.level != "safe" or not cache.is_linked]
        trees = [_Tree(model, root, caches) for root in model.stages if root.parent is None]
        for tree in trees:
            for use in tree.uses:
                mounts = tree.mounts_of(use)
                if mounts:
                    edits += [style.with_flags(model, use.run, list(mounts.values())), *tree.drops[use.run.start]]
                    places.update(dict.fromkeys(mounts))
                    needless.update((_told(draft, edit), None) for edit in tree.drops[use.run.start])
        refusals = tuple(Refusal(self.name, *refused) for tree in trees for refused in tree.refused)
        if not edits:
            return Outcome(refusals=refusals)
        return Outcome(tuple(sorted(edits)), tuple(self._changes(list(places), list(needless))), refusals)

    def _changes(self, places: list[str], needless: list[str]) -> Iterator[Change]:
        yield Change(
            self.name,
            f"Mount {', '.join(places)} as {'caches' if len(places) > 1 else 'a cache'}",
            "what was downloaded or compiled once is there when the step runs anew, and is in no layer",
            "such steps take less time when they run anew",
            ("the builder is BuildKit, as in every Docker since 23.0",),
        )
        if needless:
            words = ", ".join(needless)
            yield Change(self.name, f"Drop {words}", "the cache is in a mount, not in the layer, and shall stay there")


def _told(draft: Draft, edit: Edit) -> str:
    """The words that an edit takes out."""
    words = [word for word in draft.text[edit.start : edit.end].split() if word != draft.model.tree.escape]
    return " ".join(words).removeprefix("&& ").removeprefix("; ")


class _Use(NamedTuple):
    """A RUN, who runs it, and what its package managers do."""

    stage: Stage
    run: Run
    caller: Caller | None
    """None: not known, or its script cannot be read."""
    commands: tuple[Command, ...]
    packages: tuple[PackageCommand, ...]


class _Tree:
    """A stage from an image, and all that start from it: what one of them caches the others see."""

    def __init__(self, model: Model, root: Stage, caches: Sequence[Cache]) -> None:
        self.model = model
        self.caches = caches
        self.stages = [stage for stage in model.stages if stage.root is root]
        self.refused: list[tuple[str, str, int]] = []
        self.drops: dict[int, list[Edit]] = {}
        self.uses = [
            use
            for stage in self.stages
            for run in stage.instructions
            if isinstance(run, Run)
            for use in [_use(model, stage, run)]
            if use.packages
        ]
        self._stores = {cache: self._is_free(cache) for cache in caches if cache.is_store and self._uses_of(cache)}

    def mounts_of(self, use: _Use) -> dict[str, str]:
        """The flags for a RUN by their places; what gets in their way is in ``drops``."""
        places = self._places(use, [cache for cache in self.caches if self._stores.get(cache, not cache.is_store)])
        drops = self._drops(use, places)
        if drops is None:  # the stores were asked about one by one
            places = {place: cache for place, cache in places.items() if cache.is_store}
            drops = self._drops(use, places)
        if drops is None or use.caller is None:
            return {}
        self.drops[use.run.start] = drops
        return {
            place: use.caller.mount(cache, place)
            for place, cache in places.items()
            if not is_mounted(self.model, use.run, place)
        }

    def _places(self, use: _Use, caches: list[Cache]) -> dict[str, Cache]:
        asked = [(self._place(use, cache), cache) for cache in caches if _asks_for(use, cache)]
        return {place: cache for place, cache in asked if place is not None}

    def _uses_of(self, cache: Cache) -> list[_Use]:
        return [use for use in self.uses if _asks_for(use, cache)]

    def _is_free(self, cache: Cache) -> bool:
        """Whether all that need a store can get it."""
        objection = self._objection(cache)
        if objection is not None and objection[0]:
            title = f"kept what {cache.manager} downloads in the layers"
            if (refusal := (title, *objection)) not in self.refused:
                self.refused.append(refusal)
        return objection is None

    def _objection(self, cache: Cache) -> tuple[str, int] | None:
        """Why a store must not be mounted, and the line; an empty reason if it is not worth a word."""
        line_of = self.model.source.line_of
        uses = self._uses_of(cache)
        for use in self.uses:
            if any(is_offline(package) for package in use.packages if package.manager == cache.manager):
                return "a step counts on it without fetching what is not there", line_of(use.run.start)
            if cache.manager == "mvn" and len(uses) > 1 and _installs_itself(use):
                return "Maven installs the project's own modules there", line_of(use.run.start)
        places = {self._place(use, cache) for use in uses}
        if len(places) != 1 or None in places:
            return "", 0
        family = [other for other in CACHES if other.manager == cache.manager]
        for use in uses:
            if self._drops(use, self._places(use, family)) is None:
                return "", 0
            flag = use.run.flag("network")
            if flag is not None and flag.text == "none":
                return "a later step has no network to fetch it anew", line_of(use.run.start)
        for stage in self.stages:
            if any(isinstance(instruction, Onbuild) for instruction in stage.instructions):
                return "", 0
            for instruction in stage.instructions:
                reader = self._other_reader(instruction, cache) if isinstance(instruction, Run) else None
                if reader is not None:
                    return f"{reader} may need it", line_of(instruction.start)
        return self._objection_of_start(cache)

    def _other_reader(self, run: Run, cache: Cache) -> str | None:
        """A command that nobody knows and that may use a store."""
        if cache.manager == "pnpm":
            return None  # it only links from there, and fetches what is missing
        from dflint.rules._workload import kind_of

        script = self.model.script_of(run)
        if script is None or script.is_opaque or script.errors:
            return "a command in another form"
        for command in script.commands():
            if command.program in _BUILTINS:
                continue
            if parse_package_command(command) is None and kind_of(command) in ("script", "build"):
                return command.name.raw if command.name is not None else "a command"
        return None

    def _objection_of_start(self, cache: Cache) -> tuple[str, int] | None:
        shipped = [stage for stage in self.stages if stage.is_shipped]
        if not shipped or cache.manager == "pnpm" or self.model.target is None:
            return None
        config = self.model.effective_config(self.model.target)
        if config.cmd.known != "file" and config.entrypoint.known != "file":
            return "the image has no start command of its own: one may work in it", 0
        for setting in (config.entrypoint, config.cmd):
            words = setting.value.arguments if setting.value is not None else ()
            names = {part.rpartition("/")[2] for word in words for part in word.split()}
            bad = names & {cache.manager, f"{cache.manager}w", *_SCRIPTED}
            if bad or any(name.endswith(".sh") for name in names):
                told = next(iter(sorted(bad)), "a script")
                line = self.model.source.line_of(setting.instruction.start) if setting.instruction is not None else 0
                return f"the image starts {told}, which may need it", line
        return None

    def _place(self, use: _Use, cache: Cache) -> str | None:
        """Where a RUN has a cache; None if that is not known, or something is in its way."""
        if use.caller is None or any(
            is_offline(p) for u in self.uses for p in u.packages if p.manager == cache.manager
        ):
            return None
        place = place_of(cache, use.caller, self.model.environment_before(use.run))
        if place is None or not is_plain(self.model, use.run, use.packages, cache) or self._is_read(place, cache, use):
            return None
        if any(is_within(t, place) or is_within(place, t) for t in other_targets(self.model, use.run, place)):
            return None
        return place

    def _is_read(self, place: str, cache: Cache, use: _Use) -> bool:
        """Whether something else reads what is at a place, or puts something there."""
        model = self.model
        for instruction in model.instructions:
            if isinstance(instruction, Run):
                if instruction is not use.run and self._run_reads(instruction, place, cache):
                    return True
            elif isinstance(instruction, Transfer):
                stage = model.stage_of(instruction)
                if stage in self.stages and self._may_fill(instruction, place, cache):
                    return True
                is_from_here = any(stage in self.stages for stage in model.stages_named_by(instruction))
                if is_from_here and isinstance(instruction, Copy) and may_take(model, instruction, place, cache):
                    return True
        return False

    def _run_reads(self, run: Run, place: str, cache: Cache) -> bool:
        """Whether another RUN names a place, or mounts what is there."""
        body = self.model.source.text[run.arguments_span.start : run.end]
        for mark in ("${HOME}", "$HOME", "~"):
            body = body.replace(f"{mark}/", "/root/")
        if place in body and not is_mounted(self.model, run, place):
            return True
        return cache.is_store and any(
            mount.from_
            and self.model.resolve_from(mount.from_, run) in self.stages
            and is_within(place, "/" + (mount.source or "").strip("/"))
            for mount in run.mounts
        )

    def _may_fill(self, transfer: Transfer, place: str, cache: Cache) -> bool:
        environment = self.model.environment_before(transfer)
        text = environment.expand(transfer.destination) if transfer.destination is not None else None
        target = environment.resolve_path(text) if text is not None else None
        if target is None:
            return cache.is_store and (text is None or not text.startswith("."))
        return is_within(target, place) or (cache.is_store and target != "/" and is_within(place, target))

    def _drops(self, use: _Use, places: dict[str, Cache]) -> list[Edit] | None:
        """What has to go from a RUN because of its mounts; None if something is in their way that cannot."""
        if use.caller is None:
            return None
        edits = []
        managers = {cache.manager for cache in places.values()}
        off = {name for cache in places.values() for name in cache.off}
        for package in use.packages:
            if package.manager not in managers:
                continue
            for option in package.options:
                edit = without_word(self.model, use.run, option.word) if option.name in off else None
                if edit is None and option.name in off:
                    return None
                edits += [edit] if edit is not None else []
        for command in use.commands:
            found = obstacle(command, places, use.caller.home)
            if found:
                edit = dropped(self.model, use.run, command) if found == "may go" else None
                if edit is None:
                    return None
                edits.append(edit)
        return edits


def _use(model: Model, stage: Stage, run: Run) -> _Use:
    commands = model.commands_of(run)
    packages = [package for command in commands if (package := parse_package_command(command)) is not None]
    known = tuple(package for package in packages if package.manager in MANAGERS)
    script = model.script_of(run)
    is_readable = script is not None and not script.is_opaque and not script.errors and not run.exec_form
    is_odd = any(command.program in _SWITCHES for command in commands) or len(stage.parents) > 1
    caller = caller_of(model, stage, run) if known and is_readable and not is_odd else None
    return _Use(stage, run, caller, commands, known)


def _asks_for(use: _Use, cache: Cache) -> bool:
    return any(
        package.manager == cache.manager and is_use(package) and package.subcommand_name not in cache.spared
        for package in use.packages
    )


def _installs_itself(use: _Use) -> bool:
    return any(word.value == "install" for p in use.packages if p.manager == "mvn" for word in p.operands)
