"""The core of the suite with Podman, from Debian's packages. Buildah 1.28 is its builder there."""

import os
import resource
import shutil
import subprocess

import pytest
from engine.bases import cache, make, revision
from engine.variations import FAULTS, HARMLESS
from engine.verifying import Bench

APPS = {"shell-report": ("debian", "debian-slim"), "python-web": ("python", "python-slim", "debian", "debian-slim")}
"""What is tried, and the base images for it."""

WITHOUT_HERE_DOCUMENTS = ("shell-report", "mounted")
"""The builder of Debian 12's Podman does not know here-documents."""

EXPECTED = {
    ("shell-report", "merged"): 5,
    ("shell-report", "stages"): 3,
    ("python-web", "ordered"): 5,
    ("python-web", "parts"): 5,
    ("python-web", "slim"): 5,
}
CHOSEN = [v for v in FAULTS + HARMLESS if (v.app, v.rewrite) in EXPECTED and v.app == "shell-report"]
"""Variations of the small app: Podman takes half a minute to save one of the other's images."""


@pytest.fixture(scope="module")
def podman(engine, tmp_path_factory):
    """Podman with storage of its own and the base images in it."""
    if shutil.which("podman") is None:
        pytest.skip("podman is not installed")
    folder = tmp_path_factory.mktemp("podman")
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{cache()}/podman"\nrunroot = "{folder}/run"\n'
    )
    # Where limits cannot be raised, Podman's own defaults keep containers from starting.
    limit = min(
        20_000, *(resource.getrlimit(kind)[1] % 2**62 for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC))
    )
    limits = f'"nofile={limit}:{limit}", "nproc={limit}:{limit}"'
    (folder / "containers.conf").write_text(f"[containers]\ndefault_ulimits = [{limits}]\n")
    stages = sorted({stage for group in APPS.values() for stage in group})
    make(*stages)
    docker = dict(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_STORAGE_CONF", str(folder / "storage.conf"))
        patch.setenv("CONTAINERS_CONF", str(folder / "containers.conf"))
        patch.delenv("DOCKER_CONFIG", raising=False)
        for stage in stages:
            _take_over(f"dflint-test/{stage}:{revision()}", folder, docker)
        yield


def _take_over(name, folder, docker):
    """An image from Docker's store in Podman's."""
    exists = subprocess.run(["podman", "image", "exists", f"docker.io/{name}"], capture_output=True, check=False)
    if exists.returncode == 0:
        return
    archive = folder / "image.tar"
    for command in (["docker", "save", "-o", archive, name], ["podman", "load", "-q", "-i", archive]):
        environment = docker if command[0] == "docker" else None
        subprocess.run(command, check=True, capture_output=True, timeout=600, env=environment)
    archive.unlink()


@pytest.fixture(scope="module")
def bench(podman):
    with Bench("podman", registry="docker.io/") as made:
        yield made


@pytest.fixture(scope="module")
def good(bench):
    """The level of a rewrite without edits, found once."""
    levels = {}

    def level(app, name):
        if (app, name) not in levels:
            levels[app, name] = bench.verdict(app, bench.rewrite(app, name))
        return levels[app, name]

    return level


@pytest.mark.parametrize("pair", EXPECTED, ids=lambda pair: "-".join(pair))
def test_rewrite(good, pair):
    verdict = good(*pair)
    assert int(verdict.level) == EXPECTED[pair], verdict.to_text()


@pytest.mark.parametrize("variation", CHOSEN, ids=str)
def test_variation(bench, good, variation):
    recipe = variation.applied(bench.rewrite(variation.app, variation.rewrite))
    verdict = bench.verdict(variation.app, recipe)
    level = good(variation.app, variation.rewrite).level
    assert verdict.level == level if variation in HARMLESS else verdict.level < level, verdict.to_text()


def test_here_documents_are_the_difference(bench):
    verdict = bench.verdict(WITHOUT_HERE_DOCUMENTS[0], bench.rewrite(*WITHOUT_HERE_DOCUMENTS))
    if bench.engine.versions["client"].startswith("4.3."):
        assert verdict.level == 0
    else:
        assert verdict.level >= 3
