"""Package managers of languages and distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.effects import absolute, home_of, value_of
from dflint.optimizer.effects.effect import NOTHING, Effect, Place, unknown
from dflint.optimizer.effects.project import context_path, in_project

if TYPE_CHECKING:
    from dflint.packages.command import PackageCommand

_SYSTEM = frozenset(("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper"))
_NODE = frozenset(("npm", "yarn", "pnpm", "bun"))
_LIFE_CYCLE = (
    "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare",
)  # fmt: skip
_QUIET = frozenset(("update", "clean", "cache", "upgrade_", "config", "version", "list", "info", "search", "help"))


def effect_of_package_command(package: PackageCommand, place: Place) -> Effect | None:
    """What a command of a package manager writes; None if that is not known."""
    manager = package.manager
    if manager in _SYSTEM:
        return _system(package)
    if manager in _NODE:
        return _node(package, place)
    if manager in ("npx", "pnpx", "bunx"):
        return in_project(package.command, place)
    if manager == "corepack":
        return Effect("system")
    reader = _READERS.get(manager)
    return reader(package, place) if reader is not None else None


def _system(package: PackageCommand) -> Effect | None:
    name, action = package.subcommand_name, package.action
    if action == "install" and not any(p.source in ("path", "url") for p in package.packages):
        return Effect("system")
    if name in ("update", "clean", "autoclean", "makecache", "list", "search", "show", "check-update") or action in (
        "update",
        "clean",
    ):
        return NOTHING
    if name in (
        "upgrade",
        "dist-upgrade",
        "full-upgrade",
        "remove",
        "purge",
        "autoremove",
        "del",
        "erase",
        "build-dep",
    ):
        return Effect("system")
    return None


def _node(package: PackageCommand, place: Place) -> Effect | None:
    action, name = package.action, package.subcommand_name
    folder = _folder(package, place)
    if package.has("-g", "--global") or name == "global add":
        return Effect("system") if action == "install" else NOTHING
    if action in ("install", "restore") or name in ("prune", "dedupe", "rebuild", "audit", "update", "link", "ci"):
        if folder is None:
            return unknown(f"{package.manager} installs in a folder that is not known")
        if folder == "/":
            return Effect("files", ("/node_modules",), (f"{home_of(place)}/.npm",))
        writes = [f"{folder}/node_modules"]
        if _is_pnp(place, folder) or _has_workspaces(place, folder):
            writes = [folder]
        own = NOTHING if package.operands else _own_scripts(package, place, folder)
        if own.kind != "nothing":
            return own if own.kind == "unknown" else own._replace(caches=(f"{home_of(place)}/.npm",))
        return Effect("files", tuple(writes), (f"{home_of(place)}/.npm",))
    if action == "run" or name in ("run", "run-script", "test", "build", "exec", "generate", "dlx"):
        return _npm_script(package, place, folder)
    if name in (
        "config",
        "config set",
        "set",
        "cache clean",
        "cache",
        "store prune",
        "login",
        "version",
        "help",
        "list",
        "ls",
        "",
    ):
        return NOTHING
    return in_project(package.command, place) if package.manager in ("yarn", "pnpm", "bun") else None


def _folder(package: PackageCommand, place: Place) -> str | None:
    for option in package.options:
        if option.name in ("--prefix", "-C", "--cwd", "--dir"):
            value = value_of(option.value, place) if option.value is not None else None
            return None if value is None else absolute(value, place)
    return place.workdir


def _is_pnp(place: Place, folder: str) -> bool:
    return _has_file(place, folder, ".pnp.cjs") or _has_file(place, folder, ".yarnrc.yml")


def _has_workspaces(place: Place, folder: str) -> bool:
    return _has_file(place, folder, "pnpm-workspace.yaml") or '"workspaces"' in (
        _text(place, folder, "package.json") or ""
    )


def _has_file(place: Place, folder: str, name: str) -> bool:
    path = context_path(place, f"{folder}/{name}")
    return place.context is not None and path is not None and place.context.is_sent(path)


def _text(place: Place, folder: str, name: str) -> str | None:
    path = context_path(place, f"{folder}/{name}")
    if place.context is None or path is None:
        return None
    try:
        return place.context.read(path)
    except OSError:
        return None


def _npm_script(package: PackageCommand, place: Place, folder: str | None) -> Effect:
    """A script of package.json: by convention it works in the project; what it says itself goes first."""
    if folder is None:
        return unknown(f"{package.manager} runs in a folder that is not known")
    name = package.operands[0].value if package.operands else package.subcommand_name
    shown = f"{package.manager} run {name}"
    return _of_scripts(package, place, folder, (f"pre{name}", str(name), f"post{name}"), shown)[0]


def _own_scripts(package: PackageCommand, place: Place, folder: str) -> Effect:
    """What the project's own scripts do when its dependencies are installed; NOTHING if it has none.

    npm's documentation of scripts, "Life Cycle Operation Order": ``binding.gyp`` stands for an install script.
    """
    if package.has("--ignore-scripts") or "ignore-scripts=true" in (_text(place, folder, ".npmrc") or ""):
        return NOTHING
    shown = f"{package.manager} {package.subcommand_name or 'install'}, by the project's own scripts,"
    effect, is_there = _of_scripts(package, place, folder, _LIFE_CYCLE, shown)
    if is_there or _has_file(place, folder, "binding.gyp"):
        return effect
    return NOTHING


def _of_scripts(
    package: PackageCommand, place: Place, folder: str, names: tuple[str, ...], shown: str
) -> tuple[Effect, bool]:
    """The effect of scripts of package.json, and whether one of them is there."""
    text = _text(place, folder, "package.json")
    is_there = False
    if text is not None:
        import json

        try:
            scripts = json.loads(text).get("scripts") or {}
            lines = [str(scripts[name]) for name in names if name in scripts]
        except (ValueError, AttributeError, TypeError):
            return unknown("package.json cannot be read"), True
        is_there = bool(lines)
        line = " ; ".join(lines)
        if ".." in line.replace("...", "") or any(word.startswith("/") for word in line.split()):
            return unknown(f"{shown} names paths outside its folder"), True
    return in_project(package.command, place._replace(workdir=folder), shown), is_there


def python_trees(place: Place) -> tuple[str, ...]:
    """Where pip puts packages and programs for the interpreter of the image."""
    image = place.image
    if image is not None and image.family.rpartition("/")[2] in ("python", "pypy"):
        from dflint.optimizer.base_images import version_of

        version = version_of(image)
        if version is None or len(version) < 2:
            return ("/usr/local",)
        return (f"/usr/local/lib/python{version[0]}.{version[1]}/site-packages", "/usr/local/bin")
    return ("/usr/local/lib", "/usr/local/bin")


def _environment(place: Place, name: str) -> str:
    variable = place.environment.lookup(name)
    return (variable.value or "") if variable is not None else ""


def _first_of_path(place: Place) -> str:
    """The first folder of PATH, also of ``/opt/venv/bin:$PATH``."""
    variable = place.environment.lookup("PATH")
    if variable is None:
        return ""
    if variable.value is not None:
        return variable.value.partition(":")[0]
    value = variable.pair.value if variable.pair is not None else None
    first = value.text.strip("\"'").partition(":")[0] if value is not None else ""
    if "$" not in first:
        return first
    return place.environment.expand_text(first) or ""


def _venv_of(package: PackageCommand, place: Place) -> str:
    """The virtual environment that a Python tool works in; empty if it is the system's interpreter."""
    name = package.command.name.value if package.command.name is not None else None
    if name is None and package.command.name is not None:
        name = value_of(package.command.name, place)
    if name and "/bin/" in name and not name.startswith(("/usr/bin/", "/usr/local/bin/", "/bin/")):
        return absolute(name.partition("/bin/")[0], place) or ""
    if _environment(place, "VIRTUAL_ENV"):
        return _environment(place, "VIRTUAL_ENV")
    first = _first_of_path(place)
    if first.endswith("/bin") and not first.startswith(("/usr", "/bin", "/sbin", "/root", "/home", "/opt/java", "/go")):
        return first.removesuffix("/bin")
    return ""


