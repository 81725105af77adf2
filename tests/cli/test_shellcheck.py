"""ShellCheck's findings in real runs: selectors, comments, formats, fixes, and what is said when it is missing."""

import json
import os
import stat
import sys
import xml.etree.ElementTree as ET

import pytest

DOCKERFILE = """\
FROM alpine:3.20
ARG DIR
RUN echo hi \\
 && ls $DIR `pwd`
"""


@pytest.fixture
def project(write):
    write("Dockerfile", DOCKERFILE)


def concise(dflint, *arguments, select=("--select", "shell")):
    code, out, err = dflint("--format", "concise", "--quiet", *select, *arguments, "Dockerfile")
    return code, [line.partition(": ")[2].split()[1] for line in out.splitlines()], err


def test_exact_places(dflint, project):
    code, out, err = dflint("--format", "concise", "--quiet", "--select", "shellcheck", "Dockerfile")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "Dockerfile:4:8: info SC2086 Double quote to prevent globbing and word splitting",
        "Dockerfile:4:13: info SC2006 Use $(...) notation instead of legacy backticks `...`",
        "Dockerfile:4:13: warning SC2046 Quote this to prevent word splitting",
    ]


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["--ignore", "SC2086"], ["SC2006", "SC2046"]),
        (["--ignore", "sc2086,SC2006"], ["SC2046"]),
        (["--ignore", "shellcheck"], []),
        (["--ignore", "shellcheck", "--extend-select", "SC2046"], ["SC2046"]),
    ],
)
def test_selectors(dflint, project, arguments, codes):
    assert concise(dflint, *arguments) == (1 if codes else 0, codes, "")


def test_one_code_alone(dflint, project):
    assert concise(dflint, select=("--select", "SC2046"))[1] == ["SC2046"]


def test_configuration(dflint, project, write):
    write("dflint.toml", 'ignore = ["SC2006"]\n[rules.SC2086]\nlevel = "error"\n[rules.SC2046]\nlevel = "off"\n')
    out = dflint("-q", "--select", "shell", "--format", "concise", "Dockerfile")[1]
    assert [line.split()[1:3] for line in out.splitlines()] == [["error", "SC2086"]]
    write("dflint.toml", '[per-file-ignores]\n"Docker*" = ["SC2006", "SC2086"]\n')
    assert concise(dflint)[1] == ["SC2046"]
    write("dflint.toml", '[rules.shellcheck]\nlevel = "error"\n[rules.SC2046]\nlevel = "info"\n')
    out = dflint("-q", "--select", "shell", "--format", "concise", "Dockerfile")[1]
    assert [line.split()[1] for line in out.splitlines()] == ["error", "error", "info"]
    write("dflint.toml", '[rules.SC2086]\nprogram = "x"\n')
    assert dflint("Dockerfile")[0] == 2


def test_hadolints_file(dflint, project, write):
    write(".hadolint.yaml", "ignored: [SC2086, SC2006]\noverride: {error: [SC2046]}\n")
    out = dflint("-q", "--select", "shellcheck", "--format", "concise", "Dockerfile")[1]
    assert [line.split()[1:3] for line in out.splitlines()] == [["error", "SC2046"]]


@pytest.mark.parametrize("comment", ["# dflint ignore=SC2086,SC2006 x", "# hadolint ignore=sc2086,SC2006"])
def test_comments(dflint, write, comment):
    write("Dockerfile", DOCKERFILE.replace("RUN", f"{comment}\nRUN"))
    select = ("--select", "shellcheck,unused-suppression")
    assert concise(dflint, select=select)[1] == ["SC2046"]
    if "dflint" in comment:  # what no longer silences anything is told, by codes that were looked for alone
        write("Dockerfile", f"FROM alpine:3.20\n{comment}\nRUN ls\n")
        assert concise(dflint, select=select)[1] == ["unused-suppression"]
        assert concise(dflint, "--ignore", "SC2086,SC2006", select=select)[1] == []
        assert concise(dflint, select=("--select", "unused-suppression"))[1] == []


