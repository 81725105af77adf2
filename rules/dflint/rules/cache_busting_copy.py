from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dflint.findings import Edit, Finding, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._broad_copies import fits, is_from_context, source_folder
from dflint.syntax.tree import Run, Transfer, Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.context import BuildContext
    from dflint.context.manifests import Found
    from dflint.findings import Applicability
    from dflint.model import Model, Stage
    from dflint.rules._installs import Install
    from dflint.shell import Command, Pipeline
    from dflint.syntax.tree import Instruction, Word

_NODE_FILES = {"package.json": '{"name": "a", "dependencies": {"express": "5"}}', "package-lock.json": "{}", "a.js": ""}
_IGNORING = {**_NODE_FILES, ".dockerignore": "node_modules\n"}


class CacheBustingCopy(Rule):
    """All sources are copied before the dependencies are installed.

    ## Why is this bad?

    A COPY whose files differ from those of the last build drops the cache of everything below it. With `COPY . .` above
    the install of the dependencies any changed source file, even the read-me, installs all of them anew. Copied first,
    the manifests (package.json and its lock file, requirements.txt, go.mod...) change rarely, and so does what is
    installed by them.

    Installs are those of npm, yarn, pnpm, bun, pip, uv, poetry, pipenv, go, cargo, Maven, Gradle, Bundler, Composer
    and .NET; also builds which fetch the dependencies on their way (`go build`, `cargo build`, `mvn package`, `gradle
    build`, `dotnet publish`), and packages of the distribution (`apt-get install`) below a COPY of the whole context.

    ## Exceptions

    Silent if the same dependencies were installed from copied manifests before; if the build context is known and the
    manifests are not in the copied folder, or there is nothing else in it; if something between COPY and install runs
    the project's own scripts or edits a manifest. A build that fetches on its way is reported only with its manifests in
    a known context and without a cache mount.

    ## Fix safety

    The fix copies the manifests that are in the context, with the flags of the COPY, and puts the COPY below the install.
    It is safe if the context is known, the command changes neither manifest nor lock file (`npm ci`, `pip install -r`,
    `go mod download`), no manifest needs anything of the sources (scripts that run at install, workspaces, local
    packages), and the ignore file keeps out what the install makes, lest the COPY overwrites it. It is unsafe if that is
    not known, or if the RUN has to be split (`npm ci && npm run build`). There is none if a manifest needs sources, or the
    install includes the project (`pip install .`, `poetry install` without `--no-root`).
    """

    name = "cache-busting-copy"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD node a.js\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nCMD node a.js\n",
            files=_IGNORING,
        ),
        # Comments go with what they stand above; flags stay.
        Bad(
            "FROM node:22\nWORKDIR /app\n# the sources\nCOPY --chown=node . /app/\n\n# install\nRUN npm ci\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY --chown=node package.json package-lock.json /app/\n\n# install\nRUN npm ci\n"
            "# the sources\nCOPY --chown=node . /app/\n",
            files=_IGNORING,
        ),
        # npm install may change the lock file: unsafe. The folder of the manifests is copied.
        Bad(
            "FROM node:22\nCOPY web /web\nWORKDIR /web\nRUN npm install\n",
            at=("web",),
            fixed="FROM node:22\nCOPY web/package.json /web/\nWORKDIR /web\nRUN npm install\nCOPY web /web\n",
            files={"web/package.json": "{}", "web/a.js": ""},
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
            files=_IGNORING,
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN yarn --frozen-lockfile\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json yarn.lock .npmrc ./\nCOPY patches ./patches/\n"
            "RUN yarn --frozen-lockfile\nCOPY . .\n",
            files={"package.json": "{}", "yarn.lock": "", ".npmrc": "", "patches/a.patch": "", "a.js": "",
                   ".dockerignore": "node_modules"},
        ),
        Bad(
            "FROM python:3.12\nWORKDIR /app\nADD . /app\nRUN pip install -r requirements/prod.txt\n",
            at=(".",),
            fixed="FROM python:3.12\nWORKDIR /app\nCOPY requirements/base.txt requirements/prod.txt /app/requirements/\n"
            "RUN pip install -r requirements/prod.txt\nADD . /app\n",
            files={"requirements/prod.txt": "-r base.txt\n", "requirements/base.txt": "flask\n", "a.py": ""},
        ),
        Bad(
            "from golang:1.24\nworkdir /src\ncopy . .\nrun go mod download\nrun go build -o /a\n",
            at=(".",),
            fixed="from golang:1.24\nworkdir /src\ncopy go.mod go.sum ./\nrun go mod download\ncopy . .\nrun go build -o /a\n",
            files={"go.mod": "module a\n", "go.sum": "", "main.go": ""},
        ),
        Bad(
            "FROM ruby:3.4\r\nWORKDIR /app\r\nCOPY . .\r\nRUN bundle install\r\n",
            at=(".",),
            fixed="FROM ruby:3.4\r\nWORKDIR /app\r\nCOPY Gemfile Gemfile.lock ./\r\nRUN bundle install\r\nCOPY . .\r\n",
            files={"Gemfile": "gem 'rack'", "Gemfile.lock": "", "a.rb": ""},
        ),
        # The manifests are there already.
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm ci\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n",
            files=_IGNORING,
        ),
        # Each file of requirements by itself; the upgrade of pip between them does not need the sources.
        Bad(
            "FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN pip install -U pip\nRUN pip install -r a.txt\n"
            "RUN pip install -r b.txt\n",
            at=(".",),
            fixed="FROM python:3.12\nCOPY a.txt /app/\nWORKDIR /app\nRUN pip install -U pip\nRUN pip install -r a.txt\n"
            "COPY b.txt /app/\nRUN pip install -r b.txt\nCOPY . /app\n",
            files={"a.txt": "flask\n", "b.txt": "django\n", "a.py": ""},
        ),
        Bad(
            "FROM debian:12\nCOPY . /app\nRUN apt-get update && apt-get install -y curl\nRUN /app/setup\n",
            at=(".",),
            fixed="FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCOPY . /app\nRUN /app/setup\n",
            files={"setup": "", "a": ""},
        ),
        # No fix: something of the sources is needed by the install.
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={
            **_IGNORING, "package.json": '{"scripts": {"postinstall": "node a.js"}}'}),
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={
            **_IGNORING, "package.json": '{"workspaces": ["packages/*"]}'}),
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={
            **_IGNORING, "package.json": '{"dependencies": {"a": "file:./a"}}'}),
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={**_IGNORING, "package.json": "{"}),
        Bad("FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\n", at=(".",), files={
            "requirements.txt": "-e .\n", "setup.py": "", "a.py": ""}),
        Bad("FROM golang:1.24\nCOPY . /app\nWORKDIR /app\nRUN go mod download\n", at=(".",), files={
            "go.mod": "module a\nreplace b => ./b\n", "go.sum": "", "a.go": ""}),
        Bad("FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN poetry install\n", at=(".",), files={
            "pyproject.toml": "[tool.poetry]\n", "poetry.lock": "", "a.py": ""}),
        Bad("FROM rust:1.88\nWORKDIR /app\nCOPY . .\nRUN cargo fetch\n", at=(".",), files={
            "Cargo.toml": "[workspace]\nmembers = ['a']\n", "Cargo.lock": "", "a/src/main.rs": ""}),
        # What the install makes would be overwritten by the host's.
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={
            **_NODE_FILES, "node_modules/a/index.js": ""}),
        # A build that fetches on its way.
        Bad("FROM maven:3\nWORKDIR /app\nCOPY . .\nRUN mvn package\n", at=(".",), files={
            "pom.xml": "<project/>", "src/A.java": ""}),
        # What the RUN deletes of the copied files must not come back.
        Bad(
            "FROM node:22\nCOPY . /app\nWORKDIR /app\nRUN npm ci && rm -rf /app/test\n",
            at=(".",),
            fixed="FROM node:22\nCOPY package.json package-lock.json /app/\nWORKDIR /app\nRUN npm ci\nCOPY . /app\n"
            "RUN rm -rf /app/test\n",
            files=_IGNORING,
        ),
        Bad("FROM composer:2\nWORKDIR /app\nCOPY . .\nRUN composer install -o\n", at=(".",), files={
            "composer.json": "{}", "a.php": ""}),
        Bad("FROM node:22\nCOPY . /app\nWORKDIR /app\nRUN echo A=1 >.env && npm ci\n", at=(".",), files=_IGNORING),
        # Something between them may matter.
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN cp a.js b.js\nRUN npm ci\n", at=(".",), files=_IGNORING),
    )  # fmt: skip
    good = (
        Good("FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n", files=_IGNORING),
        # The install has been done from the manifests alone; later it only prunes.
        Good("FROM node:22\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build && npm ci --omit=dev\n"),
        Good("FROM node:22 AS base\nCOPY package.json ./\nRUN npm ci\nFROM base\nCOPY . .\nRUN npm install\n"),
        # Not in what is copied, or nothing else is.
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n", files={"a.js": ""}),
        Good("FROM node:22\nCOPY . .\nRUN npm ci\n", files={"package.json": "{}", "README.md": ""}),
        # The install of the project itself needs the sources.
        Good("FROM python:3.12\nCOPY . /app\nRUN pip install /app\n", files={"pyproject.toml": "", "a.py": ""}),
        Good("FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt -e .\n"),
        # A package named on the command line is installed elsewhere.
        Good("FROM node:22\nCOPY . .\nRUN npm install -g pm2\n"),
        # Own scripts, or an edited manifest, between them.
        Good("FROM node:22\nCOPY . .\nRUN ./prepare.sh\nRUN npm ci\n"),
        Good("FROM node:22\nCOPY . .\nRUN sed -i s/a/b/ package.json && npm ci\n"),
        Good("FROM node:22\nCOPY . .\nRUN rm package-lock.json\nRUN npm install\n"),
        Good("FROM golang:1.24\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod go build\n",
             files={"go.mod": "", "go.sum": "", "a.go": ""}),
        Good("FROM debian:12\nCOPY . /\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM node:22 AS a\nRUN true\nFROM node:22\nCOPY --from=a . .\nRUN npm ci\n"),
        Good("FROM debian:12\nCOPY . /app\nRUN apt-get install -y /app/a.deb\n"),
    )  # fmt: skip

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        if not stage.is_reachable:
            return
        installed = _installed_in_parents(stage, model)
        instructions = stage.instructions
        for place, instruction in enumerate(instructions):
            if isinstance(instruction, Run):
                installed |= {step.install.key for step in _steps(instruction, model) if step.install}
            elif isinstance(instruction, Transfer) and is_from_context(instruction) and len(instruction.sources) == 1:
                word = instruction.sources[0]
                folder = source_folder(word, model.context)
                if folder is None or instruction.destination is None or instruction.heredocs:
                    continue
                below = instructions[place + 1 :]
                found = _first_install(instruction, below, installed, model)
                if found is None:
                    continue
                run, step, between = found
                yield from self._finding(_Case(model, instruction, word, folder, run, step, between))

    def _finding(self, case: _Case) -> Iterator[Finding]:
        step = case.step
        if step.install is None:
            if case.folder or not _is_an_app_folder(case):
                return
            fix = _move_fix(case, (), "safe")
            yield self.finding(
                case.word, f"Any changed file repeats {step.text}: copy the sources after it", fix
            )
            return
        plan = _plan(case)
        if plan is None:
            return
        if plan.names:
            names = ", ".join(plan.names[:3]) + (", ..." if len(plan.names) > 3 else "")
        else:
            names = "the manifests"
        if step.install.is_build:
            message = f"Any changed file makes {step.install.text} fetch anew: copy {names} and fetch first"
            yield Finding(self.name, message, "info", case.word.start, case.word.end)
        elif plan.are_copied:
            yield self.finding(case.word, f"Any changed file repeats {step.install.text}: copy the rest after it", plan.fix)
        else:
            yield self.finding(case.word, f"Any changed file repeats {step.install.text}: copy {names} first", plan.fix)


