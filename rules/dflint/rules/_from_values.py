"""What ``COPY --from`` and the ``from`` of RUN mounts name, with the places of the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.syntax.tree import Flag, Instruction


class FromValue(NamedTuple):
    """A value as BuildKit sees it; ``start``/``end`` enclose it, or the whole flag if it is written with quotes."""

    text: str
    start: int
    end: int
    is_verbatim: bool
    """Whether ``[start:end]`` of the source is ``text``, so that it may be edited."""


def from_values(instruction: Instruction) -> Iterator[FromValue]:
    """The values of an instruction, empty ones left out; of a COPY at most one, of a RUN one for each mount."""
    if not instruction.flags:
        return
    if isinstance(instruction, Copy):
        flag = instruction.flag("from")
        if flag is not None and flag.value is not None and flag.text:
            yield _value(flag, flag.text, 0)
    elif isinstance(instruction, Run):
        for mount in instruction.mounts:
            if mount.from_:
                yield _value(mount.flag, mount.from_, _index_in(mount.flag.text, mount.from_))


def is_surely_image(text: str) -> bool:
    """Whether such a value means an image, whatever contexts are given: it has more than a name, or is known."""
    if "/" in text or ":" in text or "@" in text:
        return True
    from dflint.facts import is_known_official

    return is_known_official(text)


def _index_in(flag_text: str, value: str) -> int:
    """Where the last ``from=value`` field has its value, -1 if it is quoted."""
    at = 0
    found = -1
    for field in flag_text.split(","):
        key, equals, text = field.partition("=")
        if equals and key.lower() == "from" and text == value:
            found = at + len(key) + 1
        at += len(field) + 1
    return found


def _value(flag: Flag, text: str, index: int) -> FromValue:
    word = flag.value
    if word is not None and index >= 0 and word.text == flag.text:
        start, end = word.mapped.span(index, index + len(text))
        if end - start == len(text):
            return FromValue(text, start, end, True)
    return FromValue(text, flag.start, flag.end, False)
