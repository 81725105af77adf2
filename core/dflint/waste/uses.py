"""What the Dockerfiles of a context do with it, as far as that tells which of its files they can do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.context.gopath import has_wildcards
from dflint.model.context_reads import ContextRead, context_reads
from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from dflint.model import Model, Stage

_GIT_ELSEWHERE = frozenset(("clone", "config", "init", "lfs", "version", "--version", "fetch", "ls-remote"))


class Uses:
    """What one Dockerfile reads, names and makes itself."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.reads: tuple[ContextRead, ...] = context_reads(model, only_built=False)
        self._text: str | None = None
        self._made: dict[int, frozenset[str]] | None = None

    @property
    def text(self) -> str:
        """The instructions without the comments."""
        if self._text is None:
            text = self.model.source.text
            at = 0
            kept = []
            for comment in self.model.tree.comments:
                kept.append(text[at : comment.start])
                at = comment.end
            self._text = "".join((*kept, text[at:]))
        return self._text

    def mentions(self, name: str) -> bool:
        """Whether a file name stands anywhere in the instructions, not as a part of another name."""
        text = self.text
        at = text.find(name)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
            if not _is_of_name(before) and not _is_of_name(after):
                return True
            at = text.find(name, at + 1)
        return False

    def takes(self, path: str) -> tuple[ContextRead, ...]:
        """The reads that may take a path along."""
        return tuple(read for read in self.reads if read.covers(path))

    def names(self, path: str) -> bool:
        """Whether a read means the path itself, or something below it, rather than a folder above."""
        return any(_names(read, path) for read in self.reads)

    @property
    def runs_anything(self) -> bool:
        """Whether a command of the build could look at what is copied."""
        return any(isinstance(instruction, Run) for stage in self.model.stages for instruction in stage.instructions)

    def asks_git(self) -> bool:
        """Whether a RUN asks git about the project."""
        for stage in self.model.stages:
            for instruction in stage.instructions:
                if not isinstance(instruction, Run):
                    continue
                for command in self.model.commands_of(instruction):
                    if command.program == "git":
                        first = command.arguments[0].value if command.arguments else None
                        if first is None or first not in _GIT_ELSEWHERE:
                            return True
        return False

    def makes(self, path: str, *makers: str) -> bool:
        """Whether every stage that takes a path along gets what is there from one of some ecosystems anyway.

        By a command of its own, of a stage that it starts from or that starts from it, or by a COPY that brings it
        from another stage.
        """
        if self._made is None:
            self._made = {stage.index: frozenset(_makers(stage, self.model)) for stage in self.model.stages}
        name = path.rpartition("/")[2]
        for read in self.takes(path):
            if read.stage is None:
                return False
            family = _family(read.stage)
            if any(not self._made[stage.index].isdisjoint(makers) for stage in family):
                continue
            if not any(_brings(stage, name) for stage in family):
                return False
        return True


def _is_of_name(char: str) -> bool:
    return char.isalnum() or char in ("_", "-", ".") if char else False


def _names(read: ContextRead, path: str) -> bool:
    source = read.source
    if not source or read.is_whole:
        return False
    if source == path or source.startswith(path + "/"):
        return True
    # src/* reads the folder src; .env* means .env.
    last = source.rpartition("/")[2]
    return has_wildcards(source) and bool(last.strip("*?")) and read.covers(path)


def _family(stage: Stage) -> list[Stage]:
    found = [stage]
    parent = stage.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    pending = list(stage.children)
    while pending:
        child = pending.pop()
        if child not in found:
            found.append(child)
            pending.extend(child.children)
    return found


def _brings(stage: Stage, name: str) -> bool:
    """Whether a COPY --from of a stage is about something of a name."""
    return any(
        isinstance(instruction, Copy)
        and instruction.flag("from") is not None
        and any(word.text.rstrip("/\"'").rpartition("/")[2] == name for word in instruction.words)
        for instruction in stage.instructions
    )


def _makers(stage: Stage, model: Model) -> set[str]:
    """The ecosystems whose installs or builds a stage runs, ``venv`` and ``script`` (a build script of npm)."""
    from dflint.packages import parse_package_command
    from dflint.packages.installs import install_of

    found: set[str] = set()
    for instruction in stage.instructions:
        if not isinstance(instruction, Run):
            continue
        for command in model.commands_of(instruction):
            package = parse_package_command(command)
            if package is None:
                program = command.program or ""
                if program in ("virtualenv", "venv") or (
                    program.startswith("python") and [word.value for word in command.arguments[:2]] == ["-m", "venv"]
                ):
                    found.add("venv")
                continue
            install = install_of(package)
            if install is not None:
                found.add(install.ecosystem)
                if install.ecosystem in ("uv", "poetry", "pipenv"):
                    found.add("venv")
            if package.manager == "uv" and package.subcommand_name.startswith("venv"):
                found.add("venv")
            if package.action in ("run", "build") and package.manager in ("npm", "yarn", "pnpm", "bun"):
                words = {word.value for word in command.arguments}
                if any(isinstance(word, str) and word.startswith("build") for word in words):
                    found.add("script")
    return found