class _Step(NamedTuple):
    """A costly command of a RUN: an install of dependencies, or (``install`` None) of the distribution's packages."""

    install: Install | None
    command: Command
    text: str


class _Case(NamedTuple):
    """A COPY of ``folder`` (by ``word``), the RUN with the costly step below it, and the instructions between them."""

    model: Model
    copy: Transfer
    word: Word
    folder: str
    run: Run
    step: _Step
    between: Sequence[Instruction]


class _Plan(NamedTuple):
    """The files to copy first, the fix, and whether they are there already."""

    names: tuple[str, ...]
    fix: Fix | None
    are_copied: bool = False


def _steps(run: Run, model: Model) -> Iterator[_Step]:
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import SYSTEM_MANAGERS, may_be_package_command

    for command in model.commands_of(run):
        if not may_be_package_command(command):
            continue
        package = parse_package_command(command)
        if package is None:
            continue
        if package.manager in SYSTEM_MANAGERS:
            if package.action == "install" and package.packages:
                yield _Step(None, command, f"{package.manager} {package.subcommand_name}")
            continue
        install = install_of(package)
        if install is not None:
            yield _Step(install, command, install.text)


def _installed_in_parents(stage: Stage, model: Model) -> set[tuple[str, tuple[str | None, ...]]]:
    found: set[tuple[str, tuple[str | None, ...]]] = set()
    parent = stage.parent
    while parent is not None:
        for instruction in parent.instructions:
            if isinstance(instruction, Run):
                found |= {step.install.key for step in _steps(instruction, model) if step.install}
        parent = parent.parent
    return found


