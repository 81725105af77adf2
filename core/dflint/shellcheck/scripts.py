"""Which scripts of a file ShellCheck gets, and what it is told about them.

- the shell form of RUN, CMD, ENTRYPOINT and HEALTHCHECK, for the SHELL in force;
- ``RUN <<EOF``, for the interpreter of its ``#!`` line if it has one;
- the string of an exec form that calls a shell: ``["bash", "-c", "..."]``;
- here-documents that are a shell's input: ``RUN <<EOF bash``, ``RUN sh -s <<'EOF'``.

``sh`` is checked as what it is in the base image: BusyBox' sh in Alpine, bash in Red Hat's family, POSIX sh and what
dash adds to it in Debian's (ShellCheck's dash is newer than Debian's: it has pipefail); where that is not known as
POSIX sh, which is all that holds for all of them. ash is BusyBox' sh, from which images have it. zsh, PowerShell, cmd
and other interpreters are left alone: ShellCheck has no dialect for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.model.environment import PROXY_ARGS
from dflint.record import NamedTuple
from dflint.shell.dialect import quote
from dflint.shell.nodes import Assignment
from dflint.shellcheck.codes import FROM_OUTSIDE, IN_DASH
from dflint.shellcheck.splitting import split_on_purpose
from dflint.syntax.heredocs import join
from dflint.syntax.tree import Arg, CommandInstruction, Env, Onbuild, Run, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.model import Model
    from dflint.shell import Command, Script
    from dflint.shellcheck.directives import Directive
    from dflint.source import MappedText
    from dflint.syntax.tree import Instruction

SHEBANGS = {
    "sh": "#!/bin/sh",
    "bash": "#!/bin/bash",
    "dash": "#!/bin/dash",
    "ash": "#!/bin/busybox sh",
    "ksh": "#!/bin/ksh",
}
"""Dialect (``dflint.shell.dialect_of``) to the first line by which ShellCheck knows it."""

PLAIN_PROGRAMS = (
    "apk", "apt", "apt-get", "bun", "bundle", "cargo", "chgrp", "chmod", "chown", "cmake", "composer", "corepack",
    "curl", "dnf", "dotnet", "gem", "git", "go", "gradle", "groupadd", "make", "meson", "microdnf", "mvn", "ninja",
    "node", "npm", "npx", "php", "pip", "pip3", "pnpm", "poetry", "python", "python3", "tdnf", "useradd", "uv",
    "wget", "yarn", "yum", "zypper",
)  # fmt: skip
"""Programs of which ShellCheck knows nothing: with plain words behind them there is nothing to report."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLATFORM = "linux"
"""Stands for the values of TARGETARCH and the like, which are words too."""
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh"))
_MAX_VALUE = 1000
_plain: re.Pattern[str] | None = None


class ShellCheckScript(NamedTuple):
    """One script with its way back to the file."""

    text: MappedText
    """What the shell reads, without a ``#!`` line."""
    shebang: str
    known: tuple[tuple[str, str | None], ...] = ()
    """Variables in its environment whose names stand in it; with the value if it is known and a plain word."""
    ignored: frozenset[int] = frozenset()
    """Codes that mean nothing for this script."""
    notation: str = "plain"
    """How its text is written in the file: ``plain``, ``json`` (a string of an exec form), ``expanded`` (a
    here-document in which the outer shell removes backslashes)."""
    takes_lines: bool = False
    """Whether a line break may be put into it."""
    directives: tuple[Directive, ...] = ()
    """What ``# shellcheck disable=`` comments outside the script's text say about it."""
    split: frozenset[int] = frozenset()
    """Source offsets of expansions that are split on purpose."""

    @property
    def header_lines(self) -> int:
        """The number of comment and blank lines at its top: a directive there counts for the whole script."""
        count = 0
        text = self.text.text
        at = 0
        while at < len(text):
            end = text.find("\n", at)
            if end < 0:
                return count
            line = text[at:end].lstrip()
            if line and not line.startswith("#"):
                return count
            count += 1
            at = end + 1
        return count

    @property
    def added_lines(self) -> tuple[str, ...]:
        """Lines that tell ShellCheck of the environment: all is exported; what has no known value is read."""
        if not self.known:
            return ()
        unknown = [name for name, value in self.known if value is None]
        exported = " ".join(name if value is None else f"{name}={quote(value)}" for name, value in self.known)
        lines = (f"read -r {' '.join(unknown)}",) if unknown else ()
        return (*lines, f"export {exported}")

    @property
    def is_plain(self) -> bool:
        """Whether there is certainly nothing to report, so that no process is needed: one script in five.

        That is ``a b && c d`` of ``PLAIN_PROGRAMS`` (and ``mkdir -p``) with words that nothing expands.
        """
        global _plain
        if _plain is None:
            word = r"(?!(?:do|done|then|fi|esac|else|elif)(?:[ \t\n]|$))[A-Za-z0-9_./:@-][A-Za-z0-9_./:@%+,=-]*"
            programs = "|".join(map(re.escape, PLAIN_PROGRAMS))
            command = rf"(?:(?:{programs})(?:[ \t]+{word})*|mkdir(?:[ \t]+-p)?(?:[ \t]+(?!-){word})+)"
            _plain = re.compile(rf"[ \t]*{command}(?:[ \t]*&&[ \t]*{command})*[ \t]*\n?")
        return _plain.fullmatch(self.text.text) is not None

    @property
    def program_text(self) -> str:
        """What ShellCheck gets: the ``#!`` line, the script's header, the added lines, the rest of the script."""
        text = self.text.text
        added = "".join(line + "\n" for line in self.added_lines)
        at = 0
        for _ in range(self.header_lines if added else 0):
            at = text.index("\n", at) + 1
        return f"{self.shebang}\n{text[:at]}{added}{text[at:]}\n"


