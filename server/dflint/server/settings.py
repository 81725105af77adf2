"""What a client may set, by ``initializationOptions`` and ``workspace/configuration``; rules are set in files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SECTION = "dflint"


@dataclass(frozen=True)
class Hints:
    """Which inlay hints are shown."""

    variables: bool = True
    """Values of variables where they are used."""
    sizes: bool = True
    """Bytes that a COPY takes from the build context."""
    history: bool = True
    """How many of the last commits changed what a COPY takes."""


@dataclass(frozen=True)
class Settings:
    """The settings, as documented in ``docs/editors.md``."""

    hints: Hints = field(default_factory=Hints)
    lenses: bool = False
    """Whether the client has the commands that code lenses name."""
    shellcheck: bool = True
    """Whether ShellCheck is run, if it is there."""

    @classmethod
    def of(cls, document: object) -> Settings:
        """The settings in a client's object; what is not there, or of another type, is as by default."""
        told = _mapping(document)
        told = _mapping(told[SECTION]) if SECTION in told else told
        hints = _mapping(told.get("hints"))
        default = cls()
        return cls(
            Hints(*(_flag(hints, name, True) for name in ("variables", "sizes", "history"))),
            _flag(told, "lenses", default.lenses),
            _flag(told, "shellcheck", default.shellcheck),
        )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _flag(told: dict[str, Any], name: str, default: bool) -> bool:
    value = told.get(name)
    return value if isinstance(value, bool) else default
