"""Whether two images start the same process: their configurations compared, field by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.verify.level import Level
from dflint.verify.users import UnknownUserError, identity_of
from dflint.verify.verdict import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dflint.images import Image, ImageConfiguration

_ROOT = frozenset(("", "0", "root", "0:0", "root:root", "root:0", "0:root"))
_ABOUT_THE_BASE = re.compile(
    r"[A-Z0-9_]*_(?:VERSION|SHA256|SHA512|SHA1|URL|CHECKSUM|MD5|ASC_URL|RELEASE|DOWNLOAD_[A-Z0-9_]+|SHASUM)|GPG_KEYS?|"
    r"PYTHON_GET_PIP_[A-Z0-9_]+|GOTOOLCHAIN|GOPATH|GOFLAGS|GOPROXY|GOSUMDB|GOPRIVATE|CARGO_HOME|RUSTUP_HOME|MAVEN_HOME|MAVEN_CONFIG|GRADLE_HOME|"
    r"NUGET_XMLDOC_MODE|POWERSHELL_DISTRIBUTION_CHANNEL|DOTNET_GENERATE_ASPNET_CERTIFICATE|DOTNET_NOLOGO|PHPIZE_DEPS|"
    r"PHP_CFLAGS|PHP_CPPFLAGS|PHP_LDFLAGS|PHP_EXTRA_[A-Z_]+|DYNPKG_RELEASE|PKG_RELEASE|NJS_RELEASE|CMAKE_[A-Z_]+|BAZEL_[A-Z_]+"
)
"""Variables by which base images say what they were made from, and those for their build tools."""


class Bases(NamedTuple):
    """The configurations of the images that the two Dockerfiles start their last stage from, where known."""

    original: ImageConfiguration
    rewrite: ImageConfiguration


class ConfigurationComparison(NamedTuple):
    """What is different, and what is different for a known reason."""

    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]


def compare_configurations(original: Image, rewrite: Image, bases: Bases | None = None) -> ConfigurationComparison:
    """Compare what the images start with; ``bases`` explain what comes from the base images.

    Creation time, author, history, layers and ``ArgsEscaped`` are noise.
    """
    one, other = original.config, rewrite.config
    changed = bases if bases is not None and bases.original != bases.rewrite else None
    reasons: list[Reason] = []
    notes: list[str] = []
    for field, first, second in _plain_fields(one, other):
        if first != second:
            reasons.append(_reason(field, f"{_show(first)} in the original, {_show(second)} in the rewrite"))
    reasons += _compare_user(original, rewrite)
    _compare_environment(one, other, changed, rewrite, reasons, notes)
    _compare_labels(one, other, changed, reasons, notes)
    return ConfigurationComparison(tuple(reasons), tuple(notes))


def _plain_fields(one: ImageConfiguration, other: ImageConfiguration) -> Iterator[tuple[str, object, object]]:
    yield "Architecture", one.architecture, other.architecture
    yield "OS", one.os, other.os
    yield "Variant", one.variant, other.variant
    yield "Entrypoint", one.entrypoint or (), other.entrypoint or ()
    yield "Cmd", one.cmd or (), other.cmd or ()
    yield "WorkingDir", one.workdir.rstrip("/") or "/", other.workdir.rstrip("/") or "/"
    yield "ExposedPorts", _ports(one.exposed_ports), _ports(other.exposed_ports)
    yield "Volumes", one.volumes, other.volumes
    yield "StopSignal", _signal(one.stop_signal), _signal(other.stop_signal)
    yield "Healthcheck", _check(one), _check(other)
    yield "Shell", one.shell or (), other.shell or ()
    yield "OnBuild", one.on_build, other.on_build


def _ports(ports: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({port if "/" in port else f"{port}/tcp" for port in ports}))


def _signal(name: str) -> str:
    upper = name.upper().removeprefix("SIG")
    return {
        "15": "TERM",
        "": "TERM",
        "9": "KILL",
        "3": "QUIT",
        "2": "INT",
        "1": "HUP",
        "10": "USR1",
        "28": "WINCH",
    }.get(upper, upper)


def _check(config: ImageConfiguration) -> object:
    check = config.healthcheck
    return () if check is None or check.test in ((), ("NONE",)) else check


def _compare_user(original: Image, rewrite: Image) -> Iterator[Reason]:
    one, other = original.config.user, rewrite.config.user
    if one != other and not (one in _ROOT and other in _ROOT):
        yield _reason("User", f"{_show(one)} in the original, {_show(other)} in the rewrite")
        return
    try:
        first = identity_of(original)
    except UnknownUserError:
        return  # the original does not start either
    try:
        second = identity_of(rewrite)
    except UnknownUserError as problem:
        yield _reason("User", f"no container starts: {problem}")
        return
    if (first.uid, first.gid, first.groups) != (second.uid, second.gid, second.groups) and one not in _ROOT:
        groups = " ".join(map(str, sorted(first.groups))), " ".join(map(str, sorted(second.groups)))
        yield _reason(
            "User",
            f"{one} is {first.uid}:{first.gid} (groups {groups[0]}) in the original, "
            f"{second.uid}:{second.gid} (groups {groups[1]}) in the rewrite",
        )
    elif first.home != second.home and "HOME" not in original.config.environment:
        yield _reason("User", f"its home folder is {first.home} in the original, {second.home} in the rewrite")


def _compare_environment(
    one: ImageConfiguration, other: ImageConfiguration, changed: Bases | None, rewrite: Image, reasons: list[Reason],
    notes: list[str],
) -> None:  # fmt: skip
    first, second = one.environment, other.environment
    for name in sorted(first.keys() | second.keys()):
        before, after = first.get(name), second.get(name)
        if before == after:
            continue
        if name == "PATH":
            _compare_path(before or "", after or "", changed, rewrite, reasons, notes)
        elif changed is not None and _is_from_base(
            name, before, after, changed.original.environment, changed.rewrite.environment
        ):
            notes.append(f"config.Env.{name}: {_show(before)} became {_show(after)}, as the base image has it")
        else:
            reasons.append(_reason(f"Env.{name}", f"{_show(before)} in the original, {_show(after)} in the rewrite"))


def _is_from_base(
    name: str, before: str | None, after: str | None, original: Mapping[str, str], rewrite: Mapping[str, str]
) -> bool:
    """Whether each value is that of the base image, of a variable that no application should ask for."""
    return bool(_ABOUT_THE_BASE.fullmatch(name)) and original.get(name) == before and rewrite.get(name) == after


def _compare_path(
    before: str, after: str, changed: Bases | None, rewrite: Image, reasons: list[Reason], notes: list[str]
) -> None:
    """Folders may be added if they exist, and left out if the base image brought them and is another now.

    Whether programs are still found at the same places is the closure's to say.
    """
    first, second = before.split(":"), after.split(":")
    added = [folder for folder in second if folder not in first]
    removed = [folder for folder in first if folder not in second]
    of_base = changed.original.environment.get("PATH", "").split(":") if changed is not None else []
    in_new_base = changed.rewrite.environment.get("PATH", "").split(":") if changed is not None else []
    kept = [folder for folder in first if folder in second] == [folder for folder in second if folder in first]
    missing = [folder for folder in added if rewrite.filesystem.resolve(folder) is None]
    unexplained = [folder for folder in removed if folder not in of_base or folder in in_new_base]
    if not kept or missing or unexplained or not after:
        reasons.append(_reason("Env.PATH", f"{_show(before)} in the original, {_show(after)} in the rewrite"))
        return
    if added:
        notes.append(f"config.Env.PATH: the rewrite adds {', '.join(added)}")
    if removed:
        notes.append(f"config.Env.PATH: without {', '.join(removed)} of the original's base image")


def _compare_labels(
    one: ImageConfiguration, other: ImageConfiguration, changed: Bases | None, reasons: list[Reason], notes: list[str]
) -> None:
    first, second = dict(one.labels), dict(other.labels)
    for name in sorted(first.keys() | second.keys()):
        before, after = first.get(name), second.get(name)
        if before == after:
            continue
        in_bases = changed is not None and (
            dict(changed.original.labels).get(name) == before and dict(changed.rewrite.labels).get(name) == after
        )
        if in_bases:
            notes.append(f"config.Labels.{name}: {_show(before)} became {_show(after)}, as the base image has it")
        else:
            reasons.append(_reason(f"Labels.{name}", f"{_show(before)} in the original, {_show(after)} in the rewrite"))


def _reason(field: str, message: str) -> Reason:
    return Reason(Level.CONFIGURATION_EQUAL, f"config.{field}", message)


def _show(value: object) -> str:
    if value is None or value in ("", ()):
        return "not set"
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return "[" + ", ".join(repr(part) for part in value) + "]"
    return repr(value) if isinstance(value, str) else str(value)
