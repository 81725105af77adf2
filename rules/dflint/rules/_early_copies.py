"""COPYs of whole folders that stand above an install, and the install that they delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.rules._broad_copies import is_from_context, source_folder
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.model import Model, Stage
    from dflint.rules._installs import Install
    from dflint.shell import Command
    from dflint.syntax.tree import Instruction, Word


class Step(NamedTuple):
    """A costly command of a RUN: an install of dependencies, or (``install`` None) of the distribution's packages."""

    install: Install | None
    command: Command
    text: str


class Case(NamedTuple):
    """A COPY of ``folder`` (by ``word``), the RUN with the costly step below it, and the instructions between them."""

    model: Model
    copy: Transfer
    word: Word
    folder: str
    run: Run
    step: Step
    between: Sequence[Instruction]


def steps_of(run: Run, model: Model) -> Iterator[Step]:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import SYSTEM_MANAGERS, may_be_package_command

    for command in model.commands_of(run):
        if not may_be_package_command(command):
            continue
        package = parse_package_command(command)
        if package is None:
            continue
        if package.manager in SYSTEM_MANAGERS:
            if package.action == "install" and package.packages:
                yield Step(None, command, f"{package.manager} {package.subcommand_name}")
            continue
        install = install_of(package)
        if install is not None:
            yield Step(install, command, install.text)


def installed_in_parents(stage: Stage, model: Model) -> set[tuple[str, tuple[str | None, ...]]]:
    found: set[tuple[str, tuple[str | None, ...]]] = set()
    parent = stage.parent
    while parent is not None:
        for instruction in parent.instructions:
            if isinstance(instruction, Run):
                found |= {step.install.key for step in steps_of(instruction, model) if step.install}
        parent = parent.parent
    return found


def copied_folder(instruction: Instruction, model: Model) -> tuple[Transfer, Word, str] | None:
    """The COPY or ADD of a folder of the context: its source and the folder, ``""`` for the whole context."""
    if not isinstance(instruction, Transfer) or not is_from_context(instruction) or instruction.heredocs:
        return None
    if len(instruction.sources) != 1 or instruction.destination is None:
        return None
    word = instruction.sources[0]
    folder = source_folder(word, model.context)
    return None if folder is None else (instruction, word, folder)


def first_install(
    copy: Transfer, below: Sequence[Instruction], model: Model
) -> tuple[Run, Step, Sequence[Instruction]] | None:
    """The first RUN below with a costly step that need not wait for the sources; None if none has, or may have."""
    from dflint.rules._workload import kind_of

    for place, instruction in enumerate(below):
        if not isinstance(instruction, Run):
            continue
        script = model.script_of(instruction)
        if script is None or script.is_opaque or script.errors or instruction.exec_form or instruction.heredocs:
            return None
        if any(mount.type == "bind" for mount in instruction.mounts):
            return None
        steps = {id(step.command): step for step in steps_of(instruction, model)}
        for command in model.commands_of(instruction):
            step = steps.get(id(command))
            if step is not None:
                install = step.install
                if install is None:
                    if _is_self_contained(instruction, copy, model):
                        return instruction, step, below[:place]
                    continue
                if install.is_build and _has_cache_mount(instruction):
                    return None
                return instruction, step, below[:place]
            if kind_of(command) in ("script", "build") or _names_a_manifest(command):
                return None
    return None


def _has_cache_mount(run: Run) -> bool:
    return any(mount.type == "cache" for mount in run.mounts)


def _names_a_manifest(command: Command) -> bool:
    """Whether a small command speaks of a manifest or lock file: it may be edited or made there."""
    from dflint.context.manifests import is_lock, is_manifest

    for word in (*command.arguments, *[r.target for r in command.redirects if r.target is not None]):
        name = (word.value or word.raw).rpartition("/")[2]
        if name and (is_manifest(name) or is_lock(name) or name.startswith("package*")):
            return True
    return False


def _is_self_contained(run: Run, copy: Transfer, model: Model) -> bool:
    """Whether a RUN does nothing but install packages of the distribution by name, and tidy up after it."""
    from dflint.packages import parse_package_command
    from dflint.rules._workload import SYSTEM_MANAGERS

    for command in model.commands_of(run):
        if command.redirects:
            return False
        package = parse_package_command(command)
        if package is not None:
            if package.manager not in SYSTEM_MANAGERS or any(p.source != "index" for p in package.packages):
                return False
            continue
        words = [word.value for word in command.arguments]
        if command.program == "rm" and all(w and w.startswith(("-", "/var/", "/tmp/", "/usr/share/")) for w in words):
            continue
        if command.program in ("set", "export", "true"):
            continue
        return False
    return True
