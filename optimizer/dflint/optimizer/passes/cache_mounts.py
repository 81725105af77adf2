"""Download and compile caches that outlive a build, and never get into a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import Change
from dflint.packages import parse_package_command
from dflint.record import NamedTuple
from dflint.syntax.tree import Copy, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import ClassVar

    from dflint.model import Model, Stage
    from dflint.optimizer.draft import Draft
    from dflint.optimizer.rewrite import Level
    from dflint.packages.command import PackageCommand


class _Cache(NamedTuple):
    """A folder that a program keeps between runs."""

    target: str
    settings: tuple[str, ...]
    """Variables that move or forbid it: then nothing is done."""
    is_store: bool = False
    """Whether later commands of the same program need what is in it: then all of them get the mount, or none."""


_CACHES: dict[str, tuple[_Cache, ...]] = {
    "npm": (_Cache("/root/.npm", ("npm_config_cache", "NPM_CONFIG_CACHE", "HOME")),),
    "yarn": (_Cache("/usr/local/share/.cache/yarn", ("YARN_CACHE_FOLDER", "HOME")),),
    "pip": (_Cache("/root/.cache/pip", ("PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "XDG_CACHE_HOME", "HOME")),),
    "go": (
        _Cache("/go/pkg/mod", ("GOPATH", "GOMODCACHE", "GOFLAGS", "GO111MODULE"), True),
        _Cache("/root/.cache/go-build", ("GOCACHE", "XDG_CACHE_HOME", "HOME")),
    ),
    "cargo": (_Cache("/usr/local/cargo/registry", ("CARGO_HOME",), True),),
    "mvn": (_Cache("/root/.m2", ("MAVEN_CONFIG", "MAVEN_OPTS", "HOME"), True),),
    "gradle": (_Cache("/root/.gradle", ("GRADLE_USER_HOME", "HOME"), True),),
    "composer": (_Cache("/root/.composer/cache", ("COMPOSER_HOME", "COMPOSER_CACHE_DIR", "HOME")),),
    "uv": (_Cache("/root/.cache/uv", ("UV_CACHE_DIR", "UV_NO_CACHE", "HOME")),),
    "dotnet": (_Cache("/root/.nuget/packages", ("NUGET_PACKAGES", "HOME"), True),),
}
_FAMILIES = {
    "npm": ("node",), "yarn": ("node",), "pip": ("python",), "go": ("golang",), "cargo": ("rust",),
    "mvn": ("maven", "eclipse-temurin", "openjdk", "amazoncorretto"), "gradle": ("eclipse-temurin", "openjdk"),
    "composer": ("composer", "php"), "uv": ("python",), "dotnet": ("sdk",),
}  # fmt: skip
_STARTS = frozenset(("make", "just", "task", "sh", "bash", "ant", "tox", "nox", "bazel"))
"""Programs that may call a package manager without saying so."""


class CacheMounts:
    """Keeps what package managers download, and compilers remember, in cache mounts."""

    name: ClassVar[str] = "cache-mounts"
    level: ClassVar[Level] = "safe"
    description: ClassVar[str] = "Keeps what package managers download, and compilers remember, in cache mounts."

    def run(self, draft: Draft) -> Outcome:
        """Add the mounts to all RUNs that may have them."""
        edits: list[Edit] = []
        named: dict[str, None] = {}
        for stage in draft.model.stages:
            for run, caches, manager in _wanted(draft.model, stage):
                text = "".join(f" --mount=type=cache,target={cache.target}" for cache in caches)
                at = run.keyword.end
                edits.append(Edit(at, at, text))
                named.update(dict.fromkeys(cache.target for cache in caches))
                if not stage.is_shipped:
                    edits += _without_no_cache(draft, run, manager)
        if not edits:
            return Outcome()
        change = Change(
            self.name,
            f"Mount {', '.join(named)} as {'caches' if len(named) > 1 else 'a cache'}",
            "what was downloaded or compiled once is there when the step runs anew, and is in no layer",
            "such steps take less time when they run anew",
            ("the builder is BuildKit, as in every Docker since 23.0",),
        )
        return Outcome(tuple(sorted(edits)), (change,))


def _wanted(model: Model, stage: Stage) -> Iterator[tuple[Run, tuple[_Cache, ...], str]]:
    """The RUNs of a stage with the caches that each may have."""
    uses = [(run, manager) for run in stage.instructions if isinstance(run, Run) for manager in _managers(model, run)]
    for run, manager in uses:
        if any(flag.name == "mount" for flag in run.flags) or not _fits(model, stage, run, manager):
            continue
        caches = tuple(cache for cache in _CACHES[manager] if _may_have(model, stage, run, cache, manager))
        if caches:
            yield run, caches, manager


def _managers(model: Model, run: Run) -> list[str]:
    """The managers that a RUN calls to fetch or build; only one, as a second one's cache is not thought of."""
    found = []
    for command in model.commands_of(run):
        package = parse_package_command(command)
        if package is not None and package.manager in _CACHES and _is_use(package):
            found.append(package.manager)
    return list(dict.fromkeys(found)) if len(set(found)) == 1 else []


