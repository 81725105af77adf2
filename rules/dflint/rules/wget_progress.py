from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding, Fix
    from dflint.model import Model, Stage
    from dflint.shell import Command

_LONG = ("--progress", "--quiet", "--no-verbose", "--output-file", "--append-output", "--show-progress", "--spider",
         "--version", "--help", "--background")  # fmt: skip
_WITH_VALUE = frozenset("aoieBtOTwQPUlADRIXS")
_BUSYBOX = ("alpine", "busybox")
_DISTRIBUTIONS = ("debian", "ubuntu", "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux",
                  "buildpack-deps", "opensuse/leap", "opensuse/tumbleweed", "archlinux", "ubi8", "ubi9")  # fmt: skip
_SYSTEM = frozenset(("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper"))


class WgetProgress(Rule):
    """wget fills the build log with its progress.

    ## Why is this bad?

    Without a terminal wget prints one line of dots for every 50 KB, thousands of them for a large file, and what
    matters in the log drowns. `--progress=dot:giga` prints a line for every 32 MB.

    ## Exceptions

    Silent if an option says how much to print (`--progress`, `-q`, `-nv`, a log file), if standard error is
    redirected, for `--spider`, with a WGETRC, and on Alpine and BusyBox, whose wget has no such option, unless the
    Dockerfile installs the wget package.

    ## Fix safety

    The fix adds `--progress=dot:giga`, which changes nothing but the log. It is given only where GNU wget is known to
    run: the Dockerfile installs it, or the image is that of a distribution whose wget it is.

    ## Differs from hadolint

    BusyBox's wget is not reported: it fails on `--progress`.
    """

    name = "wget-progress"
    category = "style"
    level = "info"
    aliases = ("DL3047",)
    since = "0.1.0"
    programs = frozenset(("wget", "sudo", "env", "retry", "timeout", "xargs"))

    bad = (
        Bad(
            "FROM debian:12\nRUN wget https://example.org/x.tgz\n",
            at=("wget",),
            fixed="FROM debian:12\nRUN wget --progress=dot:giga https://example.org/x.tgz\n",
        ),
        Bad(
            "FROM alpine:3.20\nRUN apk add --no-cache wget\nrun cd /x \\\n && wget -c -O y \\\n    https://example.org/x\n",
            at=("wget",),
            fixed="FROM alpine:3.20\nRUN apk add --no-cache wget\nrun cd /x \\\n"
            " && wget --progress=dot:giga -c -O y \\\n    https://example.org/x\n",
        ),
        Bad("FROM example.org/tools:1\nRUN wget -P /q https://example.org/x.tgz\n", at=("wget",)),
        Bad(
            "FROM debian:12\nONBUILD RUN <<EOF\nsudo wget $URL | cat\nEOF\n",
            at=("wget",),
            fixed="FROM debian:12\nONBUILD RUN <<EOF\nsudo wget --progress=dot:giga $URL | cat\nEOF\n",
        ),
        Bad("FROM debian:12\nRUN sh -c 'wget https://example.org/x.tgz'\n", at=("wget",)),
    )
    good = (
        Good("FROM debian:12\nRUN wget --progress=dot:mega https://example.org/x.tgz\n"),
        Good("FROM debian:12\nRUN wget -qO- https://example.org/x | tar x && wget -nv x && wget --no-verbose y\n"),
        Good("FROM debian:12\nRUN wget -o wget.log https://example.org/x && wget -a wget.log y\n"),
        Good("FROM debian:12\nRUN wget https://example.org/x 2> /dev/null && wget y > /dev/null 2>&1\n"),
        Good("FROM alpine:3.20\nRUN wget https://example.org/x.tgz\n"),
        Good("FROM node:20-alpine AS a\nFROM a\nRUN wget https://example.org/x.tgz\n"),
        Good("FROM debian:12\nRUN apt-get install -y wget && wget $WGET_OPTIONS $URL\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        command = command.unwrapped()
        if command.program != "wget" or command.name is None or not command.arguments or _is_quiet(command):
            return
        stage = model.stage_of(run)
        if stage is None:
            return
        is_gnu = _is_gnu(stage, run, model)
        if is_gnu is False or model.environment_before(run).lookup("WGETRC") is not None:
            return
        yield self.finding(
            command.name,
            "wget fills the log with its progress: use --progress=dot:giga",
            _fix(command, run) if is_gnu else None,
        )


def _is_quiet(command: Command) -> bool:
    skip = False
    for word in command.arguments:
        if skip:
            skip = False
            continue
        text = word.literal_prefix
        if not text and any(part in use.name.upper() for use in word.variables for part in ("OPT", "FLAG", "ARG", "@")):
            return True
        if text.startswith("--"):
            if text.partition("=")[0] in _LONG:
                return True
        elif text.startswith("-"):
            if text.startswith(("-nv", "-q", "-o", "-a", "-b", "-V", "-h")):
                return True
            for at, letter in enumerate(text[1:], 1):
                if letter in "qoa":
                    return True
                if letter in _WITH_VALUE:
                    skip = at == len(text) - 1
                    break
                if letter == "n":
                    break
    return any(r.operator in ("&>", ">&", "&>>") or r.fd == "2" for r in command.redirects)


def _is_gnu(stage: Stage, run: Run, model: Model) -> bool | None:
    """Whether it is GNU wget; None if that is not known."""
    current: Stage | None = stage
    while current is not None:
        for instruction in current.instructions:
            if isinstance(instruction, Run) and instruction.index <= run.index and _installs_wget(instruction, model):
                return True
        current = current.parent
    image = stage.root.image_name
    if image is None:
        return None
    if any(part in name for name in (image.family, image.tag or "") for part in _BUSYBOX):
        return False
    if image.family == "docker":
        return False
    return True if image.family in _DISTRIBUTIONS else None


def _installs_wget(run: Run, model: Model) -> bool:
    for command in model.commands_of(run):
        if any(word.value == "wget" for word in command.arguments):
            from dflint.packages import parse_package_command

            read = parse_package_command(command)
            if read is not None and read.manager in _SYSTEM and any(p.name == "wget" for p in read.packages):
                return True
    return False


def _fix(command: Command, run: Run) -> Fix | None:
    name = command.name
    if name is None or name.raw != name.value or run.exec_form or command.in_string:
        return None
    from dflint.findings import Edit, Fix

    return Fix("Add --progress=dot:giga", "safe", (Edit(name.end, name.end, " --progress=dot:giga"),))
