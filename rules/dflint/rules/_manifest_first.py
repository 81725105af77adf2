"""Which manifests an install of dependencies needs before the sources, and whether it can do without those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.rules._broad_copies import fits
from dflint.rules._copy_moves import (
    are_copied_before,
    copy_line,
    destination_of,
    fetch_first,
    manifest_lines,
    with_lines,
    with_manifests,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.context import BuildContext
    from dflint.context.manifests import Found
    from dflint.findings import Applicability, Fix
    from dflint.rules._early_copies import Case
    from dflint.rules._installs import Install


class Plan(NamedTuple):
    """The files to copy first, the fix, and whether they are there already."""

    names: tuple[str, ...]
    fix: Fix | None
    are_copied: bool = False


def plan_for(case: Case) -> Plan | None:
    """What to say and to do; None if there is nothing to say."""
    install = case.step.install
    assert install is not None
    context = case.model.context
    below = _folder_of_install(case)
    if context is None:
        if install.is_build or case.folder:
            return None
        return _plan_by_convention(case, below)
    if not fits(context, case.model):
        return None
    if below is None:
        # Somewhere else, or nobody knows where: the manifests may still be what is copied.
        return None
    folder = f"{case.folder}/{below}".strip("/") if below else case.folder
    paths = _manifest_paths(case, context, folder)
    if not paths:
        return None
    if _is_all_there_is(context, case.folder, paths):
        return None
    names = tuple(path.removeprefix(case.folder + "/") if case.folder else path for path in paths)
    if install.is_build:
        if not _has_dependencies(install.ecosystem, folder, context):
            return None
        return Plan(names, _fetching_fix(case, context, folder, below, paths))
    applicability = _gate(case, context, folder, paths)
    are_copied = are_copied_before(case, paths)
    if applicability is None:
        return Plan(names, None, are_copied)
    return Plan(names, with_manifests(case, [] if are_copied else paths, applicability), are_copied)


def _plan_by_convention(case: Case, below: str | None) -> Plan | None:
    install = case.step.install
    assert install is not None
    names = _conventional_names(install)
    if below is None or not _are_below(case):
        return None
    if below or install.needs_sources or not names:
        return Plan(names, None)
    return Plan(names, with_lines(case, [copy_line(case, names, "")], "unsafe"))


def _are_below(case: Case) -> bool:
    """Whether the files that the command names come with the COPY, as far as their paths tell."""
    from posixpath import join, normpath

    install = case.step.install
    assert install is not None
    target = destination_of(case.copy, case.model)
    workdir = case.model.environment_before(case.run).workdir or target
    inner = _changed_folder(case)
    for name in install.requirements:
        if name is None or "://" in name or name.startswith(("..", "~")):
            return False
        if target is None or workdir is None or inner is None:
            if name.startswith("/") or inner != ".":
                return False
        elif not normpath(join(workdir, inner, name)).startswith(target.rstrip("/") + "/"):
            return False
    return True


def _conventional_names(install: Install) -> tuple[str, ...]:
    from dflint.context.manifests import BY_NAME

    if install.ecosystem == "pip":
        names = install.requirements
        if any(name is None or name.startswith(("/", "..")) or "/" in name or "://" in name for name in names):
            return ()
        return tuple(name for name in names if name is not None)
    ecosystem = BY_NAME[install.ecosystem]
    if any("*" in name for name in ecosystem.manifests[:1]) or len(ecosystem.locks) > 2:
        return ()
    if install.ecosystem == "npm":
        return ("package.json", "package-lock.json") if install.is_frozen else ("package*.json",)
    locks = ecosystem.locks[:1] if len(ecosystem.locks) == 1 or install.is_frozen else ()
    return (ecosystem.manifests[0], *[lock if install.is_frozen or lock == "go.sum" else lock + "*" for lock in locks])


def _folder_of_install(case: Case) -> str | None:
    """Where the install runs, relative to the copied folder: ``""`` for itself; None if elsewhere or not known."""
    model, copy, run = case.model, case.copy, case.run
    environment = model.environment_before(run)
    workdir = environment.workdir
    target = destination_of(copy, model)
    inner = _changed_folder(case)
    if inner is None:
        return None
    if target is None or workdir is None:
        written = copy.destination.text if copy.destination is not None else ""
        if workdir is None and target is None and written in (".", "./"):
            return "" if inner == "." else inner if not inner.startswith(("/", "..")) else None
        if target is None or not inner.startswith("/"):
            return None
        workdir = "/"
    from posixpath import join, normpath

    folder = normpath(join(workdir, inner))
    if folder == target:
        return ""
    prefix = target.rstrip("/") + "/"
    return folder[len(prefix) :] if folder.startswith(prefix) else None


def _changed_folder(case: Case) -> str | None:
    """What ``cd`` and ``--prefix`` make of the working directory at the install: ``.`` if nothing, None if unknown."""
    inner = "."
    from posixpath import join

    for command in case.model.commands_of(case.run):
        if command is case.step.command:
            break
        if command.program in ("cd", "pushd"):
            value = command.arguments[0].value if len(command.arguments) == 1 else None
            if value is None or any(holder.role == "subshell" for holder, _ in command.enclosing_lists()):
                return None
            inner = join(inner, value)
        elif command.program == "popd":
            return None
    install = case.step.install
    assert install is not None
    for option in install.command.options:
        if option.name in ("--prefix", "-C", "--cwd", "--dir", "--directory", "--project", "--working-dir", "-d"):
            value = option.value.value if option.value is not None else None
            if value is None:
                return None
            inner = join(inner, value)
        elif option.name in ("--manifest-path", "-f", "--file", "-p", "--gemfile", "--project-dir"):
            return None
    if install.ecosystem == "dotnet" and install.command.operands:
        return None
    return inner


def _manifest_paths(case: Case, context: BuildContext, folder: str) -> list[str]:
    """The files (folders with a trailing slash) that the install reads, as paths in the context; empty if not there."""
    from dflint.context.manifests import manifests_in

    install = case.step.install
    assert install is not None
    if install.ecosystem == "pip":
        return _requirement_paths(case, context, folder)
    found = _found(manifests_in(context, folder), install.ecosystem)
    if found is None:
        return []
    extras = [path for path in found.extras if path.rpartition("/")[2] not in _UNREAD]
    paths = [*found.manifests, *found.locks, *extras]
    entries = {path: context.resolve(path) for path in paths}
    return [path + "/" if entry is not None and entry.kind == "dir" else path for path, entry in entries.items()]


_UNREAD = frozenset(
    (".nvmrc", ".node-version", "mvnw.cmd", "gradlew.bat", ".tool-versions", "auth.json")
)  # fmt: skip


def _found(items: Sequence[Found], ecosystem: str) -> Found | None:
    for item in items:
        if item.ecosystem.name == ecosystem:
            return item
    # ``npm install`` beside a yarn.lock reads the same manifest.
    for item in items:
        if ecosystem in ("npm", "yarn", "pnpm", "bun") and item.ecosystem.manifests == ("package.json",):
            return item
    return None


def _requirement_paths(case: Case, context: BuildContext, folder: str) -> list[str]:
    from posixpath import join, normpath

    install = case.step.install
    assert install is not None
    target = destination_of(case.copy, case.model)
    paths: list[str] = []
    for name in install.requirements:
        if name is None or "://" in name:
            return []
        if name.startswith("/"):
            if target is None or not name.startswith(target.rstrip("/") + "/"):
                return []
            path = normpath(join(case.folder, name[len(target.rstrip("/")) + 1 :]))
        else:
            path = normpath(join(folder, name))
        if path.startswith("..") or not context.is_sent(path):
            return []
        paths.append(path)
    return sorted(dict.fromkeys([*paths, *_included(context, paths)]))


def _included(context: BuildContext, paths: Sequence[str]) -> list[str]:
    """The files that requirement files include by ``-r`` and ``-c``, theirs too."""
    from posixpath import dirname, join, normpath

    from dflint.context.manifests import local_parts

    found: list[str] = []
    pending = list(paths)
    while pending and len(found) < 50:
        path = pending.pop()
        for part in local_parts(context, path, "requirements.txt"):
            if part.reason in _INCLUDES:
                other = normpath(join(dirname(path), part.path))
                if other not in found and other not in paths and context.is_sent(other):
                    found.append(other)
                    pending.append(other)
    return found


_INCLUDES = ("named by -r", "named by --requirement", "named by -c", "named by --constraint")


def _is_all_there_is(context: BuildContext, folder: str, paths: Sequence[str]) -> bool:
    """Whether the copied folder holds nothing but manifests and what is for people and builders."""
    known = set(paths)
    folders = tuple(path for path in paths if path.endswith("/"))
    for entry in context.walk(folder):
        name = entry.path.rpartition("/")[2]
        if entry.kind == "dir" or entry.path in known or (folders and entry.path.startswith(folders)):
            continue
        if name.endswith((".md", ".dockerignore")) or name.startswith(
            ("Dockerfile", "LICENSE", ".git", "docker-compose")
        ):
            continue
        if name.endswith((".dockerfile", ".Dockerfile")) or name == "Makefile":
            continue
        return False
    return True


def _has_dependencies(ecosystem: str, folder: str, context: BuildContext) -> bool:
    """Whether a build would fetch something: a lock file says so, and nothing is vendored."""
    from posixpath import join

    if ecosystem == "go":
        return context.is_sent(join(folder, "go.sum")) and not context.is_sent(join(folder, "vendor"))
    if ecosystem == "cargo":
        return context.is_sent(join(folder, "Cargo.lock")) and not context.is_sent(join(folder, "vendor"))
    return True


_FETCHES = {
    "go": "go mod download", "maven": "dependency:go-offline", "dotnet": "dotnet restore", "cargo": "cargo fetch",
}  # fmt: skip
"""What fetches the dependencies and needs the manifests alone; Gradle has no such task."""


def _fetching_fix(
    case: Case, context: BuildContext, folder: str, below: str | None, paths: Sequence[str]
) -> Fix | None:
    """A fix for a build that fetches on its way: a RUN of its own that fetches, before the sources come."""
    install = case.step.install
    fetch = _FETCHES.get(install.ecosystem) if install is not None else None
    if install is None or fetch is None or below or _gate(case, context, folder, paths) is None:
        return None
    environment = case.model.environment_before(case.run)
    target = destination_of(case.copy, case.model)
    if environment.workdir is None or environment.workdir != target or _changed_folder(case) != ".":
        return None
    if install.ecosystem == "maven":
        program = install.command.command.name
        if program is None or program.value is None or any(path.endswith("settings.xml") for path in paths):
            return None
        fetch = f"{program.value} {fetch}"
    if install.ecosystem == "cargo":
        fetch = _with_a_target(context, folder, fetch)
        if not fetch:
            return None
    lines = manifest_lines(case, paths)
    return None if lines is None else fetch_first(case, lines, fetch)


def _with_a_target(context: BuildContext, folder: str, fetch: str) -> str:
    """Cargo wants a source file of the package before it does anything: one is made for that time.

    Empty where the manifest names its targets itself, or it is not known what stands in ``src``.
    """
    from posixpath import join

    try:
        text = context.read(join(folder, "Cargo.toml"))
    except (OSError, UnicodeError):
        return ""
    if "[package]" not in text or any(word in text for word in ("[[", "[lib]", "[workspace", "build =", "build=")):
        return ""
    if context.is_sent(join(folder, "src/main.rs")):
        return f"mkdir src && echo 'fn main() {{}}' > src/main.rs && {fetch} && rm -r src"
    return (
        f"mkdir src && touch src/lib.rs && {fetch} && rm -r src" if context.is_sent(join(folder, "src/lib.rs")) else ""
    )


# Where what the install makes would be overwritten by the COPY below it, were it in the context.
_MADE = {
    "npm": ("node_modules",), "yarn": ("node_modules",), "pnpm": ("node_modules",), "bun": ("node_modules",),
    "composer": ("vendor",), "dotnet": ("obj",), "poetry": (".venv",), "uv": (".venv",), "pipenv": (".venv",),
    "bundler": ("vendor/bundle", ".bundle"), "gradle": (".gradle", "build"), "maven": ("target",), "cargo": ("target",),
}  # fmt: skip
_WITH_SAFE_FORMS = frozenset(
    ("npm", "yarn", "pnpm", "bun", "pip", "uv", "poetry", "pipenv", "go", "dotnet")
)  # fmt: skip


def _gate(case: Case, context: BuildContext, folder: str, paths: Sequence[str]) -> Applicability | None:
    """How sure the fix is; None if the install needs more than the manifests, or would be overwritten."""
    from posixpath import join

    from dflint.context.manifests import local_parts

    install = case.step.install
    assert install is not None
    if install.needs_sources:
        return None
    for path in paths:
        parts = local_parts(context, path, "requirements.txt" if install.ecosystem == "pip" else "")
        if any(part.reason not in _INCLUDES or part.manifest == part.path for part in parts):
            return None
        if path.rpartition("/")[2] in (
            "go.work",
            "pnpm-workspace.yaml",
            "buildSrc/",
            "settings.gradle",
            "settings.gradle.kts",
        ):
            return None
    if any(path.endswith(("buildSrc/", ".sln", ".slnx")) for path in paths):
        return None
    made = [join(folder, name) for name in _MADE.get(install.ecosystem, ())]
    if any(context.is_sent(path) for path in made):
        return None
    if not all(context.is_ignored(path) for path in made):
        return "unsafe"
    if install.ecosystem not in _WITH_SAFE_FORMS or not install.is_frozen:
        return "unsafe"
    if install.ecosystem != "pip" and not _has_lock(install.ecosystem, paths):
        return "unsafe"
    return "safe"


def _has_lock(ecosystem: str, paths: Sequence[str]) -> bool:
    from dflint.context.manifests import BY_NAME

    names = {path.rpartition("/")[2] for path in paths}
    return ecosystem == "dotnet" or not names.isdisjoint(BY_NAME[ecosystem].locks)
