"""Which shell script an instruction runs, and in which dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.shell import dialect_of, parse_shell
from dflint.shell.dialect import POSIX_DIALECTS
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from dflint.shell import Script
    from dflint.syntax.tree import CommandInstruction, Word


def find_script(instruction: CommandInstruction, shell: tuple[str, ...]) -> Script | None:
    """The script of an instruction with ``shell`` in force; None if it runs none."""
    if instruction.exec_form:
        return _script_of_arguments(instruction.words)
    text = instruction.script if isinstance(instruction, Run) else None
    if text is None:
        if instruction.shell_text is None:
            return None
        text = instruction.shell_text.mapped
    if not text.text.strip():
        return None
    dialect = dialect_of(shell)
    if isinstance(instruction, Run) and instruction.is_heredoc_script and text.text.startswith("#!"):
        # The line names its own interpreter; the rest is a script for it (dispatchRun).
        dialect = dialect_of(text.text.partition("\n")[0].removeprefix("#!").split())
    return parse_shell(text, dialect)


def _script_of_arguments(words: tuple[Word, ...]) -> Script | None:
    """The string that ``["bash", "-o", "pipefail", "-c", "..."]`` runs."""
    if len(words) < 3:
        return None
    texts = [word.text for word in words]
    dialect = dialect_of(texts[:1])
    first = 1
    if texts[0].rpartition("/")[2] == "env":
        dialect = dialect_of(texts[1:2])
        first = 2
    if dialect not in POSIX_DIALECTS:
        return None
    at = first
    while at < len(texts):
        text = texts[at]
        if text.startswith("-") and not text.startswith("--") and "c" in text[1:]:
            return parse_shell(words[at + 1].mapped, dialect) if at + 1 < len(words) else None
        if text in ("-o", "+o", "-O", "+O"):
            at += 1
        elif not text.startswith(("-", "+")):
            return None
        at += 1
    return None
