"""What a build context holds that no image should get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.rules._broad_copies import fits, is_from_context, whole_context
from dflint.syntax.tree import Run, Transfer
from dflint.waste import find_waste
from dflint.waste.secrets import is_settings
from dflint.waste.sizes import told_below

if TYPE_CHECKING:
    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.syntax.tree import Word

_MAX_MEASURED = 3


class Waste(NamedTuple):
    """``pattern`` is the line for the ignore file; ``is_secret``: who gets the image gets it."""

    pattern: str
    is_secret: bool
    paths: tuple[str, ...]


class Carried(NamedTuple):
    """A COPY of the whole context, by the word that says so, and what it takes along."""

    transfer: Transfer
    word: Word
    waste: tuple[Waste, ...]
    is_shipped: bool


def carried(model: Model) -> Carried | None:
    """The first COPY or ADD of the whole context; None if there is none, or the context is not surely this folder."""
    context = model.context
    if context is None:
        return None
    found = None
    for stage in model.stages:
        if not stage.is_reachable:
            continue
        for instruction in stage.instructions:
            if isinstance(instruction, Transfer) and is_from_context(instruction) and not instruction.flag("exclude"):
                word = whole_context(instruction)
                if word is not None and (found is None or (stage.is_shipped and not found[2])):
                    found = instruction, word, stage.is_shipped
    if found is None or not _is_surely_the_context(context, model):
        return None
    transfer, word, is_shipped = found
    return Carried(transfer, word, tuple(waste_in(context, model)), is_shipped)


_FOLDERS_OF_DOCKERFILES = frozenset(
    ("docker", ".docker", "dockerfiles", "dockerfile", "containers", "container", "deploy", "deployment", "ci", ".ci",
     "build", ".devcontainer", "infra", "ops", "packaging", "images", "scripts", "tools", "contrib")
)  # fmt: skip


def _is_surely_the_context(context: BuildContext, model: Model) -> bool:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of

    folder = context.root.rstrip("/").rpartition("/")[2]
    if folder.lower() in _FOLDERS_OF_DOCKERFILES or not fits(context, model):
        return False
    # An install in the root of what is copied needs its manifest here.
    names = {entry.path for entry in context.entries()}
    if all(_is_for_containers(name) for name in names):
        return False
    for instruction in model.instructions:
        if not isinstance(instruction, Run):
            continue
        commands = model.commands_of(instruction)
        if any(command.program in ("cd", "pushd") for command in commands):
            continue
        for command in commands:
            package = parse_package_command(command)
            install = install_of(package) if package is not None else None
            if (
                install is not None
                and install.ecosystem in ("npm", "yarn", "pnpm", "bun")
                and "package.json" not in names
            ):
                return _has_somewhere(context, "package.json")
            if install is not None and install.ecosystem == "go" and "go.mod" not in names:
                return _has_somewhere(context, "go.mod")
    return True


def _has_somewhere(context: BuildContext, name: str) -> bool:
    return any(
        context.exists(f"{entry.path}/{name}")
        for entry in context.entries()
        if entry.kind == "dir" and not entry.is_ignored
    )


def _is_for_containers(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(
        ("dockerfile", "docker-", "compose", ".dockerignore", "containerfile", "readme", "license")
    ) or (lower.endswith((".dockerfile", ".md", ".dockerignore")))


def waste_in(context: BuildContext, model: Model, folder: str = "") -> list[Waste]:
    """In the root and the folders right below, or in another folder and two levels below; secrets first."""
    found: dict[str, Waste] = {}
    for waste in find_waste(context, [model], depth=2 if folder else 1, folder=folder):
        name = waste.name
        is_secret = waste.kind == "secret" and waste.is_certain
        # Deeper ones are often examples, and where a folder is copied on purpose a file of settings may be as well.
        if is_settings(name) and "/" in waste.path and not (folder and is_secret):
            continue
        pattern = waste.path if name.endswith((".pem", ".key")) or "/" not in waste.path else f"**/{name}"
        known = found.get(pattern, Waste(pattern, is_secret, ()))
        found[pattern] = known._replace(paths=(*known.paths, waste.path))
    return sorted(found.values(), key=lambda waste: not waste.is_secret)


def listed(waste: tuple[Waste, ...], context: BuildContext) -> str:
    """Some names for a message, with the size of what stands at them."""
    shown = waste if len(waste) <= _MAX_MEASURED + 1 else waste[:_MAX_MEASURED]
    names = [f"{item.pattern} ({_size(item, context)})" for item in shown]
    if len(shown) < len(waste):
        return ", ".join(names) + f" and {len(waste) - len(names)} more"
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def _size(waste: Waste, context: BuildContext) -> str:
    told = told_below(context, waste.paths[0])
    return told if len(waste.paths) == 1 or told.startswith("more") else f"more than {told}"
