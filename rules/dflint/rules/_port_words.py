"""The words of EXPOSE and their parts, as BuildKit's dockerfile2llb/convert_expose.go takes them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model
    from dflint.syntax.tree import Expose, Word

PROTOCOLS = frozenset(("tcp", "udp", "sctp"))


class PortWord(NamedTuple):
    """``[host:]port[-last][/protocol]``: ``host`` is all before the last colon, ``protocol`` as written."""

    word: Word
    text: str
    """The word's meaning with the defaults of its variables."""
    host: str
    port: str
    protocol: str

    @property
    def is_plain(self) -> bool:
        """Whether the source says exactly ``text``, so that its parts can be found in it."""
        return self.word.value == self.text


def port_words(expose: Expose, model: Model) -> Iterator[PortWord]:
    """The ports of an EXPOSE whose text is known; a variable may stand for several."""
    if expose.is_onbuild_trigger:
        return
    environment = model.environment_before(expose)
    for word in expose.words:
        text = environment.expand(word)
        for part in (text or "").split():
            host, _, port = part.rpartition(":")
            number, _, protocol = port.partition("/")
            yield PortWord(word, part, host, number, protocol)


def port_range(text: str) -> tuple[int, int] | None:
    """First and last of ``80`` or ``8000-8010``; None if it is no such thing, whatever the numbers."""
    first, dash, last = text.partition("-")
    if not dash:
        last = first
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return None
    if len(first) > 18 or len(last) > 18:
        return None
    return int(first), int(last)
