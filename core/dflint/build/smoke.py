"""The smoke run: the same thing done with containers of both images, and what was seen compared.

What is done: the commands that the user names; else the entry point, with its HEALTHCHECK if there is one and a GET on
each exposed port. What is compared: exit code, output, answers, health, files written, user, and how it stops. A
difference counts unless two runs of the original differ in the same thing.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Literal

from dflint.build import probe
from dflint.build.containers import DEFAULT_LIMITS, Container, ContainerStartError, Limits, start, user_of
from dflint.build.errors import EngineError
from dflint.build.normalisation import distinct_lines, normalised, written_paths
from dflint.build.probe import Response, Target
from dflint.record import NamedTuple
from dflint.verify import SmokeCheck, SmokeComparison

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.build.containers import State
    from dflint.build.engines import Engine
    from dflint.build.session import Session

POLL = 0.1
NOT_STARTED = (125, 126, 127)
"""Exit codes that say that there was nothing to run."""
SLOWER = 3.0
"""Seconds by which one may stop later than the other."""
SHOWN = 400

Reach = Literal["namespace", "internal", "published", "none"]
"""How a port of the container is reached; see ``probe``."""


@dataclass(frozen=True)
class SmokeOptions:
    """What to do; nothing given: the entry point."""

    commands: tuple[str, ...] = ()
    """Each is the arguments of one run, in place of CMD, quoted as in a shell. The entry point stays."""
    environment: tuple[str, ...] = ()
    """``NAME=VALUE`` or ``NAME``."""
    targets: tuple[Target, ...] = ()
    """What to ask for; empty: ``/`` on each exposed port."""
    network: str = "auto"
    """``auto``: none but the way in that ``probe`` describes; else a network of the engine."""
    limits: Limits = DEFAULT_LIMITS


class Exposed(NamedTuple):
    """What the original's configuration says that a run depends on."""

    ports: tuple[int, ...]
    """Exposed TCP ports."""
    has_healthcheck: bool
    has_command: bool
    """Whether there is an entry point or a CMD."""


class Observation(NamedTuple):
    """What one run showed. Texts are normalised."""

    started: str
    """Why it did not start; empty if it did."""
    exit_code: int | None
    """None: it was still running when enough was seen."""
    output: str
    errors: str
    responses: tuple[Response, ...]
    health: str
    written: tuple[str, ...]
    user: str
    stop_code: int | None
    """Exit code after the stop signal; None if it ended by itself."""
    stop_seconds: float
    killed_for_memory: bool = False


