"""Links, selection, signatures, hints, lenses, tokens, workspace symbols and diagnostics, by the real process."""

import subprocess

import pytest
from server.client import Client

from dflint.server.features.semantic_tokens import TYPES

TEXT = """\
# syntax=docker/dockerfile:1
ARG TAG=12
FROM debian:${TAG} AS base
WORKDIR /app
COPY data.txt src /app/
RUN apt-get update && \\
    echo "$HOME" > x
FROM base
COPY --from=base /app /srv
CMD ["cat", "/srv/data.txt"]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data.txt").write_text("12345")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a").write_text("1" * 2000)
    (tmp_path / "Dockerfile").write_text(TEXT)
    return tmp_path


@pytest.fixture
def client(folder):
    options = {"hints": {"history": False}, "lenses": True}
    capabilities = {"workspace": {"inlayHint": {"refreshSupport": True}}}
    with Client(folder, capabilities, options=options) as made:
        made.open("Dockerfile", TEXT)
        yield made


def shown(client, text, place):
    lines = text.split("\n")
    assert place["start"]["line"] == place["end"]["line"]
    return lines[place["start"]["line"]][place["start"]["character"] : place["end"]["character"]]


def document(client, **more):
    return {"textDocument": {"uri": client.uri("Dockerfile")}, **more}


def test_links_lead_to_pages_and_files(client, folder):
    found = client.request("textDocument/documentLink", document(client))
    targets = {shown(client, TEXT, link["range"]): link["target"] for link in found}
    assert targets == {
        "debian:${TAG}": "https://hub.docker.com/_/debian",
        "data.txt": (folder / "data.txt").as_uri(),
    }


def test_selection_grows_from_word_to_file(client):
    place = {"line": 5, "character": 14}  # update
    (one,) = client.request("textDocument/selectionRange", document(client, positions=[place]))
    spans = []
    while one is not None:
        spans.append((one["range"]["start"]["line"], one["range"]["end"]["line"], one["range"]["start"]["character"]))
        one = one.get("parent")
    assert spans[0] == (5, 5, 12)
    assert spans[1] == (5, 5, 4)
    assert spans[-1] == (0, 10, 0)
    assert spans == sorted(spans, key=lambda span: span[1] - span[0])


@pytest.mark.parametrize(
    ("line", "label", "active"),
    [
        ("FROM ", "image[:tag]", 1),
        ("FROM debian ", "[AS", 2),
        ("COPY --ch", "[--from=stage] [--chown=user:group] [--chmod=mode]", 0),
        ("COPY a ", "target", 2),
        ("COPY ", "source...", 1),
        ("WORKDIR ", "path", 0),
    ],
)
def test_signature_follows_the_cursor(folder, line, label, active):
    with Client(folder) as client:
        text = f"FROM debian\n{line}\n"
        client.open("Dockerfile", text)
        found = client.request("textDocument/signatureHelp", client.at("Dockerfile", 1, len(line)))
        signature = found["signatures"][0]
        start, end = signature["parameters"][active]["label"]
        assert (found["activeParameter"], signature["label"][start:end]) == (active, label)


def hints(client):
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    return [h["label"] for h in client.request("textDocument/inlayHint", document(client, range=whole))]


def test_hints_tell_values_and_sizes(client):
    client.wait_for("workspace/inlayHint/refresh")
    assert hints(client) == ["=12", "2 files, 2.0 kB"]


def test_hints_tell_the_history(folder):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=folder, check=True)

    git("init", "-q")
    for number in range(3):
        (folder / "data.txt").write_text(str(number))
        git("add", ".")
        git("commit", "-qm", "x")
    with Client(folder, {"workspace": {"inlayHint": {"refreshSupport": True}}}) as client:
        client.open("Dockerfile", TEXT)
        client.wait_for("workspace/inlayHint/refresh")
        assert hints(client)[1].endswith("ran anew in 2 of 2 commits")


def test_settings_are_read_again(folder):
    capabilities = {"workspace": {"configuration": True, "inlayHint": {"refreshSupport": True}}}
    with Client(
        folder, capabilities, settings={"hints": {"variables": False, "sizes": False, "history": False}}
    ) as client:
        client.open("Dockerfile", TEXT)
        client.wait_for("workspace/configuration")
        assert hints(client) == []
        client.settings = {"hints": {"sizes": False, "history": False}}
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        client.wait_for("workspace/configuration")
        assert hints(client) == ["=12"]


def test_lenses_are_for_clients_with_the_commands(client, folder):
    found = client.request("textDocument/codeLens", document(client))
    assert [lens["command"]["title"] for lens in found] == ["Optimize", "Build preview", "Show cache"]
    assert {lens["command"]["arguments"][0] for lens in found} == {client.uri("Dockerfile")}
    with Client(folder) as other:
        other.open("Dockerfile", TEXT)
        assert other.request("textDocument/codeLens", document(other)) == []


def decoded(text, data):
    line = column = 0
    lines = text.split("\n")
    for at in range(0, len(data), 5):
        down, right, length, kind, _ = data[at : at + 5]
        column = right if down else column + right
        line += down
        yield lines[line][column : column + length], TYPES[kind]


def test_tokens_name_each_word(client):
    found = list(decoded(TEXT, client.request("textDocument/semanticTokens/full", document(client))["data"]))
    assert found[:7] == [
        ("# syntax=docker/dockerfile:1", "macro"), ("ARG", "keyword"), ("TAG", "variable"), ("12", "string"),
        ("FROM", "keyword"), ("debian:", "namespace"), ("${TAG}", "variable"),
    ]  # fmt: skip
    assert {("apt-get", "function"), ("&&", "operator"), ("$HOME", "variable"), ("--from", "parameter")} <= set(found)
    assert found.count(("base", "class")) == 3


def test_token_changes_make_the_new_tokens(client):
    first = client.request("textDocument/semanticTokens/full", document(client))
    place = {"start": {"line": 3, "character": 8}, "end": {"line": 3, "character": 12}}
    client.change("Dockerfile", 2, (place, "/elsewhere\nUSER me"))
    asked = document(client, previousResultId=first["resultId"])
    changed = client.request("textDocument/semanticTokens/full/delta", asked)
    data = list(first["data"])
    for edit in changed["edits"]:
        data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit.get("data", [])
    assert data == client.request("textDocument/semanticTokens/full", document(client))["data"]
    assert data != first["data"]


def test_tokens_of_a_range_are_those_of_the_whole(client):
    place = {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}
    part = client.request("textDocument/semanticTokens/range", document(client, range=place))["data"]
    whole = client.request("textDocument/semanticTokens/full", document(client))["data"]
    assert next(decoded(TEXT, part)) == ("COPY", "keyword")
    assert set(decoded(TEXT, part)) < set(decoded(TEXT, whole))


def test_stages_of_the_workspace(client, folder):
    (folder / "api").mkdir()
    (folder / "api" / "Dockerfile").write_text("FROM golang:1.22 AS compile\nFROM scratch\n")
    found = client.request("workspace/symbol", {"query": "cmp"})
    assert [(s["name"], s["containerName"], s["location"]["uri"]) for s in found] == [
        ("compile", "golang:1.22", (folder / "api" / "Dockerfile").as_uri())
    ]
    assert len(client.request("workspace/symbol", {"query": ""})) == 4


def test_diagnostics_of_files_that_are_not_open(client, folder):
    (folder / "other.Dockerfile").write_text("FROM debian:latest\nMAINTAINER me\n")
    first = client.request("workspace/diagnostic", {"previousResultIds": []})["items"]
    assert [item["uri"] for item in first] == [(folder / "other.Dockerfile").as_uri()]
    assert first[0]["kind"] == "full" and len(first[0]["items"]) >= 2
    known = [{"uri": first[0]["uri"], "value": first[0]["resultId"]}]
    (again,) = client.request("workspace/diagnostic", {"previousResultIds": known})["items"]
    assert again["kind"] == "unchanged"


def test_stage_graph(client):
    asked = {"command": "dflint.stageGraph", "arguments": [client.uri("Dockerfile")]}
    found = client.request("workspace/executeCommand", asked)
    nodes = [(node["id"], node["name"]) for node in found["nodes"]]
    assert nodes == [
        (0, "base"),
        (1, "stage 1"),
        ("debian:${TAG}", "debian:${TAG}"),
    ]
    assert [(e["from"], e["to"], e["kind"]) for e in found["edges"]] == [
        ("debian:${TAG}", 0, "from"), (0, 1, "from"), (0, 1, "copy"),
    ]  # fmt: skip


OPTIONS = {"tabSize": 4, "insertSpaces": True}


def test_formatting(folder):
    text = "from debian\nrun  a \n  workdir   /x"
    with Client(folder) as client:
        client.open("Dockerfile", text)
        whole = client.request("textDocument/formatting", document(client, options=OPTIONS))
        assert client.applied(text, whole) == "FROM debian\nRUN a\nWORKDIR /x\n"
        place = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
        part = client.request("textDocument/rangeFormatting", document(client, options=OPTIONS, range=place))
        assert client.applied(text, part) == "from debian\nRUN a\n  workdir   /x"


@pytest.mark.parametrize(
    ("text", "line", "indent"),
    [
        ("FROM debian\nRUN a \\\n", 2, "    "),
        ("FROM debian\nRUN a \\\n  b \\\n", 3, "  "),
        ("FROM debian\nRUN a\n", 2, None),
    ],
)
def test_next_line_is_indented(folder, text, line, indent):
    with Client(folder) as client:
        client.open("Dockerfile", text)
        asked = client.at("Dockerfile", line, 0, ch="\n", options=OPTIONS)
        found = client.request("textDocument/onTypeFormatting", asked)
        assert [edit["newText"] for edit in found] == ([] if indent is None else [indent])


def actions(client, kind, line):
    place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 1}}
    context = {"diagnostics": [], "only": [kind]}
    return client.request("textDocument/codeAction", document(client, range=place, context=context))


def test_refactorings(client):
    found = {action["kind"]: action for action in actions(client, "refactor", 5)}
    assert set(found) == {f"refactor.rewrite.dflint.{name}" for name in ("splitRun", "heredoc", "multiStage")}
    edits = found["refactor.rewrite.dflint.splitRun"]["edit"]["changes"][client.uri("Dockerfile")]
    assert 'RUN apt-get update\nRUN echo "$HOME" > x\n' in client.applied(TEXT, edits)


def test_rewrite_to_stages_is_shown_before_it_is_made(folder):
    text = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n'
    (folder / "go.mod").write_text("module a\n")
    capabilities = {"workspace": {"workspaceEdit": {"changeAnnotationSupport": {}}}}
    with Client(folder, capabilities) as client:
        client.open("Dockerfile", text)
        (action,) = actions(client, "refactor.rewrite.dflint.multiStage", 0)
        edit = client.request("codeAction/resolve", action)["edit"]
        (change,) = edit["documentChanges"]
        assert edit["changeAnnotations"]["dflint.multiStage"]["needsConfirmation"] is True
        assert {one["annotationId"] for one in change["edits"]} == {"dflint.multiStage"}
        assert "COPY --from=build /app /app" in client.applied(text, change["edits"])


def test_ignore_file_is_made(folder):
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x.js").write_text("1")
    (folder / "package.json").write_text("{}")
    with Client(folder) as client:
        client.open("Dockerfile", "FROM node:20\nCOPY . /app\nRUN npm ci\n")
        (action,) = actions(client, "source.dflint.ignoreFile", 0)
        create, change = client.request("codeAction/resolve", action)["edit"]["documentChanges"]
        assert (create["kind"], create["uri"]) == ("create", (folder / ".dockerignore").as_uri())
        assert "node_modules" in change["edits"][0]["newText"]


def test_the_context_is_the_one_that_compose_names(folder):
    (folder / "docker").mkdir()
    text = "FROM debian:12\nCOPY data.txt /\n"
    (folder / "docker" / "web.Dockerfile").write_text(text)
    with Client(folder) as client:
        client.open("docker/web.Dockerfile", text)
        asked = {"textDocument": {"uri": client.uri("docker/web.Dockerfile")}}
        file = (folder / "data.txt").as_uri()
        assert file not in {link["target"] for link in client.request("textDocument/documentLink", asked)}
        (folder / "compose.yaml").write_text(
            "services: {w: {build: {context: ., dockerfile: docker/web.Dockerfile}}}\n"
        )
        client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        assert file in {link["target"] for link in client.request("textDocument/documentLink", asked)}


@pytest.mark.parametrize(("text", "wanted"), [("FROM debian\nRUN a\n", True), ("FROM debian\nRUN a \\\n", False)])
def test_completion_on_the_line_below(folder, text, wanted):
    with Client(folder) as client:
        client.open("Dockerfile", text)
        found = client.request("textDocument/completion", client.at("Dockerfile", 2, 0))
        assert ("COPY" in {item["label"] for item in found["items"]}) is wanted


def test_optimize_tells_of_the_ignore_file_and_takes_a_level(folder):
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x.js").write_text("1")
    (folder / "package.json").write_text("{}")
    text = 'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["node", "x.js"]\n'
    with Client(folder) as client:
        client.open("Dockerfile", text)
        asked = {"command": "dflint.optimize", "arguments": [client.uri("Dockerfile")]}
        found = client.request("workspace/executeCommand", asked)
        assert found["dockerignore"]["uri"] == (folder / ".dockerignore").as_uri()
        assert "node_modules" in found["dockerignore"]["text"]
        asked["arguments"].append("safe")
        safe = client.request("workspace/executeCommand", asked)
        assert safe["dockerignore"] is None and safe["text"].count("FROM") == 1 < found["text"].count("FROM")


def test_ends_quietly(folder):
    client = Client(folder)
    client.request("shutdown", None)
    client.notify("exit", None)
    assert client.process.wait(20) == 0
    assert client.process.stderr.read() == b""
