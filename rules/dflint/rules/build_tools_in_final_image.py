from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import shipped_stages
from dflint.syntax.tree import Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.packages.command import PackageCommand
    from dflint.shell import Command
    from dflint.syntax.tree import Instruction

# Packages of distributions that are there to compile.
_TOOLCHAINS = frozenset(
    ("build-essential", "build-base", "gcc", "g++", "clang", "make", "cmake", "ninja-build", "gcc-c++", "alpine-sdk",
     "golang", "golang-go", "go", "rustc", "cargo", "maven", "gradle", "default-jdk", "openjdk8", "openjdk11", "nasm",
     "autoconf", "automake", "meson", "base-devel", "musl-dev", "python3-dev", "python-dev", "libtool")
)  # fmt: skip
_MEANT_FOR_BUILDING = ("-dev", "-devel")
_SHELLS = frozenset(
    ("sh", "bash", "zsh", "ash", "dash", "fish", "tail", "sleep", "cat", "true", "/bin/sh")
)  # fmt: skip
# A CMD of one of these alone starts a console: the image is a base for others, or a place to try things.
_CONSOLES = frozenset(
    ("python", "python3", "python2", "pypy", "pypy3", "node", "irb", "ruby", "php", "perl", "julia", "ghci", "erl",
     "R", "lua", "iex", "jshell", "scala", "groovysh", "swipl", "rakudo", "guile", "sbcl", "clojure")
)  # fmt: skip
# What a CMD of these shows: the tools are wanted while the container runs.
_RUN_TOOLS = frozenset(
    ("make", "gcc", "g++", "cmake", "go", "cargo", "rustc", "mvn", "mvnw", "gradle", "gradlew", "javac", "sbt",
     "lein", "clj", "clojure", "mix", "iex", "rebar3", "nodemon", "ts-node", "tsx", "air", "watchexec", "swift",
     "stack", "cabal", "dub", "crystal", "nimble", "jupyter", "code-server", "gitlab-runner", "pytest", "tox",
     "rspec", "ant", "bazel", "scons", "reflex")
)  # fmt: skip
_DEV_SCRIPTS = ("dev", "watch", "serve", "develop", "test", "storybook")
_NODE_BUILDERS = frozenset(
    ("tsc", "webpack", "vite", "next", "ng", "nuxt", "rollup", "esbuild", "parcel", "gatsby", "nest")
)  # fmt: skip


