"""The real server process, method by method."""

import random

import pytest
from server.client import Client

DOCKERFILE = (
    "ARG VERSION=22\nFROM node:${VERSION} AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\n"
    "FROM node:22-slim\nCOPY --from=build /app /app\nADD a.js /app/\nCMD [\"node\", \"a.js\"]\n"
)  # fmt: skip


@pytest.fixture
def project(tmp_path):
    (tmp_path / "package.json").write_text('{"scripts": {"build": "tsc"}}')
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "a.js").write_text("")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


@pytest.fixture
def client(project):
    with Client(project) as made:
        yield made


def codes(diagnostics):
    return {diagnostic["code"] for diagnostic in diagnostics}


def test_what_is_announced(client):
    capabilities = client.initialized["capabilities"]
    assert capabilities["textDocumentSync"]["change"] == 2
    for name in ("hoverProvider", "completionProvider", "definitionProvider", "referencesProvider", "renameProvider",
                 "documentSymbolProvider", "foldingRangeProvider", "codeActionProvider", "diagnosticProvider",
                 "documentHighlightProvider"):  # fmt: skip
        assert capabilities[name]
    assert client.initialized["serverInfo"]["name"] == "dflint"


def test_diagnostics_are_pushed_with_their_version(client):
    client.open("Dockerfile", DOCKERFILE)
    found = client.diagnostics("Dockerfile", 1)
    assert {"cache-busting-copy", "add-instead-of-copy"} <= codes(found)
    place = next(d for d in found if d["code"] == "add-instead-of-copy")
    assert place["range"] == {"start": {"line": 8, "character": 0}, "end": {"line": 8, "character": 3}}
    assert place["source"] == "dflint"
    assert place["codeDescription"]["href"].endswith("add-instead-of-copy.md")


def test_changes_count_at_once(client):
    client.open("Dockerfile", DOCKERFILE)
    line = {"start": {"line": 8, "character": 0}, "end": {"line": 8, "character": 3}}
    client.change("Dockerfile", 2, (line, "COPY"))
    assert "add-instead-of-copy" not in codes(client.diagnostics("Dockerfile", 2))


def test_closed_documents_have_none(client):
    client.open("Dockerfile", DOCKERFILE)
    client.diagnostics("Dockerfile", 1)
    client.notify("textDocument/didClose", {"textDocument": {"uri": client.uri("Dockerfile")}})
    assert client.diagnostics("Dockerfile", None) == []


def test_shellcheck_refines_what_was_said(client):
    client.open("Dockerfile", "FROM debian:12\nRUN echo $A\n")
    client.diagnostics("Dockerfile", 1)
    assert "SC2086" in codes(client.diagnostics("Dockerfile", 1))


def test_clients_that_pull_get_no_pushes(project):
    capabilities = {"textDocument": {"diagnostic": {}}}
    with Client(project, capabilities) as client:
        client.open("Dockerfile", DOCKERFILE)
        report = client.request("textDocument/diagnostic", {"textDocument": {"uri": client.uri("Dockerfile")}})
        assert "add-instead-of-copy" in codes(report["items"])
        client.request("textDocument/hover", client.at("Dockerfile", 0, 0))
        assert not any(m["method"] == "textDocument/publishDiagnostics" for m in client.notifications)


def test_configuration_is_read_again_when_it_changes(client, project):
    client.open("Dockerfile", DOCKERFILE)
    assert "add-instead-of-copy" in codes(client.diagnostics("Dockerfile", 1))
    (project / "dflint.toml").write_text('ignore = ["add-instead-of-copy"]\n')
    change = {"uri": client.uri("dflint.toml"), "type": 1}
    client.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    for _ in range(5):
        if "add-instead-of-copy" not in codes(client.diagnostics("Dockerfile", 1)):
            return
    pytest.fail("the configuration did not count")


def test_unsaved_ignore_files_count(client):
    client.open("Dockerfile", "FROM debian:12-slim\nCOPY a.js /\n")
    assert "ignored-copy-source" not in codes(client.diagnostics("Dockerfile", 1))
    client.open(".dockerignore", "a.js\n")
    client.change("Dockerfile", 2, "FROM debian:12-slim\nCOPY a.js /\n\n")
    assert "ignored-copy-source" in codes(client.diagnostics("Dockerfile", 2))


def actions(client, name, line, only=None):
    place = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}
    context = {"diagnostics": [], **({"only": only} if only else {})}
    params = {"textDocument": {"uri": client.uri(name)}, "range": place, "context": context}
    return {action["title"]: action for action in client.request("textDocument/codeAction", params)}


