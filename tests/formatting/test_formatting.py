"""What the formatter changes, and what it must not."""

import pytest
from hypothesis import given, strategies as st

from dflint.formatting import FormatSettings, format_edits, formatted
from dflint.formatting.meaning import meaning_of, squeezed
from dflint.syntax import parse

CASES = {
    "keywords": ("from debian\nRun echo  a\nonbuild run x\n", "FROM debian\nRUN echo  a\nONBUILD RUN x\n"),
    "gaps": ("FROM   debian\nRUN  --mount=type=ssh   --network=none\techo\n",
             "FROM debian\nRUN --mount=type=ssh --network=none echo\n"),
    "ends of lines": ("FROM debian  \nRUN a \\  \n    b\t\n# c  \n", "FROM debian\nRUN a \\\n    b\n# c\n"),
    "before keywords": ("FROM debian\n  RUN a\n", "FROM debian\nRUN a\n"),
    "blank lines": ("FROM debian\n\n\n\n\nRUN a\n\n\n", "FROM debian\n\n\nRUN a\n"),
    "last line": ("FROM debian\nRUN a", "FROM debian\nRUN a\n"),
    "carriage returns": ("from debian \r\nrun a\r\n", "FROM debian\r\nRUN a\r\n"),
    "here-documents": ("FROM debian\nRUN  <<E\n  a  \n\n\n\nE\n", "FROM debian\nRUN <<E\n  a  \n\n\n\nE\n"),
    "quotes": ('FROM debian\nRUN echo "a  \\\n   b"  \n', 'FROM debian\nRUN echo "a  \\\n   b"\n'),
}  # fmt: skip
KEPT = {
    "nothing to do": "FROM debian\nRUN a\n",
    "syntax error": "from\nrun  a  \n",
    "first line blank": "\n\n\n\n# syntax=a\nFROM debian\n",
    "json": 'FROM debian\nCMD [ "a",  "b" ]\n',
    "stage names": "FROM Debian AS a\n",
}


@pytest.mark.parametrize("name", CASES)
def test_changes(name):
    old, new = CASES[name]
    assert formatted(old) == new


@pytest.mark.parametrize("name", KEPT)
def test_keeps(name):
    assert formatted(KEPT[name]) == KEPT[name]


def test_indentation_is_changed_when_asked_for():
    text = 'FROM debian\nRUN a \\\n  b \\\n\t# note\n && c \\\n    "x\\\n  y"\n'
    settings = FormatSettings(indent=4)
    # The last line lies in a quoted text: the instruction keeps its indentation.
    assert formatted(text, settings) == text
    assert formatted("FROM debian\nRUN a \\\n  b \\\n && c\n", settings) == "FROM debian\nRUN a \\\n    b \\\n && c\n"


def test_only_a_range():
    text = "from a\nrun b\nrun c\n"
    (edit,) = format_edits(parse(text), start=8, end=9)
    assert (edit.start, edit.text) == (7, "RUN")


def test_squeezed_keeps_what_is_quoted():
    assert squeezed("a  'b  c'\t\"d  e\" \\  f") == "a 'b  c' \"d  e\" \\  f"


PIECES = [
    "FROM debian", "run", "RUN ", "copy a b", "env A=b", "LABEL a = b",
    "# note", "# escape=`", "\\", "\n", "\n", "\n", " ",
    "  ", "\t", "\r\n", "<<E", "E", "a", "'", '"', "&& b", "--from=x ", "\n\n\n", "onbuild ", "CMD [", '"a"', "]",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60)
SETTINGS = st.builds(
    FormatSettings,
    st.sampled_from(["upper", "lower", None]),
    st.sampled_from([None, 0, 4]),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
)


@given(TEXTS, SETTINGS)
def test_meaning_stays_and_a_second_time_changes_nothing(text, settings):
    once = formatted(text, settings)
    assert meaning_of(parse(once)) == meaning_of(parse(text))
    assert formatted(once, settings) == once