def _pip(package: PackageCommand, place: Place) -> Effect | None:
    caches = (f"{home_of(place)}/.cache",)
    if package.action not in ("install", "download"):
        if package.subcommand_name in ("wheel",):
            target = package.option("-w", "--wheel-dir")
            value = value_of(target.value, place) if target is not None and target.value is not None else None
            path = absolute(value, place) if value is not None else place.workdir
            return unknown("pip writes wheels where nobody knows") if path is None else Effect("files", (path,), caches)
        if package.subcommand_name in ("uninstall",):
            return NOTHING
        return NOTHING
    for name in ("--target", "-t", "--prefix", "--root"):
        option = package.option(name)
        if option is not None:
            value = value_of(option.value, place) if option.value is not None else None
            path = absolute(value, place) if value is not None else None
            return (
                unknown("pip installs in a folder that is not known")
                if path is None or path == "/"
                else Effect("files", (path,), caches)
            )
    if package.has("--user"):
        return Effect("files", (f"{home_of(place)}/.local",), caches)
    venv = _venv_of(package, place)
    writes = (venv,) if venv else python_trees(place)
    if package.has("-e", "--editable") or any(p.source == "path" for p in package.packages):
        folder = place.workdir
        if folder is None or folder == "/":
            return unknown("pip installs a project whose folder is not known")
        writes = (*writes, folder)
    elif (place.environment.user or "") not in ("", "0", "root", "root:root", "0:0") and not venv:
        return Effect("files", (f"{home_of(place)}/.local",), caches)
    return Effect("files", writes, caches)


