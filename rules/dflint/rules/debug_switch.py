from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import is_surely_shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Env

_ON = frozenset(("1", "true", "yes", "on", "t", "y"))
_DEVELOPMENT = frozenset(("development", "dev", "debug", "local"))
_SWITCHES = frozenset(
    ("DEBUG", "APP_DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "SYMFONY_DEBUG", "WP_DEBUG", "RAILS_DEBUG",
     "PYTHONDEVMODE")
)  # fmt: skip
_MODES = frozenset(
    ("NODE_ENV", "FLASK_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "MIX_ENV", "ASPNETCORE_ENVIRONMENT",
     "DOTNET_ENVIRONMENT", "SYMFONY_ENV", "DJANGO_ENV", "ENVIRONMENT")
)  # fmt: skip


class DebugSwitch(Rule):
    """The shipped image starts in debug or development mode.

    ## Why is this bad?

    Debug modes show stack traces, settings and consoles to whoever asks, reload files, cache nothing and are slow. A
    container that runs in production with the image's own environment has them on.

    The rule is off by default: many images are for development.

    ## Exceptions

    Only the last value in the shipped image counts. Silent for variables without a known value.
    """

    name = "debug-switch"
    category = "security"
    level = "warning"
    since = "0.1.0"
    status = "off"

    bad = (
        Bad(
            "FROM python:3.13\nENV FLASK_DEBUG=1 FLASK_ENV=development\n", at=("FLASK_DEBUG=1", "FLASK_ENV=development")
        ),
        Bad("FROM node:22\nenv NODE_ENV development\n", at=("NODE_ENV development",)),
        Bad("FROM node:22 AS base\nENV DEBUG=True \\\n  A=1\nFROM base\n", at=("DEBUG=True",)),
    )
    good = (
        Good("FROM node:22\nENV NODE_ENV=production DEBUG=\n"),
        Good("FROM node:22\nENV NODE_ENV=development\nRUN npm ci\nENV NODE_ENV=production\n"),
        Good("FROM node:22 AS build\nENV NODE_ENV=development\nFROM node:22\nCOPY --from=build /a /a\n"),
        Good("FROM node:22\nARG NODE_ENV\nENV NODE_ENV=$NODE_ENV DEBUG=express:*\n"),
        Good("FROM php:8.4\nENV APP_DEBUG=false DEBUG=0\n"),
    )

    def check_env(self, env: Env, model: Model) -> Iterator[Finding]:
        for pair in env.pairs:
            name = pair.key.text
            if pair.value is None or (name not in _SWITCHES and name not in _MODES):
                continue
            value = (pair.value.literal or "").lower() if "$" not in pair.value.text else ""
            if value not in (_ON if name in _SWITCHES else _DEVELOPMENT):
                continue
            stage, target = model.stage_of(env), model.target
            if env.is_onbuild_trigger or stage is None or target is None or not is_surely_shipped(stage, model):
                continue
            last = model.environment_at_end(target).lookup(name)
            if last is not None and last.pair is pair:
                yield self.finding(pair, f"{name} starts the image in debug or development mode")
