"""docs/deviations.md: what it says of dflint is so, and each example is of the kind that it stands for."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from project.repository import ROOT

from dflint.linter.registry import is_hadolint_code, registry
from dflint.model import Model
from dflint.syntax import parse

sys.path.insert(0, str(ROOT / "benchmarks"))

from hadolint_agreement import CONFIGURATION, Answer, Dflint, Statement, explains, wrong_example
from hadolint_deviations import DEVIATIONS, UNREADABLE, Deviation, Unreadable
from hadolint_difference import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def dflint() -> Iterator[Dflint]:
    yield Dflint(CONFIGURATION, with_shellcheck=False)


def by_name(value: object) -> str | None:
    return value.name if isinstance(value, Deviation) else value.what if isinstance(value, Unreadable) else None


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=by_name)
def test_example(deviation: Deviation, dflint: Dflint) -> None:
    """With hadolint's answer taken from the list; the script that writes the page asks hadolint itself."""
    model = Model(parse(deviation.example))
    theirs = {Statement(deviation.code, line): "Label `build-date` is not valid" for line in deviation.hadolint}
    if deviation.name == "script-that-shellcheck-cannot-read":
        theirs[Statement("SC1073", 2)] = ""
    answer = Answer(Path(deviation.name), model, theirs, dflint.statements(model))
    assert list(wrong_example(deviation, answer)) == []


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=by_name)
def test_page_says_the_same(deviation: Deviation, dflint: Dflint) -> None:
    """What the page shows is run, not what the list holds."""
    section = SECTIONS[deviation.name]
    shown = re.search(r"```dockerfile\n(.*?)```", section, re.DOTALL)
    assert shown is not None
    model = Model(parse(shown[1]))
    lines = sorted(line for code, line in dflint.statements(model) if code == deviation.code)
    said = re.search(r"^- dflint: (?:no \S+|\S+ on line (.*))$", section, re.MULTILINE)
    assert said is not None
    assert lines == ([int(line) for line in said[1].split(" and ")] if said[1] else [])
    assert shown[1] == deviation.example


@pytest.mark.parametrize("name", [n for n, c in registry().classes.items() if any(map(is_hadolint_code, c.aliases))])
def test_no_deviation_hides_a_missing_finding(name: str, dflint: Dflint) -> None:
    """If dflint no longer found what its examples show, the comparison would say so."""
    hidden = []
    for shown in registry().classes[name].bad:
        model = Model(parse(shown.code))
        said = dflint.statements(model)
        for statement in (s for s, findings in said.items() if any(f.rule == name for f in findings)):
            code, line = statement
            others = [s.line for s in said if s.code == code and s != statement]
            difference = Difference(code, line, said[statement][0].message, model, (), others)
            hidden += [(shown.code, d.name) for d in DEVIATIONS if explains(d, difference)]
    assert hidden == []


@pytest.mark.parametrize("unreadable", UNREADABLE, ids=by_name)
def test_dflint_reads(unreadable: Unreadable) -> None:
    assert parse(unreadable.example).problems == ()
    assert f"{unreadable.what}\n\n```dockerfile\n{unreadable.example}```" in PAGE


def test_page_has_all() -> None:
    assert list(SECTIONS) == [deviation.name for deviation in DEVIATIONS]
    assert len(SECTIONS) == len(DEVIATIONS)


def test_codes_are_known() -> None:
    known = {alias for rule_class in registry().classes.values() for alias in rule_class.aliases}
    assert {code for deviation in DEVIATIONS for code in deviation.codes} <= known


def test_each_example_is_a_difference() -> None:
    assert [d.name for d in DEVIATIONS if len(d.hadolint) == len(d.dflint)] == []
