"""``RUN --mount=...`` and ``RUN --device=...`` values.

BuildKit's frontend/dockerfile/instructions/commands_runmount.go and commands_rundevice.go. BuildKit checks most keys
only when it builds, after expanding variables; a value without ``$`` is checked here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dflint.record import NamedTuple
from dflint.syntax.suggest import nearest

if TYPE_CHECKING:
    from dflint.syntax.tree import Flag, Run

MOUNT_TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
SHARING_MODES = ("shared", "private", "locked")
KEYS: dict[str, str] = {
    "type": "type",
    "from": "from",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
    "readonly": "readonly",
    "ro": "readonly",
    "readwrite": "readwrite",
    "rw": "readwrite",
    "required": "required",
    "size": "size",
    "id": "id",
    "sharing": "sharing",
    "mode": "mode",
    "uid": "uid",
    "gid": "gid",
    "env": "env",
}
"""Every key of a mount, with the name that its synonyms stand for."""

_GO_BOOLS = {"1": True, "t": True, "T": True, "TRUE": True, "true": True, "True": True} | dict.fromkeys(
    ("0", "f", "F", "FALSE", "false", "False"), False
)


class Field(NamedTuple):
    """One field of a comma-separated value; ``key`` is lower case, ``value`` None without ``=``.

    ``start``/``end`` are indexes of the flag's text.
    """

    key: str
    value: str | None
    start: int
    end: int


class Mount(NamedTuple):
    """A mount of a RUN. Text fields are as written, variables in them not expanded; None where not given."""

    flag: Flag
    type: str
    target: str | None
    source: str | None
    from_: str | None
    id: str | None
    sharing: str | None
    uid: str | None
    gid: str | None
    mode: str | None
    env: str | None
    read_only: bool
    required: bool
    fields: tuple[Field, ...]

    @property
    def start(self) -> int:
        return self.flag.start

    @property
    def end(self) -> int:
        return self.flag.end


def mounts_of(run: Run) -> tuple[Mount, ...]:
    """The mounts of a RUN in order; those whose value is no list of fields are left out."""
    return tuple(mount for flag in run.flags if flag.name == "mount" for mount in (_mount(flag),) if mount is not None)


def _mount(flag: Flag) -> Mount | None:
    fields = split_fields(flag.text)
    if fields is None:
        return None
    values: dict[str, str | None] = {}
    for field in fields:
        values[KEYS.get(field.key, field.key)] = field.value
    kind = (values.get("type") or "bind").lower()
    read_only = kind not in ("cache", "tmpfs")
    for field in fields:
        name = KEYS.get(field.key)
        if name in ("readonly", "readwrite"):
            read_only = _GO_BOOLS.get(field.value or "true", True) == (name == "readonly")
    return Mount(
        flag,
        kind,
        values.get("target"),
        values.get("source"),
        values.get("from"),
        values.get("id"),
        values.get("sharing"),
        values.get("uid"),
        values.get("gid"),
        values.get("mode"),
        values.get("env"),
        read_only,
        "required" in values and _GO_BOOLS.get(values["required"] or "true", True),
        fields,
    )


@lru_cache(maxsize=1)
def _grammar() -> Any:
    from importlib.resources import files

    from lark import Lark

    return Lark(files("dflint.syntax").joinpath("grammars/fields.lark").read_text("utf-8"), parser="lalr")


def split_fields(value: str) -> tuple[Field, ...] | None:
    """The fields of a comma-separated value; None if its quotes are wrong."""
    if '"' not in value:
        fields: list[Field] = []
        at = 0
        for text in value.split(","):
            fields.append(_field(text, at, at + len(text)))
            at += len(text) + 1
        return tuple(fields)
    return _split_quoted(value)


def _split_quoted(value: str) -> tuple[Field, ...] | None:
    from lark.exceptions import LarkError

    try:
        tree = _grammar().parse(value)
    except LarkError:
        return None
    fields: list[Field] = []
    at = 0
    for field in tree.children:
        raw = str(field.children[0]) if field.children else ""
        text = raw[1:-1].replace('""', '"') if raw.startswith('"') else raw
        fields.append(_field(text, at, at + len(raw)))
        at += len(raw) + 1
    return tuple(fields)


def _field(text: str, start: int, end: int) -> Field:
    key, equals, value = text.partition("=")
    return Field(key.lower(), value if equals else None, start, end)


def mount_problem(value: str) -> str | None:
    """Why BuildKit refuses a mount's value; None if it does not, or not before variables are known."""
    fields = split_fields(value)
    if fields is None:
        return "the quotes of the mount are wrong"
    kind = "bind"
    seen: set[str] = set()
    for field in fields:
        problem = _field_problem(field, kind)
        if problem:
            return problem
        if KEYS.get(field.key) == "type" and field.value:
            kind = field.value.lower()
        seen.add(KEYS.get(field.key, field.key))
    if "$" in kind:
        return None
    return _combination_problem(kind, seen)


