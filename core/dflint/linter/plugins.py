"""Rules from other packages: those that an entry point of the group ``dflint.rules`` announces.

    [project.entry-points."dflint.rules"]
    acme = "acme_dflint.rules"

``importlib.metadata`` would find them at the price of linting a file. So the folders of ``sys.path`` are listed here,
and what they announce is kept beside Python's bytecode for as long as the folder's time of change is the same: what
installs, upgrades or removes a package makes or removes a ``.dist-info`` folder in it.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH105, PTH108, PTH109, PTH116, PTH118, PTH123
from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING

from dflint.linter.registry import Plugin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.linter.registry import Registry

    Announced = tuple[tuple[str, ...], ...]
    """The fields of each plug-in of a folder."""
    Kept = dict[str, tuple[int, Announced]]
    """Folder to its time of change (nanoseconds) and what it announces."""

GROUP = "dflint.rules"
NAME = "__plugins__"
SETTLED_AFTER = 5.0
"""Seconds that a folder must be unchanged before what was found in it is kept: an installer may still be at work, and
two changes may fall on one tick of the file system's clock."""
KEPT_FOLDERS = 200
"""Folders of other environments that use the same dflint are remembered up to this number."""


def installed() -> list[Plugin]:
    """The plug-ins that can be imported, the first of ``sys.path`` for each package; none of them is imported."""
    path = _cache()
    kept = _read(path)
    found: dict[str, list[Plugin]] = {}
    fresh: Kept = {}
    for folder in _folders():
        try:
            changed = os.stat(folder).st_mtime_ns
            known = kept.get(folder)
            if known is None or known[0] != changed:
                known = fresh[folder] = (changed, tuple(map(tuple, _announced(folder))))
        except OSError:  # not there, or an archive
            continue
        here: dict[str, list[Plugin]] = {}
        for fields in known[1]:
            plugin = Plugin(*fields)
            here.setdefault(_normal(plugin.package), []).append(plugin)
        found = {**here, **found}
    if fresh and path is not None:
        _keep(path, kept, fresh)
    return sorted(plugin for plugins in found.values() for plugin in plugins)


def with_plugins(own: Registry, found: Sequence[Plugin], wanted: bool | Sequence[str] = True) -> Registry:
    """The rules of ``own`` and those of plug-ins: of all, of none, or of those with the ``wanted`` names.

    Whatever a plug-in does wrong is in ``problems`` of what is returned.
    """
    if not found:
        return own
    from dflint.linter.plugin_rules import PluginRules

    rules = PluginRules(own)
    for plugin in found:
        rules.add(plugin, wanted if isinstance(wanted, bool) else plugin.name in wanted)
    return rules.registry()


def _folders() -> Iterator[str]:
    """Where packages are installed: ``sys.path`` without the working directory.

    Python puts that first for ``python -m dflint``, and it may hold anything: what is linted says nothing about what
    is run.
    """
    try:
        here = os.getcwd()
    except OSError:
        here = ""
    for folder in dict.fromkeys(sys.path[1:] if sys.path[:1] == [here] else sys.path):
        if folder:
            yield folder


def _announced(folder: str) -> Iterator[Plugin]:
    """What the packages in a folder announce. Raises OSError."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        if not name.endswith(".dist-info"):
            continue
        information = os.path.join(folder, name)
        try:
            with open(os.path.join(information, "entry_points.txt"), "rb") as file:
                content = file.read()
        except OSError:
            continue
        if GROUP.encode() not in content:
            continue
        package, _, version = name[: -len(".dist-info")].partition("-")
        for entry, target in _entries(content.decode("utf-8", "replace")):
            yield Plugin(entry, _name(information) or package, version, target)


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of the entry points of our group.

    https://packaging.python.org/en/latest/specifications/entry-points/#file-format
    """
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line[1:].partition("]")[0].strip()
        elif group == GROUP and "=" in line and line[0] not in "#;":
            name, _, value = line.partition("=")
            yield name.strip(), value.partition("[")[0].replace(" ", "")


def _name(information: str) -> str:
    """A package's name as its author writes it."""
    try:
        with open(os.path.join(information, "METADATA"), encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("Name:"):
                    return line[5:].strip()
                if not line.strip():
                    break
    except OSError:
        pass
    return ""


def _normal(package: str) -> str:
    return package.lower().replace("_", "-").replace(".", "-")


def _cache() -> str | None:
    """Where is kept what was found: where Python keeps this module's bytecode. None if it keeps none."""
    cached = __spec__.cached if __spec__ is not None else None
    if not cached:
        return None
    folder, name = os.path.split(cached)
    return os.path.join(folder, NAME + name[name.index(".") :])


def _read(path: str | None) -> Kept:
    if path is None:
        return {}
    try:
        with open(path, "rb") as file:
            version, kept = marshal.loads(file.read())
        return dict(kept) if version == sys.version else {}
    except (OSError, ValueError, EOFError, TypeError):
        return {}


def _keep(path: str, kept: Kept, fresh: Kept) -> None:
    from time import time

    latest = (time() - SETTLED_AFTER) * 1e9
    fresh = {folder: known for folder, known in fresh.items() if known[0] < latest}
    if not fresh or sys.dont_write_bytecode:
        return
    others = {folder: known for folder, known in kept.items() if len(kept) < KEPT_FOLDERS or folder in sys.path}
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "wb") as file:
            file.write(marshal.dumps((sys.version, {**others, **fresh})))
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            return
