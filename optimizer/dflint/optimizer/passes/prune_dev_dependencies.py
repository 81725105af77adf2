"""Leaving the packages behind that only development and build need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple as Tuple

from dflint.findings import Edit
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change, Refusal
from dflint.packages import parse_package_command
from dflint.packages.installs import install_of
from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from typing import ClassVar

    from dflint.model import Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level
    from dflint.packages.installs import Install

_PRUNES = {
    "npm": "npm prune --omit=dev",
    "yarn": "yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",
    "pnpm": "pnpm prune --prod",
}


class _Place(Tuple):
    """A stage that installs, and the folder that it installs in."""

    stage: Stage
    run: Run
    install: Install
    folder: str


class PruneDevDependencies:
    """Removes the development dependencies of a Node project at the end of the stage that builds it."""

    name: ClassVar[str] = "prune-dev-dependencies"
    level: ClassVar[Level] = "multi-stage"
    description: ClassVar[str] = (
        "Removes the development dependencies of a Node project at the end of the stage that builds it."
    )

    def run(self, draft: Draft) -> Outcome:
        """Add the pruning, if it is shown that nothing at run time asks for what goes."""
        place = _place(draft)
        if place is None:
            return Outcome()
        reason = _obstacle(draft, place)
        if reason == "":
            return Outcome()
        if reason is not None:
            line = draft.line_of(place.run.start)
            return Outcome(refusals=(Refusal(self.name, "kept the development dependencies", reason, line),))
        command = _PRUNES[place.install.ecosystem]
        keyword = place.run.keyword.text
        newline = draft.model.source.newline
        at = place.stage.instructions[-1].full_end
        change = Change(
            self.name,
            f"Run {command} before the files are copied on",
            "development dependencies are needed to build, not to run",
            "node_modules holds the dependencies of production alone",
            ("no package of devDependencies is loaded at run time",),
        )
        return Outcome((Edit(at, at, f"{keyword} {command}{newline}"),), (change,))


def _place(draft: Draft) -> _Place | None:
    """Where a stage installs whose node_modules the target copies."""
    model = draft.model
    target = model.target
    assert target is not None
    for instruction in target.instructions:
        if not isinstance(instruction, Copy) or instruction.flag("from") is None or len(instruction.sources) != 1:
            continue
        stages = model.stages_named_by(instruction)
        source = model.environment_before(instruction).expand(instruction.sources[0])
        if len(stages) != 1 or source is None or not source.startswith("/"):
            continue
        found = _install_in(draft, stages[0], source.rstrip("/"))
        if found is not None:
            return found
    return None


def _install_in(draft: Draft, stage: Stage, path: str) -> _Place | None:
    model = draft.model
    if stage.used_as_base or len(stage.users) != 1:
        return None
    for instruction in stage.instructions:
        if not isinstance(instruction, Run):
            continue
        for command in model.commands_of(instruction):
            package = parse_package_command(command)
            install = install_of(package) if package is not None else None
            folder = model.environment_before(instruction).workdir
            if install is None or install.ecosystem not in _PRUNES or folder is None:
                continue
            if path in (folder, f"{folder}/node_modules"):
                return _Place(stage, instruction, install, folder)
    return None


def _obstacle(draft: Draft, place: _Place) -> str | None:
    """Why the packages must stay; empty if there are none to drop, None if they may go."""
    context = draft.context
    package = place.install.command
    if package.has("--omit", "--production", "--only", "--prod", "-P"):
        return ""
    for instruction in place.stage.instructions:
        if isinstance(instruction, Run):
            text = draft.text[instruction.start : instruction.end]
            if " prune" in text or "--production" in text or "--omit=dev" in text:
                return ""
    if context is None:
        return "the build context, with its package.json, is not known"
    try:
        manifest = json.loads(context.read("package.json"))
    except (OSError, ValueError):
        return "package.json cannot be read"
    development = manifest.get("devDependencies") if isinstance(manifest, dict) else None
    if not isinstance(development, dict) or not development:
        return ""
    if manifest.get("workspaces"):
        return "the project has workspaces"
    if _runs_npm_of_stage(draft, place):
        return None
    return _used(draft, set(development) - set(manifest.get("dependencies") or {}))


def _runs_npm_of_stage(draft: Draft, place: _Place) -> bool:
    return False


def _used(draft: Draft, development: set[str]) -> str | None:
    """What at run time asks for a development dependency."""
    from dflint.optimizer.needs import entry_programs, node_imports

    model = draft.model
    target, context = model.target, draft.context
    assert target is not None and context is not None
    programs = entry_programs(model, target)
    if programs.unclear:
        return programs.unclear
    for use in programs.uses:
        if use.program not in _KNOWN:
            return f"{use.how}, which a development dependency may bring"
    imports = node_imports(context)
    if imports.unclear:
        return imports.unclear
    used = sorted(development & set(imports.modules))
    if used:
        return f"{imports.modules[used[0]]} loads {used[0]}, a development dependency"
    return None


_KNOWN = frozenset(
    ("node", "sh", "bash", "npm", "yarn", "pnpm", "tini", "dumb-init", "exec", "docker-entrypoint.sh", "curl", "wget")
)
