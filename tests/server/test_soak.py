"""Ten thousand random edits, with requests in between: the server's text stays the client's, and its memory flat."""

import random
import sys
from pathlib import Path

import pytest
from server.client import Client

EDITS = 10_000
PIECES = [
    "FROM debian:12 AS a\n", "run apt-get update && apt-get install -y curl\n",
    "COPY . /app\n", "ENV A=é B=😀\n", "\n",
    "ARG X=${A}\n", "RUN <<EOF\n", "EOF\n", "# dflint ignore=all\n", "\\\n", "$", "{", '"', "'", " ",
    "CMD [", "]", "--from=",
    "LABEL a=b\n", "\r\n", "\t", "😀", "&& ", "HEALTHCHECK CMD x\n", "a" * 40, "USER 0\n",
]  # fmt: skip
REQUESTS = (
    "hover", "completion", "documentSymbol", "foldingRange", "codeAction", "semanticTokens/full", "definition",
    "inlayHint", "documentLink", "selectionRange", "signatureHelp", "formatting", "codeLens", "diagnostic",
)  # fmt: skip


def units(text):
    """Length in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def position(text, offset):
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return {"line": len(lines) - 1, "character": units(lines[-1])}


def places(text, chance):
    """Two offsets, none between the halves of a line end."""
    start, end = sorted(chance.choices(range(len(text) + 1), k=2))
    end = min(end, start + 60)
    start -= text[start - 1 : start + 1] == "\r\n"
    end += text[end - 1 : end + 1] == "\r\n"
    return start, end


def memory(client):
    """Resident bytes."""
    status = Path(f"/proc/{client.process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def ask(client, name, text, chance):
    here = position(text, places(text, chance)[0])
    place = {"start": here, "end": here}
    more = {
        "codeAction": {"range": place, "context": {"diagnostics": []}},
        "inlayHint": {"range": {"start": {"line": 0, "character": 0}, "end": here}},
        "selectionRange": {"positions": [here]},
        "formatting": {"options": {"tabSize": 4, "insertSpaces": True}},
    }
    asked = {"textDocument": {"uri": client.uri("Dockerfile")}, "position": here, **more.get(name, {})}
    client.request(f"textDocument/{name}", asked)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("capabilities", [{}, {"textDocument": {"diagnostic": {}}}], ids=["pushes", "pulls"])
def test_soak(tmp_path, capabilities):
    chance = random.Random(20260731)
    text = "".join(chance.choices(PIECES, k=30))
    early = 0
    with Client(tmp_path, capabilities, settings={"shellcheck": False}, options={"shellcheck": False}) as client:
        client.open("Dockerfile", text)
        for number in range(EDITS // 2):
            start, end = places(text, chance)
            if len(text) > 1500:
                end = min(start + 400, len(text))
                end += text[end - 1 : end + 1] == "\r\n"
            new = "" if len(text) > 1500 else "".join(chance.choices(PIECES, k=chance.randrange(3)))
            if text[start - 1 : start] == "\r" and new[:1] == "\n":
                new = " " + new
            place = {"start": position(text, start), "end": position(text, end)}
            client.change("Dockerfile", number + 2, (place, new))
            text = text[:start] + new + text[end:]
            if number % 10 == 0:
                ask(client, chance.choice(REQUESTS), text, chance)
            if number % 100 == 0:
                asked = {"command": "dflint.text", "arguments": [client.uri("Dockerfile")]}
                assert client.request("workspace/executeCommand", asked) == text
                client.notifications.clear()
            if number == EDITS // 10:
                early = memory(client)
        assert memory(client) < early + 24_000_000
