"""Which files of the build context a stage has got by its COPYs, and where to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.rules._broad_copies import is_from_context
from dflint.syntax.tree import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.syntax.tree import Instruction, Word


class CopiedFile(NamedTuple):
    """A file or folder of the context that a source word of a COPY names, alone or by a pattern."""

    transfer: Transfer
    word: Word
    path: str
    """In the context."""
    is_folder: bool


def copied_files(instructions: Iterable[Instruction], context: BuildContext) -> Iterator[CopiedFile]:
    """What some instructions copy from the context; words with variables are left out."""
    for instruction in instructions:
        if not isinstance(instruction, Transfer) or not is_from_context(instruction):
            continue
        for word in instruction.sources:
            text = word.literal if "$" not in word.text else None
            if text is None or "://" in text:
                continue
            for entry in context.match(text):
                yield CopiedFile(instruction, word, entry.path, entry.kind == "dir")


def target_folder(transfer: Transfer, model: Model) -> str | None:
    """The destination as an absolute path, None if it is not known."""
    if transfer.destination is None:
        return None
    environment = model.environment_before(transfer)
    text = environment.expand(transfer.destination)
    return None if text is None else environment.resolve_path(text)


def is_folder_target(transfer: Transfer) -> bool:
    """Whether the destination is a folder for sure: it says so, or there are several sources."""
    text = transfer.destination.text.strip("\"'") if transfer.destination is not None else ""
    return text.endswith(("/", "/.")) or text in (".", "..") or len(transfer.sources) > 1
