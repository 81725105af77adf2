"""Histories of small projects: a Dockerfile of the usual shape of an ecosystem, and what each commit changes.

``None`` deletes a file, a ``Link`` is a symbolic link, ``Mode`` content with the executable bit. ``{n}`` in a content
is a number that no other run has, so that nothing of an earlier run is in the engine's cache. RUNs call sh and cat, in
place of package managers.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Link(str):
    """The target of a symbolic link."""


class Mode(str):
    """The content of an executable file."""


class Commit(NamedTuple):
    """What a commit changes, and the build arguments of the build after it. ``touched`` get a new time, no more."""

    changes: Mapping[str, str | None]
    build_args: Mapping[str, str] = {}
    touched: tuple[str, ...] = ()


class Past(NamedTuple):
    """A project's history. ``unsure`` are the texts of the steps of which the model may not be sure."""

    name: str
    commits: tuple[Commit, ...]
    context: str = ""
    dockerfile: str = "Dockerfile"
    target: str | None = None
    unsure: tuple[str, ...] = ()

    @property
    def dockerfile_path(self) -> str:
        """From the top of the repository; a plain name stands in the context."""
        return self.dockerfile if "/" in self.dockerfile or not self.context else f"{self.context}/{self.dockerfile}"


def all_pasts() -> Iterator[Past]:
    yield from (
        npm(), npm_unordered(), pip(), golang(), cargo(), maven(), gradle(), dotnet(), ruby(), composer(), poetry(),
        content_equal(), copies_of_copies(), wildcards(), ignore_file(), own_ignore_file(), links(), mounts(),
        arguments(), heredocs(), git_folder(), excludes(), parents(), add_and_link(), unshipped(), dockerfile_edits(),
        equal_outputs(), kinds(), *(anything(seed) for seed in range(6)),
    )  # fmt: skip


IGNORING_GIT = ".git\n"


def npm() -> Past:
    dockerfile = """\
FROM BASE AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN cat package.json package-lock.json > installed
FROM BASE
WORKDIR /app
COPY --from=deps /app/installed ./
COPY . .
RUN cat src/index.js > dist.js
"""
    files = {
        "Dockerfile": dockerfile,
        ".dockerignore": ".git\nnode_modules\n*.md\n",
        "package.json": "{n} 1",
        "package-lock.json": "{n} 2",
        "src/index.js": "{n} 3",
        "README.md": "{n}",
    }
    return Past(
        "npm",
        (
            Commit(files),
            Commit({"src/index.js": "{n} 4"}),
            Commit({"README.md": "{n} b"}),
            Commit({"package.json": "{n} 5"}),
            Commit({"src/index.js": "{n} 3"}),
            Commit({"package.json": "{n} 1"}),
            Commit({"src/util.js": "{n}"}),
            Commit({"src/util.js": None}),
        ),
        unsure=("COPY --from=deps /app/installed ./", "COPY . .", "RUN cat src/index.js > dist.js"),
    )


def npm_unordered() -> Past:
    dockerfile = "FROM BASE\nWORKDIR /app\nCOPY . .\nRUN cat package.json > installed\nCMD cat\n"
    return Past(
        "npm-unordered",
        (
            Commit({"Dockerfile": dockerfile, ".dockerignore": IGNORING_GIT, "package.json": "{n}", "a.js": "{n}"}),
            Commit({"a.js": "{n} 2"}),
            Commit({}, touched=("a.js", "package.json")),
            Commit({"b.js": "{n} 3"}),
            Commit({"b.js": None, "c.js": "{n} 3"}),
            Commit({"c.js": None}),
        ),
    )


def pip() -> Past:
    dockerfile = """\
FROM BASE
WORKDIR /srv
COPY requirements*.txt ./
RUN cat requirements.txt > installed
COPY app/ app/
COPY setup.cfg .
RUN cat app/main.py > compiled
"""
    return Past(
        "pip",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "requirements.txt": "{n}",
                    "app/main.py": "{n}",
                    "setup.cfg": "{n}",
                }
            ),
            Commit({"requirements-dev.txt": "{n} new"}),
            Commit({"app/main.py": Mode("{n}")}),
            Commit({"setup.cfg": "{n} 2"}),
            Commit({"docs/index.rst": "{n}"}),
            Commit({"requirements-dev.txt": None}),
            Commit({"app/main.py": "{n}"}),
        ),
    )


