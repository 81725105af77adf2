"""Killed at any moment, or left by their engine, verify and preview leave nothing and say what happened."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from engine.bases import make, stand_in

from dflint.build import BuildOptions, EngineError, Recipe, Session, driver_for, find_engine

ROOT = Path(__file__).resolve().parents[2]
PORTIONS = ("core", "rules", "optimizer", "server")
SEED = 20261125


@pytest.fixture
def project(engine, tmp_path):
    """A Dockerfile whose build takes three seconds and whose container runs on, and a rewrite of it."""
    make("busybox")
    nonce = f"{random.random()}"[2:12]
    folder = tmp_path / "project"
    folder.mkdir()
    text = (
        f"FROM {stand_in('busybox:1.35')}\nRUN echo {nonce} && sleep 3.{nonce}\n"
        f'CMD ["sh", "-c", "echo up; exec sleep 100.{nonce}"]\n'
    )
    (folder / "Dockerfile").write_text(text)
    (folder / "Rewrite").write_text(text.replace("RUN echo", "RUN true && echo"))
    return folder, nonce


VERIFY = ("verify", "Dockerfile", "Rewrite")
PREVIEW = ("preview", "Dockerfile", "--rewrite", "Rewrite", "--no-measure")


def command(folder, *arguments, call=VERIFY, **environment):
    """Start ``dflint verify``, or another command, in a process of its own."""
    temporary = folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    path = os.pathsep.join(str(ROOT / portion) for portion in PORTIONS)
    return subprocess.Popen(
        [sys.executable, "-m", "dflint", *call, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(temporary), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def running(nonce):
    """Processes of the build or a container that have the nonce in their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = process.joinpath("cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith((b"sleep", b"sh")) and any(nonce.encode() in word for word in words):
            found.append(words)
    return found


def images_of(engine, run):
    tags = engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
    return [tag for tag in tags if run in tag]


def run_of(folder, seconds=15):
    """The id of a run that has begun, from the tag in its client's arguments; empty if it has not come so far."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = process.joinpath("cmdline").read_text(errors="replace").split("\0")
            except OSError:
                continue
            for word in words:
                if word.startswith("dflint.invalid/run-") and str(folder.parent) in " ".join(words):
                    return word.partition("/")[2].partition(":")[0]
        time.sleep(0.02)
    return ""


def assert_nothing_left(engine, folder, nonce, run, before):
    until = time.monotonic() + 30
    while True:
        containers = engine.docker("ps", "-aq", "--filter", f"label=dev.dflint.run={run}").stdout.split() if run else []
        images = images_of(engine, run) if run else []
        files = [p.name for p in (folder.parent / "temporary").iterdir() if p.name.startswith("dflint-run")]
        left = (containers, images, files, running(nonce))
        if not any(left):
            break
        assert time.monotonic() < until, left
        time.sleep(0.3)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


MOMENTS = [round(random.Random(SEED + number).uniform(0.1, 9.0), 2) for number in range(9)]


@pytest.mark.parametrize(
    ("name", "moment"),
    [(name, moment) for name, moment in zip(("SIGINT", "SIGTERM", "SIGKILL") * 3, MOMENTS, strict=True)],
)
def test_killed_at_any_moment(engine, project, name, moment):
    folder, nonce = project
    before = {path.name: path.read_text() for path in folder.iterdir()}
    process = command(folder)
    begun = time.monotonic()
    run = run_of(folder, moment)
    time.sleep(max(0, begun + moment - time.monotonic()))
    number = getattr(signal, name)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    if name == "SIGKILL":
        assert process.returncode == -number
    elif process.returncode != -number:  # before Python is up the signal's own effect counts
        assert process.returncode in (128 + number, 0), errors
        assert process.returncode == 0 or "nothing of this run is left in the engine, and no file was changed" in errors
    assert_nothing_left(engine, folder, nonce, run, before)


@pytest.mark.parametrize(("name", "moment"), [("SIGINT", 1.5), ("SIGTERM", 2.0), ("SIGTERM", 6.0)])
def test_preview_killed(engine, project, name, moment):
    folder, nonce = project
    before = {path.name: path.read_text() for path in folder.iterdir()}
    process = command(folder, call=PREVIEW)
    run = run_of(folder, moment)
    time.sleep(moment)
    begun = time.monotonic()
    process.send_signal(getattr(signal, name))
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - begun < 25
    assert process.returncode == 128 + getattr(signal, name)
    assert "nothing of this run is left in the engine, and no file was changed" in errors
    assert_nothing_left(engine, folder, nonce, run, before)


def test_a_run_that_ends_by_itself_leaves_nothing(engine, project):
    folder, nonce = project
    before = {path.name: path.read_text() for path in folder.iterdir()}
    process = command(folder, "--format", "json")
    run = run_of(folder)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, output + errors
    assert run
    assert_nothing_left(engine, folder, nonce, run, before)


class Relay:
    """A socket that leads to the engine's until it is closed: an engine that can be stopped."""

    def __init__(self, path, target):
        self.target = target
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self.target)
            self.sockets += [client, engine]
            for one, other in ((client, engine), (engine, client)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, source, destination):
        with suppress(OSError):
            while data := source.recv(1 << 16):
                destination.sendall(data)
            destination.shutdown(socket.SHUT_WR)

    def close(self):
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def test_an_engine_that_is_stopped_during_a_build(engine, project, tmp_path):
    folder, nonce = project
    before = {path.name: path.read_text() for path in folder.iterdir()}
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not host.startswith("unix://"):
        pytest.skip("the engine has no socket here")
    path = Path("/tmp") / f"{engine.prefix}{nonce}.sock"
    relay = Relay(path, host.removeprefix("unix://"))
    try:
        process = command(folder, DOCKER_HOST=f"unix://{path}")
        until = time.monotonic() + 30
        while not running(nonce):
            assert time.monotonic() < until
            time.sleep(0.05)
        run = run_of(folder)
        relay.close()
        _, errors = process.communicate(timeout=120)
    finally:
        relay.close()
        path.unlink()
    assert process.returncode == 2
    assert "the engine stopped during the build" in errors
    assert "start it again" in errors
    assert_nothing_left(engine, folder, nonce, run, before)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount")
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(engine, small_disk):
    make("busybox")
    recipe = Recipe(f"FROM {stand_in('busybox:1.35')}\nRUN head -c 40000000 /dev/urandom > /big\n")
    found = find_engine("docker")
    with (
        pytest.raises(EngineError, match=r"the disk is full: .*no space left on device.*TMPDIR"),
        Session(found.program, folder=str(small_disk), least_free=0) as session,
    ):
        driver = driver_for(found, session)
        driver.save(driver.build("original", recipe, BuildOptions(context=str(small_disk))), "original")
    assert list(small_disk.iterdir()) == []
    assert session.left == []


def test_a_disk_that_is_nearly_full(engine, project, small_disk):
    folder, nonce = project
    before = {path.name: path.read_text() for path in folder.iterdir()}
    process = command(folder, TMPDIR=str(small_disk))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "MiB are free on the disk" in errors
    assert list(small_disk.iterdir()) == []
    assert_nothing_left(engine, folder, nonce, "", before)
