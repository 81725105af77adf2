from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Copy, Run, Transfer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.rules._installs import Install
    from dflint.syntax.tree import Instruction

_ECOSYSTEMS = frozenset(("pip", "npm", "yarn", "pnpm", "bun", "go", "uv", "poetry", "pipenv", "bundler"))


class DependencyFilesByBind(Rule):
    """Manifests are copied for the next install alone, which could read them by a bind mount.

    ## Why is this bad?

    The COPY makes a layer of files that nothing but the install reads, or that a later `COPY . .` brings again. With
    `RUN --mount=type=bind` the install sees them in the build context, and depends on them in the same way.

    ## Exceptions

    Only an install that changes none of the files (`npm ci`, `--frozen-lockfile`, `pip install -r`, `go mod download`)
    and stands right behind the COPY is looked at. Silent unless the whole context is copied to the same place next, or
    (for pip, whose files no program needs) no later instruction names the files.

    ## Fix safety

    Unsafe: files that only the COPY brought are no longer in the image, and the mount cannot be written to. No fix for
    COPYs with patterns or variables.
    """

    name = "dependency-files-by-bind"
    category = "cache"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad(
            "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
            "COPY src src\n",
            at=("COPY requirements.txt .",),
            fixed="FROM python:3.13\nWORKDIR /app\n"
            "RUN --mount=type=bind,source=requirements.txt,target=requirements.txt \\\n"
            "    pip install -r requirements.txt\nCOPY src src\n",
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\n# dependencies\ncopy package.json package-lock.json ./\n"
            "RUN --mount=type=cache,target=/root/.npm npm ci\nCOPY . .\n",
            at=("copy package.json package-lock.json ./",),
            fixed="FROM node:22\nWORKDIR /app\n# dependencies\n"
            "RUN --mount=type=bind,source=package.json,target=package.json \\\n"
            "    --mount=type=bind,source=package-lock.json,target=package-lock.json \\\n"
            "    --mount=type=cache,target=/root/.npm npm ci\nCOPY . .\n",
        ),
        Bad(
            "FROM python:3.13\n\nCOPY requirements/prod.txt /tmp/requirements.txt\n\n"
            "RUN pip install -r /tmp/requirements.txt\n",
            at=("COPY requirements/prod.txt /tmp/requirements.txt",),
            fixed="FROM python:3.13\n\n"
            "RUN --mount=type=bind,source=requirements/prod.txt,target=/tmp/requirements.txt \\\n"
            "    pip install -r /tmp/requirements.txt\n",
        ),
        Bad(
            "FROM python:3.13\nCOPY requirements.txt /tmp\nRUN pip install -r /tmp/requirements.txt\n",
            at=("COPY requirements.txt /tmp",),
            fixed="FROM python:3.13\nRUN --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \\\n"
            "    pip install -r /tmp/requirements.txt\n",
        ),
        Bad(
            "FROM python:3.13\nCOPY requirements.txt /deps\nRUN pip install -r /deps/requirements.txt\n",
            at=("COPY requirements.txt /deps",),
        ),
        Bad(
            "FROM golang:1.23\nWORKDIR /src\nCOPY go.* ./\nRUN go mod download\nCOPY . .\nRUN go build\n",
            at=("COPY go.* ./",),
        ),
    )
    good = (
        Good("FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\nCOPY . .\n"),
        Good("FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY src src\n"),
        Good("FROM golang:1.23\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\n"),
        Good("FROM node:22\nWORKDIR /app\nCOPY web/package.json ./\nRUN npm ci\nCOPY . .\n"),
        Good("FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nRUN npm run x\nCOPY . .\n"),
        Good("FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
             "RUN grep x requirements.txt\n"),
        Good("FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt app.py ./\nRUN pip install -r requirements.txt\n"),
        Good("FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt .\n"
             "RUN pip install -r requirements.txt && cat *.txt\n"),
        Good("FROM python:3.13\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"),
        Good("FROM a AS a\nFROM python:3.13\nWORKDIR /app\nCOPY --from=a requirements.txt .\n"
             "RUN pip install -r requirements.txt\n"),
        Good("FROM python:3.13\nRUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\n"),
        Good("FROM python:3.13\nWORKDIR /app\nONBUILD COPY requirements.txt .\n"
             "ONBUILD RUN pip install -r requirements.txt\n"),
    )  # fmt: skip

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        instructions = stage.instructions
        for place, (copy, run) in enumerate(itertools.pairwise(instructions)):
            if not isinstance(copy, Copy) or not isinstance(run, Run) or run.exec_form or run.heredocs:
                continue
            if copy.flag("from") is not None or copy.heredocs or copy.exec_form or copy.flag("parents") is not None:
                continue
            names = [word.text.rstrip("/").rpartition("/")[2] for word in copy.sources]
            if not names or any("$" in word.text or "\\" in word.text for word in copy.words):
                continue
            install = _install(run, names, model)
            if install is None:
                continue
            rest = instructions[place + 2 :]
            if not _comes_again(copy, rest, model) and (
                install.ecosystem != "pip" or _is_named_later(names, rest, stage, model)
            ):
                continue
            package = install.command
            name = " ".join([package.manager, package.subcommand_name]).rstrip()
            message = f"only {name} needs this: it can read it by RUN --mount=type=bind"
            yield self.finding(copy, message, _fix(copy, run, model))


