from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Environment, Model, Stage
    from dflint.syntax.mounts import Mount

_CARGO, _GO = (("CARGO_HOME", ""),), (("GOMODCACHE", ""), ("GOPATH", "/pkg/mod"))
# Manager, folder in the home, variables that move it (with what is below them), options that do.
_CACHES = (
    ("pip", "/.cache/pip", (("PIP_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pip")), ("--cache-dir",)),
    ("uv", "/.cache/uv", (("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/uv")), ("--cache-dir",)),
    ("poetry", "/.cache/pypoetry", (("POETRY_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pypoetry")), ()),
    ("npm", "/.npm", (("NPM_CONFIG_CACHE", ""), ("npm_config_cache", "")), ("--cache",)),
    ("yarn", "/.cache/yarn", (("YARN_CACHE_FOLDER", ""), ("XDG_CACHE_HOME", "/yarn")), ("--cache-folder",)),
    ("go", "/go/pkg/mod", _GO, ("-modcacherw",)),
    ("go", "/.cache/go-build", (("GOCACHE", ""), ("XDG_CACHE_HOME", "/go-build")), ()),
    ("cargo", "/.cargo/registry", _CARGO, ()),
    ("cargo", "/.cargo/git", _CARGO, ()),
    ("dotnet", "/.nuget/packages", (("NUGET_PACKAGES", ""),), ("--packages",)),
    ("bun", "/.bun/install/cache", (("BUN_INSTALL_CACHE_DIR", ""), ("BUN_INSTALL", "/install/cache")),
     ("--cache-dir",)),
)  # fmt: skip
_SETS = {"golang": {"GOPATH": "/go"}, "rust": {"CARGO_HOME": "/usr/local/cargo"}}
_YARN_OF_ROOT = "/usr/local/share/.cache/yarn"
_CONFIGURED = ("config set", "config --set", "env -w", "cache-folder", "cacheFolder", "cache_dir", "cache-dir")
_BERRY = ("--immutable", ".yarnrc.yml", ".yarn/", "berry", "corepack", "set version", "workspaces focus", "yarn@")
_ROOT = ("", "root", "0")
_SWITCHES = frozenset(("sudo", "doas", "su", "gosu", "su-exec", "runuser", "setpriv", "chroot", "usermod"))
_OTHERS = frozenset(("ghcr.io/astral-sh/uv", "mcr.microsoft.com/dotnet/sdk", "oven/bun"))


