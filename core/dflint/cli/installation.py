"""What dflint is made of on this machine: whatever decides what it says of given files and configuration.

Cheap enough for every start: folders are listed and files looked at (time of change, of status change, size, number),
none is read. The time of status change cannot be set back, so an edit that keeps size and time of change shows.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH116, PTH118, PTH120, PTH208
from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from dflint.cli.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Signature = tuple[str, int, int, int, int]
    """Path, time of change, time of status change (both in nanoseconds), size, number."""

    from dflint.linter.registry import Registry

SETTLED = 2_000_000_000
"""Nanoseconds after which a change shows in the times of a file, on every file system."""
_PACKAGES = (".dist-info", ".egg-info", ".egg-link", ".egg", ".pth", ".zip", ".whl")
_MAX_SOURCES = 2000
"""Files of plug-ins beyond which nothing is kept."""


def installation() -> bytes | None:
    """A digest of dflint's own files, the interpreter, the installed packages, and the ShellCheck programs in reach.

    None when it cannot be told, or when something of it changed a moment ago: another change now would not show.
    """
    try:
        own = [signature for folder in sys.modules["dflint"].__path__ for signature in signatures_below(folder)]
    except OSError:
        return None
    if not own or not are_settled(own):
        return None
    environment = (
        sys.version,
        sys.platform,
        sys.executable or "",
        repr(sys.flags),
        sys.getfilesystemencoding(),
        *sys.path,
        *_packages(),
        *(repr(signature) for signature in _shellchecks()),
    )
    return digest(repr(own).encode(), "\0".join(environment).encode("utf-8", "surrogatepass"))


def are_settled(signatures: Iterable[Signature]) -> bool:
    """Whether all files are as they were some time before this process began to read its code.

    Otherwise it may run what was there before, or a change may have fallen on the same tick of the clock as another.
    """
    from dflint.cli import STARTED

    latest = STARTED - SETTLED
    if os.name == "nt":  # there the time of status change is that of creation
        return all(max(changed, status) < latest for _, changed, status, _, _ in signatures)
    return all(status < latest for _, _, status, _, _ in signatures)


def signature_of(path: str) -> Signature:
    """What is seen of a file from outside. Raises OSError."""
    status = os.stat(path)
    return (path, status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def signatures_below(folder: str) -> Iterator[Signature]:
    """The files below a folder, byte code left out. Raises OSError."""
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name == "__pycache__" or entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from signatures_below(entry.path)
        else:
            yield signature_of(entry.path)


def plugin_sources(registry: Registry) -> list[Signature] | None:
    """The files that the rules of other packages come from.

    None if they cannot be told: then nothing that those rules say must be kept.
    """
    modules = {rule_class.__module__ for rule_class in registry.classes.values()}
    foreign = {name for name in modules if not name.startswith("dflint.rules.")}
    if not foreign:
        return []
    found: dict[str, Signature] = {}
    try:
        for name in sorted(foreign):
            found.update((signature[0], signature) for signature in _sources_of(name))
            if len(found) > _MAX_SOURCES:
                return None
        for path in _unpackaged_modules():
            found[path] = signature_of(path)
    except (OSError, LookupError):
        return None
    return sorted(found.values()) if are_settled(found.values()) else None


def _sources_of(module: str) -> Iterator[Signature]:
    """All files of the package that a module is in, or its own. Raises OSError, LookupError."""
    top = sys.modules[module.partition(".")[0]]
    folders = list(getattr(top, "__path__", ()))
    if module == "__main__" or (not folders and not getattr(top, "__file__", None)):
        raise LookupError(module)
    for folder in folders:
        yield from signatures_below(folder)
    if not folders:
        yield signature_of(str(top.__file__))


def _unpackaged_modules() -> Iterator[str]:
    """The files of imported modules that are neither Python's, nor dflint's, nor in a folder of installed packages.

    A plug-in may import its neighbours; those in a folder of installed packages show by their version.
    """
    standard = os.path.dirname(os.__file__) + os.sep
    packaged = tuple(os.path.join(path, "") for path in sys.path if path and _names(path))
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not path or name == "__main__" or name.partition(".")[0] == "dflint":
            continue
        if path.startswith(packaged) or (path.startswith(standard) and "site-packages" not in path):
            continue
        yield path


def _packages() -> Iterator[str]:
    """The installed packages: by their folders' names, which hold the versions, and what they announce."""
    for path in sys.path:
        for name in _names(path or os.curdir):
            yield name
            for inside in ("", "entry_points.txt"):
                try:
                    yield repr(signature_of(os.path.join(path or os.curdir, name, inside))[1:])
                except OSError:
                    continue


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(_PACKAGES))
    except OSError:
        return []


def _shellchecks() -> Iterator[Signature]:
    """The programs of which one would check shell code."""
    name = "shellcheck.exe" if os.name == "nt" else "shellcheck"
    scripts = "Scripts" if os.name == "nt" else "bin"
    folders = [os.path.dirname(sys.executable or ""), os.path.join(sys.prefix, scripts), "/usr/local/bin"]
    for folder in dict.fromkeys([*folders, *os.environ.get("PATH", os.defpath).split(os.pathsep)]):
        try:
            yield signature_of(os.path.join(folder, name))
        except OSError:
            continue
