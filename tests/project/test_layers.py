"""Who may import whom, and what is imported when."""

from __future__ import annotations

import ast
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from project.repository import PORTIONS, ROOT, modules, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = (
    ("dflint.version", "dflint.record"),
    ("dflint.source",),
    ("dflint.syntax",),
    ("dflint.files", "dflint.findings", "dflint.discovery"),
    ("dflint.formatting",),
    ("dflint.shell",),
    ("dflint.packages",),
    ("dflint.context", "dflint.history"),
    ("dflint.model",),
    ("dflint.buildcache", "dflint.waste"),
    ("dflint.facts",),
    ("dflint.images",),
    ("dflint.verify",),
    ("dflint.build",),
    ("dflint.shellcheck",),
    ("dflint.linter.rule",),
    ("dflint.rules",),
    ("dflint.linter",),
    ("dflint.config",),
    ("dflint.report",),
    ("dflint.optimizer",),
    ("dflint.cli", "dflint.server"),
    ("dflint.__main__",),
)
"""From the lowest to the highest. A module imports from its own layer and from lower ones only, at type-checking time
too; those on one line do not import each other. The longest fitting name says where a module belongs."""

ALLOWED: dict[str, frozenset[str]] = {}
"""Module to what it imports against the order, with the reason beside it."""

ONLY_IN = {"pygls": "dflint.server", "lsprotocol": "dflint.server", "rich": "dflint.cli"}
"""Package to the only part of dflint that may import it."""

NOT_AT_START = (
    "lark", "pygls", "lsprotocol", "rich", "asyncio", "concurrent.futures", "multiprocessing", "subprocess", "socket",
    "importlib.metadata", "tomllib", "tomli", "yaml", "difflib", "tempfile", "shutil", "textwrap", "logging", "pickle",
    "dflint.server", "dflint.optimizer", "dflint.images", "dflint.verify", "dflint.build",
)  # fmt: skip
"""What ``dflint FILE`` must not import: each takes longer than linting the file does."""

MODULES = {name: path for portion in PORTIONS for name, path in modules(portion).items()}


def layer_of(module: str) -> tuple[int, str]:
    """The layer's number and the name of the part in it."""
    fitting = [
        (part, number)
        for number, parts in enumerate(LAYERS)
        for part in parts
        if module == part or module.startswith(part + ".")
    ]
    if not fitting:
        raise LookupError(f"{module} belongs to no layer")
    part, number = max(fitting, key=lambda found: len(found[0]))
    return number, part


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it, by their full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            for alias in node.names:
                full = f"{module}.{alias.name}"
                yield full if full in MODULES else module


@pytest.mark.parametrize("portion", PORTIONS)
def test_portion_is_a_namespace(portion: str) -> None:
    """A portion with an ``__init__.py`` would hide the others."""
    top = ROOT / portion / "dflint"
    assert not (top / "__init__.py").exists()
    assert (top / "py.typed").exists()
    for folder in {path.parent for path in top.rglob("*.py")} - {top}:
        assert (folder / "__init__.py").exists(), folder


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    number, part = layer_of(module)
    wrong = []
    for name in set(imported(MODULES[module])) - ALLOWED.get(module, frozenset()):
        top = name.partition(".")[0]
        if top == "dflint":
            other_number, other_part = layer_of(name)
            if other_number > number or (other_number == number and other_part != part):
                wrong.append(name)
        elif top in ONLY_IN and part != ONLY_IN[top]:
            wrong.append(name)
    assert not wrong, f"{module} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("dflint.rules")])
def test_rules_know_no_files(module: str) -> None:
    """A rule is a function of the model: no reading, no running, no environment."""
    forbidden = {"os", "io", "pathlib", "subprocess", "socket", "urllib", "shutil", "sys", "time"}
    assert not {name.partition(".")[0] for name in imported(MODULES[module])} & forbidden


def test_start_up_imports_little(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine:3\nRUN apk add --no-cache curl && curl -fsS localhost\nCOPY a b /c/\nUSER app\n")
    code = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        "from dflint.cli import main\n"
        "sys.stdout = sys.stderr\n"
        f"code = main(['--no-config', {str(file)!r}])\n"
        "sys.stdout = sys.__stdout__\n"
        "print(json.dumps([code, sorted(set(sys.modules) - before)]))\n"
    )
    path = os.pathsep.join(str(ROOT / portion) for portion in PORTIONS)
    process = run([sys.executable, "-S", "-c", SITE_PACKAGES + code], tmp_path, {**os.environ, "PYTHONPATH": path})
    assert process.returncode == 0, process.stderr
    code_and_modules: tuple[int, list[str]] = json.loads(process.stdout)
    assert code_and_modules[0] in (0, 1), process.stderr
    too_much = [
        name for name in code_and_modules[1] if any(name == m or name.startswith(m + ".") for m in NOT_AT_START)
    ]
    assert too_much == []


SITE_PACKAGES = f"import sys; sys.path += {[entry for entry in sys.path if entry.endswith('site-packages')]!r}\n"
"""Without ``site``, whose ``.pth`` files import what other packages want."""
