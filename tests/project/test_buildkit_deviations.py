"""What the list of deviations from BuildKit says of dflint holds, and it hides nothing that dflint ought to find."""

from __future__ import annotations

import re
import sys

import pytest
from project.repository import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from buildkit import Answer, Report, prepared, valueless_arguments
from buildkit_agreement import (
    AGREEMENT,
    DEVIATIONS_PAGE,
    PLACEHOLDER,
    Comparison,
    Dflint,
    Row,
    Statement,
    checks,
    example,
)
from buildkit_deviations import DEVIATIONS, Deviation, Difference

from dflint.linter.registry import registry

NAMES = [deviation.name for deviation in DEVIATIONS]
DFLINT = Dflint()


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=NAMES)
def test_dflint_says_what_the_page_says(deviation: Deviation) -> None:
    _, model = example(deviation.name, deviation.example, deviation.files)
    assert not model.tree.problems
    said = DFLINT.statements(model).get(Statement(deviation.codes[0], deviation.line), [])
    assert said == ([] if deviation.by_buildkit else list(deviation.messages))


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=NAMES)
def test_example_is_such_a_difference(deviation: Deviation) -> None:
    _, model = example(deviation.name, deviation.example, deviation.files)
    assert deviation.messages
    for message in deviation.messages:
        difference = Difference(deviation.codes[0], deviation.line, deviation.by_buildkit, message, model)
        assert deviation.explains(difference), message
        assert not deviation.explains(difference._replace(by_buildkit=not deviation.by_buildkit))


def as_buildkit_says(code: str, message: str, text: str) -> str:
    """What BuildKit says where dflint has a finding, as far as the tests of the deviations read it."""
    if code == "UndefinedVar":
        return f"Usage of undefined variable '${text.strip('${}')}'"
    if code == "SecretsUsedInArgOrEnv":
        return f'Do not use ARG or ENV instructions for sensitive data (ENV "{text}")'
    if code == "WorkdirRelativePath":
        return f'Relative workdir "{text}" can have unexpected results if the base image changes'
    if code == "CopyIgnoredFile":
        return f'Attempting to Copy file "{text}" that is excluded by .dockerignore'
    return message


@pytest.mark.parametrize("code", checks())
def test_no_deviation_hides_a_missing_finding(code: str) -> None:
    """If dflint no longer found what its examples show, the comparison would say so."""
    hidden = []
    for given in registry().classes[checks()[code]].bad:
        _, model = example(code, given.code, given.files)
        for finding, line in DFLINT.findings(model):
            if finding.rule != checks()[code]:
                continue
            message = as_buildkit_says(code, finding.message, model.source.text[finding.start : finding.end])
            difference = Difference(code, line, True, message, model)
            hidden += [(given.code, message, d.name) for d in DEVIATIONS if d.explains(difference)]
    # A wildcard that the ignore file leaves out is one that BuildKit reports by mere text.
    assert [entry for entry in hidden if entry[2] != "A wildcard taken for a name"] == []


def test_all_checks_have_a_rule() -> None:
    assert len(checks()) == 22


