from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import name_and_subcommand, package_commands
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.packages.command import PackageCommand

_APT = frozenset(("apt-get", "apt", "aptitude"))
_USES = frozenset(("install", "upgrade", "download"))


class AptUpdateAlone(Rule):
    """`apt-get update` has a RUN of its own, and a later RUN installs by the lists it left.

    ## Why is this bad?

    The layer with the lists is cached. When the list of packages in the later RUN changes months after, that RUN works
    with the old lists: it installs outdated versions, or fails since the archive no longer has them. In one RUN the
    update is repeated whenever the installation is.

    ## Exceptions

    Silent if no later RUN of the stage (or of a stage that starts from it) installs without an update of its own, if
    the RUN of the update installs something itself, and if it has mounts.

    ## Fix safety

    Where the two RUNs stand one after the other and are plain `&&` chains, the fix joins them. The files of the image
    stay the same.
    """

    name = "apt-update-alone"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n",
            at=("apt-get update",),
            fixed="FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y curl\n",
        ),
        Bad(
            "FROM debian:12\r\nrun apt-get -qq update\r\n\r\nRUN apt-get install -y \\\r\n    curl\r\n",
            at=("apt-get -qq update",),
            fixed="FROM debian:12\r\nrun apt-get -qq update && \\\r\n    apt-get install -y \\\r\n    curl\r\n",
        ),
        Bad("FROM debian:12\nRUN apt-get update\nCOPY x /x\nRUN apt-get install -y curl\n", at=("apt-get update",)),
        Bad(
            "FROM debian:12 AS base\nRUN <<EOF\nsudo apt update\nEOF\nFROM base\nRUN apt install -y curl\n",
            at=("apt update",),
        ),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM debian:12\nRUN apt-get update\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM debian:12\nRUN apt-get update\nRUN make\n"),
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN apt-get install -y wget\n"),
        Good(
            "FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get update\n"
            "RUN --mount=type=cache,target=/var/lib/apt/lists apt-get install -y curl\n"
        ),
        Good("FROM debian:12 AS a\nRUN apt-get update\nFROM debian:12\nRUN apt-get install -y curl\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        if run.flags or run.is_onbuild_trigger:
            return
        update: PackageCommand | None = None
        for command in package_commands(run, model):
            if command.manager in _APT:
                if command.action in _USES or command.subcommand_name in ("build-dep", "source"):
                    return
                if command.action == "update":
                    update = command
        if update is not None and _is_needed_later(run, model):
            yield self.finding(
                name_and_subcommand(update),
                "later RUNs install by these cached lists: update and install in the same RUN",
                _fix(run, model),
            )


def _is_needed_later(run: Run, model: Model) -> bool:
    stage = model.stage_of(run)
    pending = [stage] if stage is not None else []
    seen = set()
    while pending:
        current = pending.pop()
        seen.add(current.index)
        is_updated = False
        for instruction in current.instructions:
            if isinstance(instruction, Run) and instruction.index > run.index:
                first = _first_use(instruction, model)
                if first == "install":
                    return True
                if first == "update":
                    is_updated = True
                    break
        if not is_updated:
            pending.extend(child for child in current.children if child.index not in seen)
    return False


def _first_use(run: Run, model: Model) -> str:
    """``install`` or ``update``, whichever apt does first in a RUN; empty for neither."""
    from dflint.packages import parse_package_command

    for command in model.commands_of(run):
        package_command = parse_package_command(command)
        if package_command is not None and package_command.manager in _APT:
            if package_command.action == "update":
                return "update"
            if package_command.action in _USES or package_command.subcommand_name in ("build-dep", "source"):
                return "install"
    return ""


def _fix(run: Run, model: Model) -> Fix | None:
    instructions = model.instructions
    if run.index + 1 >= len(instructions):
        return None
    later = instructions[run.index + 1]
    if not isinstance(later, Run) or later.flags:
        return None
    if _first_use(later, model) != "install" or not _is_plain(run, model) or not _is_plain(later, model):
        return None
    if any(run.end <= comment.start < later.start for comment in model.tree.comments) or later.shell_text is None:
        return None
    script = model.script_of(run)
    if script is None or any(c.program in ("cd", "export", "set", "exec", "exit", "umask") for c in script.commands()):
        return None
    if any(
        assignment.name for command in script.commands() for assignment in command.assignments if command.name is None
    ):
        return None
    from dflint.findings import Edit, Fix

    end = script.body.items[-1].node.end
    edit = Edit(end, later.shell_text.start, f" && {model.tree.escape}\n    ")
    return Fix("Join it with the next RUN", "safe", (edit,), (later.start,))


def _is_plain(run: Run, model: Model) -> bool:
    script = model.script_of(run)
    return not run.heredocs and not run.exec_form and script is not None and script.and_chain() is not None
