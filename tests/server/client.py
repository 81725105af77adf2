"""A language client of its own: the real process over its standard input and output, answers checked by lsprotocol."""

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

from lsprotocol import converters, types

CONVERTER = converters.get_converter()
LIMIT = 30


class Client:
    """Starts ``dflint server`` and speaks with it."""

    def __init__(self, folder, capabilities=None, encodings=("utf-16",), options=None, settings=None):
        """``settings`` is what the client answers to ``workspace/configuration``."""
        self.settings = settings
        self.asked = []
        self.folder = Path(folder)
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        roots = [str(Path(entry).resolve()) for entry in sys.path if (Path(entry) / "dflint").is_dir()]
        environment["PYTHONPATH"] = os.pathsep.join(roots)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dflint", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
        )
        self._messages = queue.Queue()
        self._number = 0
        self.notifications = []
        threading.Thread(target=self._read, daemon=True).start()
        made = {"general": {"positionEncodings": list(encodings)}, **(capabilities or {})}
        self.initialized = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self.folder.as_uri(),
                "capabilities": made,
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})

    def __enter__(self):
        return self

    def __exit__(self, *error):
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(LIMIT)
        finally:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()

    def uri(self, name):
        return (self.folder / name).as_uri()

    def request(self, method, params, limit=LIMIT):
        """The result of a request, as plain data; it must fit the protocol's type. Errors raise."""
        result = self.result(self.begin(method, params), limit)
        if method in types.METHOD_TO_TYPES:
            answer = {"jsonrpc": "2.0", "id": self._number, "result": result}
            CONVERTER.structure(answer, types.METHOD_TO_TYPES[method][1])
        return result

    def begin(self, method, params):
        """Send a request; its number."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def result(self, number, limit=LIMIT):
        """What is answered to a request."""
        while True:
            message = self._messages.get(timeout=limit)
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message["result"]
            self._other(message)

    def progress_token(self):
        """The token of work that has begun."""
        while True:
            for message in self.notifications:
                if message["method"] == "$/progress":
                    return message["params"]["token"]
            self._other(self._messages.get(timeout=LIMIT))

    def notify(self, method, params):
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def open(self, name, text, version=1):
        item = {"uri": self.uri(name), "languageId": "dockerfile", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, name, version, *changes):
        made = [{"text": c} if isinstance(c, str) else {"range": c[0], "text": c[1]} for c in changes]
        document = {"uri": self.uri(name), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": made})

    def at(self, name, line, character, **more):
        return {"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}, **more}

    @staticmethod
    def applied(text, edits):
        """A text after edits; for texts of which a character is one unit."""
        lines = text.split("\n")

        def offset(place):
            return sum(len(line) + 1 for line in lines[: place["line"]]) + place["character"]

        for edit in sorted(edits, key=lambda one: -offset(one["range"]["start"])):
            start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
            text = text[:start] + edit["newText"] + text[end:]
        return text

    def diagnostics(self, name, version):
        """The diagnostics that are pushed for a version."""
        while True:
            for message in self.notifications:
                params = message["params"]
                wanted = (self.uri(name), version)
                if (
                    message["method"] == "textDocument/publishDiagnostics"
                    and (params["uri"], params.get("version")) == wanted
                ):
                    self.notifications.remove(message)
                    return params["diagnostics"]
            self._other(self._messages.get(timeout=LIMIT))

    def _other(self, message):
        if "method" in message and "id" not in message:
            self.notifications.append(message)
        elif "method" in message:
            self.asked.append(message["method"])
            result = [self.settings] if message["method"] == "workspace/configuration" else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def wait_for(self, method):
        """Wait until the server has asked for something."""
        while method not in self.asked:
            self._other(self._messages.get(timeout=LIMIT))
        self.asked.remove(method)

    def _send(self, message):
        content = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.process.stdin.flush()

    def _read(self):
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self._messages.put(json.loads(stream.read(length)))
