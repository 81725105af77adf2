"""Fingerprints and baselines: what they say of a finding stays over edits that do not concern it."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from typing import Any

import pytest

TEXT = """\
FROM ubuntu AS build
WORKDIR /src
ADD https://example.com/tool.tar.gz /tmp/
RUN apt-get update && apt-get install curl \\
    wget \\
    git
RUN cd /x && echo $A "$B" `ls`
COPY . .
RUN <<EOF
cd /y
echo $C
EOF
RUN pip install flask
RUN sudo make $D
EXPOSE 22

FROM debian
RUN cd /x && echo $A "$B" `ls`
RUN cd /x && echo $A "$B" `ls`
COPY --from=build /src /src
ENV PASSWORD=hunter2-long-enough-x7Q
USER root
ENTRYPOINT make run
ENTRYPOINT make run
"""
HERE_DOCUMENT = range(9, 12)
"""Lines, counted from 0, before which nothing can stand that is not part of a here-document."""
CONTINUED = (4, 5)
"""Lines that go on with the one before."""


def fingerprints(dflint: Any, text: str, name: str = "gitlab") -> Counter[tuple[str, str]]:
    """Rule and fingerprint of each finding."""
    code, out, err = dflint("-", "--stdin-filename", "Dockerfile", "--format", name, stdin=text.encode())
    assert (code, err) == (1, "")
    if name == "gitlab":
        return Counter((issue["check_name"], issue["fingerprint"]) for issue in json.loads(out))
    (run,) = json.loads(out)["runs"]
    return Counter((result["ruleId"], result["partialFingerprints"]["dflint/v1"]) for result in run["results"])


def with_lines(text: str, chance: random.Random, made: Any) -> str:
    """The text with further lines at random places between its instructions."""
    lines = text.splitlines(keepends=True)
    for at in range(len(lines), -1, -1):
        if at not in HERE_DOCUMENT and at not in CONTINUED and chance.random() < 0.4:
            lines.insert(at, made())
    return "".join(lines)


def commented(text: str, chance: random.Random) -> str:
    return with_lines(text, chance, lambda: chance.choice(["# a note\n", "\n", "\n\n# $A `ls`\n", "  # FROM ubuntu\n"]))


def indented(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    for at in CONTINUED:
        lines[at] = chance.choice(["\t", "  ", "", "\t\t  "]) + lines[at].lstrip()
    for at, line in enumerate(lines):
        if at not in HERE_DOCUMENT and at not in CONTINUED and line.strip():
            keyword, _, rest = line.partition(" ")
            lines[at] = chance.choice(["", "", "  "]) + keyword + chance.choice([" ", "  ", "\t"]) + rest
    return "".join(lines)


def other_line_ends(text: str, chance: random.Random) -> str:
    if chance.random() < 0.5:
        return "\ufeff" + text
    before, opened, rest = text.partition("<<EOF\n")
    body, closed, after = rest.partition("EOF\n")  # the shell would see a carriage return there
    return before.replace("\n", "\r\n") + opened + body + closed + after.replace("\n", "\r\n")


def with_instructions(text: str, chance: random.Random) -> str:
    """With further instructions where a stage begins and ends, and a stage more."""
    text = text.replace("FROM debian\n", "FROM debian\nLABEL a=1 b=2\n")
    text = text.replace("WORKDIR /src\n", "ARG version=1\nWORKDIR /src\n", chance.random() < 0.7)
    text = text.replace("\nFROM debian\n", "\nFROM scratch AS other\nCOPY x /x\n\nFROM debian\n", chance.random() < 0.7)
    return text + "LABEL c=3\n"


LAYOUT = (commented, indented, other_line_ends)
"""Edits that change nothing but the layout: not one finding comes or goes."""


@pytest.mark.parametrize("edit", [*LAYOUT, with_instructions], ids=lambda edit: edit.__name__)
def test_fingerprints_stay(dflint: Any, edit: Any) -> None:
    before = fingerprints(dflint, TEXT)
    assert len(before) > 20
    assert len({rule for rule, _ in before}) > 12
    assert any(rule.startswith("SC") for rule, _ in before)
    for seed in range(4):
        changed = edit(TEXT, random.Random(seed))
        assert changed != TEXT
        after = fingerprints(dflint, changed)
        assert not before - after, changed
        if edit in LAYOUT:
            assert after == before, changed


def test_all_layout_edits_together(dflint: Any) -> None:
    before = fingerprints(dflint, TEXT, "sarif")
    assert before == fingerprints(dflint, TEXT)
    for seed in range(4):
        chance = random.Random(seed)
        changed = other_line_ends(commented(indented(TEXT, chance), chance), chance)
        assert fingerprints(dflint, changed, "sarif") == before, changed


def test_equal_findings_are_told_apart_and_stay(dflint: Any) -> None:
    """Of equal findings each has a fingerprint of its own; one more adds one, one less takes one away."""
    line = "RUN cd /x\n"

    def of(count: int) -> set[str]:
        found = fingerprints(dflint, "FROM alpine:3\n" + f"{line}USER a\n" * count)
        marks = [mark for rule, mark in found.elements() if rule == "SC2164"]
        assert len(marks) == len(set(marks)) == count
        return set(marks)

    assert of(1) < of(2) < of(3) < of(4)


def test_what_a_fingerprint_tells_apart(dflint: Any) -> None:
    """The file, the rule and the marked text; a renamed file's findings are new ones."""

    def of(text: str, path: str = "Dockerfile") -> str:
        out = dflint("-", "--stdin-filename", path, "--select", "DL3006", "--format", "gitlab", stdin=text.encode())[1]
        (issue,) = json.loads(out)
        fingerprint: str = issue["fingerprint"]
        return fingerprint

    assert of("FROM alpine\n") == of("FROM  alpine AS a\n") != of("FROM debian\n")
    assert of("FROM alpine\n", "a/Dockerfile") != of("FROM alpine\n", "b/Dockerfile")


