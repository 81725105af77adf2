"""Patterns of ignore files as Go sees them: the regular expression that moby builds, and a matcher for it.

moby/patternmatcher turns a pattern into a Go regular expression character by character, so that ``\\D`` of
``bin\\Debug`` is a character class and ``[*]`` is not a star. Only what can come out of that is read here: classes,
escapes, ``(.*/)?``, and a ``*`` behind a class. Go's engine is linear in the name; Python's is not, so expressions with
many loops are run as a set of states.
"""

from __future__ import annotations

from functools import lru_cache

from dflint.context.gopath import BadPatternError
from dflint.record import NamedTuple

_NOT_ESCAPED = frozenset(".+()|{}$")
_MAX = 0x10FFFF
_PERL = {
    "d": (False, ((48, 57),)),
    "D": (True, ((48, 57),)),
    "s": (False, ((9, 10), (12, 13), (32, 32))),
    "S": (True, ((9, 10), (12, 13), (32, 32))),
    "w": (False, ((48, 57), (65, 90), (95, 95), (97, 122))),
    "W": (True, ((48, 57), (65, 90), (95, 95), (97, 122))),
}
_CONTROL = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_POSIX = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_ASSERTIONS = {"b": "\\b", "B": "\\B", "A": "\\A", "z": "\\Z", "^": "\\A"}

Ranges = tuple[tuple[int, int], ...]


class _Item(NamedTuple):
    """``kind``: ``set`` one character of ``ranges``, ``loop`` any number, ``dirs`` ``(.*/)?``; else an assertion.

    ``ranges`` are sorted and do not overlap.
    """

    kind: str
    ranges: Ranges = ()


_ANY = ((0, 9), (11, _MAX))
_NOT_SLASH: Ranges = ((0, 46), (48, _MAX))


def go_expression(pattern: str) -> tuple[str, str]:
    """moby's kind of match for a cleaned pattern and its expression: exact, prefix, suffix or regexp.

    Behaviour: patternmatcher.go, Pattern.compile, for ``/`` as separator.
    """
    out = ["^"]
    kind = "exact"
    at = 0
    end = len(pattern)
    first = True
    while at < end:
        char = pattern[at]
        at += 1
        if char == "*":
            if at < end and pattern[at] == "*":
                at += 1
                if at < end and pattern[at] == "/":
                    at += 1
                if at >= end:
                    if kind == "exact":
                        kind = "prefix"
                    else:
                        out.append(".*")
                        kind = "regexp"
                else:
                    out.append("(.*/)?")
                    kind = "regexp"
                if first:
                    kind = "suffix"
            else:
                out.append("[^/]*")
                kind = "regexp"
        elif char == "?":
            out.append("[^/]")
            kind = "regexp"
        elif char in _NOT_ESCAPED:
            out.append("\\" + char)
        elif char == "\\":
            if at < end:
                out.append("\\" + pattern[at])
                at += 1
                kind = "regexp"
            else:
                out.append("\\")
        elif char in "[]":
            out.append(char)
            kind = "regexp"
        else:
            out.append(char)
        first = False
    if kind == "regexp":
        out.append("$")
    return kind, "".join(out)


class Expression:
    """A compiled expression; ``python`` is its text for ``re`` (anchored), for use in an alternation."""

    __slots__ = ("_items", "loops", "python")

    def __init__(self, expression: str) -> None:
        """Raise BadPatternError for what Go's regexp.Compile refuses."""
        self._items = _parse(expression)
        self.loops = sum(item.kind in ("loop", "dirs") for item in self._items)
        self.python = "".join(map(_python, self._items))

    def matches(self, name: str) -> bool:
        """Whether Go's MatchString holds; linear in the length of ``name`` times that of the expression."""
        items = self._items
        final = len(items)
        states = self._closure({0}, name, 0)
        for index, char in enumerate(name):
            code = ord(char)
            following: set[int] = set()
            for state in states:
                if state < 0:
                    # Within (.*/)? of item -state - 1: left behind a slash.
                    if code == 47:
                        following.add(-state)
                    if code != 10:
                        following.add(state)
                elif state < final:
                    kind, ranges = items[state]
                    if kind == "dirs":
                        if code == 47:
                            following.add(state + 1)
                        if code != 10:
                            following.add(-state - 1)
                    elif kind in ("set", "loop") and _holds(ranges, code):
                        following.add(state if kind == "loop" else state + 1)
            states = self._closure(following, name, index + 1)
            if not states:
                return False
        return final in states

    def _closure(self, states: set[int], name: str, index: int) -> set[int]:
        items = self._items
        pending = list(states)
        while pending:
            state = pending.pop()
            if not 0 <= state < len(items):
                continue
            kind = items[state].kind
            if kind == "set" or (kind not in ("loop", "dirs") and not _asserts(kind, name, index)):
                continue
            if state + 1 not in states:
                states.add(state + 1)
                pending.append(state + 1)
        return states


