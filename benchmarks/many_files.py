"""What 10,000 files in one call cost: memory of all processes together, and when the first finding is out.

    python benchmarks/many_files.py FOLDER [--files 10000] [--format json] [--jobs 1] [--cache on] [--keep DIR]

The Dockerfiles of FOLDER are copied into as many folders as there shall be files, over again if they are too few, and
dflint lints them all: in each format, with one process and with its own choice, with kept results and without. A row
says: wall time, seconds until the first byte of the report, output, and the peak of the memory of dflint, its workers
and ShellCheck together. ``RSS`` counts pages that processes share once for each of them, ``PSS`` once. Linux only: both
are read from ``/proc`` every tenth of a second, so a peak that is shorter can be missed.

``--check`` fails above 300 MB, by RSS.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from processes import ENVIRONMENT, dflint_command
from throughput import dockerfiles

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "checkstyle", "junit")
LIMIT = 300_000_000
"""Bytes that all processes together may take."""
INTERVAL = 0.1


class Row(NamedTuple):
    """One run: seconds and bytes."""

    wall: float
    first: float
    output: int
    rss: int
    pss: int
    processes: int


def copies(files: list[str], wanted: int, folder: Path) -> None:
    """That many files, each in a folder of its own, a hundred of them in one."""
    for number in range(wanted):
        text = Path(files[number % len(files)]).read_bytes()
        if number >= len(files):  # else the results of the first would do for it
            text += b"\n# copy %d\n" % (number // len(files))
        place = folder / f"{number // 100:04}" / f"{number % 100:02}"
        place.mkdir(parents=True)
        (place / "Dockerfile").write_bytes(text)


def descendants(root: int) -> set[int]:
    """A process and all that it started, directly or not."""
    parents = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                stat = Path(entry.path, "stat").read_bytes()
            except OSError:
                continue  # it has ended
            parents[int(entry.name)] = int(stat.rpartition(b")")[2].split()[1])
    found = {root}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def memory(processes: set[int]) -> tuple[int, int]:
    """Resident and proportional set size of some processes together, in bytes."""
    rss = pss = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_bytes().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(b"Rss:"):
                rss += int(line.split()[1]) * 1024
            elif line.startswith(b"Pss:"):
                pss += int(line.split()[1]) * 1024
    return rss, pss


class Peak(threading.Thread):
    """Watches a process and its descendants until ``stop``."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.rss = self.pss = self.processes = 0
        self._root = root
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(INTERVAL):
            processes = descendants(self._root)
            rss, pss = memory(processes)
            self.rss, self.pss = max(self.rss, rss), max(self.pss, pss)
            self.processes = max(self.processes, len(processes))

    def stop(self) -> None:
        self._is_over.set()
        self.join()


def measured(command: list[str], folder: Path) -> Row:
    """Run a command in a folder. Raises ``RuntimeError`` if it neither finds something nor ends well."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        assert process.stdout is not None
        peak = Peak(process.pid)
        peak.start()
        first, output = 0.0, 0
        while piece := os.read(process.stdout.fileno(), 1 << 16):
            first = first or time.perf_counter() - started
            output += len(piece)
        code = process.wait()
        wall = time.perf_counter() - started
        peak.stop()
        process.stdout.close()
        if code not in (0, 1):
            complaints.seek(0)
            told = complaints.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(command)} ended with {code}: {told[-400:]}")
    return Row(wall, first, output, peak.rss, peak.pss, peak.processes)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure dflint on 10,000 files in one call.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--format", choices=FORMATS, action="append", help="default: all")
    parser.add_argument("--jobs", choices=("1", "default"), action="append", help="default: both")
    parser.add_argument("--cache", choices=("off", "filled", "used"), action="append", help="default: all three")
    parser.add_argument("--option", action="append", default=[], help="one more for dflint, as in --option=--no-config")
    parser.add_argument("--as-is", action="store_true", help="lint FOLDER itself instead of copies")
    parser.add_argument("--check", action="store_true", help="fail above the limit")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.folder
        if not given.as_is:
            files = dockerfiles(given.folder, given.files)
            if not files:
                print("no Dockerfiles found")
                return 2
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            copies(files, given.files, folder)
        kept = stack.enter_context(tempfile.TemporaryDirectory())
        print(f"{os.cpu_count()} processors")
        print(f"{'format':<11}{'jobs':<9}{'cache':<8}{'wall s':>8}{'first s':>9}{'output MB':>11}"
              f"{'RSS MB':>8}{'PSS MB':>8}{'processes':>11}")  # fmt: skip
        worst = 0
        for format_name in given.format or FORMATS:
            for jobs in given.jobs or ("1", "default"):
                for cache in given.cache or ("off", "filled", "used"):
                    place = Path(kept) / f"{format_name}-{jobs}"
                    command = [*dflint_command(), "--format", format_name, *given.option]
                    command += ["--jobs", "1"] if jobs == "1" else []
                    command += ["--no-cache"] if cache == "off" else ["--cache-dir", str(place)]
                    row = measured(command, folder)
                    print(f"{format_name:<11}{jobs:<9}{cache:<8}{row.wall:>8.1f}{row.first:>9.2f}"
                          f"{row.output / 1e6:>11.1f}{row.rss / 1e6:>8.0f}{row.pss / 1e6:>8.0f}"
                          f"{row.processes:>11}", flush=True)  # fmt: skip
                    worst = max(worst, row.rss)
    if given.check and worst > LIMIT:
        print(f"above the limit of {LIMIT / 1e6:.0f} MB")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
