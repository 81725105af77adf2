"""The plug-in under ``examples/``, installed as its users would install it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from project.repository import ROOT, cannot_run, run, says_no_network, without_python_path

from dflint.linter.examples import check_bad, check_good, check_rule

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the plug-in's project."""
    copy = tmp_path_factory.mktemp("example") / "plugin"
    shutil.copytree(ROOT / "examples" / "plugin", copy, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    return copy


def pip(python: Path, *arguments: object) -> None:
    command = [python, "-m", "pip", "--disable-pip-version-check", *arguments]
    process = run(command, python.parent, without_python_path())
    if process.returncode != 0 and says_no_network(process.stdout + process.stderr):
        cannot_run(f"cannot install: {process.stderr.strip()[-300:]}")
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture(scope="module")
def python(folder: Path) -> Path:
    """The Python of a new environment with dflint, the plug-in, and what the plug-in's tests need."""
    if find_spec("hatchling") is None:
        cannot_run("hatchling is not installed")
    built = run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder.parent / "dist"], ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    environment = folder.parent / "venv"
    made = run([sys.executable, "-m", "venv", environment], folder.parent, without_python_path())
    if made.returncode != 0:
        cannot_run(f"cannot make a virtual environment: {made.stdout.strip()}")
    found = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip(found, "install", *(folder.parent / "dist").glob("*.whl"), folder, "pytest")
    return found


def dflint(python: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = python.with_name("dflint.exe" if sys.platform == "win32" else "dflint")
    return run([program, *arguments], folder, without_python_path())


def test_its_own_tests_pass(python: Path, folder: Path) -> None:
    process = run([python, "-m", "pytest", "-q"], folder, without_python_path())
    assert process.returncode == 0, process.stdout + process.stderr
    assert " passed" in process.stdout


def test_its_rule_runs(python: Path, folder: Path) -> None:
    process = dflint(python, "--format", "json", folder=folder)
    assert process.returncode == 1, process.stderr
    findings = {finding["rule"]: finding for finding in json.loads(process.stdout)["findings"]}
    assert findings["acme-unmirrored-image"]["aliases"] == ["ACME001"]
    assert findings["acme-unmirrored-image"]["url"] == "https://example.com/acme-dflint/unmirrored-image"
    assert {"acme-unmirrored-image"} < set(findings), "beside dflint's own"
    shown = dflint(python, "rules", "acme", folder=folder).stdout
    assert "[acme-dflint 1.0.0]" in shown
    assert "from the plug-in acme: acme-dflint 1.0.0" in dflint(python, "rule", "ACME001", folder=folder).stdout


def test_its_rule_is_configured_and_fixes(python: Path, folder: Path) -> None:
    (folder / "dflint.toml").write_text('[rules.acme-unmirrored-image]\nmirror = "localhost:5000"\n', encoding="utf-8")
    before = (folder / "Dockerfile").read_text(encoding="utf-8")
    process = dflint(python, "--unsafe-fixes", "--select", "acme", folder=folder)
    after = (folder / "Dockerfile").read_text(encoding="utf-8")
    (folder / "Dockerfile").write_text(before, encoding="utf-8")
    (folder / "dflint.toml").unlink()
    assert process.returncode == 0, process.stdout + process.stderr
    assert "FROM localhost:5000/library/python:3.12-slim\n" in after


def test_it_is_gone_when_it_is_uninstalled(python: Path, folder: Path) -> None:
    assert "acme" not in dflint(python, "--no-plugins", "--format", "concise", folder=folder).stdout
    pip(python, "uninstall", "--yes", "acme-dflint")
    assert "acme" not in dflint(python, "--format", "concise", folder=folder).stdout
    pip(python, "install", "--no-deps", folder)
    assert "acme" in dflint(python, "--format", "concise", folder=folder).stdout


def test_the_rule_of_the_page_is_sound() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    code = next(block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "(Rule)" in block)
    names: dict[str, Any] = {"__name__": "acme_dflint.rules"}
    exec(code, names)
    rule = names["AcmeImage"]
    assert check_rule(rule) == []
    assert [wrong for example in rule.bad for wrong in check_bad(rule, example)] == []
    assert [wrong for example in rule.good for wrong in check_good(rule, example)] == []
