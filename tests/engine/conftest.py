"""The Docker engine, found through the ``docker`` program as the user would (``DOCKER_HOST``, contexts).

Without one these tests are skipped; with ``CI=true`` they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Engine:
    """The ``docker`` program with an engine that answers; ``prefix`` begins the names of all images that tests make."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.prefix = f"dflint-test-{token_hex(4)}-"

    def docker(
        self, *arguments: object, check: bool = True, cwd: object = None, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run it; what it says is text, bytes that are not UTF-8 as lone surrogates. With ``check`` it must succeed."""
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            cwd=None if cwd is None else str(cwd),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=timeout,
        )
        if check and done.returncode != 0:
            pytest.fail(f"docker {' '.join(map(str, arguments))}: {done.stderr or done.stdout}")
        return done


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    program = shutil.which("docker")
    reason = "there is no program docker"
    if program is not None:
        found = Engine(program)
        told = found.docker("buildx", "version", check=False)
        if told.returncode == 0:
            told = found.docker("version", "--format", "{{.Server.Version}}", check=False)
        if told.returncode == 0:
            yield found
            made = found.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"{found.prefix}*", check=False)
            for image in made.stdout.split():
                found.docker("image", "rm", "--force", image, check=False)
            return
        reason = f"no engine answers: {(told.stderr or told.stdout).strip()}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