def _holds(ranges: Ranges, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _asserts(kind: str, name: str, index: int) -> bool:
    if kind == "\\A":
        return index == 0
    if kind == "\\Z":
        return index == len(name)
    before = index > 0 and _holds(_PERL["w"][1], ord(name[index - 1]))
    after = index < len(name) and _holds(_PERL["w"][1], ord(name[index]))
    return (before != after) == (kind == "\\b")


def _python(item: _Item) -> str:
    if item.kind == "dirs":
        return "(?:[^\\n]*/)?"
    if item.kind in ("set", "loop"):
        star = "*" if item.kind == "loop" else ""
        if not item.ranges:
            return "(?:(?!))" + star
        if len(item.ranges) == 1 and item.ranges[0][0] == item.ranges[0][1]:
            return _character(item.ranges[0][0]) + star
        # A range up to the last character is written as what it leaves out, which re compiles much faster.
        negated = item.ranges[-1][1] == _MAX
        ranges = _complement(item.ranges) if negated else item.ranges
        inner = "".join(f"{_character(low)}-{_character(high)}" for low, high in ranges)
        return (f"[^{inner}]" if negated else f"[{inner}]") + star if inner else f"[\\s\\S]{star}"
    # Python's \b is Unicode's; the ASCII one is spelled out.
    if item.kind == "\\b":
        return "(?:(?<![0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?![0-9A-Za-z_]))"
    if item.kind == "\\B":
        return "(?:(?<![0-9A-Za-z_])(?![0-9A-Za-z_])|(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_]))"
    return item.kind


def _character(code: int) -> str:
    if code < 128:
        char = chr(code)
        return char if char.isalnum() or char in "_/" else f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _parse(text: str) -> tuple[_Item, ...]:
    items: list[_Item] = []
    at = 0
    end = len(text)
    while at < end:
        char = text[at]
        if char == "^":
            items.append(_Item("\\A"))
            at += 1
            continue
        if char == "$":
            items.append(_Item("\\Z"))
            at += 1
            continue
        if text.startswith("(.*/)?", at):
            items.append(_Item("dirs"))
            at += 6
            continue
        if char == ".":
            ranges: Ranges = _ANY
            at += 1
        elif char == "[":
            ranges, at = _class(text, at)
        elif char == "\\":
            if text.startswith("\\Q", at):
                stop = text.find("\\E", at + 2)
                quoted = text[at + 2 : stop if stop >= 0 else end]
                items.extend(_Item("set", ((ord(c), ord(c)),)) for c in quoted)
                at = stop + 2 if stop >= 0 else end
                continue
            if at + 1 < end and text[at + 1] in "bBAz":
                items.append(_Item(_ASSERTIONS[text[at + 1]]))
                at += 2
                continue
            ranges, at = _escape(text, at)
        else:
            ranges = ((ord(char), ord(char)),)
            at += 1
        if at < end and text[at] == "*":
            items.append(_Item("loop", ranges))
            at += 1
        else:
            items.append(_Item("set", ranges))
    return tuple(items)


def _escape(text: str, at: int) -> tuple[Ranges, int]:
    """The characters of the escape at ``at`` and the index behind it (regexp/syntax parse.go, parseEscape)."""
    if at + 1 >= len(text):
        raise BadPatternError("the pattern ends in a single backslash")
    char = text[at + 1]
    if char in _PERL:
        negated, ranges = _PERL[char]
        return (_complement(ranges) if negated else ranges), at + 2
    if char in "pP":
        return _category(text, at)
    if char in _CONTROL:
        return ((_CONTROL[char], _CONTROL[char]),), at + 2
    if char == "x":
        return _hexadecimal(text, at)
    if char == "0" or (char in "1234567" and text[at + 2 : at + 3] in tuple("01234567")):
        stop = at + 2
        while stop < len(text) and stop < at + 4 and text[stop] in "01234567":
            stop += 1
        code = int(text[at + 1 : stop], 8)
        return ((code, code),), stop
    if ord(char) < 128 and not char.isalnum():
        return ((ord(char), ord(char)),), at + 2
    raise BadPatternError(f"the escape \\{char} means nothing in a pattern")


def _hexadecimal(text: str, at: int) -> tuple[Ranges, int]:
    braced = text[at + 2 : at + 4] == "\\{"
    stop = at + 4
    digits = text[at + 2 : stop]
    # A brace of the user's arrives escaped, so \x{41} never does.
    if braced or len(digits) < 2 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise BadPatternError("the escape \\x needs two hexadecimal digits")
    code = int(digits, 16)
    return ((code, code),), stop


def _category(text: str, at: int) -> tuple[Ranges, int]:
    name = text[at + 2 : at + 3]
    if not name or name not in "CLMNPSZ":
        raise BadPatternError(f"the escape {text[at : at + 3]} means nothing in a pattern")
    found = _category_ranges(name)
    return (_complement(found) if text[at + 1] == "P" else found), at + 3


@lru_cache(maxsize=8)
def _category_ranges(name: str) -> Ranges:
    from unicodedata import category

    ranges: list[tuple[int, int]] = []
    start = None
    for code in range(_MAX + 2):
        kind = category(chr(code)) if code <= _MAX else ""
        if kind[:1] == name and kind != "Cn":
            if start is None:
                start = code
        elif start is not None:
            ranges.append((start, code - 1))
            start = None
    return tuple(ranges)


def _class(text: str, at: int) -> tuple[Ranges, int]:
    """The characters of the class whose ``[`` is at ``at`` (regexp/syntax parse.go, parseClass)."""
    at += 1
    negated = text.startswith("^", at)
    at += negated
    ranges: list[tuple[int, int]] = []
    first = True
    while at < len(text) and (text[at] != "]" or first):
        first = False
        if text.startswith("[:", at) and (stop := text.find(":]", at + 2)) >= 0:
            name = text[at + 2 : stop]
            posix = _POSIX.get(name.removeprefix("^"))
            if posix is None:
                raise BadPatternError(f"[:{name}:] is no class of characters")
            ranges.extend(_complement(posix) if name.startswith("^") else posix)
            at = stop + 2
            continue
        if text[at] == "\\" and text[at + 1 : at + 2] in ("d", "D", "s", "S", "w", "W", "p", "P"):
            found, at = _escape(text, at)
            ranges.extend(found)
            continue
        low, at = _class_character(text, at)
        high = low
        if at + 1 < len(text) and text[at] == "-" and text[at + 1] != "]":
            high, at = _class_character(text, at + 1)
            if high < low:
                raise BadPatternError("a range in a [...] class runs backwards")
        ranges.append((low, high))
    if at >= len(text):
        raise BadPatternError("a [...] class is not closed")
    merged = _merge(ranges)
    return (_complement(merged) if negated else merged), at + 1


def _class_character(text: str, at: int) -> tuple[int, int]:
    if text[at] != "\\":
        return ord(text[at]), at + 1
    if text[at + 1 : at + 2] in tuple("dDsSwWpP"):
        raise BadPatternError("a range in a [...] class ends in a class")
    found, at = _escape(text, at)
    return found[0][0], at


def _merge(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(ranges: Ranges) -> Ranges:
    out = []
    start = 0
    for low, high in ranges:
        if low > start:
            out.append((start, low - 1))
        start = high + 1
    if start <= _MAX:
        out.append((start, _MAX))
    return tuple(out)
