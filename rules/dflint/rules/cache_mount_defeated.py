from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.packages.command import Option
    from dflint.shell import Word
    from dflint.syntax.tree import Flag, Run

# Manager -> parts of the paths of its cache, the option that switches it off.
_CACHES = {
    "pip": (("/.cache/pip",), "--no-cache-dir"), "uv": (("/.cache/uv",), "--no-cache"),
    "apk": (("/var/cache/apk",), "--no-cache"),
    "poetry": (("/.cache/pypoetry",), "--no-cache"),
}  # fmt: skip
# Manager -> paths of the cache that its own command for cleaning empties.
_CLEANED = {
    "apt-get": ("/var/cache/apt",), "apt": ("/var/cache/apt",), "dnf": ("/var/cache/dnf", "/var/cache/libdnf5"),
    "microdnf": ("/var/cache/dnf", "/var/cache/yum"), "yum": ("/var/cache/yum",), "npm": ("/.npm",),
    "yarn": ("/.cache/yarn", "/.yarn"),
    "pip": ("/.cache/pip",), "go": ("/go/pkg/mod",), "uv": ("/.cache/uv",), "zypper": ("/var/cache/zypp",),
}  # fmt: skip
_APT = "--mount=type=cache,target=/var/cache/apt"


class CacheMountDefeated(Rule):
    """A cache mount is switched off, or emptied, by the command that it is for.

    ## Why is this bad?

    A cache mount keeps downloaded packages between builds, outside the image. `pip install --no-cache-dir` does not use
    it; `apt-get clean` or `rm -rf /var/cache/apt` empties it at the end of each build, for all builds that share it;
    and the official images of Debian and Ubuntu delete every package after its installation by
    `/etc/apt/apt.conf.d/docker-clean`. The build then looks as if it had a cache and downloads everything anew.

    ## Exceptions

    Silent about `docker-clean` if the file mentions it or `Keep-Downloaded-Packages`, if the base image is not surely
    one that has it, and if the mount is of another folder.

    ## Fix safety

    Safe: `--no-cache-dir` or `--no-cache` (of uv, poetry) is dropped, and what the command would have kept lies in the
    mount, not in the image. Commands for cleaning are left to you.
    """

    name = "cache-mount-defeated"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM python:3.12\nRUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask\n",
            at=("--no-cache-dir",),
            fixed="FROM python:3.12\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
        ),
        Bad(
            "FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apk \\\n"
            "  apk --no-cache add curl && \\\n  true\n",
            at=("--no-cache",),
        ),
        Bad(
            "FROM python:3.12\nENV PIP_NO_CACHE_DIR=1\nRUN --mount=type=cache,target=/root/.cache pip install flask\n",
            at=("--mount=type=cache,target=/root/.cache",),
        ),
        Bad(f"FROM fedora:42\nRUN {_APT.replace('apt', 'dnf')} dnf install -y a && dnf clean all\n", at=("dnf clean",)),
        Bad(
            f"FROM debian:12\nRUN rm /etc/apt/apt.conf.d/docker-clean\nRUN {_APT} apt-get install a && apt-get clean\n",
            at=("apt-get clean",),
        ),
        Bad(
            f"FROM debian:12\nRUN rm /etc/apt/apt.conf.d/docker-clean\n"
            f"RUN {_APT} apt-get install a && rm -rf /var/cache/apt/*\n",
            at=("/var/cache/apt/*",),
        ),
        Bad(f"FROM python:3.12\nRUN {_APT} apt-get update && apt-get install -y git\n", at=(_APT,)),
    )
    good = (
        Good("FROM python:3.12\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n"),
        Good("FROM python:3.12\nRUN pip install --no-cache-dir flask\n"),
        Good("FROM python:3.12\nRUN --mount=type=cache,target=/root/.npm pip install --no-cache-dir flask\n"),
        Good("FROM python:3.12\nRUN --mount=type=bind,target=/root/.cache/pip pip install --no-cache-dir flask\n"),
        Good(f"FROM debian:12\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\nRUN {_APT} apt-get install -y git\n"),
        Good(f"FROM debian:12\nRUN {_APT} apt-get install -y git -o Binary::apt::APT::Keep-Downloaded-Packages=true\n"),
        Good(f"FROM registry.example/debian:12\nRUN {_APT} apt-get install -y git\n"),
        Good("FROM debian:12\nRUN apt-get install -y git && apt-get clean\n"),
        Good(
            "FROM python:3.12\nENV PIP_NO_CACHE_DIR=0\n"
            "RUN --mount=type=cache,target=/root/.cache/pip pip install flask\n"
        ),
        Good(f"FROM debian:12\nRUN {_APT} true && rm -rf /var/cache/apt/archives/partial\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        if not run.flags:
            return
        targets = _targets(run, model)
        if not targets:
            return
        from dflint.packages import parse_package_command

        installs_by_apt = False
        reported_pip = False
        for command in model.commands_of(run):
            if command.program == "rm":
                yield from self._removed(command.arguments, targets)
                continue
            package = parse_package_command(command)
            if package is None:
                continue
            manager = package.manager
            if package.action == "clean" and not package.subcommand_name.startswith("auto"):
                if (
                    _find(targets, _CLEANED.get(manager, ()))
                    and package.subcommand is not None
                    and command.name is not None
                ):
                    place = command.name.span._replace(end=package.subcommand.end)
                    yield self.finding(
                        place, f"{manager} {package.subcommand_name} empties the cache that is mounted here"
                    )
                continue
            if package.action not in ("install", "upgrade", "restore", "download"):
                continue
            if manager in ("apt-get", "apt"):
                installs_by_apt = True
            cache, off = _CACHES.get(manager, ((), ""))
            if not off or not _find(targets, cache):
                continue
            option = package.option(off)
            if option is not None:
                # Without the option apk needs an update of its index first.
                is_fixable = manager != "apk" and not run.exec_form and not command.in_string
                fix = _drop(option, model) if is_fixable else None
                yield self.finding(option.span, f"{off} keeps {manager} from using the cache that is mounted here", fix)
            elif manager == "pip" and not reported_pip and _is_on(run, model, "PIP_NO_CACHE_DIR"):
                reported_pip = True
                yield self.finding(_find(targets, cache)[0], "PIP_NO_CACHE_DIR keeps pip from using this cache")
        if installs_by_apt:
            found = [flag for path, flag in targets if path in ("/var/cache/apt", "/var/cache/apt/archives")]
            if found and _has_docker_clean(run, model):
                message = "docker-clean in the base image deletes packages from this cache: remove it before"
                yield self.finding(found[0], message)

    def _removed(self, words: tuple[Word, ...], targets: list[tuple[str, Flag]]) -> Iterator[Finding]:
        for word in words:
            value = word.value or ""
            path = value.rstrip("/").removesuffix("/*").rstrip("/")
            if value.startswith("/") and any(path == target or target.startswith(path + "/") for target, _ in targets):
                yield self.finding(word, "this empties the cache that is mounted here")


def _targets(run: Run, model: Model) -> list[tuple[str, Flag]]:
    """The absolute paths of the cache mounts, each with its flag."""
    environment = model.environment_before(run)
    found = []
    for mount in run.mounts:
        if mount.type == "cache" and mount.target:
            path = environment.expand_text(mount.target)
            path = environment.resolve_path(path) if path else None
            if path is not None:
                found.append((path, mount.flag))
    return found


def _find(targets: list[tuple[str, Flag]], caches: tuple[str, ...]) -> list[Flag]:
    """The mounts that hold one of the caches: of it, or of ``/root/.cache`` above it."""
    found = []
    for path, flag in targets:
        for cache in caches:
            parent = cache.rpartition("/")[0]
            if path.endswith(cache) or (parent.endswith("/.cache") and path.endswith("/.cache")):
                found.append(flag)
    return found


def _drop(option: Option, model: Model) -> Fix | None:
    text = model.source.text
    start, end = option.word.start, option.word.end
    if option.value is not None or text[start:end] != option.name:
        return None
    if text[end : end + 1] == " ":
        end += 1
        while text[end : end + 1] == " ":
            end += 1
    elif text[start - 1 : start] == " " and text[end : end + 1] in ("\n", "\r", ""):
        start -= 1
    else:
        return None
    return Fix.of(f"Drop {option.name}", "safe", [Edit(start, end, "")])


def _is_on(run: Run, model: Model, name: str) -> bool:
    variable = model.environment_before(run).lookup(name)
    return variable is not None and (variable.value or "").lower() in ("1", "true", "yes", "on")


def _has_docker_clean(run: Run, model: Model) -> bool:
    text = model.source.text.lower()
    if "docker-clean" in text or "keep-downloaded" in text or "apt.conf" in text or "keep-cache" in text:
        return False
    stage = model.stage_of(run)
    image = stage.root.image or stage.root.image_name if stage is not None else None
    if image is None or not image.is_official:
        return False
    from dflint.facts import facts_of

    return facts_of(image).distribution in ("debian", "ubuntu")
