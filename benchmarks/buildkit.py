"""Asking BuildKit's checks about many Dockerfiles without a registry, with its answers kept in a file for the next run.

The question is ``docker buildx build --call=check``. Each base image is replaced by a stand-in that this module makes,
an empty image that sets nothing but PATH:

- as a named context (``--build-context NAME=docker-image://STAND-IN``), usually;
- by its own name, where the name says which platform the image is for: BuildKit compares platforms only then. No image
  that is there already is touched, and all that is made is removed at the end.

A ``# syntax=`` line is taken out, since it would call for another frontend, and ``# check=experimental=all`` put in, so
that all checks run. The lines of the answers are those of the original text.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dflint import files
from dflint.facts.platforms import image_platform
from dflint.model import ImageReference, Model
from dflint.model.environment import PLATFORM_ARGS
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STAND_IN = "dflint-stand-in"
_STAND_IN_FILE = """\
FROM scratch
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY Dockerfile /
"""
_MISSING = re.compile(r"failed to resolve source metadata for ([^\s]+?):? ")
_UNNAMED_BASE = ("should not be blank", "invalid reference format", "empty platform value")
_MOST_CONTEXTS = 60


class Report(NamedTuple):
    """One warning; ``line`` counts from 1 and is 0 where BuildKit names none."""

    code: str
    line: int
    message: str


class Answer(NamedTuple):
    """What BuildKit says of a file."""

    reports: tuple[Report, ...]
    error: str | None
    """Why it refuses the file; the reports are then those made before that."""
    build_arguments: int = 0
    """How many build arguments it was given, since without them some FROM named no image."""


class Question(NamedTuple):
    """A Dockerfile and the ignore file of its build context."""

    path: str
    text: str
    ignore: str = ""


class _Sent(NamedTuple):
    """What is given to BuildKit for a question, and how many lines it has more than the question."""

    text: str
    more_lines: int
    ignore: str
    arguments: tuple[str, ...]


class BuildKit:
    """The engine that the ``docker`` command talks to, and what it has said so far. Use it with ``with``."""

    def __init__(self, cache: Path | None = None) -> None:
        """Raises ``SystemExit`` if there is no engine with buildx."""
        self._cache = cache
        self._known: dict[str, Answer] = {}
        self._tagged: set[str] = set()
        self.version = self._version()
        if cache is not None and cache.exists():
            for line in cache.read_text(encoding="utf-8").splitlines():
                key, reports, error, count = json.loads(line)
                self._known[key] = Answer(tuple(Report(*report) for report in reports), error, count)

    def __enter__(self) -> BuildKit:
        return self

    def __exit__(self, *_: object) -> None:
        names = sorted(self._tagged)
        for start in range(0, len(names), 50):
            _docker("image", "rm", *names[start : start + 50])

    def answers(self, questions: Sequence[Question], jobs: int) -> Iterator[Answer]:
        """An answer to each question, in order."""
        keys = [self._key(question) for question in questions]
        new = {key: question for key, question in zip(keys, questions, strict=True) if key not in self._known}
        if new:
            self._prepare(list(new.values()))
        with ThreadPoolExecutor(jobs) as pool:
            for key, answer in zip(new, pool.map(self._answer, new.values()), strict=True):
                self._keep(key, answer)
        for key in keys:
            yield self._known[key]

    def _version(self) -> str:
        engine = _docker("version", "--format", "{{.Server.Version}}")
        buildx = _docker("buildx", "version")
        if engine.returncode or buildx.returncode:
            raise SystemExit("no Docker engine with buildx answers: " + (engine.stderr or buildx.stderr).strip())
        return f"Docker Engine {engine.stdout.strip()}, buildx {buildx.stdout.split()[1]}"

    def _key(self, question: Question) -> str:
        digest = hashlib.sha256(f"{self.version}\0{question.ignore}\0".encode(errors="surrogateescape"))
        digest.update(files.encoded(question.text))
        return digest.hexdigest()

    def _keep(self, key: str, answer: Answer) -> None:
        self._known[key] = answer
        if self._cache is not None:
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            with self._cache.open("a", encoding="utf-8") as kept:
                kept.write(json.dumps((key, *answer)) + "\n")

    def _prepare(self, questions: Sequence[Question]) -> None:
        """Make the stand-ins: one for all, and one for each platform that a base image's name says."""
        self._make(STAND_IN, None)
        made = set()
        for reference in {image for question in questions for image in base_images(question.text)}:
            platform = known_platform(reference)
            if platform is None or _docker("image", "inspect", reference.text).returncode == 0:
                continue
            source = f"{STAND_IN}-{platform.replace('/', '-')}"
            if source not in made:
                self._make(source, platform)
                made.add(source)
            if _docker("tag", source, reference.text).returncode == 0:
                self._tagged.add(reference.text)

    def _make(self, name: str, platform: str | None) -> None:
        # With provenance the image is an index, of which BuildKit takes no image for another platform.
        flags = ["--provenance=false", *([f"--platform={platform}"] if platform else [])]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text(_STAND_IN_FILE, encoding="utf-8")
            process = _docker("buildx", "build", "--load", *flags, "--tag", name, folder)
        if process.returncode:
            raise SystemExit(f"cannot build {name}: {process.stderr.strip()}")
        self._tagged.add(name)

    def _answer(self, question: Question) -> Answer:
        """Without build arguments, or if FROM names no image then, with one for each global ARG that has no value."""
        answer = self._asked(question, ())
        if answer.error is None or not any(words in answer.error for words in _UNNAMED_BASE):
            return answer
        names = valueless_arguments(question.text)
        return self._asked(question, names)._replace(build_arguments=len(names)) if names else answer

    def _asked(self, question: Question, arguments: tuple[str, ...]) -> Answer:
        text, more_lines = prepared(question.text)
        answer = self._checked(_Sent(text, more_lines, question.ignore, arguments))
        reports = tuple(r._replace(line=max(r.line - more_lines, 0)) for r in answer.reports)
        return Answer(reports, answer.error)

    def _checked(self, sent: _Sent) -> Answer:
        names = {image.text for image in base_images(sent.text)} - self._tagged
        with tempfile.TemporaryDirectory() as folder:
            context = Path(folder, "context")
            context.mkdir()
            Path(folder, "Dockerfile").write_bytes(files.encoded(sent.text))
            if sent.ignore:
                Path(context, ".dockerignore").write_text(sent.ignore, encoding="utf-8")
            while True:
                process = _docker(*_check_command(sent, names, folder))
                answer = _read(process)
                missing = _MISSING.search((answer.error or "") + " ")
                name = _familiar(missing.group(1)) if missing else None
                if name is None or name in names or len(names) > _MOST_CONTEXTS:
                    return answer
                names.add(name)