def golang() -> Past:
    dockerfile = """\
FROM BASE AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN cat go.mod go.sum > /modules
COPY . .
RUN cat cmd/*.go > /binary
FROM scratch
COPY --from=build /binary /binary
ENTRYPOINT ["/binary"]
"""
    return Past(
        "go",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "go.mod": "{n}",
                    "go.sum": "{n} s",
                    "cmd/a.go": "{n}",
                }
            ),
            Commit({"cmd/a.go": "{n} 2"}),
            Commit({"cmd/b.go": "{n} 3"}),
            Commit({"README": "{n}"}),
            Commit({"go.sum": "{n} t"}),
            Commit({"README": None}),
        ),
        unsure=("COPY --from=build /binary /binary",),
    )


def cargo() -> Past:
    dockerfile = """\
FROM BASE AS planner
WORKDIR /w
COPY Cargo.toml Cargo.lock ./
FROM BASE AS build
WORKDIR /w
COPY --from=planner /w/Cargo.lock /w/Cargo.toml ./
RUN cat Cargo.lock > deps
COPY src src
RUN cat src/main.rs > bin
"""
    return Past(
        "cargo",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "Cargo.toml": "{n}",
                    "Cargo.lock": "{n} l",
                    "src/main.rs": "{n}",
                }
            ),
            Commit({"src/main.rs": "{n} 2"}),
            Commit({"Cargo.toml": "{n} 2"}),
            Commit({"src/lib.rs": "{n}"}),
            Commit({"Cargo.toml": "{n}"}),
            Commit({"benches/a.rs": "{n}"}),
        ),
    )


def maven() -> Past:
    dockerfile = """\
FROM BASE AS build
WORKDIR /build
COPY pom.xml .
COPY .mvn .mvn
RUN cat pom.xml .mvn/config > /repository
COPY src ./src
RUN cat src/main/A.java > app.jar
FROM BASE
COPY --from=build /build/app.jar /app.jar
RUN cat /app.jar > /checked
"""
    return Past(
        "maven",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "pom.xml": "{n}",
                    ".mvn/config": "{n}",
                    "src/main/A.java": "{n}",
                }
            ),
            Commit({"src/main/A.java": "{n} 2"}),
            Commit({"src/test/ATest.java": "{n} 3"}),
            Commit({".mvn/config": "{n} 4"}),
            Commit({"src/main/A.java": "{n}"}),
            Commit({"src/test/ATest.java": None}),
        ),
        unsure=("COPY --from=build /build/app.jar /app.jar", "RUN cat /app.jar > /checked"),
    )


def gradle() -> Past:
    dockerfile = """\
FROM BASE
WORKDIR /home
COPY gradle gradle
COPY gradlew *.gradle ./
RUN cat gradlew build.gradle > deps
COPY . .
RUN cat build.gradle > built
"""
    return Past(
        "gradle",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": ".git\nbuild\n",
                    "gradlew": Mode("{n}"),
                    "gradle/wrapper.properties": "{n}",
                    "build.gradle": "{n}",
                }
            ),
            Commit({"settings.gradle": "{n}"}),
            Commit({"build/out": "{n}"}),
            Commit({"gradlew": "{n}"}),
            Commit({"gradlew": Mode("{n}")}),
            Commit({"settings.gradle": None, "settings2.gradle": "{n}"}),
        ),
    )


def dotnet() -> Past:
    dockerfile = """\
FROM BASE AS build
WORKDIR /source
COPY *.sln .
COPY web/*.csproj web/
RUN cat web/web.csproj > restored
COPY web/. web/
WORKDIR /source/web
RUN cat Program.cs > /out
FROM BASE AS test
COPY tests /tests
RUN cat /tests/a.cs > /tested
FROM BASE
COPY --from=build /source/web/Program.cs /
"""
    return Past(
        "dotnet",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "a.sln": "{n}",
                    "web/web.csproj": "{n}",
                    "web/Program.cs": "{n}",
                    "tests/a.cs": "{n}",
                }
            ),
            Commit({"tests/a.cs": "{n} 2"}),
            Commit({"web/Program.cs": "{n} 2"}),
            Commit({"web/web.csproj": "{n} 2"}),
            Commit({"web/x/Other.cs": "{n}"}),
            Commit({"b.sln": "{n}"}),
        ),
        unsure=("COPY --from=build /source/web/Program.cs /",),
    )


