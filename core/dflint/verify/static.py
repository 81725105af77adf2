"""What can be said of a rewrite without building: two Dockerfiles compared through their models.

The level is always 0, "not built". What is known to be wrong is a reason; what the files cannot tell is a note: an
inherited setting of another base image, a path that a RUN may or may not make.
"""

from __future__ import annotations

from posixpath import basename, normpath
from typing import TYPE_CHECKING

from dflint.model import Stage
from dflint.packages import parse_package_command
from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Run, Transfer
from dflint.verify.classes import is_toolchain_package
from dflint.verify.level import Level
from dflint.verify.verdict import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dflint.model import Model
    from dflint.model.config import Entry, Health, ImageConfig, Process, Setting
    from dflint.syntax.tree import Instruction

_SYSTEM_MANAGERS = frozenset(("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper"))
_SYSTEM_COMMANDS = frozenset((
    "useradd", "adduser", "usermod", "groupadd", "addgroup", "groupmod", "setcap", "ldconfig", "update-ca-certificates",
    "update-ca-trust", "locale-gen", "localedef", "dpkg-reconfigure", "update-alternatives", "a2enmod", "a2ensite",
    "a2dismod",
    "a2dissite", "a2enconf", "setfacl", "chsh", "chpasswd", "ssh-keygen", "phpenmod", "visudo",
))  # fmt: skip
_ROOT_USER = frozenset(("", "0", "root", "0:0", "root:root"))


class _Side(NamedTuple):
    model: Model
    stage: Stage
    config: ImageConfig
    chain: tuple[Stage, ...]
    """The stages whose layers are in the image, the lowest first."""


def compare_models(original: Model, rewrite: Model) -> Verdict:
    """The verdict on a rewrite that was not built: level 0, with reasons for what is known to differ.

    No reason at levels up to 2 means that the configurations are equal as far as the files say; at level 4 that nothing
    that the process needs is known to be dropped. Notes say what is not known.
    """
    if original.target is None or rewrite.target is None:
        return Verdict.not_built("a file without a stage to build")
    one, other = _side(original, original.target), _side(rewrite, rewrite.target)
    reasons: list[Reason] = [Reason(Level.BUILDS, "build", "the images were not built")]
    notes: list[str] = []
    same_base = _base_of(one) == _base_of(other) and _base_of(one) is not None
    _compare_settings(one, other, same_base, reasons, notes)
    _compare_entries(one, other, same_base, reasons, notes)
    reasons += _paths_from_builders(other)
    reasons += _named_paths(one, other)
    reasons += _packages(one, other)
    reasons += _commands(one, other)
    return Verdict(Level.NOT_BUILT, tuple(sorted(reasons, key=lambda reason: reason.level)), notes=tuple(notes))


def _side(model: Model, stage: Stage) -> _Side:
    chain = [stage]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    return _Side(model, stage, model.effective_config(stage), tuple(reversed(chain)))


def _base_of(side: _Side) -> tuple[str, str] | None:
    """Name and platform of the image that the final stage starts from; None if it is not known."""
    root = side.chain[0]
    text = root.base_text
    return None if text is None else (text, root.platform.text if root.platform is not None else "")


# Configuration


def _compare_settings(one: _Side, other: _Side, same_base: bool, reasons: list[Reason], notes: list[str]) -> None:
    fields: tuple[tuple[str, Callable[[ImageConfig], Setting[object]]], ...] = (
        ("Entrypoint", lambda config: _any(config.entrypoint)),
        ("Cmd", lambda config: _any(config.cmd)),
        ("WorkingDir", lambda config: _any(config.workdir)),
        ("User", lambda config: _any(config.user)),
        ("StopSignal", lambda config: _any(config.stopsignal)),
        ("Healthcheck", lambda config: _any(config.healthcheck)),
        ("Shell", lambda config: _any(config.shell)),
    )
    for name, get in fields:
        before, after = get(one.config), get(other.config)
        if before.known == after.known == "base":
            if not same_base:
                notes.append(
                    f"config.{name} is that of the base image, which is another one: not known whether it is equal"
                )
        elif before.known == after.known == "unset" or _equal(name, before, after):
            continue
        elif before.known == after.known and before.value is None and after.value is None:
            if _written(before) != _written(after):
                notes.append(
                    f"config.{name}: {_written(before)} and {_written(after)} depend on what the files do not say"
                )
        else:
            message = f"{_show(before)} in the original, {_show(after)} in the rewrite"
            reasons.append(Reason(Level.CONFIGURATION_EQUAL, f"config.{name}", message))