def _field_problem(field: Field, kind: str) -> str | None:
    name = KEYS.get(field.key)
    if field.value is None:
        if name in ("readonly", "readwrite"):
            return None
        if name == "required":
            return None if kind in ("secret", "ssh") else f"'required' is not for {kind} mounts"
        return f"{field.key!r} in a mount needs a value"
    if name is None:
        near = nearest(field.key, KEYS)
        return f"a mount has no key {field.key!r}" + (f" (did you mean {near!r}?)" if near else "")
    if "$" in field.value:
        if name == "from" and re.search(r"\$.", field.value):
            return "'from' takes no variable: give the stage a name"
        return None
    return _value_problem(name, field.value, kind)


def _value_problem(name: str, value: str, kind: str) -> str | None:
    if name == "type":
        return _choice_problem("mount type", value, MOUNT_TYPES)
    if name == "sharing":
        return _choice_problem("sharing mode", value, SHARING_MODES)
    if name in ("readonly", "readwrite") or (name == "required" and kind in ("secret", "ssh")):
        return None if value in _GO_BOOLS else f"{name!r} is true or false, not {value!r}"
    if name == "required":
        return f"'required' is not for {kind} mounts"
    if name == "size" and kind != "tmpfs":
        return f"'size' is not for {kind} mounts"
    if name == "mode" and not re.fullmatch(r"[0-7]+", value):
        return f"'mode' is an octal number, not {value!r}"
    if name in ("uid", "gid") and not re.fullmatch(r"[0-9]+", value):
        return f"{name!r} is a number, not {value!r}"
    if name == "env" and kind != "secret":
        return f"'env' is not for {kind} mounts"
    return None


def _choice_problem(what: str, value: str, choices: tuple[str, ...]) -> str | None:
    if value.lower() in choices:
        return None
    near = nearest(value.lower(), choices)
    return f"there is no {what} {value!r}" + (f" (did you mean {near!r}?)" if near else "")


def _combination_problem(kind: str, seen: set[str]) -> str | None:
    if kind in ("bind", "tmpfs"):
        for name in ("mode", "uid", "gid"):
            if name in seen:
                return f"{name!r} is not for {kind} mounts"
    if "sharing" in seen and kind != "cache":
        return f"'sharing' is not for {kind} mounts"
    if kind == "secret":
        return _secret_problem(seen)
    return None


def _secret_problem(seen: set[str]) -> str | None:
    if "from" in seen:
        return "'from' is not for secret mounts"
    if not seen & {"source", "target", "id"}:
        return "a secret mount needs an id, a source or a target"
    return "a secret mount takes 'source' or 'id', not both" if {"source", "id"} <= seen else None


def device_problem(value: str) -> str | None:
    """Why BuildKit refuses a device's value."""
    fields = split_fields(value)
    if fields is None:
        return "the quotes of the device are wrong"
    has_name = False
    for field in fields:
        if field.key == "required":
            if field.value is not None and field.value not in _GO_BOOLS:
                return f"'required' is true or false, not {field.value!r}"
        elif has_name:
            return f"unexpected {field.key!r} in a device"
        else:
            has_name = True
    return None
