"""What must not change when a file is laid out anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.syntax.tree import CommandInstruction, Onbuild, PairsInstruction, ValueInstruction

if TYPE_CHECKING:
    from dflint.syntax.tree import Dockerfile, Instruction


def meaning_of(tree: Dockerfile) -> tuple[Any, ...]:
    """Directives, comments and instructions, as far as they have a meaning; equal for equal meanings."""
    return (
        tuple((directive.name, directive.value) for directive in tree.directives),
        tuple(comment.text.strip() for comment in tree.comments),
        tuple(_of_instruction(one) for one in tree.instructions),
        tuple(problem.code for problem in tree.problems),
    )


def _of_instruction(instruction: Instruction) -> tuple[Any, ...]:
    flags = tuple((flag.name, None if flag.value is None else flag.value.text) for flag in instruction.flags)
    bodies = tuple((heredoc.opener[1] - heredoc.opener[0], heredoc.body.value) for heredoc in instruction.heredocs)
    return (instruction.name, flags, _arguments(instruction), bodies)


def _arguments(instruction: Instruction) -> Any:
    if isinstance(instruction, Onbuild):
        return None if instruction.trigger is None else _of_instruction(instruction.trigger)
    if isinstance(instruction, PairsInstruction):
        return tuple((pair.key.text, None if pair.value is None else pair.value.text) for pair in instruction.pairs)
    if isinstance(instruction, ValueInstruction):
        return None if instruction.value is None else instruction.value.text
    if isinstance(instruction, CommandInstruction) and not instruction.exec_form:
        return _of_script(instruction)
    words = getattr(instruction, "words", None)
    if words is None:
        start, end = instruction.arguments_span
        return instruction.line.text.split() if start < end else None
    return tuple(word.text for word in words)


def _of_script(instruction: CommandInstruction) -> Any:
    text = instruction.shell_text
    if text is None:
        return None
    return text.text if instruction.heredocs else squeezed(text.text)


def squeezed(text: str) -> str:
    """The text with one space for each run of white space outside of quotes; what is quoted stays."""
    pieces: list[str] = []
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            pieces.append(text[at : at + 2])
            at += 2
            continue
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        if quote or not char.isspace():
            pieces.append(char)
        elif pieces[-1:] != [" "]:
            pieces.append(" ")
        at += 1
    return "".join(pieces).strip()
