"""The example projects: what `make demo` shows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from project.repository import ROOT, dflint

from dflint.discovery.search import search

EXAMPLES = ROOT / "examples"
DOCKERFILES = sorted(Path(str(path)) for path in search(str(EXAMPLES)))


def report(*arguments: str | Path, folder: Path = ROOT) -> dict[str, Any]:
    process = dflint("--no-config", "--format", "json", *arguments, folder=folder)
    assert process.returncode in (0, 1), process.stderr
    parsed: dict[str, Any] = json.loads(process.stdout)
    assert parsed["errors"] == []
    return parsed


def test_projects_are_described() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    projects = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert {name for name in projects if f"| `{name}` |" not in text} == set()
    assert {path.relative_to(EXAMPLES).parts[0] for path in DOCKERFILES} == projects


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda path: path.relative_to(EXAMPLES).as_posix())
def test_example_has_findings_but_builds(file: Path) -> None:
    findings = report(file)["findings"]
    assert findings
    assert "syntax" not in {finding["category"] for finding in findings}


def test_fixes_settle_what_they_promise(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    before = report("examples", folder=tmp_path)["findings"]
    promised = [f for f in before if f["fix"] and f["fix"]["applicability"] == "safe"]
    assert promised
    diff = dflint("--diff", "examples", folder=tmp_path)
    assert diff.returncode == 1
    assert diff.stdout.startswith("---")
    after = report("--fix", "examples", folder=tmp_path)["findings"]
    assert [f for f in after if f["fix"] and f["fix"]["applicability"] == "safe"] == []
    assert len(after) < len(before)
    assert dflint("--diff", "examples", folder=tmp_path).returncode == 0, "fixing again changes nothing"