def ruby() -> Past:
    dockerfile = """\
FROM BASE AS base
WORKDIR /rails
ENV RAILS_ENV=production
FROM base AS build
COPY Gemfile Gemfile.lock ./
RUN cat Gemfile.lock > /gems
COPY . .
RUN cat app/a.rb > public/assets
FROM base
COPY --from=build /rails/public /rails/public
COPY --from=build /gems /gems
"""
    return Past(
        "ruby",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": ".git\nlog/*\n!log/.keep\ntmp\n",
                    "Gemfile": "{n}",
                    "Gemfile.lock": "{n}",
                    "app/a.rb": "{n}",
                    "public/index.html": "{n}",
                    "log/.keep": "",
                }
            ),
            Commit({"log/a.log": "{n}"}),
            Commit({"app/a.rb": "{n} 2"}),
            Commit({"tmp/cache": "{n}"}),
            Commit({"Gemfile.lock": "{n} 2"}),
            Commit({"log/.keep": None}),
            Commit({"log/a.log": None}),
        ),
        unsure=("COPY --from=build /rails/public /rails/public", "COPY --from=build /gems /gems"),
    )


def composer() -> Past:
    dockerfile = """\
FROM BASE
WORKDIR /var/www
COPY --chmod=755 docker/entrypoint.sh /entrypoint.sh
COPY composer.json composer.lock /var/www/
RUN cat composer.lock > vendor
COPY public/ /var/www/public/
COPY src/ /var/www/src/
"""
    return Past(
        "composer",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "docker/entrypoint.sh": "{n}",
                    "composer.json": "{n}",
                    "composer.lock": "{n} l",
                    "public/index.php": "{n}",
                    "src/A.php": "{n}",
                }
            ),
            Commit({"src/A.php": "{n} 2"}),
            Commit({"docker/entrypoint.sh": Mode("{n}")}),
            Commit({"public/a.css": "{n}"}),
            Commit({"src/A.php": "{n}"}),
            Commit({"composer.json": "{n} 2"}),
        ),
    )


def poetry() -> Past:
    dockerfile = """\
FROM BASE
WORKDIR /app
RUN --mount=type=bind,source=pyproject.toml,target=pyproject.toml \\
    --mount=type=bind,source=poetry.lock,target=poetry.lock \\
    --mount=type=cache,target=/cache cat pyproject.toml poetry.lock > /installed
COPY app app
RUN cat app/a.py > /done
"""
    return Past(
        "poetry",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "pyproject.toml": "{n}",
                    "poetry.lock": "{n}",
                    "app/a.py": "{n}",
                }
            ),
            Commit({"app/a.py": "{n} 2"}),
            Commit({"poetry.lock": "{n} 2"}),
            Commit({"README": "{n}"}),
            Commit({"pyproject.toml": "{n} 3"}),
            Commit({"poetry.lock": "{n}", "pyproject.toml": "{n}"}),
        ),
    )


def content_equal() -> Past:
    """A stage is built anew, and what is copied from it is the same."""
    dockerfile = """\
FROM scratch AS files
COPY a.txt /a.txt
COPY b.txt /b.txt
FROM BASE
COPY --from=files /b.txt /
RUN cat /b.txt > /c
COPY --from=files / /all/
"""
    return Past(
        "content-equal",
        (
            Commit({"Dockerfile": dockerfile, ".dockerignore": IGNORING_GIT, "a.txt": "{n} a", "b.txt": "{n} b"}),
            Commit({"a.txt": "{n} a2"}),
            Commit({"b.txt": "{n} b2"}),
            Commit({"a.txt": "{n} a"}),
            Commit({"b.txt": "{n} b", "a.txt": "{n} a3"}),
            Commit({"c.txt": "{n}"}),
        ),
    )


def copies_of_copies() -> Past:
    dockerfile = """\
FROM BASE AS sources
WORKDIR /s
COPY lib lib
COPY app/ ./app/
COPY one.txt two.txt ./
FROM BASE AS lib
COPY --from=sources /s/lib/a.c /lib/a.c
RUN cat /lib/a.c > /lib/a.o
FROM BASE
COPY --from=sources /s/app /app
COPY --from=sources /s/two.txt /two.txt
COPY --from=lib /lib/a.o /lib/a.o
"""
    return Past(
        "copies-of-copies",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "lib/a.c": "{n} a",
                    "lib/b.c": "{n} b",
                    "app/x": "{n} x",
                    "one.txt": "{n} 1",
                    "two.txt": "{n} 2",
                }
            ),
            Commit({"lib/b.c": "{n} b2"}),
            Commit({"one.txt": "{n} 3"}),
            Commit({"app/y/z": "{n} z"}),
            Commit({"lib/a.c": "{n} a2"}),
            Commit({"two.txt": "{n} 4"}),
            Commit({"lib/a.c": Mode("{n} a2")}),
        ),
        unsure=("COPY --from=lib /lib/a.o /lib/a.o",),
    )


def wildcards() -> Past:
    dockerfile = (
        "FROM BASE\nCOPY *.conf /etc/app/\nCOPY */main.py /py/\nCOPY ma[n]y* /many/\nRUN cat /etc/app/a.conf > /r\n"
    )
    return Past(
        "wildcards",
        (
            Commit({"Dockerfile": dockerfile, "a.conf": "{n}", "x/main.py": "{n}", "many/b": "{n}"}),
            Commit({"b.conf": "{n}"}),
            Commit({"y/main.py": "{n} 2"}),
            Commit({"y/other.py": "{n}"}),
            Commit({"b.conf": None, "c.conf": "{n}"}),
            Commit({"many/c/d": "{n}"}),
            Commit({"many2": "{n} m"}),
            Commit({"x/deep/main.py": "{n}"}),
        ),
    )


