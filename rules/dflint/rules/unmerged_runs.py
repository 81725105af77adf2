from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Option, Rule
from dflint.rules._shipped_stages import is_surely_shipped
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.shell import Command, Pipeline
    from dflint.syntax.tree import Comment


class UnmergedRuns(Rule):
    """Neighbouring RUN instructions that belong together make a layer each.

    ## Why is this bad?

    A file that a later RUN deletes, moves or changes stays in the layer of the earlier one and is shipped twice. Each
    layer also costs a little to store, pull and unpack.

    Two RUNs without anything between them see the same files, build arguments and variables, so the cache keeps or
    drops them alike; they differ only when one of them is edited. So the rule joins what is edited for the same reason
    and leaves apart what is not:

    - small commands (mkdir, chmod, ln, useradd, sed...) go with each other and with anything;
    - packages of the distribution go with each other, dependencies of one language with each other, downloads with each
      other;
    - different ones of these stay apart: an edited list of Python packages must not install gcc anew;
    - what builds, and what an unknown program does, may take hours, so it goes with small commands only.

    ## Exceptions

    Silent in stages that are not in the shipped image, whose layers cost nothing; for RUNs with different flags; for
    here-documents, the exec form, other shells than POSIX ones; and if one of the RUNs has more than two commands (the
    option `max-commands`), as its author has then begun to join.

    ## Fix safety

    The fix joins both by `&&`; comments between them stay, as lines of the joined RUN. It is offered, as safe, if both
    RUNs are nothing but commands joined by `&&` and nothing of the first one reaches the second in a shared shell: `cd`
    (unless the second one starts with a `cd` to an absolute path), variables, `set -u`, `umask`, functions, `exec`,
    `exit`, services. A login or interactive shell withholds it, for it reads its profile anew in each RUN, and so do
    comments for linters between the RUNs, which would lose their meaning. It is unsafe if the first RUN installs a
    program that both call, as after `pip install -U pip`: a shell remembers where it found the old one.

    ## Differs from hadolint

    DL3059 takes only RUNs of one command each, but in every stage, whatever the commands are, also in the exec form and
    with here-documents.
    """

    name = "unmerged-runs"
    category = "size"
    level = "info"
    aliases = ("DL3059",)
    since = "0.1.0"
    options: ClassVar[Mapping[str, Option]] = {
        "max-commands": Option(2, "Leave RUNs alone that have more commands than this.")
    }

    bad = (
        Bad(
            "FROM debian:12-slim\nRUN mkdir -p /srv/app\nRUN chown www-data /srv/app\n",
            at=("RUN",),
            fixed="FROM debian:12-slim\nRUN mkdir -p /srv/app \\\n    && chown www-data /srv/app\n",
        ),
        # A whole row of them; comments are kept.
        Bad(
            "FROM debian:12-slim\nRUN apt-get update\n# for the health check\n\nRUN apt-get install -y curl\n"
            "run rm -rf /var/lib/apt/lists/*\nUSER app\n",
            at=("RUN", "run"),
            fixed="FROM debian:12-slim\nRUN apt-get update \\\n# for the health check\n"
            "    && apt-get install -y curl \\\n"
            "    && rm -rf /var/lib/apt/lists/*\nUSER app\n",
        ),
        # The style of the first one is kept.
        Bad(
            "FROM debian:12-slim\nRUN mkdir /a && \\\n  mkdir /b\nRUN chmod 700 /a\n",
            at=("RUN",),
            fixed="FROM debian:12-slim\nRUN mkdir /a && \\\n  mkdir /b && \\\n  chmod 700 /a\n",
        ),
        Bad(
            "FROM debian:12-slim\r\nRUN mkdir /a\r\nRUN mkdir /b \\\r\n && mkdir /c\r\n",
            at=("RUN",),
            fixed="FROM debian:12-slim\r\nRUN mkdir /a \\\r\n && mkdir /b \\\r\n && mkdir /c\r\n",
        ),
        Bad(
            "# escape=`\nFROM debian:12-slim\nRUN mkdir /a\nRUN mkdir /b\n",
            at=("RUN",),
            fixed="# escape=`\nFROM debian:12-slim\nRUN mkdir /a `\n    && mkdir /b\n",
        ),
        Bad(
            "FROM debian:12-slim\nRUN --mount=type=cache,target=/var/cache/apt apt-get update\n"
            "RUN --mount=type=cache,target=/var/cache/apt apt-get install -y curl\n",
            at=("RUN",),
            fixed="FROM debian:12-slim\nRUN --mount=type=cache,target=/var/cache/apt apt-get update \\\n"
            "    && apt-get install -y curl\n",
        ),
        Bad(
            "FROM debian:12-slim\nRUN cd /opt && mkdir a\nRUN cd /srv && mkdir b\n",
            at=("RUN",),
            fixed="FROM debian:12-slim\nRUN cd /opt && mkdir a \\\n    && cd /srv && mkdir b\n",
        ),
        Bad(
            "FROM python:3.12\nRUN pip install -U pip\nRUN pip install flask\n",
            at=("RUN",),
            fixed="FROM python:3.12\nRUN pip install -U pip \\\n    && pip install flask\n",
        ),
        # No fix where the first one would reach the second, or a comment would swallow it.
        Bad("FROM debian:12-slim\nRUN cd /opt && mkdir a\nRUN mkdir b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN export A=1\nRUN echo ${A:-none} >/a\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN umask 077\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN a=1\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN exec mkdir /a\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN mkdir /a || true\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN mkdir /a\nRUN mkdir /b || mkdir /c\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN mkdir /a; mkdir /c\nRUN mkdir /b\n", at=("RUN",)),
        Bad('FROM debian:12\nSHELL ["/bin/bash", "-lc"]\nRUN echo A=1 >>~/.profile\nRUN mkdir /b\n', at=("RUN",)),
        Bad("FROM debian:12\nENV BASH_ENV=/env\nRUN echo A=1 >>/env\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN service cron start\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN sleep 1 &\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN mkdir /a # first\nRUN mkdir /b\n", at=("RUN",)),
        Bad("FROM debian:12-slim\nRUN mkdir /a\n# hadolint ignore=DL3003\nRUN cd /a && touch b\n", at=("RUN",)),
        Bad(
            "FROM debian:12-slim\nRUN --mount=type=tmpfs,target=/t cp /a /t\nRUN --mount=type=tmpfs,target=/t ls /t\n",
            at=("RUN",),
        ),
    )
    good = (
        Good("FROM debian:12-slim\nRUN mkdir /a && chown app /a\n"),
        # Different costs: an edit of one must not repeat the other.
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nRUN npm run build\n"),
        Good("FROM python:3.12\nRUN apt-get update && apt-get install -y gcc\nRUN pip install flask\n"),
        Good("FROM debian:12\nRUN make\nRUN make install\n"),
        Good("FROM debian:12\nRUN ./install-everything\nRUN ./configure-everything\n"),
        # Something between them.
        Good("FROM debian:12\nRUN mkdir /a\nCOPY b /a\nRUN chown app /a\n"),
        Good("FROM debian:12\nRUN mkdir /a\nUSER app\nRUN mkdir /b\n"),
        Good('FROM debian:12\nRUN mkdir /a\nSHELL ["/bin/bash", "-c"]\nRUN mkdir /b\n'),
        # Different flags.
        Good("FROM debian:12\nRUN --network=none mkdir /a\nRUN mkdir /b\n"),
        Good("FROM debian:12\nRUN --mount=type=cache,target=/c mkdir /a\nRUN --mount=type=cache,target=/d mkdir /b\n"),
        # A stage that is not shipped.
        Good("FROM debian:12 AS build\nRUN mkdir /a\nRUN touch /a/b\nFROM scratch\nCOPY --from=build /a /\n"),
        Good("FROM debian:12\nRUN cat <<EOF >/a\ntext\nEOF\nRUN mkdir /b\n"),
        Good("FROM debian:12\nRUN <<EOF\nmkdir /a\nEOF\nRUN mkdir /b\n"),
        Good('FROM debian:12\nRUN ["mkdir", "/a"]\nRUN mkdir /b\n'),
        Good('FROM debian:12\nSHELL ["pwsh", "-c"]\nRUN mkdir a\nRUN mkdir b\n'),
        Good("FROM debian:12\nRUN mkdir /a && mkdir /b && mkdir /c\nRUN mkdir /d\n"),
        Good("FROM debian:12\nONBUILD RUN mkdir /a\nONBUILD RUN mkdir /b\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not is_surely_shipped(stage, model):
            return
        group: frozenset[str] | None = None  # what the RUNs joined so far do
        before: Run | None = None
        for instruction in stage.instructions:
            if not isinstance(instruction, Run):
                before = None
                continue
            commands = self._commands(instruction, model)
            if commands is None:
                before = None
                continue
            from dflint.rules._workload import kinds_of

            kinds = kinds_of(commands)
            if (
                before is None
                or group is None
                or not _go_together(group, kinds)
                or not _same_flags(before, instruction)
            ):
                group = kinds
            else:
                group = group | kinds - {"cheap"} if group != {"cheap"} else kinds
                fix = joining(before, instruction, model)
                yield self.finding(
                    instruction.keyword, "this RUN can be joined to the one above, it makes a layer more", fix
                )
            before = instruction

    def _commands(self, run: Run, model: Model) -> Sequence[Command] | None:
        """The commands of a RUN that may be joined, None for one that may not."""
        if run.exec_form or run.heredocs or run.shell_text is None:
            return None
        script = model.script_of(run)
        if script is None or script.is_opaque or script.errors:
            return None
        commands = model.commands_of(run)
        return commands if 0 < len(commands) <= self.setting("max-commands") else None


def _go_together(one: frozenset[str], other: frozenset[str]) -> bool:
    return "cheap" in one or "cheap" in other or (one == other and one.isdisjoint(("script", "build")))


def _same_flags(one: Run, other: Run) -> bool:
    if not one.flags and not other.flags:
        return True
    return [(f.name, f.text) for f in one.flags] == [(f.name, f.text) for f in other.flags]


def joining(before: Run, after: Run, model: Model) -> Fix | None:
    """The fix that joins two RUNs that follow each other; None if that might change what they do."""
    first, second = model.script_of(before), model.script_of(after)
    if first is None or second is None or after.shell_text is None:
        return None
    first_chain, second_chain = first.and_chain(), second.and_chain()
    if not first_chain or not second_chain:
        return None
    if first_chain[-1].end != before.content_end or second_chain[0].start != after.shell_text.start:
        return None  # a comment, or something else that is no command
    if any(mount.type == "tmpfs" or (mount.type == "bind" and not mount.read_only) for mount in before.mounts):
        return None
    environment = model.environment_before(after)
    if _reads_a_profile(environment.shell[1:]) or environment.lookup("BASH_ENV") is not None:
        return None
    if _reaches_on(first_chain, second_chain, model.commands_of(before), model.commands_of(after)):
        return None
    text = model.source.text
    if text[before.content_end : text.find("\n", before.content_end)].strip():
        return None
    comments = [c for c in model.tree.comments if before.content_end <= c.start < after.start]
    if any(_is_for_a_linter(comment) for comment in comments):
        return None
    lines = "".join(text[text.rfind("\n", 0, c.start) + 1 : c.end].rstrip("\r") + "\n" for c in comments)
    indent, is_trailing = _style(first_chain, text) or _style(second_chain, text) or ("    ", False)
    escape = model.tree.escape
    joint = f" && {escape}\n{lines}{indent}" if is_trailing else f" {escape}\n{lines}{indent}&& "
    return Fix.of(
        "Join it to the RUN above",
        "unsafe" if _replaces_a_program(model.commands_of(before), model.commands_of(after)) else "safe",
        [Edit(before.content_end, after.shell_text.start, joint)],
        removes=[after.start],
    )


_BUILT_IN_EFFECTS = frozenset(
    (".", "source", "eval", "export", "umask", "exec", "exit", "alias", "unalias", "trap", "ulimit", "shopt", "read",
     "declare", "typeset", "local", "readonly", "unset", "pushd", "popd", "hash", "return", "shift", "getopts",
     "wait", "enable", "mapfile", "readarray", "let", "setopt", "builtin", "command")
)  # fmt: skip
_STARTS_SERVICES = frozenset(
    ("service", "systemctl", "nohup", "setsid", "start-stop-daemon", "supervisord", "rc-service")
)  # fmt: skip


def _reaches_on(
    first_chain: Sequence[Pipeline],
    second_chain: Sequence[Pipeline],
    first: Sequence[Command],
    second: Sequence[Command],
) -> bool:
    """Whether something of the first RUN's shell, or a process of it, would still be there in the second one."""
    for command in first:
        if any(holder.role in ("subshell", "substitution", "string") for holder, _ in command.enclosing_lists()):
            continue
        program = command.program
        if program is None:
            if command.name is None or "/" not in command.name.raw:
                return True
        elif program == "cd":
            if not second or second[0].program != "cd" or not _is_absolute(second[0]):
                return True
        elif program == "set":
            if any((word.value or "u").strip("-+exv") for word in command.arguments):
                return True
        elif program in _BUILT_IN_EFFECTS or program in _STARTS_SERVICES or "init.d/" in (command.name or command).raw:
            return True
    return any(
        use for pipeline in (*first_chain, *second_chain) for use in pipeline.commands if use.raw.startswith("{")
    )


def _reads_a_profile(options: Sequence[str]) -> bool:
    return any(
        option in ("--login", "--rcfile", "--init-file")
        or (option[:1] == "-" and option[1:2] != "-" and {"l", "i"} & set(option))
        for option in options
    )


def _replaces_a_program(first: Sequence[Command], second: Sequence[Command]) -> bool:
    """Whether the first RUN installs a program that it has called before and that the second one calls again."""
    shared = {_plain_name(c) for c in first} & {_plain_name(c) for c in second} - {""}
    if not shared:
        return False
    from dflint.packages import parse_package_command
    from dflint.rules._workload import SYSTEM_MANAGERS, kind_of

    for command in first:
        package = parse_package_command(command)
        if package is not None and package.manager in SYSTEM_MANAGERS:
            names = {item.name.rstrip("0123456789.") for item in package.packages}
            if not names.isdisjoint(shared):
                return True
        elif kind_of(command) not in ("cheap", "fetch"):
            # pip install -U pip, npm install -g npm, cpanm App::cpanminus; gem update --system.
            if package is not None and package.action == "upgrade" and _plain_name(command) in shared:
                return True
            if any(program in word.raw for word in command.arguments for program in shared):
                return True
    return False


def _plain_name(command: Command) -> str:
    return (command.program or "").rstrip("0123456789.")


def _is_absolute(command: Command) -> bool:
    return len(command.arguments) == 1 and (command.arguments[0].value or "").startswith("/")


def _style(chain: Sequence[Pipeline], text: str) -> tuple[str, bool] | None:
    """How the commands of a RUN stand on their lines: indentation, and whether `&&` ends the lines; None: one line."""
    for left, right in itertools.pairwise(chain):
        between = text[left.end : right.start]
        if "\n" not in between:
            continue
        line_start = text.rfind("\n", 0, right.start) + 1
        line = text[line_start : right.start]
        indent = line[: len(line) - len(line.lstrip())]
        return indent, "&&" not in line
    return None


def _is_for_a_linter(comment: Comment) -> bool:
    text = comment.text.strip().lower()
    return text.startswith(
        (
            "hadolint",
            "dflint",
            "tally",
            "check=",
            "check =",
            "shellcheck",
            "checkov",
            "trivy",
            "nosemgrep",
            "kics",
            "nosonar",
        )
    )
