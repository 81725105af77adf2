"""Characters that mean something to BuildKit."""

from __future__ import annotations

GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""The characters of Go's unicode.IsSpace, by which BuildKit trims lines: those of ``\\s`` but for U+001C to U+001F."""

SPACE_PATTERN = r"[^\S\x1c-\x1f]"
"""One of ``GO_SPACE``; written so as it compiles much faster than the set spelt out."""

ASCII_SPACE = "\t\n\v\f\r "

BYTE_ORDER_MARK = "\ufeff"