def ignore_file() -> Past:
    dockerfile = "FROM BASE\nCOPY src /src\nRUN cat /src/a > /r\nCOPY . /all\n"
    return Past(
        "ignore-file",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": ".git\n",
                    "src/a": "{n}",
                    "src/b.log": "{n} l",
                    "docs/a.md": "{n}",
                }
            ),
            Commit({".dockerignore": ".git\n*.md\n"}),
            Commit({".dockerignore": ".git\n**/*.log\n"}),
            Commit({"src/b.log": "{n} l2"}),
            Commit({".dockerignore": ".git\n.dockerignore\n**/*.log\n"}),
            Commit({".dockerignore": ".git\n.dockerignore\n**/*.log\n# a word\n"}),
            Commit({".dockerignore": ".git\n.dockerignore\nsrc/*\n!src/a\n**/*.md\n"}),
            Commit({"src/new": "{n}", "docs/b.md": "{n}"}),
            Commit({"img/c.md": "{n}"}),
            Commit({".dockerignore": None}),
            Commit({".dockerignore": ".git\n"}),
        ),
    )  # fmt: skip


def own_ignore_file() -> Past:
    dockerfile = "FROM BASE\nCOPY . /all\nRUN cat /all/a > /r\n"
    return Past(
        "own-ignore-file",
        (
            Commit({"docker/App.Dockerfile": dockerfile, "app/.dockerignore": "b\n", "app/a": "{n}", "app/b": "{n}"}),
            Commit({"app/b": "{n} 2"}),
            Commit({"docker/App.Dockerfile.dockerignore": "c\n"}),
            Commit({"app/b": "{n} 3"}),
            Commit({"app/c": "{n}"}),
            Commit({"docker/App.Dockerfile.dockerignore": ""}),
            Commit({"app/b": "{n} 4"}),
        ),
        context="app",
        dockerfile="docker/App.Dockerfile",
    )


