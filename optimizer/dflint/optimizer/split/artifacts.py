"""Which files of the building stage the running one needs: all that was written, or of compiled projects less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.optimizer.split.view import is_from_context, is_within, outermost
from dflint.packages import parse_package_command
from dflint.record import NamedTuple
from dflint.syntax.tree import Transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.context import BuildContext, ContextEntry
    from dflint.model.config import Process
    from dflint.optimizer.split.view import View

_COMPILES = {
    "go": ("build", "install"),
    "cargo": ("build", "install"),
    "mvn": (),
    "gradle": (),
    "dotnet": ("build", "publish"),
}
_SOURCES = {
    "go": (".go", ".c", ".h", ".s", "go.mod", "go.sum", "go.work", "go.work.sum"),
    "cargo": (".rs", "Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"),
    "mvn": (".java", ".kt", ".scala", ".groovy", "pom.xml", "mvnw", "mvnw.cmd"),
    "gradle": (
        ".java", ".kt", ".scala", ".groovy", ".gradle", ".gradle.kts", "gradlew", "gradlew.bat", "gradle.properties",
    ),
    "dotnet": (
        ".cs", ".fs", ".vb", ".csproj", ".fsproj", ".vbproj", ".sln", ".slnx", ".props", ".targets", ".razor",
        ".cshtml",
        "global.json",
    ),
}  # fmt: skip
_SOURCE_FOLDERS = {
    "mvn": ("src", ".mvn"),
    "gradle": ("src", "gradle", "buildSrc", ".gradle"),
    "cargo": ("target", ".cargo"),
    "dotnet": ("bin", "obj"),
}
_NOT_FOR_RUNNING = (
    ".md", ".rst", "LICENSE", "LICENCE", "NOTICE", "CHANGELOG", "AUTHORS", "Makefile", "makefile", "GNUmakefile",
    "Taskfile.yml", "Jenkinsfile", "Procfile", ".editorconfig", ".gitignore", ".gitattributes", ".dockerignore",
    ".golangci.yml", ".golangci.yaml", ".travis.yml", ".gitlab-ci.yml", "renovate.json", ".rustfmt.toml",
    "rustfmt.toml",
    ".pre-commit-config.yaml", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "CODEOWNERS",
    ".air.toml", "sonar-project.properties", "skaffold.yaml",
)  # fmt: skip
_FOLDERS_NOT_FOR_RUNNING = frozenset((
    ".git", ".github", ".gitlab", ".circleci", ".vscode", ".idea", "test", "tests", "testdata", "docs", "doc",
    "vendor", "node_modules", "e2e", "benches", ".devcontainer",
))  # fmt: skip
_TEMPORARY = ("/tmp/", "/var/tmp/")
_MAX_WALK = 5000


class Shipped(NamedTuple):
    """What of the building stage is taken over."""

    trees: tuple[str, ...]
    leaves_sources: bool = False
    """Whether files of the context that are not among ``trees`` stay behind."""
    assumes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def shipped_of_project(view: View) -> Shipped | str:
    """The trees to copy, or why that cannot be told."""
    named = list(_named_paths(view))
    written = [
        tree
        for tree in outermost([path for step in view.steps for path in step.writes])
        if not tree.startswith(_TEMPORARY) or any(is_within(path, tree) for path in named)
    ]
    if not written:
        return Shipped(())
    compiler = _compiler(view)
    if compiler is None:
        return Shipped(tuple(written))
    narrowed = _narrowed(view, compiler, written)
    if narrowed is None:
        return Shipped(tuple(outermost([*written, *(f for f in view.project if _holds(f, written))])))
    context = view.draft.context
    assets = None if context is None else _assets(view, compiler, context)
    if assets is None:
        return Shipped(tuple(outermost([*narrowed, *view.project])), True)
    shown = ", ".join(path.rpartition("/")[2] for path in assets[:4])
    notes = (f"sources stay in the building stage; {shown} may be read at run time and go along",) if assets else ()
    return Shipped(
        tuple(outermost([*narrowed, *assets])), True,
        ("the program reads none of its own source files when it runs",), notes,
    )  # fmt: skip


def _holds(folder: str, written: Iterable[str]) -> bool:
    return any(is_within(path, folder) for path in written)


def _compiler(view: View) -> str | None:
    """The one tool that compiles the project to something that runs without its sources; None if there is none."""
    found = set()
    for _, run, _ in view.runs():
        for command in view.model.commands_of(run):
            package = parse_package_command(command)
            if package is None:
                continue
            if package.manager in _COMPILES and package.action in ("build", "publish", "install"):
                if (
                    package.action == "install"
                    and all(p.source == "index" for p in package.packages)
                    and package.packages
                ):
                    continue
                found.add(package.manager)
            elif package.manager in (
                "npm",
                "yarn",
                "pnpm",
                "bun",
                "pip",
                "bundle",
                "composer",
                "poetry",
                "uv",
                "pipenv",
            ):
                return None
    return found.pop() if len(found) == 1 else None


def _narrowed(view: View, compiler: str, written: list[str]) -> list[str] | None:
    """What is wanted of the written trees; None if all of them."""
    named = list(_named_paths(view))
    result: list[str] = []
    for tree in written:
        below = [path for path in named if is_within(path, tree) and path != tree]
        if tree in view.project or compiler in ("cargo", "mvn", "gradle"):
            built = [path for path in below if not _is_in_context(view, path)]
            if not built and tree in view.project:
                return None
            result += built or [tree]
        else:
            result.append(tree)
    return result


def _is_in_context(view: View, path: str) -> bool:
    """Whether a path of the image comes with the context."""
    context = view.draft.context
    if context is None:
        return False
    for step in view.steps:
        transfer = step.instruction
        if not isinstance(transfer, Transfer) or not is_from_context(transfer) or step.target is None:
            continue
        for word in transfer.sources:
            source = view.model.environment_before(transfer).expand(word)
            if source is None or not is_within(path, step.target):
                continue
            rest = path[len(step.target) :].strip("/")
            if context.is_sent("/".join(filter(None, (source.strip("./"), rest)))):
                return True
    return False


def _named_paths(view: View) -> Iterator[str]:
    """Absolute paths that the start command and the health check name."""
    from posixpath import join, normpath

    config = view.config
    health = config.healthcheck.value
    processes: list[Process | None] = [config.entrypoint.value, config.cmd.value, health.process if health else None]
    for process in processes:
        for argument in process.arguments if process is not None else ():
            for token in _tokens(argument):
                if token and "$" not in token and not any(char in token for char in "*?["):
                    yield normpath(token if token.startswith("/") else join(view.workdir, token))


def _tokens(argument: str) -> Iterator[str]:
    """The words of an argument that may be paths: those of a shell line, of a class path, values of options."""
    for word in (
        argument.replace(";", " ").replace("&", " ").replace("|", " ").replace('"', " ").replace("'", " ").split()
    ):
        for part in word.split(":"):
            yield (
                part.removesuffix("/*").partition("=")[2]
                if part.startswith("-") and "=" in part
                else part.removesuffix("/*")
            )


def _assets(view: View, compiler: str, context: BuildContext) -> list[str] | None:
    """Files and folders of the project that no compiler reads, as paths in the image; None if that cannot be told."""
    from posixpath import join, normpath

    found: list[str] = []
    for step in view.steps:
        transfer = step.instruction
        if not isinstance(transfer, Transfer) or not is_from_context(transfer) or step.target is None:
            continue
        if not any(is_within(step.target, folder) for folder in view.project):
            continue
        for word in transfer.sources:
            source = view.model.environment_before(transfer).expand(word)
            if source is None:
                return None
            for entry in context.match(source):
                if entry.kind != "dir":
                    if not _is_left(entry, compiler):
                        name = entry.path.rpartition("/")[2]
                        found.append(step.target if view.is_file_copy(transfer) else join(step.target, name))
                    continue
                inside = _asset_entries(context, entry.path, compiler)
                if inside is None:
                    return None
                found += [normpath(join(step.target, path[len(entry.path) :].strip("/"))) for path in inside]
    return found


def _asset_entries(context: BuildContext, folder: str, compiler: str) -> list[str] | None:
    """The entries of a folder that hold assets; None if there are too many files to tell."""
    found = []
    for entry in context.entries(folder):
        if entry.kind != "dir":
            if not entry.is_ignored and not _is_left(entry, compiler):
                found.append(entry.path)
            continue
        if _is_left_folder(entry.path.rpartition("/")[2], compiler):
            continue
        for number, inner in enumerate(context.walk(entry.path)):
            if number > _MAX_WALK:
                return None
            if (
                inner.kind != "dir"
                and not _is_left(inner, compiler)
                and not _in_left_folder(inner.path, entry.path, compiler)
            ):
                found.append(entry.path)
                break
    return found


def _in_left_folder(path: str, folder: str, compiler: str) -> bool:
    return any(_is_left_folder(name, compiler) for name in path[len(folder) :].strip("/").split("/")[:-1])


def _is_left_folder(name: str, compiler: str) -> bool:
    return name in _FOLDERS_NOT_FOR_RUNNING or name in _SOURCE_FOLDERS.get(compiler, ())


def _is_left(entry: ContextEntry, compiler: str) -> bool:
    """Whether a file is source, build file or for people."""
    name = entry.path.rpartition("/")[2]
    if name.startswith(("Dockerfile", "LICENSE", "docker-compose")) or name.endswith((".dockerfile", ".Dockerfile")):
        return True
    return name.endswith(_NOT_FOR_RUNNING) or name.endswith(_SOURCES[compiler])
