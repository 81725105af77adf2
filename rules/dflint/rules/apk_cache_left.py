from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, has_unknown_options, is_in_image, package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run

_CACHE = "/var/cache/apk"
_OWN_CACHE = "/etc/apk/cache"


_FILLING = frozenset(("install", "update", "upgrade"))


class ApkCacheLeft(Rule):
    """apk without `--no-cache` leaves the package index in the image.

    ## Why is this bad?

    `apk add`, `apk update` and `apk upgrade` keep the index of every repository in `/var/cache/apk`, a few MB that are
    out of date within days. With `--no-cache` apk fetches the index, uses it and writes nothing (apk(8)).

    ## Exceptions

    Silent if the RUN deletes `/var/cache/apk` itself, if a mount covers it or `/etc/apk/cache`, if `--cache-dir` or
    `--no-network` is given, and in stages that others only copy from.

    ## Fix safety

    The fix adds `--no-cache`: the same packages are installed, and only the index is missing afterwards.

    ## Differs from hadolint

    `apk update` and `apk upgrade` are looked at too. Deleting the cache in the same RUN is as good as `--no-cache`.
    Stages that are in no image are left out.
    """

    name = "apk-cache-left"
    category = "size"
    level = "info"
    aliases = ("DL3019",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM alpine:3.20\nRUN apk add curl\n",
            at=("add",),
            fixed="FROM alpine:3.20\nRUN apk add --no-cache curl\n",
        ),
        Bad(
            "FROM alpine:3.20\nrun apk update \\\n && apk -q add -t .build \\\n    gcc\n",
            at=("update", "add"),
            fixed="FROM alpine:3.20\nrun apk update --no-cache \\\n && apk -q add --no-cache -t .build \\\n    gcc\n",
        ),
        Bad(
            "FROM alpine:3.20\nONBUILD RUN <<EOF\napk add --update curl\nEOF\n",
            at=("add",),
            fixed="FROM alpine:3.20\nONBUILD RUN <<EOF\napk add --no-cache --update curl\nEOF\n",
        ),
        Bad('FROM alpine:3.20\nRUN ["sh", "-c", "apk add curl"]\n', at=("add",)),
    )
    good = (
        Good("FROM alpine:3.20\nRUN apk add --no-cache curl && apk --no-cache add wget\n"),
        Good("FROM alpine:3.20\nRUN apk add --update curl && rm -rf /var/cache/apk/*\n"),
        Good("FROM alpine:3.20\nRUN --mount=type=cache,target=/var/cache/apk apk add curl\n"),
        Good("FROM alpine:3.20\nRUN --mount=type=cache,target=/etc/apk/cache apk add curl\n"),
        Good("FROM alpine:3.20\nRUN apk add --no-network ./local.apk && apk add $APK_FLAGS curl\n"),
        Good("FROM alpine:3.20 AS build\nRUN apk add gcc\nFROM alpine:3.20\nCOPY --from=build /app /app\n"),
        Good("FROM alpine:3.20\nRUN apk del curl && apk upgrade --no-cache\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            if command.manager != "apk" or command.action not in _FILLING or command.subcommand is None:
                continue
            if command.has("--no-cache", "--cache-dir", "--no-network", "-s", "--simulate"):
                continue
            if _is_settled(command, run, model):
                continue
            yield self.finding(
                command.subcommand,
                f'"apk {command.subcommand_name}" leaves the package index in the layer: use --no-cache',
                _fix(command, run),
            )


def _is_settled(command: PackageCommand, run: Run, model: Model) -> bool:
    from dflint.rules._mounted_paths import is_mounted
    from dflint.rules._removed_paths import is_removed

    return (
        has_unknown_options(command.command)
        or not is_in_image(run, model)
        or is_mounted(run, model, _CACHE, _OWN_CACHE)
        or is_removed(run, model, command.command.end, _CACHE)
    )


def _fix(command: PackageCommand, run: Run) -> Fix | None:
    word = command.subcommand
    if word is None or not can_edit(command.command, run):
        return None
    from dflint.findings import Edit, Fix

    return Fix("Add --no-cache", "safe", (Edit(word.end, word.end, " --no-cache"),))
