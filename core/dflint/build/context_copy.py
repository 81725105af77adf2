"""A copy of a build context to change things in; the user's own files are only read."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dflint.build.errors import EngineError
from dflint.context import BuildContext, DiskFileSystem
from dflint.context.dockerignore import parse_ignore
from dflint.context.manifests import is_lock, is_manifest
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.build.request import Recipe

SOURCES = frozenset((
    "c", "cc", "cpp", "cs", "css", "cxx", "erl", "ex", "exs", "fs", "go", "h", "hpp", "hs", "html", "java", "js", "jsx",
    "kt", "lua", "mjs", "ml", "php", "pl", "pm", "py", "r", "rb", "rs", "scala", "sh", "sql", "svelte", "swift", "ts",
    "tsx", "vue",
))  # fmt: skip
"""Endings of files that are edited all the time."""


class TouchPlan(NamedTuple):
    """Which file stands for which kind of edit; None where the context has none."""

    source: str | None
    manifest: str | None
    readme: str | None


def copy_context(root: str, recipes: Sequence[Recipe], destination: Path) -> BuildContext:
    """Copy what builds of the recipes would get; files are hard links where that is possible.

    With ignore files that differ everything is copied. Raises EngineError when the disk does not take it.
    """
    same = len({recipe.ignore for recipe in recipes}) == 1
    context = _context(root, recipes[0]) if same else BuildContext(root, DiskFileSystem())
    try:
        destination.mkdir(parents=True)
        for entry in context.walk():
            source, target = Path(root, entry.path), destination / entry.path
            if entry.kind == "dir":
                target.mkdir(parents=True, exist_ok=True)
                shutil.copystat(source, target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(source, target)
    except OSError as error:
        raise EngineError(f"the build context cannot be copied: {error.strerror or error}: {error.filename}") from None
    return context


def _context(root: str, recipe: Recipe) -> BuildContext:
    files = DiskFileSystem()
    if recipe.ignore is not None:
        return BuildContext(root, files, parse_ignore(recipe.ignore))
    path = str(Path(root, ".dockerignore"))
    return BuildContext(root, files, parse_ignore(files.read_text(path)) if files.is_file(path) else None)


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if not source.is_file():
        return  # sockets and the like are not sent
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copy2(source, target)


def plan_touches(context: BuildContext) -> TouchPlan:
    """The files to edit: the ones nearest to the root, as people have their main files there."""
    files = sorted(
        (entry.path for entry in context.walk() if entry.kind == "file" and entry.size),
        key=lambda path: (path.count("/"), "test" in path.lower(), path),
    )
    names = [(path, path.rpartition("/")[2]) for path in files]
    source = next((p for p, n in names if n.rpartition(".")[2].lower() in SOURCES and not is_manifest(n)), None)
    manifest = next((p for p, n in names if is_manifest(n) and not is_lock(n)), None)
    readme = next((p for p, n in names if n.lower().startswith("readme")), None)
    return TouchPlan(source, manifest, readme)


def touch(folder: Path, path: str) -> None:
    """Append blanks to a file of the copy that it never had before: no build knows it, and no language minds.

    The file is replaced, not written to: it may be a hard link to the user's own.
    """
    file = folder / path
    blanks = "".join(" \n"[int(bit)] for bit in f"{secrets.randbits(40):040b}")
    content = file.read_bytes() + b"\n" + blanks.encode() + b"\n"
    new = file.with_name(file.name + ".dflint")
    new.write_bytes(content)
    shutil.copymode(file, new)
    new.replace(file)
