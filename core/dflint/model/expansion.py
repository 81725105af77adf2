"""Where BuildKit expands ``$variables``: a table, and the words it stands for.

Behaviour: the Expand methods in frontend/dockerfile/instructions/commands.go, and dispatch, dispatchArg, toCommand and
buildDispatchStates in dockerfile2llb/convert.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.syntax.tree import Expose, From, PairsInstruction, Run, Transfer, ValueInstruction, Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.syntax.tree import Instruction, Word

EXPANDS: dict[str, frozenset[str]] = {
    "FROM": frozenset(("image", "--platform")),
    "ARG": frozenset(("values",)),
    "ENV": frozenset(("keys", "values")),
    "LABEL": frozenset(("keys", "values")),
    "ADD": frozenset(("words", "--chown", "--chmod", "--checksum", "heredocs")),
    "COPY": frozenset(("words", "--chown", "--chmod", "heredocs")),
    "EXPOSE": frozenset(("words",)),
    "VOLUME": frozenset(("words",)),
    "WORKDIR": frozenset(("value",)),
    "USER": frozenset(("value",)),
    "STOPSIGNAL": frozenset(("value",)),
    "RUN": frozenset(("--mount",)),
}
"""What of an instruction is expanded; the rest (CMD, ENTRYPOINT, HEALTHCHECK, SHELL, MAINTAINER, RUN's command,
``--from``, ``--exclude``) is not, though a shell may do it later. FROM sees the global ARGs, the others their stage.
The triggers of ONBUILD are expanded in the stage that runs them. Here-documents of ADD and COPY with an unquoted
delimiter are expanded with quotes kept."""


def expanded_words(instruction: Instruction) -> Iterator[Word]:
    """The words of an instruction in which BuildKit expands variables, flag values first; no here-documents.

    None for an ONBUILD and for its trigger.
    """
    parts = EXPANDS.get(instruction.name)
    if parts is None or instruction.is_onbuild_trigger:
        return
    for flag in instruction.flags:
        if f"--{flag.name}" in parts and flag.value is not None:
            yield flag.value
    if isinstance(instruction, From):
        if instruction.image is not None:
            yield instruction.image
    elif isinstance(instruction, PairsInstruction):
        for pair in instruction.pairs:
            if "keys" in parts:
                yield pair.key
            if pair.value is not None:
                yield pair.value
    elif isinstance(instruction, Transfer):
        yield from instruction.sources
        if instruction.destination is not None:
            yield instruction.destination
    elif isinstance(instruction, (Expose, Volume)):
        yield from instruction.words
    elif isinstance(instruction, ValueInstruction) and instruction.value is not None:
        yield instruction.value


def is_expanded(instruction: Instruction) -> bool:
    """Whether BuildKit expands anything in such an instruction."""
    return instruction.name in EXPANDS and not (isinstance(instruction, Run) and not instruction.flags)
