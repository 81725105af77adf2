"""``dflint cache``."""

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

NODE = """\
FROM node:22 AS build
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build

FROM nginx:1.27
COPY --from=build /app/dist /html
"""
FILES = {"package.json": "{}", "package-lock.json": "{}", "src/a.js": "", ".dockerignore": ".git\nnode_modules\n"}


@pytest.fixture
def git(tmp_path, environment):
    settings = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }

    def call(*arguments):
        subprocess.run(
            ["git", *arguments], cwd=tmp_path, env={**environment, **settings}, check=True, capture_output=True
        )

    return call


@pytest.fixture
def commit(git, write, tmp_path):
    """Commit files."""

    def call(files):
        if not (tmp_path / ".git").exists():
            git("init", "-q")
        for path, text in files.items():
            write(path, text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "a commit")

    return call


@pytest.fixture
def project(commit):
    """Twenty commits, two of them with another package.json."""
    commit({"Dockerfile": NODE, **FILES})
    for number in range(20):
        commit({"src/a.js": str(number)} | ({"package.json": f'{{"a": {number}}}'} if number % 10 == 5 else {}))


def test_table_and_sentences(dflint, project):
    code, out, err = dflint("cache")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[0].startswith("Dockerfile: this Dockerfile over the last 20 commits (to ")
    assert "Note: base images are taken to be the same in all builds." in lines
    assert [re.sub(r"\s+", " ", line) for line in lines if re.match(r" *\d", line)] == [
        " 2 [build] WORKDIR /app 0",
        " 3 [build] COPY . . 20 ████████████████████████",
        " 4 [build] RUN npm ci 20 ████████████████████████",
        " 5 [build] RUN npm run build 20 ████████████████████████",
        " 8 [stage-1] COPY --from=build /app/dist /html 0-20 ░░░░░░░░░░░░░░░░░░░░░░░░",
    ]
    assert (
        "RUN npm ci (line 4) ran anew in 20 of the last 20 commits, because of COPY . . (line 3);"
        " package-lock.json, package.json changed in 2."
    ) in lines
    assert "COPY . . (line 3) had new files in 20 of 20 commits: . (src in 20, package.json in 2)." in lines
    assert lines[-2:] == [
        "Copy the manifests first, the rest after the install, line 3:",
        "  RUN npm ci: 20 -> 2 of 20",
    ]


def test_color_and_commits(dflint, project):
    out = dflint("cache", "--color", "always", "--commits", "5")[1]
    assert "over the last 5 commits" in out
    assert "\x1b[31m" in out


def test_narrow_encoding(dflint, project):
    out = dflint("cache", env={"PYTHONIOENCODING": "ascii"}.items())[1]
    assert out.isascii()
    assert "  20  ########################" in out


def test_json(dflint, project):
    code, out, err = dflint("cache", "--format", "json", "--no-cache")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["schema"] == 1
    assert data["history"]["commits"] == data["history"]["built"] == 20
    steps = {step["text"]: step for step in data["steps"]}
    assert steps["RUN npm ci"] == {
        "line": 4,
        "stage": "build",
        "number": 4,
        "instruction": "RUN",
        "text": "RUN npm ci",
        "ran": 20,
        "maybe": 0,
        "own": 0,
        "cause": 3,
        "sources": [],
        "outcomes": "r" * 20,
        "manifests": {"paths": ["package-lock.json", "package.json"], "changed": 2},
    }
    assert steps["COPY . ."]["sources"][0]["parts"][0] == {"name": "src", "changed": 20}
    (advice,) = data["advice"]
    assert advice["savings"] == [{"text": "RUN npm ci", "line": 4, "before": 20, "after": 2, "built_after": 20}]


def test_json_follows_its_schema(dflint, project, write, tmp_path):
    schema = json.loads((Path(__file__).parents[2] / "docs" / "cache-report.schema.json").read_text())
    vertex = {"name": "[build 4/5] RUN npm ci", "started": "2026-01-01T00:00:00Z", "completed": "2026-01-01T00:00:01Z"}
    write("build.log", json.dumps({"vertexes": [vertex]}))
    write("other/Dockerfile", "FROM a\nCOPY x /\n")
    write("other/x", "")
    for arguments in ((), ("--timings", "build.log"), ("--past-dockerfiles",), ("other/Dockerfile",)):
        jsonschema.validate(json.loads(dflint("cache", "--format", "json", *arguments)[1]), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1}, schema)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.attributes = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def test_page_escapes_and_loads_nothing(dflint, commit):
    evil = "<script>alert(1)</script>"
    dockerfile = f"FROM a\nCOPY . /\nRUN echo '{evil}' \"&amp;\" && npm ci\n"
    commit({"Dockerfile": dockerfile, "package.json": "{}", ".dockerignore": ".git", "<b>&'\".js": ""})
    commit({"<b>&'\".js": "2"})
    code, out, _ = dflint("cache", "--format", "html")
    assert code == 0
    assert "<script" not in out
    assert "<b>" not in out
    page = Page(out)
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "br", "table", "thead", "tbody", "tr", "th",
        "td", "code", "svg", "rect", "ul", "li", "span", "details", "summary", "pre",
    }  # fmt: skip
    assert evil in page.text
    assert '"&amp;"' in page.text
    assert "<b>&'\".js in 1" in page.text
    assert not [name for name, _ in page.attributes if name in ("src", "href", "onclick")]
    assert "prefers-color-scheme" in out
    assert "default-src 'none'" in out


