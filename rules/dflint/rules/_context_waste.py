"""What a build context holds that no image should get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple
from dflint.rules._broad_copies import fits, is_from_context, whole_context
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from dflint.context import BuildContext, ContextEntry
    from dflint.model import Model
    from dflint.syntax.tree import Word

# Folders that a build by one of these commands makes anew; without such a command they may be meant.
_OUTPUTS = {
    "node_modules": ("npm", "yarn", "pnpm", "bun"), "target": ("cargo", "maven"), "vendor": ("composer",),
    "obj": ("dotnet",), ".next": ("npm", "yarn", "pnpm", "bun"), ".gradle": ("gradle",),
}  # fmt: skip
_NEVER = frozenset(
    (".git", ".svn", ".hg", ".venv", "__pycache__", ".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache",
     ".idea", ".vscode", ".vs", ".terraform", ".sass-cache", ".nyc_output", ".parcel-cache", ".DS_Store",
     "npm-debug.log")
)  # fmt: skip
_SECRETS = frozenset(
    (".env", ".env.local", ".env.production", ".netrc", ".pypirc", ".git-credentials", ".aws", ".ssh", ".gnupg",
     "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".vault-token", ".dockercfg", "kubeconfig")
)  # fmt: skip
_MAX_KEY = 100_000


class Waste(NamedTuple):
    """``pattern`` is the line for the ignore file; ``is_secret``: who gets the image gets it."""

    pattern: str
    is_secret: bool


class Carried(NamedTuple):
    """A COPY of the whole context, by the word that says so, and what it takes along."""

    transfer: Transfer
    word: Word
    waste: tuple[Waste, ...]
    is_shipped: bool


def carried(model: Model) -> Carried | None:
    """The first COPY or ADD of the whole context; None if there is none, or the context is not surely this folder."""
    context = model.context
    if context is None:
        return None
    found = None
    for stage in model.stages:
        if not stage.is_reachable:
            continue
        for instruction in stage.instructions:
            if isinstance(instruction, Transfer) and is_from_context(instruction) and not instruction.flag("exclude"):
                word = whole_context(instruction)
                if word is not None and (found is None or (stage.is_shipped and not found[2])):
                    found = instruction, word, stage.is_shipped
    if found is None or not _is_surely_the_context(context, model):
        return None
    transfer, word, is_shipped = found
    return Carried(transfer, word, tuple(_waste(context, model)), is_shipped)


_FOLDERS_OF_DOCKERFILES = frozenset(
    ("docker", ".docker", "dockerfiles", "dockerfile", "containers", "container", "deploy", "deployment", "ci", ".ci",
     "build", ".devcontainer", "infra", "ops", "packaging", "images", "scripts", "tools", "contrib")
)  # fmt: skip


def _is_surely_the_context(context: BuildContext, model: Model) -> bool:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of

    folder = context.root.rstrip("/").rpartition("/")[2]
    if folder.lower() in _FOLDERS_OF_DOCKERFILES or not fits(context, model):
        return False
    # An install in the root of what is copied needs its manifest here.
    names = {entry.path for entry in context.entries()}
    if all(_is_for_containers(name) for name in names):
        return False
    for instruction in model.instructions:
        if not isinstance(instruction, Run):
            continue
        commands = model.commands_of(instruction)
        if any(command.program in ("cd", "pushd") for command in commands):
            continue
        for command in commands:
            package = parse_package_command(command)
            install = install_of(package) if package is not None else None
            if (
                install is not None
                and install.ecosystem in ("npm", "yarn", "pnpm", "bun")
                and "package.json" not in names
            ):
                return _has_somewhere(context, "package.json")
            if install is not None and install.ecosystem == "go" and "go.mod" not in names:
                return _has_somewhere(context, "go.mod")
    return True


def _has_somewhere(context: BuildContext, name: str) -> bool:
    return any(
        context.exists(f"{entry.path}/{name}")
        for entry in context.entries()
        if entry.kind == "dir" and not entry.is_ignored
    )


def _is_for_containers(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(
        ("dockerfile", "docker-", "compose", ".dockerignore", "containerfile", "readme", "license")
    ) or (lower.endswith((".dockerfile", ".md", ".dockerignore")))


def _waste(context: BuildContext, model: Model) -> list[Waste]:
    built = _ecosystems(model)
    text = model.source.text
    found: dict[str, Waste] = {}
    uses_git = any(
        command.program == "git"
        and (command.arguments[0].value if command.arguments else "") not in ("clone", "config", None)
        for instruction in model.instructions
        if isinstance(instruction, Run)
        for command in model.commands_of(instruction)
    )
    for entry in context.entries():
        _take(entry, "", found, built, context, text)
        if entry.kind == "dir" and not entry.is_ignored and entry.path not in found and not entry.path.startswith("."):
            for below in context.entries(entry.path):
                _take(below, "**/", found, built, context, text)
    if uses_git:
        found.pop(".git", None)
    return sorted(found.values(), key=lambda waste: not waste.is_secret)


def _take(
    entry: ContextEntry, prefix: str, found: dict[str, Waste], built: set[str], context: BuildContext, text: str
) -> None:
    if entry.is_ignored:
        return
    name = entry.path.rpartition("/")[2]
    if name == ".git" and entry.kind != "dir":
        return  # a submodule's or a worktree's: one line
    if name in _SECRETS:
        # Named in the file: it is meant, whether that is wise or not.
        if name not in text and not (prefix and name == ".env"):
            found.setdefault(prefix + name, Waste(prefix + name, True))
    elif name in _NEVER or (
        name in ("venv", "env") and entry.kind == "dir" and context.exists(f"{entry.path}/pyvenv.cfg")
    ):
        if f"/{name}" not in text or name == ".git":
            found.setdefault(prefix + name, Waste(prefix + name, False))
    elif name in _OUTPUTS and entry.kind == "dir":
        if not built.isdisjoint(_OUTPUTS[name]):
            found.setdefault(prefix + name, Waste(prefix + name, False))
    elif name.endswith((".pem", ".key")) and name not in text and _is_private_key(context, entry):
        found.setdefault(entry.path, Waste(entry.path, True))


def _is_private_key(context: BuildContext, entry: ContextEntry) -> bool:
    if entry.kind != "file" or not 0 < entry.size <= _MAX_KEY:
        return False
    try:
        return "PRIVATE KEY-----" in context.read(entry.path)
    except OSError:
        return False


def _ecosystems(model: Model) -> set[str]:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of

    found: set[str] = set()
    for instruction in model.instructions:
        if isinstance(instruction, Run):
            for command in model.commands_of(instruction):
                package = parse_package_command(command)
                install = install_of(package) if package is not None else None
                if install is not None:
                    found.add(install.ecosystem)
    return found


def listed(waste: tuple[Waste, ...]) -> str:
    """Some names for a message."""
    names = [item.pattern for item in waste]
    if len(names) > 4:
        return ", ".join(names[:3]) + f" and {len(names) - 3} more"
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
