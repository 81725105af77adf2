from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.model import Stage
from dflint.rules._shipped_stages import is_surely_shipped
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import ImageReference, Model
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Copy

_NODE = frozenset(("npm", "yarn", "pnpm", "bun"))
_PRODUCTION = frozenset(("prune", "--production", "--omit=dev", "--omit", "--prod", "--only=production", "-P"))
_COMPILERS = frozenset(("go", "cargo", "mvn", "gradle", "dotnet"))
_OUTPUTS = {"go": ("-o",), "dotnet": ("-o", "--output"), "cargo": ("--target-dir",)}


class WholeWorkdirCopied(Rule):
    """COPY --from takes the whole working directory of a build stage, sources and all.

    ## Why is this bad?

    The stage copied the sources there and compiled them; the image needs the result alone. So it gets the sources,
    tests, the compiler's intermediate files and the development dependencies, which often weigh more than the program,
    and each change of a source file makes that layer anew.

    Looked at are stages that copy their whole context to the folder and build there by cargo, go, maven, gradle, dotnet
    or a `build` script of npm, yarn, pnpm or bun.

    ## Exceptions

    Silent if the image is not the shipped one; if the build stage cleans up (`rm`, `npm prune`, an install with
    `--omit=dev` or `--production`), as an interpreter may need what is left; for scripts that run on in Node.js; on
    `--exclude`; and if the copying stage itself can build (the same base image, or one with an SDK).
    """

    name = "whole-workdir-copied"
    category = "size"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM rust:1 AS build\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\n"
            "FROM debian:12-slim\nCOPY --from=build /app /app\n",
            at=("/app",),
        ),
        Bad(
            "FROM node:22 AS build\nWORKDIR /src\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
            "FROM nginx:1\ncopy --chown=101 --from=0 \\\n  /src/ /usr/share/nginx/html\n",
            at=("/src/",),
        ),
        Bad(
            "FROM golang:1.23 AS base\nWORKDIR /go/src/app\nFROM base AS build\nADD . .\nRUN go build -o bin/app\n"
            "FROM alpine:3.22\nCOPY --from=build go/src/app /app\n",
            at=("go/src/app",),
        ),
    )
    good = (
        Good(
            "FROM rust:1 AS build\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\n"
            "FROM debian:12-slim\nCOPY --from=build /app/target/release/app /app\n"
        ),
        # An interpreter needs the sources.
        Good(
            "FROM python:3.13 AS build\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt -t lib\n"
            "FROM python:3.13-slim\nCOPY --from=build /app /app\n"
        ),
        Good(
            "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build && npm prune --omit=dev\n"
            "FROM node:22-slim\nCOPY --from=build /app /app\n"
        ),
        Good(
            "FROM golang:1 AS build\nWORKDIR /app\nCOPY . .\nRUN go build -o app && rm -rf *.go\n"
            "FROM alpine:3.22\nCOPY --from=build /app /app\n"
        ),
        Good(
            "FROM golang:1 AS build\nWORKDIR /app\nCOPY . /src\nRUN cd /src && go build -o /app/app\n"
            "FROM alpine:3.22\nCOPY --from=build /app /app\n"
        ),
        Good(
            "FROM rust:1 AS build\nWORKDIR /app\nCOPY . .\nRUN cargo build\n"
            "FROM debian:12 AS test\nCOPY --from=build /app /app\nRUN ./test\nFROM debian:12\nCOPY a b\n"
        ),
        Good(
            "FROM golang:1 AS build\nWORKDIR /app\nCOPY . .\nRUN go build -o /out/app\n"
            "FROM golang:1\nCOPY --from=build /app /app\n"
        ),
    )

    def check_copy(self, copy: Copy, model: Model) -> Iterator[Finding]:
        flag = copy.flag("from")
        if flag is None or copy.is_onbuild_trigger or copy.flag("exclude") is not None:
            return
        here, there = model.stage_of(copy), model.resolve_from(flag.text, copy)
        if here is None or not isinstance(there, Stage) or not is_surely_shipped(here, model):
            return
        image = here.root.image or here.root.image_name
        if image is not None and _can_build(image, there):
            return
        for word in copy.sources:
            text = word.literal if "$" not in word.text else None
            path = "/" + text.removeprefix("./").strip("/") if text else "/"
            if path in ("/", "/.") or "*" in path:
                continue
            path = path.removesuffix("/.")
            result = _result_in(path, there, model, image)
            if result is not None:
                what = f"copy only {result}" if result else "copy only what is made there"
                yield self.finding(word, f"{path} holds the sources and the build's leftovers: {what}")


