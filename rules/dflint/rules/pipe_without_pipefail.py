from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model, Stage
    from dflint.shell import Command, Pipeline

# Their failure is not what pipefail is for.
_HARMLESS = frozenset(("echo", "printf", "yes", "true", ":"))
_DONE = frozenset(("true", ":"))
# Parts of names and tags of images whose shell is busybox's.
_BUSYBOX = ("alpine", "busybox", "docker", "alpaquita", "wolfi", "chainguard")
_WITH_BASH = frozenset(
    ("debian", "ubuntu", "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "archlinux",
     "opensuse/leap", "opensuse/tumbleweed", "buildpack-deps", "python", "node", "golang", "ruby", "rust", "php",
     "openjdk", "eclipse-temurin", "gcc", "perl", "postgres", "mysql", "mariadb", "nginx", "httpd", "tomcat", "maven",
     "gradle", "redis", "mongo", "dotnet/sdk", "dotnet/aspnet", "dotnet/runtime", "nvidia/cuda", "ubi8", "ubi9")
)  # fmt: skip


class PipeWithoutPipefail(Rule):
    """A pipe hides the failure of every command but its last.

    ## Why is this bad?

    A shell reports the exit status of a pipeline's last command. If the download in `curl ... | tar x` breaks off, the
    build goes on with half a tree, and the broken layer is cached. With `set -o pipefail` the RUN fails.

    ## Exceptions

    Silent where pipefail is on: by SHELL (also that of the stage it starts from), by `set -o pipefail` in the RUN, or
    in a here-document script. Silent where a failure could not matter: the commands before the pipe are `echo`,
    `printf` or `yes`, the pipeline ends in `sha256sum -c` or the like (which fails without input) or is a test (`if`,
    `while`, `!`), or `|| true` follows. So too where pipefail would
    change nothing: a shell drops the status of `$(...)` in `export x=$(a | b)` and in arguments, and keeps that of
    `x=$(a | b)`; without `set -e` that of `a | b; c` is lost too. Scripts in strings (`bash -c "..."`) and triggers of
    ONBUILD run in a shell that the file does not show.

    ## Fix safety

    The fix puts `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` before the first such RUN of the stage, with `/bin/ash`
    on Alpine and BusyBox. It is unsafe: all later RUNs, CMD and ENTRYPOINT in shell form get that shell, and a command
    may fail from now on (`... | head -1` ends its left side by a signal). There is no fix where the base image is not
    known to have bash.

    ## Differs from hadolint

    `set -o pipefail`, the SHELL of a parent stage and the `#!` line of a here-document count. One finding for each
    pipeline, at the command whose failure is lost. Pipelines fed by `echo`, tests, and pipelines of which even
    pipefail would not save the status are not reported.
    """

    name = "pipe-without-pipefail"
    category = "shell"
    level = "warning"
    aliases = ("DL4006",)
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\n# tools\nRUN curl -fsSL https://example.org/x.tgz \\\n  | tar xz\nRUN cat a | sort\n",
            at=("curl", "cat"),
            fixed='FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n# tools\n'
            "RUN curl -fsSL https://example.org/x.tgz \\\n  | tar xz\nRUN cat a | sort\n",
        ),
        Bad(
            "FROM alpine:3.20\nrun wget -qO- https://example.org/x.tgz | tar xz\n",
            at=("wget",),
            fixed='FROM alpine:3.20\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\n'
            "run wget -qO- https://example.org/x.tgz | tar xz\n",
        ),
        Bad(
            'FROM debian:12 AS a\nSHELL ["/bin/bash", "-c"]\nRUN <<EOF\nmake | tee log\nEOF\nFROM a\n'
            "RUN n=$(ls | wc -l) && echo $n\n",
            at=("make", "ls"),
            fixed='FROM debian:12 AS a\nSHELL ["/bin/bash", "-c"]\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\n'
            "RUN <<EOF\nmake | tee log\nEOF\nFROM a\nRUN n=$(ls | wc -l) && echo $n\n",
        ),
        Bad("FROM example.org/tools:1\nRUN make | tee log\n", at=("make",)),
        Bad(
            "FROM example.org/tools:1\nRUN curl x | sh || exit 1; ls\nRUN set -ex; make | tee log; ls\n"
            'RUN if true; then cp a b && make | tee log; fi\nSHELL ["sh", "-ec"]\nRUN gcc x | cat; ls\n',
            at=("curl", "make", "make", "gcc"),
        ),
        Bad("FROM debian:12\nRUN <<EOF\n#!/bin/bash -e\nmake | tee log\nEOF\n", at=("make",)),
    )
    good = (
        Good('FROM debian:12\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN curl -fsSL x | tar xz\n'),
        Good('FROM alpine:3 AS lower\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\nFROM lower\nRUN ls | cat\n'),
        Good("FROM alpine:3\nRUN set -o pipefail && wget -qO- x | tar xz\n"),
        Good("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env bash\nset -eux -o pipefail\ncurl x | cat\nEOF\n"),
        Good("FROM debian:12\nRUN <<EOF bash\n    set -euxo pipefail\n    curl x | cat\nEOF\n"),
        Good("FROM debian:12\nRUN echo 'app:app' | chpasswd && printf 'a' | tee /a && yes | sh x\n"),
        Good("FROM debian:12\nRUN if dpkg -l | grep -q curl; then true; fi; ! ls | grep x; ls | grep y || true\n"),
        Good("FROM debian:12\nRUN export n=$(ls | wc -l) && echo $(ls | head) x`ls|cat` && a=$(b $(c | d)) e\n"),
        Good("FROM debian:12\nRUN curl x | tar x; make && (ls | sort; true) && { ls | sort & }\n"),
        Good("FROM debian:12\nRUN <<EOF\ncurl x | tar xz\nmake\nEOF\n"),
        Good('FROM debian:12\nRUN grep " x.tgz$" SHASUMS | sha256sum -c - && awk 1 y | sha512sum --strict --check\n'),
        Good("FROM debian:12\nRUN for x in $(ls | sort); do echo $x; done\n"),
        Good("FROM debian:12\nRUN echo 'a | b' || echo \"c | d\"\n"),
        Good('FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nSHELL ["pwsh", "-c"]\nRUN Get-Item x | Out-Null\n'),
        Good("FROM debian:12\nRUN bash -o pipefail -c 'curl x | tar xz'\n"),
        Good('FROM debian:12\nRUN ["/bin/bash", "-o", "pipefail", "-c", "curl x | tar xz"]\n'),
        Good("FROM debian:12\nONBUILD RUN curl x | tar xz\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        is_first = True
        for run in stage.instructions:
            if not isinstance(run, Run):
                continue
            for command in self._failing(run, model):
                # One SHELL settles all: also those of the stages that start from this one.
                fix = _fix(stage, run, model) if is_first and not self._has_findings_above(stage, model) else None
                is_first = False
                yield self.finding(
                    command.name or command, f'the pipe hides a failure of "{command.program}": set pipefail', fix
                )

    def _has_findings_above(self, stage: Stage, model: Model) -> bool:
        parent = stage.parent
        if parent is None:
            return False
        found = any(isinstance(i, Run) and self._failing(i, model) for i in parent.instructions)
        return found or self._has_findings_above(parent, model)

    def _failing(self, run: Run, model: Model) -> list[Command]:
        """The first command of each pipeline whose failure is lost and matters."""
        text = run.shell_text
        if text is None or ("|" not in text.text and not run.heredocs):
            return []
        script = model.script_of(run)
        if script is None or script.is_opaque:
            return []
        pipelines = script.exit_sensitive_pipelines()
        if not pipelines or "pipefail" in script.options_set() or _is_on(run, model):
            return []
        stops = "errexit" in script.options_set() or _stops_at_errors(run, model)
        found = []
        for pipeline in pipelines:
            if (
                not pipeline.in_string
                and not pipeline.negated
                and not pipeline.in_condition
                and not _is_caught(pipeline)
                and not _is_dropped(pipeline)
                and (stops or _counts(pipeline))
            ):
                command = _first_that_fails(pipeline)
                if command is not None:
                    found.append(command)
        return found


def _first_that_fails(pipeline: Pipeline) -> Command | None:
    from dflint.shell.nodes import Command

    last = pipeline.commands[-1]
    if isinstance(last, Command) and (last.program or "").endswith("sum") and _has_check(last):
        return None
    for command in pipeline.commands[:-1]:
        if not isinstance(command, Command) or command.program is None or command.program in _HARMLESS:
            continue
        if command.program != "cat" or command.arguments:
            return command
    return None


def _has_check(command: Command) -> bool:
    words = [word.value or "" for word in command.arguments]
    return any(word == "--check" or (word[:1] == "-" and word[1:2] != "-" and "c" in word) for word in words)


def _is_caught(pipeline: Pipeline) -> bool:
    """Whether ``|| true`` follows."""
    holder, index = pipeline.parent, pipeline.index
    if holder.items[index].operator != "||" or index + 1 >= len(holder.items):
        return False
    commands = holder.items[index + 1].node.commands
    return bool(commands) and getattr(commands[0], "program", None) in _DONE


def _is_dropped(pipeline: Pipeline) -> bool:
    """Whether it stands in a substitution whose status the shell does not keep: any but that of ``x=$(...)``."""
    from dflint.shell.nodes import Command

    return any(
        holder.role == "substitution" and (not isinstance(holder.parent, Command) or holder.parent.name is not None)
        for holder, _ in pipeline.enclosing_lists()
    )


def _counts(pipeline: Pipeline) -> bool:
    """Whether without ``set -e`` something depends on the pipeline's status: a ``||``, or that of the whole script."""
    for holder, here in pipeline.enclosing_lists():
        items, at = holder.items, here.index
        while at < len(items) and items[at].operator == "&&":
            at += 1
        if at < len(items) and items[at].operator == "||":
            return True
        if at < len(items) - 1 or (at < len(items) and items[at].operator == "&"):
            return False
    return True


def _stops_at_errors(run: Run, model: Model) -> bool:
    words = model.environment_before(run).shell
    if run.is_heredoc_script and run.script is not None and run.script.text.startswith("#!"):
        words = tuple(run.script.text.partition("\n")[0].split())
    return any(
        word == "errexit" or (word.startswith("-") and not word.startswith("--") and "e" in word) for word in words[1:]
    )


def _is_on(run: Run, model: Model) -> bool:
    if run.is_heredoc_script and run.script is not None and run.script.text.startswith("#!"):
        return "pipefail" in run.script.text.partition("\n")[0]
    environment = model.environment_before(run)
    return any("pipefail" in word for word in environment.shell) or environment.lookup("SHELLOPTS") is not None


def _fix(stage: Stage, run: Run, model: Model) -> Fix | None:
    if run.is_heredoc_script and run.script is not None and run.script.text.startswith("#!"):
        return None
    environment = model.environment_before(run)
    shell = environment.shell
    program = (
        shell[0] if environment.is_shell_set and shell[0].endswith(("/bash", "/zsh", "/ash")) else _shell_of(stage)
    )
    if program is None or (environment.is_shell_set and len(shell) > 1 and shell[1:] != ("-c",)):
        return None
    from dflint.findings import Edit, Fix
    from dflint.rules._insertion import place_before

    at = place_before(run, model)
    text = f'SHELL ["{program}", "-o", "pipefail", "-c"]\n'
    return Fix("Set pipefail by SHELL", "unsafe", (Edit(at, at, text),))


def _shell_of(stage: Stage) -> str | None:
    image = stage.root.image_name
    if image is None:
        return None
    tag = image.tag or ""
    names = (image.family, tag)
    if any(part in name for name in names for part in _BUSYBOX) and "windows" not in tag:
        return "/bin/ash"
    known = image.family in _WITH_BASH and (bool(tag) or image.digest is None)
    return "/bin/bash" if known and stage.root.image is not None and "distroless" not in tag else None
