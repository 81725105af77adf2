"""How long ``dflint FILE`` takes on one file of 40 lines, against ``python -c pass``.

    python benchmarks/startup.py [--runs N] [--check]

``--check`` fails above 8 times the wall time, 120 ms of processor time or 100 MB of memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from processes import alternating, dflint_command, ratios, table

DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.12

FROM python:${PYTHON_VERSION}-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1
WORKDIR /app

FROM base AS build
RUN apt-get update \\
    && apt-get install -y --no-install-recommends build-essential libpq-dev \\
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip wheel --wheel-dir /wheels -r requirements.txt

FROM node:20 AS assets
WORKDIR /assets
COPY package.json package-lock.json ./
RUN npm ci
COPY assets/ ./
RUN npm run build && \\
    find dist -name '*.map' -print0 | xargs -0 rm -f

FROM base
RUN apt-get update && apt-get install -y libpq5 curl
COPY --from=build /wheels /wheels
RUN pip install --no-index --find-links=/wheels /wheels/*.whl
COPY . .
COPY --from=assets /assets/dist ./static
RUN <<EOF
set -eu
python -m compileall -q .
useradd --create-home app
chown -R app /app/data
EOF
USER app
EXPOSE 8000
LABEL org.opencontainers.image.title="shop"
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8000/health || exit 1
CMD gunicorn shop.wsgi --bind 0.0.0.0:8000
"""
CONTEXT = (
    "requirements.txt", "package.json", "package-lock.json", "assets/main.js", "shop/wsgi.py", "data/seed.json",
    ".dockerignore",
)  # fmt: skip
"""Empty files beside it, so that what it copies is there."""
WALL_RATIO, CPU_SECONDS, MEMORY = 8.0, 0.120, 100_000_000
"""What ``--check`` allows."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Time dflint on one file.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--check", action="store_true", help="fail above the limits")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "Dockerfile")
        file.write_text(DOCKERFILE, encoding="utf-8")
        for name in CONTEXT:
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.touch()
        dflint = dflint_command()
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "dflint --version": [*dflint, "--version"],
            "dflint FILE": [*dflint, "--no-cache", str(file)],
            "dflint FILE again": [*dflint, str(file)],
        }
        series = alternating(commands, given.runs, warm_up=2)
    print(f"{given.runs} runs each, in turn; a file of {DOCKERFILE.count(chr(10))} lines")
    print("\n".join(table(series)))
    bare, lint = series["python -c pass"], series["dflint FILE"]
    print(f"\ndflint FILE / python -c pass: wall {ratios(lint.wall(), bare.wall())}")
    ratio = min(lint.wall()) / min(bare.wall())
    broken = [
        told
        for told, value, limit in (
            (f"wall ratio {ratio:.2f} > {WALL_RATIO}", ratio, WALL_RATIO),
            (f"CPU {min(lint.cpu()):.3f} s > {CPU_SECONDS} s", min(lint.cpu()), CPU_SECONDS),
            (f"memory {lint.memory()} > {MEMORY} bytes", lint.memory(), MEMORY),
        )
        if value > limit
    ]
    if given.check and broken:
        print("too much: " + "; ".join(broken))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