def _first_install(
    copy: Transfer, below: Sequence[Instruction], installed: set[tuple[str, tuple[str | None, ...]]], model: Model
) -> tuple[Run, _Step, Sequence[Instruction]] | None:
    """The first RUN below with a costly step that need not wait for the sources; None if none has, or may have."""
    from dflint.rules._workload import kind_of

    for place, instruction in enumerate(below):
        if not isinstance(instruction, Run):
            continue
        script = model.script_of(instruction)
        if script is None or script.is_opaque or script.errors or instruction.exec_form or instruction.heredocs:
            return None
        if any(mount.type == "bind" for mount in instruction.mounts):
            return None
        steps = {id(step.command): step for step in _steps(instruction, model)}
        for command in model.commands_of(instruction):
            step = steps.get(id(command))
            if step is not None:
                install = step.install
                if install is None:
                    if _is_self_contained(instruction, copy, model):
                        return instruction, step, below[:place]
                    continue
                if install.key in installed:
                    return None
                if install.is_build and _has_cache_mount(instruction):
                    return None
                return instruction, step, below[:place]
            if kind_of(command) in ("script", "build") or _names_a_manifest(command):
                return None
    return None


def _has_cache_mount(run: Run) -> bool:
    return any(mount.type == "cache" for mount in run.mounts)


