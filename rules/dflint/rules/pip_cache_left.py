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

_VARIABLES = ("PIP_NO_CACHE_DIR", "PIP_CACHE_DIR", "PIP_CONFIG_FILE")


class PipCacheLeft(Rule):
    """`pip install` keeps what it downloads in a cache inside the image.

    ## Why is this bad?

    pip stores each downloaded file and each wheel it builds under `~/.cache/pip`. The image never installs them again,
    so the cache is dead weight, often as large as the installed packages.

    ## Exceptions

    Silent with `--no-cache-dir`, with `PIP_NO_CACHE_DIR` set to any value (pip takes even `off` as "no cache", see
    pip/_internal/cli/cmdoptions.py), with an own `--cache-dir` or `PIP_CACHE_DIR`, with a cache or tmpfs mount on a
    cache folder, if the RUN deletes the cache or purges it, if the Dockerfile writes or copies a `pip.conf`, and in
    stages that others only copy from.

    ## Fix safety

    The fix adds `--no-cache-dir`: the same packages are installed, and only the cache is missing. A cache mount on
    `/root/.cache/pip` is the better remedy if the build runs often.

    ## Differs from hadolint

    Cleaning up in the same RUN counts, `pip.conf` is respected, and stages that are in no image are left out.
    """

    name = "pip-cache-left"
    category = "size"
    level = "warning"
    aliases = ("DL3042",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM python:3.12\nRUN pip install -r requirements.txt\n",
            at=("install",),
            fixed="FROM python:3.12\nRUN pip install --no-cache-dir -r requirements.txt\n",
        ),
        Bad(
            "FROM python:3.12\nrun python3 -m pip install \\\n    flask==3.0.0 \\\n && pip3.12 -q install six==1.0\n",
            at=("install", "install"),
            fixed="FROM python:3.12\nrun python3 -m pip install --no-cache-dir \\\n    flask==3.0.0 \\\n"
            " && pip3.12 -q install --no-cache-dir six==1.0\n",
        ),
        Bad(
            "FROM python:3.12\nONBUILD RUN <<EOF\n$VENV/bin/pip install .\nEOF\n",
            at=("install",),
            fixed="FROM python:3.12\nONBUILD RUN <<EOF\n$VENV/bin/pip install --no-cache-dir .\nEOF\n",
        ),
        Bad("FROM python:3.12\nRUN su app -c 'pip install flask==3.0.0'\n", at=("install",)),
    )
    good = (
        Good("FROM python:3.12\nRUN pip install --no-cache-dir flask==3.0.0 && pip --no-cache-dir install .\n"),
        Good("FROM python:3.12 AS base\nENV PIP_NO_CACHE_DIR=1\nFROM base\nRUN pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN PIP_NO_CACHE_DIR=off pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN export PIP_NO_CACHE_DIR=1 && pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN --mount=type=cache,target=$HOME/.cache pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN pip install flask==3.0.0 && rm -rf ~/.cache\n"),
        Good("FROM python:3.12\nRUN pip install flask==3.0.0 && pip cache purge\n"),
        Good("FROM python:3.12\nCOPY pip.conf /etc/pip.conf\nRUN pip install flask==3.0.0\n"),
        Good("FROM python:3.12\nRUN pip config set global.no-cache-dir true\nRUN pip install flask==3.0.0\n"),
        Good(
            "FROM python:3.12 AS build\nRUN pip install flask==3.0.0\nFROM python:3.12\nCOPY --from=build /venv /venv\n"
        ),
        Good("FROM python:3.12\nRUN pip uninstall -y six && pip install $PIP_OPTS six && pipx install black\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        commands = package_commands(run, model)
        for command in commands:
            if command.manager != "pip" or command.action != "install" or command.subcommand is None:
                continue
            if command.has("--no-cache-dir", "--no-cache", "--cache-dir", "--help", "-h", "--dry-run"):
                continue
            if _is_settled(command, commands, run, model):
                continue
            yield self.finding(
                command.subcommand,
                '"pip install" leaves its cache in the layer: use --no-cache-dir',
                _fix(command, run),
            )


def _is_settled(command: PackageCommand, commands: list[PackageCommand], run: Run, model: Model) -> bool:
    if has_unknown_options(command.command) or not is_in_image(run, model):
        return True
    environment = model.environment_before(run)
    for name in _VARIABLES:
        variable = environment.lookup(name)
        if variable is not None and variable.is_set:
            return True
    script = model.script_of(run)
    for use in script.variables() if script is not None else ():
        if use.name in _VARIABLES and use.start < command.command.end:
            return True
    if any(a.name in _VARIABLES for a in command.command.assignments):
        return True
    end = command.command.end
    if any(later.action == "clean" and later.manager == "pip" and later.command.start > end for later in commands):
        return True
    from dflint.rules._mounted_paths import has_mount_named
    from dflint.rules._package_commands import has_configuration
    from dflint.rules._removed_paths import is_removed

    return (
        has_mount_named(run, "cache", "pip", "$")
        or is_removed(run, model, end, "/root/.cache/pip")
        or has_configuration(run, model, (".no-cache-dir", "no-cache-dir ="), ("pip.conf",))
    )


def _fix(command: PackageCommand, run: Run) -> Fix | None:
    word = command.subcommand
    if word is None or not can_edit(command.command, run):
        return None
    from dflint.findings import Edit, Fix

    return Fix("Add --no-cache-dir", "safe", (Edit(word.end, word.end, " --no-cache-dir"),))
