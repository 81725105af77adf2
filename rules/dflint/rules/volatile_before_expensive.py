from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.model.commutation import commute
from dflint.syntax.tree import Arg, CommandInstruction, Env, PairsInstruction, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Instruction

_VOLATILE = frozenset(
    ("GIT_COMMIT", "GIT_SHA", "GIT_REVISION", "GIT_HASH", "GIT_REF", "GIT_BRANCH", "GIT_TAG", "COMMIT", "COMMIT_SHA",
     "COMMIT_HASH", "COMMIT_ID", "COMMIT_REF", "VCS_REF", "VCS_REVISION", "REVISION", "SHA", "GITHUB_SHA",
     "CI_COMMIT_SHA", "CI_COMMIT_REF_NAME", "CI_COMMIT_SHORT_SHA", "CI_PIPELINE_ID", "SOURCE_COMMIT",
     "SOURCE_VERSION", "BUILD_DATE", "BUILD_TIME", "BUILD_TIMESTAMP", "BUILD_NUMBER", "BUILD_ID", "BUILD_NUM",
     "BUILD_REV", "BUILD_SHA", "BUILD_COMMIT", "BUILD_REVISION", "BUILDNUMBER", "BUILDDATE", "BUILDTIME", "BUILDID",
     "CREATED", "DATE", "TIMESTAMP", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", "GITCOMMIT", "GITSHA", "GIT_COMMIT_SHA",
     "GIT_COMMIT_HASH", "APP_COMMIT", "APP_REVISION", "IMAGE_CREATED", "IMAGE_REVISION")
)  # fmt: skip


