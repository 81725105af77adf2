"""Finding an engine and talking about it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

from dflint.build.errors import EngineError
from dflint.build.processes import run
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("docker", "podman", "buildah")
OLDEST_BUILDX = (0, 13)
"""The first with ``--progress=rawjson``."""
ASK = 30.0
"""Seconds for a question to an engine."""


class Engine(NamedTuple):
    """An engine that answered."""

    kind: str
    """docker, podman or buildah."""
    program: str
    """Path of the client."""
    versions: Mapping[str, str]
    """What belongs to it and its versions: client, engine, buildx, buildkit."""
    builder: str = ""
    """Name of the buildx builder."""
    driver: str = ""
    """Of the builder: docker, docker-container, kubernetes or remote."""
    store: str = ""
    """Where Docker keeps images: ``containerd`` or the name of the storage driver."""
    local: bool = False
    """Whether it runs on this machine, as far as its address tells."""

    @property
    def can_run(self) -> bool:
        """Whether it runs containers. Buildah alone does not, as ``docker run`` does."""
        return self.kind != "buildah"

    @property
    def description(self) -> str:
        """One line for people."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items() if version)
        driver = f"; builder {self.builder} (driver {self.driver})" if self.builder else ""
        store = f"; {self.store} image store" if self.store else ""
        return f"{self.kind}: {versions}{driver}{store}"


def find_engine(wanted: str = "auto", builder: str | None = None) -> Engine:
    """The engine that is asked for, or the first that answers of docker, podman and buildah.

    Raises EngineError saying for each that was tried why it cannot be used.
    """
    tried = KINDS if wanted == "auto" else (wanted,)
    problems: list[EngineError] = []
    for kind in tried:
        program = shutil.which(kind)
        if program is None:
            problems.append(EngineError(f"{kind} is not installed"))
            continue
        try:
            return _docker(program, builder) if kind == "docker" else _podman(kind, program)
        except EngineError as error:
            if builder is not None:
                raise
            problems.append(error)
    advice = "start or install Docker (with buildx) or Podman, or name one with --engine"
    if wanted != "auto":
        raise EngineError(problems[0].problem, problems[0].advice or advice)
    if all(problem.problem.endswith("is not installed") for problem in problems):
        raise EngineError("no build engine is installed: neither docker nor podman nor buildah", advice)
    found = [problem for problem in problems if not problem.problem.endswith("is not installed")]
    raise EngineError("; ".join(str(problem) for problem in found), "" if found[0].advice else advice)


def answers(engine: Engine) -> bool:
    """Whether the engine still answers; to tell a build that failed from an engine that went away."""
    if engine.kind != "docker":
        return True
    try:
        return run([engine.program, "version", "--format", "{{.Server.Version}}"], time_limit=ASK).code == 0
    except EngineError:
        return False


def _docker(program: str, builder: str | None) -> Engine:
    done = run([program, "info", "--format", "{{json .}}"], time_limit=ASK)
    info = _document(done.output)
    client = info.get("ClientInfo") or {}
    server = str(info.get("ServerVersion") or "")
    if not server and builder is None:
        errors = [*(info.get("ServerErrors") or []), *done.errors.splitlines()]
        said = next((str(line) for line in errors if str(line).strip()), "it does not answer")
        raise EngineError(f"docker is installed, but its engine cannot be used: {said}", _start_advice(said))
    plugins = client.get("Plugins") or []
    version = next((str(plugin.get("Version")) for plugin in plugins if plugin.get("Name") == "buildx"), "")
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found is None:
        raise EngineError("docker has no buildx", "install the package docker-buildx-plugin (docker-buildx on Debian)")
    if (int(found[1]), int(found[2])) < OLDEST_BUILDX:
        raise EngineError(f"buildx {version} is too old", "install buildx 0.13 or later")
    name, driver, buildkit = _builder(program, builder)
    versions = {
        "client": str(client.get("Version", "")),
        "engine": server,
        "buildx": version.removeprefix("v"),
        "buildkit": buildkit,
    }
    is_local = _is_local(program, str(client.get("Context", ""))) and "Docker Desktop" not in str(info)
    return Engine("docker", program, versions, name, driver, _store(info), is_local)


def _start_advice(said: str) -> str:
    if "permission denied" in said.lower():
        return "add yourself to the group docker, or use rootless Docker or Podman"
    return "start it (systemctl start docker, or Docker Desktop), or set DOCKER_HOST or the docker context"


def _builder(program: str, builder: str | None) -> tuple[str, str, str]:
    """Name, driver and BuildKit version of the builder that buildx would use."""
    done = run([program, "buildx", "inspect", *([builder] if builder else [])], time_limit=ASK)
    fields: dict[str, str] = {}
    for line in done.output.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip().lower(), value.strip())
    if done.code or "driver" not in fields:
        said = done.errors.strip().removeprefix("ERROR: ") or "it does not answer"
        raise EngineError(
            f"the builder {builder or ''} cannot be used: {said}".replace("  ", " "), "see docker buildx ls"
        )
    if fields.get("error"):
        raise EngineError(
            f"the builder {fields.get('name', '')} cannot be used: {fields['error']}", "see docker buildx ls"
        )
    version = fields.get("buildkit version", "").removeprefix("v")
    return fields.get("name", ""), fields["driver"], "" if version.startswith("0.0.0") else version


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _store(info: Mapping[str, Any]) -> str:
    if "io.containerd.snapshotter.v1" in str(info.get("DriverStatus", "")):
        return "containerd"
    return str(info.get("Driver", ""))


def _is_local(program: str, context: str) -> bool:
    """Whether the client speaks to a socket of this machine."""
    host = os.environ.get("DOCKER_HOST", "")
    if not host and context not in ("", "default"):
        done = run([program, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], time_limit=ASK)
        host = done.output.strip()
    return host.startswith("unix://") if host else sys.platform != "win32"


def _podman(kind: str, program: str) -> Engine:
    done = run([program, "version", *(["--format", "{{.Client.Version}}"] if kind == "podman" else [])], time_limit=ASK)
    found = re.search(r"\d+\.\d+[\w.+~-]*", done.output)
    if done.code or found is None:
        said = next((line for line in done.errors.splitlines() if line.strip()), "it does not answer")
        raise EngineError(f"{kind} is installed, but cannot be used: {said}")
    return Engine(kind, program, {"client": found[0]}, local=True)
