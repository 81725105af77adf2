from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import can_edit, is_in_image, name_and_subcommand, package_commands
from dflint.syntax.tree import Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Instruction

LISTS = "/var/lib/apt/lists"
_APT = frozenset(("apt-get", "apt", "aptitude"))
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "zsh", "source", "."))


class AptListsLeft(Rule):
    """The package lists that `apt-get update` downloads stay in the image.

    ## Why is this bad?

    The lists in `/var/lib/apt/lists` take 20 to 50 MB and are out of date within days. A layer never shrinks again:
    deleting them in a later RUN hides them but does not make the image smaller. They have to go in the RUN that
    fetched them.

    ## Exceptions

    Silent where the lists are in no image: a cache or tmpfs mount covers them, or the stage is one that others only
    copy from. Silent too where the RUN deletes them in another way (`/var/lib/apt`, brace expansion, `find -delete`,
    `apt-get distclean`), deletes a path that only the build knows, or ends with a clean-up script.

    ## Fix safety

    The fix adds `rm -rf /var/lib/apt/lists/*` as the last command of the same RUN, which then ends as it did before.
    It is withheld if a later RUN of the image installs packages without an update of its own, and unsafe if a later
    RUN calls a shell script, which may do the same. A better remedy may be a cache mount on `/var/lib/apt/lists`.

    ## Differs from hadolint

    The clean-up must come after the update. `find` and `apt-get distclean` count as one, and a cache mount on the
    lists alone is enough. Stages that only `--target` can ask for are looked at.
    """

    name = "apt-lists-left"
    category = "size"
    level = "info"
    aliases = ("DL3009",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        ),
        Bad(
            "FROM debian:12\nrun apt-get -qq update \\\n && apt-get install -y \\\n    curl # for the health check\n",
            at=("apt-get -qq update",),
            fixed="FROM debian:12\nrun apt-get -qq update \\\n && apt-get install -y \\\n    curl \\\n"
            " && rm -rf /var/lib/apt/lists/* # for the health check\n",
        ),
        Bad(
            "FROM debian:12\nRUN apt-get update && \\\n    # tools\n    apt-get install -y curl\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN apt-get update && \\\n    # tools\n    apt-get install -y curl && \\\n"
            "    rm -rf /var/lib/apt/lists/*\n",
        ),
        Bad(
            "# escape=`\r\nFROM debian:12\r\nRUN apt update `\r\n && apt install -y curl\r\n",
            at=("apt update",),
            fixed="# escape=`\r\nFROM debian:12\r\nRUN apt update `\r\n && apt install -y curl `\r\n"
            " && rm -rf /var/lib/apt/lists/*\r\n",
        ),
        Bad(
            "FROM debian:12\nRUN <<EOF\nset -e\napt-get update\napt-get install -y curl\nEOF\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN <<EOF\nset -e\napt-get update\napt-get install -y curl\n"
            "rm -rf /var/lib/apt/lists/*\nEOF\n",
        ),
        Bad(
            "FROM debian:12\nRUN set -ex; \\\n\tapt-get update; \\\n\tapt-get install -y curl;\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN set -ex; \\\n\tapt-get update; \\\n\tapt-get install -y curl; \\\n"
            "\trm -rf /var/lib/apt/lists/*;\n",
        ),
        Bad(
            "FROM debian:12\nRUN rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y curl\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y curl"
            " && rm -rf /var/lib/apt/lists/*\n",
        ),
        # A later RUN needs the lists, so there is no fix.
        Bad("FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n", at=("apt-get update",)),
        Bad(
            "FROM debian:12\nONBUILD RUN apt-get update && apt-get install -y curl\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nONBUILD RUN apt-get update && apt-get install -y curl"
            " && rm -rf /var/lib/apt/lists/*\n",
        ),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"),
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -r /var/lib/apt /var/cache/apt\n"),
        Good("FROM debian:12\nRUN apt-get update; apt-get install -y curl; rm -rf /var/{cache/apt,lib/apt/lists}/*\n"),
        Good("FROM debian:12\nRUN apt-get update && find /var/lib/apt/lists -type f -delete\n"),
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl && apt-get distclean\n"),
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl && /opt/cleanup.sh\n"),
        Good('FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf "$APT_LISTS"\n'),
        Good(
            "FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked"
            " apt-get update && apt-get install -y curl\n"
        ),
        Good(
            "FROM debian:12 AS build\nRUN apt-get update && apt-get install -y gcc\nRUN make\n"
            "FROM debian:12\nCOPY --from=build /app /app\n"
        ),
        Good("FROM alpine:3.20\nRUN apk update && apk add curl\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        update: PackageCommand | None = None
        for command in package_commands(run, model):
            if command.manager in _APT:
                if command.action == "update":
                    update = command
                elif command.subcommand_name in ("distclean", "dist-clean"):
                    update = None
        if update is None or not is_in_image(run, model):
            return
        from dflint.rules._mounted_paths import is_mounted
        from dflint.rules._removed_paths import is_removed

        if is_mounted(run, model, LISTS) or is_removed(run, model, update.command.end, LISTS):
            return
        need = _later_need(run, model)
        remedy = (
            "update, install and remove them in one RUN"
            if need == "lists"
            else "remove /var/lib/apt/lists in the same RUN"
        )
        yield self.finding(
            name_and_subcommand(update),
            f"the package lists of apt stay in the layer: {remedy}",
            _fix(update, need, run, model),
        )


def _fix(update: PackageCommand, need: str, run: Run, model: Model) -> Fix | None:
    # Behind sudo the clean-up would need it too, and its words would be another user's.
    if need == "lists" or not _runs_as_is(update, run, model) or run.exec_form:
        return None
    from dflint.findings import Fix
    from dflint.rules._last_command import appended

    edit = appended(run, model, f"rm -rf {LISTS}/*")
    if edit is None:
        return None
    return Fix(f"Remove {LISTS} at the end of the RUN", "safe" if not need else "unsafe", (edit,))


def _runs_as_is(update: PackageCommand, run: Run, model: Model) -> bool:
    if not can_edit(update.command, run):
        return False
    return not any(
        command.program in ("sudo", "doas") and command.start <= update.command.start < command.end
        for command in model.commands_of(run)
    )


def _later_need(run: Run, model: Model) -> str:
    """``lists`` if a later RUN on this layer needs the lists, ``unknown`` if one calls a script, else empty."""
    found = ""
    for instruction in _later_instructions(run, model):
        later = instruction.trigger if isinstance(instruction, Onbuild) else instruction
        if isinstance(later, Run):
            need = _need(later, model)
            if need == "lists":
                return need
            found = found or need
    return found


def _need(run: Run, model: Model) -> str:
    from dflint.packages import parse_package_command

    found = ""
    for command in model.commands_of(run):
        package_command = parse_package_command(command)
        if package_command is None:
            program = command.unwrapped().program or ""
            if program in ("apt-cache", "apt-file"):
                return "lists"
            if program.endswith(".sh") or (program in _SHELLS and command.string_script is None):
                found = "unknown"
        elif package_command.manager in _APT:
            if package_command.action == "update":
                break
            if package_command.action in ("install", "upgrade", "download") or package_command.subcommand_name in (
                "source",
                "build-dep",
                "satisfy",
            ):
                return "lists"
    return found


def _later_instructions(run: Run, model: Model) -> Iterator[Instruction]:
    stage = model.stage_of(run)
    if stage is None:
        return
    pending, seen = [stage], {stage.index}
    while pending:
        current = pending.pop()
        for instruction in current.instructions:
            if instruction.index > run.index:
                yield instruction
        for child in current.children:
            if child.index not in seen:
                seen.add(child.index)
                pending.append(child)
