"""Which programs the start command and the health check call, through scripts and the scripts of package.json."""

from __future__ import annotations

import json
from posixpath import join, normpath
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.shell import parse_shell
from dflint.source import MappedText
from dflint.syntax.tree import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model, Stage
    from dflint.model.config import Process
    from dflint.shell import Command

_LAUNCHERS = frozenset(
    ("tini", "dumb-init", "gosu", "su-exec", "exec", "env", "nohup", "/sbin/tini", "catatonit", "setpriv", "s6-svscan")
)
_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun"))
_DEPTH = 4


class ProgramUse(NamedTuple):
    """A program that is started; ``how`` is for people: ``CMD runs ts-node``, ``start.sh calls git``."""

    program: str
    how: str


class Programs(NamedTuple):
    """All that are found; ``unclear`` says why that may not be all, empty if nothing stands against it."""

    uses: tuple[ProgramUse, ...]
    unclear: str = ""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(use.program for use in self.uses)


def entry_programs(model: Model, stage: Stage) -> Programs:
    """The programs that a container of the stage's image starts with."""
    reader = _Reader(model, stage)
    config = model.effective_config(stage)
    health = config.healthcheck.value
    for name, process in (
        ("ENTRYPOINT", config.entrypoint.value),
        ("CMD", config.cmd.value),
        ("HEALTHCHECK", health.process if health is not None else None),
    ):
        if process is not None and process.arguments:
            is_argument = name == "CMD" and config.entrypoint.value is not None
            reader.process(process, name, is_argument)
    return Programs(tuple(dict.fromkeys(reader.uses)), reader.unclear)


class _Reader:
    def __init__(self, model: Model, stage: Stage) -> None:
        self.model = model
        self.stage = stage
        self.uses: list[ProgramUse] = []
        self.unclear = ""
        self.workdir = model.effective_config(stage).workdir.value or "/"
        self._seen: set[str] = set()

    def process(self, process: Process, name: str, is_argument: bool) -> None:
        """What a CMD, ENTRYPOINT or HEALTHCHECK runs."""
        words = list(process.arguments)
        if process.form == "shell":
            self.shell(words[-1], name, 0)
            return
        if is_argument and (words[0].startswith("-") or not _looks_like_program(words[0])):
            return
        self.words(words, name, 0)

    def words(self, words: list[str], how: str, depth: int) -> None:
        """A command line without a shell."""
        while words and words[0].rpartition("/")[2] in _LAUNCHERS:
            launcher = words.pop(0).rpartition("/")[2]
            self._use(launcher, how)
            while words and (words[0].startswith("-") or "=" in words[0]):
                words.pop(0)
            if launcher in ("gosu", "su-exec") and words:
                words.pop(0)
        if not words or depth > _DEPTH:
            return
        program = words[0].rpartition("/")[2]
        if program in ("sh", "bash", "ash", "dash"):
            self._use(program, how)
            for at, word in enumerate(words[1:], 1):
                if word.startswith("-") and word.endswith("c") and at + 1 < len(words):
                    self.shell(words[at + 1], how, depth + 1)
                    return
                if not word.startswith("-"):
                    self._script(word, how, depth)
                    return
            return
        if self._is_script(words[0]):
            self._script(words[0], how, depth)
            return
        self._use(program, how)
        self._arguments(program, words[1:], how, depth)

    def shell(self, text: str, how: str, depth: int) -> None:
        """Shell code."""
        script = parse_shell(MappedText.contiguous(text, 0), "bash")
        if script.errors or script.is_opaque:
            self._unclear(f"the shell code of {how} cannot be read")
            return
        for command in script.commands():
            self._command(command, how, depth)

    def _command(self, command: Command, how: str, depth: int) -> None:
        inner = command.unwrapped()
        if inner.name is None:
            return
        if inner.program in ("eval",):
            self._unclear(f"{how} evaluates what is not known")
        if inner.program is None:
            if inner.name.raw in ('"$@"', "$@", '"${@}"', "$*", '"$*"'):
                return  # what CMD says
            self._unclear(f"{how} calls {inner.name.raw}, which is not known before it runs")
            return
        if inner.program in _BUILTINS:
            return
        words = [word.value if word.value is not None else word.raw for word in inner.words]
        self.words(words, how, depth + 1)

    def _arguments(self, program: str, rest: list[str], how: str, depth: int) -> None:
        """What a program starts in its turn, for those that are known to."""
        if program in _MANAGERS:
            self._manager(program, rest, how, depth)
        elif program == "java" and any(word.endswith(".java") for word in rest):
            self._use("javac", f"{how} compiles {next(word for word in rest if word.endswith('.java'))} by java")
        elif program in ("npx", "pnpx", "bunx"):
            name = next((word for word in rest if not word.startswith("-")), "")
            if name:
                self._use(name, f"{how} runs {name} by {program}")
        elif (program == "bundle" and rest[:1] == ["exec"]) or (
            program in ("poetry", "uv", "pipenv") and rest[:1] == ["run"]
        ):
            self.words(rest[1:], how, depth + 1)
        elif program in ("supervisord", "foreman", "honcho", "s6-svscan"):
            self._unclear(f"{program} starts what its configuration says")

    def _manager(self, program: str, rest: list[str], how: str, depth: int) -> None:
        """``npm start`` and the like: the script of package.json, with what runs before and after it."""
        words = [word for word in rest if not word.startswith("-")]
        if not words:
            return
        name = words[1] if words[0] in ("run", "run-script") and len(words) > 1 else words[0]
        scripts = self._package_scripts()
        if scripts is None:
            self._unclear(f"{how} runs {program} {' '.join(words[:2])}, and package.json is not known")
            return
        if name not in scripts:
            if name == "start":
                self._use("node", how)
                return
            if program != "npm" or words[0] == "exec":
                self._use(name, f"{how} runs {name} by {program}")
            return
        for key in (f"pre{name}", name, f"post{name}"):
            if key in scripts:
                self.shell(str(scripts[key]), f"the script {key} of package.json", depth + 1)

    def _package_scripts(self) -> dict[str, object] | None:
        text = self._read(join(self.workdir, "package.json"))
        if text is None:
            return None
        try:
            scripts = json.loads(text).get("scripts") or {}
        except (ValueError, AttributeError):
            return None
        return scripts if isinstance(scripts, dict) else None

    def _is_script(self, word: str) -> bool:
        text = self._read(normpath(join(self.workdir, word))) if "/" in word or word.endswith(".sh") else None
        if text is None and "/" not in word:
            for folder in ("/usr/local/bin", "/usr/bin", "/bin", "/"):
                text = self._read(join(folder, word))
                if text is not None:
                    break
        return text is not None and text[:2] == "#!" and "sh" in text.partition("\n")[0]

    def _script(self, word: str, how: str, depth: int) -> None:
        path = normpath(join(self.workdir, word))
        candidates = [path] if "/" in word else [path, *(join(f, word) for f in ("/usr/local/bin", "/usr/bin", "/"))]
        if any(candidate in self._seen for candidate in candidates):
            return
        self._seen.update(candidates)
        for candidate in candidates:
            text = self._read(candidate)
            if text is not None:
                self.shell(_body(text), word.rpartition("/")[2], depth + 1)
                return
        self._unclear(f"{word} cannot be read")

    def _read(self, path: str) -> str | None:
        """A file of the image that comes from the context, by the COPY that brings it."""
        context = self.model.context
        if context is None:
            return None
        for source in _sources_of(path, self.model, self.stage):
            try:
                return context.read(source)
            except (OSError, UnicodeError):
                continue
        return None

    def _use(self, program: str, how: str) -> None:
        text = how if " by " in how else f"{how} runs {program}" if how.isupper() else f"{how} calls {program}"
        self.uses.append(ProgramUse(program, text))

    def _unclear(self, reason: str) -> None:
        self.unclear = self.unclear or reason