def links() -> Past:
    dockerfile = (
        "FROM BASE\nCOPY config.txt /c/\nCOPY current/ /current/\nCOPY l*.txt /l/\nRUN cat /c/config.txt > /r\n"
    )
    return Past(
        "links",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    "config.txt": Link("conf/a.txt"),
                    "conf/a.txt": "{n} a",
                    "conf/b.txt": "{n} b",
                    "v1/x": "{n}",
                    "v2/x": "{n}",
                    "current": Link("v1"),
                    "l.txt": Link("conf/b.txt"),
                }
            ),
            Commit({"conf/a.txt": "{n} a2"}),
            Commit({"v2/x": "{n} 2"}),
            Commit({"current": Link("v2")}),
            Commit({"config.txt": Link("conf/b.txt")}),
            Commit({"conf/b.txt": "{n} b2"}),
            Commit({"v1/y": "{n}"}),
        ),
    )


def mounts() -> Past:
    dockerfile = """\
FROM BASE AS tools
COPY tools /tools
COPY other /other
FROM BASE
RUN --mount=type=bind,source=scripts,target=/s cat /s/a > /r
RUN --mount=type=bind,from=tools,source=/tools,target=/t cat /t/x > /q
RUN --mount=type=bind,target=/ctx cat /ctx/scripts/a > /p
RUN --mount=type=bind,source=one,target=/one,rw cat /one/x > /o
"""
    return Past(
        "mounts",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    ".dockerignore": IGNORING_GIT,
                    "tools/x": "{n}",
                    "other/x": "{n}",
                    "scripts/a": "{n}",
                    "one/x": "{n}",
                }
            ),
            Commit({"other/x": "{n} 2"}),
            Commit({"tools/y": "{n} 2"}),
            Commit({"scripts/b": "{n} 2"}),
            Commit({"one/x": "{n} 2"}),
            Commit({"rest": "{n}"}),
            Commit({"scripts/b": None}),
        ),
    )


def arguments() -> Past:
    dockerfile = """\
ARG FOLDER=one
FROM BASE AS a
ARG FOLDER
COPY ${FOLDER} /f
ARG VERSION=1
COPY two /two
RUN cat /two/x > /v
ARG UNUSED
RUN cat /v > /w
"""
    files = {"Dockerfile": dockerfile, ".dockerignore": IGNORING_GIT, "one/x": "{n} 1", "two/x": "{n} 2"}
    return Past(
        "arguments",
        (
            Commit(files),
            Commit({}, {"VERSION": "2"}),
            Commit({}, {"VERSION": "2", "UNUSED": "x"}),
            Commit({}, {"FOLDER": "two"}),
            Commit({"two/x": "{n} 3"}, {"FOLDER": "one", "VERSION": "1"}),
            Commit({"two/x": "{n} 2"}),
            Commit({}, {"NOT_DECLARED": "1"}),
        ),
    )


def heredocs() -> Past:
    first = 'FROM BASE\nENV A=1\nCOPY <<EOF <<"END" /etc/\n$A\nEOF\n$A\nEND\nCOPY f /f\nRUN <<EOF\ncat /f > /g\nEOF\n'
    return Past(
        "heredocs",
        (
            Commit({"Dockerfile": first, "f": "{n}"}),
            Commit({"f": "{n} 2"}),
            Commit({"Dockerfile": first.replace("ENV A=1", "ENV A=2")}),
            Commit({"Dockerfile": first.replace("cat /f", "cat /f /f")}),
            Commit({"Dockerfile": first}),
            Commit({"Dockerfile": first.replace("$A\nEND", "$A!\nEND")}),
        ),
    )


def git_folder() -> Past:
    """Nothing keeps git's own folder out."""
    dockerfile = "FROM BASE\nCOPY a /a\nRUN cat /a > /b\nCOPY . /all\nRUN cat /b > /c\n"
    return Past(
        "git-folder",
        (
            Commit({"Dockerfile": dockerfile, "a": "{n}"}),
            Commit({"docs/x": "{n}"}),
            Commit({"a": "{n} 2"}),
            Commit({".dockerignore": ".git\n"}),
            Commit({"a": "{n}"}),
            Commit({"a": "{n} 2"}),
        ),
    )


