from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Option, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Cmd, CommandInstruction, Entrypoint, Healthcheck

_BUILTINS = frozenset(
    (".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "eval", "exec", "exit",
     "export", "fg", "jobs", "let", "local", "read", "readonly", "return", "set", "shift", "shopt", "source", "test",
     "time", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait")
)  # fmt: skip


class ShellFormCommand(Rule):
    """CMD or ENTRYPOINT is in shell form.

    ## Why is this bad?

    The image then starts a shell which starts the program. The shell is process 1: it gets the SIGTERM of `docker stop`
    and may not pass it on, so that the program is killed after the grace period. An ENTRYPOINT in shell form also
    ignores CMD and the arguments of `docker run`.

    ## Exceptions

    Silent when the file sets SHELL, which says that a shell is wanted, for `exec program`, where the program takes the
    shell's place, and for broken JSON (see `invalid-json-form`). HEALTHCHECK is left out, as a check gets no signals;
    the option `healthcheck = true` adds it.

    ## Fix safety

    Unsafe: without a shell the program starts as process 1 and gets the signals itself, an ENTRYPOINT gets CMD as its
    arguments, and a script needs its `#!` line. There is a fix only for one plain command, without variables,
    wildcards, redirections or shell built-ins.

    ## Differs from hadolint

    DL3025 also reports HEALTHCHECK, `exec program`, and stages with a SHELL; BuildKit (dispatchCmd in
    dockerfile2llb/convert.go) reports `exec program`, and knows the SHELL that a base image sets.
    """

    name = "shell-form-command"
    category = "correctness"
    level = "warning"
    aliases = ("JSONArgsRecommended", "DL3025")
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "healthcheck": Option(False, "Whether HEALTHCHECK in shell form is reported too.")
    }

    bad = (
        Bad(
            "FROM node:22\nCMD node server.js\n",
            at=("node server.js",),
            fixed='FROM node:22\nCMD ["node", "server.js"]\n',
        ),
        Bad(
            "FROM node:22\nentrypoint node \\\n  # the file\n  'a b.js' --name \"it's\"\n",
            at=("node \\\n  # the file\n  'a b.js' --name \"it's\"",),
            fixed='FROM node:22\nentrypoint ["node", \\\n  # the file\n  "a b.js", "--name", "it\'s"]\n',
        ),
        Bad("FROM node:22\nCMD node server.js --port $PORT\n", at=("node server.js --port $PORT",)),
        Bad("FROM node:22\nCMD cd /app && npm start\n", at=("cd /app && npm start",)),
        Bad("FROM node:22\nCMD set -x\nENTRYPOINT A=1 run *.js > log\n", at=("set -x", "A=1 run *.js > log")),
        Bad(
            "FROM node:22\nHEALTHCHECK --interval=5s CMD curl -f localhost\n",
            at=("curl -f localhost",),
            fixed='FROM node:22\nHEALTHCHECK --interval=5s CMD ["curl", "-f", "localhost"]\n',
            options={"healthcheck": True},
        ),
    )
    good = (
        Good('FROM node:22\nENTRYPOINT ["node"]\nCMD ["server.js"]\nHEALTHCHECK CMD curl -f localhost || exit 1\n'),
        Good('FROM node:22\nSHELL ["/bin/bash", "-c"]\nCMD node server.js\n'),
        Good('FROM node:22 AS base\nSHELL ["/bin/bash", "-c"]\nFROM base\nCMD node server.js\n'),
        Good("FROM node:22\nCMD exec node server.js --port $PORT\n"),
        Good('FROM node:22\nONBUILD CMD ["node"]\n'),
        Good("FROM node:22\nCMD ['node', 'server.js']\n"),
    )

    def check_cmd(self, cmd: Cmd, model: Model) -> Iterator[Finding]:
        return self._check(cmd, model)

    def check_entrypoint(self, entrypoint: Entrypoint, model: Model) -> Iterator[Finding]:
        return self._check(entrypoint, model)

    def check_healthcheck(self, healthcheck: Healthcheck, model: Model) -> Iterator[Finding]:
        if not self.setting("healthcheck"):
            return iter(())
        return self._check(healthcheck, model)

    def _check(self, instruction: CommandInstruction, model: Model) -> Iterator[Finding]:
        text = instruction.shell_text
        if text is None or text.text.startswith("exec ") or model.environment_before(instruction).is_shell_set:
            return
        if text.text.startswith("[") and instruction.json_problem is not None:
            return
        if instruction.type == "healthcheck":
            message = "HEALTHCHECK in shell form needs a shell in the image"
        else:
            message = f"{instruction.name} in shell form: a shell stands between the program and its signals"
        yield self.finding(text, message, exec_form(instruction, model))


def exec_form(instruction: CommandInstruction, model: Model) -> Fix | None:
    """Put each word into double quotes where it stands; None if a shell is needed."""
    command = _plain_command(instruction, model)
    if command is None:
        return None
    from dflint.syntax.exec_form import quoted

    last = command.words[-1]
    edits = []
    for word in command.words:
        string = quoted(word.value or "")
        opening = "[" if word is command.words[0] else ""
        closing = "]" if word is last else ","
        edits.append(Edit(word.start, word.end, f"{opening}{string}{closing}"))
    return Fix.of("Use the exec form", "unsafe", edits)


def _plain_command(instruction: CommandInstruction, model: Model) -> Command | None:
    """The one command that an instruction runs if no shell is needed for it."""
    text = instruction.shell_text
    if text is None or "$" in text.text or "`" in text.text or "#" in text.text:
        return None
    commands = model.commands_of(instruction)
    if len(commands) != 1:
        return None
    command = commands[0]
    if command.program is None or command.program in _BUILTINS or command.assignments or command.redirects:
        return None
    if (command.start, command.end) != (text.start, text.end) or command.pipeline.commands != (command,):
        return None
    if command.pipeline.negated or command.pipeline.timed:
        return None
    for word in command.words:
        value = word.value
        if value is None or word.has_glob or word.has_braces or value.startswith("~") or "\n" in value:
            return None
    return command
