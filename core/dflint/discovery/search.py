"""Searching folders for Dockerfiles."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH110, PTH118, PTH123
from __future__ import annotations

import os
from os.path import join
from typing import TYPE_CHECKING

from dflint.discovery.gitignore import IgnorePatterns
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SKIPPED_FOLDERS = frozenset(
    (
        ".git",
        ".hg",
        ".svn",
        ".jj",
        "node_modules",
        "bower_components",
        "vendor",
        ".venv",
        "venv",
        "site-packages",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".terraform",
    )
)
"""Folders that are never searched: version control, environments, other people's code."""

# fmt: off
OTHER_KINDS = frozenset((
    "dockerignore", "md", "mdx", "rst", "adoc", "html", "json", "yml", "yaml", "toml", "xml", "lock",
    "log", "csv", "py", "pyc", "sh", "bash", "ps1", "bat", "go", "js", "mjs", "cjs", "ts", "tsx", "jsx",
    "rb", "rs", "java", "kt", "php", "pl", "lua", "c", "h", "cc", "cpp", "cs", "swift", "vim", "ipynb",
    "nix", "j2", "jinja", "jinja2", "tmpl", "tpl", "template", "erb", "mustache", "hbs", "gotmpl", "in",
    "ejs", "m4", "orig", "bak", "rej", "swp", "swo", "tmp", "patch", "diff", "sig", "asc", "sha256",
    "sha512", "snap",
))
# fmt: on
"""What may follow ``Dockerfile.`` in the name of a file that is something else: code, a template, a backup."""


class Unsearchable(NamedTuple):
    """A folder that could not be read."""

    path: str
    reason: str


def is_dockerfile_name(name: str) -> bool:
    """Whether a folder's file of this name is taken for a Dockerfile."""
    lower = name.lower()
    for stem in ("dockerfile", "containerfile"):
        if lower == stem:
            return True
        if lower.startswith(stem + "."):
            return lower.rpartition(".")[2] not in OTHER_KINDS and not name.endswith("~")
    return lower.endswith(".dockerfile")


def search(folder: str, is_excluded: Callable[[str, bool], bool] | None = None) -> Iterator[str | Unsearchable]:
    """The Dockerfiles below a folder, in the order of their paths, each folder's files before its subfolders.

    Paths start with ``folder`` as given. ``.gitignore`` files count, those above the folder too up to the root of the
    repository, and ``.git/info/exclude``. ``is_excluded(path, is_folder)`` takes out more. Links to folders are not
    followed; a file that is reached by several names comes once.
    """
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[str, _Ignored]] = [(folder, _ignored_above(folder))]
    while stack:
        here, ignored = stack.pop()
        try:
            with os.scandir(here) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Unsearchable(here, error.strerror or str(error))
            continue
        if any(entry.name == "pyvenv.cfg" for entry in entries) and here != folder:
            continue
        ignored = ignored.below(here, any(entry.name == ".gitignore" for entry in entries))
        folders = []
        for entry in entries:
            name = entry.name
            path = name if here == "." else join(here, name)
            if entry.is_dir(follow_symlinks=False):
                if (
                    name not in SKIPPED_FOLDERS
                    and not ignored.ignores(name, True)
                    and not _says(is_excluded, path, True)
                ):
                    folders.append((path, ignored.inside(name)))
            elif is_dockerfile_name(name) and _is_file(entry):
                if ignored.ignores(name, False) or _says(is_excluded, path, False):
                    continue
                try:
                    status = entry.stat()
                except OSError as error:
                    yield Unsearchable(path, error.strerror or str(error))
                    continue
                key = (status.st_dev, status.st_ino)
                if status.st_ino == 0 or key not in seen:  # Windows gives no number here
                    seen.add(key)
                    yield path
        stack.extend(reversed(folders))


def _says(is_excluded: Callable[[str, bool], bool] | None, path: str, is_folder: bool) -> bool:
    return is_excluded is not None and is_excluded(path, is_folder)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return True  # let reading it say what is wrong


class _Ignored:
    """The ignore files that count in a folder: patterns, and the folder's path relative to theirs; nearest first."""

    __slots__ = ("_levels",)

    def __init__(self, levels: tuple[tuple[IgnorePatterns, str], ...] = ()) -> None:
        self._levels = levels

    def below(self, folder: str, has_file: bool) -> _Ignored:
        """With the folder's own ``.gitignore``."""
        patterns = read_patterns(join(folder, ".gitignore")) if has_file else None
        return _Ignored(((patterns, ""), *self._levels)) if patterns else self

    def inside(self, name: str) -> _Ignored:
        """The same patterns, seen from a subfolder."""
        return _Ignored(tuple((patterns, f"{prefix}{name}/") for patterns, prefix in self._levels))

    def ignores(self, name: str, is_folder: bool) -> bool:
        for patterns, prefix in self._levels:
            verdict = patterns.verdict(prefix + name, is_folder)
            if verdict is not None:
                return verdict
        return False


def _ignored_above(folder: str) -> _Ignored:
    """The ignore files of the folders above, up to the root of the git repository; none outside a repository."""
    path = os.path.abspath(folder)
    levels: list[tuple[IgnorePatterns, str]] = []
    prefix = ""
    while True:
        if prefix:
            patterns = read_patterns(join(path, ".gitignore"))
            if patterns:
                levels.append((patterns, prefix))
        if os.path.exists(join(path, ".git")):
            patterns = read_patterns(join(path, ".git", "info", "exclude"))
            if patterns:
                levels.append((patterns, prefix))
            return _Ignored(tuple(levels))
        parent, name = os.path.split(path)
        if parent == path:
            return _Ignored()
        path, prefix = parent, f"{name}/{prefix}"


def read_patterns(path: str) -> IgnorePatterns | None:
    """The patterns of an ignore file, None if there is none that can be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return IgnorePatterns(file.read().removeprefix("\ufeff").split("\n"))
    except OSError:
        return None
