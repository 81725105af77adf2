"""``make test``: every check of the project, and a summary. Arguments go to pytest.

The tests of ``tests/engine``, which mostly wait for an engine, run beside the others; their output comes at the end.

The tests in ``tests/engine`` need a Docker engine. The one that answers is used; in continuous integration, where none
does, one is brought up (``docker_engine.py``) and stopped at the end.
"""

# ruff: noqa: T201
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from docker_engine import EngineUnavailableError, existing_engine, own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
TYPED = ("core", "rules", "optimizer", "server", "docs", "scripts", "benchmarks", "tests/project")
"""What ``mypy --strict`` reads; folders without Python files are left out."""
IMPORTED_BY_NAME = ("tests", "benchmarks", "docs", "scripts")
"""Folders whose modules import each other as they do when they run, beside those of pyproject.toml."""


ENGINE_TESTS = "tests/engine"


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
        *pytest_checks(pytest_arguments),
    ]


def pytest_checks(arguments: list[str]) -> list[Check]:
    """The tests; without arguments those with an engine are a check of their own, which waits for no other."""
    command = ("-m", "pytest", "-v", "-ra", "--no-header")
    if arguments:
        return [Check("pytest", (*command, *arguments), "pytest")]
    return [
        Check("pytest tests/engine", (*command, ENGINE_TESTS), "pytest"),
        Check("pytest", (*command, f"--ignore={ENGINE_TESTS}"), "pytest"),
    ]


def run(check: Check, engine: Mapping[str, str]) -> Outcome:
    """Run a check; ``engine`` are environment variables that make an engine answer."""
    print(f"\n=== {check.name}", flush=True)
    if check.needs and find_spec(check.needs) is None:
        reason = f"{check.needs} is not installed"
        print(f"not run: {reason}")
        return Outcome(check, False, 0, reason)
    started = time.monotonic()
    environment = {**os.environ, **engine, "MYPYPATH": os.pathsep.join(IMPORTED_BY_NAME)}
    process = subprocess.run([sys.executable, *check.arguments], cwd=ROOT, env=environment, check=False)
    return Outcome(check, process.returncode == 0, time.monotonic() - started)


class Beside:
    """A check that runs while others do, its output kept until they are done."""

    def __init__(self, check: Check, engine: Mapping[str, str]) -> None:
        self.check = check
        self._started = time.monotonic()
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        environment = {**os.environ, **engine, "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, *check.arguments], cwd=ROOT, env=environment, stdout=self._output, stderr=subprocess.STDOUT
        )

    def outcome(self) -> Outcome:
        """Wait for its end, and show what it said."""
        code = self._process.wait()
        seconds = time.monotonic() - self._started
        print(f"\n=== {self.check.name}", flush=True)
        self._output.seek(0)
        print(self._output.read(), flush=True)
        self._output.close()
        return Outcome(self.check, code == 0, seconds)


def run_all(arguments: list[str], engine: Mapping[str, str]) -> list[Outcome]:
    """Run all checks, those with an engine beside the others."""
    every = checks(arguments)
    aside = [check for check in every if ENGINE_TESTS in check.arguments and check.name != "pytest"]
    can_run = bool(engine) or existing_engine() or bool(os.environ.get("CI"))
    beside = [Beside(check, engine) for check in aside if can_run and find_spec(check.needs) is not None]
    started = {item.check for item in beside}
    outcomes = [run(check, engine) for check in every if check not in started]
    return [*outcomes, *(item.outcome() for item in beside)]


@contextmanager
def engine_for(pytest_arguments: list[str]) -> Iterator[dict[str, str]]:
    """Environment variables with which an engine answers; none if it does anyway, or is not asked for."""
    named = [argument for argument in pytest_arguments if argument.startswith("tests")]
    is_wanted = not named or any(argument.startswith("tests/engine") for argument in named)
    if not is_wanted or existing_engine():
        yield {}
        return
    if not os.environ.get("CI"):
        print("No Docker engine answers: tests/engine is left out (scripts/docker_engine.py start, as root on Debian).")
        yield {}
        return
    engine = own_engine()
    begun = time.monotonic()
    try:
        engine.start()
        print(f"Started a Docker engine in {time.monotonic() - begun:.0f} s.", flush=True)
        yield engine.environment
    except EngineUnavailableError as error:
        print(f"No Docker engine: {error}")
        yield {}
    finally:
        engine.stop()


def main() -> int:
    with engine_for(sys.argv[1:]) as engine:
        outcomes = run_all(sys.argv[1:], engine)
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
