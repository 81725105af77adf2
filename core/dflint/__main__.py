"""``python -m dflint``, and the installed command."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from dflint.cli import main

if TYPE_CHECKING:
    from typing import NoReturn


def command() -> NoReturn:
    """Run the command line of this process and end it.

    Without Python's own way to end, which frees everything object by object: a ninth of the time to lint a file.
    """
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # closed by whoever reads; ``main`` has said what there is to say
        code = code or 1
    os._exit(code)


if __name__ == "__main__":
    command()