def test_timings(dflint, project, write):
    vertex = {
        "name": "[build 4/5] RUN npm ci",
        "started": "2026-01-01T00:00:00Z",
        "completed": "2026-01-01T00:00:30.5Z",
    }
    write("build.log", json.dumps({"vertexes": [vertex]}) + "\n")
    out = dflint("cache", "--timings", "build.log")[1]
    assert re.search(r"RUN npm ci +20 +30\.5 +610\.0 ", out)
    assert "All steps that ran anew: 10 min in 20 builds." in out
    data = json.loads(
        dflint("cache", "--timings", "-", "--format", "json", stdin=(json.dumps({"vertexes": [vertex]})).encode())[1]
    )
    assert data["lost_seconds"] == 610
    write("empty.log", "")
    code, _, err = dflint("cache", "--timings", "empty.log")
    assert (code, err) == (
        2,
        "dflint: empty.log: it holds no progress of a build: write it with docker buildx build --progress=rawjson\n",
    )
    assert dflint("cache", "--timings", "nowhere")[0] == 2


def test_timings_of_a_single_stage(dflint, commit, write):
    """The progress of a file with one stage has no name for it, or one."""
    commit({"Dockerfile": "FROM a\nCOPY . /\n", "a": "1"})
    commit({"a": "2"})
    for name in ("[2/2] COPY . /", "[stage-0 2/2] COPY . /"):
        vertex = {"name": name, "started": "2026-01-01T00:00:00Z", "completed": "2026-01-01T00:00:02Z"}
        write("log", json.dumps({"vertexes": [vertex]}))
        assert json.loads(dflint("cache", "--timings", "log", "--format", "json")[1])["lost_seconds"] == 2


def test_target_and_build_arguments(dflint, commit):
    commit({"Dockerfile": "ARG D=a\nFROM x AS one\nARG D\nCOPY $D /\nFROM x\nRUN b\n", "a": "1", "b": "1"})
    commit({"b": "2"})
    ran = {
        arguments: json.loads(dflint("cache", "--format", "json", *arguments)[1])["steps"][0]["ran"]
        for arguments in (("--target", "one"), ("--target", "one", "--build-arg", "D=b"))
    }
    assert list(ran.values()) == [0, 1]
    assert dflint("cache", "--target", "nope")[0] == 2


def test_context_elsewhere(dflint, commit, write):
    commit({"docker/Dockerfile": "FROM a\nCOPY app /\n", "app/x": "1"})
    commit({"app/x": "2"})
    assert "In 1 of them it cannot be built, for lack of app (1)." in dflint("cache", "docker/Dockerfile")[1]
    assert (
        "COPY app / (line 2) had new files in 1 of 1 commit"
        in dflint("cache", "docker/Dockerfile", "--context", ".")[1]
    )
    write("dflint.toml", 'context = "."\n')
    assert "COPY app / (line 2) had new files in 1 of 1 commit" in dflint("cache", "docker/Dockerfile")[1]
    code, _, err = dflint("cache", "docker/Dockerfile", "--context", "nowhere")
    assert (code, err) == (2, "dflint: nowhere: is no folder\n")


def test_past_dockerfiles(dflint, commit):
    commit({"Dockerfile": "FROM a\nRUN x\n", "a": ""})
    commit({"Dockerfile": "FROM a\nRUN y\n"})
    assert "the Dockerfile of each commit" in dflint("cache", "--past-dockerfiles")[1]
    steps = json.loads(dflint("cache", "--past-dockerfiles", "--format", "json")[1])["steps"]
    assert steps[0]["outcomes"] == "r"
    assert json.loads(dflint("cache", "--format", "json")[1])["steps"][0]["outcomes"] == "c"


def test_git_folder_in_the_context(dflint, commit):
    commit({"Dockerfile": "FROM scratch\nCOPY . /\n", "a": ""})
    commit({})
    told = "Note: no ignore file keeps .git out: it is copied with the context, and changes with every commit.\n"
    out = dflint("cache")[1]
    assert told in out
    assert re.search(r"COPY \. / +1 ", out)
    commit({".dockerignore": ".git\n"})
    assert told not in dflint("cache")[1]