class SmokeRun:
    """Smoke runs in one session."""

    def __init__(self, engine: Engine, session: Session, options: SmokeOptions, exposed: Exposed) -> None:
        self.engine = engine
        self.session = session
        self.options = options
        self.exposed = exposed
        self.targets = options.targets or tuple(Target(port) for port in exposed.ports)
        self.reach = self._reach()
        self._network = ""
        self._originals: dict[tuple[str, str | None], Observation] = {}
        self._ahead: set[tuple[str, str | None]] = set()
        """What was seen while something else was going on, and may be seen again if it says nothing."""

    def look_at_original(self, original: str) -> None:
        """Run it before there is anything to compare it with."""
        if self._has_nothing_to_run():
            return
        for command in self._commands():
            self._originals[original, command] = self.observe(original, command)
            self._ahead.add((original, command))

    def compare(self, original: str, rewrite: str) -> SmokeComparison:
        """Run both images (tags) and compare. No checks: nothing could be seen, and the description says why.

        Raises EngineError if the engine fails, not if a container does.
        """
        if self._has_nothing_to_run():
            return SmokeComparison((), "the image has no entry point and no CMD: name a command with --run")
        commands = self._commands()
        checks: list[SmokeCheck] = []
        unstable: dict[str, None] = {}
        for command in commands:
            first = self._first(original, command)
            reason = self._says_nothing(first, command)
            if reason:
                return SmokeComparison((), reason)
            found = checks_of(first, self.observe(rewrite, command))
            if not all(check.is_equal for check in found):
                again = checks_of(first, self.observe(original, command))
                noise = {check.name for check in again if not check.is_equal}
                unstable |= dict.fromkeys(check.name for check in found if check.name in noise)
                found = [check for check in found if check.name not in noise]
            prefix = f"{command}: " if command is not None and len(commands) > 1 else ""
            checks += [check._replace(name=prefix + check.name) for check in found]
        left_out = f"; left out, since two runs of the original differ in it: {', '.join(unstable)}" if unstable else ""
        return SmokeComparison(tuple(checks), self.how + left_out)

    def _first(self, original: str, command: str | None) -> Observation:
        """What the original shows. A busy machine may be why it showed nothing: then it is run again."""
        key = (original, command)
        seen = self._originals.get(key)
        if seen is None or (key in self._ahead and self._says_nothing(seen, command)):
            seen = self._originals[key] = self.observe(original, command)
        self._ahead.discard(key)
        return seen

    def _commands(self) -> Sequence[str | None]:
        return self.options.commands or (None,)

    def _has_nothing_to_run(self) -> bool:
        return not self.options.commands and not self.exposed.has_command

    @property
    def how(self) -> str:
        """What is done, in words."""
        way = {
            "namespace": "asked from inside the container's own network namespace, which leads nowhere else",
            "internal": "asked over a network of its own that leads nowhere else",
            "published": "asked over a published port; the container had the engine's default network",
            "none": "without a network",
        }[self.reach]
        if self.options.network != "auto":
            way = f"on the network {self.options.network}"
        if self.options.commands:
            return f"ran {', '.join(self.options.commands)}; {way if not self.targets else 'without a network'}"
        done = ["ran the entry point"]
        if self.exposed.has_healthcheck:
            done.append("waited for HEALTHCHECK")
        if self.targets:
            asked = ", ".join(f"port {target.port} {target.path}" for target in self.targets)
            return f"{', '.join(done)}, asked for {asked} ({way})"
        return f"{', '.join(done)}, {way}"

    def observe(self, image: str, command: str | None) -> Observation:
        """One run of an image: the entry point, or with arguments in place of CMD."""
        arguments = shlex.split(command or "")
        options = self._container_options(command)
        try:
            container = start(self.engine, self.session, image, arguments, options, self.options.limits)
        except ContainerStartError as error:
            return _not_started(str(error), error.code)
        return self._watch(container, command)

    def _says_nothing(self, seen: Observation, command: str | None) -> str:
        """Why a run of the original is no evidence; empty if it is."""
        if seen.started:
            return f"the original does not start: {_first_line(seen.started)}"
        if seen.killed_for_memory:
            return f"the original ran out of its memory of {self.options.limits.memory}"
        if command is None and seen.exit_code:
            return (
                f"the original ends with exit code {seen.exit_code} when it is started like this "
                f"({_first_line(seen.errors or seen.output)}): "
                "name a command with --run or what it needs with --run-env"
            )
        if seen.exit_code in NOT_STARTED:
            return f"the original has nothing to run there (exit code {seen.exit_code}): {_first_line(seen.errors)}"
        if command is None and seen.exit_code is None and self.targets and not seen.responses and not seen.health:
            return f"the original did not answer on its ports within {self.options.limits.seconds:g} seconds"
        return ""

    def _reach(self) -> Reach:
        if not self.targets or self.options.commands:
            return "none"
        if self.options.network == "auto" and self.engine.kind == "docker" and self.engine.local:
            return "namespace" if probe.can_enter_namespaces() else "internal"
        return "published"

    def _container_options(self, command: str | None) -> list[str]:
        options = []
        for value in self.options.environment:
            options += ["--env", value]
        if self.exposed.has_healthcheck and command is None:
            options += ["--health-interval", "1s"]
        network = self.options.network
        if network != "auto":
            options += ["--network", network]
        elif self.reach in ("namespace", "none"):
            options += ["--network", "none"]
        elif self.reach == "internal":
            options += ["--network", self._internal_network()]
        if self.reach == "published" and network not in ("none", "host"):
            for target in self.targets:
                options += ["--publish", f"127.0.0.1::{target.port}"]
        return options

    def _internal_network(self) -> str:
        if not self._network:
            name = f"dflint-{self.session.id}"
            command = [self.engine.program, "network", "create", "--internal", *self.session.label, name]
            ended = self.session.run(command)
            if ended.code:
                problem = f"no internal network can be made: {ended.errors.strip()}"
                raise EngineError(problem, "try --run-network bridge")
            self._network = name
            self.session.search_at_end()
        return self._network

    def _watch(self, container: Container, command: str | None) -> Observation:
        begun = monotonic()
        responses: dict[Target, Response] = {}
        state = container.state()
        user = ""
        while True:
            if state.running and not user and self._is_here(state, container):
                user = user_of(state.process)
            if state.running and command is None and self.targets:
                self._ask(container, state, responses)
            if not state.running or monotonic() - begun > self._patience(command):
                break
            if command is None and self._has_seen_enough(state, responses):
                break
            sleep(POLL)
            state = container.state()
        return self._conclude(container, state, tuple(responses.values()), user)

    def _patience(self, command: str | None) -> float:
        """Seconds that a run may take. A service that shows nothing is not waited for as long."""
        waits = command is not None or self.targets or self.exposed.has_healthcheck
        return self.options.limits.seconds if waits else min(5.0, self.options.limits.seconds)

    def _has_seen_enough(self, state: State, responses: dict[Target, Response]) -> bool:
        if not self.targets and not self.exposed.has_healthcheck:
            return False
        if self.exposed.has_healthcheck and state.health in ("", "starting"):
            return False
        return all(target in responses for target in self.targets)

    def _is_here(self, state: State, container: Container) -> bool:
        return sys.platform == "linux" and self.engine.local and probe.is_same_machine(state.process, container.id)

    def _ask(self, container: Container, state: State, responses: dict[Target, Response]) -> None:
        names = (container.id, container.id[:12], state.address)
        missing = [target for target in self.targets if target not in responses]

        def ask_all(host: str, ports: dict[int, int]) -> None:
            for target in missing:
                port = ports.get(target.port, 0)
                answer = probe.ask(host, port, target, names) if port else None
                if answer is None:
                    continue
                responses[target] = answer
                for link in answer.links:  # what a browser would load with the page
                    loaded = probe.ask(host, port, probe.Target(target.port, link), names)
                    if loaded is not None:
                        responses[probe.Target(target.port, link)] = loaded

        same = {target.port: target.port for target in missing}
        if self.reach == "namespace" and self._is_here(state, container):
            try:
                probe.within_network(state.process, lambda: ask_all("127.0.0.1", same))
            except OSError:
                return  # it ended while we went in
        elif self.reach == "internal" and state.address:
            ask_all(state.address, same)
        elif self.reach == "published":
            ask_all("127.0.0.1", {port: container.published(port) for port in same})

    def _conclude(self, container: Container, state: State, responses: tuple[Response, ...], user: str) -> Observation:
        written = written_paths(container.changes())
        stop_code, stop_seconds = None, 0.0
        ended = state
        if state.running:
            begun = monotonic()
            container.stop(self.options.limits.stop_seconds)
            stop_seconds = monotonic() - begun
            ended = container.state()
            stop_code = ended.exit_code
        names = (container.id, container.id[:12], state.address)
        output, errors = (normalised(text, names) for text in container.output())
        if state.running:
            output, errors = distinct_lines(output), distinct_lines(errors)
        return Observation(
            "", None if state.running else state.exit_code, output, errors, responses, state.health, written, user,
            stop_code, stop_seconds, ended.killed_for_memory,
        )  # fmt: skip