def _can_build(image: ImageReference, there: Stage) -> bool:
    if image == there.root.image:
        return True
    from dflint.facts import facts_of

    return facts_of(image).is_build_tool


def _result_in(path: str, stage: Stage, model: Model, image: ImageReference | None) -> str | None:
    """Where the result of the build in a folder lies, empty if that is not plain; None: nothing to say."""
    runs_scripts = image is not None and ("node" in image.family or "bun" in image.family)
    has_sources = is_built = False
    result = ""
    link: Stage | None = stage
    chain = []
    while link is not None:
        chain.append(link)
        link = link.parent
    for part in reversed(chain):
        for instruction in part.instructions:
            if isinstance(instruction, Transfer):
                has_sources = _brings_sources(instruction, path, model) or has_sources
            elif isinstance(instruction, Run):
                found = _run(instruction, path, model, has_sources, runs_scripts)
                if found is None:
                    return None
                if not has_sources:
                    continue
                is_built = is_built or found[0]
                result = found[1] or result
    return result if is_built else None


def _brings_sources(transfer: Transfer, path: str, model: Model) -> bool:
    from dflint.rules._broad_copies import is_from_context, whole_context
    from dflint.rules._copied_files import target_folder

    if not is_from_context(transfer) or whole_context(transfer) is None:
        return False
    target = target_folder(transfer, model)
    return target is not None and (target == path or target.startswith(path + "/"))


def _run(run: Run, path: str, model: Model, has_sources: bool, runs_scripts: bool) -> tuple[bool, str] | None:
    """Whether a RUN builds in the folder, and the path of the result; None if it may take the sources away."""
    from dflint.packages import parse_package_command

    is_built, result = False, ""
    folder = model.environment_before(run).workdir or ""
    for command in model.commands_of(run):
        command = command.unwrapped()
        words = [word.value or "" for word in command.arguments]
        is_removing = has_sources and command.program in ("rm", "mv", "find")
        if is_removing and not all(word.startswith(("-", "/var/", "/root/", "/tmp/")) for word in words):
            return None
        if command.program == "cd":
            from posixpath import join, normpath

            folder = normpath(join(folder, words[0])) if words and words[0] else ""
            continue
        package = parse_package_command(command)
        if package is None:
            continue
        if package.manager in _NODE and not _PRODUCTION.isdisjoint(words):
            return None
        if not (folder + "/").startswith(path + "/"):
            continue
        if package.manager in _COMPILERS and package.action in ("build", "publish"):
            is_built = True
            result = _result(package, folder) or result
        elif (
            package.manager in _NODE
            and not runs_scripts
            and any(word == "build" or word.startswith("build:") for word in words)
        ):
            is_built = True
    return is_built, result


def _result(package: PackageCommand, folder: str) -> str:
    from posixpath import join, normpath

    for option in package.options:
        if option.name in _OUTPUTS.get(package.manager, ()):
            value = option.value.value if option.value is not None else None
            return normpath(join(folder, value)) if value else ""
    if package.manager == "cargo":
        return f"{folder}/target/{'release' if package.has('--release', '-r') else 'debug'}"
    below = {"mvn": "target/*.jar", "gradle": "build/libs"}.get(package.manager, "")
    return f"{folder}/{below}" if below else ""
