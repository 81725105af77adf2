"""The answer that is given before the server is loaded is the one that the server gives."""

import importlib.util
import io
import json
from pathlib import Path

import pytest
from lsprotocol import converters, types

from dflint.server.handshake import Handshake, capabilities

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "write_capabilities.py"
CLIENTS = {
    "nothing": {},
    "prepares renames": {"textDocument": {"rename": {"prepareSupport": True}}},
    "does not prepare renames": {"textDocument": {"rename": {"prepareSupport": False}}},
    "utf-8": {"general": {"positionEncodings": ["utf-8", "utf-16"]}},
    "utf-32": {"general": {"positionEncodings": ["utf-32"]}},
    "unknown encoding": {"general": {"positionEncodings": ["utf-7", "utf-32"]}},
    "only unknown encodings": {"general": {"positionEncodings": ["utf-7"]}},
    "no encodings": {"general": {"positionEncodings": []}},
    "pulls diagnostics": {"textDocument": {"diagnostic": {"dynamicRegistration": True}}, "workspace": {}},
}


@pytest.fixture(scope="module")
def announced():
    spec = importlib.util.spec_from_file_location("write_capabilities", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.announced


@pytest.mark.parametrize("client", CLIENTS)
def test_is_what_the_server_announces(announced, client):
    request = {"id": 1, "method": "initialize", "params": {"capabilities": CLIENTS[client]}}
    made = converters.get_converter().structure(CLIENTS[client], types.ClientCapabilities)
    assert capabilities(request) == announced(made), "run scripts/write_capabilities.py"


def framed(document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def shaken(first):
    stdout = io.BytesIO()
    handshake = Handshake(io.BytesIO(first + b"next\n"), stdout)
    handshake.answer()
    return handshake, stdout


INITIALIZE = {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"capabilities": {}}}


def test_the_servers_own_answer_is_dropped_and_all_else_sent():
    handshake, stdout = shaken(framed(INITIALIZE))
    answer = stdout.getvalue()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["result"]["serverInfo"]["name"] == "dflint"
    others = [framed({"method": "window/logMessage"}), framed({"id": "b", "result": 1})]
    again = framed({"id": "a", "result": 2})
    for message in (others[0], framed({"id": "a", "result": 1}), others[1], again):
        handshake.write(message)
    assert stdout.getvalue() == answer + others[0] + others[1] + again


def test_the_server_reads_the_first_message_too():
    first = framed(INITIALIZE)
    handshake, _ = shaken(first)
    head, body = handshake.readline() + handshake.readline(), handshake.read(10_000)
    assert head + body == first
    assert handshake.readline() == b"next\n"


@pytest.mark.parametrize(
    "first",
    [
        framed({"jsonrpc": "2.0", "id": 1, "method": "shutdown"}),
        framed({"jsonrpc": "2.0", "method": "initialize", "params": {"capabilities": {}}}),
        framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": [1]}),
        framed(b"\xff{"),
        framed(b"[]"),
    ],
)
def test_what_is_no_request_to_initialize_is_left_to_the_server(first):
    handshake, stdout = shaken(first)
    assert stdout.getvalue() == b""
    assert handshake.readline() + handshake.readline() + handshake.read(10_000) == first