def scripts_of(model: Model) -> list[ShellCheckScript]:
    """The scripts of a file in the order of the text."""
    found: list[ShellCheckScript] = []
    for instruction in model.instructions:
        here: Instruction | None = instruction
        while isinstance(here, Onbuild):
            here = here.trigger
        if isinstance(here, CommandInstruction) and not isinstance(here, Shell):
            found.extend(_scripts_of_instruction(here, model))
    return found


def _scripts_of_instruction(instruction: CommandInstruction, model: Model) -> Iterator[ShellCheckScript]:
    script = model.script_of(instruction)
    if script is None or script.is_opaque or instruction.json_problem is not None:
        return
    from dflint.shellcheck.directives import directives_of

    variables = _variables(instruction, model)
    split = split_on_purpose(script, variables)
    system = _SystemShell(instruction, model)
    ignored = frozenset[int]() if isinstance(instruction, Run) else FROM_OUTSIDE
    directives = directives_of(instruction, script, model)
    shebang, more = system.known_as(script.dialect)
    if shebang is not None:
        ignored |= more
        text, words = script.text, _shell_words(instruction, script, model)
        if instruction.exec_form:
            notation, takes_lines = "json", False
        else:
            notation, takes_lines = "plain", isinstance(instruction, Run) and instruction.is_heredoc_script
        if takes_lines and text.text.startswith("#!"):
            first = text.text.partition("\n")[0]
            words = first[2:].split()
            text = text.slice(min(len(first) + 1, len(text.text)), len(text.text))
        if _stops_at_errors(words):
            shebang += " -e"
        known = _known(text, variables)
        yield ShellCheckScript(text, shebang, known, ignored, notation, takes_lines, directives, split)
    if isinstance(instruction, Run) and "<<" in script.text.text:
        for command in script.commands():
            yield from _fed(command, script, variables, directives, system)


def _shell_words(instruction: CommandInstruction, script: Script, model: Model) -> Sequence[str]:
    """The shell and its options."""
    if not instruction.exec_form:
        return model.environment_before(instruction).shell
    words = []
    for word in instruction.words:
        if word.text == script.text.text:
            break
        words.append(word.text)
    return words


def _stops_at_errors(words: Sequence[str]) -> bool:
    """Whether a shell's options turn on errexit: ``-e``, ``-euo pipefail``, ``-o errexit``."""
    return any(
        word == "errexit" or (word.startswith("-") and not word.startswith("--") and "e" in word[1:])
        for word in words[1:]
    )


class _SystemShell:
    """What ``/bin/sh`` is where an instruction runs: looked for when somebody asks."""

    __slots__ = ("_dialect", "_instruction", "_model")

    def __init__(self, instruction: Instruction, model: Model) -> None:
        self._instruction = instruction
        self._model = model
        self._dialect: str | None = None

    def known_as(self, dialect: str) -> tuple[str | None, frozenset[int]]:
        """The ``#!`` line for a dialect, None if ShellCheck has none, and the codes that mean nothing there."""
        if dialect != "sh":
            return SHEBANGS.get(dialect), frozenset()
        if self._dialect is None:
            self._dialect = self._found()
        if self._dialect == "dash":
            return SHEBANGS["sh"], IN_DASH
        return SHEBANGS[self._dialect], frozenset()

    def _found(self) -> str:
        stage = self._model.stage_of(self._instruction)
        while stage is not None:
            for run in stage.instructions:
                if isinstance(run, Run) and run.index < self._instruction.index and _makes_sh_bash(run, self._model):
                    return "bash"
            if stage.parent is None:
                from dflint.facts import system_shell

                return (system_shell(stage.image) if stage.image is not None else None) or "sh"
            stage = stage.parent
        return "sh"


def _makes_sh_bash(run: Run, model: Model) -> bool:
    """Whether a RUN sets the link ``/bin/sh``, which is done to have bash there."""
    text = run.shell_text
    if text is None or ("/bin/sh" not in text.text and "dpkg-reconfigure" not in text.text):
        return False
    for command in model.commands_of(run):
        if command.program in ("ln", "mv", "cp") and command.arguments:
            if command.arguments[-1].value in ("/bin/sh", "/usr/bin/sh"):
                return True
        elif command.program == "dpkg-reconfigure" and any(word.value == "dash" for word in command.arguments):
            return True
    return False


# Environment