class CacheMountWrongHome(Rule):
    """A cache mount is not where the command keeps its cache, or its user cannot write there.

    ## Why is this bad?

    Each tool looks for its cache in the home of its user or where a variable points: behind `USER app` pip does not
    use `/root/.cache/pip`, in the image `rust` cargo keeps its downloads in `/usr/local/cargo`, in `golang` modules lie
    in `/go/pkg/mod`, and Yarn 1 as root uses `/usr/local/share/.cache/yarn`. `~` is no home in a mount, but a folder of
    that name. The mount then stays empty and every build downloads everything. A new cache belongs to root: another
    user cannot write to it without `uid=`.

    Known are the caches of pip, uv, poetry, npm, yarn, go, cargo, dotnet and bun.

    ## Exceptions

    Silent unless the base image is an official one of which the variables are known (but for caches below `/root` and
    missing `uid=` with another user, which hold everywhere); where a variable, an option or a `config set` moves the
    cache to a place not known; where the RUN changes its user (sudo, su, gosu); and about Yarn where the file may mean
    one newer than 1 (corepack, `.yarnrc.yml`).

    ## Fix safety

    Adding `uid=` is safe: what the tool then keeps lies in the mount. The other path is unsafe: a later step may need
    the files, which so far landed in the image. There is no fix if the user's number or home is not known.
    """

    name = "cache-mount-wrong-home"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM rust:1.80\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n",
            at=("--mount=type=cache,target=/root/.cargo/registry",),
            fixed="FROM rust:1.80\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build\n",
        ),
        Bad(
            "FROM node:22\nRUN --mount=type=cache,target=/root/.cache/yarn,sharing=locked \\\n  yarn install\n",
            at=("--mount=type=cache,target=/root/.cache/yarn,sharing=locked",),
            fixed="FROM node:22\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn,sharing=locked \\\n"
            "  yarn install\n",
        ),
        Bad(
            "FROM node:22\nUSER node\nrun --mount=type=cache,target=/root/.npm npm ci\n",
            at=("--mount=type=cache,target=/root/.npm",),
            fixed="FROM node:22\nUSER node\nrun --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci\n",
        ),
        Bad(
            "FROM registry.example/base\nUSER 1001\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
            at=("--mount=type=cache,target=/root/.cache/pip",),
        ),
        Bad(
            "FROM python:3.13\nENV XDG_CACHE_HOME=/cache\nRUN --mount=type=cache,target=/root/.cache/pip <<EOF\n"
            "pip install flask\nEOF\n",
            at=("--mount=type=cache,target=/root/.cache/pip",),
            fixed="FROM python:3.13\nENV XDG_CACHE_HOME=/cache\nRUN --mount=type=cache,target=/cache/pip <<EOF\n"
            "pip install flask\nEOF\n",
        ),
        Bad(
            "FROM golang:1.23\nRUN --mount=type=cache,target=~/.cache/go-build go build ./...\n",
            at=("--mount=type=cache,target=~/.cache/go-build",),
            fixed="FROM golang:1.23\nRUN --mount=type=cache,target=/root/.cache/go-build go build ./...\n",
        ),
        # The place is right, the owner is not.
        Bad(
            "FROM debian:12\nRUN useradd -m -u 1234 app\nUSER app\nWORKDIR /app\n"
            "RUN --mount=type=cache,target=/app/.next/cache npm run build\n",
            at=("--mount=type=cache,target=/app/.next/cache",),
            fixed="FROM debian:12\nRUN useradd -m -u 1234 app\nUSER app\nWORKDIR /app\n"
            "RUN --mount=type=cache,target=/app/.next/cache,uid=1234 npm run build\n",
        ),
        Bad(
            "FROM debian:12\nUSER app\nRUN --mount=type=cache,target=/home/app/.cache/pip pip install flask\n",
            at=("--mount=type=cache,target=/home/app/.cache/pip",),
        ),
    )
    good = (
        Good("FROM rust:1.80\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo build\n"),
        Good("FROM node:22\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install\n"),
        Good("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 npm ci\n"),
        Good("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,mode=0777 npm ci\n"),
        Good("FROM registry.example/rust\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n"),
        Good("FROM rust:1.80\nENV CARGO_HOME=/root/.cargo\n"
             "RUN --mount=type=cache,target=/root/.cargo/registry cargo build\n"),
        Good("FROM python:3.13\nARG PIP_CACHE_DIR\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n"),
        Good("FROM python:3.13\nRUN --mount=type=cache,target=/cache pip install --cache-dir /cache flask\n"),
        Good("FROM python:3.13\nRUN --mount=type=cache,target=/a/.cache/pip HOME=/a pip install flask\n"),
        Good("FROM python:3.13\nUSER app\nRUN --mount=type=cache,target=/root/.cache/pip sudo pip install flask\n"),
        Good("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache pip install flask\n"),
        Good("FROM python:3.13\nRUN --mount=type=cache,target=/home/app/.cache/pip true\n"),
        Good("FROM node:22\nRUN yarn config set cache-folder /root/.cache/yarn\n"
             "RUN --mount=type=cache,target=/root/.cache/yarn yarn install\n"),
    )  # fmt: skip

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        if not run.flags or run.is_onbuild_trigger:
            return
        stage = model.stage_of(run)
        mounts = _mounts(run, model)
        if stage is None or stage.looks_like_windows or not mounts:
            return
        from dflint.rules._package_commands import package_commands

        script = model.script_of(run)
        if script is None or script.is_opaque or any(c.program in _SWITCHES for c in model.commands_of(run)):
            return
        who = _Who(model.environment_before(run), stage, run, model)
        assigned = {getattr(item, "name", "") for item in script.variables() if hasattr(item, "append")}
        text = model.source.text
        is_configured = any(mark in text for mark in _CONFIGURED)
        is_berry = any(mark in text for mark in _BERRY)
        wrong: dict[int, tuple[Mount, str, str | None]] = {}
        if not is_configured and "HOME" not in assigned:
            for package in package_commands(run, model):
                for manager, folder, variables, options in _CACHES:
                    if manager != package.manager or package.has(*options) or (manager == "yarn" and is_berry):
                        continue
                    if not assigned.isdisjoint([name for name, _ in variables]):
                        continue
                    for mount, path in mounts:
                        found = _is_wrong(path, mount, folder, variables, who, mounts)
                        if found is not None:
                            wrong.setdefault(mount.start, (mount, manager, found or None))
        for mount, path in mounts:
            needs_uid = who.is_other and not (mount.uid or mount.mode or mount.from_)
            if mount.start in wrong:
                _, manager, place = wrong[mount.start]
                if (mount.target or "").startswith("~"):
                    message = '"~" is no home here, but a folder of that name in the working directory'
                elif place is None:
                    message = f"{manager} runs as {who.user}, which does not use {path}"
                else:
                    message = f"{manager} keeps its cache in {place} here, this mount stays unused"
                yield self.finding(mount, message, _fix(mount, place, who.uid if needs_uid else "", model))
            elif needs_uid:
                message = f"{who.user} cannot write to this cache, which belongs to root: give the mount its uid="
                fix = _fix(mount, None, who.uid, model) if who.uid else None
                yield self.finding(mount, message, fix)


