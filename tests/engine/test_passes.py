"""Passes on a real engine: the image is the one of before, but for caches."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine.bases import base_contexts, make

ROOT = Path(__file__).resolve().parents[2]
PORTIONS = ("core", "rules", "optimizer", "server")
GO = {
    "Dockerfile": "FROM golang:1.19 AS build\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\n"
    "RUN CGO_ENABLED=0 go build -o /out/app .\nFROM debian:12\nCOPY --from=build /out/app /usr/bin/app\n"
    'CMD ["app"]\n',
    "go.mod": "module example.org/app\n\ngo 1.19\n",
    "main.go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n',
}
PROJECTS = {
    "cache-mounts": GO,
    "copy-ownership": {
        "Dockerfile": "FROM debian:12\nRUN useradd app\nCOPY . /app\nRUN chown -R app:app /app\nUSER app\n"
        'CMD ["cat", "/app/data/text"]\n',
        "data/text": "hello\n",
    },
    "dead-stages": {
        "Dockerfile": 'FROM debian:12\nRUN touch /a\n\nFROM debian:12\nCOPY text /\nCMD ["cat", "/text"]\n',
        "text": "hello\n",
    },
    "merge-runs": {
        "Dockerfile": 'FROM debian:12\nRUN mkdir /a\nRUN echo hello > /a/text\nCMD ["cat", "/a/text"]\n',
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_image_is_the_same(engine, tmp_path, name):
    make()
    for path, text in PROJECTS[name].items():
        file = tmp_path / "project" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    dockerfile = tmp_path / "project" / "Dockerfile"
    contexts = [word for context in base_contexts() for word in ("--build-context", context)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "dflint",
            "optimize",
            str(dockerfile),
            "--only",
            name,
            "--verify",
            "5",
            "--write",
            *contexts,
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / portion) for portion in PORTIONS),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Built and compared: level 5 of 5" in done.stdout
    assert dockerfile.read_text() != PROJECTS[name]["Dockerfile"]
