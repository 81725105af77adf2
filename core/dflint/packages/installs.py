"""Which commands install a project's dependencies from its manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.packages.command import PackageCommand

_NODE = frozenset(
    ("npm", "yarn", "pnpm", "bun")
)  # fmt: skip
_BUILDS = {"go": "go", "cargo": "cargo", "mvn": "maven", "gradle": "gradle", "dotnet": "dotnet"}
_NPM_CLEAN = frozenset(
    ("ci", "clean-install", "ic", "install-clean", "isntall-clean", "install-ci-test", "cit")
)  # fmt: skip


class Install(NamedTuple):
    """An install of dependencies.

    ``ecosystem``: a name of ``dflint.context.manifests``. ``requirements``: the files that the command names, as it
    names them (None in it: not static). ``is_frozen``: it changes no manifest or lock file. ``needs_sources``: it
    includes the project itself. ``is_build``: a build, which fetches the dependencies on its way.
    """

    ecosystem: str
    command: PackageCommand
    requirements: tuple[str | None, ...] = ()
    is_frozen: bool = False
    needs_sources: bool = False
    is_build: bool = False

    @property
    def text(self) -> str:
        """The command's name for messages: ``npm ci``."""
        package = self.command
        name = package.command.program or package.manager
        words = package.subcommand_name.split()
        if package.manager in ("mvn", "gradle"):  # the last goal, without its project or plugin
            words = [word.raw.rpartition(":")[2] for word in package.operands[-1:]]
        return " ".join([name, *words[:2]])

    @property
    def key(self) -> tuple[str, tuple[str | None, ...]]:
        """Equal for installs of the same dependencies."""
        return self.ecosystem, self.requirements


def install_of(package: PackageCommand) -> Install | None:
    """The install that a command is; None for others, also for those that add packages named on the command line."""
    manager, action = package.manager, package.action
    if manager in _NODE:
        return _node(package)
    if manager in ("pip", "uv"):
        return _pip(package)
    if manager in _BUILDS:
        return _compiled(package)
    if action != "install" or package.packages:
        return None
    subcommand = package.subcommand_name
    if manager == "poetry" and subcommand in ("install", "sync"):
        return Install("poetry", package, (), True, not package.has("--no-root", "--only-deps"))
    if manager == "pipenv" and subcommand in ("install", "sync") and not package.requirement_files:
        return Install("pipenv", package, (), subcommand == "sync" or package.has("--deploy", "--ignore-pipfile"))
    if manager == "bundle" and subcommand in ("", "install", "i"):
        return Install("bundler", package, (), package.has("--deployment", "--frozen"))
    if manager == "composer" and subcommand in ("install", "i"):
        # An optimized autoloader lists the project's own classes.
        classes = package.has("-o", "--optimize-autoloader", "-a", "--classmap-authoritative")
        return Install("composer", package, (), False, classes)
    return None


def _node(package: PackageCommand) -> Install | None:
    manager, subcommand = package.manager, package.subcommand_name
    if package.packages or package.operands or package.has("-g", "--global", "--location", "--help", "--version", "-v"):
        return None
    if package.action == "restore":
        return Install(manager, package, (), True)
    if package.action != "install" or subcommand in ("add", "a", "global add", "workspaces focus"):
        return None
    frozen = subcommand in _NPM_CLEAN if manager == "npm" else package.has("--frozen-lockfile", "--immutable")
    if manager == "bun" and subcommand == "ci":
        frozen = True
    return Install(manager, package, (), frozen, package.has("-w", "--workspace", "--filter", "-F", "--workspaces"))


def _pip(package: PackageCommand) -> Install | None:
    subcommand = package.subcommand_name
    if package.manager == "uv" and subcommand == "sync":
        return Install(
            "uv", package, (), package.has("--frozen", "--locked"),
            not package.has("--no-install-project", "--no-install-workspace"),
        )  # fmt: skip
    if package.action != "install" or not package.requirement_files:
        return None
    if any(p.source in ("path", "variable") for p in package.packages):
        return None
    files = (*package.requirement_files, *package.constraint_files)
    return Install("pip", package, tuple(word.value for word in files), True)


def _compiled(package: PackageCommand) -> Install | None:
    name, action, subcommand = _BUILDS[package.manager], package.action, package.subcommand_name
    if action == "restore":
        if subcommand in ("mod vendor", "vendor", "tool restore", "workload restore"):
            return None
        frozen = name in ("go", "dotnet") or package.has("--locked", "--frozen")
        return Install(name, package, (), frozen and not package.operands)
    if name == "go" and action == "install" and all(p.source == "path" for p in package.packages):
        return Install(name, package, is_build=True)
    if name == "cargo" and action == "install" and any(p.source == "path" for p in package.packages):
        return Install(name, package, is_build=True)
    if action not in ("build", "publish") or package.has("--no-restore", "--offline"):
        return None
    if (name == "maven" and package.has("-o")) or (
        name == "go" and any(o.name.endswith("-mod") for o in package.options)
    ):
        return None
    if name == "dotnet" and subcommand not in ("build", "publish", "pack", "msbuild"):
        return None
    if name == "cargo" and subcommand not in ("build", "b", "rustc"):
        return None
    return Install(name, package, is_build=True)
