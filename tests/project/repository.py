"""What the tests of the project share: where it is, its files, and running commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
PORTIONS = ("core", "rules", "optimizer", "server")
IN_CI = bool(os.environ.get("CI"))
UNTRACKED = frozenset((
    ".git", ".venv", "node_modules", "__pycache__", "dist", "build", "out", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".hypothesis", ".vscode-test", "bundled", "results",
))  # fmt: skip
"""Folders that are made, not written."""


def files() -> list[Path]:
    """All files of the project that somebody wrote (or generated and committed)."""
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = sorted(name for name in subfolders if name not in UNTRACKED and not name.endswith(".egg-info"))
        found += [Path(folder, name) for name in sorted(names) if not name.endswith((".pyc", ".vsix"))]
    return found


def modules(portion: str) -> dict[str, Path]:
    """Dotted name to file of a portion's modules."""
    top = ROOT / portion
    return {
        ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(top.rglob("*.py"))
    }


def run(
    command: Sequence[object], folder: Path, environment: Mapping[str, str] | None = None, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run a command (strings and paths), with the text of both its outputs."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def dflint(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run this checkout's dflint."""
    path = os.pathsep.join(str(ROOT / portion) for portion in PORTIONS)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    return run([sys.executable, "-m", "dflint", *arguments], folder, environment)


def cannot_run(reason: str) -> NoReturn:
    """Skip the test, saying why; in continuous integration, where everything must run, fail it."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


def without_python_path() -> dict[str, str]:
    """The environment without what would make this checkout importable."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def says_no_network(output: str) -> bool:
    """Whether pip's output says that it could not reach what it installs from."""
    return any(
        words in output
        for words in ("No matching distribution found", "Could not find a version", "NewConnectionError", "timed out")
    )
