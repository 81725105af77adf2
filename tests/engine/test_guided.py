"""Rewrites that builds guide, previews, and reports that are not made twice: the real commands with a real engine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from engine.bases import base_contexts, make
from engine.verifying import APPS

ROOT = Path(__file__).resolve().parents[2]
PORTIONS = ("core", "rules", "optimizer", "server")


@pytest.fixture
def dflint(engine, tmp_path):
    def call(*arguments):
        path = os.pathsep.join(str(ROOT / portion) for portion in PORTIONS)
        contexts = [word for context in base_contexts() for word in ("--build-context", context)]
        done = subprocess.run(
            [sys.executable, "-m", "dflint", *arguments, *contexts],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return done.returncode, done.stdout, done.stderr

    return call


def project(app, folder):
    make()
    shutil.copytree(APPS / app, folder / "app", ignore=shutil.ignore_patterns("*.Dockerfile"))
    return folder / "app" / "Dockerfile"


def test_a_build_shows_what_a_step_wrote(dflint, tmp_path):
    """setup.py of Debian's Python installs elsewhere than that of the official image: seen only by building."""
    file = project("python-native", tmp_path)
    code, output, errors = dflint("optimize", str(file), "--verify", "5", "--write")
    assert code == 0, output + errors
    assert "Built and compared: level 5 of 5" in output
    assert "FROM python:3.11-slim\n" in file.read_text()


def test_what_cannot_be_shown_is_not_written(dflint, tmp_path):
    file = project("node-api", tmp_path)
    original = file.read_text() + "# the end\n"
    file.write_text(original)
    (tmp_path / "app/src/server.js").write_text("setInterval(() => console.log(Math.random()), 50)\n")
    code, output, _ = dflint("optimize", str(file), "--verify", "--write", "--run-timeout", "5")
    assert code == 1, output
    assert "No rewrite reached level 3" in output
    assert file.read_text() == original


def test_preview_and_its_page(dflint, tmp_path):
    file = project("go-service", tmp_path)
    code, output, errors = dflint("preview", str(file), "--no-measure", "--html", str(tmp_path / "page.html"))
    assert code == 0, output + errors
    assert "Level 5 of 5" in output
    assert "original ####" in output
    page = (tmp_path / "page.html").read_text()
    assert "FROM debian:bookworm-slim" in page
    assert "Level 5 of 5" in page
    assert str(file) in page
    assert (tmp_path / "app/Dockerfile").read_text() == (APPS / "go-service/Dockerfile").read_text()


def test_the_same_again_is_not_built_again(dflint, tmp_path):
    file = project("c-static", tmp_path)
    (tmp_path / "rewrite").write_text((APPS / "c-static/slim.Dockerfile").read_text())
    arguments = ("verify", str(file), str(tmp_path / "rewrite"), "--no-run", "--level", "2")
    code, output, errors = dflint(*arguments)
    assert code == 0, output + errors
    again = dflint(*arguments)
    assert again[0] == 0
    assert again[1].startswith(output)
    assert "--no-reuse builds again" in again[1]
    (tmp_path / "app/words.txt").write_text("other\n")
    assert "--no-reuse builds again" not in dflint(*arguments)[1]
    report = json.loads(dflint(*arguments, "--format", "json")[1])
    assert report["is_reached"] is True
