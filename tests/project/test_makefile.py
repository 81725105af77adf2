"""The commands of the README exist and do what they say."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from project.repository import ROOT, cannot_run, run

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = (
    "help",
    "install",
    "demo",
    "test",
    "docs",
    "new-rule",
    "bench",
    "wheel",
    "extension",
    "test-extension",
    "clean",
)


def makefile() -> str:
    return (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", TARGETS)
def test_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*## \S", makefile(), re.MULTILINE), "a target with its description"
    phony = re.search(r"^\.PHONY: (.*)$", makefile(), re.MULTILINE)
    assert phony is not None
    assert target in phony.group(1).split()


def without_make() -> dict[str, str]:
    """The environment as it is outside of `make test`."""
    return {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def test_help_lists_the_targets() -> None:
    if shutil.which("make") is None:
        cannot_run("make is not installed")
    process = run(["make", "--no-print-directory"], ROOT, without_make())
    assert process.returncode == 0, process.stderr
    assert [line.split()[1] for line in process.stdout.splitlines()] == list(TARGETS)


def test_commands_of_the_documents_exist() -> None:
    for name in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", (ROOT / name).read_text(), re.MULTILINE):
            assert "".join(target) in TARGETS, name


def test_ci_runs_the_same_tests() -> None:
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "make test" in text
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_shell(script: Path) -> None:
    process = run(["sh", "-n", script], ROOT)
    assert process.returncode == 0, process.stderr


def test_new_rule(tmp_path: Path) -> None:
    """The file that it writes is a sound rule, found without touching anything else."""
    for folder in ("scripts", "rules", "core"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    written = run([sys.executable, "scripts/new_rule.py", "brand-new-rule"], tmp_path)
    assert written.returncode == 0, written.stdout + written.stderr
    code = (
        "from dflint.linter.examples import check_bad, check_good, check_rule\n"
        "from dflint.linter.registry import registry\n"
        "rule = registry().classes['brand-new-rule']\n"
        "wrong = check_rule(rule)\n"
        "wrong += [w for e in rule.bad for w in check_bad(rule, e)]\n"
        "wrong += [w for e in rule.good for w in check_good(rule, e)]\n"
        "print(wrong)\n"
    )
    path = os.pathsep.join(str(tmp_path / portion) for portion in ("core", "rules"))
    checked = run([sys.executable, "-c", code], tmp_path, {**os.environ, "PYTHONPATH": path})
    wrong = checked.stdout.strip()
    assert wrong == "[]", checked.stdout + checked.stderr
    assert run([sys.executable, "scripts/new_rule.py", "brand-new-rule"], tmp_path).returncode == 2


@pytest.mark.parametrize("name", ["", "Capital", "one", "snake_case", "trailing-", "dots.in-it", "../up-there"])
def test_new_rule_refuses_a_bad_name(name: str) -> None:
    assert run([sys.executable, "scripts/new_rule.py", name], ROOT).returncode == 2