def test_formats(dflint, project):
    def out(form):
        return dflint("--select", "SC2086", "--format", form, "Dockerfile")[1]

    assert "[shellcheck, SC2086]" in out("text")
    (found,) = json.loads(out("json"))["findings"]
    assert (found["rule"], found["code"]) == ("shellcheck", "SC2086") and found["url"].endswith("/wiki/SC2086")
    (run,) = json.loads(out("sarif"))["runs"]
    (result,), (rule,) = run["results"], run["tool"]["driver"]["rules"]
    assert result["ruleId"] == rule["id"] == "SC2086" and rule["helpUri"].endswith("/wiki/SC2086")
    assert json.loads(out("gitlab"))[0]["check_name"] == "SC2086"
    assert ET.fromstring(out("checkstyle"))[0][0].get("source") == "dflint.SC2086"
    assert "title=shellcheck%2C SC2086::" in out("github")
    assert "SC2086" in dflint("--select", "SC2086", "--statistics", "Dockerfile")[1]


def test_results_are_kept_with_their_codes(dflint, project):
    first = dflint("--format", "json", "Dockerfile")
    assert dflint("--format", "json", "Dockerfile") == first
    assert '"SC2086"' in first[1]


def test_fixes(dflint, project, tmp_path):
    dflint("--fix", "--select", "shell", "Dockerfile")
    assert (tmp_path / "Dockerfile").read_text() == DOCKERFILE.replace("`pwd`", "$(pwd)")
    dflint("--unsafe-fixes", "--select", "shell", "Dockerfile")
    assert 'ls "$DIR" "$(pwd)"' in (tmp_path / "Dockerfile").read_text()


def test_many_files(dflint, write):
    for number in range(120):
        write(f"{number}/Dockerfile", f"FROM alpine:3.20\nARG A{number}\nRUN ls $A{number}\n")
    alone = dflint("-q", "--no-cache", "--jobs", "1", "--select", "shellcheck", "--format", "concise", ".")
    assert len(alone[1].splitlines()) == 120
    assert dflint("-q", "--no-cache", "--jobs", "2", "--select", "shellcheck", "--format", "concise", ".") == alone


@pytest.mark.skipif(os.name == "nt", reason="POSIX")
def test_a_missing_program_is_told_once_and_nothing_is_kept(dflint, write, tmp_path):
    for number in range(3):
        write(f"{number}/Dockerfile", f"FROM alpine:3.20\nRUN ls $A{number}\n")
    write("dflint.toml", '[rules.shellcheck]\nprogram = "./my-shellcheck"\n')
    told = "dflint: shell code was not checked: there is no program ./my-shellcheck\n"
    for _ in range(2):
        assert dflint("-q", "--select", "shell", ".") == (0, "", told)
    # Nothing is said where there is nothing to check, or it is not asked for.
    assert dflint("-q", "--select", "base", ".")[2] == ""
    write("plain/Dockerfile", "FROM alpine:3.20\nRUN make && make install\n")
    assert dflint("-q", "--select", "shell", "plain")[2] == ""
    # A comment that would silence it is not called unused when nobody could tell.
    write("0/Dockerfile", "FROM alpine:3.20\n# dflint ignore=SC2086 x\nRUN ls $A\n")
    assert dflint("-q", "--select", "shell,unused-suppression", "0") == (0, "", told)
    program = tmp_path / "my-shellcheck"
    program.write_text(f"#!{sys.executable}\nprint('{{\"comments\": []}}')\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert dflint("-q", "--select", "shell", "1", "2") == (0, "", "")
    # Another program under the same name counts at once, though results were kept.
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.exit(3)\n")
    code, _, err = dflint("-q", "--select", "shell", "1")
    assert code == 2 and "line 2: " in err and "rule shellcheck" in err


def test_without_the_rule_nothing_is_started(dflint, project, tmp_path):
    if os.name != "nt":
        write = tmp_path / "started"
        program = tmp_path / "sc"
        program.write_text(f"#!{sys.executable}\nopen({str(write)!r}, 'w')\n")
        program.chmod(0o755)
        (tmp_path / "dflint.toml").write_text(f'[rules.shellcheck]\nprogram = "{program}"\n')
        dflint("--ignore", "shellcheck", "Dockerfile")
        assert not write.exists()
        dflint("Dockerfile")
        assert write.exists()
