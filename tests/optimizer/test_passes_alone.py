"""Passes on their own: the conditions of each, and what holds of any file."""

import json
from collections import Counter

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from dflint.context import BuildContext, MemoryFileSystem
from dflint.linter.engine import RuleSet, lint
from dflint.linter.registry import registry
from dflint.model import Model
from dflint.optimizer import Settings, optimize
from dflint.optimizer.passes import pass_names
from dflint.syntax import parse
from dflint.verify import Level, compare_models

RULES = RuleSet(
    [rule() for rule in registry().classes.values() if rule.status == "stable" and rule.name != "shellcheck"]
)


def context_of(text, files):
    return BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem({**(files or {}), "Dockerfile": text}))


def result(text, name, files=None, level="multi-stage", **settings):
    return optimize(text, context_of(text, files), Settings(level, **settings), only=[name])


def mounts(text, files=None):
    return result(text, "cache-mounts", files).text.count("--mount=type=cache")


NODE = 'FROM node:20\nWORKDIR /app\nCOPY . .\n%s\nCMD ["node", "a.js"]\n'
PYTHON = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\n%s\nCMD ["python", "a.py"]\n'
GO = (
    'FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n%s\nFROM debian:12\nCOPY --from=build /app /app\nCMD ["/app"]\n'
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (NODE % "RUN npm ci", 1),
        (NODE % "RUN npm --version", 0),
        (NODE % "RUN npm run build", 0),
        (NODE % "RUN npm ci --cache /tmp/x", 0),
        (NODE % "ENV NPM_CONFIG_CACHE=/cache\nRUN npm ci", 1),
        (NODE % "ENV NPM_CONFIG_CACHE=$NOBODY_KNOWS\nRUN npm ci", 0),
        (NODE % "ENV HOME=\"/x/\\\"y\\\"\"\nRUN npm ci", 0),
        (NODE % "RUN export npm_config_cache=/x && npm ci", 0),
        (NODE % "RUN env HOME=/x npm ci", 0),
        (NODE % "RUN npm config set cache /x && npm ci", 0),
        (NODE % "RUN npm ci --offline", 0),
        (NODE % "RUN sudo npm ci", 0),
        (NODE % "RUN --mount=type=cache,target=/root/.npm npm ci", 1),
        (NODE % "RUN --mount=type=cache,target=/root npm ci", 1),
        (NODE % "RUN --mount=type=bind,source=a,target=/root/.npm/a npm ci", 0),
        (NODE % "RUN --mount=type=tmpfs,target=/root npm ci", 0),
        (NODE % "RUN npm ci && cp -r /root/.npm /x", 0),
        (NODE % "RUN npm ci && rm -rf $HOME/.npm", 1),
        (NODE % "RUN npm ci && rm -rf $HOME/.npm /tmp/x", 0),
        (NODE % "RUN npm ci && rm -rf /root", 0),
        (NODE % "RUN npm ci; npm cache clean --force", 0),
        (NODE % "RUN npm ci && npm cache clean --force || true", 0),
        (NODE % "RUN npm ci && (npm cache clean --force)", 0),
        (NODE % "RUN npm cache clean --force && npm ci", 0),
        (NODE % "RUN npm ci\nRUN du -s /root/.npm", 0),
        (NODE % "RUN npm ci\nRUN du -s ~/.npm", 0),
        (NODE % "COPY cache /root/.npm\nRUN npm ci", 0),
        (NODE % "USER node\nRUN yarn install", 0),
        (NODE % "USER $WHO\nRUN npm ci", 0),
        (NODE % "RUN npm ci\nUSER $WHO", 1),
        ((NODE % "RUN npm ci").replace("node:20", "registry.example/team/base:1"), 0),
        ((NODE % "RUN npm ci").replace("FROM node:20", "FROM $BASE"), 0),
        (PYTHON % "RUN pip install flask", 1),
        (PYTHON % "ENV PIP_NO_CACHE_DIR=off\nRUN pip install flask", 0),
        (PYTHON % "COPY pip.conf /etc/pip.conf\nRUN pip install flask", 0),
        (PYTHON % "ENV XDG_CACHE_HOME=/c\nRUN pip install flask", 1),
        (PYTHON % "ENV POETRY_CACHE_DIR=/c\nRUN poetry install && rm -rf $POETRY_CACHE_DIR", 0),
        (PYTHON % "RUN uvx ruff && uv sync", 0),
        (GO % "RUN go mod download\nRUN go build -o /app", 3),
        (GO % "RUN go build -o /app\nRUN ./unknown.sh", 1),
        (GO % "RUN go build -o /app\nRUN templ generate", 1),
        (GO % "RUN --network=none go build -o /app", 1),
        (GO % "RUN go build -o /app && go clean -modcache -cache", 2),
        (GO % "RUN go build -o /app && go clean -cache", 2),
        (GO % 'RUN ["go", "build"]\nRUN go build -o /app', 1),
        (GO % "RUN --mount=type=cache,target=/go/pkg/mod go mod download\nRUN go build -o /app", 3),
        (GO % "ONBUILD RUN go vet\nRUN go build -o /app", 1),
        (GO.replace("COPY --from=build /app /app", "COPY --from=build / /") % "RUN go build -o /app", 1),
        (GO.replace("COPY --from=build", "RUN --mount=from=build,target=/b cp -r /b/go /\nCOPY --from=build")
         % "RUN go build -o /app", 1),
        ('FROM golang:1.23\nWORKDIR /a\nCOPY . .\nRUN go build -o /app\nCMD ["/app"]\n', 2),
        ("FROM golang:1.23\nWORKDIR /a\nCOPY . .\nRUN go build -o /app\n", 1),
        ("FROM golang:1.23\nWORKDIR /a\nCOPY . .\nRUN go build -o /app\nCMD go run .\n", 1),
        ('FROM golang:1.23\nWORKDIR /a\nCOPY . .\nRUN go build -o /app\nCMD ["./start.sh"]\n', 1),
        ("FROM rust:1\nWORKDIR /a\nCOPY . .\nRUN cargo fetch\nRUN cargo build --frozen\nCMD [\"/a\"]\n", 0),
        ("FROM rust:1\nWORKDIR /a\nENV CARGO_NET_OFFLINE=true\nCOPY . .\nRUN cargo build\nCMD [\"/a\"]\n", 0),
    ],
)  # fmt: skip
def test_conditions_of_a_mount(text, count):
    assert mounts(text) == count