def _any(setting: Setting[Process] | Setting[str] | Setting[Health] | Setting[tuple[str, ...]]) -> Setting[object]:
    return setting  # type: ignore[return-value]


def _equal(name: str, before: Setting[object], after: Setting[object]) -> bool:
    if (
        name == "User"
        and {before.value, after.value} <= _ROOT_USER | {None}
        and "base" not in (before.known, after.known)
    ):
        return (before.value or "") in _ROOT_USER and (after.value or "") in _ROOT_USER
    if before.known != after.known or before.value is None:
        return False
    if name in ("Entrypoint", "Cmd"):  # the image has the words alone, whatever form they were written in
        return getattr(before.value, "arguments", None) == getattr(after.value, "arguments", None)
    return before.value == after.value


def _written(setting: Setting[object]) -> str:
    return _code(setting.instruction) if setting.instruction is not None else "nothing"


def _code(instruction: Instruction) -> str:
    text: str = instruction.get_code(False)  # type: ignore[no-untyped-call]
    return text.strip()


def _show(setting: Setting[object]) -> str:
    if setting.known == "base":
        return "that of the base image"
    return _written(setting) if setting.known == "file" else "not set"


def _compare_entries(one: _Side, other: _Side, same_base: bool, reasons: list[Reason], notes: list[str]) -> None:
    for field, first, second in (
        ("Env", one.config.env, other.config.env),
        ("Labels", one.config.labels, other.config.labels),
        ("ExposedPorts", one.config.exposed_ports, other.config.exposed_ports),
        ("Volumes", one.config.volumes, other.config.volumes),
    ):
        before = {entry.name: entry for entry in first}
        after = {entry.name: entry for entry in second}
        for name in sorted(before.keys() | after.keys()):
            _compare_entry(f"config.{field}.{name}", before.get(name), after.get(name), reasons, notes)
        if not same_base and (one.config.inherits or other.config.inherits):
            notes.append(f"config.{field}: what the base images, which differ, add is not known")
    triggers = [[_code(instruction) for instruction in side.config.onbuild] for side in (one, other)]
    if triggers[0] != triggers[1]:
        reasons.append(Reason(Level.CONFIGURATION_EQUAL, "config.OnBuild", "other triggers in the rewrite"))


def _compare_entry(
    subject: str, before: Entry | None, after: Entry | None, reasons: list[Reason], notes: list[str]
) -> None:
    if before is not None and after is not None:
        if before.value is None and after.value is None:
            notes.append(f"{subject}: its value is not known from the files")
            return
        if before.value == after.value:
            return
    values = [("not set" if entry is None else repr(entry.value)) for entry in (before, after)]
    message = f"{values[0]} in the original, {values[1]} in the rewrite"
    reasons.append(Reason(Level.CONFIGURATION_EQUAL, subject, message))


# Paths


def _paths_from_builders(side: _Side) -> Iterator[Reason]:
    """What COPY --from takes although it certainly is not there: nothing but a cache mount held it."""
    for instruction, stage, path in _taken(side):
        if _only_in_mount(side.model, stage, path):
            place = f"{_name(stage)}, where it was only in a cache mount"
            message = f"COPY --from takes it from {place}, which is not in the layer"
            yield Reason(Level.BUILDS, path, message)
        elif stage.is_scratch and not _has_runs(stage) and not _may_have(side.model, stage, path):
            line = side.model.source.position(instruction.start).line
            yield Reason(Level.BUILDS, path, f"nothing puts it into {_name(stage)}, from which line {line} takes it")


