from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import is_surely_shipped
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.packages.command import PackageCommand

_DEV = {"package.json": '{"dependencies": {"express": "5"}, "devDependencies": {"jest": "30"}}'}
_FLAGS = {"npm": "--omit=dev", "yarn": "--production", "pnpm": "--prod", "bun": "--production", "composer": "--no-dev"}
_WITHOUT = (
    "--omit", "--production", "--prod", "--only", "-P", "--no-dev", "--omit=dev", "--production=true", "--include",
    "--dev",
)  # fmt: skip


class DevDependenciesShipped(Rule):
    """Dependencies for development alone are installed in the shipped image.

    ## Why is this bad?

    Test runners, linters and bundlers make the image larger and give attackers more to work with, while the program
    never loads them.

    ## Exceptions

    Needs a known build context with a manifest that has such dependencies (`devDependencies` of package.json,
    `require-dev` of composer.json). Silent if the stage also builds or tests, prunes later, sets `NODE_ENV=production`
    first, or starts by one of these tools.

    ## Fix safety

    Unsafe: a program may load what its manifest calls a dependency for development.
    """

    name = "dev-dependencies-shipped"
    category = "size"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad(
            'FROM node:22\nCOPY . .\nRUN npm ci\nCMD ["node", "a.js"]\n',
            at=("npm ci",),
            fixed='FROM node:22\nCOPY . .\nRUN npm ci --omit=dev\nCMD ["node", "a.js"]\n',
            files=_DEV,
        ),
        Bad(
            "FROM php:8-apache\nCOPY . .\nRUN composer install --no-scripts\n",
            at=("composer install",),
            fixed="FROM php:8-apache\nCOPY . .\nRUN composer install --no-dev --no-scripts\n",
            files={"composer.json": '{"require-dev": {"phpunit/phpunit": "*"}}'},
        ),
        Bad(
            "FROM node:22\nCOPY . .\nRUN yarn\nCMD node a.js\n",
            at=("yarn",),
            fixed="FROM node:22\nCOPY . .\nRUN yarn --production\nCMD node a.js\n",
            files=_DEV,
        ),
    )
    good = (
        Good("FROM node:22\nCOPY . .\nRUN npm ci --omit=dev\n", files=_DEV),
        Good("FROM node:22\nENV NODE_ENV=production\nCOPY . .\nRUN npm ci\n", files=_DEV),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nRUN npm run build\n", files=_DEV),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nRUN npm prune --omit=dev\n", files=_DEV),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nCMD npm test\n", files=_DEV),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nCMD npx jest\n", files=_DEV),
        Good(
            "FROM node:22\nCOPY . .\nRUN npm ci\nCMD npm start\n",
            files={"package.json": '{"scripts": {"start": "vite preview"}, "devDependencies": {"vite": "7"}}'},
        ),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n", files={"package.json": '{"dependencies": {"express": "5"}}'}),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n"),
        Good("FROM node:22 AS deps\nCOPY . .\nRUN npm ci\nFROM node:22-slim\nCOPY --from=deps /a /a\n", files=_DEV),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if model.context is None or not is_surely_shipped(stage, model):
            return
        found: list[tuple[PackageCommand, Run]] = []
        for instruction in stage.instructions:
            if isinstance(instruction, Run):
                for package in _packages(instruction, model):
                    if package is None:
                        return  # something is built or pruned: it may need them
                    found.append((package, instruction))
        for package, run in found:
            if not _wants_development(package, run, model):
                continue
            word = package.subcommand or package.command.name
            if word is None:
                continue
            flag = _FLAGS[package.manager]
            fix = None
            if not run.exec_form and not package.command.in_string:
                fix = Fix.of(f"Add {flag}", "unsafe", [Edit(word.end, word.end, f" {flag}")])
            name = package.command.name or word
            what = "devDependencies" if package.manager != "composer" else "require-dev packages"
            yield self.finding(
                name.span._replace(end=word.end), f"this ships the {what} too: {flag} leaves them out", fix
            )


def _packages(run: Run, model: Model) -> Iterator[PackageCommand | None]:
    """The installs of a RUN; None stands for a command that may need development dependencies, or removes them."""
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import kind_of

    for command in model.commands_of(run):
        package = parse_package_command(command)
        install = install_of(package) if package is not None else None
        if package is not None and install is not None and package.manager in _FLAGS:
            if install.needs_sources and package.manager != "composer":
                yield None
            yield package
        elif kind_of(command) in ("build", "script") or (
            package is not None and package.subcommand_name in ("prune", "deploy")
        ):
            yield None


def _wants_development(package: PackageCommand, run: Run, model: Model) -> bool:
    import json

    if package.has(*_WITHOUT):
        return False
    environment = model.environment_before(run)
    for name in ("NODE_ENV", "NPM_CONFIG_PRODUCTION", "npm_config_production", "NPM_CONFIG_OMIT", "COMPOSER_NO_DEV"):
        if environment.lookup(name) is not None:
            return False
    if any(assignment.name == "NODE_ENV" for command in model.commands_of(run) for assignment in command.assignments):
        return False
    context = model.context
    assert context is not None
    manifest = "composer.json" if package.manager == "composer" else "package.json"
    if not context.is_sent(manifest):
        return False
    try:
        data = json.loads(context.read(manifest))
    except (OSError, ValueError):
        return False
    table = (
        data.get("require-dev" if manifest == "composer.json" else "devDependencies")
        if isinstance(data, dict)
        else None
    )
    return isinstance(table, dict) and bool(table) and not _starts_by(table, data, model)


def _starts_by(table: dict[str, Any], data: dict[str, Any], model: Model) -> bool:
    """Whether the container may start by one of the packages, or by something for developers."""
    target = model.target
    if target is None:
        return True
    config = model.effective_config(target)
    words: list[str] = []
    for setting in (config.entrypoint, config.cmd):
        if setting.known == "file" and setting.value is not None:
            for argument in setting.value.arguments:
                words.extend(argument.split())
    scripts = data.get("scripts")
    for name in list(words):
        if isinstance(scripts, dict) and isinstance(scripts.get(name), str):
            words.extend(scripts[name].split())
    names = {word.rpartition("/")[2] for word in words}
    programs = {name.rpartition("/")[2].removesuffix("-cli") for name in table}
    if "typescript" in programs:
        programs |= {"tsc", "ts-node", "tsx"}
    return not names.isdisjoint(
        {*programs, "dev", "test", "watch", "nodemon", "ts-node", "tsx", "vite", "next", "serve"}
    )
