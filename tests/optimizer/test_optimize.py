"""The passes together: refusals, levels, guards, idempotence."""

import json

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from dflint.context import BuildContext, MemoryFileSystem
from dflint.model import Model
from dflint.optimizer import Settings, optimize
from dflint.optimizer.draft import Outcome
from dflint.optimizer.evidence import BuildEvidence
from dflint.optimizer.passes import load, pass_names
from dflint.syntax import parse
from dflint.verify import Level, compare_models

NODE = {
    "package.json": json.dumps({
        "scripts": {"build": "tsc", "start": "node dist/a.js", "dev": "nodemon"},
        "dependencies": {"koa": "2"},
        "devDependencies": {"typescript": "5", "lodash": "4"},
    }),
    "package-lock.json": "{}",
    "src/a.ts": 'import koa from "koa";\n',
    ".dockerignore": "node_modules\ndist\n",
}  # fmt: skip


def optimized(text, files=None, level="multi-stage", path="Dockerfile", **more):
    context = BuildContext.for_dockerfile(path, MemoryFileSystem({**(files or {}), path: text}))
    return optimize(text, context, Settings(level, path), **more)


def refusals(rewrite):
    return " / ".join(f"{refusal.title}: {refusal.reason}" for refusal in rewrite.refusals)


BUILD = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM node:20\nRUN npm ci\n", "no CMD or ENTRYPOINT"),
        ("FROM node:20@sha256:" + "0" * 64 + "\nRUN npm ci\nCMD node a\n", "pinned by a digest"),
        ("FROM node:18-onbuild\nCMD node a\n", "ONBUILD"),
        (BUILD + "ONBUILD RUN x\nCMD node a\n", "ONBUILD"),
        (BUILD + 'SHELL ["pwsh", "-c"]\nCMD node a\n', "shell"),
        (BUILD + "ADD https://example.org/x /x\nCMD node a\n", "network"),
        (BUILD + "RUN ./unknown\nCMD node a\n", "./unknown cannot be read, and may write anywhere"),
        (BUILD + "CMD make run\n", "CMD runs make"),
        (BUILD + "CMD $APP\n", "not known before it runs"),
        (BUILD + "CMD supervisord\n", "configuration"),
        (BUILD + "HEALTHCHECK CMD gcc --version\nCMD node a\n", "gcc"),
        ("FROM maven:3-eclipse-temurin-17\nWORKDIR /a\nCOPY . .\nRUN mvn package\nCMD mvn exec:java\n", "mvn"),
        ("FROM golang:1.22\nWORKDIR /a\nCOPY . .\nRUN go build\nCMD go run .\n", "go"),
        ("FROM openjdk:17\nWORKDIR /a\nCOPY . .\nRUN javac A.java\nCMD java A\n", "same make"),
        ("FROM node:20-slim\nWORKDIR /a\nCOPY . .\nRUN npm ci\nCMD node a\n", "base is light"),
        ("FROM $BASE\nRUN npm ci\nCMD node a\n", "nothing is known of its base"),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN x\nCMD y\n", "Windows"),
        ("FROM node:20\nWORKDIR /app\nCOPY . .\nRUN tar -xf a -C /usr/local\nCMD node a\n", "nobody knows what"),
    ],
)
def test_refused_with_a_reason(text, reason):
    rewrite = optimized(text, NODE)
    assert " AS " not in rewrite.text
    assert "-slim" not in rewrite.text or "-slim" in text
    assert reason in refusals(rewrite)


@pytest.mark.parametrize("path", ["Dockerfile.dev", "dev.Dockerfile"])
def test_images_to_develop_in_are_left(path):
    assert "develop" in refusals(optimized(BUILD + "CMD node a\n", NODE, path=path))


def test_syntax_errors_are_left():
    rewrite = optimized("FROM node:20\nCOPY a\n")
    assert rewrite.text == rewrite.original
    assert "left the file as it is" in refusals(rewrite)


def test_a_tool_that_sources_start_is_installed():
    files = {"requirements.txt": "flask\n", "a.py": 'import subprocess\nsubprocess.run(["git", "log"])\n'}
    text = "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD python a.py\n"
    rewrite = optimized(text, files)
    assert "install -y --no-install-recommends git" in rewrite.text


def test_a_compiler_that_sources_start_keeps_the_image():
    files = {"requirements.txt": "flask\n", "a.py": 'import os\nos.system("gcc x.c")\n'}
    text = "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD python a.py\n"
    assert "a.py starts gcc" in refusals(optimized(text, files))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"src/a.ts": 'import koa from "koa";\nimport _ from "lodash";\n'}, "lodash, a development dependency"),
        ({"src/a.ts": "const m = require(name);\n"}, "computed names"),
        ({"package.json": NODE["package.json"].replace('"scripts"', '"workspaces": ["a"], "scripts"')}, "workspaces"),
    ],
)
def test_development_dependencies_stay(files, reason):
    rewrite = optimized(BUILD + 'CMD ["node", "dist/a.js"]\n', NODE | files)
    assert "prune" not in rewrite.text
    assert reason in refusals(rewrite)


def test_development_dependencies_stay_for_what_starts_with_them():
    rewrite = optimized(BUILD + 'CMD ["npm", "run", "dev"]\n', NODE)
    assert "prune" not in rewrite.text
    assert "nodemon" in refusals(rewrite)