@pytest.mark.parametrize(
    ("files", "run", "count"),
    [
        ({".npmrc": "cache=/x\n"}, "npm ci", 0),
        ({".npmrc": "registry=https://registry.example.org\n"}, "npm ci", 1),
        ({".npmrc": "store-dir=/x\n"}, "pnpm install", 0),
        ({"package.json": json.dumps({"packageManager": "yarn@1.22.22"})}, "corepack enable && yarn", 1),
        ({"package.json": json.dumps({"packageManager": "yarn@3.8.0"})}, "corepack enable && yarn", 0),
        ({".yarnrc.yml": "nodeLinker: node-modules\n"}, "yarn install", 0),
        ({".yarnrc.yml": "nodeLinker: node-modules\nenableGlobalCache: true\n"}, "yarn install", 1),
        ({".yarnrc.yml": "enableGlobalCache: true\n"}, "yarn install", 0),
        ({".yarnrc.yml": "nodeLinker: pnpm\nenableGlobalCache: true\ncacheFolder: x\n"}, "yarn install", 0),
    ],
)
def test_files_of_the_project_say_where_the_cache_is(files, run, count):
    assert mounts(NODE % f"RUN {run}", files) == count


@pytest.mark.parametrize(
    ("runs", "reason", "line"),
    [
        ("RUN go mod download\nRUN make", "make may need it", 5),
        ("RUN --network=none go build -o /app", "a later step has no network to fetch it anew", 4),
        ('RUN go build -o /app\nRUN ["go", "vet"]', "a command in another form may need it", 5),
        ("RUN cargo fetch\nRUN cargo build --offline", "a step counts on it without fetching what is not there", 5),
        ("RUN mvn install\nRUN mvn package -pl a", "Maven installs the project's own modules there", 4),
    ],
)
def test_refusals_have_a_line(runs, reason, line):
    text = GO % runs
    text = text.replace("golang:1.23", "rust:1" if "cargo" in runs else "maven:3" if "mvn" in runs else "golang:1.23")
    (refusal,) = result(text, "cache-mounts").refusals
    assert refusal.title.startswith("kept what ")
    assert (refusal.reason, refusal.line) == (reason, line)


