"""The image configuration that a stage ends with, as far as the file says.

Behaviour: the dispatch... functions of dockerfile2llb/convert.go and parsePort of dockerfile2llb/convert_expose.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeVar, cast

from dflint.record import NamedTuple
from dflint.syntax.tree import (
    Cmd,
    Entrypoint,
    Expose,
    Healthcheck,
    Label,
    Onbuild,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)

if TYPE_CHECKING:
    from dflint.model.environment import Environment
    from dflint.model.model import Model
    from dflint.model.stage import Stage
    from dflint.syntax.tree import CommandInstruction, Instruction

ValueType = TypeVar("ValueType")

Known = Literal["file", "base", "unset"]
"""file: the Dockerfile says it; base: only the base image knows; unset: certainly nothing (scratch, or reset)."""


class Setting(NamedTuple, Generic[ValueType]):
    """One value of the configuration."""

    value: ValueType | None
    """None if ``known`` is not ``file``, or the value depends on something unknown."""
    known: Known
    instruction: Instruction | None = None
    """The one that set it."""


class Process(NamedTuple):
    """What CMD, ENTRYPOINT or HEALTHCHECK runs."""

    form: Literal["shell", "exec"]
    arguments: tuple[str, ...]
    """As in the image: the shell form is the shell's words and one string."""


class Health(NamedTuple):
    """A HEALTHCHECK; ``process`` is None for NONE, ``options`` are flag name and value as written."""

    process: Process | None
    options: tuple[tuple[str, str], ...]


class Entry(NamedTuple):
    """A named value; ``value`` None: not known from the file."""

    name: str
    value: str | None
    instruction: Instruction | None


class ImageConfig(NamedTuple):
    """The configuration. The collections hold what the file adds; with ``inherits`` the base image may add more."""

    inherits: bool
    """Whether there is a base image whose configuration is not known."""
    env: tuple[Entry, ...]
    """In order, PATH not included unless the file sets it; ARGs are not in it."""
    labels: tuple[Entry, ...]
    exposed_ports: tuple[Entry, ...]
    """``8080/tcp``, ranges spelled out; a malformed or unknown one as written with the value None, else the value is
    the name."""
    volumes: tuple[Entry, ...]
    onbuild: tuple[Onbuild, ...]
    cmd: Setting[Process]
    entrypoint: Setting[Process]
    workdir: Setting[str]
    user: Setting[str]
    stopsignal: Setting[str]
    healthcheck: Setting[Health]
    shell: Setting[tuple[str, ...]]


def effective_config(model: Model, stage: Stage) -> ImageConfig:
    """The configuration at the end of a stage."""
    chain: list[Stage] = []
    link: Stage | None = stage
    while link is not None:
        chain.append(link)
        link = link.parent
    chain.reverse()
    fold = _Fold(not chain[0].is_scratch)
    for place, link in enumerate(chain):
        fold.cmd_in_stage = False
        if place:
            for instruction in chain[place - 1].instructions:
                if isinstance(instruction, Onbuild) and instruction.trigger is not None:
                    fold.take(instruction.trigger, model.environment_at_end(chain[place - 1]))
        for instruction in link.instructions:
            fold.take(instruction, model.environment_before(instruction))
    environment = model.environment_at_end(stage)
    env = tuple(
        Entry(name, variable.value, cast("Instruction", variable.pair.parent))
        for name, variable in environment.image_variables.items()
        if variable.pair is not None
    )
    if fold.workdir.known == "file":
        fold.workdir = Setting(environment.workdir, "file", fold.workdir.instruction)
    elif fold.workdir.known == "unset":
        fold.workdir = Setting("/", "unset")
    onbuild = tuple(instruction for instruction in stage.instructions if isinstance(instruction, Onbuild))
    return ImageConfig(
        inherits=fold.inherits,
        env=env,
        labels=tuple(fold.labels.values()),
        exposed_ports=tuple(fold.ports.values()),
        volumes=tuple(fold.volumes.values()),
        onbuild=onbuild,
        cmd=fold.cmd,
        entrypoint=fold.entrypoint,
        workdir=fold.workdir,
        user=fold.user,
        stopsignal=fold.stopsignal,
        healthcheck=fold.healthcheck,
        shell=fold.shell,
    )


