"""What is built, and what came of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dflint.build.errors import EngineError
from dflint.build.redaction import Redactor
from dflint.files import decoded, encoded
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.syntax import parse
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.build.rawjson import Step


class Recipe(NamedTuple):
    """A Dockerfile's text and the ignore file that belongs to it; both may be on no disk."""

    text: str
    name: str = "Dockerfile"
    """File name, used in messages."""
    ignore: str | None = None
    """The text of ``NAME.dockerignore``; None: the context's ``.dockerignore`` counts."""

    @property
    def frontend(self) -> tuple[str, int] | None:
        """The image that ``# syntax=`` names, and its line."""
        tree = parse(self.text)
        for directive in tree.directives:
            if directive.name == "syntax" and directive.value:
                return directive.value, tree.source.position(directive.start).line
        return None

    def without_frontend(self) -> Recipe:
        """The same without ``# syntax=``, for the engine's own frontend; no other line moves.

        BuildKit gives no switch for that: an empty BUILDKIT_SYNTAX is a bad image name. A comment in the directive's
        place would end the directives, so the lines that are directives go up and the empty one comes after them.
        """
        tree = parse(self.text)
        lines = self.text.splitlines(keepends=True)
        numbers = {directive.name: tree.source.position(directive.start).line for directive in tree.directives}
        line = numbers.get("syntax")
        if line is None:
            return self
        last = max(numbers.values())
        block = lines[line:last]
        ending = lines[line - 1][len(lines[line - 1].rstrip("\r\n")) :]
        return self._replace(text="".join([*lines[: line - 1], *block, "#" + ending, *lines[last:]]))

    def with_fresh_caches(self, nonce: str) -> Recipe:
        """The same with other cache mounts, which begin empty: a cache mount outlives ``--no-cache``.

        Mounts that shared a cache share one still. A later ``id=`` counts more than an earlier one.
        """
        text = self.text
        mounts = [mount for run in parse(text).find(Run) for mount in run.mounts if mount.type == "cache"]
        for mount in sorted(mounts, key=lambda mount: mount.end, reverse=True):
            name = hashlib.sha256((mount.id or mount.target or "").encode("utf-8", "surrogateescape")).hexdigest()[:12]
            text = f"{text[: mount.end]},id=dflint-{nonce}-{name}{text[mount.end :]}"
        return self._replace(text=text)

    def of_base(self, target: str | None, build_args: Mapping[str, str]) -> Recipe | None:
        """A recipe whose image is the base image of the target stage; None for scratch or without such a stage."""
        model = Model(parse(self.text), target=target, build_args=build_args)
        stage = model.target
        if stage is None or stage.root.is_scratch:
            return None
        head = self.text[: model.stages[0].start]
        from_ = stage.root.from_
        return Recipe(f"{head}{self.text[from_.start : from_.end]}\n", self.name)

    def write(self, folder: Path) -> Path:
        """Write both files into a folder; gives the Dockerfile's path."""
        folder.mkdir(parents=True, exist_ok=True)
        name = Path(self.name).name or "Dockerfile"
        file = folder / name
        file.write_bytes(encoded(self.text))
        if self.ignore is not None:
            (folder / f"{name}.dockerignore").write_bytes(encoded(self.ignore))
        return file


def read_recipe(path: str | Path) -> Recipe:
    """A Dockerfile and its own ignore file from disk. Raises OSError."""
    file = Path(path)
    ignore = file.with_name(f"{file.name}.dockerignore")
    return Recipe(decoded(file.read_bytes()), file.name, decoded(ignore.read_bytes()) if ignore.is_file() else None)


@dataclass(frozen=True)
class BuildOptions:
    """What is the same for all builds of a comparison; fields are named after the options of ``docker build``."""

    context: str = "."
    target: str | None = None
    platform: str | None = None
    build_args: tuple[tuple[str, str | None], ...] = ()
    """Name and value; None: the value of the environment variable of that name."""
    secrets: tuple[str, ...] = ()
    """As for ``--secret``: ``id=npm,src=.npmrc`` or ``id=TOKEN,env=TOKEN``."""
    ssh: tuple[str, ...] = ()
    build_contexts: tuple[str, ...] = ()
    """``NAME=PATH`` and the like."""
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    network: str = "auto"
    """Of RUN: ``default``, ``host``, ``none``; ``auto``: what works on this engine."""
    frontend: str = "auto"
    """``image``: the one that ``# syntax=`` names; ``builtin``: the engine's; ``auto``: builtin if it cannot be had."""
    no_cache: bool = False
    pull: bool = False
    time_limit: float = 3600.0
    """Seconds for one build."""

    def with_cache_off(self) -> BuildOptions:
        return replace(self, no_cache=True)

    def with_context(self, folder: str) -> BuildOptions:
        return replace(self, context=folder)

    def arguments(self) -> Mapping[str, str]:
        """Build arguments and their values, those of the environment looked up."""
        found = {name: os.environ.get(name) if value is None else value for name, value in self.build_args}
        return {name: value for name, value in found.items() if value is not None}

    def redactor(self) -> Redactor:
        """Knows the values of all secrets and build arguments. Raises EngineError if a secret cannot be read."""
        return Redactor((_secret(text) for text in self.secrets), self.arguments())


def _secret(specification: str) -> str:
    """The content of a secret. As buildx finds it: ``env``, ``src``, or by its id a variable or else a file."""
    fields: dict[str, str] = {}
    for part in specification.split(","):
        key, _, value = part.partition("=")
        fields[{"source": "src", "target": "src"}.get(key.strip().lower(), key.strip().lower())] = value
    name = fields.get("id", "")
    variable = fields.get("env") or (fields.get("src", "") if fields.get("type") == "env" else "")
    if not variable and "src" not in fields and name in os.environ:
        variable = name
    if variable:
        return os.environ.get(variable, "")
    path = fields.get("src") or name
    try:
        return decoded(Path(path).expanduser().read_bytes())
    except OSError as error:
        raise EngineError(
            f"the secret {name or specification} cannot be read: {error.strerror or error}",
            "give --secret id=NAME,src=FILE or id=NAME,env=VARIABLE",
        ) from None


class Failure(NamedTuple):
    """Why a Dockerfile did not build."""

    message: str
    line: int | None
    """Of the Dockerfile, from 1; None if the engine named none."""
    step: str = ""
    """The step that failed, as the engine calls it."""


class BuildResult(NamedTuple):
    """How a build ended."""

    failure: Failure | None
    tag: str
    """Temporary name of the image in the engine; empty if it is not there."""
    image: str
    """The engine's id of the image."""
    archive: str
    """Path of the image archive (OCI layout or Docker's form); empty until it has been saved."""
    steps: tuple[Step, ...]
    seconds: float
    """Wall time of the build, saving left out."""
    log: tuple[str, ...]
    """The last lines of output, secrets and build arguments taken out."""
    frontend: str
    """Image that read the Dockerfile; empty: the engine's own."""
    notes: tuple[str, ...] = ()
    """What was done differently from what was asked, and why."""
    save_seconds: float = 0.0
    transferred: int = 0
    """Bytes of build context sent."""

    @property
    def ran(self) -> tuple[Step, ...]:
        """The instructions that were carried out, not taken from the cache."""
        return tuple(step for step in self.steps if step.kind == "run" and step.started and not step.cached)