def parents() -> Past:
    dockerfile = "FROM BASE\nCOPY --parents services/*/package.json lib/./core/a ./\nRUN cat core/a > /r\n"
    return Past(
        "parents",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    "services/a/package.json": "{n}",
                    "services/a/index.js": "{n}",
                    "lib/core/a": "{n}",
                }
            ),
            Commit({"services/a/index.js": "{n} 2"}),
            Commit({"services/b/package.json": "{n}"}),
            Commit({"lib/core/b": "{n}"}),
            Commit({"lib/core/a": "{n} 2"}),
            Commit({"services/b/package.json": None}),
        ),
    )


def excludes() -> Past:
    dockerfile = "FROM BASE\nCOPY --exclude=*.md --exclude=docs --exclude=!keep.md src /src\nRUN cat /src/x.py > /q\n"
    return Past(
        "excludes",
        (
            Commit({"Dockerfile": dockerfile, "src/x.py": "{n}", "src/README.md": "{n}"}),
            Commit({"src/README.md": "{n} 2"}),
            Commit({"src/docs/a.txt": "{n}"}),
            Commit({"src/keep.md": "{n}"}),
            Commit({"src/deep/n.md": "{n}"}),
            Commit({"src/keep.md": None}),
        ),
    )


def add_and_link() -> Past:
    dockerfile = """\
FROM BASE
ADD start.txt /start.txt
RUN cat /start.txt > /s
COPY --link end.txt /end.txt
RUN cat /end.txt > /e
ADD more /more/
COPY --link last /last/
"""
    return Past(
        "add-and-link",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    "start.txt": "{n} s",
                    "end.txt": "{n} e",
                    "more/a": "{n}",
                    "last/a": "{n}",
                }
            ),
            Commit({"start.txt": "{n} s2"}),
            Commit({"end.txt": "{n} e2"}),
            Commit({"more/b": "{n}"}),
            Commit({"last/b": "{n}"}),
            Commit({"start.txt": "{n} s"}),
        ),
    )


def unshipped() -> Past:
    dockerfile = """\
FROM BASE AS base
COPY common /common
FROM base AS test
COPY tests /tests
RUN cat /tests/a > /t
FROM base AS app
COPY app /app
RUN cat /app/a > /a
FROM app AS debug
RUN cat /a > /d
"""
    return Past(
        "unshipped",
        (
            Commit(
                {
                    "Dockerfile": dockerfile,
                    "common/a": "{n}",
                    "tests/a": "{n}",
                    "app/a": "{n}",
                }
            ),
            Commit({"tests/a": "{n} 2"}),
            Commit({"app/a": "{n} 2"}),
            Commit({"common/b": "{n}"}),
            Commit({"common/b": None}),
            Commit({"app/a": "{n}", "tests/a": "{n}"}),
        ),
        target="app",
    )


def dockerfile_edits() -> Past:
    first = "FROM BASE\nWORKDIR /w\nCOPY a .\nENV A=1\nRUN cat a > b\nLABEL x=1\nCOPY c .\nRUN cat c > d\n"
    return Past(
        "dockerfile-edits",
        (
            Commit({"Dockerfile": first, "a": "{n}", "c": "{n} c"}),
            Commit({"Dockerfile": first.replace("LABEL x=1", "LABEL x=2")}),
            Commit({"Dockerfile": first.replace("ENV A=1", "ENV A=2")}),
            Commit({"Dockerfile": "# a comment\n" + first}),
            Commit({"Dockerfile": first.replace("RUN cat c > d", "RUN cat c  >  d")}),
            Commit({"Dockerfile": first.replace("COPY c .", "STOPSIGNAL 9\nCOPY c ./")}),
            Commit({"Dockerfile": first.replace("WORKDIR /w", "WORKDIR /v")}),
            Commit({"Dockerfile": first.replace("ENV A=1\n", "")}),
            Commit({"Dockerfile": first, "c": "{n} c2"}),
        ),
    )


def equal_outputs() -> Past:
    """RUNs in another stage run anew and write the same."""
    dockerfile = """\
FROM BASE AS build
WORKDIR /w
COPY . .
RUN cat main.c > main.o
FROM BASE
COPY --from=build /w/main.o /main.o
RUN cat /main.o > /r
"""
    return Past(
        "equal-outputs",
        (
            Commit({"Dockerfile": dockerfile, ".dockerignore": IGNORING_GIT, "main.c": "{n}", "README": "{n}"}),
            Commit({"README": "{n} 2"}),
            Commit({"main.c": "{n} 2"}),
            Commit({"README": "{n} 3"}),
            Commit({"main.c": "{n}"}),
            Commit({"README": "{n} 4"}),
        ),
        unsure=("COPY --from=build /w/main.o /main.o", "RUN cat /main.o > /r"),
    )


