"""Dependency manifests and lock files by ecosystem: what an install needs, and when copying them first is unsafe.

A rule asks by name alone (``ecosystem_of("package-lock.json")``) or with a context (``manifests_in(context)``).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dflint.context.build_context import BuildContext


class Ecosystem(NamedTuple):
    """One package manager. Names may hold ``*``; all are base names.

    ``extras`` are files that the install reads too when they are there (registry settings, hooks, patches): base names,
    a trailing slash for a folder. ``installs`` are beginnings of the commands that install dependencies from the
    manifests, ``outputs`` the folders where they end up or what builds leave behind on the host.
    """

    name: str
    manifests: tuple[str, ...]
    locks: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    installs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class LocalPart(NamedTuple):
    """Something of the project that the install of dependencies itself needs: ``path`` (or a pattern) and why."""

    manifest: str
    path: str
    reason: str


class Found(NamedTuple):
    """The manifests of an ecosystem in one folder of a context, as paths in the context."""

    ecosystem: Ecosystem
    folder: str
    manifests: tuple[str, ...]
    locks: tuple[str, ...]
    extras: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Everything that has to be copied before the install."""
        return self.manifests + self.locks + self.extras


_NODE_EXTRAS = (".npmrc", ".nvmrc", ".node-version")

ECOSYSTEMS: tuple[Ecosystem, ...] = (
    Ecosystem(
        "npm", ("package.json",), ("package-lock.json", "npm-shrinkwrap.json"), (*_NODE_EXTRAS, "patches/"),
        ("npm ci", "npm install", "npm i"), ("node_modules", "dist", "build", ".next", ".nuxt", "coverage"),
    ),
    Ecosystem(
        "yarn", ("package.json",), ("yarn.lock",),
        (*_NODE_EXTRAS, ".yarnrc", ".yarnrc.yml", ".yarn/", ".pnp.cjs", "patches/"),
        ("yarn install", "yarn"), ("node_modules", "dist", "build"),
    ),
    Ecosystem(
        "pnpm", ("package.json",), ("pnpm-lock.yaml",),
        (*_NODE_EXTRAS, "pnpm-workspace.yaml", ".pnpmfile.cjs", "pnpmfile.js", "patches/"),
        ("pnpm install", "pnpm i", "pnpm fetch"), ("node_modules", "dist", "build"),
    ),
    Ecosystem(
        "bun", ("package.json",), ("bun.lock", "bun.lockb"), (*_NODE_EXTRAS, "bunfig.toml", "patches/"),
        ("bun install", "bun i"), ("node_modules", "dist", "build"),
    ),
    Ecosystem(
        "pip",
        ("requirements.txt", "requirements-*.txt", "requirements_*.txt", "*-requirements.txt", "*_requirements.txt"),
        (), ("constraints.txt", "pip.conf", "requirements/"),
        ("pip install -r", "pip install --requirement", "pip3 install -r", "python -m pip install -r"),
        ("__pycache__", ".venv", "venv", "*.egg-info", ".pytest_cache", ".mypy_cache", ".tox"),
    ),
    Ecosystem(
        "poetry", ("pyproject.toml",), ("poetry.lock",), ("poetry.toml",), ("poetry install", "poetry sync"),
        ("__pycache__", ".venv", "dist"),
    ),
    Ecosystem(
        "uv", ("pyproject.toml",), ("uv.lock",), ("uv.toml", ".python-version"), ("uv sync", "uv pip install -r"),
        ("__pycache__", ".venv", "dist"),
    ),
    Ecosystem(
        "pipenv", ("Pipfile",), ("Pipfile.lock",), (), ("pipenv install", "pipenv sync"), ("__pycache__", ".venv"),
    ),
    Ecosystem(
        "go", ("go.mod",), ("go.sum",), ("go.work", "go.work.sum"), ("go mod download", "go mod tidy"), ("bin",),
    ),
    Ecosystem(
        "cargo", ("Cargo.toml",), ("Cargo.lock",), ("rust-toolchain", "rust-toolchain.toml", ".cargo/"),
        ("cargo fetch", "cargo build", "cargo install --path"), ("target",),
    ),
    Ecosystem(
        "maven", ("pom.xml",), (), ("mvnw", "mvnw.cmd", ".mvn/", "settings.xml"),
        ("mvn dependency:go-offline", "mvn dependency:resolve", "mvn package", "mvn install", "./mvnw"), ("target",),
    ),
    Ecosystem(
        "gradle", ("build.gradle", "build.gradle.kts"), ("gradle.lockfile",),
        ("settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew", "gradlew.bat", "gradle/",
         "buildSrc/"),
        ("gradle dependencies", "gradle build", "./gradlew"), ("build", ".gradle"),
    ),
    Ecosystem(
        "bundler", ("Gemfile", "gems.rb", "*.gemspec"), ("Gemfile.lock", "gems.locked"),
        (".ruby-version", ".tool-versions", ".bundle/"),
        ("bundle install",), ("vendor/bundle", "tmp", "log"),
    ),
    Ecosystem(
        "composer", ("composer.json",), ("composer.lock",), ("symfony.lock", "auth.json"),
        ("composer install",), ("vendor",),
    ),
    Ecosystem(
        "dotnet", ("*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx"), ("packages.lock.json",),
        ("nuget.config", "NuGet.Config", "Nuget.config", "global.json", "Directory.Build.props",
         "Directory.Build.targets", "Directory.Packages.props"),
        ("dotnet restore",), ("bin", "obj"),
    ),
)  # fmt: skip
"""In the order in which a shared manifest is tried; the lock file decides (see ``manifests_in``)."""

