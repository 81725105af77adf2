from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.record import NamedTuple
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.context import BuildContext
    from dflint.findings import Finding
    from dflint.model import Model, Stage

_NODE = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n"
_HOST = {"package.json": "{}", "node_modules/a/b.node": "x", "a.js": ""}
_MADE = {
    "npm": "node_modules", "yarn": "node_modules", "pnpm": "node_modules", "bun": "node_modules", "uv": ".venv",
    "composer": "vendor", "cargo": "target",
}  # fmt: skip
"""Ecosystem to the folder that its install makes in the working directory."""


class HostArtifactsOverwrite(Rule):
    """A COPY brings a folder from the host over the one that a RUN has made.

    ## Why is this bad?

    `node_modules`, `.venv`, `vendor` and `target` on the host are made for another system, by another version, with
    dependencies for development. Copied over what the image has just installed they replace file by file: native
    modules for the wrong system, two versions of a package at once. It works or not by what the builder's machine
    happens to hold.

    Leave the folder out by the ignore file.

    ## Exceptions

    Needs a known build context in which the folder is there and is sent. Silent if it is not known where the install or
    the COPY works, and if something later removes the folder or installs anew.
    """

    name = "host-artifacts-overwrite"
    category = "context"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(_NODE, at=(".",), files=_HOST),
        Bad(
            "FROM node:22\nWORKDIR /app\ncopy web/package.json .\nrun yarn install\nadd a.js \\\n  web/ /app/\n",
            at=("web/",),
            files={"web/package.json": "{}", "web/node_modules/a/b": "", "a.js": ""},
        ),
        Bad(
            "FROM python:3.13\nWORKDIR /app\nCOPY uv.lock ./\nRUN uv sync --no-install-project\nCOPY . /app\n",
            at=(".",),
            files={"uv.lock": "", ".venv/pyvenv.cfg": "", ".dockerignore": ".git\n"},
        ),
        # Made by the stage that this one starts from.
        Bad(
            "FROM composer:2 AS deps\nWORKDIR /app\nCOPY composer.json .\nRUN composer install\nFROM deps\nCOPY . .\n",
            at=(".",),
            files={"composer.json": "{}", "vendor/a.php": ""},
        ),
    )
    good = (
        Good(_NODE, files={**_HOST, ".dockerignore": "node_modules\n"}),
        Good(_NODE, files={"package.json": "{}", "a.js": ""}),
        # Elsewhere.
        Good(_NODE.replace("COPY . .", "COPY . /src"), files=_HOST),
        Good(_NODE.replace("COPY . .", "COPY src ."), files={**_HOST, "src/a.js": ""}),
        Good(_NODE.replace("npm ci", "cd /deps && npm ci"), files=_HOST),
        Good(_NODE.replace("npm ci", "npm ci --prefix /deps"), files=_HOST),
        # Before the install, which makes it good.
        Good("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", files=_HOST),
        Good(_NODE + "RUN npm ci --omit=dev\n", files=_HOST),
        Good(_NODE + "RUN rm -rf node_modules && npm ci\n", files=_HOST),
        Good(_NODE.replace("COPY . .", "COPY --exclude=node_modules . ."), files=_HOST),
        Good(_NODE.replace("WORKDIR /app", "WORKDIR $DIR"), files=_HOST),
        Good(_NODE),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or not stage.is_reachable or not any(isinstance(i, Transfer) for i in stage.instructions):
            return
        made = [*_inherited(stage, model), *_made_by(stage, model)]
        if not made:
            return
        from dflint.model.context_reads import context_reads
        from dflint.waste.sizes import told_below

        for read in context_reads(model):
            if read.stage is not stage or read.kind == "bind" or read.is_partial or read.source is None:
                continue
            target = _target(read.instruction, model)
            before = [item for item in made if item.run.index < read.instruction.index]
            if target is None or not before:
                continue
            for item in before:
                host = _host_folder(item.path, target, read.source, context)
                later = any(other.path == item.path and other.run.index > read.instruction.index for other in made)
                if host is None or later or _is_removed_later(item.path, read.instruction.index, stage, model):
                    continue
                size = told_below(context, host)
                name = context.ignore_path.rpartition("/")[2] or ".dockerignore"
                line = model.source.line_of(item.run.start)
                message = f"{host} of the host ({size}) is copied over that of line {line}: add it to {name}"
                yield self.finding(read.place, message)
                break


class _Made(NamedTuple):
    path: str
    """Of the folder, in the image."""
    run: Run


def _inherited(stage: Stage, model: Model) -> list[_Made]:
    found: list[_Made] = []
    parent = stage.parent
    while parent is not None:
        found += _made_by(parent, model)
        parent = parent.parent
    return found


def _made_by(stage: Stage, model: Model) -> Iterator[_Made]:
    from dflint.packages import parse_package_command
    from dflint.packages.installs import install_of
    from dflint.rules._workload import may_be_package_command

    for instruction in stage.instructions:
        if not isinstance(instruction, Run):
            continue
        commands = model.commands_of(instruction)
        if any(command.program in ("cd", "pushd", "mv", "cp") for command in commands):
            continue
        for command in commands:
            package = parse_package_command(command) if may_be_package_command(command) else None
            install = install_of(package) if package is not None else None
            if package is None or install is None or install.ecosystem not in _MADE:
                continue
            if package.has("--prefix", "-C", "--cwd", "--dir", "-d", "--directory", "--project", "--target-dir",
                           "--working-dir", "--manifest-path", "--modules-folder"):  # fmt: skip
                continue
            folder = model.environment_before(instruction).workdir
            if folder is not None:
                yield _Made(f"{folder.rstrip('/')}/{_MADE[install.ecosystem]}", instruction)


def _target(instruction: object, model: Model) -> str | None:
    """The folder that a COPY of a folder fills."""
    if not isinstance(instruction, Transfer) or instruction.destination is None:
        return None
    environment = model.environment_before(instruction)
    if not environment.is_constant(instruction.destination):
        return None
    text = environment.expand(instruction.destination)
    path = environment.resolve_path(text) if text is not None else None
    return path.rstrip("/") if path is not None else None


def _host_folder(made: str, target: str, source: str, context: BuildContext) -> str | None:
    """The folder of the context that comes to stand at ``made``; None if there is none, or nothing of it is sent."""
    if not made.startswith(target + "/"):
        return None
    if source in ("", "*"):
        folder = ""
    else:
        entry = context.resolve(source)
        if entry is None or entry.kind != "dir":
            return None
        folder = entry.path
    path = f"{folder}/{made[len(target) + 1 :]}".lstrip("/")
    entry = context.entry(path)
    if entry is None or entry.kind != "dir" or not context.is_sent(path):
        return None
    # An empty folder replaces nothing.
    return path if any(below.kind != "dir" for below in context.walk(path)) else None


def _is_removed_later(path: str, index: int, stage: Stage, model: Model) -> bool:
    name = path.rpartition("/")[2]
    return any(
        command.program == "rm" and any(name in (word.value or "") for word in command.arguments)
        for instruction in stage.instructions
        if isinstance(instruction, Run) and instruction.index > index
        for command in model.commands_of(instruction)
    )
