"""What of the original is needed at run time, and what the rest is.

Needed: what the closure reaches; what the packages of reached files consist of, and those that they depend on; and
every path that belongs to no package, unless its name, its place or its packages tell that it is useless at run time.
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple

from dflint.images.file_tree import parent_of
from dflint.verify.classes import RUNS_SOURCES, project_group, system_group
from dflint.verify.content import source_of
from dflint.verify.node_modules import production_packages

if TYPE_CHECKING:
    from dflint.images import Entry
    from dflint.verify.side import Side

_USELESS_IN_PACKAGES = frozenset((
    "documentation", "translations", "package cache", "logs", "temporary files", "package database",
    "written by the engine",
))  # fmt: skip
_VETOED_BY_BUILDS = frozenset(
    ("package cache", "sources", "build files", "build output", "toolchain", "tests", "package manager configuration")
)
_FETCHING_RUNNERS = frozenset(("deno", "bun"))
_MANAGERS = frozenset((
    "npm", "npx", "yarn", "pnpm", "pip", "pip3", "poetry", "pipenv", "uv", "bundle", "bundler", "rake", "composer",
    "honcho",
    "foreman", "overmind", "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "dpkg", "gulp", "grunt", "just", "task",
))  # fmt: skip
_DEVELOPMENT_DISTRIBUTIONS = frozenset((
    "pip", "setuptools", "wheel", "virtualenv", "pipenv", "poetry", "poetry-core", "uv", "build", "hatch",
    "hatchling", "flit",
    "flit-core", "twine", "tox", "nox", "pytest", "pytest-cov", "coverage", "mypy", "black", "flake8", "ruff",
    "isort", "pylint",
    "pre-commit", "cython", "pip-tools", "ipython", "sphinx", "bandit",
))  # fmt: skip
_CODE = (".py", ".js", ".mjs", ".cjs", ".rb", ".pm", ".pl", ".php", ".jar", ".sh")
_GRADLE = ("build.gradle", "build.gradle.kts")
_GRADLE_PARTS = ("classes/", "resources/", "tmp/", "reports/", "test-results/", "generated/", "kotlin/")
_DOTNET = (".csproj", ".fsproj", ".vbproj")
MAX_MENTIONS = 16 << 20


class Use(NamedTuple):
    """What a path is. ``is_needed`` with a reason in ``why``, or its class, which explains its absence or does not."""

    is_needed: bool
    why: str
    group: str
    is_explained: bool


class Needs:
    """Says for each path of the original whether the process needs it."""

    def __init__(self, original: Side, other_variables: frozenset[str] = frozenset()) -> None:
        """``other_variables``: those with another value in the other image, whose paths therefore do not count."""
        self._side = original
        self._other_variables = other_variables
        self._tree = original.tree
        closure = original.closure
        self._sources_run = closure.sources_run
        only_start = {name for name, is_script in closure.script_runners.items() if is_script}
        self.builds = bool(closure.programs & (RUNS_SOURCES.keys() | _MANAGERS) - only_start)
        """Whether the container itself builds: then caches, sources and build files are part of what runs."""
        fetching = {name for name, language in RUNS_SOURCES.items() if language != "typescript"} | _FETCHING_RUNNERS
        self._fetches = bool(closure.programs & (fetching | _MANAGERS) - only_start)
        """Whether it may look into the caches of packages: what only runs TypeScript does not."""
        self._node_roots: dict[str, set[str] | None] = {}
        self._mentions: str | None = None
        self._prefixes: tuple[str, ...] | None = None
        self._locale = _has_locale(original)
        self._load_shipped()
        self._reach_surroundings()
        self._prefixes = None  # more is reached now than when libraries were loaded
        self._node_roots.clear()
        self.needed_packages = original.packages.with_dependencies(self._packages_of_code())

    # Further roots

    def _load_shipped(self) -> None:
        """The libraries of every program and extension that belongs to no package."""
        closure = self._side.closure
        shipped = [
            entry
            for entry in self._tree.entries()
            if entry.is_elf and entry.path not in closure.reached and not entry.path.endswith((".o", ".a"))
            and "/lib-dynload/" not in entry.path
        ]  # fmt: skip
        for entry in sorted(shipped, key=lambda found: (found.layer, found.offset)):
            if self._is_shipped(entry):
                closure.load(entry)

    def _is_shipped(self, entry: Entry) -> bool:
        return (
            self._side.owner(entry) is None
            and system_group(entry.path) is None
            and not self._is_development(entry.path)
        )

    def _reach_surroundings(self) -> None:
        from dflint.verify.surroundings import reach_surroundings

        reach_surroundings(self._side.closure, self._other_variables)

    def _packages_of_code(self) -> set[str]:
        """The packages of the programs, libraries and modules that are reached; data stands for itself."""
        found: set[str] = set()
        for path in self._side.closure.reached:
            owner = self._side.packages.owners.get(path)
            entry = self._tree.get(path) if owner is not None and owner not in found else None
            if owner is None or entry is None or not entry.is_file:
                continue
            if entry.is_elf or entry.is_script or path.endswith(_CODE):
                found.add(owner)
        return found

    # Paths

    def use(self, entry: Entry) -> Use:
        """What a path of the original is for."""
        path = entry.path
        why = self._side.closure.reached.get(path)
        if why is not None:
            return Use(True, why, "", False)
        package = self._side.owner(entry)
        if package is not None:
            return self._use_in_package(entry, package.name)
        return self._use_alone(entry)

    def _use_in_package(self, entry: Entry, name: str) -> Use:
        group = system_group(entry.path)
        if name in self.needed_packages:
            if group == "translations" and self._locale:
                return Use(True, f"belongs to the package {name}, and the locale asks for translations", "", False)
            if group in _USELESS_IN_PACKAGES or group == "toolchain" or self._is_bytecode(entry.path):
                return Use(False, "", group or "bytecode", True)
            return Use(True, f"belongs to the package {name}, which what runs needs", "", False)
        if name in self._side.toolchain and not self._is_vetoed("toolchain"):
            return Use(False, "", "toolchain", True)
        if group in ("documentation", "translations", "package database", "package cache"):
            return Use(False, "", group, True)
        return Use(False, "", f"package {name}", False)

    def _use_alone(self, entry: Entry) -> Use:
        path = entry.path
        group = system_group(path)
        if group is not None and not self._is_vetoed(group) and not (group == "translations" and self._locale):
            return Use(False, "", group, True)
        if self._is_bytecode(path):
            return Use(False, "", "bytecode", True)
        if self._is_development(path):
            return Use(False, "", "development dependency", True)
        project = project_group(path, entry.is_dir, self._sources_run)
        if project is not None and not self._is_vetoed(project) and not self._is_mentioned(basename(path)):
            return Use(False, "", project, True)
        if self._is_build_output(entry):
            return Use(False, "", "build output", True)
        if self._is_leftover(entry):
            return Use(False, "", "leftover of packages", True)
        left = self._left_by_package(entry)
        if left is not None:
            return left
        return Use(True, "belongs to no package, and nothing tells that it is not used", "", False)

    def _is_build_output(self, entry: Entry) -> bool:
        """Classes outside of the class path, and folders in which Gradle and .NET keep what they make on the way."""
        if self.builds:
            return False
        path = entry.path
        if path.endswith(".class") and self._side.closure.has_class_path:
            return True
        for folder, marks in (("/build/", _GRADLE), ("/obj/", _DOTNET)):
            root, separator, rest = f"{path}/".partition(folder)
            if separator and any(name.endswith(marks) for name in self._tree.names(root)):
                return folder == "/obj/" or rest.startswith(_GRADLE_PARTS) or rest.endswith("-plain.jar/")
        return False

    def _is_leftover(self, entry: Entry) -> bool:
        """An empty folder or a link to nothing in the system's own places, which no COPY brought."""
        if self._side.is_copied(entry) or not entry.path.startswith(("/usr/", "/etc/alternatives/")):
            return False
        if entry.is_dir:
            return not self._tree.names(entry.path)
        return entry.is_symlink and self._tree.resolve(entry.path) is None

    def _is_vetoed(self, group: str) -> bool:
        return self._fetches if group == "package cache" else self.builds and group in _VETOED_BY_BUILDS

    def _is_bytecode(self, path: str) -> bool:
        source = source_of(path)
        if path.endswith("/__pycache__"):
            return all(self._is_bytecode(f"{path}/{name}") for name in self._tree.names(path))
        return source is not None and source in self._tree

    def _left_by_package(self, entry: Entry) -> Use | None:
        """What scripts of packages make: links to what a package has, and files in folders that are a package's own."""
        if self._side.is_copied(entry):
            return None
        if entry.is_symlink:
            target = self._tree.resolve(entry.path)
            if target is not None and target.path != entry.path and not target.is_dir:
                use = self.use(target)
                if not use.is_needed:
                    return use
        if entry.is_file and entry.path.startswith(("/etc/", "/var/", "/usr/share/")):
            names = self._side.configured_by(entry.path)
            if names:
                needed = names & self.needed_packages
                return self._use_in_package(entry, min(needed or names))
        folder = self._tree.get(parent_of(entry.path))
        if folder is None or folder.path in ("/", "/etc", "/usr/bin", "/usr/local", "/usr/local/bin", "/opt", "/srv"):
            return None
        owner = self._side.packages.owner(folder.path)
        if owner is not None and owner.name not in self.needed_packages:
            return self._use_in_package(folder, owner.name)
        return None

    # Libraries of languages

    def _is_development(self, path: str) -> bool:
        """Whether a path lies in an installed library that only development needs."""
        if self.builds:
            return False
        if "/node_modules/" in path:
            return self._is_node_development(path)
        return any(path.startswith(prefix) for prefix in self._development_prefixes())

    def _is_node_development(self, path: str) -> bool:
        root = path[: path.index("/node_modules/")] or "/"
        if root in ("/usr/lib", "/usr/local/lib"):
            return False
        if root not in self._node_roots:
            found = production_packages(self._side.closure, root)
            if found is not None:
                for reached in self._side.closure.reached:
                    package = _node_package(reached)
                    if package is not None:
                        found.add(package)
            self._node_roots[root] = found
        production = self._node_roots[root]
        if production is None:
            return False
        package = _node_package(path)
        if package is not None:
            return not any(package == name or package.startswith(f"{name}/") for name in production)
        if "/node_modules/.bin/" in path:
            target = self._tree.resolve(path)
            return target is not None and target.path != path and self._is_node_development(target.path)
        return False

    def _development_prefixes(self) -> tuple[str, ...]:
        if self._prefixes is None:
            self._prefixes = tuple(self._python_development())
        return self._prefixes

    def _python_development(self) -> list[str]:
        """Files and folders of distributions for development that nothing imports."""
        closure = self._side.closure
        prefixes = []
        for site in closure.site_folders:
            for name in self._tree.names(site):
                if not name.endswith((".dist-info", ".egg-info")):
                    continue
                distribution = name.partition("-")[0].lower().replace("_", "-").replace(".", "-")
                if distribution not in _DEVELOPMENT_DISTRIBUTIONS:
                    continue
                parts = self._parts_of(site, name)
                if not any(reached.startswith(parts) for reached in closure.reached if reached.startswith(site)):
                    prefixes += [f"{site}/{name}", *parts]
        return prefixes

    def _parts_of(self, site: str, info: str) -> tuple[str, ...]:
        """The paths that a distribution's RECORD names, by their first part; scripts as they are."""
        from dflint.images.file_tree import clean

        entry = self._tree.resolve(f"{site}/{info}/RECORD")
        found: dict[str, None] = {}
        text = self._side.closure.text(entry) if entry is not None and entry.is_file else ""
        for line in text.splitlines():
            path = line.partition(",")[0].strip('"')
            if path.startswith("../"):
                found[clean(path, site)] = None
            elif path and not path.startswith(("/", "__pycache__")):
                first, slash, _ = path.partition("/")
                found[f"{site}/{first}{slash}"] = None
        return tuple(found)

    def _is_mentioned(self, name: str) -> bool:
        """Whether a source of the application that is reached has a file's name in it."""
        if self._mentions is None:
            texts = []
            size = 0
            for path in self._side.closure.reached:
                entry = self._tree.get(path)
                if (
                    entry is None
                    or not entry.is_file
                    or entry.is_elf
                    or "/node_modules/" in path
                    or entry.size > 1 << 20
                ):
                    continue
                if any(path.startswith(f"{site}/") for site in self._side.closure.site_folders):
                    continue
                if not path.endswith((".py", ".js", ".mjs", ".cjs", ".sh", ".rb", ".php")) and not entry.is_script:
                    continue
                if self._side.packages.owners.get(path) is not None or "/lib/python3" in path:
                    continue
                size += entry.size
                if size > MAX_MENTIONS:
                    break
                texts.append(self._side.closure.text(entry))
            self._mentions = "\n".join(texts)
        return name in self._mentions


def _node_package(path: str) -> str | None:
    """The folder of the package that a path lies in: ``/app/node_modules/@a/b``; None for ``.bin`` and the like."""
    head, separator, tail = path.rpartition("/node_modules/")
    if not separator:
        return None
    parts = tail.split("/")
    if parts[0].startswith("."):
        return None
    if parts[0].startswith("@"):
        return f"{head}/node_modules/{parts[0]}/{parts[1]}" if len(parts) > 1 else None
    return f"{head}/node_modules/{parts[0]}"


def _has_locale(side: Side) -> bool:
    """Whether variables ask for a language other than C and English."""
    environment = side.image.config.environment
    values = [environment.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    return any(value and not value.startswith(("C", "POSIX", "en")) for value in values)