def prepared(text: str) -> tuple[str, int]:
    """The text that is sent, and how many lines it has more: without a syntax directive, with all checks on."""
    tree = parse(text)
    mark, body = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    lines = body.splitlines(keepends=True)
    last = max((tree.source.line_of(directive.start) for directive in tree.directives), default=0)
    kept = [f"# {d.name}={d.value}\n" for d in tree.directives if d.name not in ("syntax", "check")]
    check = next((d.value.partition(" ")[0] for d in tree.directives if d.name == "check"), "")
    parts = [part for part in check.split(";") if part and not part.startswith(("error=", "experimental="))]
    head = [f"# check={';'.join([*parts, 'experimental=all'])}\n", *kept]
    return mark + "".join(head + lines[last:]), len(head) - last


def base_images(text: str) -> set[ImageReference]:
    """The images that stages of a Dockerfile start from, as far as the file says."""
    return {stage.image for stage in Model(parse(text), None, "Dockerfile").stages if stage.image is not None}


def known_platform(image: ImageReference) -> str | None:
    """``linux/arm64`` for an image that is surely for that platform and can be tagged; Windows is mostly for amd64."""
    system, architecture = image_platform(image)
    return f"{system}/{architecture or 'amd64'}" if system and image.digest is None else None


def valueless_arguments(text: str) -> tuple[str, ...]:
    """The global ARGs that have no value unless the build gives one."""
    model = Model(parse(text), None, "Dockerfile")
    pairs = (pair for arg in model.global_args for pair in arg.pairs)
    return tuple(
        dict.fromkeys(
            pair.key.text
            for pair in pairs
            if pair.key.text not in PLATFORM_ARGS and (pair.value is None or pair.value.literal == "")
        )
    )


def _check_command(sent: _Sent, names: set[str], folder: str) -> Iterator[str]:
    yield from ("buildx", "build", "--progress=quiet", "--call=check,format=json", "--file", f"{folder}/Dockerfile")
    for name in sorted(names):
        yield from ("--build-context", f"{_familiar(name)}=docker-image://{STAND_IN}")
    for argument in sent.arguments:
        yield from ("--build-arg", f"{argument}={'linux/amd64' if 'PLATFORM' in argument.upper() else 'value'}")
    yield f"{folder}/context"


def _read(process: subprocess.CompletedProcess[str]) -> Answer:
    text = process.stdout
    with suppress(ValueError):
        found, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
        reports = tuple(_report(warning) for warning in found.get("warnings") or ())
        return Answer(reports, (found.get("buildError") or {}).get("message"))
    return Answer((), process.stderr.strip() or "no answer")


def _report(warning: Mapping[str, object]) -> Report:
    location = warning.get("location")
    ranges = location.get("ranges") if isinstance(location, dict) else None
    line = ranges[0]["start"].get("line", 0) if ranges else 0
    return Report(str(warning["ruleName"]), line, str(warning.get("detail", "")))


def _familiar(reference: str) -> str:
    """A reference as ``--build-context`` takes it: without Docker Hub's prefixes and without ``latest``."""
    for prefix in ("docker.io/", "library/"):
        reference = reference.removeprefix(prefix)
    return reference.removesuffix(":latest")


def _docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, errors="replace", check=False, env=environment
    )