def test_links_come_apart_only_above_level_safe():
    text = NODE % "RUN pnpm install"
    assert result(text, "cache-mounts", level="safe").text == text
    assert result(text, "cache-mounts").text != text


def test_dropped_words_are_told():
    changes = result(NODE % "RUN npm ci \\\n && npm cache clean --force", "cache-mounts").changes
    assert [change.title for change in changes] == ["Mount /root/.npm as a cache", "Drop npm cache clean --force"]
    assert "BuildKit" in changes[0].assumes[0]


def test_line_ends_stay():
    text = (NODE % "RUN npm ci && \\\n  npm run build").replace("\n", "\r\n")
    rewritten = result(text, "cache-mounts").text
    assert rewritten.count("\r\n") == rewritten.count("\n") == text.count("\n") + 1


DEAD = "FROM debian:12%s\nRUN touch /a\n\nFROM node:20\nCMD node a\n"


@pytest.mark.parametrize(
    ("text", "settings", "is_removed"),
    [
        (DEAD % "", {}, True),
        (DEAD % " AS test", {}, False),
        (DEAD % " AS test", {"level": "aggressive"}, True),
        (DEAD % " AS test", {"level": "aggressive", "has_siblings": True}, False),
        (DEAD % "", {"has_siblings": True}, False),
        (DEAD % "" + "COPY --from=0 /a /a\n", {}, False),
        (DEAD % "" + "COPY --from=$STAGE /a /a\n", {}, False),
        ("ARG BASE=debian\nFROM $BASE\nRUN touch /a\n" + DEAD.partition("\n\n")[2], {}, False),
        ("FROM debian:12\nRUN touch /a\nFROM debian:12 AS test\nCOPY --from=0 /a /a\nFROM node:20\n", {}, False),
    ],
)
def test_dead_stages(text, settings, is_removed):
    rewrite = result(text, "dead-stages", **settings)
    assert (rewrite.text.count("FROM") < text.count("FROM")) == is_removed
    assert any(change.assumes for change in rewrite.changes) == (is_removed and "AS test" in text)


OWNED = 'FROM debian:12\nRUN useradd -U app\n%sUSER app\nCMD ["/app/a"]\n'


@pytest.mark.parametrize(
    ("middle", "is_moved"),
    [
        ("COPY . /app\nRUN chown -R app:app /app\n", True),
        ("COPY . /app\nRUN chown -R app /app\n", False),
        ("WORKDIR /app\nCOPY . /app\nRUN chown -R app:app /app\n", False),
        ("RUN mkdir /app\nCOPY . /app\nRUN chown -R app:app /app\n", False),
        ("COPY . /srv/app\nRUN chown -R app:app /srv/app\n", False),
        ("COPY . /data\nRUN chown -R app:app /data\n", False),
        ("COPY . /app\nRUN chmod -R 755 /app\n", False),
    ],
)
def test_owner_of_a_copy(middle, is_moved):
    files = {"a": "", "b": ""}
    assert ("--chown" in result(OWNED % middle, "copy-ownership", files).text) == is_moved
    assert "--chown" not in result(OWNED % middle, "copy-ownership", files, "safe").text


@pytest.mark.parametrize(
    ("run", "is_moved"),
    [
        ("apt-get update && apt-get install -y curl", True),
        ("npm ci", False),
        ("apt-get update && apt-get install -y curl && make", False),
    ],
)
def test_order_passes_what_reads_no_arguments(run, is_moved):
    text = f"FROM node:20\nARG VCS_REF\nCOPY package.json .\nRUN {run}\nCMD node a\n"
    assert (result(text, "order").text != text) == is_moved
    assert result(text, "order", level="safe").text == text


