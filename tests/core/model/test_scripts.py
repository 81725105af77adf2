import pytest

from dflint.model import Model
from dflint.syntax import parse
from dflint.syntax.tree import CommandInstruction


def programs(text: str) -> tuple[str | None, list[str | None]]:
    m = Model(parse(text))
    instruction = m.instructions[-1]
    assert isinstance(instruction, CommandInstruction)
    script = m.script_of(instruction)
    assert m.script_of(instruction) is script
    return script.dialect if script is not None else None, [command.program for command in m.commands_of(instruction)]


@pytest.mark.parametrize(
    ("text", "dialect", "commands"),
    [
        ("FROM a\nRUN apt-get update && \\\n  curl x\n", "sh", ["apt-get", "curl"]),
        ('FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b\n', "bash", ["a", "b"]),
        ("FROM a\nRUN <<EOF\na\nb\nEOF\n", "sh", ["a", "b"]),
        ("FROM a\nRUN <<EOF\n#!/usr/bin/env bash\na\nEOF\n", "bash", ["a"]),
        ('FROM a\nRUN ["bash", "-exc", "a; b"]\n', "bash", ["a", "b"]),
        ('FROM a\nRUN ["/bin/bash", "-o", "pipefail", "-c", "a | b"]\n', "bash", ["a", "b"]),
        ('FROM a\nRUN ["/usr/bin/env", "sh", "-c", "a"]\n', "sh", ["a"]),
        ('FROM a\nRUN ["apt-get", "update", "-c"]\n', None, []),
        ('FROM a\nRUN ["sh", "file.sh", "-c", "a"]\n', None, []),
        ('FROM a\nRUN ["sh", "-c"]\n', None, []),
        ("FROM a\nRUN <<EOF\n#!/usr/bin/python3\nprint(1)\nEOF\n", "python", []),
        ('FROM a\nSHELL ["pwsh", "-Command"]\nRUN Get-Item x\n', "powershell", []),
        ("FROM a\nCMD a && b\n", "sh", ["a", "b"]),
        ("FROM a\nHEALTHCHECK CMD a || b\n", "sh", ["a", "b"]),
        ("FROM a\nRUN\n", None, []),
    ],
)
def test_scripts(text: str, dialect: str | None, commands: list[str]) -> None:
    assert programs(text) == (dialect, commands)


def test_a_trigger_has_a_script_too() -> None:
    m = Model(parse("FROM a\nONBUILD RUN x y\n"))
    trigger = m.instructions[1].trigger  # type: ignore[attr-defined]
    assert [command.program for command in m.commands_of(trigger)] == ["x"]
