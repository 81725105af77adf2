"""``docker_engine.py start|stop|env|status``: a Docker engine of one's own for the tests, from Debian packages.

Nothing is installed: the packages are unpacked in a folder of the cache (``DFLINT_ENGINE_CACHE``, or
``~/.cache/dflint-engine``) and the engine runs from there with its own socket and data. It needs root, apt's sources
and, while it runs, a bridge and packet filter rules. A shell uses it after
``eval "$(python scripts/docker_engine.py start)"``.

What made it so: Debian 12's own Docker is too old (no here-documents, no buildx). Newer suites' dockerd, containerd and
clients run with Debian 12's C library, their runc does not; so runc and iptables come from the machine's own suite. The
containerd image store must be asked for: without it the docker driver exports no archives and no local caches.
"""

# ruff: noqa: T201
from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

SUITES = ("sid", "trixie")
"""Where the engine comes from: the first whose binaries run here."""
PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "containerd")
IPTABLES = (
    "iptables", "libip4tc2", "libip6tc2", "libxtables12", "libnftnl11", "libmnl0", "libnfnetlink0",
    "libnetfilter-conntrack3",
)  # fmt: skip
START_LIMIT = 60.0
"""Seconds for the engine to answer."""


class EngineUnavailableError(Exception):
    """Why there is no engine."""


def cache() -> Path:
    """Where everything is kept."""
    return Path(os.environ.get("DFLINT_ENGINE_CACHE") or Path.home() / ".cache" / "dflint-engine")