def test_triggers_stay():
    install = "RUN apt-get update && apt-get install -y"
    text = f"FROM debian:12\nONBUILD {install} a\n{install} b\n"
    rewrite = result(text, "package-hygiene")
    assert rewrite.refusals == ()
    assert rewrite.text == text.replace("install -y b\n", "install -y b && rm -rf /var/lib/apt/lists/*\n")


def test_ignore_file_only_for_waste():
    files = {"package.json": "{}", "a.js": "", ".env": "TOKEN=abcdef0123456789abcdef\n"}
    text = NODE % "RUN npm ci"
    rewrite = result(text, "ignore-file", files)
    assert rewrite.text == text
    assert ".env" in (rewrite.dockerignore or "").splitlines()
    assert result(text, "ignore-file", files, "safe").dockerignore is None
    assert result(text, "ignore-file", {"package.json": "{}", "a.js": ""}).dockerignore is None


def test_ignore_file_keeps_what_another_dockerfile_needs():
    files = {
        "package.json": "{}", "a.js": "", ".env": "TOKEN=abcdef0123456789abcdef\n",
        "Dockerfile.other": "FROM node:20\nCOPY .env /\n",
    }  # fmt: skip
    assert result(NODE % "RUN npm ci", "ignore-file", files).dockerignore is None


ALONE = [name for name in pass_names() if name not in ("split-stages", "prune-dev-dependencies", "minimal-base")]
LINES = st.sampled_from((
    "RUN npm ci", "RUN npm ci && npm cache clean --force", "RUN npm install \\\n  && npm run build",
    "RUN yarn install && yarn cache clean", "RUN pnpm install", "RUN pip install --no-cache-dir flask",
    "RUN pip install \\\n    --no-cache-dir \\\n    flask", "RUN uv sync --no-cache", "RUN go mod download",
    "RUN go build -o /app && go clean -modcache", "RUN cargo build --release", "RUN mvn package", "RUN make",
    "RUN apt-get update", "RUN apt-get install -y gcc && rm -rf /var/lib/apt/lists/*", "RUN rm -rf /root/.cache",
    "RUN --mount=type=cache,target=/root/.npm npm ci", "RUN <<EOF\nset -e\nnpm ci\nnpm cache clean --force\nEOF",
    "RUN bundle install", "RUN composer install --no-cache", "RUN dotnet restore", "RUN dotnet publish --no-restore",
    "USER node", "USER root", "USER 1234", "WORKDIR /app", "ENV HOME=/home/x", "ENV XDG_CACHE_HOME=/c", "ARG VCS_REF",
    "COPY . .", "ADD a.js /app/", "COPY package.json ./", "COPY --from=build /root /root", "RUN chown -R 1:1 /app",
    "FROM node:20 AS build", "FROM build", "FROM debian:12", "ENV GOPATH=/go", "# a comment", "run useradd x",
))  # fmt: skip
BASES = st.sampled_from(("node:20", "python:3.12-slim", "golang:1.23 AS build", "rust:1", "ruby:3.3", "debian:12"))


@given(BASES, st.lists(LINES, max_size=10), st.sampled_from(ALONE), st.sampled_from(("\n", "\r\n")))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_file_parses_keeps_its_configuration_and_gets_no_new_findings(base, lines, name, newline):
    text = newline.join([f"FROM {base}", *lines, 'CMD ["node", "a.js"]', ""])
    files = {"package.json": "{}", "package-lock.json": "{}", "a.js": ""}
    rewrite = result(text, name, files)
    tree = parse(rewrite.text)
    assert tree.problems == () or rewrite.text == text
    if tree.problems:
        return
    models = [Model(parse(text), context_of(text, files)), Model(tree, context_of(text, files))]
    assert [r for r in compare_models(*models).reasons if r.level == Level.CONFIGURATION_EQUAL] == []
    assert result(rewrite.text, name, files).text == rewrite.text
    if name == "cache-mounts":
        before, after = (Counter(finding.name for finding in lint(model, RULES).findings) for model in models)
        # Two RUNs that differed by a mount, or by what was dropped, are the same now, or may be joined.
        assert set(after - before) <= {"duplicate-instruction", "unmerged-runs"}
