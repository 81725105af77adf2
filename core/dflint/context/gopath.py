"""Go's ``filepath.Clean`` and ``filepath.Match`` on ``/`` paths, which BuildKit's COPY and ignore files speak.

Behaviour: path/filepath/match.go and path/filepath/path.go of Go's library.
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# Characters that unicode.IsSpace holds for, which strings.TrimSpace removes (str.strip removes some more).
GO_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"  # noqa: E501


class BadPatternError(ValueError):
    """A pattern that Go refuses."""


def clean(path: str) -> str:
    """The shortest equal path: ``.`` and ``..`` resolved, slashes single, ``.`` for the empty path."""
    cleaned = normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def inside_root(path: str) -> str:
    """A path below the root it is relative to: no leading slash, ``..`` stops at the root, ``""`` for the root."""
    return clean("/" + path)[1:]


def has_wildcards(path: str) -> bool:
    """Whether COPY would look for matches instead of one path (fsutil copy.containsWildcards)."""
    at = 0
    while at < len(path):
        char = path[at]
        if char == "\\":
            at += 1
        elif char in "*?[":
            return True
        at += 1
    return False


def check_pattern(pattern: str) -> None:
    """Raise BadPatternError if ``filepath.Match(pattern, ".")`` does, which is how moby/patternmatcher tests patterns.

    Go gives up at the first stretch that cannot match, so what stands behind it is not looked at.
    """
    import re

    name = "."
    stretches = _stretches(pattern)
    for is_starred, expression, is_last in stretches:
        if is_starred and not expression:
            return
        compiled = re.compile(expression, re.DOTALL)
        starts = (0, 1) if is_starred and name else (0,)
        for start in starts:
            found = compiled.match(name, start)
            if found and (not is_last or found.end() == len(name)):
                name = name[found.end() :]
                break
        else:
            return


def match_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression whose ``fullmatch`` is ``filepath.Match``; raises BadPatternError.

    As in Go each stretch between stars takes its first place, so matching never backtracks over several stars.
    """
    import re

    parts: list[str] = []
    for is_starred, expression, is_last in _stretches(pattern):
        if not is_starred:
            parts.append(expression)
        elif is_last:
            parts.append(f"[^/]*{expression}")
        else:
            name = f"c{len(parts)}"
            parts.append(f"(?=(?P<{name}>[^/]*?{expression}))(?P={name})")
    return re.compile("".join(parts), re.DOTALL)


def _stretches(pattern: str) -> Iterator[tuple[bool, str, bool]]:
    """The pattern's stretches between stars: whether a star stands before, its regular expression, whether it is last.

    Raises BadPatternError when it comes to a malformed stretch.
    """
    at = 0
    end = len(pattern)
    while at < end:
        is_starred = False
        while at < end and pattern[at] == "*":
            is_starred = True
            at += 1
        expression = ""
        while at < end and pattern[at] != "*":
            char = pattern[at]
            at += 1
            if char == "?":
                expression += "[^/]"
                continue
            if char == "[":
                found, at = _class(pattern, at)
                expression += found
                continue
            if char == "\\":
                if at == end:
                    raise BadPatternError("the pattern ends in a single backslash")
                char = pattern[at]
                at += 1
            expression += _escape(char)
        yield is_starred, expression, at == end


def _class(pattern: str, at: int) -> tuple[str, int]:
    """The class that starts behind its ``[`` at ``at``, and the index behind its ``]``."""
    end = len(pattern)
    negated = at < end and pattern[at] == "^"
    at += negated
    ranges: list[str] = []
    count = 0
    while not (count and at < end and pattern[at] == "]"):
        low, at = _class_character(pattern, at)
        high = low
        if pattern[at] == "-":
            high, at = _class_character(pattern, at + 1)
        if low <= high:
            ranges.append(f"{_escape(low)}-{_escape(high)}")
        count += 1
    if not ranges:
        return ("[\\s\\S]" if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{''.join(ranges)}]", at + 1


def _class_character(pattern: str, at: int) -> tuple[str, int]:
    end = len(pattern)
    if at >= end or pattern[at] in "-]":
        raise BadPatternError("a [...] class is not closed or has an empty range")
    if pattern[at] == "\\":
        at += 1
        if at >= end:
            raise BadPatternError("the pattern ends in a single backslash")
    if at + 1 >= end:
        raise BadPatternError("a [...] class is not closed")
    return pattern[at], at + 1


def _escape(char: str) -> str:
    if char.isalnum() or char in "_/":
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\U{ord(char):08x}"