class VolatileBeforeExpensive(Rule):
    """A build argument that differs in each build stands above an expensive RUN that does not use it.

    ## Why is this bad?

    A build argument is part of the environment of every RUN below it in its stage, used there or not. If its value is
    the commit, the date or the number of the build, nothing below it ever comes from the cache: packages are installed
    anew in each build. Declare it below them, next to what uses it.

    LABEL, EXPOSE and the like do not matter: they change the image's configuration, not what RUNs see.

    ## Exceptions

    Only arguments with a name that says that it changes with every build, such as `GIT_COMMIT`, `VCS_REF` and
    `BUILD_DATE`; not those that are there to bust the cache. Silent if the RUN or one above it uses the argument, or an
    ENV made from it. With `--history` also if the RUN would have run again in each of the last commits anyway; then the
    message tells in how many it would not, and below one in twenty the level is info.

    ## Fix safety

    The fix moves the argument below the RUN, with LABEL and ENV that are made from it. It is unsafe: a program may read
    a variable that the Dockerfile does not name. It is offered only if all that is passed over may change places with
    what moves.
    """

    name = "volatile-before-expensive"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM debian:12\nARG VCS_REF\nLABEL org.opencontainers.image.revision=$VCS_REF\n"
            "RUN apt-get update && apt-get install -y curl\n",
            at=("VCS_REF",),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y curl\nARG VCS_REF\n"
            "LABEL org.opencontainers.image.revision=$VCS_REF\n",
        ),
        Bad(
            "FROM node:22\narg build_date=unknown\nENV A=1\nCOPY package*.json ./\nRUN npm ci\n",
            at=("build_date",),
            fixed="FROM node:22\nENV A=1\nCOPY package*.json ./\nRUN npm ci\narg build_date=unknown\n",
        ),
        Bad(
            "FROM python:3.12\nARG VERSION BUILD_NUMBER=0\nRUN pip install -r a.txt\nRUN echo $BUILD_NUMBER >/v\n",
            at=("BUILD_NUMBER",),
        ),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get update && apt-get install -y curl\nARG VCS_REF\nLABEL revision=$VCS_REF\n"),
        # Used there.
        Good('FROM golang:1\nARG GIT_COMMIT\nRUN go install -ldflags "-X main.c=$GIT_COMMIT" ./... && apk add curl\n'),
        Good("FROM node:22\nARG GIT_SHA\nENV RELEASE=$GIT_SHA\nRUN npm ci && ./upload $RELEASE\n"),
        Good("FROM node:22\nARG GIT_SHA\nRUN git checkout $GIT_SHA\nRUN npm ci\n"),
        # For no stage, or no expensive RUN.
        Good("ARG VCS_REF\nFROM debian:12\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM debian:12\nARG VCS_REF\nRUN mkdir /a\n"),
        # Here to bust the cache; fixed for long.
        Good("FROM debian:12\nARG CACHEBUST\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM debian:12\nARG NODE_VERSION\nRUN apt-get update && apt-get install -y curl\n"),
        # Sources come between them: they change as often.
        Good("FROM node:22\nARG GIT_SHA\nCOPY . .\nRUN npm ci\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not stage.is_reachable:
            return
        for place, instruction in enumerate(stage.instructions):
            if not isinstance(instruction, Arg):
                continue
            for pair in instruction.pairs:
                if pair.key.text.upper() in _VOLATILE:
                    expensive = _unused_in(pair.key.text, stage.instructions[place + 1 :], model)
                    if expensive:
                        run, text = expensive
                        message = f"{pair.key.text} differs in each build, which then repeats {text}: declare it below"
                        fix = _moved_below(instruction, pair.key.text, run, stage, model)
                        finding: Finding | None = self.finding(pair.key, message, fix)
                        if model.evidence is not None and finding is not None:
                            from dflint.rules._evidence import weighed_by_cache

                            finding = weighed_by_cache(finding, run, model)
                        if finding is not None:
                            yield finding


def _moved_below(arg: Arg, name: str, run: Run, stage: Stage, model: Model) -> Fix | None:
    """Move the ARG, and what is made from it, below the RUN; None if something else stands in the way.

    By the table of ``dflint.model.commutation`` an ARG does not pass a RUN, which may read every variable: what the
    text of the RUN does not name counts as not read, so the fix is unsafe.
    """
    if len(arg.pairs) != 1:
        return None
    between = [i for i in stage.instructions if arg.index < i.index < run.index]
    moved: list[Instruction] = [arg]
    names = {name}
    for instruction in between:
        if isinstance(instruction, PairsInstruction) and _mentions(instruction, names, model):
            moved.append(instruction)
            if isinstance(instruction, (Env, Arg)):
                names |= {pair.key.text for pair in instruction.pairs}
    kept = [i for i in (*between, run) if i not in moved]
    if any(_mentions(i, names, model) for i in kept if not isinstance(i, Run)):
        return None
    if any(not commute(m, k, model) for m in moved for k in kept if m.index < k.index and not isinstance(k, Run)):
        return None
    text = model.source.text
    lines = "".join(text[i.start : i.full_end].replace("\r\n", "\n") for i in moved)
    if not lines.endswith("\n"):
        return None
    at = run.full_end
    edits = [Edit(i.start, i.full_end, "") for i in moved]
    edits.append(Edit(at, at, lines if text[at - 1] == "\n" else f"\n{lines.rstrip()}"))
    return Fix.of("Declare it below the install", "unsafe", edits, [i.start for i in moved])


def _unused_in(name: str, below: Sequence[Instruction], model: Model) -> tuple[Run, str] | None:
    """The first install below, and its name, that neither needs the argument nor comes after something that does."""
    from dflint.packages import parse_package_command
    from dflint.rules._broad_copies import is_from_context, whole_context
    from dflint.rules._installs import install_of
    from dflint.rules._workload import SYSTEM_MANAGERS, may_be_package_command
    from dflint.syntax.tree import Transfer

    names = {name}
    for instruction in below:
        if isinstance(instruction, Env):
            for pair in instruction.pairs:
                if pair.value is not None and any(use.name in names for use in pair.value.variables):
                    names.add(pair.key.text)
        elif isinstance(instruction, Transfer):
            if is_from_context(instruction) and whole_context(instruction) is not None:
                return None
            if _mentions(instruction, names, model):
                return None
        elif isinstance(instruction, Run):
            if _mentions(instruction, names, model):
                return None
            for command in model.commands_of(instruction):
                package = parse_package_command(command) if may_be_package_command(command) else None
                if package is None:
                    continue
                if package.manager in SYSTEM_MANAGERS and package.action == "install" and package.packages:
                    return instruction, f"{package.manager} {package.subcommand_name}"
                install = install_of(package)
                if install is not None and not install.is_build:
                    return instruction, install.text
        elif isinstance(instruction, CommandInstruction):
            continue
    return None


def _mentions(instruction: Instruction, names: set[str], model: Model) -> bool:
    """Whether the text of an instruction has one of the names; a script that it calls may read them too."""
    text = model.source.text[instruction.start : instruction.end]
    if any(name in text for name in names):
        return True
    if not isinstance(instruction, Run):
        return False
    from dflint.rules._workload import kinds_of

    return not kinds_of(model.commands_of(instruction)).isdisjoint(("script", "build"))
