"""dflint's own Dockerfile, and those of ``examples/``: optimized, built, and shown to be the same."""

import shutil
from pathlib import Path

import pytest
from engine import official_bases

from dflint.build import (
    BuildOptions,
    Session,
    SmokeOptions,
    Verifier,
    VerifyOptions,
    driver_for,
    find_engine,
    read_recipe,
    signals_raise,
)
from dflint.build.containers import Limits
from dflint.build.probe import Target
from dflint.context import BuildContext
from dflint.optimizer import Settings, optimize

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(memory="512m", seconds=30.0, stop_seconds=2)
NAIVE = """\
FROM python:3.12

WORKDIR /src
COPY . .
RUN pip install --no-cache-dir .

WORKDIR /work
ENTRYPOINT ["dflint"]
"""
OLDER = {"python:3.12": "python:3.11", "python3.12": "python3.11", "golang:1.22": "golang:1.19", "go 1.22": "go 1.19"}
"""The releases that are here stand for those that are named: nothing of these projects depends on it."""
STAND_INS = {"node": "node:20", "node:slim": "node:20-slim", "debian:bookworm-slim": "debian:12-slim"}
PROJECTS = {
    "go-worker": SmokeOptions(("/etc/hostname",), limits=LIMITS),
    "node-api": SmokeOptions(targets=(Target(3000, "/"),), limits=LIMITS),
    "python-service": SmokeOptions(targets=(Target(8000, "/"),), limits=LIMITS),
    "backup-tools": None,
}


@pytest.fixture(scope="module")
def driver():
    official_bases.make()
    engine = find_engine("docker")
    with signals_raise(), Session(engine.program) as session:
        yield driver_for(engine, session)


def contexts():
    made = tuple(f"{name}=docker-image://{official_bases.stand_in(base)}" for name, base in STAND_INS.items())
    return (*official_bases.base_contexts(), *made)


def older(text):
    for named, here in OLDER.items():
        text = text.replace(named, here)
    return text


def verified(driver, folder, original, rewrite, smoke):
    options = VerifyOptions(BuildOptions(str(folder), build_contexts=contexts()), smoke)
    with Verifier(driver, original, options) as verifier:
        return verifier.verify(rewrite)


def test_own_dockerfile_is_what_dflint_makes_of_a_naive_one(engine, driver):
    written = read_recipe(ROOT / "Dockerfile")
    assert not optimize(written.text, BuildContext.for_dockerfile(str(ROOT / "Dockerfile")), Settings()).is_changed
    smoke = SmokeOptions(("--version", "rule latest-tag"), limits=LIMITS)
    found = verified(
        driver, ROOT, written._replace(text=older(NAIVE)), written._replace(text=older(written.text)), smoke
    )
    assert found.verdict.level >= 4, found.verdict.to_text()
    assert found.sizes[1].files < 0.6 * found.sizes[0].files


@pytest.mark.parametrize("name", PROJECTS)
def test_examples(engine, driver, name, tmp_path):
    smoke = PROJECTS[name]
    folder = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, folder)
    for path in (folder / "Dockerfile", *folder.glob("go.mod")):
        path.write_text(older(path.read_text()))
    file = folder / "Dockerfile"
    original = read_recipe(file)
    rewrite = optimize(original.text, BuildContext.for_dockerfile(str(file)), Settings(path=str(file)))
    assert rewrite.is_changed
    ignore = original.ignore if rewrite.dockerignore is None else rewrite.dockerignore
    found = verified(driver, folder, original, original._replace(text=rewrite.text, ignore=ignore), smoke)
    wanted = 4 if smoke is not None else 2
    assert found.verdict.level >= wanted, found.verdict.to_text()