def _poetry(package: PackageCommand, place: Place) -> Effect | None:
    name = package.subcommand_name
    if name.startswith(("config", "self", "lock", "export", "check", "version", "env")):
        return NOTHING if not name.startswith(("export", "lock")) else in_project(package.command, place)
    if package.action != "install" and name not in ("install", "sync"):
        return in_project(package.command, place) if name in ("build", "run") else None
    folder = place.workdir
    if folder is None:
        return None
    if package.manager == "pipenv" and package.has("--system"):
        return Effect("files", python_trees(place))
    if _setting(package, place, "virtualenvs.create") in ("false", "0", "no"):
        return Effect("files", python_trees(place) if package.has("--no-root") else (*python_trees(place), folder))
    if _setting(package, place, "virtualenvs.in-project") in ("true", "1") or _environment(
        place, "PIPENV_VENV_IN_PROJECT"
    ):
        return Effect("files", (folder,))
    return unknown(f"{package.manager} makes its virtual environment in a folder that is not known")


def _setting(package: PackageCommand, place: Place, name: str) -> str:
    """A setting of Poetry: that of its variable, else what it was told to keep; in lower case."""
    variable = f"POETRY_{name.upper().replace('.', '_').replace('-', '_')}"
    return (_environment(place, variable) or dict(place.settings).get(f"{package.manager} {name}", "")).lower()


def _uv(package: PackageCommand, place: Place) -> Effect | None:
    name, folder = package.subcommand_name, place.workdir
    caches = (f"{home_of(place)}/.cache/uv",)
    if name == "sync":
        venv = _environment(place, "UV_PROJECT_ENVIRONMENT") or (f"{folder}/.venv" if folder else "")
        writes = [path for path in (absolute(venv, place),) if path]
        if not package.has("--no-install-project") and folder:
            writes.append(folder)
        return Effect("files", tuple(writes), caches) if writes else None
    if name == "pip install":
        if package.has("--system") or _environment(place, "UV_SYSTEM_PYTHON"):
            return Effect("files", python_trees(place), caches)
        venv = _venv_of(package, place) or (f"{folder}/.venv" if folder else "")
        return Effect("files", (venv,), caches) if venv else None
    if name == "venv":
        target = package.operands[0] if package.operands else None
        path = absolute(value_of(target, place) or ".venv", place) if target is not None else absolute(".venv", place)
        return Effect("files", (path,)) if path else None
    if name in ("lock", "cache clean", "cache prune"):
        return NOTHING
    return in_project(package.command, place) if name in ("run", "build") else None


def _go(package: PackageCommand, place: Place) -> Effect | None:
    name, action = package.subcommand_name, package.action
    gopath = _environment(place, "GOPATH") or "/go"
    caches = (f"{gopath}/pkg", f"{home_of(place)}/.cache")
    if name.startswith("mod") or name in ("vet", "test", "fmt", "env", "version", "list", "clean", "tool", "work"):
        return in_project(package.command, place) if name == "mod vendor" else Effect("nothing", caches=caches)
    if name == "generate":
        return in_project(package.command, place)
    if action == "build" or name == "build":
        option = package.option("-o")
        if option is not None:
            value = value_of(option.value, place) if option.value is not None else None
            path = absolute(value, place) if value is not None else None
            if path is None or path == "/":
                return unknown("go build writes to a path that is not known")
            return Effect("files", (path,), caches)
        return in_project(package.command, place, "go build")
    if name in ("install", "get"):
        target = _environment(place, "GOBIN") or f"{gopath}/bin"
        return Effect("files", (target,), caches)
    return None


