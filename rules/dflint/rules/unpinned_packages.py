from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import package_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.packages.command import Package, PackageCommand
    from dflint.syntax.tree import Instruction, Run

# Manager -> its subcommands that install what they name.
_INSTALLS: dict[str, frozenset[str]] = {
    "pip": frozenset(("install",)),
    "pipx": frozenset(("install",)),
    "uv": frozenset(("pip install", "tool install")),
    "npm": frozenset(("install", "i", "add", "in", "ins", "inst", "isntall")),
    "yarn": frozenset(("add", "global add")),
    "pnpm": frozenset(("add", "install", "i")),
    "bun": frozenset(("add", "a", "install", "i")),
    "gem": frozenset(("install", "i")),
    "go": frozenset(("install", "get", "run")),
    "cargo": frozenset(("install", "binstall")),
}
_HOW = {"pip": "==", "pipx": "==", "uv": "==", "gem": ":"}
# With these the versions come from elsewhere.
_SETTLED = frozenset(("--no-index", "--require-hashes", "--help", "-h", "--dry-run", "-g", "--file", "--modfile"))
_FIRST_WITH_MODULES = 16
_GO_QUERIES = frozenset(("latest", "none", "upgrade", "patch"))


class UnpinnedPackages(Rule):
    """A package is installed in whatever version is the newest that day.

    ## Why is this bad?

    Two builds of the same Dockerfile give different programs, a broken or malicious release reaches the image at
    once, and an old commit cannot be built again as it was. Unlike distributions, PyPI, npm, RubyGems, Go's proxy and
    crates.io keep all versions, so a pinned one can always be had. A lock or requirements file is better still.

    Looked at are packages named on the command lines of pip, pipx, uv, npm, yarn, pnpm, bun, gem, go and cargo.

    ## Exceptions

    Any version condition counts as pinned, a variable too (`flask==$VERSION`). Silent on names that only the build
    knows, local paths, archives and URLs, with requirement, constraint or lock files beside the names, with
    `--no-index`; on a Git address with a revision; and on `go install` of a path without `@` in a stage that has
    sources, where `go.mod` says the version. `go get` of a path without `@` counts where Go is known to have modules
    (1.16, or `GO111MODULE=on`): before, `@VERSION` was refused.

    ## Differs from hadolint

    One finding for each package, at its name. pipx, uv, yarn, pnpm, bun and cargo are looked at too. `go install` in
    a stage with sources is not reported, nor `go get` where Go may be too old for versions.
    """

    name = "unpinned-packages"
    category = "reproducibility"
    level = "warning"
    aliases = ("DL3013", "DL3016", "DL3028", "DL3062")
    since = "0.1.0"

    bad = (
        Bad("FROM python:3.12\nRUN pip install --no-cache-dir flask 'gunicorn[gevent]' six==1.16.0\n",
            at=("flask", "'gunicorn[gevent]'")),
        Bad("FROM node:20\nrun npm install -g \\\n   typescript \\\n   @angular/cli \\\n   yarn@1.22.22\n",
            at=("typescript", "@angular/cli")),
        Bad("FROM ruby:3.3\nRUN gem install rake bundler:2.5.6 && gem install rails --version 7.1.3\n", at=("rake",)),
        Bad("FROM golang:1.22\nRUN go install golang.org/x/tools/gopls@latest && go get -u github.com/a/b\n",
            at=("golang.org/x/tools/gopls@latest", "github.com/a/b")),
        Bad("FROM python:3.12\nONBUILD RUN <<EOF\npython -m pip install -U pip\n"
            "pip install git+https://example.org/x.git\nEOF\n",
            at=("pip", "git+https://example.org/x.git")),
        Bad("FROM golang:1.22\n# go get github.com/a/b\nRUN go get github.com/a/b\n", at=("github.com/a/b",)),
        Bad("FROM golang:1.12\nRUN go get github.com/a/b\nRUN GO111MODULE=on go get github.com/a/c\n"
            "RUN go get github.com/a/d@latest\nFROM golang:alpine\nRUN go get github.com/a/e\n",
            at=("github.com/a/c", "github.com/a/d@latest", "github.com/a/e")),
        Bad("FROM rust:1.79\nRUN cargo install cargo-chef --locked && yarn global add serve && uv pip install black\n",
            at=("cargo-chef", "serve", "black")),
    )  # fmt: skip
    good = (
        Good("FROM python:3.12\nRUN pip install 'flask>=3,<4' six==$SIX_VERSION $PACKAGES\n"),
        Good("FROM python:3.12\nRUN pip install -r requirements.txt && pip install -c constraints.txt flask\n"),
        Good("FROM python:3.12\nRUN pip install . ./lib *.whl dist/app.tar.gz https://example.org/x.zip -e .[dev]\n"),
        Good("FROM python:3.12\nRUN pip install git+https://example.org/x.git@v1.2 && pip install --no-index flask\n"),
        Good("FROM python:3.12\nENV PIP_CONSTRAINT=/c.txt\nRUN pip install flask && pip uninstall -y six\n"),
        Good("FROM node:20\nRUN npm ci && npm install && npm install ./x x.tgz yarn@1 && npx cowsay\n"),
        Good("FROM node:20\nRUN npm install git+https://example.org/x.git#v1 && npm install $NAME\n"),
        Good("FROM ruby:3.3\nRUN gem install rake -v 13.2.1 && gem install ./x.gem && bundle install\n"),
        Good("FROM golang:1.22\nRUN go install ./cmd/app && go get ./... && go install a.org/b@v1.2.3\n"),
        Good("FROM golang:1.22\nCOPY . .\nRUN go install github.com/me/app/cmd/app && go run golang.org/x/text\n"),
        Good("FROM golang:1.9\nRUN go get github.com/a/b\nFROM debian:12\nRUN go get github.com/a/b\n"),
        Good("FROM golang:1.22\nRUN go install std && go install myapp/cmd\n"),
        Good("FROM rust:1.79\nRUN cargo install --path . && cargo install just --version 1.25.0\n"),
    )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        for command in package_commands(run, model):
            manager = command.manager
            subcommands = _INSTALLS.get(manager)
            if subcommands is None or command.subcommand_name not in subcommands or not command.packages:
                continue
            unpinned = [package for package in command.packages if _is_unpinned(package, manager)]
            if not unpinned or _is_settled(command, run, model):
                continue
            for package in unpinned:
                if manager == "go" and not package.version and _is_settled_by_go(command, package, run, model):
                    continue
                name = package.name if package.source == "index" else "the repository"
                how = _HOW.get(manager, "@")
                yield self.finding(
                    package.word,
                    f"the version of {_short(name)} is left open: say {_short(name)}{how}VERSION"
                    if package.source == "index"
                    else "the revision of this repository is left open",
                )


