"""What rules about the build cache make of a history."""

import pytest

from dflint.context import BuildContext, MemoryFileSystem
from dflint.model import Model
from dflint.model.evidence import Frequency
from dflint.rules.cache_busting_copy import CacheBustingCopy
from dflint.rules.volatile_before_expensive import VolatileBeforeExpensive
from dflint.syntax import parse

COPY = "FROM node\nWORKDIR /app\nCOPY web /app\nRUN npm ci\n"
FILES = {"web/package.json": "{}", "web/package-lock.json": "{}", "web/a.js": ""}
ARG = "FROM debian\nARG GIT_SHA\nRUN apt-get update && apt-get install -y curl\n"


class Known:
    """Evidence as a test wants it; notes what it is asked."""

    def __init__(self, runs=None, changes=None):
        self.runs, self.changes, self.asked = runs, changes, []

    def runs_of(self, instruction):
        self.asked.append(instruction.name)
        return self.runs

    def changes_of(self, paths):
        self.asked.append(sorted(paths))
        return self.changes


def findings(rule, text, evidence):
    context = BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem(FILES))
    model = Model(parse(text), context, "Dockerfile")
    model.evidence = evidence
    return [
        (f.level, f.message.partition(" (")[2].rstrip(")")) for s in model.stages for f in rule.check_stage(s, model)
    ]


@pytest.mark.parametrize(
    ("runs", "changes", "expected"),
    [
        (None, None, [("warning", "")]),
        (Frequency(9, 9), Frequency(9, 9), [("warning", "")]),
        (
            Frequency(187, 200),
            Frequency(9, 200),
            [("warning", "ran anew in 187 of the last 200 commits, 9 called for it")],
        ),
        (Frequency(18, 200), Frequency(9, 200), [("info", "ran anew in 18 of the last 200 commits, 9 called for it")]),
        (
            Frequency(19, 200),
            Frequency(9, 200),
            [("warning", "ran anew in 19 of the last 200 commits, 9 called for it")],
        ),
        (Frequency(9, 200), Frequency(9, 200), []),
        (Frequency(9, 200), Frequency(12, 200), []),
        (Frequency(0, 200), Frequency(0, 200), []),
    ],
)
def test_cache_busting_copy(runs, changes, expected):
    evidence = Known(runs, changes)
    assert findings(CacheBustingCopy(), COPY, evidence) == expected
    assert evidence.asked[0] == "RUN"
    if runs is not None and runs.of > 9:
        assert evidence.asked[1:] == [["web/package-lock.json", "web/package.json"]]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        (None, [("warning", "")]),
        (Frequency(9, 200), [("warning", "191 of the last 200 commits would have found it in the cache")]),
        (Frequency(195, 200), [("info", "5 of the last 200 commits would have found it in the cache")]),
        (Frequency(200, 200), []),
        (Frequency(5, 5), [("warning", "")]),
    ],
)
def test_volatile_before_expensive(runs, expected):
    assert findings(VolatileBeforeExpensive(), ARG, Known(runs)) == expected


def test_nothing_is_asked_where_there_is_nothing_to_say():
    evidence = Known(Frequency(1, 100), Frequency(1, 100))
    assert findings(CacheBustingCopy(), "FROM a\nCOPY web /app\n", evidence) == []
    assert findings(VolatileBeforeExpensive(), "FROM a\nARG GIT_SHA\n", evidence) == []
    assert evidence.asked == []
