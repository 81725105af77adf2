"""Each refactoring: what it makes, what it leaves alone, and the way back."""

import pytest

from dflint.formatting.meaning import squeezed
from dflint.model import Model
from dflint.optimizer.refactorings import refactorings_at
from dflint.syntax import parse


def offered(text, kind, place="RUN"):
    """The text after the refactoring of a kind at a place, None if it is not offered."""
    model = Model(parse(text), None, "Dockerfile")
    at = text.index(place)
    found = [one for one in refactorings_at(model, at, at + 1) if one.kind == kind]
    assert len(found) <= 1
    if not found:
        return None
    pieces, last = [], 0
    for edit in found[0].edits:
        pieces += [text[last : edit.start], edit.text]
        last = edit.end
    made = "".join([*pieces, text[last:]])
    assert not parse(made).problems
    return made


MADE = [
    ("mergeRuns", "RUN b", "FROM a\nRUN a\nRUN b\n", "FROM a\nRUN a \\\n    && b\n"),
    ("splitRun", "RUN", "FROM a\nRUN a && \\\n  b c\nUSER x\n", "FROM a\nRUN a\nRUN b c\nUSER x\n"),
    ("splitRun", "RUN", "FROM a\nRUN --network=none a && b\n", "FROM a\nRUN --network=none a\nRUN --network=none b\n"),
    ("heredoc", "RUN", "FROM a\nRUN a \\\n  && b c\n", "FROM a\nRUN <<EOF\nset -e\na\nb c\nEOF\n"),
    ("heredoc", "RUN", "FROM a\nRUN <<E\nset -e\na\nb c\nE\nUSER x\n", "FROM a\nRUN a && \\\n    b c\nUSER x\n"),
    ("heredoc", "RUN", "FROM a\nRUN a && b  \nUSER x\n", "FROM a\nRUN <<EOF\nset -e\na\nb\nEOF\nUSER x\n"),
    ("execForm", "CMD", "FROM a\nCMD a 'b c'\n", 'FROM a\nCMD ["a", "b c"]\n'),
    ("execForm", "RUN", "FROM a\nRUN a b\n", 'FROM a\nRUN ["a", "b"]\n'),
    ("shellForm", "CMD", 'FROM a\nCMD ["a", "b c"]\n', "FROM a\nCMD a 'b c'\n"),
    ("shellForm", "HEALTHCHECK", 'FROM a\nHEALTHCHECK CMD ["a"]\n', "FROM a\nHEALTHCHECK CMD a\n"),
]


@pytest.mark.parametrize(("kind", "place", "old", "new"), MADE)
def test_makes(kind, place, old, new):
    assert offered(old, kind, place) == new


KEPT = [
    ("mergeRuns", "RUN b", "FROM a\nRUN cd /x\nRUN b\n"),
    ("mergeRuns", "RUN b", "FROM a\nRUN --network=none a\nRUN b\n"),
    ("mergeRuns", "RUN b", "FROM a\nRUN a\nUSER x\nRUN b\n"),
    ("splitRun", "RUN", "FROM a\nRUN cd /x && b\n"),
    ("splitRun", "RUN", "FROM a\nRUN A=1 && b $A\n"),
    ("splitRun", "RUN", "FROM a\nRUN a || b && c\n"),
    ("splitRun", "RUN", "FROM a\nRUN --mount=type=tmpfs,target=/t a && b\n"),
    ("splitRun", "RUN", "FROM a\nRUN a \\\n# note\n && b\n"),
    ("heredoc", "RUN", "FROM a\nRUN a; b\n"),
    ("heredoc", "RUN", "FROM a\nRUN a && echo EOF\n"),
    ("heredoc", "RUN", 'FROM a\nSHELL ["pwsh", "-c"]\nRUN a && b\n'),
    ("heredoc", "RUN", "FROM a\nRUN <<E\na\nb\nE\n"),
    ("heredoc", "RUN", "FROM a\nRUN <<E\nset -e\na || b\nc\nE\n"),
    ("execForm", "CMD", "FROM a\nCMD a $B\n"),
    ("execForm", "CMD", "FROM a\nCMD cd /x\n"),
    ("shellForm", "CMD", 'FROM a\nENTRYPOINT ["x"]\nCMD ["a"]\n'),
    ("shellForm", "CMD", 'FROM a\nSHELL ["bash", "-c"]\nCMD ["a"]\n'),
]


@pytest.mark.parametrize(("kind", "place", "text"), KEPT)
def test_leaves_alone(kind, place, text):
    assert offered(text, kind, place) is None


@pytest.mark.parametrize("steps", [("a", "b"), ("a 'x  y'", "b \\\n  c", "d | e"), ("(cd /x && a)", "b")])
def test_there_and_back(steps):
    text = "FROM a\nRUN " + " \\\n    && ".join(steps) + "\n"
    there = offered(text, "heredoc")
    assert "<<EOF\nset -e\n" in there
    back = offered(there, "heredoc")
    if "  c" in text:  # continued lines stay in the here-document
        assert back is None
    else:
        assert squeezed(back).replace("\\", "").split() == squeezed(text).replace("\\", "").split()
