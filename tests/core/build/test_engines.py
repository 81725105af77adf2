"""Engines that are missing, stopped, old or go away: a script plays the client."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dflint.build import BuildOptions, EngineError, Recipe, Session, driver_for, find_engine, processes
from dflint.build.podman import StepReader

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the client is played by a shell script")

INFO = {
    "ServerVersion": "28.0.1",
    "Driver": "overlay2",
    "ClientInfo": {"Version": "28.0.1", "Context": "default", "Plugins": [{"Name": "buildx", "Version": "v0.20.0"}]},
}
BUILDER = "Name: default\nDriver: docker\nNodes:\nName: default\nStatus: running\nBuildKit version: v0.20.1\n"


@pytest.fixture
def client(tmp_path, monkeypatch):
    """Write the client's script: the body of a shell ``case`` over its arguments."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    (tmp_path / "info.json").write_text(json.dumps(INFO))
    (tmp_path / "builder").write_text(BUILDER)

    def write(cases="", name="docker"):
        script = folder / name
        script.write_text(
            f'#!/bin/sh\ncd {tmp_path}\necho "$@" >>calls\ncase "$*" in\n{cases}\n'
            "info*) cat info.json ;;\n'buildx inspect'*) cat builder ;;\nesac\n"
        )
        script.chmod(0o755)

    return write


def test_found_and_described(client):
    client()
    engine = find_engine()
    assert engine.description == (
        "docker: client 28.0.1, engine 28.0.1, buildx 0.20.0, buildkit 0.20.1; builder default (driver docker); "
        "overlay2 image store"
    )
    assert engine.local


def test_none_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"no build engine is installed.*start or install Docker"):
        find_engine()
    with pytest.raises(EngineError, match=r"podman is not installed; start or install"):
        find_engine("podman")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "start it",
        ),
        ("permission denied while trying to connect to the Docker daemon socket", "group docker"),
    ],
)
def test_not_running(client, tmp_path, said, advice):
    (tmp_path / "info.json").write_text(json.dumps({**INFO, "ServerVersion": "", "ServerErrors": [said]}))
    client()
    with pytest.raises(EngineError) as raised:
        find_engine("docker")
    assert said in str(raised.value)
    assert advice in raised.value.advice


@pytest.mark.parametrize(
    ("plugins", "words"), [([], "has no buildx"), ([{"Name": "buildx", "Version": "v0.9.1"}], "0.9.1 is too old")]
)
def test_buildx(client, tmp_path, plugins, words):
    client_info = {**INFO["ClientInfo"], "Plugins": plugins}
    (tmp_path / "info.json").write_text(json.dumps({**INFO, "ClientInfo": client_info}))
    client()
    with pytest.raises(EngineError, match=words):
        find_engine("docker")


def test_no_such_builder(client):
    client("'buildx inspect nope') echo 'ERROR: no builder \"nope\" found' >&2; exit 1 ;;")
    with pytest.raises(
        EngineError, match='the builder nope cannot be used: no builder "nope" found; see docker buildx ls'
    ):
        find_engine("docker", "nope")


def test_podman_is_taken_when_docker_does_not_run(client, tmp_path):
    (tmp_path / "info.json").write_text(json.dumps({**INFO, "ServerVersion": ""}))
    client()
    client("version*) echo 4.3.1 ;;", "podman")
    assert find_engine().description == "podman: client 4.3.1"


def build(recipe="FROM a\nRUN x\n", **options):
    engine = find_engine("docker")
    with Session(engine.program) as session:
        return driver_for(engine, session).build("original", Recipe(recipe), BuildOptions(**options)), session


SUCCEEDS = """
*'buildx build'*) while [ $# -gt 1 ]; do [ "$1" = --iidfile ] && echo sha256:1 >"$2"; shift; done ;;
"""


def test_the_command(client, tmp_path):
    client(SUCCEEDS)
    result, session = build(
        target="t", platform="linux/arm64", secrets=("id=s,src=/dev/null",), ssh=("default",),
        build_contexts=("x=docker-image://y",), cache_from=("type=gha",), cache_to=("type=gha",), network="none",
        build_args=(("TOKEN", "abcdef"),), no_cache=True, context="ctx",
    )  # fmt: skip
    assert result.failure is None
    command = next(line for line in (tmp_path / "calls").read_text().splitlines() if "build --progress" in line)
    for words in (
        "--progress=rawjson", "--provenance=false", "--builder default", "--target t", "--platform linux/arm64",
        "--secret id=s,src=/dev/null", "--ssh default", "--build-context x=docker-image://y", "--cache-from type=gha",
        "--cache-to type=gha", "--network none", "--no-cache", "--build-arg TOKEN ", "--load",
    ):  # fmt: skip
        assert words in command, words
    assert command.endswith(" ctx")
    assert "abcdef" not in command
    assert result.tag.startswith(f"dflint.invalid/{session.id}:")


def test_a_file_that_does_not_build(client):
    client(
        "*'buildx build'*) echo 'Dockerfile:2' >&2\n"
        "echo 'ERROR: failed to build: failed to solve: exit code: 3' >&2; exit 1 ;;"
    )
    result, _ = build()
    assert result.failure.message == "exit code: 3"
    assert result.failure.line == 2


def test_an_engine_that_goes_away(client):
    client(
        "version*) exit 1 ;;\n"
        "*'buildx build'*) echo 'ERROR: failed to receive status: rpc error: code = Unavailable' >&2; exit 1 ;;"
    )
    with pytest.raises(
        EngineError, match=r"the engine stopped during the build: failed to receive status.*start it again"
    ):
        build()