BY_NAME: dict[str, Ecosystem] = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}


def is_manifest(name: str) -> bool:
    """Whether a base name is a manifest of some ecosystem."""
    return any(_any_matches(ecosystem.manifests, name) for ecosystem in ECOSYSTEMS)


def is_lock(name: str) -> bool:
    """Whether a base name is a lock file of some ecosystem."""
    return any(_any_matches(ecosystem.locks, name) for ecosystem in ECOSYSTEMS)


def ecosystems_of(name: str) -> tuple[Ecosystem, ...]:
    """The ecosystems in which a base name is a manifest or a lock file; ``package.json`` has four."""
    return tuple(
        ecosystem
        for ecosystem in ECOSYSTEMS
        if _any_matches(ecosystem.manifests, name) or _any_matches(ecosystem.locks, name)
    )


def manifests_in(context: BuildContext, folder: str = "") -> tuple[Found, ...]:
    """The ecosystems whose manifests stand in a folder of the context and are sent.

    Of ecosystems with the same manifest only those with a lock file there count; with none, the first one (npm), or for
    ``pyproject.toml`` the one that its tables name, none if they name none.
    """
    key = ("manifests", folder)
    known = context.remembered.get(key)
    if known is None:
        known = context.remembered[key] = _manifests_in(context, folder)
    return cast("tuple[Found, ...]", known)


def _manifests_in(context: BuildContext, folder: str) -> tuple[Found, ...]:
    entries = {entry.path.rpartition("/")[2]: entry for entry in context.entries(folder) if not entry.is_ignored}
    found = []
    claimed: set[str] = set()
    without_lock = []
    for ecosystem in ECOSYSTEMS:
        manifests = tuple(
            entry.path
            for name, entry in entries.items()
            if entry.kind != "dir" and _any_matches(ecosystem.manifests, name)
        )
        if not manifests:
            continue
        locks = tuple(entry.path for name, entry in entries.items() if _any_matches(ecosystem.locks, name))
        extras = tuple(
            entry.path
            for name, entry in entries.items()
            if (f"{name}/" if entry.kind == "dir" else name) in ecosystem.extras
        )
        item = Found(ecosystem, folder, manifests, locks, extras)
        if locks or ecosystem.manifests[0] not in ("package.json", "pyproject.toml"):
            found.append(item)
            claimed.update(manifests)
        else:
            without_lock.append(item)
    for item in without_lock:
        if claimed.isdisjoint(item.manifests) and _is_named(context, item):
            found.append(item)
            claimed.update(item.manifests)
    return tuple(found)


def local_parts(context: BuildContext, manifest: str, like: str = "") -> tuple[LocalPart, ...]:
    """What else of the project the install needs, read from a manifest of the context (a path in it).

    ``like`` is a name to read it by, for a file whose own name tells nothing (``pip install -r deps/prod.txt``).

    Empty for a manifest that is read and names nothing; an unreadable or malformed one has one part, itself, with the
    reason. Reading is shallow: a part that is a manifest again has to be asked about again.
    """
    name = like or manifest.rpartition("/")[2]
    for pattern, reader in _READERS:
        if fnmatchcase(name, pattern):
            try:
                text = context.read(manifest)
            except OSError as error:
                return (LocalPart(manifest, manifest, f"cannot be read ({error})"),)
            try:
                return tuple(LocalPart(manifest, path, reason) for path, reason in reader(text))
            except ValueError:
                return (LocalPart(manifest, manifest, "cannot be understood"),)
    return ()


