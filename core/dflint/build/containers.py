"""Containers of images that were built: made, watched, stopped. ``docker`` and ``podman`` take the same words here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dflint.build.errors import EngineError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dflint.build.engines import Engine
    from dflint.build.session import Session

ID_LENGTH = 64
ANSWER = 120.0
"""Seconds for one command of the client."""


class Limits(NamedTuple):
    """What a container may use."""

    memory: str = "1g"
    processes: int = 512
    seconds: float = 30.0
    """To start up, or to end by itself."""
    stop_seconds: int = 10
    """Between the stop signal and the end."""


DEFAULT_LIMITS = Limits()


class State(NamedTuple):
    """A container at a moment."""

    running: bool
    exit_code: int
    process: int
    """Id of its first process, as the engine's machine counts; 0 if it does not run."""
    health: str
    """starting, healthy, unhealthy; empty without HEALTHCHECK."""
    address: str
    error: str
    killed_for_memory: bool


class Container:
    """One container. It goes with the session at the latest."""

    def __init__(self, engine: Engine, session: Session, identifier: str) -> None:
        self.engine = engine
        self.session = session
        self.id = identifier

    def state(self) -> State:
        ended = self.session.run([self.engine.program, "container", "inspect", self.id], time_limit=ANSWER)
        try:
            document: dict[str, Any] = json.loads(ended.output)[0]
            state: Mapping[str, Any] = document["State"]
            networks = (document.get("NetworkSettings") or {}).get("Networks") or {}
            address = next((n["IPAddress"] for n in networks.values() if n.get("IPAddress")), "")
            health = state.get("Health") or state.get("Healthcheck") or {}
            return State(
                bool(state.get("Running")), int(state.get("ExitCode", 0)), int(state.get("Pid", 0)),
                str(health.get("Status", "")), str(address), str(state.get("Error", "")), bool(state.get("OOMKilled")),
            )  # fmt: skip
        except (ValueError, LookupError, TypeError, AttributeError):
            raise EngineError(f"the engine lost the container: {ended.errors.strip()}") from None

    def output(self) -> tuple[str, str]:
        """Standard output and standard error."""
        ended = self.session.run([self.engine.program, "logs", self.id], time_limit=ANSWER)
        return ended.output, ended.errors

    def changes(self) -> str:
        """``docker diff``."""
        return self.session.run([self.engine.program, "diff", self.id], time_limit=ANSWER).output

    def published(self, port: int) -> int:
        """The port of this machine that leads to one of the container; 0 if none does."""
        ended = self.session.run([self.engine.program, "port", self.id, f"{port}/tcp"], time_limit=ANSWER)
        ports = [line.rpartition(":")[2] for line in ended.output.split()]
        return next((int(text) for text in ports if text.isdigit()), 0)

    def stop(self, seconds: int) -> None:
        """Send the image's stop signal; kill it after so many seconds."""
        command = [self.engine.program, "stop", "--time", str(seconds), self.id]
        self.session.run(command, time_limit=ANSWER + seconds)


class ContainerStartError(EngineError):
    """A container that did not start; ``code`` is the exit code that the engine gives for that."""

    def __init__(self, problem: str, code: int) -> None:
        super().__init__(problem)
        self.code = code


def start(
    engine: Engine, session: Session, image: str, arguments: Sequence[str], options: Sequence[str], limits: Limits
) -> Container:
    """A container that runs, or has run; ``arguments`` take the place of CMD.

    Raises ContainerStartError; the container's own ids in its message are taken out.
    """
    command = [engine.program, "run", "--detach", *session.label, "--pull", "never", "--memory", limits.memory]
    command += ["--pids-limit", str(limits.processes), *options, image, *arguments]
    try:
        ended = session.run(command, time_limit=ANSWER)
    except BaseException:
        session.search_at_end()
        raise
    identifier = next((line for line in ended.output.split() if len(line) == ID_LENGTH), "")
    if identifier:
        session.note_container(identifier)
    else:
        session.search_at_end()
    if ended.code or not identifier:
        said = ended.errors.strip().removeprefix("docker: ").partition("\n\nRun 'docker run --help'")[0]
        said = said.removeprefix("Error response from daemon: ") or "the engine does not say why"
        if identifier:
            said = said.replace(identifier, "CONTAINER")
        raise ContainerStartError(said, ended.code)
    return Container(engine, session, identifier)


def user_of(process: int) -> str:
    """``uid:gid`` of a process of this machine; empty if it cannot be read."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return ""
    ids = {line.split()[0]: line.split()[2] for line in lines if line.startswith(("Uid:", "Gid:"))}
    return f"{ids.get('Uid:', '')}:{ids.get('Gid:', '')}"