def _taken(side: _Side) -> Iterator[tuple[Copy, Stage, str]]:
    for stage in side.chain:
        for instruction in stage.instructions:
            if not isinstance(instruction, Copy) or instruction.from_ is None:
                continue
            source = side.model.resolve_from(instruction.from_.text, instruction)
            if not isinstance(source, Stage):
                continue
            environment = side.model.environment_before(instruction)
            for word in instruction.sources:
                text = environment.expand(word)
                if text is not None and not any(char in text for char in "*?["):
                    yield instruction, source, normpath("/" + text.lstrip("/"))


def _name(stage: Stage) -> str:
    return f"the stage {stage.name}" if stage.name else f"stage {stage.index}"


def _chain_of(stage: Stage) -> list[Stage]:
    chain = [stage]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    return chain


def _has_runs(stage: Stage) -> bool:
    return any(isinstance(instruction, Run) for link in _chain_of(stage) for instruction in link.instructions)


def _only_in_mount(model: Model, stage: Stage, path: str) -> bool:
    """Whether every RUN that may have made a path had a cache mount there, and nothing was copied to it."""
    mounted = False
    for link in _chain_of(stage):
        for instruction in link.instructions:
            environment = model.environment_before(instruction)
            if isinstance(instruction, Run):
                targets = [
                    environment.resolve_path(environment.expand_text(mount.target) or "")
                    for mount in instruction.mounts
                    if mount.type in ("cache", "tmpfs") and mount.target and not mount.from_
                ]
                covered = any(target is not None and _is_below(path, target) for target in targets)
                if not covered and _may_write(model, instruction, path):
                    return False
                mounted = mounted or covered
            elif isinstance(instruction, Transfer) and _brings(model, instruction, path):
                return False
    return mounted


def _may_write(model: Model, instruction: Run, path: str) -> bool:
    """Whether a RUN without a mount there may make a path: all may, but for those of package managers alone."""
    commands = model.commands_of(instruction)
    if not commands or instruction.exec_form:
        return True
    for command in commands:
        package = parse_package_command(command)
        is_harmless = command.program in ("cd", "set", "echo", "true", "rm", "export", "mkdir")
        if not is_harmless and (package is None or package.manager not in _SYSTEM_MANAGERS):
            return True
    return False


def _brings(model: Model, instruction: Transfer, path: str) -> bool:
    """Whether a COPY or ADD may bring a path: into it, onto it, or into a folder above it."""
    environment = model.environment_before(instruction)
    text = environment.expand(instruction.destination) if instruction.destination is not None else None
    place = environment.resolve_path(text) if text is not None else None
    return place is None or _is_below(path, place) or _is_below(place, path)


def _may_have(model: Model, stage: Stage, path: str) -> bool:
    if path == "/":
        return True
    for link in _chain_of(stage):
        workdirs = (model.environment_at_end(link).workdir,)
        if any(workdir is None or _is_below(workdir, path) for workdir in workdirs):
            return True
        for instruction in link.instructions:
            if isinstance(instruction, Transfer) and _brings(model, instruction, path):
                return True
    return False


def _is_below(path: str, folder: str) -> bool:
    return path == folder or folder == "/" or path.startswith(f"{folder}/")


def _named_paths(one: _Side, other: _Side) -> Iterator[Reason]:
    """Files that the start command names, that the original gets by COPY or a build, and the rewrite's end does not."""
    for path in _paths_of_command(one):
        if not _is_made(one, path) or _comes(other, path):
            continue
        yield Reason(
            Level.CLOSURE_EQUAL, path, "the start command names it, and nothing brings it into the final stage"
        )