def test_no_history(dflint, write):
    for path, text in {"Dockerfile": NODE, **FILES}.items():
        write(path, text)
    code, out, err = dflint("cache")
    assert (code, err) == (0, "")
    assert out.startswith("Dockerfile: no history: the folder is in no git repository\n")
    assert re.search(r"RUN npm ci +again +again", out)
    data = json.loads(dflint("cache", "--format", "json")[1])
    assert data["history"] == {"available": False, "reason": "the folder is in no git repository"}
    steps = {step["text"]: step for step in data["steps"]}
    assert steps["WORKDIR /app"]["runs_when_source_changes"] == "no"
    assert steps["RUN npm ci"]["runs_when_manifest_changes"] == "yes"
    assert "from the cache" in dflint("cache", "--format", "html")[1]


def test_one_commit_and_nothing_tracked(dflint, commit, git, write):
    write("Dockerfile", NODE)
    git("init", "-q")
    assert "the git repository has no commit yet" in dflint("cache")[1]
    commit({"a": ""})
    assert "there is but one commit" in dflint("cache")[1]
    write("new/Dockerfile", NODE)
    assert "no file of the context is in git" in dflint("cache", "new/Dockerfile")[1]


def test_fix(dflint, project, tmp_path):
    code, out, err = dflint("cache", "--diff")
    assert (code, err) == (1, "")
    assert "+COPY package.json package-lock.json ./\n" in out
    assert (tmp_path / "Dockerfile").read_text() == NODE
    code, out, err = dflint("cache", "--fix")
    assert (code, err) == (0, "")
    assert "RUN npm ci: 20 -> 2 of 20" in out
    assert (tmp_path / "Dockerfile").read_text() == NODE.replace(
        "COPY . .\nRUN npm ci\n", "COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"
    )
    assert dflint("cache", "--diff") == (0, "", "dflint: Dockerfile: no fix that would save something\n")


def test_unsafe_fixes_need_their_flag(dflint, commit, tmp_path):
    dockerfile = NODE.replace("npm ci", "npm install")
    commit({"Dockerfile": dockerfile, **FILES})
    commit({"src/a.js": "2"})
    assert dflint("cache", "--diff") == (0, "", "dflint: Dockerfile: no fix; see --unsafe-fixes\n")
    assert "(unsafe fix)" in dflint("cache")[1]
    assert dflint("cache", "--diff", "--unsafe-fixes")[0] == 1
    assert (tmp_path / "Dockerfile").read_text() == dockerfile


def test_a_fix_that_saves_nothing_is_not_told(dflint, commit):
    commit({"Dockerfile": NODE, **FILES})
    commit({"package.json": '{"a": 1}'})
    assert "Copy the manifests first" not in dflint("cache")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "dflint: nowhere: No such file or directory\n"),
        (("broken",), "dflint: broken: line 2: unknown instruction 'RUNN' (did you mean RUN?)\n"),
        ((), "dflint: no Dockerfile in this folder\n"),
    ],
)
def test_what_cannot_be_read(dflint, write, arguments, message):
    write("broken", "FROM a\nRUNN b\n")
    assert dflint("cache", *arguments) == (2, "", message)


@pytest.mark.parametrize(
    "arguments", [("--commits", "0"), ("--commits", "x"), ("--build-arg", "=x"), ("--format", "x")]
)
def test_wrong_usage(dflint, arguments):
    assert dflint("cache", *arguments)[0] == 2


def test_control_characters_do_not_reach_the_terminal(dflint, commit):
    commit({"Dockerfile": "FROM a\nCOPY . /\nRUN echo \x1b[31mred\n", "a\x1b[2Jb": "", ".dockerignore": ".git"})
    commit({"a\x1b[2Jb": "2"})
    out = dflint("cache")[1]
    assert "\x1b" not in out
    assert "a\\x1b[2Jb in 1" in out


def test_history_weighs_findings(dflint, project, write):
    plain = dflint("--select", "cache-busting-copy", "--format", "concise", "Dockerfile")[1]
    assert "commits" not in plain
    told = " (ran anew in 20 of the last 20 commits, 2 called for it)"
    assert told in dflint("--select", "cache-busting-copy", "--history", "--format", "concise", "Dockerfile")[1]
    write("dflint.toml", "history = true\n")
    assert told in dflint("--select", "cache-busting-copy", "--format", "concise", "Dockerfile")[1]


def test_results_with_history_are_not_kept(dflint, project, commit, write):
    """Another commit makes another message, though no file that was read has changed."""
    commit({"dflint.toml": 'history = true\nselect = ["cache-busting-copy"]\n'})
    assert "in 21 of the last 21 commits" in dflint("Dockerfile")[1]
    commit({})
    assert "in 21 of the last 22 commits" in dflint("Dockerfile")[1]
    write("dflint.toml", 'select = ["cache-busting-copy"]\n')
    assert "commits" not in dflint("Dockerfile")[1]
    assert "in 21 of the last 22 commits" in dflint("--history", "Dockerfile")[1]
    assert "commits" not in dflint("Dockerfile")[1]
