"""The output formats, byte for byte or read back by a parser."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from dflint.config.settings import FORMATS
from dflint.findings import Edit, Finding, Fix, InternalError
from dflint.linter.registry import Registry, registry
from dflint.linter.rule import Rule
from dflint.report import report
from dflint.report.base import FileOutcome, Options, fingerprints, printable, valid

TEXT = "FROM alpine\nRUN a \\\n  b\nUSER é\n"


class Loud(Rule):
    """Say it quietly.

    ## Why is this bad?

    It hurts.
    """

    url = "https://example.com/loud.md"
    name = "loud"
    category = "security"
    level = "error"
    since = "0.1.0"
    aliases = ("DL3006", "LoudName")


KNOWN = Registry([Loud, registry().classes["unused-suppression"]])


def finding(start, end, message="m", level="warning", rule="loud", fix=None):
    return Finding(rule, message, level, start, end, fix)


FIX = Fix("Do it", "safe", (Edit(5, 11, "b\nc"), Edit(12, 12, "")))
OUTCOME = FileOutcome(
    "./a dir/Dockerfile",
    TEXT,
    (finding(5, 11, "first", "error", fix=FIX), finding(12, 22, "second\nline"), finding(29, 30, "é", "info", "other")),
)


def written(name, *outcomes, **options):
    pieces = []
    made = report(name, pieces.append, KNOWN, Options(**options))
    made.begin()
    for outcome in outcomes:
        made.add(outcome)
    made.end([error for outcome in outcomes for error in outcome.errors])
    return "".join(pieces)


def test_concise():
    assert written("concise", OUTCOME) == (
        "./a dir/Dockerfile:1:6: error loud first\n"
        "./a dir/Dockerfile:2:1: warning loud second\\nline\n"
        "./a dir/Dockerfile:4:6: info other é\n"
    )
    assert written("concise", OUTCOME, statistics=True) == "2  [*]  loud\n1  [ ]  other\n"


def test_text():
    assert written("text", OUTCOME) == (
        "./a dir/Dockerfile:1:6: error: first [loud, DL3006, LoudName]\n"
        " 1 | FROM alpine\n"
        "   |      ^^^^^^\n"
        "   = help: Do it [--fix]\n"
        "\n"
        "./a dir/Dockerfile:2:1: warning: second\\nline [loud, DL3006, LoudName]\n"
        " 2 | RUN a \\\n"
        "   | ^^^^^^^\n"
        " 3 |   b\n"
        "   | ^^\n"
        "\n"
        "./a dir/Dockerfile:4:6: info: é [other]\n"
        " 4 | USER é\n"
        "   |      ^\n"
        "\n"
        "3 findings (1 error, 1 warning, 1 info) in 1 file. --fix would settle 1.\n"
    )


def test_text_in_colour_is_the_same_text():
    plain = written("text", OUTCOME)
    colored = written("text", OUTCOME, color=True)
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize(
    ("outcomes", "summary"),
    [
        ((), "No Dockerfile found."),
        ((FileOutcome("a", "", ()),), "No findings in 1 file."),
        ((FileOutcome("a", "", ()), FileOutcome("b", "", (), suppressed=2)), "No findings in 2 files. 2 suppressed."),
        ((FileOutcome("a", "", (), fixed=("x", "y")),), "Fixed 2 findings in 1 file. Nothing left in 1 file."),
        (
            (
                FileOutcome("a", TEXT, (*OUTCOME.findings[::2], finding(0, 1, level="error")), fixed=("x",)),
                FileOutcome("b", "", ()),
            ),
            "Fixed 1 finding in 1 file. 3 findings left (2 errors, 1 info) in 1 file of 2. --fix would settle 1.",
        ),
        (
            (FileOutcome("a", TEXT, (finding(0, 1, fix=FIX), finding(1, 2, fix=Fix("T", "unsafe", FIX.edits)))),),
            "2 findings (2 warnings) in 1 file. --fix would settle 1, --unsafe-fixes 1 more.",
        ),
        (
            (FileOutcome("a", TEXT, (finding(0, 1, fix=Fix("T", "unsafe", FIX.edits)),)),),
            "1 finding (1 warning) in 1 file. --unsafe-fixes would settle 1.",
        ),
        (
            (FileOutcome("a", TEXT, (finding(0, 1, fix=Fix("T", "manual", ())),)),),
            "1 finding (1 warning) in 1 file.",
        ),
        ((OUTCOME._replace(is_fixable=False),), "3 findings (1 error, 1 warning, 1 info) in 1 file."),
    ],
)
def test_summary(outcomes, summary):
    assert written("text", *outcomes).splitlines()[-1] == summary
    assert summary not in written("text", *outcomes, quiet=True)


def test_text_statistics_and_notes():
    outcome = OUTCOME._replace(notes=("1 fix not applied: why",))
    assert written("text", outcome, statistics=True, quiet=True) == "2  [*]  loud\n1  [ ]  other\n"
    assert "./a dir/Dockerfile: 1 fix not applied: why\n" in written("text", outcome)


def test_json():
    told = json.loads(written("json", OUTCOME._replace(errors=(InternalError("a", "oops", "loud"),))))
    assert list(told) == ["version", "findings", "errors"]
    assert told["errors"] == [{"path": "a", "rule": "loud", "message": "oops"}]
    first, second, third = told["findings"]
    assert first == {
        "rule": "loud",
        "code": None,
        "aliases": ["DL3006", "LoudName"],
        "category": "security",
        "level": "error",
        "message": "first",
        "path": "a dir/Dockerfile",
        "start": {"line": 1, "column": 6},
        "end": {"line": 1, "column": 12},
        "fix": {
            "title": "Do it",
            "applicability": "safe",
            "edits": [
                {"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 12}, "text": "b\nc"},
                {"start": {"line": 2, "column": 1}, "end": {"line": 2, "column": 1}, "text": ""},
            ],
        },
        "url": first["url"],
    }
    assert first["url"].endswith("/loud.md")
    assert second["fix"] is None
    assert second["end"] == {"line": 3, "column": 3}
    assert third["start"] == {"line": 4, "column": 6}
    assert json.loads(written("json")) == {"version": told["version"], "findings": [], "errors": []}


def test_json_edits_end_lines_like_the_file():
    outcome = FileOutcome("a", TEXT.replace("\n", "\r\n"), (finding(5, 11, fix=FIX),))
    (found,) = json.loads(written("json", outcome))["findings"]
    assert found["fix"]["edits"][0]["text"] == "b\r\nc"


def test_sarif():
    log = json.loads(
        written("sarif", OUTCOME, OUTCOME._replace(path="/abs/D%.x", errors=(InternalError("a", "oops"),)))
    )
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert len(run["results"]) == 6
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["loud", "other"]
    assert rules[0]["shortDescription"]["text"] == "Say it quietly."
    assert rules[0]["fullDescription"]["text"] == "It hurts."
    assert rules[0]["properties"]["tags"] == ["security", "DL3006", "LoudName"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert [result["level"] for result in run["results"][:3]] == ["error", "warning", "note"]
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20dir/Dockerfile"
    assert place["region"] == {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 12}
    (fix,) = first["fixes"]
    assert fix["description"]["text"] == "Do it"
    (change,) = fix["artifactChanges"]
    assert change["replacements"][0] == {
        "deletedRegion": {"startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 12},
        "insertedContent": {"text": "b\nc"},
    }
    assert "fixes" not in run["results"][1]
    uri = run["results"][3]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "file:///abs/D%25.x"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a: oops"
    names = [result["partialFingerprints"]["dflint/v1"] for result in run["results"]]
    assert len(set(names)) == 6


def test_github():
    outcome = OUTCOME._replace(path="a,b:c%/D", findings=(*OUTCOME.findings[:2], finding(0, 4, "50% a::b\r\n", "info")))
    file, title = "file=a%2Cb%3Ac%25/D", "title=loud%2C DL3006%2C LoudName"
    assert written("github", outcome).splitlines() == [
        f"::error {file},line=1,endLine=1,col=6,endColumn=12,{title}::a,b:c%25/D:1:6: first",
        f"::warning {file},line=2,endLine=3,{title}::a,b:c%25/D:2:1: second%0Aline",
        f"::notice {file},line=1,endLine=1,col=1,endColumn=5,{title}::a,b:c%25/D:1:1: 50%25 a::b%0D%0A",
    ]


def test_gitlab():
    issues = json.loads(written("gitlab", OUTCOME))
    assert [issue["severity"] for issue in issues] == ["major", "minor", "info"]
    assert issues[1]["location"] == {"path": "a dir/Dockerfile", "lines": {"begin": 2, "end": 3}}
    assert issues[0]["check_name"] == "loud"
    assert issues[0]["description"] == "first"
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert json.loads(written("gitlab")) == []


NASTY = FileOutcome(
    "a\udcff<&>\"'\x1b.x",
    TEXT + "RUN \udc80\x00\x1b[31m\u202e ]]>\n",
    (
        finding(
            31,
            40,
            "\udc80 \x00\x1b[31m \u202e <&>\"' ]]> \ufffe",
            fix=Fix("\udc80\x1b", "safe", (Edit(0, 0, "\udc80"),)),
        ),
    ),
    (InternalError("a\udcff", "\udc80\x01"),),
)


def test_checkstyle():
    root = ElementTree.fromstring(written("checkstyle", OUTCOME, FileOutcome("clean", "", ()), NASTY))
    files = root.findall("file")
    assert [file.get("name") for file in files][:2] == ["a dir/Dockerfile", "clean"]
    first = files[0].findall("error")[0]
    assert dict(first.attrib) == {
        "line": "1", "column": "6", "severity": "error", "message": "first", "source": "dflint.loud",
    }  # fmt: skip
    assert files[0].findall("error")[1].get("message") == "second\nline"
    assert files[2].findall("error")[0].get("message").startswith("\\x80 \\x00\\x1b[31m")
    assert len(files[2].findall("error")) == 2


def test_junit():
    root = ElementTree.fromstring(written("junit", OUTCOME, FileOutcome("clean", "", ()), NASTY))
    suites = root.findall("testsuite")
    assert [(s.get("tests"), s.get("failures"), s.get("errors")) for s in suites] == [
        ("3", "3", "0"), ("1", "0", "0"), ("2", "1", "1"),
    ]  # fmt: skip
    for suite in suites:
        assert len(suite.findall("testcase")) == int(suite.get("tests"))
    case = suites[0].find("testcase")
    assert case.get("name") == "loud:1:6"
    assert case.find("failure").text == "a dir/Dockerfile:1:6: first"


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_nasty_gets_through(name):
    text = written(name, NASTY, color=False)
    text.encode()  # no lone surrogates
    for char in "\x00\x1b":
        assert char not in text
    if name not in ("json", "sarif", "gitlab"):  # there it is inside a string, where it belongs
        assert "\u202e" not in text.replace("\\u202e", "") or name in ("checkstyle", "junit")
    assert "\\x80" in text.replace("\\\\", "\\")


def test_json_has_no_fix_that_it_cannot_spell():
    (found,) = json.loads(written("json", NASTY))["findings"]
    assert found["fix"] is None
    assert found["path"] == "a\\xff<&>\"'\x1b.x"


def test_printable_and_valid():
    assert printable("a\tb\x00\x1b\x7f\x9b\udc80\u2028\u202e\U000e0001é") == (
        "a\\tb\\x00\\x1b\\x7f\\x9b\\x80\\u2028\\u202e\\U000e0001é"
    )
    assert valid("a\x1b\udc80\ud800é") == "a\x1b\\x80\\ud800é"


def test_fingerprints_stay_over_unrelated_edits():
    def of(text, *marked, path="D"):
        places = [(m.start(), m.end()) for mark in marked for m in re.finditer(re.escape(mark), text)]
        return list(fingerprints(FileOutcome(path, text, tuple(finding(*place) for place in places))))

    before = of("FROM a\nRUN x\nRUN y\nRUN x\n", "RUN x", "RUN y")
    after = of("# new\nFROM a\n\nRUN x\nUSER z\nRUN y\nRUN x\n", "RUN x", "RUN y")
    assert before == after
    assert len(set(before)) == 3
    assert of("RUN  x\n", "RUN  x") == of("RUN x\n", "RUN x")
    assert of("RUN x\n", "RUN x", path="./D") == of("RUN x\n", "RUN x")
    assert of("RUN x\n", "RUN x", path="E") != of("RUN x\n", "RUN x")