_BUILTINS = frozenset((
    "set", "cd", "echo", "printf", "export", "exec", "if", "test", "[", "[[", ":", "true", "false", "exit", "return",
    "shift",
    "read", "unset", "local", "trap", "wait", "umask", "ulimit", "source", ".", "command", "type", "declare", "break",
    "continue", "getopts", "readonly", "eval", "let", "pwd", "kill",
))  # fmt: skip


def _body(text: str) -> str:
    return text


def _looks_like_program(word: str) -> bool:
    return word.rpartition("/")[2] in _PROGRAMS or word.startswith("/")


_PROGRAMS = frozenset((
    "node", "npm", "yarn", "pnpm", "npx", "python", "python3", "gunicorn", "uvicorn", "flask", "java", "ruby",
    "rails", "bundle", "rake",
    "puma", "php", "php-fpm", "apache2-foreground", "nginx", "sh", "bash", "go", "cargo", "mvn", "gradle", "dotnet",
    "make",
    "ts-node", "tsx", "nodemon", "celery", "supervisord", "perl", "git", "curl",
))  # fmt: skip


def _sources_of(path: str, model: Model, stage: Stage, depth: int = 0) -> Iterator[str]:
    """Paths in the context that COPY may have brought to a path of the image, by way of other stages too."""
    for instruction in reversed(stage.instructions):
        if not isinstance(instruction, Transfer) or instruction.destination is None:
            continue
        builders = model.stages_named_by(instruction)
        if instruction.flag("from") is not None and (not builders or depth > _DEPTH):
            continue
        for place in _places_of(path, model, instruction):
            if not builders:
                yield place.lstrip("/")
            else:
                yield from _sources_of(normpath(join("/", place)), model, builders[0], depth + 1)


def _places_of(path: str, model: Model, transfer: Transfer) -> Iterator[str]:
    """Where a path of the image may lie in what a COPY copies from."""
    environment = model.environment_before(transfer)
    text = environment.expand(transfer.destination) if transfer.destination is not None else None
    if text is None:
        return
    target = environment.resolve_path(text) or normpath(join("/", text))
    for word in transfer.sources:
        source = environment.expand(word)
        if source is None:
            continue
        source = source.rstrip("/").removeprefix("./") if source not in (".", "./", "/") else ""
        if path == target:
            yield source
        if path == f"{target.rstrip('/')}/{source.rpartition('/')[2]}":
            yield source
        if path.startswith(target.rstrip("/") + "/"):
            yield f"{source}/{path[len(target.rstrip('/')) + 1 :]}"
