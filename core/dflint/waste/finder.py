"""What a build context holds that no image needs: found by what is there, weighed by what the Dockerfiles do.

Something is waste only if it is known by its name together with what is in it, if no COPY, ADD or bind mount means it,
and if no instruction names it; what a build makes only if every stage that copies it along makes it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.record import NamedTuple
from dflint.waste.secrets import BY_NAME, has_private_key, has_secret, is_settings
from dflint.waste.uses import Uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.context import BuildContext, ContextEntry
    from dflint.discovery.gitignore import IgnorePatterns
    from dflint.model import Model

Kind = Literal["history", "secret", "dependencies", "environment", "cache", "editor", "output", "docker"]

_HISTORY = frozenset((".git", ".svn", ".hg", ".bzr"))
_CACHES = frozenset(
    ("__pycache__", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".pytype",
     ".ipynb_checkpoints", ".sass-cache", ".nyc_output", ".parcel-cache", ".turbo", ".terraform")
)  # fmt: skip
_CACHE_FILES = frozenset((".eslintcache", ".DS_Store", "Thumbs.db", "npm-debug.log", "yarn-error.log"))
_EDITORS = frozenset((".idea", ".vscode", ".vs", ".fleet"))
AT_ANY_DEPTH = _CACHES | _CACHE_FILES | {"node_modules", ".venv", ".svn"}
"""Names of what is made in whatever folder a program works in."""
_NODE = ("npm", "yarn", "pnpm", "bun")
# What a build leaves behind: the ecosystems that make it, and names one of which stands beside it.
_OUTPUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "node_modules": (_NODE, ("package.json",)),
    "target": (("cargo", "maven"), ("Cargo.toml", "pom.xml")),
    "vendor": (("composer",), ("composer.json",)),
    ".gradle": (("gradle",), ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")),
    ".next": (("script",), ("package.json",)),
    "obj": (("dotnet",), ("*proj",)),
}
# Names that could be sources as well: waste only where git ignores them.
_IGNORED_OUTPUTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bin": (("dotnet",), ("*proj",)),
    "build": (("gradle", "script"), ("build.gradle", "build.gradle.kts", "package.json")),
    "dist": (("script",), ("package.json",)),
}
_DEPENDENCIES = frozenset(("node_modules", "vendor"))
_BUILD_FILES = frozenset(
    ("pyproject.toml", "setup.py", "setup.cfg", "Makefile", "makefile", "GNUmakefile", "build.rs", "Cargo.toml",
     "build.gradle", "build.gradle.kts", "pom.xml", "build.sbt", "CMakeLists.txt", "Rakefile", "package.json",
     "Directory.Build.props", "Taskfile.yml", "justfile", "meson.build", "mix.exs")
)  # fmt: skip
_BUILD_FILE_ENDS = (".gemspec", ".csproj", ".sh", ".mk", ".cmake")
_GIT_READERS = (
    "git describe", "git rev-parse", "git log", "git ls-files", "git show", "git status", "git branch", "git tag",
    "git rev-list", "git diff", "setuptools_scm", "setuptools-scm", "hatch-vcs", "versioneer", "vergen", "dunamai",
    "dynamic-versioning", "MinVer", "GitVersion", "git-commit-id", "buildnumber", "git2", "gitpython", "vcs_info",
    "setup_requires=['pbr", 'setup_requires=["pbr', "git.Repo", "rev-parse", "ls-files", "sbt-git", "axion-release",
)  # fmt: skip
_MAX_BUILD_FILE = 200_000


class Waste(NamedTuple):
    """Something at ``path`` that no image needs. ``is_folder``: all that is below it too."""

    path: str
    kind: Kind
    is_folder: bool
    is_certain: bool = True
    """Whether its content or git's own ignore file speaks for it too, where a name alone does not."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def find_waste(
    context: BuildContext,
    models: Iterable[Model],
    depth: int | None = None,
    with_docker: bool = False,
    folder: str = "",
) -> tuple[Waste, ...]:
    """What is sent of a folder of the context and is waste for all of some Dockerfiles, in the order of the walk.

    ``depth`` limits the folders that are looked into: 0 is that folder alone. Hidden folders are not looked into then.
    ``with_docker``: Dockerfiles and ignore files of the root too.
    """
    return tuple(_Finder(context, [Uses(model) for model in models]).found(folder, depth, with_docker))