class BuildToolsInFinalImage(Rule):
    """The image that is shipped was built in, and keeps the tools of the build.

    ## Why is this bad?

    Compilers, SDKs, headers and the dependencies that only the build needs are often ten times the size of the program
    that they make, and each of them is one more thing to patch. In a multi-stage build the tools stay in a stage that
    is thrown away; the last one copies the result: `COPY --from=build /app/dist /app`.

    Reported is the build step, if the tools for it come with the base image (golang, rust, a JDK, an SDK...), are
    installed as packages, or are the development dependencies of a Node project.

    ## Exceptions

    Silent if the tools are removed again in the RUN that installs them; if the container needs them to run (CMD or
    ENTRYPOINT is `mvn`, `go run`, `npm run dev`...), or may be there for developers: it starts a shell or nothing, or
    file or stage are called `dev`, `ci` or the like; and on builds of downloaded sources: compilers only count if the
    project's own folder was copied before, for images with tools to build other things download and build those tools.

    ## Fix safety

    The fix is the rewrite of `dflint optimize` into two stages, where that has one to offer. It is unsafe until builds
    have shown that the image does the same: `dflint optimize --verify`. It is worked out only where it is asked for,
    with `--unsafe-fixes` and in editors.
    """

    name = "build-tools-in-final-image"
    category = "size"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad('FROM golang:1.25\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n', at=("go build",)),
        Bad("FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD node dist/a.js\n", at=("npm run build",)),
        Bad(
            "from rust:1\ncopy . .\nrun cargo build \\\n  --release\nentrypoint ./target/release/a\n",
            at=("cargo build",),
        ),
        Bad("FROM maven:3\nCOPY . .\nRUN mvn -B package\nCMD java -jar target/a.jar\n", at=("mvn",)),
        Bad("FROM eclipse-temurin:21\nCOPY . .\nRUN ./gradlew build\nCMD java -jar build/a.jar\n", at=("./gradlew",)),
        Bad(
            "FROM mcr.microsoft.com/dotnet/sdk:9.0\nCOPY . .\nRUN dotnet publish -o /app\nCMD dotnet /app/a.dll\n",
            at=("dotnet publish",),
        ),
        Bad(
            "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make libssl-dev\nCOPY . .\n"
            "RUN ./configure && make install\nCMD a\n",
            at=("make",),
        ),
        Bad("FROM alpine:3.22\nADD . .\nRUN <<EOF\napk add build-base\nmake\nEOF\nCMD a\n", at=("make",)),
        # The last of several stages, or one that it starts from.
        Bad(
            "FROM node:22 AS web\nRUN npm run build\nFROM golang:1\nCOPY . .\nRUN go build -o a\nCMD ./a\n",
            at=("go build",),
        ),
        Bad("FROM golang:1 AS base\nCOPY . .\nRUN go build -o a\nFROM base\nCMD ./a\n", at=("go build",)),
    )
    good = (
        Good("FROM golang:1 AS build\nRUN go build -o /a\nFROM debian:12-slim\nCOPY --from=build /a /\nCMD /a\n"),
        # Removed where they are installed.
        Good("FROM alpine:3.22\nRUN apk add --virtual .b gcc make && make && apk del .b\nCMD a\n"),
        Good("FROM debian:12\nRUN apt-get install -y gcc make && make && apt-get purge -y gcc make\nCMD a\n"),
        # Wanted at run time.
        Good("FROM maven:3\nCOPY . .\nRUN mvn package\nCMD mvn spring-boot:run\n"),
        Good("FROM golang:1\nCOPY . .\nRUN go build ./...\nCMD go run .\n"),
        Good("FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD npm run dev\n"),
        # Tools for something else, or for developers.
        Good(
            'FROM debian:12\nRUN apt-get install -y gcc make\nRUN make -C /usr/src/lua install\nENTRYPOINT ["/e.sh"]\n'
        ),
        Good('FROM golang:1\nCOPY . .\nRUN git clone https://a.example/b && go build b\nENTRYPOINT ["/e.sh"]\n'),
        Good('FROM golang:1 AS dev\nCOPY . .\nRUN go build -o a\nCMD ["./a"]\n'),
        # A place to work in.
        Good("FROM golang:1\nRUN go build ./...\nCMD bash\n"),
        Good('FROM golang:1\nRUN go build ./...\nENTRYPOINT ["/bin/bash", "-l", "-c"]\n'),
        # Perhaps not even a part of the image.
        Good("ARG BASE\nFROM golang:1 AS build\nRUN go build ./...\nFROM $BASE\nCMD /a\n"),
        Good("FROM golang:1\nRUN go build ./...\n"),
        Good('FROM buildpack-deps:bookworm\nRUN make install\nCMD ["python3"]\n'),
        # Nothing is built.
        Good("FROM golang:1\nCOPY a /a\nCMD /a\n"),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\nCMD node a.js\n"),
        Good("FROM eclipse-temurin:21-jre\nCOPY a.jar /\nCMD java -jar /a.jar\n"),
        Good("FROM alpine:3.22\nRUN make -C /usr/local\nCMD a\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        from dflint.rules._workload import kind_of

        target = model.target
        if target is None or _is_for_developers(target, model) or not _starts_an_application(target, model):
            return
        stages = shipped_stages(model)
        installed: list[str] = []
        base = _toolchain_of_base(stages[0])
        has_sources = False
        for stage in stages:
            for instruction in stage.instructions:
                if not isinstance(instruction, Run):
                    has_sources = has_sources or _brings_sources(instruction, model)
                    continue
                commands = model.commands_of(instruction)
                packages = [_package(command) for command in commands]
                removes = any(package is not None and package.action == "remove" for package in packages)
                if not removes:
                    installed += _toolchains(packages)
                if any(kind_of(command) == "fetch" for command in commands):
                    continue
                for command, package in zip(commands, packages, strict=True):
                    if package is None and not has_sources:
                        continue
                    tool = _build_tool(command, package, stages[0], base, installed)
                    if tool is None or (removes and not base and tool not in ("dev dependencies", base)):
                        continue
                    step = _step(command, package)
                    place = command.span
                    if command.name is not None:
                        last = (
                            package.subcommand
                            if package is not None and package.subcommand is not None
                            else command.name
                        )
                        if package is not None and package.manager in ("mvn", "gradle"):
                            last = command.name
                        if package is not None and package.action == "run" and package.operands:
                            last = package.operands[0]
                        place = command.name.span._replace(end=max(last.end, command.name.end))
                    subject = f"{tool} stays" if step == tool else f"{step} leaves {tool}"
                    message = f"{subject} in the shipped image: build in a stage of its own"
                    yield self.finding(place, message, _rewrite(model))
                    return


def _rewrite(model: Model) -> Fix | None:
    """The file with a stage for the build, as the optimizer makes it; None if it does not, or nobody asked for it."""
    text = model.rewriter(model) if model.rewriter is not None else None
    if text is None:
        return None
    whole = model.source.text
    return Fix.of(
        "Build in a stage of its own", "unsafe", [Edit(0, len(whole), text)], [i.start for i in model.instructions]
    )


_FOR_DEVELOPERS = frozenset(
    ("dev", "develop", "development", "devel", "ci", "test", "tests", "builder", "build", "tools", "debug")
)  # fmt: skip


def _is_for_developers(target: Stage, model: Model) -> bool:
    """Whether the names of file and stage say that the image is for building or developing in."""
    name = model.path.replace("\\", "/").rpartition("/")[2].lower()
    words = {*name.replace("-", ".").replace("_", ".").split("."), target.name or ""}
    return not _FOR_DEVELOPERS.isdisjoint(words)


def _brings_sources(instruction: Instruction, model: Model) -> bool:
    """Whether it copies the whole context or a folder of it."""
    from dflint.rules._broad_copies import is_from_context, source_folder, whole_context

    if not isinstance(instruction, Transfer) or not is_from_context(instruction):
        return False
    return whole_context(instruction) is not None or any(
        source_folder(word, model.context) is not None for word in instruction.sources
    )


def _package(command: Command) -> PackageCommand | None:
    from dflint.packages import parse_package_command
    from dflint.rules._workload import may_be_package_command

    return parse_package_command(command) if may_be_package_command(command) else None


def _starts_an_application(target: Stage, model: Model) -> bool:
    """Whether the container starts something of its own, and no tool of the build."""
    config = model.effective_config(target)
    if config.inherits and config.cmd.known != "file" and config.entrypoint.known != "file":
        return False
    texts: list[str] = []
    for setting in (config.entrypoint, config.cmd):
        instruction = setting.instruction
        if setting.known != "file" or setting.value is None or instruction is None:
            continue
        arguments = setting.value.arguments
        if setting.value.form == "exec" and "-c" not in arguments[:2]:
            texts.extend(arguments)
        else:
            texts.extend(arguments[-1].replace("&", " ").replace(";", " ").split())
    names = [text.rpartition("/")[2] for text in texts]
    if not names or names[0] in ("tail", "sleep", "cat"):
        return False
    if names[0] in _SHELLS and all(name.startswith("-") for name in names[1:]):
        return False
    if names[0].rstrip("0123456789.") in _CONSOLES and all(name in ("-a", "-i") for name in names[1:]):
        return False
    if not _RUN_TOOLS.isdisjoint(names):
        return False
    if any(name == "run" and before in ("npm", "yarn", "pnpm", "bun") for before, name in itertools.pairwise(names)):
        script = names[names.index("run") + 1] if names.index("run") + 1 < len(names) else ""
        if any(word in script for word in _DEV_SCRIPTS):
            return False
    if any(
        before in ("npm", "yarn", "pnpm", "bun") and name in _DEV_SCRIPTS for before, name in itertools.pairwise(names)
    ):
        return False
    return not ("dotnet" in names and ("run" in names or "watch" in names))


def _toolchain_of_base(stage: Stage) -> str:
    """What of a base image is for building; empty if nothing is known to be."""
    image = stage.image or stage.image_name
    if image is None:
        return ""
    from dflint.facts import facts_of

    facts = facts_of(image)
    if not facts.is_build_tool or image.name in ("docker", "composer"):
        return ""
    if facts.name == "buildpack-deps" and not facts.has_compiler:
        return ""
    if image.tag is None and stage.image is None and facts.name not in ("golang", "rust", "maven", "gradle", "gcc"):
        return ""
    return f"the tools of {image.name.rpartition('/')[2]}"


def _toolchains(packages: list[PackageCommand | None]) -> list[str]:
    from dflint.rules._workload import SYSTEM_MANAGERS

    found = []
    for package in packages:
        if package is None or package.action != "install" or package.manager not in SYSTEM_MANAGERS:
            continue
        for item in package.packages:
            name = item.name
            if name in _TOOLCHAINS or (
                name.startswith(("openjdk-", "java-")) and ("jdk" in name and "jre" not in name)
            ):
                found.append(name)
    return found


def _build_tool(
    command: Command, package: PackageCommand | None, root: Stage, base: str, installed: list[str]
) -> str | None:
    """What a command needed to build the project; None if it builds nothing or its tool is not known."""
    program = command.unwrapped().program
    if package is None:
        if program in ("make", "cmake", "ninja", "gcc", "g++", "clang", "javac", "rustc", "msbuild", "meson"):
            if program == "cmake" and not any(word.value == "--build" for word in command.arguments):
                return None
            if base and (program != "javac" or "tools" in base):
                return base
            return _first(
                installed, ("build-essential", "build-base", "gcc", "g++", "clang", "make", "cmake", "gcc-c++")
            )
        if program in _NODE_BUILDERS and _is_node(root) and any(w.value == "build" for w in command.arguments[:1]):
            return "dev dependencies"
        return None
    manager, action, name = package.manager, package.action, package.subcommand_name
    if manager in ("npm", "yarn", "pnpm", "bun"):
        script = _script_name(package)
        if not (script == "build" or script.startswith(("build:", "build-"))):
            return None
        return "dev dependencies" if _is_node(root) or base else _first(installed, ("nodejs", "npm")) or None
    if manager == "go" and (
        action == "build" or (action == "install" and all(p.source == "path" for p in package.packages))
    ):
        return base if "golang" in base else _first(installed, ("golang", "golang-go", "go"))
    if manager == "cargo" and (
        name in ("build", "b") or (name == "install" and any(p.source == "path" for p in package.packages))
    ):
        return base if "rust" in base else _first(installed, ("cargo", "rustc"))
    if manager in ("mvn", "gradle") and action in ("build", "publish"):
        if base:
            return base
        return next((n for n in installed if n in ("maven", "gradle", "default-jdk") or "jdk" in n), None)
    if manager == "dotnet" and name in ("build", "publish"):
        return base or None
    return None


def _script_name(package: PackageCommand) -> str:
    """``build`` of ``npm run build`` and ``yarn build``."""
    if package.action == "run":
        if package.subcommand_name in ("run", "run-script", "rum", "urn"):
            return package.operands[0].value or "" if package.operands else ""
        if package.manager in ("yarn", "pnpm"):
            return package.subcommand_name
    return ""


def _is_node(stage: Stage) -> bool:
    image = stage.image or stage.image_name
    return image is not None and image.family.rpartition("/")[2] in ("node", "bun")


def _first(installed: list[str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in installed), None)


def _step(command: Command, package: PackageCommand | None) -> str:
    if package is None:
        return command.unwrapped().program or "the build"
    words = [command.unwrapped().program or package.manager]
    if package.manager in ("mvn", "gradle"):
        words += [word.raw.rpartition(":")[2] for word in package.operands[-1:]]
    else:
        words += package.subcommand_name.split()
        if package.action == "run":
            words += [word.raw for word in package.operands[:1]]
    return " ".join(words[:3])