def _is_unpinned(package: Package, manager: str) -> bool:
    word = package.word
    if package.source == "vcs":
        return package.version is None and not word.variables
    if package.source != "index" or package.name.startswith(("-", ":")):
        return False
    if manager == "go":
        if "." not in package.name.partition("/")[0] or package.name.endswith("..."):
            return False
        return package.version is None or package.version in _GO_QUERIES
    if package.version is not None or package.operator is not None:
        return False
    return not (word.has_glob and "[" not in word.raw) and not word.variables and not word.substitutions


def _is_settled(command: PackageCommand, run: Run, model: Model) -> bool:
    if command.requirement_files or command.constraint_files:
        return True
    options = _SETTLED if command.manager in ("pip", "uv", "gem", "go") else ("--help", "--dry-run")
    if command.has(*options):
        return True
    if command.manager in ("pip", "uv"):
        environment = model.environment_before(run)
        names = ("PIP_CONSTRAINT", "PIP_NO_INDEX", "UV_CONSTRAINT", "PIP_REQUIRE_HASHES")
        return any(environment.lookup(name) is not None for name in names)
    return False


def _is_settled_by_go(command: PackageCommand, package: Package, run: Run, model: Model) -> bool:
    is_too_old = command.subcommand_name == "get" and not _has_modules(command, run, model)
    return is_too_old or _is_in_module(command, package, run, model)


def _has_modules(command: PackageCommand, run: Run, model: Model) -> bool:
    """Whether ``go get`` is known to take versions."""
    said = [a.value.value for a in command.command.assignments if a.name == "GO111MODULE" and a.value is not None]
    known = model.environment_before(run).lookup("GO111MODULE")
    if said or known is not None:
        return "on" in (said or [known.value if known is not None else None])
    stage = model.stage_of(run)
    image = stage.root.image if stage is not None else None
    if image is None or image.family != "golang":
        return False
    major, _, minor = (image.tag or "").partition("-")[0].partition(".")
    number = minor.partition(".")[0]
    return not (major == "1" and number.isdigit() and int(number) < _FIRST_WITH_MODULES)


def _is_in_module(command: PackageCommand, package: Package, run: Run, model: Model) -> bool:
    """Whether the version may be that of a ``go.mod``, or the package the image's own source."""
    stage = model.stage_of(run)
    if command.subcommand_name == "get":
        parts = package.name.split("/")
        own = "/".join(parts[:3])
        return any(_speaks_of(own, i) for i in model.instructions if i.index < run.index)
    if run.is_onbuild_trigger or stage is None:
        return True
    while stage is not None:
        for instruction in stage.instructions:
            if instruction.index < run.index and instruction.type in ("copy", "add"):
                return True
        stage = stage.parent
    return any(mount.type == "bind" for mount in run.mounts) or _clones(run, model)


def _speaks_of(name: str, instruction: Instruction) -> bool:
    return name in instruction.line.text or any(name in heredoc.body.value for heredoc in instruction.heredocs)


def _clones(run: Run, model: Model) -> bool:
    return any(command.program in ("git", "cd", "tar", "curl", "wget") for command in model.commands_of(run))


def _short(name: str) -> str:
    return name if len(name) <= 25 else "…" + name[-24:]