def kinds() -> Past:
    """A file becomes a folder, a folder a file, a link a file; odd names."""
    dockerfile = "FROM BASE\nCOPY thing /thing\nCOPY odd /odd\nRUN cat /bin/sh > /r\nCOPY all* /all/\n"
    return Past(
        "kinds",
        (
            Commit({"Dockerfile": dockerfile, "thing/a": "{n}", "odd/a b\n\u00fc": "{n}", "all": "{n}"}),
            Commit({"thing/a": None, "thing": "{n}"}),
            Commit({"odd/a b\n\u00fc": "{n} 2"}),
            Commit({"thing": None, "thing/a/b": "{n}"}),
            Commit({"all": None, "all/x": "{n}"}),
            Commit({"odd/l": Link("a b\n\u00fc")}),
            Commit({"odd/l": "a b\n\u00fc"}),
            Commit({"thing/a/b": None, "thing/a": "{n}"}),
        ),
    )


_PATHS = ("a.txt", "b.txt", "s/a.txt", "s/b.md", "s/t/c.txt", "u/a.txt", "u/v/w.md", ".x/y", "z")
_STEPS = (
    "COPY a.txt /1/", "COPY s /2", "COPY *.txt /3/", "COPY u/ s/ /4/", "COPY s/*.md /5/", "COPY . /6/",
    "COPY --from=first /keep /7/", "COPY u/v /8/", "ADD s/t /9/", "COPY s/t/c.txt /c", "COPY --link u /10/",
    "WORKDIR /11", "RUN cat /keep > /12", "RUN --mount=type=bind,source=s,target=/13 cat /keep > /14",
    "ENV E=1", "RUN --mount=type=bind,from=first,source=/keep,target=/15 cat /15 > /16", "COPY --from=first /s/t /17/",
)  # fmt: skip
_IGNORES = (".git", "*.md", "**/*.md", "s/*", "!s/b.md", "u", "!u/v", ".x", "**/t", "z", "s/t/c.txt", "!**/c.txt")


def anything(seed: int) -> Past:
    """Any steps and any changes. Files that a COPY names alone always stay."""
    chosen = random.Random(seed)
    steps = chosen.sample(_STEPS, 8)
    dockerfile = (
        "FROM BASE AS first\nCOPY keep /keep\nCOPY s /s\nFROM BASE\nCOPY keep /keep\n" + "\n".join(steps) + "\n"
    )
    files: dict[str, str | None] = {path: f"{{n}} {path}" for path in _PATHS}
    commits = [Commit({**files, "keep": "{n}", "Dockerfile": dockerfile, ".dockerignore": ".git\n"})]
    named = {"a.txt", "s/b.md", "s/t/c.txt", "u/v/w.md"}
    for number in range(7):
        changes: dict[str, str | None] = {}
        for _ in range(chosen.randint(1, 2)):
            path = chosen.choice(_PATHS)
            kind = chosen.random()
            old = files.get(path)
            if kind < 0.2 and path not in named and old is not None and path not in changes:
                changes[path] = None
            elif kind < 0.35 and old is not None:
                changes[path] = str(old) if isinstance(old, Mode) else Mode(old)
            elif kind < 0.5:
                changes[f"{path.rpartition('/')[0]}/n{number}.md".lstrip("/")] = f"{{n}} {number}"
            elif kind < 0.65:
                changes[path] = f"{{n}} {path}"
            else:
                changes[path] = f"{{n}} {path} {number}"
        if chosen.random() < 0.4:
            safe = [line for line in _IGNORES if line not in ("s/*", "u", "**/t", "s/t/c.txt", "**/*.md")]
            changes[".dockerignore"] = "\n".join(chosen.sample(safe, 3)) + "\n"
        files.update(changes)
        commits.append(Commit(changes))
    return Past(f"anything-{seed}", tuple(commits))