def _names_a_manifest(command: Command) -> bool:
    """Whether a small command speaks of a manifest or lock file: it may be edited or made there."""
    from dflint.context.manifests import is_lock, is_manifest

    for word in (*command.arguments, *[r.target for r in command.redirects if r.target is not None]):
        name = (word.value or word.raw).rpartition("/")[2]
        if name and (is_manifest(name) or is_lock(name) or name.startswith("package*")):
            return True
    return False


def _is_self_contained(run: Run, copy: Transfer, model: Model) -> bool:
    """Whether a RUN does nothing but install packages of the distribution by name, and tidy up after it."""
    from dflint.packages import parse_package_command
    from dflint.rules._workload import SYSTEM_MANAGERS

    for command in model.commands_of(run):
        if command.redirects:
            return False
        package = parse_package_command(command)
        if package is not None:
            if package.manager not in SYSTEM_MANAGERS or any(p.source != "index" for p in package.packages):
                return False
            continue
        words = [word.value for word in command.arguments]
        if command.program == "rm" and all(w and w.startswith(("-", "/var/", "/tmp/", "/usr/share/")) for w in words):
            continue
        if command.program in ("set", "export", "true"):
            continue
        return False
    return True


_NOT_FOR_APPS = ("/etc", "/lib", "/bin", "/sbin", "/usr", "/var", "/tmp", "/root", "/boot", "/dev", "/run")
_FOR_APPS = ("/usr/src", "/usr/local/src", "/var/www", "/usr/app", "/usr/share/nginx", "/var/app", "/root/")


def _is_an_app_folder(case: _Case) -> bool:
    """Whether the destination is a folder that no package of the distribution cares for."""
    target = _destination(case.copy, case.model)
    if target is None or target == "/":
        return False
    return target.startswith(_FOR_APPS) or not target.startswith(_NOT_FOR_APPS)


def _destination(copy: Transfer, model: Model) -> str | None:
    """The folder where the files end up, absolute; None if that is not known."""
    if copy.destination is None:
        return None
    environment = model.environment_before(copy)
    text = environment.expand(copy.destination)
    return None if text is None else environment.resolve_path(text)


def _is_harmless_between(case: _Case) -> bool:
    """Whether what stands between the COPY and the RUN neither sees the copied files nor changes where they go."""
    target = _destination(case.copy, case.model)
    written = case.copy.destination.text if case.copy.destination is not None else ""
    for instruction in case.between:
        if isinstance(instruction, Run):
            if instruction.mounts or not all(map(_is_independent, case.model.commands_of(instruction))):
                return False
        elif isinstance(instruction, Workdir):
            if not written.startswith("/"):
                return False
        elif isinstance(instruction, Transfer):
            other = _destination(instruction, case.model)
            if other is None or target is None or _overlap(target, other):
                return False
        elif instruction.name not in ("ENV", "ARG", "LABEL", "EXPOSE", "CMD", "ENTRYPOINT", "STOPSIGNAL", "HEALTHCHECK"):
            return False
        elif instruction.name in ("ENV", "ARG") and "$" in case.copy.line.text:
            return False
    return True


def _overlap(one: str, other: str) -> bool:
    one, other = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return one.startswith(other) or other.startswith(one)


