"""A change of form, and what several of them need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.findings import Edit
    from dflint.model import Model
    from dflint.shell import Script
    from dflint.shell.nodes import Pipeline
    from dflint.syntax.tree import Run


class Refactoring(NamedTuple):
    """One offer."""

    title: str
    kind: str
    """What comes after ``refactor.rewrite.dflint.``."""
    edits: tuple[Edit, ...]


_CARRY_OVER = frozenset((
    "cd", "pushd", "popd", "set", "export", "umask", "exec", "exit", "return", "alias", "unalias", "trap", "ulimit",
    "shopt", "read", "declare", "typeset", "local", "readonly", "unset", "hash", "shift", "getopts", "wait", "enable",
    "mapfile", "readarray", "let", "eval", "source", ".", "builtin", "command", "service", "nohup", "setsid",
))  # fmt: skip


def chain_of(model: Model, run: Run) -> Sequence[Pipeline] | None:
    """The steps of a RUN in shell form that is a chain of ``&&`` and nothing else, comments neither."""
    script = model.script_of(run)
    if (
        run.exec_form
        or script is None
        or run.comments
        or run.blank_lines
        or "#" in (run.shell_text or run.keyword).text
    ):
        return None
    return _chain(script)


def _chain(script: Script) -> Sequence[Pipeline] | None:
    if script.is_opaque or script.errors:
        return None
    return script.and_chain()


def is_self_contained(chain: Sequence[Pipeline]) -> bool:
    """Whether no step leaves something in its shell that a later one may see."""
    for pipeline in chain:
        for command in pipeline.commands:
            program = getattr(command, "program", None)
            if program is None or program in _CARRY_OVER:
                return False
    return True
