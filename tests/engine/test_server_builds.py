"""The server's builds: a preview with progress, and one that is cancelled and leaves nothing."""

import os
import subprocess

from engine.bases import base_contexts, make
from server.client import Client

TEXT = 'FROM debian:12\nRUN apt-get update\nRUN mkdir /a\nRUN mkdir /b\nCMD ["cat", "/etc/hostname"]\n'
PROGRESS = {"window": {"workDoneProgress": True}}


def options():
    return [word for context in base_contexts() for word in ("--build-context", context)] + ["--no-measure"]


def test_preview(engine, tmp_path):
    make("debian")
    (tmp_path / "Dockerfile").write_text(TEXT)
    with Client(tmp_path, PROGRESS) as client:
        client.open("Dockerfile", TEXT)
        asked = {"command": "dflint.preview", "arguments": [client.uri("Dockerfile"), *options()]}
        found = client.request("workspace/executeCommand", asked, limit=300)
        assert found["exitCode"] == 0, found
        assert found["report"]["verdict"]["level"] >= 3
        assert found["page"].startswith("file:")
        assert client.asked == ["window/workDoneProgress/create"]
        kinds = [m["params"]["value"]["kind"] for m in client.notifications if m["method"] == "$/progress"]
        assert kinds[0] == "begin" and kinds[-1] == "end" and "report" in kinds


def test_cancelled(engine, tmp_path):
    make("debian")
    text = TEXT.replace("RUN apt-get update", "RUN sleep 300")
    (tmp_path / "Dockerfile").write_text(text)
    with Client(tmp_path, PROGRESS) as client:
        client.open("Dockerfile", text)
        asked = {"command": "dflint.preview", "arguments": [client.uri("Dockerfile"), *options()]}
        number = client.begin("workspace/executeCommand", asked)
        token = client.progress_token()
        client.notify("window/workDoneProgress/cancel", {"token": token})
        found = client.result(number, limit=60)
        assert found["exitCode"] not in (0, 1)
    names = engine.docker("ps", "-a", "--format", "{{.Names}}").stdout
    assert "dflint" not in names
    pattern = f"preview {tmp_path}"
    assert subprocess.run(["pgrep", "-f", pattern], capture_output=True, env=dict(os.environ)).returncode == 1


def test_unsaved_text_is_not_built(tmp_path):
    (tmp_path / "Dockerfile").write_text(TEXT)
    with Client(tmp_path) as client:
        client.open("Dockerfile", TEXT + "USER 1\n")
        asked = {"command": "dflint.preview", "arguments": [client.uri("Dockerfile")]}
        found = client.request("workspace/executeCommand", asked)
        assert found["exitCode"] == 2 and "not saved" in found["errors"]
