"""The VS Code extension, as far as its files tell: its settings are those of the server."""

from __future__ import annotations

import json
import sys

from project.repository import ROOT, run

EXTENSION = ROOT / "vscode-extension"


def test_settings_are_those_of_the_server() -> None:
    process = run([sys.executable, "vscode-extension/scripts/settings_schema.py", "--check"], ROOT)
    assert process.returncode == 0, process.stdout + process.stderr


def test_commands_that_lenses_name_are_there() -> None:
    from dflint.server.features.lenses import LENSES

    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    commands = {command["command"] for command in manifest["contributes"]["commands"]}
    sources = "".join(path.read_text(encoding="utf-8") for path in (EXTENSION / "src").glob("*.ts"))
    for _, name in LENSES:
        assert name in commands or f"'{name}'" in sources, name


def test_version_is_that_of_the_package() -> None:
    from dflint.version import VERSION

    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert manifest["version"] == VERSION.partition(".dev")[0]
