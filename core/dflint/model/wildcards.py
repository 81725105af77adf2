"""Names with variables as patterns: which stages ``base-${TARGETARCH}`` may mean."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dflint.syntax.tree import Word


def name_pattern(word: Word, escape: str) -> tuple[re.Pattern[str] | None, bool]:
    """A word as a pattern for lower-case names, and whether it is nothing but variables.

    None for the pattern if BuildKit refuses the word.
    """
    return text_pattern(word.text, escape)


@lru_cache(maxsize=256)
def text_pattern(text: str, escape: str) -> tuple[re.Pattern[str] | None, bool]:
    """As ``name_pattern``, for a text."""
    from dflint.syntax.words import Text, WordError, parts_of

    try:
        parts = parts_of(text, escape)
    except WordError:
        return None, False
    pieces: list[str] = []
    is_open = True
    for part in parts:
        if isinstance(part, Text):
            if part.text:
                is_open = False
                pieces.append(re.escape(part.text.lower()))
        elif not pieces or pieces[-1] != ".*":
            pieces.append(".*")
    return re.compile("".join(pieces), re.DOTALL), is_open
