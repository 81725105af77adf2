"""What the XML formats share."""

from __future__ import annotations

from dflint.report.base import escaped

_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def attribute(text: str) -> str:
    """The text for an attribute or an element's content; what XML 1.0 cannot hold reads ``\\xNN``."""
    if text.isalnum():
        return text
    return "".join(_NAMED.get(char) or (char if _is_allowed(ord(char)) else escaped(char)) for char in text)


def _is_allowed(code: int) -> bool:
    """XML 1.0, production 2 (Char), without the discouraged C1 controls."""
    return 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
