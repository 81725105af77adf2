"""What compose files and bake files say of Dockerfiles: which one is built with which context, stage and arguments.

Read are ``compose.yaml`` and its older names (the Compose specification, ``build``), ``docker-bake.json``, and of
``docker-bake.hcl`` the targets whose values are plain strings (BuildKit's bake reference). What depends on variables,
on functions or on other files is left out: then nothing is said.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
BAKE = ("docker-bake.json", "docker-bake.hcl")
MAX_BYTES = 1 << 20
MAX_PARENTS = 4
"""Folders above a Dockerfile in which files are looked for."""
_TARGET = re.compile(r'(?m)^target\s+"([^"]+)"\s*\{')
_STRING = re.compile(r'(?m)^\s*(context|dockerfile|target)\s*=\s*"([^"$%\\]*)"\s*$')
_ARGS = re.compile(r"(?ms)^\s*args\s*=?\s*\{(.*?)\}")
_ARG = re.compile(r'(?m)^\s*"?(\w+)"?\s*[=:]\s*"([^"$%\\]*)"\s*,?\s*$')


class BuildTarget(NamedTuple):
    """One build of one Dockerfile."""

    name: str
    """Of the service or target."""
    dockerfile: str
    """Absolute path."""
    context: str
    """Absolute path of the folder."""
    target: str | None
    args: tuple[tuple[str, str], ...]
    source: str
    """The file that says so."""


def context_of(dockerfile: str) -> str | None:
    """The folder that a Dockerfile is built with, if the files beside and above it agree on one; else None."""
    found = {os.path.normcase(one.context): one.context for one in targets_of(dockerfile)}
    return next(iter(found.values())) if len(found) == 1 else None


def targets_of(dockerfile: str) -> tuple[BuildTarget, ...]:
    """The builds of a Dockerfile, by the files of its folder and of those above it: the nearest folder that has any."""
    path = os.path.abspath(dockerfile)  # noqa: PTH100 - as the model has it
    folder = os.path.dirname(path)  # noqa: PTH120
    for _ in range(MAX_PARENTS + 1):
        found = tuple(one for one in targets_in(folder) if os.path.normcase(one.dockerfile) == os.path.normcase(path))
        if found:
            return found
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder or os.path.isdir(os.path.join(folder, ".git")):  # noqa: PTH112, PTH118
            break
        folder = above
    return ()


def targets_in(folder: str) -> Iterator[BuildTarget]:
    """The builds that the files of a folder speak of; files that cannot be read say nothing."""
    for name in (*COMPOSE, *BAKE):
        path = os.path.join(folder, name)  # noqa: PTH118
        text = _read(path)
        if text is None:
            continue
        if name in COMPOSE:
            yield from _of_compose(text, folder, path)
        elif name.endswith(".json"):
            yield from _of_json(text, folder, path)
        else:
            yield from _of_hcl(text, folder, path)


def _read(path: str) -> str | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return content.decode("utf-8", "replace") if len(content) <= MAX_BYTES else None


def _of_compose(text: str, folder: str, source: str) -> Iterator[BuildTarget]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    for name, service in _mapping(_mapping(document).get("services")).items():
        build = _mapping(service).get("build")
        if isinstance(build, str):
            build = {"context": build}
        if isinstance(build, dict) and "dockerfile_inline" not in build:
            yield from _target(str(name), build, folder, source)


def _of_json(text: str, folder: str, source: str) -> Iterator[BuildTarget]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for name, target in _mapping(_mapping(document).get("target")).items():
        if isinstance(target, dict) and not target.keys() & {"inherits", "dockerfile-inline", "matrix"}:
            yield from _target(name, target, folder, source)


def _of_hcl(text: str, folder: str, source: str) -> Iterator[BuildTarget]:
    for match in _TARGET.finditer(text):
        body = _block(text, match.end())
        if body is None or re.search(r"(?m)^\s*(?:inherits|matrix|dockerfile-inline)\s*=", body):
            continue
        args = _ARGS.search(body)
        plain = body if args is None else body[: args.start()] + body[args.end() :]
        values: dict[str, Any] = dict(_STRING.findall(plain))
        named = set(re.findall(r"(?m)^\s*(context|dockerfile|target)\s*=", plain))
        if named == set(values):  # all of them are plain strings
            values["args"] = dict(_ARG.findall(args[1])) if args is not None else {}
            yield from _target(match[1], values, folder, source)


def _block(text: str, start: int) -> str | None:
    """What stands in the braces that open before ``start``; None if they do not close."""
    depth = 1
    for match in re.finditer(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|//[^\n]*|[{}]', text[start:]):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return text[start : start + match.start()]
    return None


def _target(name: str, build: dict[str, Any], folder: str, source: str) -> Iterator[BuildTarget]:
    context = build.get("context", ".")
    dockerfile = build.get("dockerfile", "Dockerfile")
    target = build.get("target")
    if (
        not isinstance(context, str)
        or not isinstance(dockerfile, str)
        or "://" in context
        or "$" in context + dockerfile
    ):
        return
    root = os.path.normpath(os.path.join(folder, os.path.expanduser(context)))  # noqa: PTH111, PTH118
    path = os.path.normpath(os.path.join(root, dockerfile))  # noqa: PTH118
    stage = target if isinstance(target, str) and "$" not in target else None
    yield BuildTarget(name, path, root, stage, tuple(_arguments(build.get("args"))), source)


def _arguments(args: object) -> Iterator[tuple[str, str]]:
    """``{NAME: VALUE}`` or ``[NAME=VALUE]``; those whose value comes from elsewhere are left out."""
    pairs = args.items() if isinstance(args, dict) else [str(one).partition("=")[::2] for one in _list(args)]
    for name, value in pairs:
        if (
            isinstance(value, (str, int, float))
            and not isinstance(value, bool)
            and "$" not in str(value)
            and value != ""
        ):
            yield str(name), str(value)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
