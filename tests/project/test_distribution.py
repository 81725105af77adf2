"""The wheel and the source distribution: what is in them, and that they work where there is no checkout."""

from __future__ import annotations

import json
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from project.repository import PORTIONS, ROOT, cannot_run, run, says_no_network, without_python_path

from dflint.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, built from this checkout."""
    if find_spec("hatchling") is None:
        cannot_run("hatchling is not installed")
    folder = tmp_path_factory.mktemp("dist")
    process = run([sys.executable, "-m", "hatchling", "build", "-d", folder], ROOT)
    assert process.returncode == 0, process.stdout + process.stderr
    return folder


@pytest.fixture(scope="module")
def python(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    made = run([sys.executable, "-m", "venv", folder], folder.parent, without_python_path())
    if made.returncode != 0:
        cannot_run(f"cannot make a virtual environment: {made.stdout.strip()}")
    found = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [found, "-m", "pip", "install", "--disable-pip-version-check", *distributions.glob("*.whl")]
    process = run(install, folder.parent, without_python_path())
    if process.returncode != 0 and says_no_network(process.stdout + process.stderr):
        cannot_run(f"cannot install the dependencies: {process.stderr.strip()[-300:]}")
    assert process.returncode == 0, process.stdout + process.stderr
    return found


def source_modules() -> set[str]:
    """What a wheel must hold: the files of all portions."""
    return {
        path.relative_to(ROOT / portion).as_posix()
        for portion in PORTIONS
        for path in (ROOT / portion / "dflint").rglob("*")
        if path.is_file() and not {"__pycache__", ".ruff_cache", ".mypy_cache"} & set(path.parts)
    }


def test_wheel_holds_the_package_only(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    assert wheel.name == f"dflint-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        metadata = archive.read(f"dflint-{VERSION}.dist-info/METADATA").decode()
    info = {name for name in names if name.startswith(f"dflint-{VERSION}.dist-info/")}
    assert names - info == source_modules()
    assert f"dflint-{VERSION}.dist-info/licenses/LICENSE" in info
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.10" in metadata


def test_source_distribution_can_be_built_from(distributions: Path, tmp_path: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        if sys.version_info >= (3, 12):
            archive.extractall(tmp_path, filter="data")
        else:
            archive.extractall(tmp_path)
    top = tmp_path / f"dflint-{VERSION}"
    assert not [name for name in names if "vscode-extension" in name or "__pycache__" in name]
    for wanted in ("LICENSE", "README.md", "pyproject.toml", "core/dflint/source.py", "tests/project/repository.py"):
        assert (top / wanted).exists(), wanted
    process = run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again"], top)
    assert process.returncode == 0, process.stdout + process.stderr
    (again,) = (tmp_path / "again").glob("*.whl")
    (first,) = distributions.glob("*.whl")
    with zipfile.ZipFile(again) as one, zipfile.ZipFile(first) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())


def test_installed_wheel_lints(python: Path, tmp_path: Path) -> None:
    program = python.with_name("dflint.exe" if sys.platform == "win32" else "dflint")
    environment = without_python_path()
    version = run([program, "--version"], tmp_path, environment)
    assert version.stdout == f"dflint {VERSION}\n", version.stderr
    (tmp_path / "Dockerfile").write_text("FROM alpine:3\nRUNN make\n", encoding="utf-8")
    for command in ([program], [python, "-m", "dflint"]):
        process = run([*command, "--format", "json", "Dockerfile"], tmp_path, environment)
        assert process.returncode == 1, process.stderr
        assert {f["rule"] for f in json.loads(process.stdout)["findings"]} >= {"syntax-error"}
    rules = run([program, "rules", "--format", "json"], tmp_path, environment)
    assert rules.returncode == 0, rules.stderr


def test_installed_wheel_is_complete(python: Path, tmp_path: Path) -> None:
    """Every module of it can be imported."""
    code = (
        "import dflint, importlib, pkgutil, sys\n"
        "for module in pkgutil.walk_packages(dflint.__path__, 'dflint.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "print(len(sys.modules))\n"
    )
    process = run([python, "-c", code], tmp_path, without_python_path())
    assert process.returncode == 0, process.stderr