def _cargo(package: PackageCommand, place: Place) -> Effect | None:
    name = package.subcommand_name
    home = _environment(place, "CARGO_HOME") or "/usr/local/cargo"
    caches = (f"{home}/registry", f"{home}/git")
    if name in ("build", "b", "rustc"):
        target = _environment(place, "CARGO_TARGET_DIR")
        option = package.option("--target-dir")
        if option is not None:
            target = (value_of(option.value, place) or "") if option.value is not None else ""
        path = absolute(target or "target", place)
        return None if path is None else Effect("files", (path,), caches)
    if name == "install":
        option = package.option("--root")
        value = value_of(option.value, place) if option is not None and option.value is not None else None
        path = absolute(f"{value}/bin", place) if value else f"{home}/bin"
        return Effect("files", (path,), caches) if path else None
    if name in ("fetch", "test", "check", "clippy", "fmt", "update", "generate-lockfile", "vendor", "clean"):
        return Effect("nothing", caches=caches)
    return None


def _jvm(package: PackageCommand, place: Place) -> Effect | None:
    folder = place.workdir
    if folder in (None, "/"):
        return unknown(f"{package.manager} runs where no project is")
    tool = "target" if package.manager == "mvn" else "build"
    caches = (f"{home_of(place)}/.m2", f"{home_of(place)}/.gradle")
    goals = [word.value or "" for word in package.operands]
    if package.manager == "mvn" and all("dependency:" in goal or goal in ("clean", "validate", "") for goal in goals):
        return Effect("nothing", caches=caches)
    if package.manager == "gradle" and goals and all(goal in ("dependencies", "clean", "--version") for goal in goals):
        return Effect("nothing", caches=caches)
    if _has_modules(package, place):
        return in_project(package.command, place)
    return Effect(
        "files", (f"{folder}/{tool}",), caches, assumes=f"{package.manager} writes below {folder}/{tool} only"
    )


def _has_modules(package: PackageCommand, place: Place) -> bool:
    folder = place.workdir or ""
    if package.manager == "mvn":
        return (
            "<modules>" in (_text(place, folder, "pom.xml") or "") or package.option("-f", "--file", "-pl") is not None
        )
    return any("include" in (_text(place, folder, name) or "") for name in ("settings.gradle", "settings.gradle.kts"))


def _dotnet(package: PackageCommand, place: Place) -> Effect | None:
    name = package.subcommand_name
    if name in ("restore", "tool restore", "workload restore", "test", "clean", "nuget", "--info"):
        return Effect("nothing", caches=("/root/.nuget",))
    if name in ("build", "publish", "pack"):
        option = package.option("-o", "--output")
        if option is not None:
            value = value_of(option.value, place) if option.value is not None else None
            path = absolute(value, place) if value is not None else None
            return (
                unknown("dotnet writes to a folder that is not known")
                if path in (None, "/")
                else Effect("files", (path,))
            )
        return in_project(package.command, place)
    if name == "tool install":
        return Effect("files", (f"{home_of(place)}/.dotnet",))
    return None


def _bundle(package: PackageCommand, place: Place) -> Effect | None:
    name, folder = package.subcommand_name, place.workdir
    if package.manager == "gem":
        return Effect("files", ("/usr/local/bundle",)) if package.action == "install" else NOTHING
    if name.startswith("config") or name in ("lock", "clean", "check", "--version"):
        return NOTHING
    if name == "exec":
        return in_project(package.command, place)
    if package.action != "install" and name not in ("", "install", "i"):
        return None
    path = _environment(place, "BUNDLE_PATH") or _environment(place, "GEM_HOME")
    option = package.option("--path")
    if option is not None and option.value is not None:
        path = value_of(option.value, place) or ""
    if package.has("--deployment", "--path") or _environment(place, "BUNDLE_DEPLOYMENT"):
        path = path or (f"{folder}/vendor/bundle" if folder else "")
    made = absolute(path, place) if path else "/usr/local/bundle"
    return Effect("files", (made,)) if made else None


def _composer(package: PackageCommand, place: Place) -> Effect | None:
    if package.has("-g") or package.subcommand_name.startswith("global"):
        return unknown("composer installs globally")
    if package.action == "install" or package.subcommand_name in ("dump-autoload", "dumpautoload", "update", "require"):
        return in_project(package.command, place)
    return (
        NOTHING if package.subcommand_name in ("config", "clear-cache", "clearcache", "--version", "validate") else None
    )


_READERS = {
    "pip": _pip, "poetry": _poetry, "pipenv": _poetry, "uv": _uv, "go": _go, "cargo": _cargo, "mvn": _jvm,
    "gradle": _jvm, "dotnet": _dotnet, "bundle": _bundle, "gem": _bundle, "composer": _composer,
}  # fmt: skip
