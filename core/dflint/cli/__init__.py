"""The command ``dflint``: one module a subcommand, imported when it is called."""

from __future__ import annotations

import errno
import gc
import os
import sys
from time import time_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTED = time_ns()
"""When the code of this process began to be read."""

COMMANDS = {
    "format": "lay Dockerfiles out: white space and the case of keywords",
    "ignore": "write or improve a .dockerignore from what is in the build context",
    "cache": "tell how often each step would have run again, by the git history",
    "lint": "lint and fix Dockerfiles; what runs when no command is named",
    "optimize": "rewrite a Dockerfile so that its image is smaller and builds faster",
    "migrate": "turn hadolint's configuration into dflint's",
    "preview": "build a Dockerfile and its optimized form side by side, and show what it brings",
    "rule": "explain a rule",
    "rules": "list all rules",
    "server": "serve an editor: the language server",
    "tree": "show the syntax tree of a Dockerfile",
    "verify": "build a Dockerfile and a rewrite of it, and tell how far they are the same",
}
"""Subcommand to what it does; each is a module of this package with ``run(arguments) -> int``."""

CLEAN, FINDINGS, TROUBLE = 0, 1, 2
"""Exit codes: nothing found; findings; wrong usage, or something that dflint could not do."""
INTERRUPTED = 130
BROKEN_PIPE = 141

_WRITING_FAILED = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC))


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and give its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None or sys.stderr is None:
        _replace_closed_streams()
    collects = gc.isenabled()
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except SystemExit as exit:  # argparse, after a usage error or --help
        return exit.code if isinstance(exit.code, int) else TROUBLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        _drop_output()
        return BROKEN_PIPE
    except OSError as error:
        if error.filename is not None or error.errno not in _WRITING_FAILED:
            raise
        _drop_output()
        complain(f"cannot write the output: {error.strerror}")
        return TROUBLE
    finally:
        if collects:
            gc.enable()


def _run(arguments: list[str]) -> int:
    if arguments[:1] in (["--version"], ["-V"]):
        from dflint.version import VERSION

        sys.stdout.write(f"dflint {VERSION}\n")
        return CLEAN
    command = "lint"
    if arguments and arguments[0] in COMMANDS:
        command = arguments.pop(0)
    if command == "lint":
        gc.disable()  # importing alone sets it off several times; ``outcomes`` collects when there are many files
        from dflint.cli.lint import run

        return run(arguments)
    from importlib import import_module

    module = import_module(f"dflint.cli.{command}")
    code: int = module.run(arguments)
    return code


def _drop_output() -> None:
    """Have standard output lead nowhere: Python would complain once more when it flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _replace_closed_streams() -> None:
    """Python has None for a stream that whoever started us has closed: what is written there is dropped."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115


def complain(message: str) -> None:
    """Say on standard error what is wrong."""
    from dflint.report.base import printable

    sys.stdout.flush()
    stream = sys.stderr
    text = f"dflint: {printable(message)}\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
