from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Run

_LOOKING = frozenset(("free", "ps", "top", "htop"))
_SERVICES = frozenset(("service", "systemctl", "rc-service"))
_ACTIONS = frozenset(
    ("start", "stop", "restart", "reload", "force-reload", "try-restart", "condrestart", "status", "--full-restart")
)
"""Of a process. Others are a script's own and may write files: ``service postgresql initdb``."""


class CommandWithoutEffect(Rule):
    """A RUN calls a command that does nothing lasting in a build.

    ## Why is this bad?

    A layer holds files. Processes, mounts and logins end with their RUN: a service started in one is not running in
    the next one, nor in the container. Looked for are free, kill, mount, ps, service, shutdown, ssh, top and vim.

    ## Exceptions

    Silent where the command works within its RUN: a service that later commands of the RUN may use, the end of one
    that the RUN started, what else a service's script can do (`service postgresql initdb`), `kill` of a process that
    the RUN started, `free` and `ps` whose output is read, `ssh` with an ssh mount or an address of its own keys,
    `mount` with `--security=insecure`, and commands that only print a version.

    ## Differs from hadolint

    These exceptions.
    """

    name = "command-without-effect"
    category = "correctness"
    level = "info"
    aliases = ("DL3001",)
    since = "0.1.0"
    programs = frozenset(("free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim", "sudo"))

    bad = (
        Bad("FROM debian:12\nRUN service nginx start\nRUN service --status-all\n", at=("service", "service")),
        Bad("FROM debian:12\nrun make \\\n && /bin/ps aux && free -m\n", at=("/bin/ps", "free")),
        Bad("FROM debian:12\nRUN <<EOF\nmount -t tmpfs none /x\nvim /etc/hosts\nEOF\n", at=("mount", "vim")),
        Bad("FROM debian:12\nONBUILD RUN sudo shutdown now; kill 1\n", at=("shutdown", "kill")),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get install -y vim ssh && echo free\n"),
        Good("FROM debian:12\nRUN service mysql start && mysql -e 'CREATE DATABASE x'\n"),
        Good("FROM debian:12\nRUN service mysql start && mysql -e x && service mysql stop\n"),
        Good("FROM centos:7\nRUN service postgresql initdb\n"),
        Good("FROM debian:12\nRUN server & sleep 5; init-server; kill $!\n"),
        Good("FROM debian:12\nRUN make -j$(free -g | awk '/Mem/ {print $2}') && ps aux | grep x\n"),
        Good("FROM debian:12\nRUN --mount=type=ssh ssh -T git@example.org\n"),
        Good("FROM debian:12\nRUN ssh -V && vim --version\n"),
        Good("FROM debian:12\nRUN --security=insecure mount -t tmpfs none /x && make\n"),
        Good("FROM debian:12\nRUN vim +PlugInstall +qall\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        command = command.unwrapped()
        program = command.program
        if program is None or command.name is None or program not in self.programs or program == "sudo":
            return
        if not _works(command, program, run, model):
            yield self.finding(command.name, f'"{program}" has no lasting effect in a build')


def _works(command: Command, program: str, run: Run, model: Model) -> bool:
    words = [word.value or "" for word in command.arguments]
    if any(word in ("--version", "-V", "--help", "-h") for word in words):
        return True
    if program in _LOOKING:
        return (
            command.terminator in ("|", "|&")
            or command.in_substitution
            or command.in_condition
            or bool(command.redirects)
        )
    if program == "ssh":
        return any(mount.type in ("ssh", "secret") for mount in run.mounts) or not words
    if program == "mount":
        return run.flag("security") is not None or any(mount.type in ("secret", "ssh") for mount in run.mounts)
    if program == "vim":
        # Scripted: +PlugInstall, -c, -es.
        return any(word.startswith(("+", "-c", "-e", "-S", "-s")) for word in words)
    commands = list(model.commands_of(run))
    if program in _SERVICES:
        if len(words) > 1 and words[1] not in _ACTIONS:
            return True
        if "stop" in words and any(c.end < command.start and c.unwrapped().program in _SERVICES for c in commands):
            return True
        return any(c.start > command.end and c.program not in _SERVICES for c in commands)
    if program == "kill":
        return any(c.program != "kill" and (c.terminator == "&" or c.program in _SERVICES) for c in commands) or any(
            word.variables or word.substitutions for word in command.arguments
        )
    return False
