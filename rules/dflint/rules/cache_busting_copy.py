from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Finding
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._broad_copies import is_from_context
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model import Model, Stage
    from dflint.rules._early_copies import Case

_NODE_FILES = {"package.json": '{"name": "a", "dependencies": {"express": "5"}}', "package-lock.json": "{}", "a.js": ""}
_IGNORING = {**_NODE_FILES, ".dockerignore": "node_modules\n"}


class CacheBustingCopy(Rule):
    """All sources are copied before the dependencies are installed.

    ## Why is this bad?

    A COPY whose files differ from those of the last build drops the cache of everything below it. With `COPY . .` above
    the install of the dependencies any changed source file, even the read-me, installs all of them anew. Copied first,
    the manifests (package.json and its lock file, requirements.txt, go.mod...) change rarely, and so does what is
    installed by them.

    Installs are those of npm, yarn, pnpm, bun, pip, uv, poetry, pipenv, go, cargo, Maven, Gradle, Bundler, Composer and
    .NET; also builds which fetch the dependencies on their way (`go build`, `cargo build`, `mvn package`, `gradle
    build`, `dotnet publish`), and packages of the distribution (`apt-get install`) below a COPY of the whole context.

    ## Exceptions

    Silent if the same dependencies were installed from copied manifests before; if the build context is known and the
    manifests are not in the copied folder, or there is nothing else in it; if something between COPY and install runs
    the project's own scripts or edits a manifest. With `--history` also if in each of the last commits that changed
    the sources the manifests changed too; then the message tells how often the install ran for nothing, and below one
    commit in twenty the level is info. A build that fetches on its way is reported only with its manifests
    in a known context and without a cache mount.

    ## Fix safety

    The fix copies the manifests that are in the context, with the flags of the COPY, and puts the COPY below the
    install. It is safe if the context is known, the command changes neither manifest nor lock file (`npm ci`, `pip
    install -r`, `go mod download`), no manifest needs anything of the sources (scripts that run at install, workspaces,
    local packages), and the ignore file keeps out what the install makes, lest the COPY overwrites it. It is unsafe if
    that is not known, or if the RUN has to be split (`npm ci && npm run build`). There is none if a manifest needs
    sources, or the install includes the project (`pip install .`, `poetry install` without `--no-root`). A build of Go,
    Maven, .NET or Cargo that fetches on its way gets a RUN that fetches before the sources come (Cargo wants a source
    file, which is made for that time): unsafe, for it may fetch more than the build does, or not all. Gradle has no
    task that fetches all that a build needs, so there is no fix for it. What moves moves only past instructions that it
    commutes with (see `dflint.model.commutation`).
    """

    name = "cache-busting-copy"
    category = "cache"
    level = "warning"
    since = "0.1.0"

    bad = (
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD node a.js\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"
            "CMD node a.js\n",
            files=_IGNORING,
        ),
        # Comments go with what they stand above; flags stay.
        Bad(
            "FROM node:22\nWORKDIR /app\n# the sources\nCOPY --chown=node . /app/\n\n# install\nRUN npm ci\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY --chown=node package.json package-lock.json /app/\n\n"
            "# install\nRUN npm ci\n"
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
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"
            "RUN npm run build\n",
            files=_IGNORING,
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN yarn --frozen-lockfile\n",
            at=(".",),
            fixed="FROM node:22\nWORKDIR /app\nCOPY package.json yarn.lock .npmrc ./\nCOPY patches ./patches/\n"
            "RUN yarn --frozen-lockfile\nCOPY . .\n",
            files={
                "package.json": "{}",
                "yarn.lock": "",
                ".npmrc": "",
                "patches/a.patch": "",
                "a.js": "",
                ".dockerignore": "node_modules",
            },
        ),
        Bad(
            "FROM python:3.12\nWORKDIR /app\nADD . /app\nRUN pip install -r requirements/prod.txt\n",
            at=(".",),
            fixed="FROM python:3.12\nWORKDIR /app\n"
            "COPY requirements/base.txt requirements/prod.txt /app/requirements/\n"
            "RUN pip install -r requirements/prod.txt\nADD . /app\n",
            files={"requirements/prod.txt": "-r base.txt\n", "requirements/base.txt": "flask\n", "a.py": ""},
        ),
        Bad(
            "from golang:1.24\nworkdir /src\ncopy . .\nrun go mod download\nrun go build -o /a\n",
            at=(".",),
            fixed="from golang:1.24\nworkdir /src\ncopy go.mod go.sum ./\nrun go mod download\ncopy . .\n"
            "run go build -o /a\n",
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
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
            at=(".",),
            files={**_IGNORING, "package.json": '{"scripts": {"postinstall": "node a.js"}}'},
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
            at=(".",),
            files={**_IGNORING, "package.json": '{"workspaces": ["packages/*"]}'},
        ),
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
            at=(".",),
            files={**_IGNORING, "package.json": '{"dependencies": {"a": "file:./a"}}'},
        ),
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", at=(".",), files={**_IGNORING, "package.json": "{"}),
        Bad(
            "FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\n",
            at=(".",),
            files={"requirements.txt": "-e .\n", "setup.py": "", "a.py": ""},
        ),
        Bad(
            "FROM golang:1.24\nCOPY . /app\nWORKDIR /app\nRUN go mod download\n",
            at=(".",),
            files={"go.mod": "module a\nreplace b => ./b\n", "go.sum": "", "a.go": ""},
        ),
        Bad(
            "FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN poetry install\n",
            at=(".",),
            files={"pyproject.toml": "[tool.poetry]\n", "poetry.lock": "", "a.py": ""},
        ),
        Bad(
            "FROM rust:1.88\nWORKDIR /app\nCOPY . .\nRUN cargo fetch\n",
            at=(".",),
            files={"Cargo.toml": "[workspace]\nmembers = ['a']\n", "Cargo.lock": "", "a/src/main.rs": ""},
        ),
        # What the install makes would be overwritten by the host's.
        Bad(
            "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
            at=(".",),
            files={**_NODE_FILES, "node_modules/a/index.js": ""},
        ),
        # A build that fetches on its way.
        Bad(
            "FROM maven:3\nWORKDIR /app\nCOPY . .\nRUN mvn package\n",
            at=(".",),
            fixed="FROM maven:3\nWORKDIR /app\nCOPY pom.xml ./\nRUN mvn dependency:go-offline\nCOPY . .\n"
            "RUN mvn package\n",
            files={"pom.xml": "<project/>", "src/A.java": ""},
        ),
        Bad(
            "FROM golang:1.24\nCOPY . /src\nWORKDIR /src\n# compile\nRUN go build -o /a\n",
            at=(".",),
            fixed="FROM golang:1.24\nCOPY go.mod go.sum /src/\nWORKDIR /src\nRUN go mod download\nCOPY . /src\n"
            "# compile\nRUN go build -o /a\n",
            files={"go.mod": "module a\n", "go.sum": "", "main.go": ""},
        ),
        Bad(
            "FROM sdk\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release\n",
            at=(".",),
            fixed="FROM sdk\nWORKDIR /s\nCOPY a.csproj ./\nRUN dotnet restore\nCOPY . .\n"
            "RUN dotnet publish -c Release\n",
            files={"a.csproj": "<Project/>", "a.cs": ""},
        ),
        Bad(
            "FROM rust:1.88\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\n",
            at=(".",),
            fixed="FROM rust:1.88\nWORKDIR /app\nCOPY Cargo.toml Cargo.lock ./\n"
            "RUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo fetch && rm -r src\nCOPY . .\n"
            "RUN cargo build --release\n",
            files={
                "Cargo.toml": '[package]\nname = "a"\n[dependencies]\nserde = "1"\n',
                "Cargo.lock": "",
                "src/main.rs": "",
                ".dockerignore": "target\n",
            },
        ),
        # Cargo wants a target; the modules' own manifests would be needed, too.
        Bad(
            "FROM rust:1.88\nWORKDIR /app\nCOPY . .\nRUN cargo build\n",
            at=(".",),
            files={"Cargo.toml": "", "Cargo.lock": "", "src/main.rs": ""},
        ),
        Bad(
            "FROM maven:3\nWORKDIR /app\nCOPY . .\nRUN mvn package\n",
            at=(".",),
            files={"pom.xml": "<project><modules><module>a</module></modules></project>", "a/pom.xml": ""},
        ),
        # What the RUN deletes of the copied files must not come back.
        Bad(
            "FROM node:22\nCOPY . /app\nWORKDIR /app\nRUN npm ci && rm -rf /app/test\n",
            at=(".",),
            fixed="FROM node:22\nCOPY package.json package-lock.json /app/\nWORKDIR /app\nRUN npm ci\nCOPY . /app\n"
            "RUN rm -rf /app/test\n",
            files=_IGNORING,
        ),
        Bad(
            "FROM composer:2\nWORKDIR /app\nCOPY . .\nRUN composer install -o\n",
            at=(".",),
            files={"composer.json": "{}", "a.php": ""},
        ),
        Bad("FROM node:22\nCOPY . /app\nWORKDIR /app\nRUN echo A=1 >.env && npm ci\n", at=(".",), files=_IGNORING),
        # Something between them may matter.
        Bad("FROM node:22\nWORKDIR /app\nCOPY . .\nRUN cp a.js b.js\nRUN npm ci\n", at=(".",), files=_IGNORING),
    )
    good = (
        Good(
            "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
            files=_IGNORING,
        ),
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
        Good(
            "FROM golang:1.24\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod go build\n",
            files={"go.mod": "", "go.sum": "", "a.go": ""},
        ),
        Good("FROM debian:12\nCOPY . /\nRUN apt-get update && apt-get install -y curl\n"),
        Good("FROM node:22 AS a\nRUN true\nFROM node:22\nCOPY --from=a . .\nRUN npm ci\n"),
        Good("FROM debian:12\nCOPY . /app\nRUN apt-get install -y /app/a.deb\n"),
        Good("FROM python:3.12\nWORKDIR /\nCOPY . /a\nRUN git clone https://a.example/b\nRUN pip install -r b/r.txt\n"),
        Good("FROM python:3.12\nCOPY . /a\nADD https://a.example/r.txt /tmp/\nRUN pip install -r /tmp/r.txt\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        instructions = stage.instructions
        if not any(is_from_context(instruction) for instruction in instructions):
            return
        from dflint.rules._early_copies import Case, copied_folder, first_install, installed_in_parents, steps_of

        copies = [
            (place, copied)
            for place, instruction in enumerate(instructions)
            if (copied := copied_folder(instruction, model)) is not None
        ]
        if not copies or not stage.is_reachable:
            return
        installed: set[tuple[str, tuple[str | None, ...]]] | None = None
        done = 0
        for place, (copy, word, folder) in copies:
            found = first_install(copy, instructions[place + 1 :], model)
            if found is None:
                continue
            run, step, between = found
            if installed is None:
                installed = installed_in_parents(stage, model)
            for instruction in instructions[done:place]:
                if isinstance(instruction, Run):
                    installed |= {earlier.install.key for earlier in steps_of(instruction, model) if earlier.install}
            done = place
            if step.install is None or step.install.key not in installed:
                yield from self._finding(Case(model, copy, word, folder, run, step, between))

    def _finding(self, case: Case) -> Iterator[Finding]:
        from dflint.rules._copy_moves import is_app_folder, move_below
        from dflint.rules._manifest_first import plan_for

        step = case.step
        if step.install is None:
            if case.folder or not is_app_folder(case):
                return
            fix = move_below(case, (), "safe")
            message = f"any changed file repeats {step.text}: copy the sources after it"
            yield from self._weighed(self.finding(case.word, message, fix), case, ())
            return
        plan = plan_for(case)
        if plan is None:
            return
        names = ", ".join(plan.names[:3]) + (", ..." if len(plan.names) > 3 else "") if plan.names else "the manifests"
        if step.install.is_build:
            message = f"any changed file makes {step.install.text} fetch anew: copy {names} and fetch first"
            finding = Finding(self.name, message, "info", case.word.start, case.word.end, plan.fix)
        elif plan.are_copied:
            message = f"any changed file repeats {step.install.text}: copy the rest after it"
            finding = self.finding(case.word, message, plan.fix)
        else:
            message = f"any changed file repeats {step.install.text}: copy {names} first"
            finding = self.finding(case.word, message, plan.fix)
        yield from self._weighed(finding, case, plan.names)

    def _weighed(self, finding: Finding, case: Case, names: tuple[str, ...]) -> Iterator[Finding]:
        """With a history at hand the finding tells how often that was so; if it never was, there is none."""
        if case.model.evidence is None:
            yield finding
            return
        from dflint.rules._evidence import weighed_by_manifests

        paths = [f"{case.folder}/{name}" if case.folder else name for name in names]
        weighed = weighed_by_manifests(finding, case.run, paths, case.model)
        if weighed is not None:
            yield weighed
