"""Building with ``docker buildx``: any builder, so also one on other machines."""

from __future__ import annotations

import json
import os
from time import monotonic
from typing import TYPE_CHECKING

from dflint.build.engines import answers
from dflint.build.errors import EngineError
from dflint.build.rawjson import Progress
from dflint.build.request import BuildResult, Failure
from dflint.images import ImageConfiguration

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dflint.build.engines import Engine
    from dflint.build.processes import Ended
    from dflint.build.request import BuildOptions, Recipe
    from dflint.build.session import Session

LOG_TAIL = 40
"""Lines of the log that a result keeps."""
SAVE_LIMIT = 1800.0
"""Seconds for moving an image between the engine and a file."""
FULL = "no space left on device"
NO_BRIDGE = "network bridge not found"
"""What BuildKit says of every RUN when dockerd was started with ``--bridge=none``."""


class DockerDriver:
    """Builds, saves and loads images by way of one client in one session."""

    def __init__(self, engine: Engine, session: Session, on_event: Callable[[str], None] | None = None) -> None:
        self.engine = engine
        self.session = session
        self.on_event = on_event
        self._has_no_bridge = False

    def network(self, options: BuildOptions) -> tuple[str, str]:
        """The network of RUN, and why it is not the default one ("" if it is or another was asked for)."""
        if options.network != "auto":
            return options.network, ""
        return ("host", "the engine has no bridge network") if self._has_no_bridge else ("default", "")

    def build(self, name: str, recipe: Recipe, options: BuildOptions) -> BuildResult:
        """Build a recipe; ``name`` tells it from the others of the session.

        A Dockerfile that does not build is a result with a failure. Raises EngineError for everything else: an engine
        that went away, a full disk, a time limit.
        """
        result = self._build_with_frontend(name, recipe, options)
        if (
            options.network == "auto"
            and not self._has_no_bridge
            and result.failure
            and NO_BRIDGE in result.failure.message
        ):
            self._has_no_bridge = True
            return self._build_with_frontend(name, recipe, options)
        return result

    def _build_with_frontend(self, name: str, recipe: Recipe, options: BuildOptions) -> BuildResult:
        frontend = recipe.frontend
        if frontend is None or options.frontend == "builtin":
            return self._build(name, recipe.without_frontend(), options, "")
        result = self._build(name, recipe, options, frontend[0])
        if options.frontend == "auto" and _is_about_frontend(result, *frontend):
            note = f"the engine's own frontend read the Dockerfile: {frontend[0]} could not be had"
            return self._build(name, recipe.without_frontend(), options, "", (note,))
        return result

    def _build(
        self, name: str, recipe: Recipe, options: BuildOptions, frontend: str, notes: tuple[str, ...] = ()
    ) -> BuildResult:
        file = recipe.write(self.session.folder / f"{name}-recipe")
        progress = Progress(options.redactor().text, self.on_event)
        begun = monotonic()
        archive = "" if self.engine.driver == "docker" else str(self.session.folder / f"{name}.tar")
        id_file = self.session.folder / f"{name}.id"
        ended = self.session.run(
            [*self._command(name, file, options, archive), "--iidfile", str(id_file), options.context],
            environment=client_environment(options),
            time_limit=options.time_limit,
            on_line=progress.feed,
        )
        seconds = monotonic() - begun
        progress.finish()
        failure = self._failure(progress, ended) if ended.code else None
        tag = "" if failure or archive else self.session.tag(name)
        if tag:
            self.session.note_tag(tag)
        return BuildResult(
            failure,
            tag,
            "" if failure else id_file.read_text().strip(),
            "" if failure else archive,
            progress.steps,
            seconds,
            tuple(progress.log)[-LOG_TAIL:],
            frontend,
            notes,
            transferred=progress.transferred,
        )

    def _command(self, name: str, file: Path, options: BuildOptions, archive: str) -> list[str]:
        command = [self.engine.program, "buildx", "build", "--progress=rawjson", "--provenance=false", "--sbom=false"]
        if self.engine.builder:
            command += ["--builder", self.engine.builder]
        command += ["--file", str(file), "--tag", self.session.tag(name)]
        command += ["--output", f"type=docker,dest={archive}"] if archive else ["--load"]
        network, _ = self.network(options)
        if network != "default":
            command += ["--network", network]
            if network == "host":
                command += ["--allow", "network.host"]
        command += common_arguments(options)
        for key in ("cache_from", "cache_to"):
            for value in getattr(options, key):
                command += [f"--{key.replace('_', '-')}", value]
        return command

    def _failure(self, progress: Progress, ended: Ended) -> Failure:
        """Why a build failed. Raises EngineError when the Dockerfile is not to blame."""
        message = progress.error or f"the build ended with exit code {ended.code}"
        if not answers(self.engine) and self.engine.versions.get("engine"):
            raise EngineError(
                f"the engine stopped during the build: {message}", "start it again; nothing of this run is left in it"
            )
        if FULL in message or any(FULL in line for line in list(progress.log)[-5:]):
            raise EngineError(
                f"the disk is full: {message}", "make room (docker system df shows what takes it) and try again"
            )
        place = progress.place
        step = next((step.name for step in progress.steps if step.error and "context canceled" not in step.error), "")
        return Failure(message, place[1] if place else None, step)

    def configuration(self, result: BuildResult) -> ImageConfiguration:
        """The configuration of an image in the engine. Raises EngineError."""
        return inspected_configuration(self.engine, self.session, result.tag)

    def save(self, result: BuildResult, name: str) -> BuildResult:
        """The result with an archive of the image. Raises EngineError."""
        if result.archive or result.failure:
            return result
        begun = monotonic()
        path = self.session.folder / f"{name}.tar"
        self._checked("save", "--output", str(path), result.tag)
        return result._replace(archive=str(path), save_seconds=monotonic() - begun)

    def load(self, result: BuildResult, name: str) -> BuildResult:
        """The result with the image in the engine, where containers can be made of it. Raises EngineError."""
        if result.tag or result.failure:
            return result
        if not self.engine.versions.get("engine"):
            raise EngineError("no Docker engine answers beside the builder, so nothing can be run")
        begun = monotonic()
        self._checked("load", "--input", result.archive)
        tag = self.session.tag(name)
        self.session.note_tag(tag)
        return result._replace(tag=tag, save_seconds=monotonic() - begun)

    def keep(self, result: BuildResult, tag: str) -> None:
        """Give the image a name that stays. Raises EngineError."""
        self._checked("tag", result.tag, tag)

    def _checked(self, *arguments: str) -> None:
        ended = self.session.run([self.engine.program, *arguments], time_limit=SAVE_LIMIT)
        if ended.code:
            said = ended.errors.strip() or f"exit code {ended.code}"
            if FULL in said:
                raise EngineError(f"the disk is full: {said}", "make room, or set TMPDIR to a folder with more")
            raise EngineError(f"{self.engine.kind} {arguments[0]} failed: {said}")


