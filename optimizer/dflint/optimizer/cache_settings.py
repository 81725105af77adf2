"""What of a project says where its caches lie, or that more than a cache is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.shell.nodes import Assignment
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.optimizer.caches import Cache
    from dflint.packages.command import PackageCommand

_CONFIGURED: dict[str, tuple[str, ...]] = {
    "npm": ("config set cache", "config set -g cache"), "yarn": ("cache-folder", "cachefolder", "yarn config set"),
    "pnpm": ("store-dir", "config set store", "config set -g store"), "pip": ("pip.conf", "pip config"),
    "go": ("go env -w",), "mvn": ("localrepository", "maven.repo.local"), "dotnet": ("globalpackagesfolder",),
    "bundle": (".bundle", "path", "deployment"), "composer": ("composer config",),
    "poetry": ("poetry config cache",), "uv": ("uv.toml",), "cargo": (".cargo/config",),
}  # fmt: skip
"""Texts (in lower case) of RUN and COPY that settle by configuration where a cache lies."""
_RUNNERS = frozenset(("npx", "uvx", "bunx", "pnpx"))
_RUNNING = frozenset(("exec", "x", "dlx", "create", "init"))


def is_plain(model: Model, run: Run, packages: Sequence[PackageCommand], cache: Cache) -> bool:
    """Whether nothing in a RUN or the project moves the cache, or keeps more in it than a cache.

    ``packages`` are the package managers' commands of the RUN.
    """
    names = {"HOME", *cache.forbidding, *(name for name, _ in cache.variables)}
    script, commands = model.script_of(run), model.commands_of(run)
    if script is None or any(isinstance(item, Assignment) and item.name in names for item in script.variables()):
        return False
    if any(given.name in names for command in commands for given in command.unwrapped().assignments):
        return False
    if any(package.has(*cache.options) for package in packages if package.manager == cache.manager):
        return False
    if any(mark in text for mark in _CONFIGURED.get(cache.manager, ()) for text in _settings_texts(model, cache)):
        return False
    if cache.manager in ("npm", "uv", "bun", "yarn", "pnpm"):
        # What they run without installing it stays in their cache.
        if any(command.unwrapped().program in _RUNNERS for command in commands):
            return False
        if any(package.subcommand_name in _RUNNING for package in packages):
            return False
    return _is_used_by_project(model, cache)


def _settings_texts(model: Model, cache: Cache) -> Iterator[str]:
    """The lines in lower case that may say where a cache lies: of Bundler only those that configure it."""
    text = model.source.text
    for instruction in model.instructions:
        if isinstance(instruction, (Run, Transfer)):
            body = text[instruction.start : instruction.end].lower()
            if cache.manager != "bundle":
                yield body
            elif "bundle config" in body:
                yield from (part for part in body.split("bundle config")[1:])


def _is_used_by_project(model: Model, cache: Cache) -> bool:
    """Whether the project's files leave a cache where it is, and have a use for it."""
    context = model.context
    if cache.manager == "yarn":
        return ("berry" if "berry" in cache.folder else "classic") == _yarn(model)
    if cache.manager in ("npm", "pnpm"):
        lines = (_text(context, ".npmrc") or "").splitlines()
        unknown = context is not None and context.is_sent(".npmrc") and _text(context, ".npmrc") is None
        return not unknown and not any(line.strip().startswith(("cache", "store-dir")) for line in lines)
    if cache.folder == ".cargo/git":
        lock = _text(context, "Cargo.lock")
        return lock is None or "git+" in lock
    return True


def _yarn(model: Model) -> str:
    """``classic``, ``berry`` if it fills ``node_modules`` from a cache in the home, empty if neither is sure.

    With Yarn's own loader (Plug'n'Play) programs run from the cache, which then must be in the image.
    """
    context, text = model.context, model.source.text
    package = _text(context, "package.json") or ""
    told = package.partition('"packageManager"')[2].partition(":")[2].lstrip()
    settings = _text(context, ".yarnrc.yml")
    if settings is not None:
        fills_modules = "nodeLinker: node-modules" in settings or "nodeLinker: pnpm" in settings
        is_global = "enableGlobalCache: true" in settings or (
            "enableGlobalCache" not in settings and (told.startswith('"yarn@4') or "/yarn-4" in settings)
        )
        is_moved = "cacheFolder" in settings or "globalFolder" in settings
        return "berry" if fills_modules and is_global and not is_moved else ""
    if any(mark in text for mark in (".yarnrc.yml", ".yarn", ".pnp.", "--immutable", "set version", "yarn@")):
        return ""
    if context is not None and (context.is_sent(".yarnrc.yml") or context.is_sent(".yarn")):
        return ""
    is_classic = told.startswith('"yarn@1') if told else "corepack" not in text
    return "classic" if is_classic else ""


def _text(context: BuildContext | None, path: str) -> str | None:
    """A file's text; None if it is not sent, or cannot be read."""
    if context is None or not context.is_sent(path):
        return None
    try:
        return context.read(path)
    except OSError:
        return None
