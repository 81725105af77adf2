"""Which flags each instruction takes, and what is wrong with those it has.

BuildKit's frontend/dockerfile/instructions: bflag.go, parse.go and commands_run*.go.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from dflint.syntax.suggest import nearest

if TYPE_CHECKING:
    from dflint.syntax.instructions import InstructionBuilder
    from dflint.syntax.tree import Flag, Instruction

Kind = Literal["boolean", "string", "strings", "duration", "count", "mount", "device", "network", "security"]

FLAGS: dict[str, dict[str, Kind]] = {
    "ADD": {
        "chown": "string",
        "chmod": "string",
        "link": "boolean",
        "keep-git-dir": "boolean",
        "checksum": "string",
        "unpack": "boolean",
        "exclude": "strings",
    },
    "COPY": {
        "from": "string",
        "chown": "string",
        "chmod": "string",
        "link": "boolean",
        "parents": "boolean",
        "exclude": "strings",
    },
    "FROM": {"platform": "string"},
    "HEALTHCHECK": {
        "interval": "duration",
        "timeout": "duration",
        "start-period": "duration",
        "start-interval": "duration",
        "retries": "count",
    },
    "RUN": {"mount": "mount", "device": "device", "network": "network", "security": "security"},
}
"""Instruction name to flag name (without dashes) to the kind of its value."""

REPEATABLE: frozenset[Kind] = frozenset({"strings", "mount", "device"})
NETWORKS = ("default", "none", "host")
SECURITIES = ("sandbox", "insecure")

_UNCHECKED = frozenset({"STOPSIGNAL", ""})
_GO_DURATION = r"([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)"
_GO_DURATION_PART = r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)"
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}


def check_flags(builder: InstructionBuilder, instruction: Instruction) -> None:
    """Record what BuildKit refuses in an instruction's flags."""
    name = instruction.name
    if name in _UNCHECKED or instruction.type == "unknown" or _is_healthcheck_none(instruction):
        return
    known = FLAGS.get(name, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        if kind is None:
            builder.problem("unknown-flag", _unknown_flag(name, flag.name, known), flag.children[0])
            continue
        if flag.name in seen and kind not in REPEATABLE:
            builder.problem("duplicate-flag", f"--{flag.name} is given twice", flag)
        seen.add(flag.name)
        _check_value(builder, flag, kind)


def _is_healthcheck_none(instruction: Instruction) -> bool:
    kind = getattr(instruction, "kind", None)
    return kind is not None and kind.text.upper() == "NONE"


def _unknown_flag(instruction: str, name: str, known: dict[str, Kind]) -> str:
    near = nearest(name, known)
    hint = f" (did you mean --{near}?)" if near else ""
    return f"{instruction} has no flag --{name}{hint}"


def _check_value(builder: InstructionBuilder, flag: Flag, kind: Kind) -> None:
    if flag.value is None:
        if kind != "boolean":
            builder.problem("flag-value", f"--{flag.name} needs a value", flag)
        return
    message = _value_problem(flag.name, flag.text, kind)
    if message:
        place = flag.value if flag.value.value else flag
        builder.problem("flag-value", message, place)


def _value_problem(name: str, value: str, kind: Kind) -> str | None:
    if kind == "boolean":
        if value == "":
            return f"--{name} needs a value after '='"
        return None if value.lower() in ("true", "false") else f"--{name} is true or false, not {value!r}"
    if kind == "duration":
        return _duration_problem(name, value)
    if kind == "count":
        return _count_problem(name, value)
    if kind == "network":
        return None if value in NETWORKS else f"--{name} is default, none or host, not {value!r}"
    if kind == "security":
        return None if value in SECURITIES else f"--{name} is sandbox or insecure, not {value!r}"
    if kind in ("mount", "device"):
        from dflint.syntax.mounts import device_problem, mount_problem

        return mount_problem(value) if kind == "mount" else device_problem(value)
    return None


def _duration_problem(name: str, value: str) -> str | None:
    if value == "":
        return None
    match = re.fullmatch(_GO_DURATION, value)
    if match is None:
        return f"--{name} is a duration such as 30s or 1m30s, not {value!r}"
    length = sum(float(number) * _MILLISECONDS[unit] for number, unit in re.findall(_GO_DURATION_PART, match[2]))
    if length and (match[1] == "-" or length < 1):
        return f"--{name} is at least 1ms, not {value}"
    return None


def _count_problem(name: str, value: str) -> str | None:
    if value == "":
        return None
    if not re.fullmatch(r"[-+]?[0-9]+", value) or not -(2**31) <= int(value) < 2**31:
        return f"--{name} is a whole number, not {value!r}"
    return None if int(value) >= 0 else f"--{name} cannot be negative"