def _variables(instruction: CommandInstruction, model: Model) -> dict[str, str | None]:
    """The variables that a script may see, with their values as far as the file says them.

    The default of an ARG counts: what ``--build-arg`` gives instead will be a thing of the same kind.
    """
    environment = model.environment_before(instruction)
    found: dict[str, str | None] = dict.fromkeys(PROXY_ARGS)
    if instruction.is_onbuild_trigger:
        # It runs on top of this stage's image, after the triggers above it.
        for name in _names_for_trigger(instruction, model):
            found[name] = None
        return found
    for name, variable in environment.variables.items():
        found[name] = PLATFORM if variable.origin == "platform" else variable.value
    return found


def _names_for_trigger(trigger: Instruction, model: Model) -> Iterator[str]:
    """What an ONBUILD trigger may see: the image's ENV, and what triggers above it set or declare."""
    stage = model.stage_of(trigger)
    if stage is None:
        return
    yield from model.environment_at_end(stage).variables
    for instruction in stage.instructions:
        if isinstance(instruction, Onbuild) and isinstance(instruction.trigger, (Arg, Env)):
            for pair in instruction.trigger.pairs:
                yield pair.key.text


def _known(text: MappedText, variables: dict[str, str | None]) -> tuple[tuple[str, str | None], ...]:
    """Those of the variables whose names stand in the text, sorted.

    A value that is long or has characters which mean something to a shell is as good as unknown: either may be split.
    """
    names = variables.keys() & set(_WORD.findall(text.text))
    known = []
    for name in sorted(names):
        value = variables[name]
        if _WORD.fullmatch(name) is None:
            continue
        is_plain = value is not None and 0 < len(value) <= _MAX_VALUE and quote(value) == value
        known.append((name, value if is_plain else None))
    return tuple(known)


# Here-documents as a shell's input


def _fed(
    command: Command,
    script: Script,
    variables: dict[str, str | None],
    directives: tuple[Directive, ...],
    system: _SystemShell,
) -> Iterator[ShellCheckScript]:
    inputs = [redirect for redirect in command.redirects if redirect.operator.startswith("<")]
    inputs = [redirect for redirect in inputs if redirect.fd in (None, "0")]
    document = inputs[-1].here_document if inputs else None
    if document is None or document.body is None:
        return
    inner = command.unwrapped()
    if inner.program not in _SHELLS or not _reads_input(inner):
        return
    raw, whole = document.body.raw, script.text
    begin = whole.text.find(raw)
    while begin >= 0 and whole.offset(begin) != document.body.start:
        begin = whole.text.find(raw, begin + 1)
    if begin < 0 or not raw.strip():
        return  # empty, or inside quotes or backquotes of the script
    text = _content(whole, begin, begin + len(raw), document.strips_tabs, document.expands)
    if text is None:
        return
    outer = {item.name: None for item in script.variables() if isinstance(item, Assignment)}
    variables = {**variables, **outer}  # it may be exported: then the other shell has it
    shebang, ignored = system.known_as(inner.program)
    if shebang is None:
        return
    if _stops_at_errors([inner.program, *(word.value or "" for word in inner.arguments)]):
        shebang += " -e"
    if text.text.startswith("#!"):  # a comment here: the shell is running already
        first = text.text.find("\n") + 1 or len(text.text)
        text = text.slice(first, len(text.text))
    notation = "expanded" if document.expands else "plain"
    known = _known(text, variables)
    yield ShellCheckScript(text, shebang, known, ignored, notation, True, directives)


def _reads_input(shell: Command) -> bool:
    """Whether a shell with these arguments runs what it reads: options alone, or ``-s``."""
    at = 0
    words = [word.value for word in shell.arguments]
    while at < len(words):
        word = words[at]
        if word is None:
            return False
        if word.startswith(("-", "+")) and word not in ("-", "--"):
            if word[0] == "-" and not word.startswith("--") and "c" in word:
                return False
            if word[0] == "-" and not word.startswith("--") and "s" in word:
                return True
            at += 1 + (not word.startswith("--") and word.endswith(("o", "O"))) + (word in ("--rcfile", "--init-file"))
        else:
            return word == "-" and at == len(words) - 1
    return True


def _content(whole: MappedText, begin: int, end: int, strips_tabs: bool, expands: bool) -> MappedText | None:
    """A here-document's lines as the shell at the other end reads them; None if that depends on an expansion."""
    text = whole.text
    if expands and re.search(r"(?<!\\)(?:\\\\)*[$`]", text[begin:end]):
        return None
    kept: list[tuple[int, int]] = []
    at = begin
    while at < end:
        stop = text.find("\n", at, end) + 1 or end
        while strips_tabs and at < stop and text[at] == "\t":
            at += 1
        first = at
        for match in re.finditer(r"\\([$`\\]|\n)", text[at:stop]) if expands else ():
            kept.append((first, at + match.start()))
            first = at + (match.end() if match[1] == "\n" else match.start() + 1)
        kept.append((first, stop))
        at = stop
    pieces: list[tuple[str, int]] = []
    for first, last in kept:
        if first < last:
            pieces += whole.slice(first, last).pieces()
    return join(pieces, whole.offset(begin))
