"""A session in real Neovim: diagnostics, hover, completion, rename, fix all, rewrite to stages, saved.

Without Debian's packages these are skipped; with ``CI=true`` they fail.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from editors import neovim

TEXT = """\
FROM golang:1.22 AS build
MAINTAINER me
run go version
FROM debian:12-slim
CO
COPY --from=build /go /go
"""
SINGLE_STAGE = ["FROM golang:1.22", "WORKDIR /src", "COPY . .", "RUN go build -o /app .", 'CMD ["/app"]']


@pytest.fixture(params=list(neovim.PACKAGES))
def seen(request, tmp_path):
    """What the session reports."""
    try:
        command, environment = neovim.find(request.param)
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no Neovim of {request.param}: {error}")
    (tmp_path / "Dockerfile").write_text(TEXT)
    (tmp_path / "go.mod").write_text("module example.org/a\n")
    roots = [str(Path(entry).resolve()) for entry in sys.path if (Path(entry) / "dflint").is_dir()]
    environment |= {
        "PYTHONPATH": os.pathsep.join(roots),
        "SERVER": json.dumps([sys.executable, "-m", "dflint", "server"]),
        "SINGLE_STAGE": json.dumps(SINGLE_STAGE),
        "REPORT": str(tmp_path / "report.json"),
        "HOME": str(tmp_path),
    }
    script = Path(__file__).with_name("session.lua")
    done = subprocess.run(
        [*command, "--headless", "-u", "NONE", "-n", "-c", f"luafile {script}"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    report = tmp_path / "report.json"
    assert report.exists(), done.stdout + done.stderr
    return json.loads(report.read_text())


def test_session(seen):
    assert seen["problem"] == ""
    assert {found["source"] for found in seen["diagnostics"]} >= {"dflint"}
    assert any(found["line"] == 1 and "MAINTAINER" in found["message"] for found in seen["diagnostics"])
    assert "Starts a stage" in seen["hover"] and "Stage `build`" in seen["hover"]
    assert {"COPY", "CMD"} <= set(seen["completion"])
    assert seen["renamed"][0] == "FROM golang:1.22 AS compile" and seen["renamed"][5] == "COPY --from=compile /go /go"
    assert seen["renamed"][2] == "run go version" and seen["fixed"][2] == "RUN go version"
    assert seen["saved"] == seen["fixed"]
    assert "COPY --from=build /app /app" in seen["rewritten"] and "FROM debian:bookworm-slim" in seen["rewritten"]
    assert seen["saved_rewrite"] == seen["rewritten"]