def _any_matches(patterns: Iterable[str], name: str) -> bool:
    return any(pattern == name or ("*" in pattern and fnmatchcase(name, pattern)) for pattern in patterns)


def _is_named(context: BuildContext, item: Found) -> bool:
    if item.ecosystem.manifests[0] != "pyproject.toml":
        return True
    try:
        text = context.read(item.manifests[0])
    except OSError:
        return False
    return f"[tool.{item.ecosystem.name}" in text


def _npm_parts(text: str) -> list[tuple[str, str]]:
    import json

    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError
    parts: list[tuple[str, str]] = []
    workspaces = data.get("workspaces")
    if isinstance(workspaces, dict):
        workspaces = workspaces.get("packages")
    if isinstance(workspaces, list):
        parts.extend((str(pattern), "a workspace") for pattern in workspaces)
    for table in ("dependencies", "devDependencies", "optionalDependencies", "resolutions"):
        values = data.get(table)
        for value in values.values() if isinstance(values, dict) else ():
            if isinstance(value, str):
                for protocol in ("file:", "link:", "portal:"):
                    if value.startswith(protocol):
                        parts.append((value.removeprefix(protocol), "a local dependency"))
                if value.startswith(("./", "../")):
                    parts.append((value, "a local dependency"))
                if value.startswith("workspace:"):
                    parts.append((".", "a dependency on a workspace"))
    scripts = data.get("scripts")
    for script in ("preinstall", "install", "postinstall", "prepare", "prepublish"):
        if isinstance(scripts, dict) and isinstance(scripts.get(script), str):
            parts.append((".", f"the script {script} runs at install: {scripts[script]}"))
    return parts


