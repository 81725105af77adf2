from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.context import BuildContext
    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.rules._copied_files import CopiedFile
    from dflint.syntax.tree import Instruction

_NODE = {"package.json": "{}", "package-lock.json": "{}"}


class LockfileLeftBehind(Rule):
    """The project has a lock file, but the install in the image does not get it.

    ## Why is this bad?

    Without the lock file the install takes the newest versions that fit, so two builds of the same commit can differ,
    and the image has other versions than those that were tested. `npm ci` and the like fail.

    ## Exceptions

    Needs a known build context. Silent if the whole folder or the lock file was copied before, if the install says that
    it wants no lock file, and if the lock file belongs to another package manager.

    ## Fix safety

    The fix adds the lock file to the COPY of the manifest, if that copies into a folder. It is unsafe, as other
    versions are installed then. There is none if the ignore file keeps the lock file out: the message says so.
    """

    name = "lockfile-left-behind"
    category = "reproducibility"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n",
            at=("package.json",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm install\nCOPY . .\n",
            files=_NODE,
        ),
        Bad(
            "FROM golang:1\nWORKDIR /a\ncopy src/go.mod \\\n  ./\nrun go mod download\n",
            at=("src/go.mod",),
            fixed="FROM golang:1\nWORKDIR /a\ncopy src/go.mod src/go.sum \\\n  ./\nrun go mod download\n",
            files={"src/go.mod": "", "src/go.sum": ""},
        ),
        Bad(
            "FROM ruby:3\nCOPY Gemfile /app/Gemfile\nRUN bundle install\n",
            at=("Gemfile",),
            files={"Gemfile": "", "Gemfile.lock": ""},
        ),
        Bad(
            "FROM node:22\nCOPY package.json /\nRUN yarn install\n",
            at=("package.json",),
            files={"package.json": "{}", "yarn.lock": "", ".dockerignore": "*.lock\n"},
        ),
    )
    good = (
        Good("FROM node:22\nCOPY package*.json ./\nRUN npm ci\n", files=_NODE),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install\n", files={"package.json": "{}"}),
        Good("FROM node:22\nCOPY package.json ./\nCOPY package-lock.json ./\nRUN npm ci\n", files=_NODE),
        Good("FROM node:22\nCOPY package.json ./\nCOPY . .\nRUN npm ci\n", files=_NODE),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install --no-package-lock\n", files=_NODE),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install\n", files={"package.json": "{}", "yarn.lock": ""}),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install express\n", files=_NODE),
        Good(
            "FROM node:22\nCOPY package.json ./\n"
            "RUN --mount=type=bind,source=package-lock.json,target=package-lock.json npm ci\n",
            files=_NODE,
        ),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        context = model.context
        if context is None or not stage.is_reachable:
            return
        from dflint.rules._copied_files import copied_files, is_folder_target

        seen: set[str] = set()
        for place, instruction in enumerate(stage.instructions):
            if not isinstance(instruction, Run):
                continue
            found = _install(instruction, model, seen)
            if found is None:
                continue
            ecosystem, text = found
            seen.add(ecosystem)
            before: Sequence[Instruction] = [*_of_parents(stage), *stage.instructions[:place]]
            files = list(copied_files(before, context))
            missing = _missing(ecosystem, files, context)
            if missing is None:
                continue
            item, lock = missing
            if context.is_ignored(lock):
                name = context.ignore_path.rpartition("/")[2]
                yield self.finding(item.word, f"{text} does without {lock}, which {name} keeps out")
                continue
            fix = None
            word = item.word
            if word.literal == word.value and not item.transfer.exec_form and is_folder_target(item.transfer):
                written = word.value.rpartition("/")[0] + "/" if "/" in word.value else ""
                name = lock.rpartition("/")[2]
                if "*" not in written and " " not in lock:
                    fix = Fix.of(f"Copy {name} too", "unsafe", [Edit(word.end, word.end, f" {written}{name}")])
            yield self.finding(word, f"{text} does without {lock}, which is not copied before it", fix)


def _of_parents(stage: Stage) -> list[Instruction]:
    found: list[Instruction] = []
    parent = stage.parent
    while parent is not None:
        found[:0] = parent.instructions
        parent = parent.parent
    return found


def _install(run: Run, model: Model, seen: set[str]) -> tuple[str, str] | None:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import may_be_package_command

    if any(mount.type == "bind" for mount in run.mounts):
        return None
    for command in model.commands_of(run):
        package = parse_package_command(command) if may_be_package_command(command) else None
        install = install_of(package) if package is not None else None
        if package is None or install is None or install.ecosystem in seen:
            continue
        if package.has("--no-package-lock", "--no-lockfile", "--package-lock", "--skip-lock", "--pure-lockfile"):
            return None
        return install.ecosystem, install.text
    return None


def _missing(ecosystem: str, files: Sequence[CopiedFile], context: BuildContext) -> tuple[CopiedFile, str] | None:
    """The manifest that was copied by name, and the lock file beside it that was not."""
    from fnmatch import fnmatchcase

    from dflint.context.manifests import BY_NAME

    known = BY_NAME[ecosystem]
    for item in files:
        folder, _, name = item.path.rpartition("/")
        if item.is_folder or not any(fnmatchcase(name, pattern) for pattern in known.manifests):
            continue
        locks = [f"{folder}/{lock}".lstrip("/") for lock in known.locks]
        locks = [lock for lock in locks if context.exists(lock)]
        if not locks:
            continue
        if any(_covers(other, lock) for other in files for lock in locks):
            continue
        return item, locks[0]
    return None


def _covers(item: CopiedFile, path: str) -> bool:
    return item.path == path or (item.is_folder and (not item.path or path.startswith(item.path + "/")))
