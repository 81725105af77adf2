"""``dflint rule``, ``dflint rules``, ``dflint tree``."""

import json
import sys

import pytest

from dflint.linter.registry import registry


@pytest.mark.parametrize("name", ["syntax-error", "DL1000", "dl1000"])
def test_rule(dflint, name):
    code, out, err = dflint("rule", name)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("syntax-error (DL1000")
    assert lines[1].startswith("error, category syntax, since 0.1.0")
    assert "Why is this bad?" in lines
    assert "    RUNN make" in lines
    assert lines[-1].endswith("/syntax-error.md")
    assert "\x1b" not in out
    assert "\x1b[1m" in dflint("rule", name, "--color", "always")[1]


def test_rule_with_a_fix(dflint):
    out = dflint("rule", "unused-suppression")[1]
    assert "has a fix" in out
    bad, fixed = out.index("\nBad\n"), out.index("\nFixed\n")
    assert bad < out.index("# dflint ignore=syntax-error", bad) < fixed
    assert "# dflint ignore=" not in out[fixed:]


def test_unknown_rule(dflint):
    code, out, err = dflint("rule", "sintax-error")
    assert (code, out, err) == (2, "", 'dflint: no rule "sintax-error" (did you mean "syntax-error"?)\n')
    assert dflint("rule")[0] == 2


OPTIONS = """
from dflint.linter.rule import Option
class Loud(Rule):
    \"\"\"Be quiet.

    Introduction.

    - one item that is long enough to be broken over two lines when the page is at most a hundred columns wide or so
    - another

        code  as it is

    ## Why is this bad?

    Because.
    \"\"\"
    name, category, level, since, status = "loud", "style", "info", "0.1.0", "preview"
    options = {"names": Option(("a", "b"), "which"), "on": Option(True, "whether")}
    url = "https://example.com/loud"
"""


def test_options_and_layout_of_a_page(dflint_with):
    assert dflint_with(OPTIONS, "rule", "loud")[1].splitlines()[:-2] == [
        "loud",
        "info, category style, since 0.1.0, in preview",
        "",
        "Be quiet.",
        "",
        "Introduction.",
        "",
        "- one item that is long enough to be broken over two lines when the page is at most a hundred",
        "  columns wide or so",
        "- another",
        "",
        "    code  as it is",
        "",
        "Why is this bad?",
        "Because.",
        "",
        "Options in [rules.loud]",
        '- names = ["a", "b"]: which',
        "- on = true: whether",
    ]


def test_rules(dflint):
    code, out, err = dflint("rules")
    assert (code, err) == (0, "")
    assert {line.split()[0] for line in out.splitlines() if line.startswith("  ")} == set(registry().classes)
    code, out, _ = dflint("rules", "syntax")
    assert code == 0
    assert "unused-suppression" not in out
    assert dflint("rules", "nonsense")[0] == 2


def test_rules_as_json(dflint):
    code, out, _ = dflint("rules", "--format", "json")
    told = {rule["name"]: rule for rule in json.loads(out)}
    assert code == 0
    assert set(told) == set(registry().classes)
    rule = told["unused-suppression"]
    assert rule["fix"] is True
    assert rule["category"] == "style"
    assert set(rule["sections"]) == {"Why is this bad?", "Fix safety"}


def test_tree(dflint, write):
    write("D", 'FROM a\r\nRUN "x" \\\n  y\n')
    code, out, err = dflint("tree", "D")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("dockerfile 1:1-")
    assert lines[1:3] == ["  from 1:1-1:7", '    keyword 1:1-1:5 "FROM"']
    assert '    shell 2:5-3:4 "\\"x\\" \\\\\\n  y"' in lines


def test_tree_of_standard_input_as_json(dflint):
    text = b"\xef\xbb\xbf# c\r\nFROM a\xff # no comment\nRUNN x\n\n# end"
    code, out, _ = dflint("tree", "-", "--format", "json", stdin=text)
    assert code == 1
    told = json.loads(out)
    (*_, problem) = told["problems"]
    assert problem["start"] == {"line": 3, "column": 1}
    assert problem["end"] == {"line": 3, "column": 5}

    def code_of(node):
        if "children" in node:
            return "".join(map(code_of, node["children"]))
        return node["prefix"] + node["value"]

    assert code_of(told["tree"]) == text.decode("utf-8", "backslashreplace")


def test_tree_of_a_missing_file(dflint):
    assert dflint("tree", "missing") == (2, "", "dflint: missing: No such file or directory\n")


def test_main_returns_its_code_in_process(capsysbinary, tmp_path, monkeypatch):
    from dflint.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM a\nRUNN x\n")
    assert main(["--select", "syntax"]) == 1
    assert b"RUNN" in capsysbinary.readouterr().out
    assert main(["--nonsense"]) == 2
    monkeypatch.setattr(sys, "argv", ["dflint", "--version"])
    assert main() == 0


def test_sizes_from_the_local_engine(dflint, write, tmp_path):
    write("Dockerfile", "FROM python:3.12\nCOPY a.py /\nCMD python /a.py\n")
    write("bin/docker", '#!/bin/sh\ncase "$*" in *slim) echo 100000000;; *) echo 900000000;; esac\n')
    (tmp_path / "bin/docker").chmod(0o755)
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    arguments = ("--select", "heavy-base", "Dockerfile")
    assert "(100 MB in the local engine, instead of 900)" in dflint("--engine-sizes", *arguments, env={"PATH": path})[1]
    assert "(typically 125 MB instead of 1020)" in dflint(*arguments, env={"PATH": path})[1]
    assert "typically" in dflint("--engine-sizes", *arguments, env={"PATH": str(tmp_path)})[1]
