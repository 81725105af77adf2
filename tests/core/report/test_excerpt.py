"""Excerpts: carets below what they mark, whatever the line is made of."""

import pytest
from hypothesis import given, strategies as st

from dflint.report.excerpt import excerpt
from dflint.source import Source


def shown(text, start, end, width=60):
    lines, more = excerpt(Source(text), start, end, width)
    return [(line.number, line.text, line.mark) for line in lines], more


@pytest.mark.parametrize(
    ("text", "start", "end", "line"),
    [
        ("RUN abc", 4, 7, ("RUN abc", "    ^^^")),
        ("RUN abc\r\n", 4, 7, ("RUN abc", "    ^^^")),
        ("RUN abc", 4, 4, ("RUN abc", "    ^")),
        ("RUN", 3, 3, ("RUN", "   ^")),
        ("", 0, 0, ("", "^")),
        ("\tRUN\tabc", 5, 8, ("    RUN    abc", "           ^^^")),
        ("RUN\tabc", 3, 4, ("RUN    abc", "   ^^^^")),
        ("\ufeffFROM a", 1, 5, ("FROM a", "^^^^")),
        ("RUN 世界 x", 7, 8, ("RUN 世界 x", "         ^")),
        ("RUN 世界 x", 4, 6, ("RUN 世界 x", "    ^^^^")),
        ("RUN e\u0301 x", 7, 8, ("RUN e\u0301 x", "      ^")),
        ("RUN \x1b[31m", 4, 5, ("RUN \\x1b[31m", "    ^^^^")),
        ("RUN \udc80 x", 6, 7, ("RUN \\x80 x", "         ^")),
        ("RUN \u202e x", 6, 7, ("RUN \\u202e x", "           ^")),
    ],
)
def test_one_line(text, start, end, line):
    assert shown(text, start, end) == ([(1, *line)], 0)


def test_several_lines():
    text = "FROM a\nRUN b \\\n\n    c\nUSER d\n"
    assert shown(text, 7, 21) == ([(2, "RUN b \\", "^^^^^^^"), (3, "", "^"), (4, "    c", "    ^")], 0)
    assert shown(text, 7, 15) == ([(2, "RUN b \\", "^^^^^^^")], 0)
    lines, more = shown("x\n" * 50, 0, 100)
    assert len(lines) == 4
    assert more == 46


def test_long_lines_are_clipped_around_the_mark():
    text = "RUN " + "a" * 500 + "MARK" + "b" * 500
    ((_, line, mark),), _ = shown(text, 504, 508)
    assert len(line) <= 60
    assert line.startswith("…")
    assert line.endswith("…")
    assert line[mark.index("^") : mark.rindex("^") + 1] == "MARK"
    ((_, line, mark),), _ = shown(text, 0, 3)
    assert line.startswith("RUN a")
    assert mark == "^^^"
    ((_, line, mark),), _ = shown(text, len(text) - 2, len(text))
    assert not line.endswith("…")
    assert line[mark.index("^") :] == "bb"
    ((_, line, mark),), _ = shown(text, 0, len(text))
    assert len(mark) <= 60


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200), st.data(), st.integers(20, 80))
def test_any_text(text, data, width):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    lines, more = excerpt(Source(text), start, end, width)
    assert lines
    assert more >= 0
    for line in lines:
        assert line.text.isprintable() or not line.text
        line.text.encode()
        assert len(line.mark) <= width * 10
    assert "^" in lines[0].mark
