"""Running the real command in its own process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """An environment in which ``python -m dflint`` is the code under test, with its byte code cached for all calls."""
    made = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE", "COLUMNS")}
    folders = [str(Path(entry).resolve()) for entry in sys.path if (Path(entry) / "dflint").is_dir()]
    made["PYTHONPATH"] = os.pathsep.join(folders)
    made["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("bytecode"))
    made["XDG_CACHE_HOME"] = made["LOCALAPPDATA"] = str(tmp_path_factory.mktemp("cache"))
    made["HOME"] = str(tmp_path_factory.mktemp("home"))
    return made


@pytest.fixture
def dflint(environment, tmp_path):
    """Call dflint in ``tmp_path``; gives (exit code, standard output, standard error) as text."""

    def call(*arguments, stdin=b"", env=(), cwd=tmp_path):
        done = subprocess.run(
            [sys.executable, "-m", "dflint", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env={**environment, **dict(env)},
            timeout=60,
        )
        return (
            done.returncode,
            done.stdout.decode("utf-8", "surrogateescape"),
            done.stderr.decode("utf-8", "surrogateescape"),
        )

    return call


@pytest.fixture
def dflint_with(environment, tmp_path):
    """Call dflint with rules of the test's own instead of the real ones: ``source`` is a module that defines them."""

    def call(source, *arguments, stdin=b""):
        script = tmp_path / "with_rules.py"
        script.write_text(
            "import sys\n"
            "from dflint.findings import *\n"
            "from dflint.linter import registry\n"
            "from dflint.linter.rule import Rule\n"
            f"{source}\n"
            "registry._default = registry.Registry(Rule.__subclasses__())\n"
            "from dflint.cli import main\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        done = subprocess.run(
            [sys.executable, str(script), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            env={**environment, "XDG_CACHE_HOME": str(tmp_path / ".cache")},
            timeout=60,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return call


@pytest.fixture
def write(tmp_path):
    """Write a file below ``tmp_path``, its folders included; gives its path."""

    def call(path, content):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return call
