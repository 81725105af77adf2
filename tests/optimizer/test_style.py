"""How the author writes."""

import pytest

from dflint.model import Model
from dflint.optimizer.style import Style
from dflint.syntax import parse


def style_of(text):
    return Style.of(Model(parse(text)))


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("FROM a\nRUN b\n", "x && \\\n    y"),
        ("FROM a\nRUN b && \\\n  c\n", "x && \\\n  y"),
        ("FROM a\nRUN b \\\n && c\n", "x \\\n && y"),
        ("FROM a\nRUN b \\\n\t&& c \\\n\t&& d\n", "x \\\n\t&& y"),
        ("# escape=`\r\nFROM a\r\nRUN b && `\r\n\tc\r\n", "x && `\r\n\ty"),
        ("FROM a\nRUN b && \\\n# c\n      d\n", "x && \\\n      y"),
    ],
)
def test_commands_are_joined_as_elsewhere(text, joined):
    assert style_of(text).join(["x", "y"]) == joined


@pytest.mark.parametrize(
    ("text", "keyword"), [("FROM a\nRUN b\n", "COPY"), ("from a\nrun b\n", "copy"), ("from a\nRUN b\n", "COPY")]
)
def test_keywords_are_as_most(text, keyword):
    assert style_of(text).keyword("COPY") == keyword


@pytest.mark.parametrize(
    ("run", "flags", "expected"),
    [
        ("RUN b", ["--x"], "RUN --x b"),
        ("RUN   b", ["--x", "--y"], "RUN --x \\\n    --y \\\n    b"),
        ("RUN b \\\n && c", ["--x"], "RUN --x \\\n    b \\\n && c"),
        ("RUN \\\n  b", ["--x"], "RUN --x \\\n  b"),
        ("RUN " + "b" * 110, ["--flag"], "RUN --flag \\\n    " + "b" * 110),
        ("RUN <<E\nb\nE", ["--x", "--y"], "RUN --x --y <<E\nb\nE"),
    ],
)
def test_flags_get_lines_of_their_own(run, flags, expected):
    model = Model(parse(f"FROM a\n{run}\n"))
    start, end, text = Style.of(model).with_flags(model, model.instructions[1], flags)
    source = model.source.text
    assert source[:start] + text + source[end:] == f"FROM a\n{expected}\n"
