from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, is_in_image, name_and_subcommand, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

# What only yarn 2 and later has: there the cache may hold the packages that the program runs from.
_BERRY = ("--immutable", "--immutable-cache", "--inline-builds", "--check-cache", "--mode")
_BERRY_MARKS = (".yarnrc.yml", ".yarn/", ".yarn ", ".pnp.", "corepack", "yarn set version", "yarn@")
_VARIABLES = ("YARN_CACHE_FOLDER", "YARN_ENABLE_GLOBAL_CACHE")


class YarnCacheLeft(Rule):
    """`yarn install` keeps a copy of every package in a cache inside the image.

    ## Why is this bad?

    yarn 1 stores each package's archive and unpacked files below `~/.cache/yarn` or `/usr/local/share/.cache`, about
    as much as `node_modules` itself. The image never installs them again.

    ## Exceptions

    Silent if the RUN runs `yarn cache clean` later or deletes the cache, if a cache or tmpfs mount covers it, if
    another folder is the cache, in stages that others only copy from, and wherever yarn 2 or later is in sight
    (`.yarnrc.yml`, `--immutable`, `corepack`): it may run programs straight from its cache.

    ## Fix safety

    The fix adds `yarn cache clean` as the last command of the RUN. It is unsafe as the text does not always tell which
    version of yarn runs.

    ## Differs from hadolint

    yarn 2 and later is left alone. Deleting the cache counts.
    """

    name = "yarn-cache-left"
    category = "size"
    level = "info"
    aliases = ("DL3060",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM node:20\nRUN yarn install --frozen-lockfile\n",
            at=("yarn install",),
            fixed="FROM node:20\nRUN yarn install --frozen-lockfile && yarn cache clean\n",
        ),
        Bad(
            "FROM node:20\nrun yarn \\\n && yarn build\n",
            at=("yarn",),
            fixed="FROM node:20\nrun yarn \\\n && yarn build \\\n && yarn cache clean\n",
        ),
        Bad(
            "FROM node:20\nONBUILD RUN yarn cache clean; yarn global add serve@14.2.0\n",
            at=("yarn global add",),
            fixed="FROM node:20\nONBUILD RUN yarn cache clean; yarn global add serve@14.2.0 && yarn cache clean\n",
        ),
        Bad("FROM node:20\nRUN su node -c 'yarn install'\n", at=("yarn install",)),
    )
    good = (
        Good("FROM node:20\nRUN yarn install && yarn cache clean\n"),
        Good("FROM node:20\nRUN yarn install && rm -rf /usr/local/share/.cache\n"),
        Good("FROM node:20\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n"),
        Good("FROM node:20\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install\n"),
        Good("FROM node:20\nENV YARN_CACHE_FOLDER=/tmp/yarn\nRUN yarn install\n"),
        Good("FROM node:20\nRUN yarn install --immutable\n"),
        Good("FROM node:20\nCOPY .yarnrc.yml package.json ./\nRUN yarn install\n"),
        Good("FROM node:20\nRUN yarn install\n", files={".yarnrc.yml": "nodeLinker: node-modules\n"}),
        Good("FROM node:20 AS build\nRUN yarn install\nFROM nginx:1.27\nCOPY --from=build /dist /html\n"),
        Good("FROM node:20\nRUN yarn build\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        left: PackageCommand | None = None
        for command in package_commands(run, model):
            if command.manager != "yarn":
                continue
            if command.action in ("install", "upgrade"):
                left = command
            elif command.action == "clean":
                left = None
        if left is None or _is_settled(left, run, model):
            return
        yield self.finding(
            name_and_subcommand(left),
            'the cache of yarn stays in the layer: run "yarn cache clean" in the same RUN',
            _fix(left, run, model),
        )


def _is_settled(command: PackageCommand, run: Run, model: Model) -> bool:
    if not is_in_image(run, model) or command.has("--cache-folder", "--help", "--version", "-v", *_BERRY):
        return True
    from dflint.rules._mounted_paths import has_mount_named
    from dflint.rules._package_commands import has_configuration
    from dflint.rules._removed_paths import is_removed

    environment = model.environment_before(run)
    return (
        any(environment.lookup(name) is not None for name in _VARIABLES)
        or any(assignment.name in _VARIABLES for assignment in command.command.assignments)
        or has_mount_named(run, "cache", "yarn", "$")
        or is_removed(run, model, command.command.end, "/root/.cache/yarn", "/usr/local/share/.cache/yarn")
        or has_configuration(run, model, _BERRY_MARKS)
        or (model.context is not None and model.context.exists(".yarnrc.yml"))
    )


def _fix(command: PackageCommand, run: Run, model: Model) -> Fix | None:
    if not can_edit(command.command, run) or any(c.program in ("sudo", "su") for c in model.commands_of(run)):
        return None
    from dflint.findings import Fix
    from dflint.rules._last_command import appended

    edit = appended(run, model, "yarn cache clean")
    return None if edit is None else Fix("Clean the cache at the end of the RUN", "unsafe", (edit,))