# The plan for an install of dependencies


def _plan(case: _Case) -> _Plan | None:
    """What to say and to do; None if there is nothing to say."""
    install = case.step.install
    assert install is not None
    context = case.model.context
    below = _folder_of_install(case)
    if context is None:
        if install.is_build or case.folder:
            return None
        return _plan_by_convention(case, below)
    if not fits(context, case.model):
        return None
    if below is None:
        # Somewhere else, or nobody knows where: the manifests may still be what is copied.
        return None
    folder = f"{case.folder}/{below}".strip("/") if below else case.folder
    paths = _manifest_paths(case, context, folder)
    if not paths:
        return None
    if _is_all_there_is(context, case.folder, paths):
        return None
    names = tuple(path.removeprefix(case.folder + "/") if case.folder else path for path in paths)
    if install.is_build:
        if not _has_dependencies(install.ecosystem, folder, context):
            return None
        return _Plan(names, None)
    applicability = _gate(case, context, folder, paths)
    are_copied = _are_copied_before(case, paths)
    if applicability is None:
        return _Plan(names, None, are_copied)
    return _Plan(names, _fix(case, [] if are_copied else paths, applicability), are_copied)


def _plan_by_convention(case: _Case, below: str | None) -> _Plan:
    install = case.step.install
    assert install is not None
    names = _conventional_names(install)
    if below != "" or install.needs_sources or not names:
        return _Plan(names, None)
    return _Plan(names, _fix_with(case, [_copy_line(case, names, "")], "unsafe"))


def _conventional_names(install: Install) -> tuple[str, ...]:
    from dflint.context.manifests import BY_NAME

    if install.ecosystem == "pip":
        names = install.requirements
        if any(name is None or name.startswith(("/", "..")) or "/" in name or "://" in name for name in names):
            return ()
        return tuple(name for name in names if name is not None)
    ecosystem = BY_NAME[install.ecosystem]
    if any("*" in name for name in ecosystem.manifests[:1]) or len(ecosystem.locks) > 2:
        return ()
    if install.ecosystem == "npm":
        return ("package.json", "package-lock.json") if install.is_frozen else ("package*.json",)
    locks = ecosystem.locks[:1] if len(ecosystem.locks) == 1 or install.is_frozen else ()
    return (ecosystem.manifests[0], *[lock if install.is_frozen or lock == "go.sum" else lock + "*" for lock in locks])


def _folder_of_install(case: _Case) -> str | None:
    """Where the install runs, relative to the copied folder: ``""`` for itself; None if elsewhere or not known."""
    model, copy, run = case.model, case.copy, case.run
    environment = model.environment_before(run)
    workdir = environment.workdir
    target = _destination(copy, model)
    inner = _changed_folder(case)
    if inner is None:
        return None
    if target is None or workdir is None:
        written = copy.destination.text if copy.destination is not None else ""
        if workdir is None and target is None and written in (".", "./"):
            return "" if inner == "." else inner if not inner.startswith(("/", "..")) else None
        if target is None or not inner.startswith("/"):
            return None
        workdir = "/"
    from posixpath import join, normpath

    folder = normpath(join(workdir, inner))
    if folder == target:
        return ""
    prefix = target.rstrip("/") + "/"
    return folder[len(prefix) :] if folder.startswith(prefix) else None


def _changed_folder(case: _Case) -> str | None:
    """What ``cd`` and ``--prefix`` make of the working directory at the install: ``.`` if nothing, None if unknown."""
    inner = "."
    from posixpath import join

    for command in case.model.commands_of(case.run):
        if command is case.step.command:
            break
        if command.program in ("cd", "pushd"):
            value = command.arguments[0].value if len(command.arguments) == 1 else None
            if value is None or any(holder.role == "subshell" for holder, _ in command.enclosing_lists()):
                return None
            inner = join(inner, value)
        elif command.program == "popd":
            return None
    install = case.step.install
    assert install is not None
    for option in install.command.options:
        if option.name in ("--prefix", "-C", "--cwd", "--dir", "--directory", "--project", "--working-dir", "-d"):
            value = option.value.value if option.value is not None else None
            if value is None:
                return None
            inner = join(inner, value)
        elif option.name in ("--manifest-path", "-f", "--file", "-p", "--gemfile", "--project-dir"):
            return None
    if install.ecosystem == "dotnet" and install.command.operands:
        return None
    return inner


