"""``make test``: every check of the project, one after the other, and a summary. Arguments go to pytest."""

# ruff: noqa: T201
from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TYPED = ("core", "rules", "optimizer", "server", "docs", "scripts", "benchmarks", "tests/project")
"""What ``mypy --strict`` reads; folders without Python files are left out."""
IMPORTED_BY_NAME = ("tests", "benchmarks", "docs", "scripts")
"""Folders whose modules import each other as they do when they run, beside those of pyproject.toml."""


class Check(NamedTuple):
    """Arguments for this Python; ``needs`` is a module that must be installed."""

    name: str
    arguments: tuple[str, ...]
    needs: str = ""


class Outcome(NamedTuple):
    """How a check ended; ``reason`` says why it did not run."""

    check: Check
    passed: bool
    seconds: float
    reason: str = ""


def checks(pytest_arguments: list[str]) -> list[Check]:
    typed = [folder for folder in TYPED if any((ROOT / folder).rglob("*.py"))]
    return [
        Check("ruff check", ("-m", "ruff", "check", "."), "ruff"),
        Check("ruff format", ("-m", "ruff", "format", "--check", "."), "ruff"),
        Check("mypy --strict", ("-m", "mypy", *typed), "mypy"),
        Check("generated pages", ("docs/generate.py", "--check")),
        Check("pytest", ("-m", "pytest", "-v", "-ra", "--no-header", *pytest_arguments), "pytest"),
    ]


def run(check: Check) -> Outcome:
    print(f"\n=== {check.name}", flush=True)
    if check.needs and find_spec(check.needs) is None:
        reason = f"{check.needs} is not installed"
        print(f"not run: {reason}")
        return Outcome(check, False, 0, reason)
    started = time.monotonic()
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(IMPORTED_BY_NAME)}
    process = subprocess.run([sys.executable, *check.arguments], cwd=ROOT, env=environment, check=False)
    return Outcome(check, process.returncode == 0, time.monotonic() - started)


def main() -> int:
    outcomes = [run(check) for check in checks(sys.argv[1:])]
    print("\n=== Summary")
    for outcome in outcomes:
        word = "passed" if outcome.passed else "not run" if outcome.reason else "FAILED"
        note = f": {outcome.reason}" if outcome.reason else ""
        print(f"{word:>8}  {outcome.check.name:<16} {outcome.seconds:6.1f} s{note}")
    # A check that cannot run here is told; where it counts, it must run.
    must_run = bool(os.environ.get("CI"))
    return int(any(not o.passed and (must_run or not o.reason) for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