def test_quick_fix(client):
    client.open("Dockerfile", DOCKERFILE)
    found = actions(client, "Dockerfile", 8)
    edit = found["Use COPY"]["edit"]["changes"][client.uri("Dockerfile")]
    assert edit == [
        {"range": {"start": {"line": 8, "character": 0}, "end": {"line": 8, "character": 3}}, "newText": "COPY"}
    ]
    assert found["Use COPY"]["isPreferred"]
    ignore = found["Ignore add-instead-of-copy here"]["edit"]["changes"][client.uri("Dockerfile")][0]
    assert ignore["newText"] == "# dflint ignore=add-instead-of-copy\n"
    assert ignore["range"]["start"] == {"line": 8, "character": 0}
    assert "Ignore add-instead-of-copy in this file" in found


def test_fix_all(client):
    client.open("Dockerfile", DOCKERFILE)
    (action,) = actions(client, "Dockerfile", 0, ["source.fixAll"]).values()
    resolved = client.request("codeAction/resolve", action)
    (edit,) = resolved["edit"]["changes"][client.uri("Dockerfile")]
    assert edit["range"]["start"] == {"line": 8, "character": 0}
    assert edit["newText"] == "COPY"


def test_rewrite_to_stages(client):
    client.open("Dockerfile", 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n')
    (action,) = actions(client, "Dockerfile", 0, ["refactor.rewrite"]).values()
    resolved = client.request("codeAction/resolve", action)
    assert "FROM debian:bookworm-slim" in resolved["edit"]["changes"][client.uri("Dockerfile")][0]["newText"]


def test_stale_actions_are_not_resolved(client):
    client.open("Dockerfile", DOCKERFILE)
    (action,) = actions(client, "Dockerfile", 0, ["source.fixAll"]).values()
    client.change("Dockerfile", 2, DOCKERFILE + "\n")
    assert "edit" not in client.request("codeAction/resolve", action)


@pytest.mark.parametrize(
    ("line", "character", "words"),
    [
        (1, 1, "Starts a stage"),
        (1, 13, "`VERSION`: `22`, from ARG in line 1"),
        (6, 8, "`node:22-slim`"),
        (4, 1, "Runs a command"),
    ],
)
def test_hover(client, line, character, words):
    client.open("Dockerfile", DOCKERFILE)
    found = client.request("textDocument/hover", client.at("Dockerfile", line, character))
    assert words in found["contents"]["value"]


def test_hover_over_a_silenced_rule(client):
    client.open("Dockerfile", "# dflint ignore=latest-tag\nFROM debian:latest\n")
    found = client.request("textDocument/hover", client.at("Dockerfile", 0, 18))
    assert found["contents"]["value"].startswith("**latest-tag**")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("R", "RUN"),
        ("FROM a AS b\nFROM ", "b"),
        ("FROM python:3.1", "3.14"),
        ("FROM pyth", "python"),
        ("FROM a AS b\nFROM c\nCOPY --from=", "b"),
        ("FROM a\nCOPY --", "--chown"),
        ("FROM a\nRUN --mount=type=", "cache"),
        ("FROM a\nRUN --mount=type=cache,", "target"),
        ("FROM a\nENV NAME=1\nRUN echo $", "NAME"),
        ("FROM a\nCOPY ", "package.json"),
        ("# dflint ignore=", "latest-tag"),
    ],
)
def test_completion(client, text, label):
    client.open("Dockerfile", text)
    line = text.count("\n")
    params = client.at("Dockerfile", line, len(text.rpartition("\n")[2]))
    found = client.request("textDocument/completion", params)
    assert label in {item["label"] for item in found["items"]}


def test_definition_references_and_highlight(client):
    client.open("Dockerfile", DOCKERFILE)
    declared = {"start": {"line": 1, "character": 24}, "end": {"line": 1, "character": 29}}
    used = {"start": {"line": 7, "character": 12}, "end": {"line": 7, "character": 17}}
    (location,) = client.request("textDocument/definition", client.at("Dockerfile", 7, 13))
    assert location["range"] == declared
    params = client.at("Dockerfile", 1, 25, context={"includeDeclaration": True})
    assert [one["range"] for one in client.request("textDocument/references", params)] == [declared, used]
    assert len(client.request("textDocument/documentHighlight", client.at("Dockerfile", 1, 25))) == 2


