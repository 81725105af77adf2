"""Tidying up after a run, also when its process was killed.

A run starts this file as a process of its own and keeps its standard input open. What must go at the end is written
there, one JSON array a line. When the pipe ends, because the run told it to or because its process is no more, all that
was named goes. So nothing stays behind even after SIGKILL. The file imports nothing of dflint: it is run by its path.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

TIME_LIMIT = 60
"""Seconds for one command of the engine's client."""
LABEL = "dev.dflint.run"


def main() -> int:
    """Read what is to be removed; remove it when the input ends."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    groups: list[int] = []
    engines: list[tuple[str, str]] = []
    folders: list[str] = []
    for line in sys.stdin:
        try:
            word, *rest = json.loads(line)
        except ValueError:
            continue  # cut short: its writer was killed in the middle of it
        if word == "process":
            groups.append(rest[0])
        elif word == "ended" and rest[0] in groups:
            groups.remove(rest[0])
        elif word == "engine":
            engines.append((rest[0], rest[1]))
        elif word == "folder":
            folders.append(rest[0])
        elif word == "over":
            return 0
    end_groups(groups)
    for program, run in engines:
        remove_all(program, run)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if groups:
        # What the engine was about to make when its client went may have appeared meanwhile.
        time.sleep(2)
        for program, run in engines:
            remove_all(program, run)
    return 0


def end_groups(groups: list[int]) -> None:
    """End process groups: first so that clients can cancel what the engine does for them."""
    for name, patience in (("SIGINT", 3.0), ("SIGKILL", 0.5)):
        number = getattr(signal, name, None)
        alive = [group for group in groups if number is not None and _send(group, number)]
        until = time.monotonic() + patience
        while alive and time.monotonic() < until:
            alive = [group for group in alive if _send(group, 0)]
            time.sleep(0.05)


def _send(group: int, number: int) -> bool:
    if sys.platform == "win32":
        return False
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True


def remove(program: str, containers: tuple[str, ...], tags: tuple[str, ...]) -> bool:
    """Remove containers and tags that are known; whether all went well."""
    done = [_run(program, ("rm", "--force", "--volumes", *containers))] if containers else []
    done += [_run(program, (*removing_images(program), *tags))] if tags else []
    return all(process is not None and process.returncode == 0 for process in done)


def removing_images(program: str) -> tuple[str, ...]:
    """The words that remove images: Buildah has its own."""
    return ("rmi",) if _is_buildah(program) else ("image", "rm")


def _is_buildah(program: str) -> bool:
    return program.rpartition("/")[2].startswith("buildah")


def remove_all(program: str, run: str) -> list[str]:
    """Remove the containers, networks and tags of a run from an engine; what could not be removed is given."""
    if _is_buildah(program):
        return _remove_tags(program, ("images", "--format", "{{.Name}}:{{.Tag}}"), run)
    label = f"label={LABEL}={run}"
    _remove(program, ("ps", "--all", "--quiet", "--no-trunc", "--filter", label), ("rm", "--force", "--volumes"))
    _remove(program, ("network", "ls", "--quiet", "--filter", label), ("network", "rm"))
    left = _remove_tags(program, ("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"), run)
    return left + _lines(program, ("ps", "--all", "--quiet", "--filter", label))


def _remove_tags(program: str, listing: tuple[str, ...], run: str) -> list[str]:
    """Remove the tags of a run; gives those that are still there."""
    tags = [tag for tag in _lines(program, listing) if f"/{run}:" in tag]
    if not tags:
        return []
    _run(program, (*removing_images(program), *tags))
    return [tag for tag in _lines(program, listing) if f"/{run}:" in tag]


def _remove(program: str, listing: tuple[str, ...], removing: tuple[str, ...]) -> None:
    found = _lines(program, listing)
    if found:
        _run(program, (*removing, *found))


def _lines(program: str, arguments: tuple[str, ...]) -> list[str]:
    done = _run(program, arguments)
    return done.stdout.decode("utf-8", "replace").split() if done is not None and done.returncode == 0 else []


def _run(program: str, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[bytes] | None:
    with suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIME_LIMIT,
            check=False,
            start_new_session=True,
        )
    return None


if __name__ == "__main__":
    sys.exit(main())