def _manifest_paths(case: _Case, context: BuildContext, folder: str) -> list[str]:
    """The files (folders with a trailing slash) that the install reads, as paths in the context; empty if not there."""
    from dflint.context.manifests import manifests_in

    install = case.step.install
    assert install is not None
    if install.ecosystem == "pip":
        return _requirement_paths(case, context, folder)
    found = _found(manifests_in(context, folder), install.ecosystem)
    if found is None:
        return []
    extras = [path for path in found.extras if path.rpartition("/")[2] not in _UNREAD]
    paths = [*found.manifests, *found.locks, *extras]
    entries = {path: context.resolve(path) for path in paths}
    return [path + "/" if entry is not None and entry.kind == "dir" else path for path, entry in entries.items()]


_UNREAD = frozenset((".nvmrc", ".node-version", "mvnw.cmd", "gradlew.bat", ".tool-versions", "auth.json"))


def _found(items: Sequence[Found], ecosystem: str) -> Found | None:
    for item in items:
        if item.ecosystem.name == ecosystem:
            return item
    # ``npm install`` beside a yarn.lock reads the same manifest.
    for item in items:
        if ecosystem in ("npm", "yarn", "pnpm", "bun") and item.ecosystem.manifests == ("package.json",):
            return item
    return None


def _requirement_paths(case: _Case, context: BuildContext, folder: str) -> list[str]:
    from posixpath import join, normpath

    install = case.step.install
    assert install is not None
    target = _destination(case.copy, case.model)
    paths: list[str] = []
    for name in install.requirements:
        if name is None or "://" in name:
            return []
        if name.startswith("/"):
            if target is None or not name.startswith(target.rstrip("/") + "/"):
                return []
            path = normpath(join(case.folder, name[len(target.rstrip("/")) + 1 :]))
        else:
            path = normpath(join(folder, name))
        if path.startswith("..") or not context.is_sent(path):
            return []
        paths.append(path)
    return sorted(dict.fromkeys([*paths, *_included(context, paths)]))


def _included(context: BuildContext, paths: Sequence[str]) -> list[str]:
    """The files that requirement files include by ``-r`` and ``-c``, theirs too."""
    from posixpath import dirname, join, normpath

    from dflint.context.manifests import local_parts

    found: list[str] = []
    pending = list(paths)
    while pending and len(found) < 50:
        path = pending.pop()
        for part in local_parts(context, path, "requirements.txt"):
            if part.reason in _INCLUDES:
                other = normpath(join(dirname(path), part.path))
                if other not in found and other not in paths and context.is_sent(other):
                    found.append(other)
                    pending.append(other)
    return found


_INCLUDES = ("named by -r", "named by --requirement", "named by -c", "named by --constraint")


def _is_all_there_is(context: BuildContext, folder: str, paths: Sequence[str]) -> bool:
    """Whether the copied folder holds nothing but manifests and what is for people and builders."""
    known = set(paths)
    folders = tuple(path for path in paths if path.endswith("/"))
    for entry in context.walk(folder):
        name = entry.path.rpartition("/")[2]
        if entry.kind == "dir" or entry.path in known or (folders and entry.path.startswith(folders)):
            continue
        if name.endswith((".md", ".dockerignore")) or name.startswith(("Dockerfile", "LICENSE", ".git", "docker-compose")):
            continue
        if name.endswith((".dockerfile", ".Dockerfile")) or name == "Makefile":
            continue
        return False
    return True


def _has_dependencies(ecosystem: str, folder: str, context: BuildContext) -> bool:
    """Whether a build would fetch something: a lock file says so, and nothing is vendored."""
    from posixpath import join

    if ecosystem == "go":
        return context.is_sent(join(folder, "go.sum")) and not context.is_sent(join(folder, "vendor"))
    if ecosystem == "cargo":
        return context.is_sent(join(folder, "Cargo.lock")) and not context.is_sent(join(folder, "vendor"))
    return True


# Where what the install makes would be overwritten by the COPY below it, were it in the context.
_MADE = {
    "npm": ("node_modules",), "yarn": ("node_modules",), "pnpm": ("node_modules",), "bun": ("node_modules",),
    "composer": ("vendor",), "dotnet": ("obj",), "poetry": (".venv",), "uv": (".venv",), "pipenv": (".venv",),
    "bundler": ("vendor/bundle", ".bundle"), "gradle": (".gradle", "build"), "maven": ("target",), "cargo": ("target",),
}  # fmt: skip
_WITH_SAFE_FORMS = frozenset(("npm", "yarn", "pnpm", "bun", "pip", "uv", "poetry", "pipenv", "go", "dotnet"))


