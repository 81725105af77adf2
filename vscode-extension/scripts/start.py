"""Starts the bundled dflint: ``python -I -S start.py COMMAND ...``.

Nothing but the standard library and the folder ``libs`` beside this file can be imported, so that what runs is what
came with the extension.
"""

# pathlib would be imported for this alone.
# ruff: noqa: PTH100, PTH118, PTH120
import sys
from os.path import abspath, dirname, join


def main() -> None:
    if sys.version_info < (3, 10):  # noqa: UP036
        sys.exit("dflint needs Python 3.10 or later, this is %d.%d" % sys.version_info[:2])  # noqa: UP031
    here = dirname(abspath(__file__))
    sys.path[:] = [path for path in sys.path if path not in ("", here)]
    sys.path.append(join(here, "libs"))
    sys.argv[0] = "dflint"
    from dflint.__main__ import command

    command()


if __name__ == "__main__":
    main()