@pytest.mark.parametrize("edit", [*LAYOUT, with_instructions], ids=lambda edit: edit.__name__)
def test_a_baseline_holds(dflint: Any, write: Any, edit: Any) -> None:
    write("main.py", "")
    write("Dockerfile", TEXT)
    assert dflint("--write-baseline", "known.json")[0] == 0
    options = ("--baseline", "known.json", "--format", "concise")
    for seed in range(3):
        changed = edit(TEXT, random.Random(seed))
        write("Dockerfile", changed)
        code, out, err = dflint(*options)
        assert (code, out) == (0, ""), changed
        assert re.fullmatch(r"dflint: \d+ more in the baseline\.\n", err)
    write("Dockerfile", f"{changed}RUN echo $NEW\n")
    code, out, _ = dflint(*options)
    assert code == 1
    assert "SC2086" in {line.split()[2] for line in out.splitlines()}
    assert {line.split(":")[1] for line in out.splitlines()} == {str(changed.count("\n") + 1)}


def test_a_repository_starts_at_zero(dflint: Any, write: Any, tmp_path: Any) -> None:
    """Many files, several processes: none of the known findings shows, each new one does, fixed ones are counted."""
    chance = random.Random(4)
    lines = ["RUN cd /x\n", "RUN echo $A\n", "USER root\n", "ADD a b\n", "RUN apt-get install git\n", "EXPOSE 22\n"]
    for number in range(100):
        text = f"FROM image{number % 7}\n" + "".join(chance.choices(lines, k=8))
        write(f"{number // 10}/{number % 10}/Dockerfile", text)
    no_shellcheck = ("--ignore", "shellcheck", "--jobs", "2", "--format", "concise")
    assert dflint(*no_shellcheck, "--write-baseline", "known.json")[0] == 0
    assert dflint(*no_shellcheck, "--baseline", "known.json")[:2] == (0, "")
    changed = tmp_path / "3/4/Dockerfile"
    changed.write_text(changed.read_text().replace("FROM ", "# note\nFROM ") + "FROM other\n")
    gone = tmp_path / "5/5/Dockerfile"
    left = len(json.loads((tmp_path / "known.json").read_text())["files"]["5/5/Dockerfile"])
    gone.write_text("FROM alpine:3\nUSER 1000\n")
    assert left
    code, out, err = dflint(*no_shellcheck, "--baseline", "known.json")
    assert code == 1
    assert {line.partition(":")[0] for line in out.splitlines()} == {"3/4/Dockerfile"}
    assert any(" untagged-base other has no tag" in line for line in out.splitlines())
    assert "of the baseline" in err