def _is_use(package: PackageCommand) -> bool:
    return package.action in ("install", "restore", "build", "publish", "download") or (
        package.manager == "go" and package.subcommand_name in ("mod download", "test", "vet", "run")
    )


def _fits(model: Model, stage: Stage, run: Run, manager: str) -> bool:
    """Whether the step runs as root in an image whose folders are known, and by a shell."""
    environment = model.environment_before(run)
    image = stage.root.image
    if run.exec_form or (environment.user or "") not in ("", "0", "root") or image is None:
        return False
    if image.family.rpartition("/")[2] not in _FAMILIES[manager]:
        return False
    from dflint.facts import facts_of

    if facts_of(image).user is not None:
        return False
    script = model.script_of(run)
    return script is not None and not script.errors and not script.is_opaque


def _may_have(model: Model, stage: Stage, run: Run, cache: _Cache, manager: str) -> bool:
    environment = model.environment_before(run)
    if any(environment.lookup(name) is not None for name in cache.settings):
        return False
    if manager == "yarn" and model.context is not None and model.context.is_sent(".yarnrc.yml"):
        return False
    text = model.source.text
    for other in model.stages:
        for instruction in other.instructions:
            body = text[instruction.start : instruction.end]
            has_mount = isinstance(instruction, Run) and f"target={cache.target}" in body
            names = isinstance(instruction, (Copy, Run)) and cache.target in body
            if instruction is not run and names and not has_mount:
                return False
    own = text[run.start : run.end]
    if cache.target in own or "cache clean" in own or "clean -modcache" in own or "/root/.cache" in own:
        return False
    if cache.is_store:
        return _all_get_it(model, stage, manager)
    return stage.is_shipped is False or "--no-cache" not in own


def _all_get_it(model: Model, stage: Stage, manager: str) -> bool:
    """Whether nothing in the stage, or made from it, uses the store but the RUNs that get the mount."""
    if stage.used_as_base:
        return False
    context = model.context
    if manager == "go" and (context is None or context.is_sent("vendor")):
        return False
    for instruction in stage.instructions:
        if not isinstance(instruction, Run):
            continue
        if any(flag.name == "mount" for flag in instruction.flags):
            return False
        for command in model.commands_of(instruction):
            package = parse_package_command(command)
            if package is not None and package.manager == manager:
                if (
                    not _is_use(package)
                    or (package.has("--offline") or (manager == "mvn" and package.has("-o")))
                    or _managers(model, instruction) != [manager]
                ):
                    return False
            elif (
                command.program in _STARTS
                or (command.program or "").endswith(".sh")
                or "/" in (command.name.raw if command.name else "")
            ):
                return False
    config = model.effective_config(stage)
    if stage.is_shipped and config.cmd.known != "file" and config.entrypoint.known != "file":
        return False  # an image to work in, whose store may be meant to be there
    starts = " ".join(
        word
        for setting in (config.cmd, config.entrypoint)
        for word in (setting.value.arguments if setting.value else ())
    )
    return not (
        stage.is_shipped
        and any(name in starts.split() for name in ("go", "cargo", "mvn", "gradle", "dotnet", "./mvnw", "./gradlew"))
    )


def _without_no_cache(draft: Draft, run: Run, manager: str) -> list[Edit]:
    """``--no-cache-dir`` taken out where the layer is thrown away anyway."""
    if manager != "pip":
        return []
    edits = []
    for command in draft.model.commands_of(run):
        for word in command.arguments:
            if word.raw == "--no-cache-dir":
                start = word.start
                while start > run.start and draft.text[start - 1] in " \t":
                    start -= 1
                edits.append(Edit(start, word.end, ""))
    return edits
