"""What a proposed ignore file takes away, and what it never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from dflint.context import BuildContext, MemoryFileSystem
from dflint.context.dockerignore import parse_ignore
from dflint.model import Model
from dflint.model.context_reads import context_reads
from dflint.syntax import parse
from dflint.waste.proposal import HEAVY, Proposal, propose

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE = "FROM node:22\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nCMD node src/a.js\n"
KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n"


def context_of(files: Mapping[str, str], dockerfile: str) -> BuildContext:
    return BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem({**files, "Dockerfile": dockerfile}))


def proposed(dockerfile: str, files: Mapping[str, str]) -> Proposal:
    context = context_of(files, dockerfile)
    return propose(context, [Model(parse(dockerfile), context, "Dockerfile")])


def patterns(dockerfile: str, files: Mapping[str, str]) -> set[str]:
    return {line.pattern for line in proposed(dockerfile, files).lines}


def test_node() -> None:
    files = {
        "package.json": "{}", "src/a.js": "", ".git/HEAD": "", "node_modules/a/b.js": "12", ".env": "DB_PASSWORD=x",
        ".env.example": "DB_PASSWORD=x", "README.md": "",
    }  # fmt: skip
    made = proposed(NODE, files)
    assert made.new == (
        "# Version control: no RUN asks for the history.\n.git\n\n"
        "# Secrets: who gets the image gets them.\n.env\n\n"
        "# Dependencies of this machine: the image installs its own.\nnode_modules\n\n"
        "# What describes the build is no part of the image, and a change of it would spoil the cache.\n"
        ".dockerignore\nDockerfile\n"
    )
    assert [line.amount for line in made.lines if line.pattern == "node_modules"] == [(1, 2)]


def test_lines_that_are_there_stay() -> None:
    old = "\ufeff# mine\r\n!keep\r\n*.log\r\nnode_modules"
    made = proposed(NODE, {"package.json": "{}", ".git/HEAD": "", "node_modules/a": "", ".dockerignore": old})
    assert made.new.startswith(old + "\r\n\r\n# Version")
    assert "\n" not in made.new.replace("\r\n", "") and "node_modules" not in made.new[len(old) :]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("COPY .git/HEAD /head", ".git/HEAD"),
        ("RUN git describe > /v", ".git/HEAD"),
        ("RUN --mount=type=bind,source=.git,target=/g true", ".git/HEAD"),
        ("ADD .e* /", ".env"),
        ("CMD . ./.env && run", ".env"),
        ("COPY node_modules /n", "node_modules/a"),
        ("COPY ./certs/a.key /k", "certs/a.key"),
    ],
)
def test_what_is_named_stays(line: str, path: str) -> None:
    files = {"package.json": "{}", path: "API_KEY=1" if path == ".env" else KEY}
    with_line = f"{NODE}{line}\n"
    assert not any(path.startswith(pattern) for pattern in patterns(with_line, files))
    assert any(path.startswith(pattern) for pattern in patterns(NODE, files))


def test_git_stays_if_the_build_of_the_project_asks_for_it() -> None:
    python = "FROM python:3\nCOPY . .\nRUN pip install .\n"
    files = {".git/HEAD": "", "pyproject.toml": "[build-system]\nrequires = ['setuptools-scm']\n"}
    assert ".git" not in patterns(python, files)
    assert ".git" in patterns(python, {**files, "pyproject.toml": ""})


def test_dependencies_stay_where_the_image_installs_none() -> None:
    files = {"package.json": "{}", "node_modules/a": ""}
    assert "node_modules" not in patterns("FROM node:22\nCOPY . .\n", files)
    # Another stage's install is of no use to this one.
    other = "FROM node:22 AS test\nCOPY . .\nRUN npm ci\nFROM node:22\nCOPY . .\nCMD node a.js\n"
    assert "node_modules" not in patterns(other, files)
    brought = other.replace("CMD", "COPY --from=test /node_modules node_modules\nCMD")
    assert "node_modules" in patterns(brought, files)
    inherited = "FROM node:22 AS base\nCOPY . .\nFROM base\nRUN npm ci\n"
    assert "node_modules" in patterns(inherited, files)


def test_outputs_that_may_be_sources_need_gits_word() -> None:
    dockerfile = "FROM node:22\nCOPY . .\nRUN npm ci && npm run build\nCMD node dist/a.js\n"
    files = {"package.json": "{}", "dist/a.js": ""}
    assert "dist" not in patterns(dockerfile, files)
    assert "dist" in patterns(dockerfile, {**files, ".gitignore": "/dist/\n"})
    assert "dist" not in patterns(dockerfile.replace(" && npm run build", ""), {**files, ".gitignore": "/dist/\n"})


def test_a_pattern_for_all_depths_is_narrowed_to_what_is_waste() -> None:
    files = {"package.json": "{}", "node_modules/a": "", "web/package.json": "{}", "web/node_modules/b": "",
             ".gitignore": "node_modules/\n"}  # fmt: skip
    assert "**/node_modules" in patterns(NODE, files)
    # One without a manifest beside it is somebody's source.
    files["fixtures/node_modules/c"] = ""
    assert {"node_modules", "web/node_modules"} <= patterns(NODE, files)
    assert "**/node_modules" not in patterns(NODE, files)


def test_an_exception_that_names_it_is_respected() -> None:
    files = {"package.json": "{}", ".env": "API_KEY=1", "venv/pyvenv.cfg": ""}
    assert {".env", "venv"} <= patterns(NODE, {**files, ".dockerignore": "x\n"})
    files["src/__pycache__/a.pyc"] = ""
    made = patterns(NODE, {**files, ".dockerignore": "*\n!.env\n!venv\n!src/**\n!package.json\n"})
    assert made == {"**/__pycache__"}


def test_large_things_that_nothing_reads() -> None:
    files = {"src/a": "", "data/big": "x" * HEAVY, "small": "x", "media/in/b": "x" * HEAVY, "dumps/c": "x" * HEAVY}
    dockerfile = "FROM a\nCOPY src /src\nCOPY media/*/b /b\nRUN --mount=type=bind,source=dumps,target=/d true\n"
    assert patterns(dockerfile, files) == {"data"}
    assert patterns(dockerfile + "ARG X\nCOPY $X /x\n", files).isdisjoint({"data"})
    assert patterns(dockerfile + "COPY . /all\n", files).isdisjoint({"data"})


@pytest.mark.parametrize(
    "name", ["a b", "#x", "!x", "[x]", "x*", "x?", "x\\y", "x\ny", " x", "x ", "tab\tx", "ü", "^x"]
)
def test_odd_names(name: str) -> None:
    files = {f"{name}/pyvenv.cfg": "", f"{name}/lib/x": "", "other/x": ""}
    made = proposed("FROM a\nCOPY . /x\n", files)
    context = context_of({**files, ".dockerignore": made.new}, "")
    assert sorted(entry.path for entry in context.files("**/x")) == ["other/x"]
    assert parse_ignore(made.new).problems == ()


# Any context, any Dockerfile

WASTE = frozenset((".git", ".env", "node_modules", "__pycache__", "venv", "target", "Dockerfile", ".dockerignore"))
"""All that may go of what these contexts hold."""
SOURCES = ("src", "docs", "a.txt", "package.json", "Cargo.toml", "lib", "x.pyc")
NAMES = st.sampled_from((*SOURCES, *sorted(WASTE - {"Dockerfile", ".dockerignore"})))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
CONTENT = st.sampled_from(("", "x", "API_KEY=1", KEY))
WORDS = st.one_of(PATHS, PATHS.map(lambda p: p[:-1] + "*"), st.sampled_from((".", "*", "src/*", "$X", "./", "/")))
LINES = st.one_of(
    WORDS.map(lambda w: f"COPY {w} /to/"),
    WORDS.map(lambda w: f"ADD ./{w} /to/"),
    st.tuples(WORDS, WORDS).map(lambda w: f"COPY --chown=1 {w[0]} {w[1]} /to/"),
    PATHS.map(lambda p: f"RUN --mount=type=bind,source={p},target=/m true"),
    PATHS.map(lambda p: f"COPY --parents ./{p} /to/"),
    st.sampled_from(("RUN npm ci", "RUN cargo build", "RUN git describe", "FROM b", "FROM one AS two", "CMD cat .env")),
)
IGNORED = st.lists(
    st.one_of(
        PATHS, PATHS.map(lambda p: "!" + p), st.sampled_from(("*", "!src", "**/x.pyc", "!**/node_modules", "# c"))
    ),
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(PATHS, CONTENT, max_size=10), st.lists(LINES, max_size=6), IGNORED)
def test_no_source_is_lost(files: dict[str, str], lines: list[str], ignored: list[str]) -> None:
    names = list(files)
    files = {name: files[name] for name in names if not any(other.startswith(f"{name}/") for other in names)}
    if ignored:
        files[".dockerignore"] = "\n".join(ignored)
    dockerfile = "\n".join(["FROM a AS one", *lines, ""])
    before = context_of(files, dockerfile)
    model = Model(parse(dockerfile), before, "Dockerfile")
    made = propose(before, [model])
    after = context_of({**files, ".dockerignore": made.new} if made.is_change else files, dockerfile)

    for path in {entry.path for entry in before.walk()} - {entry.path for entry in after.walk()}:
        assert not WASTE.isdisjoint(path.split("/")) or before.entry(path).kind == "dir", made.new  # type: ignore[union-attr]
    for read in context_reads(model, only_built=False):
        if read.source in (None, "", "*", "."):
            continue
        roots = {entry.path for entry in read.roots(before)}
        kept = {entry.path for entry in read.roots(after)}
        if "*" not in (read.source or ""):
            assert roots == kept, made.new
        assert bool(roots) == bool(kept), made.new
        for root in kept:
            inside = {entry.path for entry in before.walk(root)} - {entry.path for entry in after.walk(root)}
            for path in inside:
                parts = path[len(root) :].strip("/").split("/")
                assert not WASTE.isdisjoint(parts), made.new
    # A second run has nothing to add.
    again = Model(parse(dockerfile), after, "Dockerfile")
    assert not propose(after, [again]).is_change, made.new