def _install(run: Run, names: Sequence[str], model: Model) -> Install | None:
    """The install of a RUN that reads the files and does not write them; nothing else in the RUN may name them."""
    from dflint.context.manifests import is_lock, is_manifest
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import kind_of

    script = model.script_of(run)
    if script is None or script.is_opaque or script.errors:
        return None
    found: Install | None = None
    for command in model.commands_of(run):
        package = parse_package_command(command)
        install = install_of(package) if package is not None else None
        if install is not None:
            if (
                install.ecosystem not in _ECOSYSTEMS
                or not install.is_frozen
                or install.needs_sources
                or install.is_build
            ):
                return None
            found = install
            continue
        if kind_of(command) in ("script", "build") or command.program in ("cd", "cp", "mv", "cat", "grep", "sed"):
            return None
        if any(name in word.raw for word in command.arguments for name in (*names, "*.")):
            return None
    if found is None:
        return None
    if found.ecosystem == "go" and not any(name in ("go.sum", "go.*") for name in names):
        return None  # go writes what is missing
    if found.ecosystem == "pip":
        wanted = {(name or "").rpartition("/")[2] for name in found.requirements}
        return found if _are_requirements(names, wanted) else None
    return (
        found
        if all(is_manifest(name) or is_lock(name) or name in ("package*.json", "go.*") for name in names)
        else None
    )


def _are_requirements(names: Sequence[str], wanted: set[str]) -> bool:
    """Whether all copied files look like requirement files, or are the ones that the command names."""
    return all(name in wanted or (name.endswith((".txt", ".in")) and "*" not in name) for name in names)


def _comes_again(copy: Copy, rest: Sequence[Instruction], model: Model) -> bool:
    """Whether the next thing that happens is a COPY of the whole context to the same folder."""
    from dflint.rules._broad_copies import is_from_context, whole_context
    from dflint.rules._copied_files import is_folder_target, target_folder

    for instruction in rest:
        if isinstance(instruction, Transfer):
            if not is_from_context(instruction):
                continue
            if whole_context(instruction) is None or not is_folder_target(copy):
                return False
            one, other = target_folder(copy, model), target_folder(instruction, model)
            same = one == other if one is not None or other is not None else True
            return same and all("/" not in word.text.removeprefix("./") for word in copy.sources)
        if instruction.name in ("RUN", "WORKDIR", "ONBUILD", "USER"):
            return False
    return False


def _is_named_later(names: Sequence[str], rest: Sequence[Instruction], stage: Stage, model: Model) -> bool:
    later = [*rest, *[i for other in model.stages if other.index > stage.index for i in other.instructions]]
    folders = ("requirements", "setup.py", "pip install .", "-e .")
    for instruction in later:
        text = model.source.text[instruction.start : instruction.end]
        if any(name in text for name in (*names, *folders)):
            return True
    return bool(stage.users) and any("*" in name for name in names)


def _fix(copy: Copy, run: Run, model: Model) -> Fix | None:
    from posixpath import join

    from dflint.rules._copied_files import is_folder_target, target_folder

    destination = copy.destination
    if destination is None or run.shell_text is None or copy.comments or run.comments:
        return None
    if any(char in word.value for word in copy.words for char in "*?[\"'`,\n "):
        return None
    workdir, folder = model.environment_before(run).workdir, target_folder(copy, model)
    to_folder = is_folder_target(copy)
    mounts = []
    for word in copy.sources:
        source = word.value.removeprefix("./").lstrip("/")
        name = source.rpartition("/")[2]
        if not source or source.endswith("/"):
            return None
        if to_folder and (destination.value in (".", "./") or (folder is not None and folder == workdir)):
            target = name
        elif folder is None:
            return None
        elif to_folder or folder == workdir or folder in ("/tmp", "/opt", "/srv", "/root"):
            target = join(folder, name)
        elif "." in folder.rpartition("/")[2]:
            target = folder
        else:
            return None  # a folder or a file, who knows
        mounts.append(f"--mount=type=bind,source={source},target={target}")
    escape = model.tree.escape
    inserted = "".join(f" {mount} {escape}\n   " for mount in mounts)
    text = model.source.text
    start, end = model.source.line_span(model.source.line_of(copy.start)).start, copy.full_end
    if text[:start].endswith(("\n\n", "\n\r\n")):  # no second blank line
        line_end = text.find("\n", end)
        if line_end >= 0 and not text[end:line_end].strip():
            end = line_end + 1
    at = run.keyword.end
    edits = [Edit(start, end, ""), Edit(at, at, inserted)]
    return Fix.of("Mount the files for the install instead", "unsafe", edits, [copy.start])
