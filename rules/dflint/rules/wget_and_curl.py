from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.shell import Command, Word


class WgetAndCurl(Rule):
    """A stage downloads with both wget and curl.

    ## Why is this bad?

    Either tool can do the other's work. Two of them are two packages to install and to keep up to date, and two sets
    of options to know.

    ## Exceptions

    Installing a tool is not using it; only calls count. Stages are looked at one by one, each may have its own tool.

    ## Differs from hadolint

    One finding for each stage, at the first call of the tool that came second.
    """

    name = "wget-and-curl"
    category = "style"
    level = "warning"
    aliases = ("DL4001",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nRUN wget -q https://example.org/a\nRUN curl -fsSLO https://example.org/b\n", at=("curl",)),
        Bad(
            "FROM debian:12\nrun sudo curl -fsSLO https://a.org/b \\\n && if true; then wget -q x; fi && wget y\n",
            at=("wget",),
        ),
        Bad("FROM debian:12\nONBUILD RUN curl x\nRUN <<EOF\nsh -c 'wget -q y'\nEOF\n", at=("wget",)),
    )
    good = (
        Good("FROM debian:12\nRUN apt-get install -y wget curl && curl -fsSLO https://example.org/b\n"),
        Good("FROM debian:12 AS a\nRUN wget -q x\nFROM debian:12\nRUN curl -fsSLO y\n"),
        Good("FROM debian:12\nRUN wget -q x\nHEALTHCHECK CMD curl -f http://localhost/\n"),
        Good("FROM debian:12\nRUN if ! command -v curl; then wget -q x; fi\n"),
        Good("FROM debian:12\nRUN if command -v curl; then curl -O x; else wget x; fi\n"),
        Good("FROM debian:12\nRUN curl -fsSLO x || wget -q x\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        first: dict[str, Word] = {}
        for command in _commands(stage, model):
            if command.program in ("curl", "wget") and command.name is not None and not _is_alternative(command):
                first.setdefault(command.program, command.name)
        if len(first) == 2:
            (one, _), (other, word) = first.items()
            yield self.finding(word, f"the stage also downloads with {one}: one of {one} and {other} is enough")


def _commands(stage: Stage, model: Model) -> Iterator[Command]:
    for instruction in stage.instructions:
        here = instruction.trigger if isinstance(instruction, Onbuild) else instruction
        if isinstance(here, Run):
            for command in model.commands_of(here):
                yield command.unwrapped()


def _is_alternative(command: Command) -> bool:
    """Whether it is the second choice: right of ``||``, or in the else of an ``if``."""
    for holder, pipeline in command.enclosing_lists():
        if holder.operator_before(pipeline) == "||":
            return True
        sections = getattr(holder.parent, "sections", ())
        if holder.role == "branch" and getattr(holder.parent, "kind", "") == "if":
            branches = [section for section in sections if section.role == "branch"]
            if len(branches) > 1 and branches[0] is not holder:
                return True
    return False