def _gate(case: _Case, context: BuildContext, folder: str, paths: Sequence[str]) -> Applicability | None:
    """How sure the fix is; None if the install needs more than the manifests, or would be overwritten."""
    from posixpath import join

    from dflint.context.manifests import local_parts

    install = case.step.install
    assert install is not None
    if install.needs_sources:
        return None
    for path in paths:
        parts = local_parts(context, path, "requirements.txt" if install.ecosystem == "pip" else "")
        if any(part.reason not in _INCLUDES or part.manifest == part.path for part in parts):
            return None
        if path.rpartition("/")[2] in ("go.work", "pnpm-workspace.yaml", "buildSrc/", "settings.gradle", "settings.gradle.kts"):
            return None
    if any(path.endswith(("buildSrc/", ".sln", ".slnx")) for path in paths):
        return None
    made = [join(folder, name) for name in _MADE.get(install.ecosystem, ())]
    if any(context.is_sent(path) for path in made):
        return None
    if not all(context.is_ignored(path) for path in made):
        return "unsafe"
    if install.ecosystem not in _WITH_SAFE_FORMS or not install.is_frozen:
        return "unsafe"
    if install.ecosystem != "pip" and not _has_lock(install.ecosystem, paths):
        return "unsafe"
    return "safe"


def _has_lock(ecosystem: str, paths: Sequence[str]) -> bool:
    from dflint.context.manifests import BY_NAME

    names = {path.rpartition("/")[2] for path in paths}
    return ecosystem == "dotnet" or not names.isdisjoint(BY_NAME[ecosystem].locks)


# Edits


def _fix(case: _Case, paths: Sequence[str], applicability: Applicability) -> Fix | None:
    if any(" " in path or any(char in path for char in "$*?[\\\"'") for path in paths):
        return None
    groups: dict[str, list[str]] = {}
    folders: list[str] = []
    for path in paths:
        if path.endswith("/"):
            folders.append(path.rstrip("/"))
        else:
            groups.setdefault(path.rpartition("/")[0], []).append(path)
    prefix = f"{case.folder}/" if case.folder else ""
    lines = [_copy_line(case, names, folder.removeprefix(case.folder).strip("/")) for folder, names in groups.items()]
    lines += [_copy_line(case, [folder], folder.removeprefix(prefix)) for folder in folders]
    return _fix_with(case, lines, applicability)


def _are_copied_before(case: _Case, paths: Sequence[str]) -> bool:
    """Whether another COPY above the broad one has brought all of them to the same place."""
    model = case.model
    stage = model.stage_of(case.copy)
    context = model.context
    if stage is None or context is None or case.folder:
        return False
    target = _destination(case.copy, model)
    wanted = set(paths)
    for instruction in stage.instructions:
        if instruction is case.copy:
            break
        if isinstance(instruction, Transfer) and is_from_context(instruction) and instruction.destination is not None:
            same = _destination(instruction, model) == target and (
                target is not None or instruction.destination.text in (".", "./")
            )
            if not same:
                continue
            for word in instruction.sources:
                text = word.literal if "$" not in word.text else None
                for entry in context.match(text) if text else ():
                    if "/" not in entry.path and entry.kind != "dir":
                        wanted.discard(entry.path)
    return not wanted


def _copy_line(case: _Case, paths: Sequence[str], below: str) -> str:
    """A COPY of some files to the folder ``below`` the destination, with the flags of the broad one."""
    copy = case.copy
    keyword = "copy" if copy.keyword.text.islower() else "COPY"
    flags = [case.model.source.text[f.start : f.end] for f in copy.flags if f.name in ("chown", "chmod", "link")]
    target = copy.destination.value if copy.destination is not None else "."
    target = "./" if target in (".", "./") else target.rstrip("/") + "/"
    if below:
        target += below + "/"
    return " ".join([keyword, *flags, *paths, target])


def _fix_with(case: _Case, lines: Sequence[str], applicability: Applicability) -> Fix | None:
    place = _first_that_needs_sources(case)
    if place is None:
        return None
    chain, at = place
    return _move_fix(case, lines, "unsafe" if at is not None else applicability, chain, at)