def test_a_full_disk(client):
    client("*'buildx build'*) echo 'ERROR: failed to solve: write /x: no space left on device' >&2; exit 1 ;;")
    with pytest.raises(EngineError, match=r"the disk is full: .*make room"):
        build()


def test_a_frontend_that_cannot_be_had(client, tmp_path):
    client(
        "*'buildx build'*) while [ $# -gt 1 ]; do\n"
        '[ "$1" = --iidfile ] && out=$2; [ "$1" = --file ] && file=$2; shift; done\n'
        'if grep -q syntax= "$file"; then echo "ERROR: failed to solve: failed to resolve source metadata for '
        'docker.io/docker/dockerfile:1: no" >&2; exit 1\n'
        'fi; echo sha256:1 >"$out" ;;'
    )
    text = "# syntax=docker/dockerfile:1\nFROM a\n"
    result, _ = build(text)
    assert result.failure is None
    assert result.frontend == ""
    assert result.notes == ("the engine's own frontend read the Dockerfile: docker/dockerfile:1 could not be had",)
    assert build(text, frontend="image")[0].failure is not None


def test_without_a_bridge_the_network_is_the_hosts(client, tmp_path):
    client(
        '*\'--network host\'*) while [ $# -gt 1 ]; do [ "$1" = --iidfile ] && echo sha256:1 >"$2"; shift; done ;;\n'
        "*'buildx build'*) echo 'ERROR: failed to solve: network bridge not found' >&2; exit 1 ;;"
    )
    engine = find_engine("docker")
    with Session(engine.program) as session:
        driver = driver_for(engine, session)
        assert driver.build("a", Recipe("FROM a\nRUN x\n"), BuildOptions()).failure is None
        assert driver.network(BuildOptions()) == ("host", "the engine has no bridge network")
        assert driver.build("a", Recipe("FROM a\nRUN x\n"), BuildOptions(network="default")).failure is not None


def test_a_time_limit_ends_the_client_and_its_children(client, tmp_path):
    client("*'buildx build'*) echo $$ >pid; sleep 60 & echo $! >child; wait ;;")
    begun = time.monotonic()
    with pytest.raises(EngineError, match=r"took longer than 0.5 seconds"):
        build(time_limit=0.5)
    assert time.monotonic() - begun < 15
    for name in ("pid", "child"):
        assert not is_alive(int((tmp_path / name).read_text()))


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_session_leaves_nothing(client, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    client(SUCCEEDS)
    _, session = build()
    assert not list(tmp_path.glob("dflint-run-*"))
    calls = (tmp_path / "calls").read_text()
    assert f"image rm dflint.invalid/{session.id}:original" in calls


def test_what_cannot_be_removed_is_told(client):
    client(
        SUCCEEDS
        + "'image rm'*) exit 1 ;;\n'image ls'*) echo $(sed -n 's/.*--tag \\([^ ]*\\).*/\\1/p' calls | head -1) ;;"
    )
    result, session = build()
    assert session.left == [result.tag]


def test_a_nearly_full_temporary_disk(client):
    client("*'buildx build'*) sleep 30 ;;")
    engine = find_engine("docker")
    with (
        pytest.raises(EngineError, match=r"only \d+ MiB are free on the disk.*TMPDIR"),
        Session(engine.program, least_free=1 << 60) as session,
    ):
        driver_for(engine, session).build("a", Recipe("FROM a\n"), BuildOptions())


def test_a_session_that_was_killed_is_tidied_up(client, tmp_path):
    client("*'buildx build'*) touch started; exec sleep 60 ;;")
    code = (
        "import os, sys\n"
        "from dflint.build import *\n"
        "engine = find_engine('docker')\n"
        "with Session(engine.program, folder=sys.argv[1]) as session:\n"
        "    driver_for(engine, session).build('a', Recipe('FROM a\\n'), BuildOptions())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment)
    wait_for(lambda: (tmp_path / "started").exists())
    process.kill()
    process.wait()
    wait_for(lambda: not list(tmp_path.glob("dflint-run-*")), 20)
    calls = (tmp_path / "calls").read_text()
    assert "ps --all --quiet --no-trunc --filter label=dev.dflint.run=run-" in calls


def wait_for(condition, seconds=20):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_signals_become_exceptions():
    from signal import SIGTERM, getsignal, raise_signal

    kept = getsignal(SIGTERM)
    with pytest.raises(processes.Terminated) as raised, processes.signals_raise():
        raise_signal(SIGTERM)
    assert raised.value.signal == SIGTERM
    assert getsignal(SIGTERM) is kept


def test_a_command_that_is_not_there():
    with pytest.raises(EngineError, match=r"cannot be run: No such file"):
        processes.run(["/no/such/program"])


def test_output_that_never_ends_is_cut():
    ended = processes.run(["sh", "-c", "yes | head -100000; echo last"])
    assert ended.output.count("\n") == processes.LINES_KEPT - 1
    assert ended.output.endswith("last")


def test_steps_of_buildah():
    reader = StepReader(lambda text: text.replace("hunter2", "***"))
    for text in (
        "[1/2] STEP 1/2: FROM a AS x", "[1/2] STEP 2/2: RUN echo hunter2", "hunter2", "--> 12ab",
        "[2/2] STEP 1/2: FROM b", "[2/2] STEP 2/2: COPY . .", "--> Using cache 34cd", "--> 34cd",
    ):  # fmt: skip
        reader.feed(text)
    steps = reader.finish()
    assert [step.name for step in steps] == [
        "[1 1/2] FROM a AS x",
        "[1 2/2] RUN echo ***",
        "[2 1/2] FROM b",
        "[2 2/2] COPY . .",
    ]
    assert [step.cached for step in steps] == [False, False, False, True]
    assert "***" in list(reader.log)