def _not_started(reason: str, code: int) -> Observation:
    return Observation(reason, code, "", "", (), "", (), "", None, 0.0)


def checks_of(original: Observation, rewrite: Observation) -> list[SmokeCheck]:
    """What two runs showed, thing by thing. If one does not start as the other does, that is all there is to say."""
    if rewrite.started != original.started:
        return [SmokeCheck("start", False, original.started or "starts", rewrite.started or "does not start")]
    checks = [
        _check("exit code", _code(original.exit_code), _code(rewrite.exit_code)),
        _check("standard output", original.output, rewrite.output),
        _check("standard error", original.errors, rewrite.errors),
        _check("files written", "\n".join(original.written), "\n".join(rewrite.written)),
    ]
    if original.user and (rewrite.user or original.exit_code is None):
        checks.append(_check("user", original.user, rewrite.user))
    if original.health or rewrite.health:
        checks.append(_check("health", original.health, rewrite.health))
    answers = {(response.port, response.path): response for response in rewrite.responses}
    for response in original.responses:
        checks += _response_checks(response, answers.get((response.port, response.path)))
    if original.stop_code is not None and rewrite.stop_code is not None:
        checks.append(_check("exit code after the stop signal", _code(original.stop_code), _code(rewrite.stop_code)))
        one, other = original.stop_seconds, rewrite.stop_seconds
        checks.append(SmokeCheck("seconds to stop", abs(one - other) <= SLOWER, f"{one:.1f}", f"{other:.1f}"))
    return checks


def _check(name: str, original: str, rewrite: str) -> SmokeCheck:
    if original == rewrite:
        return SmokeCheck(name, True, _shown(original), _shown(rewrite))
    ours, theirs = original.splitlines(), rewrite.splitlines()
    same = next((n for n, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), None)
    first = min(len(ours), len(theirs)) if same is None else same
    return SmokeCheck(name, False, _shown("\n".join(ours[first:])), _shown("\n".join(theirs[first:])))


def _response_checks(one: Response, other: Response | None) -> list[SmokeCheck]:
    name = f"port {one.port} {one.path}"
    status = f"{one.status} {one.content_type}" if one.status else "something that is not HTTP"
    if other is None:
        return [SmokeCheck(f"answer on {name}", False, status, "no answer")]
    theirs = f"{other.status} {other.content_type}" if other.status else "something that is not HTTP"
    return [
        SmokeCheck(f"answer on {name}", status == theirs, status, theirs),
        SmokeCheck(f"body on {name}", one.body == other.body, one.beginning or one.body, other.beginning or other.body),
    ]


def _code(code: int | None) -> str:
    return "still running" if code is None else str(code)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN // 2] + " ... " + text[-SHOWN // 2 :]


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:SHOWN] if lines else "no output"