def _is_about_frontend(result: BuildResult, image: str, line: int) -> bool:
    failure = result.failure
    if failure is None or result.ran:
        return False
    name = image.split()[0].partition("@")[0]
    return "failed to resolve source metadata" in failure.message and name in failure.message


def inspected_configuration(engine: Engine, session: Session, tag: str) -> ImageConfiguration:
    """What ``docker image inspect`` or ``podman image inspect`` says of an image. Raises EngineError."""
    ended = session.run([engine.program, "image", "inspect", tag])
    try:
        document = json.loads(ended.output)[0]
        fields = {name.lower(): document.get(name, "") for name in ("Architecture", "Os", "Variant")}
        return ImageConfiguration.from_json({**fields, "config": document.get("Config") or {}})
    except (ValueError, LookupError, TypeError, AttributeError):
        raise EngineError(f"the engine does not know the image {tag}: {ended.errors.strip()}") from None


def common_arguments(options: BuildOptions) -> list[str]:
    """The arguments that all engines have, in their own words."""
    arguments = []
    if options.target:
        arguments += ["--target", options.target]
    if options.platform:
        arguments += ["--platform", options.platform]
    for name, value in options.build_args:
        # By name alone, with the value in the environment: a command line can be read by all users of the machine.
        arguments += ["--build-arg", name if value is None or _goes_by_environment(name) else f"{name}={value}"]
    for option, values in (("--secret", options.secrets), ("--ssh", options.ssh)):
        for value in values:
            arguments += [option, value]
    for value in options.build_contexts:
        arguments += ["--build-context", value]
    if options.no_cache:
        arguments.append("--no-cache")
    if options.pull:
        arguments.append("--pull")
    return arguments


def _goes_by_environment(name: str) -> bool:
    """Whether the client itself would not take notice of a variable of this name."""
    ours = ("DOCKER", "BUILDX", "BUILDKIT", "CONTAINER", "BUILDAH", "XDG_", "LD_", "OTEL_", "GO", "SSL_", "TMP")
    upper = name.upper()
    return name not in os.environ and not upper.startswith(ours) and not upper.endswith("_PROXY")


def client_environment(options: BuildOptions) -> dict[str, str]:
    """The environment of a client that builds: ours, and the build arguments that it takes from there."""
    values = {name: value for name, value in options.build_args if value is not None and _goes_by_environment(name)}
    # The client would draw hints and ask for updates; neither belongs in a log.
    return {**os.environ, **values, "DOCKER_CLI_HINTS": "false", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