class OwnEngine:
    """The engine of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid_file = folder / "docker.pid"
        self.log = folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        """What makes ``docker`` mean this engine."""
        programs = self.folder / "root" / "usr"
        return {
            "PATH": f"{programs / 'bin'}:{programs / 'sbin'}:{os.environ.get('PATH', os.defpath)}",
            "DOCKER_HOST": f"unix://{self.folder / 'docker.sock'}",
            "DOCKER_CONFIG": str(self.folder / "config"),
        }

    def answers(self) -> bool:
        return self.pid_file.exists() and _answers({**os.environ, **self.environment})

    def start(self) -> None:
        """Download what is missing and start. Raises EngineUnavailableError."""
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise EngineUnavailableError("an engine is only brought up by root on Debian")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.answers():
                return
            problems = []
            for suite in SUITES:
                try:
                    self._fetch(suite)
                    self._launch()
                    return
                except (EngineUnavailableError, subprocess.SubprocessError, OSError) as error:
                    problems.append(f"{suite}: {error}")
                    shutil.rmtree(self.folder / "root", ignore_errors=True)
            raise EngineUnavailableError("\n".join(problems))

    def stop(self) -> bool:
        """Stop it; whether it ran."""
        try:
            process = int(self.pid_file.read_text())
            os.kill(process, signal.SIGTERM)
        except (OSError, ValueError):
            return False
        until = time.monotonic() + 30
        while time.monotonic() < until and Path(f"/proc/{process}").exists():
            time.sleep(0.1)
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)
        return True

    def _fetch(self, suite: str) -> None:
        """Unpack the packages, unless it has been done."""
        root = self.folder / "root"
        if (root / "complete").exists():
            return
        shutil.rmtree(root, ignore_errors=True)
        debs = self.folder / "debs"
        shutil.rmtree(debs, ignore_errors=True)
        debs.mkdir(parents=True)
        print(f"Downloading Docker from Debian {suite} ...", file=sys.stderr)
        apt = self._apt_options(suite)
        _run("apt-get", *apt, "update")
        _run("apt-get", *apt, "download", *PACKAGES, folder=debs)
        ours = [] if shutil.which("runc") else ["runc"]
        ours += [] if shutil.which("iptables") else IPTABLES
        if ours:
            _run("apt-get", "-qq", "update")
            _run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *ours, folder=debs)
        for deb in sorted(debs.glob("*.deb")):
            _run("dpkg", "-x", deb, root)
        shutil.rmtree(debs)
        for program in ("usr/bin/docker", "usr/bin/containerd", "usr/sbin/dockerd"):
            missing = _run("ldd", root / program)
            if "not found" in missing:
                raise EngineUnavailableError(f"{program} does not run here")
        plugins = self.folder / "config" / "cli-plugins"
        plugins.mkdir(parents=True, exist_ok=True)
        buildx = next(path for path in root.rglob("docker-buildx") if path.is_file() and os.access(path, os.X_OK))
        shutil.copy(buildx, plugins / "docker-buildx")
        (root / "complete").touch()

    def _apt_options(self, suite: str) -> list[str]:
        """apt with one suite as its only source and its own lists."""
        mirror, key = debian_archive()
        lists = self.folder / "lists"
        (lists / "partial").mkdir(parents=True, exist_ok=True)
        source = self.folder / "sources.list"
        source.write_text(f"deb [signed-by={key}] {mirror} {suite} main\n")
        options = (
            f"Dir::Etc::SourceList={source}", "Dir::Etc::SourceParts=/dev/null", f"Dir::State::Lists={lists}",
            "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=", "APT::Sandbox::User=root",
        )  # fmt: skip
        return ["-qq", *(word for option in options for word in ("-o", option))]

    def _launch(self) -> None:
        settings = self.folder / "daemon.json"
        settings.write_text(json.dumps({"features": {"containerd-snapshotter": True}}))
        self.pid_file.unlink(missing_ok=True)
        root = self.folder / "root"
        environment = {**os.environ, **self.environment}
        libraries = sorted({str(path.parent) for path in root.rglob("libxtables.so*")})
        if libraries:
            environment["LD_LIBRARY_PATH"] = libraries[0]
            environment["XTABLES_LIBDIR"] = f"{libraries[0]}/xtables"
        command = [
            root / "usr/sbin/dockerd", "--config-file", settings, "--host", self.environment["DOCKER_HOST"],
            "--data-root", self.folder / "data", "--exec-root", self.folder / "exec", "--pidfile", self.pid_file,
            "--userland-proxy=false",
        ]  # fmt: skip
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [str(word) for word in command], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and process.poll() is None:
            if self.answers():
                return
            time.sleep(0.2)
        self.stop()
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise EngineUnavailableError("dockerd did not start:\n" + self.log.read_text(errors="replace")[-3000:])


def debian_archive() -> tuple[str, str]:
    """Address of the Debian archive that this machine's apt uses, and its key file. Raises EngineUnavailableError."""
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    for file in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"(?m)^([\w-]+):[ \t]*(.+)$", stanza))
            for address in fields.get("URIs", "").split():
                if address.rstrip("/").endswith("/debian") and fields.get("Enabled", "yes") != "no":
                    signed = fields.get("Signed-By", key)
                    return address, signed if signed.startswith("/") else key
    for file in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.list"))]:
        if file.exists() and (found := re.search(r"(?m)^deb +(?:\[[^]]*\] +)?(\S+/debian/?) ", file.read_text())):
            return found[1], key
    raise EngineUnavailableError("no Debian archive in apt's sources")


def existing_engine() -> bool:
    """Whether ``docker`` answers already and has buildx."""
    return shutil.which("docker") is not None and _answers(dict(os.environ))


def own_engine() -> OwnEngine:
    return OwnEngine(cache() / "engine")


def _answers(environment: dict[str, str]) -> bool:
    for command in (("docker", "version"), ("docker", "buildx", "version")):
        program = shutil.which("docker", path=environment["PATH"])
        if program is None:
            return False
        done = subprocess.run([program, *command[1:]], env=environment, capture_output=True, check=False, timeout=60)
        if done.returncode:
            return False
    return True


def _run(*command: object, folder: Path | None = None) -> str:
    """Run a command; gives its output. Raises EngineUnavailableError with the end of what it said."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode:
        raise EngineUnavailableError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return done.stdout


def main() -> int:
    word = sys.argv[1] if len(sys.argv) == 2 else ""
    engine = own_engine()
    if word == "start":
        try:
            engine.start()
        except EngineUnavailableError as error:
            print(error, file=sys.stderr)
            return 1
    elif word == "stop":
        print("stopped" if engine.stop() else "it did not run", file=sys.stderr)
    elif word == "status":
        print("runs" if engine.answers() else "does not run")
    elif word != "env":
        print((__doc__ or "").splitlines()[0], file=sys.stderr)
        return 2
    if word in ("start", "env"):
        for name, value in engine.environment.items():
            print(f"export {name}='{value}'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