def _move_fix(
    case: _Case,
    lines: Sequence[str],
    applicability: Applicability,
    chain: Sequence[Pipeline] = (),
    split: int | None = None,
) -> Fix | None:
    """Put ``lines`` in the place of the COPY and the COPY below the RUN, which is split before ``chain[split]``."""
    copy, run, model = case.copy, case.run, case.model
    destination = copy.destination
    if destination is None or "\n" in destination.value or copy.exec_form or copy.flag("parents"):
        return None
    if not _is_harmless_between(case):
        return None
    text = model.source.text
    start = _start_with_comments(copy, model)
    moved = text[start : copy.end].replace("\r\n", "\n")
    end = copy.full_end
    if not lines and text[:start].endswith(("\n\n", "\n\r\n")):  # no second blank line
        line_end = text.find("\n", end)
        if line_end >= 0 and not text[end:line_end].strip():
            end = line_end + 1
    edits = [Edit(start, end, "".join(line + "\n" for line in lines))]
    if split is None:
        at = run.full_end
        edits.append(Edit(at, at, moved + "\n" if text[at - 1] == "\n" else "\n" + moved))
    else:
        begin, stop = chain[split - 1].end, chain[split].start
        if any(begin <= comment.start < stop for comment in model.tree.comments):
            return None
        flags = "".join(text[flag.start : flag.end] + " " for flag in run.flags)
        edits.append(Edit(begin, stop, f"\n{moved}\n{text[run.keyword.start : run.keyword.end]} {flags}"))
    title = "Copy the manifests first, the rest after the install" if lines else "Copy the sources after the install"
    return Fix.of(title, applicability, edits, removes=[copy.start])


def _start_with_comments(copy: Transfer, model: Model) -> int:
    """Where the lines start that speak of the COPY: its own, or the comments right above it.

    Comments about installing stay where they are.
    """
    source = model.source
    starts = {source.line_of(comment.start): comment for comment in model.tree.comments if not comment.in_instruction}
    line = first = source.line_of(copy.start)
    about = ""
    while (comment := starts.get(first - 1)) is not None:
        first -= 1
        about += comment.text.lower()
    if any(word in about for word in ("install", "dependenc", "package", "requirement", "modules")):
        first = line
    return source.line_starts[first - 1]


def _first_that_needs_sources(case: _Case) -> tuple[Sequence[Pipeline], int | None] | None:
    """Where in the RUN the first command stands that may need the sources.

    The elements of its chain and the index among them, None if there is no such command; no answer at all if it
    stands before the install, or the RUN cannot be split there.
    """
    script = case.model.script_of(case.run)
    chain = script.and_chain() if script is not None else None
    seen = False
    leaks = False
    for command in case.model.commands_of(case.run):
        if command is case.step.command:
            seen = True
        elif command.program in ("cd", "export", "set", "exec", "pushd", ".", "source", "umask") or command.name is None:
            leaks = True
        elif not _is_independent(command):
            if not seen or leaks or chain is None:
                return None
            at = next((i for i, element in enumerate(chain) if element.start <= command.start < element.end), 0)
            if not at or chain[at].start <= case.step.command.start:
                return None
            return chain, at
    return chain or (), None


_CONFIGURES = frozenset(("config", "enable", "config set", "config get", "prepare"))
_BESIDE_THE_PROJECT = frozenset(("pip", "pipx", "gem", "conda", "mamba", "micromamba"))
_NOT_OF_THE_PROJECT = ("/var/", "/tmp/", "/root/.", "/usr/share/", "~/.", "/usr/local/share/.cache")


def _is_independent(command: Command) -> bool:
    """Whether a command surely does without the project's files and leaves them alone.

    Other installs of dependencies count as dependent: their manifests are not there yet.
    """
    from dflint.packages import parse_package_command
    from dflint.rules._installs import install_of
    from dflint.rules._workload import SYSTEM_MANAGERS, kind_of, may_be_package_command

    for redirect in command.redirects:
        target = redirect.target.value if redirect.target is not None else None
        if target not in ("/dev/null", "1", "2"):
            return False
    package = parse_package_command(command) if may_be_package_command(command) else None
    if package is not None:
        if package.action == "clean" or (package.action == "other" and package.subcommand_name in _CONFIGURES):
            return package.manager not in ("mvn", "gradle", "cargo", "go", "dotnet")
        if any(p.source in ("path", "file", "variable") for p in package.packages) or install_of(package) is not None:
            return False
        return (
            package.manager in SYSTEM_MANAGERS
            or package.manager in _BESIDE_THE_PROJECT
            or (package.manager == "uv" and package.subcommand_name == "pip install")
            or (package.manager in ("npm", "pnpm", "bun") and package.has("-g", "--global"))
            or package.subcommand_name.startswith("global ")
        )
    kind = kind_of(command)
    values = [word.value or "" for word in command.arguments]
    if kind == "cheap":
        if command.program == "rm":
            return all(value.startswith(("-", *_NOT_OF_THE_PROJECT)) for value in values)
        return command.program in ("echo", "true", ":", "printf", "set", "export")
    return False