def test_pages_have_all() -> None:
    headings = re.findall(r"^## (.*)$", DEVIATIONS_PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == NAMES
    rows = re.findall(r"^\| (\w+) \| \[", AGREEMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == 2 * sorted(checks())


@pytest.mark.parametrize(
    ("text", "sent", "more_lines"),
    [
        ("FROM a\n", "# check=experimental=all\nFROM a\n", 1),
        ("# syntax=docker/dockerfile:1\n\nFROM a\n", "# check=experimental=all\n\nFROM a\n", 0),
        ("# syntax=a\n# escape=`\n# A\nFROM a\n", "# check=experimental=all\n# escape=`\n# A\nFROM a\n", 0),
        ("# check=skip=A,B;error=true x\nFROM a\n", "# check=skip=A,B;experimental=all\nFROM a\n", 0),
        ("# check=error=true\n# syntax=a\nFROM a\n", "# check=experimental=all\nFROM a\n", -1),
        ("\ufeffFROM a\n", "\ufeff# check=experimental=all\nFROM a\n", 1),
    ],
)
def test_what_is_sent(text: str, sent: str, more_lines: int) -> None:
    assert prepared(text) == (sent, more_lines)


def test_valueless_arguments() -> None:
    text = "ARG A\nARG B=\nARG C=1\nARG TARGETARCH\nFROM $A\nARG D\n"
    assert valueless_arguments(text) == ("A", "B")


def test_comparison() -> None:
    text = "# build it\nFROM alpine:3 as Build\nENV A b \\\n\n  c\nCMD exec x\nLABEL a=$B\n"
    reports = (
        Report("StageNameCasing", 2, ""),
        Report("NoEmptyContinuation", 5, ""),  # the last line of the instruction
        Report("JSONArgsRecommended", 6, ""),
        Report("MaintainerDeprecated", 7, ""),
    )
    question, model = example("a file", text, None)
    comparison = Comparison()
    comparison.add(question, model, Answer(reports, None), DFLINT)
    comparison.add(question, model, Answer((), "refused"), DFLINT)
    rows = {row.code: row for row in comparison.rows()}
    assert rows["StageNameCasing"] == Row("StageNameCasing", 1, 1, 1, 0, 0)
    assert rows["NoEmptyContinuation"] == Row("NoEmptyContinuation", 1, 1, 1, 0, 0)
    assert rows["JSONArgsRecommended"] == Row("JSONArgsRecommended", 1, 0, 0, 1, 0)
    assert rows["MaintainerDeprecated"] == Row("MaintainerDeprecated", 1, 0, 0, 0, 0)
    assert rows["LegacyKeyValueFormat"] == Row("LegacyKeyValueFormat", 0, 1, 0, 0, 0)
    left = [(difference.code, difference.line, difference.by_buildkit) for difference, _ in comparison.left]
    assert left == [
        ("MaintainerDeprecated", 7, True),
        ("FromAsCasing", 2, False),
        ("LegacyKeyValueFormat", 3, False),
        ("UndefinedVar", 7, False),
    ]
    assert (comparison.files, comparison.by_deviation["Shell form with exec"]) == (1, 1)
    assert comparison.refused == [("a file", "refused", False)]


def test_shares() -> None:
    row = Row("A", theirs=110, ours=101, both=99, explained_theirs=10, explained_ours=1)
    assert row.figures == ("98.0", "90.0", "99.0", "99.0") and row.holds
    assert not row._replace(both=98).holds and not row._replace(explained_theirs=9).holds


@pytest.mark.parametrize(
    ("message", "is_template"),
    [
        ('failed to parse stage name "debian:%%SUITE%%": invalid reference format', True),
        ('failed to parse stage name "REPLACE-ME": invalid reference format: repository name', True),
        ('failed to parse stage name "__ARCH__/__TAG__": invalid reference format', True),
        ('failed to parse stage name "Debian": invalid reference format', False),
        ('failed to parse stage name "debian:": invalid reference format', False),
        ("base name (${A}) should not be blank", False),
    ],
)
def test_templates(message: str, *, is_template: bool) -> None:
    assert (PLACEHOLDER.search(message) is not None) == is_template


def test_comments_for_others_silence_nothing() -> None:
    text = "# hadolint ignore=DL4000\nMAINTAINER a\n# dflint ignore=deprecated-maintainer\nMAINTAINER b\n"
    _, model = example("a file", "FROM alpine:3\n" + text, None)
    assert [s.line for s in DFLINT.statements(model) if s.code == "MaintainerDeprecated"] == [3, 5]
    _, model = example("a file", "# check=skip=MaintainerDeprecated\nFROM alpine:3\n" + text, None)
    assert [s for s in DFLINT.statements(model) if s.code == "MaintainerDeprecated"] == []