def _pip_parts(text: str) -> list[tuple[str, str]]:
    parts = []
    for line in text.splitlines():
        line = line.partition(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        for option in ("-r", "--requirement", "-c", "--constraint", "-e", "--editable", "-f", "--find-links"):
            if line.startswith(option) and (len(option) == 2 or line[len(option) : len(option) + 1] in (" ", "=")):
                value = line[len(option) :].lstrip(" =").partition(";")[0].strip()
                if "://" not in value:
                    path = value.partition("[")[0] if option in ("-e", "--editable") else value
                    parts.append((path, f"named by {option}"))
                break
        else:
            if line.startswith((".", "/", "file:")) or " @ file:" in line:
                path = line.rpartition("file:")[2].partition(";")[0].partition("[")[0]
                parts.append((path.strip(), "a local package"))
    return parts


def _pyproject_parts(text: str) -> list[tuple[str, str]]:
    import re

    parts = [(path, "a local dependency") for path in re.findall(r"\bpath\s*=\s*[\"']([^\"']+)[\"']", text)]
    if re.search(r"^\s*\[tool\.uv\.workspace\]", text, re.MULTILINE):
        parts.append((".", "a uv workspace"))
    for value in re.findall(r"^\s*readme\s*=\s*[\"']([^\"']+)[\"']", text, re.MULTILINE):
        parts.append((value, "the read-me that building the project reads"))
    return parts


def _go_parts(text: str) -> list[tuple[str, str]]:
    import re

    return [
        (path, "a replaced module")
        for path in re.findall(r"^\s*(?:replace\s+)?[^\s/][^\n]*?=>\s*(\.{1,2}(?:/\S*)?|/\S+)\s*$", text, re.MULTILINE)
    ]


def _cargo_parts(text: str) -> list[tuple[str, str]]:
    import re

    parts = []
    workspace = re.search(r"^\s*\[workspace\]", text, re.MULTILINE)
    if workspace:
        members = re.search(r"^\s*members\s*=\s*\[([^\]]*)\]", text, re.MULTILINE)
        for member in re.findall(r"[\"']([^\"']+)[\"']", members.group(1)) if members else ["."]:
            parts.append((member, "a workspace member"))
    parts.extend((path, "a path in the manifest") for path in re.findall(r"\bpath\s*=\s*[\"']([^\"']+)[\"']", text))
    build = re.search(r"^\s*build\s*=\s*[\"']([^\"']+)[\"']", text, re.MULTILINE)
    if build:
        parts.append((build.group(1), "the build script"))
    return parts


def _maven_parts(text: str) -> list[tuple[str, str]]:
    import re

    parts = [(path.strip(), "a module") for path in re.findall(r"<module>([^<]+)</module>", text)]
    for path in re.findall(r"<relativePath>([^<]+)</relativePath>", text):
        parts.append((path.strip(), "the parent"))
    parts.extend((path.strip(), "a local library") for path in re.findall(r"<systemPath>([^<]+)</systemPath>", text))
    return parts


def _gradle_parts(text: str) -> list[tuple[str, str]]:
    import re

    parts = [
        (path.strip(":").replace(":", "/"), "a project")
        for path in re.findall(r"project\(\s*(?:path\s*[:=]\s*)?[\"']:([^\"']+)[\"']", text)
    ]
    parts.extend((path, "a script") for path in re.findall(r"apply\s*\(?\s*from\s*[:=]\s*[\"']([^\"':]+)[\"']", text))
    parts.extend(
        (path, "local libraries")
        for path in re.findall(r"(?:files|fileTree)\s*\(\s*(?:dir\s*[:=]\s*)?[\"']([^\"']+)[\"']", text)
    )
    parts.extend((path, "a composite build") for path in re.findall(r"includeBuild\s*\(?\s*[\"']([^\"']+)[\"']", text))
    return parts


def _gem_parts(text: str) -> list[tuple[str, str]]:
    import re

    parts = [(path, "a local gem") for path in re.findall(r"\bpath(?::|\s*=>|\s)\s*[\"']([^\"']+)[\"']", text)]
    if re.search(r"^\s*gemspec\b", text, re.MULTILINE):
        parts.append(("*.gemspec", "the project's own gemspec, which may read its version and file list"))
    parts.extend((path, "evaluated") for path in re.findall(r"\beval_gemfile\s*\(?\s*[\"']([^\"']+)[\"']", text))
    for path in re.findall(r"\bruby\s+file:\s*[\"']([^\"']+)[\"']", text):
        parts.append((path, "the version of Ruby"))
    return parts


def _composer_parts(text: str) -> list[tuple[str, str]]:
    import json

    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError
    parts: list[tuple[str, str]] = []
    repositories = data.get("repositories")
    if isinstance(repositories, dict):
        repositories = list(repositories.values())
    for repository in repositories if isinstance(repositories, list) else ():
        if isinstance(repository, dict) and repository.get("type") in ("path", "artifact"):
            parts.append((str(repository.get("url", ".")), "a local repository"))
    scripts = data.get("scripts")
    for script in ("pre-install-cmd", "post-install-cmd", "pre-autoload-dump", "post-autoload-dump"):
        if isinstance(scripts, dict) and scripts.get(script):
            parts.append((".", f"the script {script} runs at install"))
    for table in ("autoload", "autoload-dev"):
        load = data.get(table)
        for kind in ("classmap", "files"):
            values = load.get(kind) if isinstance(load, dict) else None
            parts.extend((str(path), f"{kind} of {table}") for path in (values if isinstance(values, list) else ()))
    return parts


def _dotnet_parts(text: str) -> list[tuple[str, str]]:
    import re

    found = re.findall(r"<(ProjectReference|Import)\b[^>]*?\b(?:Include|Project)\s*=\s*\"([^\"]+)\"", text)
    parts = [(path.replace("\\", "/"), "a project" if tag == "ProjectReference" else "imported") for tag, path in found]
    parts.extend(
        (path.replace("\\", "/"), "a project of the solution")
        for path in re.findall(r"^Project\([^)]*\)\s*=\s*\"[^\"]*\",\s*\"([^\"]+proj)\"", text, re.MULTILINE)
    )
    return parts


_READERS: tuple[tuple[str, Callable[[str], list[tuple[str, str]]]], ...] = (
    ("package.json", _npm_parts),
    ("*requirements*.txt", _pip_parts),
    ("pyproject.toml", _pyproject_parts),
    ("go.mod", _go_parts),
    ("Cargo.toml", _cargo_parts),
    ("pom.xml", _maven_parts),
    ("*.gradle", _gradle_parts),
    ("*.gradle.kts", _gradle_parts),
    ("Gemfile", _gem_parts),
    ("composer.json", _composer_parts),
    ("*.*proj", _dotnet_parts),
    ("*.sln", _dotnet_parts),
)