def test_levels():
    text = BUILD + 'CMD ["node", "dist/a.js"]\n'
    assert " AS build" not in optimized(text, NODE, "safe").text
    assert " AS build" in optimized(text, NODE, "multi-stage").text


GO = "FROM golang:1.22\nWORKDIR /src\n%sCOPY . .\nRUN %sgo build -o /app .\n%s\n"


@pytest.mark.parametrize(
    ("env", "build", "start", "reason"),
    [
        ("ENV CGO_ENABLED=0\n", "", 'ENTRYPOINT ["/app"]', ""),
        ("", "CGO_ENABLED=0 ", 'ENTRYPOINT ["/app"]', ""),
        ("", "", 'ENTRYPOINT ["/app"]', "CGO_ENABLED=0 is not set"),
        ("ENV CGO_ENABLED=0\n", "", "ENTRYPOINT /app", "needs a shell"),
        ("ENV CGO_ENABLED=0\n", "", 'USER web\nENTRYPOINT ["/app"]', "the user is named"),
    ],
)
def test_minimal_base_only_when_asked_for(env, build, start, reason):
    text = GO % (env, build, start)
    files = {"go.mod": "module a\n", "main.go": "package main\n"}
    assert "distroless" not in optimized(text, files).text
    rewrite = optimized(text, files, "aggressive")
    assert ("FROM gcr.io/distroless/static-debian12" in rewrite.text) == (not reason)
    assert reason in refusals(rewrite)


def test_only_and_skip():
    text = BUILD + 'CMD ["node", "dist/a.js"]\n'
    assert {c.pass_name for c in optimized(text, NODE, only=["split-stages"]).changes} == {"split-stages"}
    assert "split-stages" not in {c.pass_name for c in optimized(text, NODE, skip=["split-stages"]).changes}
    with pytest.raises(KeyError):
        optimized(text, NODE, only=["no-such-pass"])


def test_evidence_takes_the_place_of_what_is_not_known():
    text = BUILD + "RUN ./unknown\nCMD node dist/a.js\n"
    evidence = BuildEvidence({text.index("RUN ./unknown"): ("/opt/tool",)})
    assert "COPY --from=build /opt/tool /opt/tool" in optimized(text, NODE, evidence=evidence).text


def test_what_a_build_lacked_is_added():
    text = BUILD + "CMD node dist/a.js\n"
    evidence = BuildEvidence(packages=("libpq5",), missing=("/opt/data",))
    rewritten = optimized(text, NODE, evidence=evidence).text
    assert "COPY --from=build /opt/data /opt/data" in rewritten
    assert "libpq5" in rewritten


def test_a_result_that_starts_in_another_way_is_withheld(monkeypatch):
    class Bad:
        name, level, description = "plain-copy", "safe", ""

        def run(self, draft):
            return Outcome(text=draft.text.replace("CMD node", "CMD nodejs"))

    monkeypatch.setattr("dflint.optimizer.pipeline.load", lambda name: Bad() if name == "plain-copy" else load(name))
    rewrite = optimized("FROM node:20-slim\nCMD node a\n")
    assert rewrite.text == rewrite.original
    assert "withheld the result" in refusals(rewrite)


def test_all_passes_are_described():
    for name in pass_names():
        step = load(name)
        assert step.name == name
        assert step.description.endswith(".")


LINES = st.sampled_from((
    "RUN npm ci", "RUN npm run build", "COPY . .", "COPY package.json ./", "RUN apt-get update",
    "RUN apt-get update && apt-get install -y gcc git", "RUN apt-get install -y make", "USER node", "USER root",
    "WORKDIR /app", "WORKDIR sub", "ENV A=b C=d", "ARG X=1", "LABEL a=b", "EXPOSE 80", "VOLUME /data", "RUN make",
    "RUN useradd x", "RUN chown -R node /app", "COPY a.sh /usr/local/bin/", "RUN chmod +x /usr/local/bin/a.sh",
    "RUN mkdir -p /data && chown node /data", "HEALTHCHECK NONE", "STOPSIGNAL SIGINT", "RUN rm -rf src",
    "# a comment", "", "RUN pip install flask", "RUN echo $A > /etc/a", "COPY --chown=node . /srv/",
))  # fmt: skip
BASES = st.sampled_from(("node:20", "python:3.11", "golang:1.22", "debian:12", "node:20-alpine", "gcc:12", "ruby:3.3"))
ENDS = st.sampled_from(('CMD ["node", "a.js"]', "CMD node a.js", 'ENTRYPOINT ["./a.sh"]', "CMD python a.py", ""))


@given(BASES, st.lists(LINES, max_size=12), ENDS)
@hypothesis_settings(max_examples=150, deadline=None)
def test_any_file_keeps_its_start_and_is_done_after_one_time(base, lines, end):
    text = "\n".join([f"FROM {base}", *lines, end]) + "\n"
    files = {**NODE, "a.sh": '#!/bin/sh\nexec "$@"\n', "Makefile": "all:\n", "a.js": "", "a.py": ""}
    rewrite = optimized(text, files)
    tree = parse(rewrite.text)
    assert not tree.problems
    reasons = compare_models(Model(parse(text)), Model(tree)).reasons
    assert [r for r in reasons if r.level == Level.CONFIGURATION_EQUAL and r.subject != "config.WorkingDir"] == []
    assert optimized(rewrite.text, files).text == rewrite.text
