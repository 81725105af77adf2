"""Building with Podman or Buildah: the same builder (Buildah) under two names."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from dflint.build.docker import (
    FULL,
    LOG_TAIL,
    SAVE_LIMIT,
    client_environment,
    common_arguments,
    inspected_configuration,
)
from dflint.build.errors import EngineError
from dflint.build.rawjson import LOG_LINES, Step
from dflint.build.request import BuildResult, Failure
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.build.engines import Engine
    from dflint.build.processes import Ended
    from dflint.build.request import BuildOptions, Recipe
    from dflint.build.session import Session
    from dflint.images import ImageConfiguration

_STEP = re.compile(r"^(?:\[(?P<stage>\d+)/\d+\] )?STEP (?P<number>\d+)/(?P<count>\d+): (?P<text>.*)$")


class StepReader:
    """Buildah's output: ``[1/2] STEP 3/5: RUN make``, what that prints, ``--> Using cache ID`` or ``--> ID``."""

    def __init__(self, redact: Callable[[str], str], on_event: Callable[[str], None] | None = None) -> None:
        self._redact = redact
        self._on_event = on_event or (lambda text: None)
        self._steps: list[Step] = []
        self._begun = monotonic()
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.last: tuple[int, int] | None = None
        """Stage and instruction in it, from 1, that came last."""

    def feed(self, line: str) -> None:
        text = self._redact(line)
        self.log.append(text)
        self._on_event(text)
        found = _STEP.match(line)
        if found:
            self._end_step()
            self.last = int(found["stage"] or 1), int(found["number"])
            stage = f"{found['stage']} " if found["stage"] else ""
            name = f"[{stage}{found['number']}/{found['count']}] {found['text']}"
            self._steps.append(Step(self._redact(name), 0.0, False))
        elif line.startswith("--> Using cache") and self._steps:
            self._steps[-1] = self._steps[-1]._replace(cached=True)

    def _end_step(self) -> None:
        now = monotonic()
        if self._steps and not self._steps[-1].cached:
            self._steps[-1] = self._steps[-1]._replace(seconds=round(now - self._begun, 3))
        self._begun = now

    def finish(self) -> tuple[Step, ...]:
        """The steps, in the order of the output."""
        self._end_step()
        return tuple(self._steps)


class PodmanDriver:
    """As ``DockerDriver``, for Podman and Buildah."""

    def __init__(self, engine: Engine, session: Session, on_event: Callable[[str], None] | None = None) -> None:
        self.engine = engine
        self.session = session
        self.on_event = on_event

    def network(self, options: BuildOptions) -> tuple[str, str]:
        """The network of RUN, and why it is not the one asked for ("" if it is)."""
        return ("default", "") if options.network == "auto" else (options.network, "")

    def build(self, name: str, recipe: Recipe, options: BuildOptions) -> BuildResult:
        """As ``DockerDriver.build``. Buildah reads Dockerfiles itself and asks no image that ``# syntax=`` names."""
        file = recipe.write(self.session.folder / f"{name}-recipe")
        reader = StepReader(options.redactor().text, self.on_event)
        begun = monotonic()
        ended = self.session.run(
            self._command(name, file, options, recipe.ignore is not None),
            environment=podman_environment(client_environment(options)),
            time_limit=options.time_limit,
            on_line=reader.feed,
        )
        seconds = monotonic() - begun
        steps = reader.finish()
        failure = _failure(reader, ended, recipe, steps) if ended.code else None
        tag = "" if failure else self.session.tag(name)
        if tag:
            self.session.note_tag(tag)
        log = tuple(reader.log)[-LOG_TAIL:]
        image = ended.output.strip().splitlines()[-1] if tag else ""
        return BuildResult(failure, tag, image, "", steps, seconds, log, "")

    def _command(self, name: str, file: Path, options: BuildOptions, has_ignore: bool) -> list[str]:
        # Images in OCI format have no HEALTHCHECK and no SHELL.
        command = [self.engine.program, "build", "--format", "docker", "--layers", "--file", str(file)]
        command += ["--tag", self.session.tag(name)]
        if has_ignore:
            command += ["--ignorefile", f"{file}.dockerignore"]
        network, _ = self.network(options)
        if network != "default":
            command += ["--network", network]
        command += common_arguments(options)
        for key in ("cache_from", "cache_to"):
            for value in getattr(options, key):
                command += [f"--{key.replace('_', '-')}", value]
        return [*command, options.context]

    def save(self, result: BuildResult, name: str) -> BuildResult:
        """The result with an archive of the image, in Docker's form. Raises EngineError."""
        if result.archive or result.failure:
            return result
        begun = monotonic()
        path = str(self.session.folder / f"{name}.tar")
        if self.engine.kind == "podman":
            self._checked("save", "--format", "docker-archive", "--output", path, result.tag)
        else:
            self._checked("push", "--quiet", result.tag, f"docker-archive:{path}")
        return result._replace(archive=path, save_seconds=monotonic() - begun)

    def load(self, result: BuildResult, name: str) -> BuildResult:
        """The result itself: what was built can be run."""
        return result

    def keep(self, result: BuildResult, tag: str) -> None:
        """Give the image a name that stays. Raises EngineError."""
        self._checked("tag", result.tag, tag)

    def configuration(self, result: BuildResult) -> ImageConfiguration:
        """The configuration of an image in the engine. Raises EngineError."""
        if self.engine.kind == "buildah":
            raise EngineError("buildah does not show configurations in this form")
        return inspected_configuration(self.engine, self.session, result.tag)

    def _checked(self, *arguments: str) -> None:
        command = [self.engine.program, *arguments]
        ended = self.session.run(command, environment=podman_environment(dict(os.environ)), time_limit=SAVE_LIMIT)
        if ended.code:
            said = ended.errors.strip() or f"exit code {ended.code}"
            if FULL in said:
                raise EngineError(f"the disk is full: {said}", "make room, or set TMPDIR to a folder with more")
            raise EngineError(f"{self.engine.kind} {arguments[0]} failed: {said}")


def podman_environment(environment: dict[str, str]) -> dict[str, str]:
    """Podman fails if ``DOCKER_CONFIG`` names a folder without ``config.json``."""
    folder = environment.get("DOCKER_CONFIG")
    if folder and not Path(folder, "config.json").exists():
        return {name: value for name, value in environment.items() if name != "DOCKER_CONFIG"}
    return environment


def _failure(reader: StepReader, ended: Ended, recipe: Recipe, steps: tuple[Step, ...]) -> Failure:
    errors = [line.removeprefix("Error: ") for line in reader.log if line.startswith(("Error: ", "error "))]
    message = errors[-1] if errors else f"the build ended with exit code {ended.code}"
    if FULL in message or any(FULL in line for line in list(reader.log)[-5:]):
        raise EngineError(
            f"the disk is full: {message}", "make room (podman system df shows what takes it) and try again"
        )
    line = line_of(recipe, *reader.last) if reader.last else None
    return Failure(message, line, steps[-1].name if steps else "")


def line_of(recipe: Recipe, stage: int, number: int) -> int | None:
    """The line of a stage's n-th instruction, both counted from 1; FROM is the first."""
    tree = parse(recipe.text)
    stages = 0
    count = 0
    for instruction in tree.instructions:
        if instruction.name == "FROM":
            stages, count = stages + 1, 0
        count += 1
        if stages == stage and count == number:
            return tree.source.position(instruction.start).line
    return None
