"""How long ``dflint cache`` takes on a repository of 10,000 commits and 20,000 files.

    python benchmarks/cache_history.py [--commits N] [--files N] [--runs N] [--check]

The repository is made with ``git fast-import`` in a temporary folder. ``--check`` fails above 5 s or 200 MB, for the
last 200 commits and for all of them.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from processes import alternating, dflint_command, table

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCKERFILE = """\
FROM node:22 AS assets
WORKDIR /assets
COPY web/package.json web/package-lock.json ./
RUN npm ci
COPY web .
RUN npm run build

FROM python:3.12 AS wheels
WORKDIR /wheels
COPY . .
RUN pip wheel --wheel-dir /wheels -r requirements.txt

FROM python:3.12-slim
WORKDIR /app
COPY --from=wheels /wheels /wheels
RUN pip install --no-index --find-links=/wheels /wheels/*.whl
COPY services/ services/
COPY --from=assets /assets/dist static/
RUN python -m compileall -q .
"""
IGNORE = ".git\nnode_modules\n**/*.md\n**/__pycache__\n"
SECONDS, BYTES = 5.0, 200_000_000
"""What ``--check`` allows."""


def stream(files: int, commits: int) -> Iterator[bytes]:
    """A repository for ``git fast-import``: the first commit has all files, the others change one to six each."""
    chosen = random.Random(1)
    paths = [
        f"{chosen.choice(('services', 'web/src', 'docs', 'lib'))}/{number % 97}/{number % 31}/file{number}"
        f"{chosen.choice(('.py', '.js', '.md', '.txt'))}"
        for number in range(files)
    ]
    fixed = {
        "Dockerfile": DOCKERFILE,
        ".dockerignore": IGNORE,
        "requirements.txt": "flask\n",
        "web/package.json": "{}",
        "web/package-lock.json": "{}",
    }
    yield b"reset refs/heads/main\n"
    for number in range(commits):
        message = f"commit {number}".encode()
        yield b"commit refs/heads/main\ncommitter a <a@b> %d +0000\n" % (1_600_000_000 + number * 600)
        yield b"data %d\n%s\n" % (len(message), message)
        changed = dict.fromkeys(paths, f"{number}\n") if number == 0 else {}
        if number == 0:
            changed |= fixed
        else:
            changed |= {chosen.choice(paths): f"{number}\n" for _ in range(chosen.randint(1, 6))}
            if number % 37 == 0:
                changed["web/package.json"] = f'{{"version": "{number}"}}'
            if number % 53 == 0:
                changed["requirements.txt"] = f"flask=={number}\n"
        for path, content in changed.items():
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content.encode())
        yield b"\n"


def make(folder: Path, files: int, commits: int) -> None:
    subprocess.run(["git", "init", "-q", "--initial-branch=main", str(folder)], check=True)
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE)
    assert process.stdin is not None
    for piece in stream(files, commits):
        process.stdin.write(piece)
    process.stdin.close()
    if process.wait() != 0:
        raise RuntimeError("git fast-import failed")
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Time dflint cache on a large repository.")
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--check", action="store_true", help="fail above the limits")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "repository")
        make(folder, given.files, given.commits)
        os.environ["XDG_CACHE_HOME"] = str(Path(name, "cache"))
        command = [*dflint_command(), "cache", str(folder / "Dockerfile")]
        everything = ["--commits", str(given.commits)]
        commands = {
            "200 commits, nothing kept": [*command, "--no-cache"],
            "200 commits": command,
            "all commits, nothing kept": [*command, "--no-cache", *everything],
            "all commits": [*command, *everything],
        }
        series = alternating(commands, given.runs, warm_up=1)
    print(f"{given.runs} runs each, in turn; {given.files} files, {given.commits} commits")
    print("\n".join(table(series)))
    broken = [
        f"{what}: {min(one.wall()):.1f} s, {one.memory() / 1e6:.0f} MB"
        for what, one in series.items()
        if min(one.wall()) > SECONDS or one.memory() > BYTES
    ]
    if given.check and broken:
        print("too much: " + "; ".join(broken))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