class _Finder:
    def __init__(self, context: BuildContext, uses: list[Uses]) -> None:
        self.context = context
        self.uses = uses
        self._git_is_read: bool | None = None

    def found(self, start: str, depth: int | None, with_docker: bool) -> Iterator[Waste]:
        ignore = self.context.ignore
        pending: list[tuple[str, int, tuple[tuple[IgnorePatterns, str], ...]]] = [(start, 0, ())]
        while pending:
            folder, level, ignored = pending.pop()
            entries = self.context.entries(folder)
            names = {entry.path.rpartition("/")[2] for entry in entries}
            if ".gitignore" in names:
                ignored = self._with_gitignore(folder, ignored)
            below = []
            for entry in entries:
                is_open = not entry.is_ignored
                if is_open:
                    waste = self._waste(entry, names, ignored, with_docker and not folder)
                    if waste is not None:
                        yield waste
                        continue
                if entry.kind != "dir" or not (is_open or (ignore and ignore.may_send_below(entry.path))):
                    continue
                name = entry.path.rpartition("/")[2]
                if depth is None or (level < depth and not name.startswith(".")):
                    inside = tuple((patterns, f"{prefix}{name}/") for patterns, prefix in ignored)
                    below.append((entry.path, level + 1, inside))
            pending.extend(reversed(below))

    def _with_gitignore(
        self, folder: str, above: tuple[tuple[IgnorePatterns, str], ...]
    ) -> tuple[tuple[IgnorePatterns, str], ...]:
        from dflint.discovery.gitignore import IgnorePatterns

        try:
            text = self.context.read(f"{folder}/.gitignore")
        except OSError:
            return above
        return ((IgnorePatterns(text.split("\n")), ""), *above)

    def _waste(
        self,
        entry: ContextEntry,
        beside: set[str],
        ignored: tuple[tuple[IgnorePatterns, str], ...],
        with_docker: bool,
    ) -> Waste | None:
        name = entry.path.rpartition("/")[2]
        is_folder = entry.kind == "dir"
        kind = _kind(name, is_folder)
        is_certain = True
        if name in _OUTPUTS or name in _IGNORED_OUTPUTS:
            if not is_folder or not self._is_made(entry.path, beside):
                return None
            is_ignored = _is_git_ignored(name, True, ignored)
            if name in _IGNORED_OUTPUTS and not is_ignored:
                return None
            is_certain = is_ignored or "/" not in entry.path
            kind = "dependencies" if name in _DEPENDENCIES else "output"
        elif is_settings(name):
            kind = "secret"
            is_certain = has_secret(self.context, entry) or _is_git_ignored(name, False, ignored)
        elif kind is None and is_folder and self.context.entry(f"{entry.path}/pyvenv.cfg") is not None:
            kind = "environment"
        elif kind is None and name.endswith((".pem", ".key")) and has_private_key(self.context, entry):
            kind = "secret"
        elif kind is None and with_docker and not is_folder and _is_docker(name):
            kind = "docker"
        if kind is None or not self._is_unused(entry, name, kind):
            return None
        return Waste(entry.path, kind, is_folder, is_certain)

    def _is_made(self, path: str, beside: set[str]) -> bool:
        name = path.rpartition("/")[2]
        makers, marks = _OUTPUTS.get(name) or _IGNORED_OUTPUTS[name]
        if not any(mark in beside or (mark[0] == "*" and any(n.endswith(mark[1:]) for n in beside)) for mark in marks):
            return False
        if not any(uses.takes(path) for uses in self.uses):
            return False
        return all(uses.makes(path, *makers) for uses in self.uses)

    def _is_unused(self, entry: ContextEntry, name: str, kind: Kind) -> bool:
        if any(uses.names(entry.path) for uses in self.uses):
            return False
        if kind in ("dependencies", "output"):
            return True
        if name == ".git" and (entry.kind != "dir" or self._is_git_read()):
            return False  # a file is a submodule's or a worktree's: one line
        if kind == "environment":
            return all(not uses.mentions(name) or uses.makes(entry.path, "venv") for uses in self.uses)
        if kind == "docker":
            return not any(f"/{name}" in uses.text for uses in self.uses)
        return not any(uses.mentions(name) for uses in self.uses)

    def _is_git_read(self) -> bool:
        """Whether a build may ask git: a RUN does, or a file that builds are described in."""
        if self._git_is_read is None:
            self._git_is_read = any(uses.asks_git() for uses in self.uses) or (
                any(uses.runs_anything for uses in self.uses) and self._has_git_reader()
            )
        return self._git_is_read

    def _has_git_reader(self) -> bool:
        for entry in self.context.entries():
            if entry.kind == "file" and entry.size <= _MAX_BUILD_FILE and not entry.is_ignored and entry.is_readable:
                name = entry.path
                if (name in _BUILD_FILES or name.endswith(_BUILD_FILE_ENDS)) and self._reads_git(name):
                    return True
        return False

    def _reads_git(self, path: str) -> bool:
        try:
            text = self.context.read(path)
        except OSError:
            return False
        return any(reader in text for reader in _GIT_READERS)


def _kind(name: str, is_folder: bool) -> Kind | None:
    if name in _HISTORY:
        return "history"
    if name in BY_NAME:
        return "secret"
    if name in _CACHES:
        return "cache" if is_folder else None
    if name in _CACHE_FILES:
        return None if is_folder else "cache"
    if name in _EDITORS:
        return "editor" if is_folder else None
    return None


def _is_docker(name: str) -> bool:
    from dflint.discovery.search import is_dockerfile_name

    return name == ".dockerignore" or name.endswith(".dockerignore") or is_dockerfile_name(name)


def _is_git_ignored(name: str, is_folder: bool, ignored: tuple[tuple[IgnorePatterns, str], ...]) -> bool:
    for patterns, prefix in ignored:
        verdict = patterns.verdict(prefix + name, is_folder)
        if verdict is not None:
            return verdict
    return False