class _Who:
    """Who runs a RUN: ``user``, ``is_other`` than root for sure, ``uid`` (empty if not known), ``home``."""

    def __init__(self, environment: Environment, stage: Stage, run: Run, model: Model) -> None:
        self.environment = environment
        image = stage.root.image or stage.root.image_name
        self.image = image.family if image is not None else ""
        self.is_known = False
        user = environment.user
        if image is not None and (image.is_official or image.name in _OTHERS):
            from dflint.facts import facts_of

            facts = facts_of(image)
            self.is_known = facts.distribution is not None or image.name in _OTHERS
            if user is None and self.is_known:
                user = facts.user or ""
        self.user = (user or "").partition(":")[0]
        self.is_other = user is not None and self.user not in _ROOT
        self.is_root = user is not None and not self.is_other
        self.uid, self.home = "", "/root" if self.is_root else None
        if self.is_other:
            self._find(stage, run, model)
        variable = environment.lookup("HOME")
        if variable is not None:
            self.home = variable.value if variable.is_set else None

    def _find(self, stage: Stage, run: Run, model: Model) -> None:
        if self.user.isdigit():
            self.uid = self.user
        elif self.user == "node" and self.image == "node":
            self.uid, self.home = "1000", "/home/node"
        link: Stage | None = stage
        while link is not None:
            for instruction in link.instructions:
                if isinstance(instruction, User) and instruction.value is not None and "$" in instruction.value.text:
                    self.uid = ""
                    self.home = None
                    return
                if (
                    isinstance(instruction, Run)
                    and self.user in instruction.line.text
                    and instruction.start < run.start
                ):
                    self._made(instruction, model)
            link = link.parent

    def _made(self, run: Run, model: Model) -> None:
        for command in model.commands_of(run):
            command = command.unwrapped()
            if command.program not in ("useradd", "adduser"):
                continue
            words = [word.value or "$" for word in command.arguments]
            if self.user not in words:
                continue
            home = f"/home/{self.user}"
            for name, value in itertools.pairwise(words):
                if name in ("-u", "--uid") and value.isdigit():
                    self.uid = value
                elif name in ("-d", "--home", "--home-dir", "-h", "-b"):
                    home = "$"
            is_plain = "$" not in home and not any(w.startswith(("--home", "--base", "--system", "-r")) for w in words)
            self.home = home if is_plain else None


def _mounts(run: Run, model: Model) -> list[tuple[Mount, str]]:
    """The cache mounts with their absolute targets."""
    environment = model.environment_before(run)
    found = []
    for mount in run.mounts:
        if mount.type == "cache" and mount.target:
            path = environment.expand_text(mount.target)
            path = environment.resolve_path(path) if path else None
            if path is None and mount.target.startswith("~/"):
                path = f"/{mount.target}"
            if path is not None:
                found.append((mount, path))
    return found


def _is_wrong(
    path: str,
    mount: Mount,
    folder: str,
    variables: tuple[tuple[str, str], ...],
    who: _Who,
    mounts: list[tuple[Mount, str]],
) -> str | None:
    """The place of the cache if a mount is meant for it and elsewhere, empty if only that is known; None: all right."""
    is_parent = folder.startswith("/.cache/") and path.endswith("/.cache") and folder != "/.cache/yarn"
    if not path.endswith(folder) and not is_parent and not (folder == "/.nuget/packages" and path.endswith("/.nuget")):
        return None
    place: str | None = None
    is_moved = False
    for name, below in variables:
        variable = who.environment.lookup(name)
        value = _SETS.get(who.image, {}).get(name) if variable is None and who.is_known else None
        if variable is not None:
            value = variable.value if variable.is_set else None
            if value is None:
                return None
        if value is not None:
            place = value.rstrip("/") + below + (folder.removeprefix("/.cargo") if name == "CARGO_HOME" else "")
            is_moved = True
            break
    if place is None and who.home is not None:
        place = who.home.rstrip("/") + folder
        if folder == "/.cache/yarn" and who.is_root:
            place = _YARN_OF_ROOT
    if place is None:
        return "" if who.is_other and path.startswith("/root/") and who.environment.lookup("HOME") is None else None
    if not place.startswith("/") or "~" in place:
        return None
    if not is_moved and not who.is_known and not (who.is_other and path.startswith("/root/")):
        return "" if (mount.target or "").startswith("~/") else None
    if any(_covers(other, place) for _, other in mounts):
        return None
    if not is_parent and folder != "/.nuget/packages":
        return place
    return place.rpartition("/")[0] if path.endswith(("/.cache", "/.nuget")) else place


def _covers(path: str, place: str) -> bool:
    return (place + "/").startswith(path.rstrip("/") + "/") or path.startswith(place.rstrip("/") + "/")


def _fix(mount: Mount, place: str | None, uid: str, model: Model) -> Fix | None:
    word = mount.flag.value
    if word is None or any(char in word.value for char in "\"'\\`\n$ ") or (place is None and not uid):
        return None
    edits = []
    if place is not None:
        field = next((f for f in mount.fields if f.key in ("target", "dst", "destination")), None)
        if field is None or field.value is None:
            return None
        edits.append(Edit(word.start + field.end - len(field.value), word.start + field.end, place))
    elif (mount.target or "").startswith("/root/"):
        return None
    if uid:
        edits.append(Edit(word.end, word.end, f",uid={uid}"))
    title = f"Mount it to {place}" if place is not None else f"Give the cache to user {uid}"
    return Fix.of(title, "safe" if place is None else "unsafe", edits)