class _Fold:
    """The configuration so far, instruction by instruction."""

    def __init__(self, inherits: bool) -> None:
        known: Known = "base" if inherits else "unset"
        self.inherits = inherits
        self.cmd_in_stage = False
        self.labels: dict[str, Entry] = {}
        self.ports: dict[str, Entry] = {}
        self.volumes: dict[str, Entry] = {}
        self.cmd: Setting[Process] = Setting(None, known)
        self.entrypoint: Setting[Process] = Setting(None, known)
        self.workdir: Setting[str] = Setting(None, known)
        self.user: Setting[str] = Setting(None, known)
        self.stopsignal: Setting[str] = Setting(None, known)
        self.healthcheck: Setting[Health] = Setting(None, known)
        self.shell: Setting[tuple[str, ...]] = Setting(None, known)

    def take(self, instruction: Instruction, environment: Environment) -> None:
        if isinstance(instruction, Cmd):
            self.cmd = Setting(_process(instruction, environment), "file", instruction)
            self.cmd_in_stage = True
        elif isinstance(instruction, Entrypoint):
            self.entrypoint = Setting(_process(instruction, environment), "file", instruction)
            if not self.cmd_in_stage:
                self.cmd = Setting(None, "unset", instruction)
        elif isinstance(instruction, Workdir):
            self.workdir = Setting(None, "file", instruction)
        elif isinstance(instruction, User):
            if instruction.value is not None:
                self.user = Setting(environment.expand(instruction.value), "file", instruction)
        elif isinstance(instruction, Stopsignal):
            if instruction.value is not None:
                self.stopsignal = Setting(environment.expand(instruction.value), "file", instruction)
        elif isinstance(instruction, Healthcheck):
            none = instruction.kind is not None and instruction.kind.text.upper() == "NONE"
            options = tuple((flag.name, flag.text) for flag in instruction.flags)
            health = Health(None if none else _process(instruction, environment), options)
            self.healthcheck = Setting(health, "file", instruction)
        elif isinstance(instruction, Shell):
            if instruction.exec_form:
                self.shell = Setting(tuple(word.text for word in instruction.words), "file", instruction)
        elif isinstance(instruction, Label):
            for pair in instruction.pairs:
                name = environment.expand(pair.key)
                value = environment.expand(pair.value) if pair.value is not None else ""
                label = name if name is not None else pair.key.text
                self.labels[label] = Entry(label, value, instruction)
        elif isinstance(instruction, Volume):
            for word in instruction.words:
                path = environment.expand(word)
                self.volumes[path or word.text] = Entry(path or word.text, path, instruction)
        elif isinstance(instruction, Expose):
            for word in instruction.words:
                text = environment.expand(word)
                ports = _ports(text) if text is not None else None
                if ports is None:
                    self.ports[word.text] = Entry(word.text, None, instruction)
                else:
                    for port in ports:
                        self.ports[port] = Entry(port, port, instruction)


def _process(instruction: CommandInstruction, environment: Environment) -> Process:
    if instruction.exec_form:
        return Process("exec", tuple(word.text for word in instruction.words))
    text = instruction.shell_text.text if instruction.shell_text is not None else ""
    return Process("shell", (*environment.shell, text))


def _ports(text: str) -> list[str] | None:
    """``8000-8002/UDP`` as ``8000/udp`` and so on; None if BuildKit refuses it."""
    found: list[str] = []
    for word in text.split():
        port, _, protocol = word.rpartition(":")[2].partition("/")
        protocol = protocol.lower() or "tcp"
        first, dash, last = port.partition("-")
        last = last if dash else first
        if protocol not in ("tcp", "udp", "sctp") or not _is_port(first) or not _is_port(last):
            return None
        if int(last) < int(first):
            return None
        found.extend(f"{number}/{protocol}" for number in range(int(first), int(last) + 1))
    return found


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and int(text) < 65_536
