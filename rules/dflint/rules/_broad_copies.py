"""COPY and ADD of the whole build context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.syntax.tree import Copy, Transfer

if TYPE_CHECKING:
    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.syntax.tree import Instruction, Word


def is_from_context(instruction: Instruction) -> bool:
    """Whether it is a COPY or ADD that reads the build context (ADD may also read URLs)."""
    return isinstance(instruction, Transfer) and not (isinstance(instruction, Copy) and instruction.flag("from"))


def whole_context(transfer: Transfer) -> Word | None:
    """The source word that stands for the whole context, None if there is none."""
    for word in transfer.sources:
        text = word.literal if "$" not in word.text else None
        if text is not None and text.rstrip("/") in ("", ".", "/.", "*", "./*", "/*"):
            return word
    return None


def source_folder(word: Word, context: BuildContext | None) -> str | None:
    """The folder of the context that a source is (``""``: its root), None if it is none or that is not known."""
    text = word.literal if "$" not in word.text else None
    if text is None:
        return None
    stripped = text.removeprefix("./").strip("/")
    if stripped in ("", ".", "*"):
        return ""
    if any(char in stripped for char in "*?[") or context is None:
        return None
    entry = context.resolve(stripped)
    return entry.path if entry is not None and entry.kind == "dir" else None


def fits(context: BuildContext, model: Model) -> bool:
    """Whether the folder taken for the context is the one that the file is built with, as far as its COPYs tell.

    A Dockerfile in ``docker/`` is often built with ``-f docker/Dockerfile .``: then what it copies is not there.
    """
    for instruction in model.instructions:
        if not isinstance(instruction, Transfer) or not is_from_context(instruction):
            continue
        for word in instruction.sources:
            text = word.literal if "$" not in word.text else None
            if text is None or "://" in text or text.startswith("git@") or any(char in text for char in "*?[\\"):
                continue
            if not context.exists(text):
                return False
    return context.is_complete