def test_rename(client):
    client.open("Dockerfile", DOCKERFILE)
    assert client.request("textDocument/prepareRename", client.at("Dockerfile", 0, 5))["placeholder"] == "VERSION"
    edit = client.request("textDocument/rename", client.at("Dockerfile", 0, 5, newName="NODE"))
    assert len(edit["changes"][client.uri("Dockerfile")]) == 2
    assert client.request("textDocument/prepareRename", client.at("Dockerfile", 3, 6)) is None


def test_symbols_and_folding(client):
    client.open("Dockerfile", DOCKERFILE)
    params = {"textDocument": {"uri": client.uri("Dockerfile")}}
    names = [symbol["name"] for symbol in client.request("textDocument/documentSymbol", params)]
    assert names == ["ARG VERSION=22", "build", "stage 1"]
    folds = client.request("textDocument/foldingRange", params)
    assert {"startLine": 1, "endLine": 5} in folds


def test_optimize_command(client):
    client.open("Dockerfile", 'FROM golang:1.22\nCOPY . .\nRUN go build -o /app .\nCMD ["/app"]\n')
    params = {"command": "dflint.optimize", "arguments": [client.uri("Dockerfile")]}
    found = client.request("workspace/executeCommand", params)
    assert "FROM debian:bookworm-slim" in found["text"]
    assert found["changes"][0]["reason"]


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 12), ("utf-16", 10), ("utf-32", 9)])
def test_encodings(project, encoding, character):
    with Client(project, encodings=(encoding,)) as client:
        assert client.initialized["capabilities"]["positionEncoding"] == encoding
        client.open("Dockerfile", 'FROM debian:12-slim\nENV A="😀" A=2\n')
        (found,) = [d for d in client.diagnostics("Dockerfile", 1) if d["code"] == "duplicate-env-key"]
        assert found["range"]["end"] == {"line": 1, "character": character}


def test_no_text_brings_it_down(client):
    client.open("Dockerfile", "")
    for number, text in enumerate(("FROM", "\x00", "FROM a\\\n", "RUN <<E", "\r\r\n\u2028", 'COPY ["a"', "😀" * 9), 2):
        client.change("Dockerfile", number, text)
        for method in ("hover", "completion", "definition", "prepareRename"):
            client.request(f"textDocument/{method}", client.at("Dockerfile", 0, 3))
        params = {"textDocument": {"uri": client.uri("Dockerfile")}}
        client.request("textDocument/documentSymbol", params)
        client.request("textDocument/foldingRange", params)
    client.diagnostics("Dockerfile", number)


def test_soak_of_random_edits(client):
    """The server's text is the client's after any edits: it sees the same as in a document opened anew."""
    chance = random.Random(7)
    pieces = [
        "FROM a\n",
        "RUN x",
        "\r\n",
        "\n",
        "😀",
        "\\\n",
        "COPY . .\n",
        "é",
        "$A",
        "",
        "ARG A\n",
        "\r",
        "ADD b c\n",
    ]
    text = DOCKERFILE
    client.open("Dockerfile", text)
    for version in range(2, 302):
        start, end = sorted(chance.choices(range(len(text) + 1), k=2))
        end = min(end, start + 20)
        new = chance.choice(pieces)
        place = {"start": position(text, start), "end": position(text, end)}
        client.change("Dockerfile", version, (place, new))
        text = text[: snapped(text, start)] + new + text[max(snapped(text, start), snapped(text, end)) :]
        if len(text) > 3000:
            client.change("Dockerfile", version, DOCKERFILE)
            text = DOCKERFILE
        if version % 20 == 0:
            client.request("textDocument/completion", client.at("Dockerfile", chance.randrange(9), 2))
    client.open("again/Dockerfile", text)
    for method in ("documentSymbol", "foldingRange"):
        params = [{"textDocument": {"uri": client.uri(name)}} for name in ("Dockerfile", "again/Dockerfile")]
        one, other = (client.request(f"textDocument/{method}", p) for p in params)
        assert one == other
    errors = [
        [d for d in client.diagnostics(name, version) if d["code"] == "syntax-error"]
        for name, version in (("Dockerfile", 301), ("again/Dockerfile", 1))
    ]
    assert errors[0] == errors[1]


def snapped(text, offset):
    """Between ``\\r`` and ``\\n`` there is no position: it is that of the line's end."""
    return offset - 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


def position(text, offset):
    offset = snapped(text, offset)
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    column = before.rpartition("\n")[2]
    return {"line": before.count("\n"), "character": len(column.encode("utf-16-le")) // 2}
