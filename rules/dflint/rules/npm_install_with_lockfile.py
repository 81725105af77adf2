from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Run

_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_FILES = {"package.json": "{}", "package-lock.json": "{}", "a.js": ""}


class NpmInstallWithLockfile(Rule):
    """A lock file is copied, but `npm install` may change it.

    ## Why is this bad?

    `npm install` takes the lock file as a proposal: where it does not fit `package.json`, other versions are installed,
    and nobody is told. `npm ci` installs just what the lock file says, or fails; it is faster too, as it starts from
    nothing.

    ## Exceptions

    Needs a known build context, or a COPY that names the lock file. Silent on packages named on the command line,
    global installs, `--no-package-lock` and other folders than the one that the lock file was copied to.

    ## Fix safety

    Unsafe: `npm ci` fails if the lock file does not fit, and deletes a `node_modules` that is there.
    """

    name = "npm-install-with-lockfile"
    category = "reproducibility"
    level = "info"
    since = "0.1.0"
    programs = frozenset(("npm",))

    bad = (
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install --omit=dev\n",
            at=("npm install",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\n",
            files=_FILES,
        ),
        Bad(
            "FROM node:22\nCOPY package.json package-lock.json /app/\nWORKDIR /app\nRUN cd /app && \\\n  npm i\n",
            at=("npm i",),
            fixed="FROM node:22\nCOPY package.json package-lock.json /app/\nWORKDIR /app\nRUN cd /app && \\\n"
            "  npm ci\n",
        ),
        Bad(
            "FROM node:22\nCOPY . .\nRUN npm install\n",
            at=("npm install",),
            fixed="FROM node:22\nCOPY . .\nRUN npm ci\n",
            files=_FILES,
        ),
        # Inside a string positions are subtle.
        Bad("FROM node:22\nCOPY . .\nRUN sh -c 'npm install'\n", at=("npm install",), files=_FILES),
    )
    good = (
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN npm install\n", files={"package.json": "{}"}),
        Good("FROM node:22\nCOPY . .\nRUN npm install\n", files={**_FILES, ".dockerignore": "package-lock.json\n"}),
        Good("FROM node:22\nCOPY package.json ./\nRUN npm install\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN npm install express\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN npm install -g npm\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN npm install --no-package-lock\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN rm package-lock.json && npm install\n", files=_FILES),
        Good("FROM node:22\nWORKDIR /app\nCOPY . .\nWORKDIR /app/web\nRUN npm install\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN cd web && npm install\n", files=_FILES),
        Good("FROM node:22\nCOPY . .\nRUN npm install\n"),
    )

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        from dflint.packages import parse_package_command
        from dflint.rules._installs import install_of

        package = parse_package_command(command)
        install = install_of(package) if package is not None else None
        if (
            package is None
            or install is None
            or install.ecosystem != "npm"
            or install.is_frozen
            or install.needs_sources
        ):
            return
        if package.has("--no-package-lock", "--package-lock", "--no-save", "--prefix", "-C", "--package-lock-only"):
            return
        folder = _folder(command, run, model)
        if folder is None or package.subcommand is None or not _has_lock(run, folder, model):
            return
        word = package.subcommand
        name = command.name or word
        fix = None
        if not command.in_string and not run.exec_form:
            fix = Fix.of("Use npm ci", "unsafe", [Edit(word.start, word.end, "ci")])
        message = "npm install may change the copied lock file: npm ci installs just what it says"
        yield self.finding(name.span._replace(end=word.end), message, fix)


def _folder(command: Command, run: Run, model: Model) -> str | None:
    """Where the command runs, ``.`` for an unknown working directory; None if that is not clear."""
    folder = model.environment_before(run).workdir or "."
    for other in model.commands_of(run):
        if other is command or other.start >= command.start:
            break
        if other.program in ("rm", "mv", "sed", "pushd", "popd"):
            return None
        if other.program == "cd":
            value = other.arguments[0].value if len(other.arguments) == 1 else None
            if value is None:
                return None
            from posixpath import join, normpath

            folder = normpath(join(folder, value))
    return folder


def _has_lock(run: Run, folder: str, model: Model) -> bool:
    from dflint.rules._broad_copies import is_from_context
    from dflint.rules._copied_files import copied_files, target_folder
    from dflint.syntax.tree import Transfer

    stage = model.stage_of(run)
    if stage is None:
        return False
    before = [instruction for instruction in stage.instructions if instruction.start < run.start]
    for instruction in before:
        if not isinstance(instruction, Transfer) or not is_from_context(instruction):
            continue
        if (target_folder(instruction, model) or ".") != folder:
            continue
        names = [(word.literal or "").rpartition("/")[2] for word in instruction.sources if "$" not in word.text]
        if not set(names).isdisjoint(_LOCKS):
            return True
        if model.context is None:
            continue
        for item in copied_files([instruction], model.context):
            path = item.path if not item.is_folder else ""
            if path.rpartition("/")[2] in _LOCKS:
                return True
            if item.is_folder and any(model.context.is_sent(f"{item.path}/{lock}".lstrip("/")) for lock in _LOCKS):
                return True
    return False
