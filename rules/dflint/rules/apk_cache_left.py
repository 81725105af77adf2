from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, has_unknown_options, is_in_image, package_commands
from dflint.syntax.tree import Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand

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

    The fix adds `--no-cache`: the same packages are installed, and only the index is missing afterwards. Later
    `apk add` of the image that would miss it get the option with the same fix; there is none where one of them cannot.

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
        # The second one needs the index of the first.
        Bad(
            "FROM alpine:3.20 AS a\nRUN apk update && apk add curl\nFROM a\nRUN apk add git\n",
            at=("update", "add", "add"),
            fixed="FROM alpine:3.20 AS a\nRUN apk update --no-cache && apk add --no-cache curl\nFROM a\n"
            "RUN apk add --no-cache git\n",
        ),
        Bad("FROM alpine:3.20\nRUN apk update\nRUN apk add $FLAGS curl\n", at=("update",)),
        Bad(
            "FROM alpine:3.20\nRUN apk update\nRUN apk add --update $FLAGS curl\n",
            at=("update",),
            fixed="FROM alpine:3.20\nRUN apk update --no-cache\nRUN apk add --update $FLAGS curl\n",
        ),
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
                _fix(command, run, model),
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


def _fix(command: PackageCommand, run: Run, model: Model) -> Fix | None:
    if not can_edit(command.command, run):
        return None
    from dflint.findings import Edit, Fix

    edits: list[Edit] = []
    for other, where in ((command, run), *_without_index(command, run, model)):
        word = other.subcommand
        if word is None or not can_edit(other.command, where) or has_unknown_options(other.command):
            return None
        edits.append(Edit(word.end, word.end, " --no-cache"))
    return Fix.of("Add --no-cache", "safe", edits)


def _without_index(command: PackageCommand, run: Run, model: Model) -> Iterator[tuple[PackageCommand, Run]]:
    """The apk commands after this one, in the image and those made from it, that read the index it leaves."""
    for later in (run, *_later_runs(run, model)):
        for other in package_commands(later, model):
            if other.manager != "apk" or other.command.start <= command.command.start:
                continue
            if other.action in _FILLING and not other.has(
                "--no-cache", "--no-network", "-U", "--update", "--update-cache"
            ):
                yield other, later


def _later_runs(run: Run, model: Model) -> Iterator[Run]:
    stage = model.stage_of(run)
    pending = [] if stage is None else [stage]
    seen = {stage.index for stage in pending}
    while pending:
        current = pending.pop()
        for instruction in current.instructions:
            later = instruction.trigger if isinstance(instruction, Onbuild) else instruction
            if isinstance(later, Run) and instruction.index > run.index:
                yield later
        pending += [child for child in current.children if child.index not in seen]
        seen.update(child.index for child in current.children)