def _paths_of_command(side: _Side) -> Iterator[str]:
    environment = side.model.environment_at_end(side.stage)
    settings = (side.config.entrypoint, side.config.cmd)
    for setting in settings:
        process = setting.value
        if process is None or process.form != "exec":
            continue
        for number, word in enumerate(process.arguments):
            if word.startswith("-") or "$" in word or "://" in word or not word:
                continue
            is_path = "/" in word or (number > 0 and "." in word.strip(".") and not word.replace(".", "").isdigit())
            path = environment.resolve_path(word) if is_path else None
            if path is not None and ":" not in path:
                yield path


def _is_made(side: _Side, path: str) -> bool:
    """Whether an instruction of the image's own stages is seen to bring a path."""
    return any(
        isinstance(instruction, Transfer) and _brings(side.model, instruction, path)
        for stage in side.chain
        for instruction in stage.instructions
    )


def _comes(side: _Side, path: str) -> bool:
    """Whether the final stage may have a path: by its base, a COPY, or a RUN of its own."""
    if _is_made(side, path) or _has_runs(side.stage):
        return True
    workdir = side.model.environment_at_end(side.stage).workdir
    return side.config.inherits and not (workdir is not None and workdir != "/" and _is_below(path, workdir))


# What RUNs did to the system


def _commands_in(side: _Side) -> Iterator[tuple[Instruction, tuple[str, ...]]]:
    for stage in side.chain:
        for instruction in stage.instructions:
            if isinstance(instruction, Run):
                for command in side.model.commands_of(instruction):
                    inner = command.unwrapped()
                    if inner.program is not None:
                        yield instruction, (inner.program, *(word.raw for word in inner.arguments))


def _installed(side: _Side) -> set[str] | None:
    """Packages of the distribution that the image's own stages install; None if some are not known."""
    found: set[str] = set()
    for stage in side.chain:
        for instruction in stage.instructions:
            if not isinstance(instruction, Run):
                continue
            for command in side.model.commands_of(instruction):
                package = parse_package_command(command)
                if package is not None and package.manager in _SYSTEM_MANAGERS and package.action == "install":
                    if any(one.source == "variable" for one in package.packages):
                        return None
                    found.update(one.name for one in package.packages if one.source == "index")
    return found


def _packages(one: _Side, other: _Side) -> Iterator[Reason]:
    before, after = _installed(one), _installed(other)
    if before is None or after is None:
        return
    for name in sorted(before - after):
        if not is_toolchain_package(name) and not name.startswith((".", "@")):
            yield Reason(Level.CLOSURE_EQUAL, f"package {name}", "the original installs it, the final stage does not")


def _commands(one: _Side, other: _Side) -> Iterator[Reason]:
    """Accounts, certificates, locales and the like that the original makes, and the final stage does not have."""
    made = {words for _, words in _commands_in(other)}
    taken = {path for _, _, path in _taken(other)}
    for _, words in _commands_in(one):
        if basename(words[0]) not in _SYSTEM_COMMANDS or words in made:
            continue
        if any(_is_below(path, folder) for path in _results(words) for folder in taken):
            continue
        yield Reason(
            Level.CLOSURE_EQUAL, f"RUN {words[0]}", f"the original runs {' '.join(words)}, the final stage does not"
        )


def _results(words: tuple[str, ...]) -> tuple[str, ...]:
    """Where a command's effect is, if it can be copied."""
    name = basename(words[0])
    if name in ("useradd", "adduser", "usermod", "groupadd", "addgroup", "groupmod", "chsh", "chpasswd"):
        return ("/etc/passwd",) if name not in ("groupadd", "addgroup", "groupmod") else ("/etc/group",)
    if name in ("update-ca-certificates", "update-ca-trust"):
        return ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted")
    if name == "ldconfig":
        return ("/etc/ld.so.cache",)
    if name in ("locale-gen", "localedef"):
        return ("/usr/lib/locale/locale-archive",)
    return tuple(word for word in words[1:] if word.startswith("/"))
