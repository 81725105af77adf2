"""Running whole commands and measuring them, for the benchmarks here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""With that variable set, Python would compile a fresh checkout anew in each run."""


class Run(NamedTuple):
    """One run: wall and processor time (its children's included) in seconds, peak memory of one process in bytes."""

    wall: float
    cpu: float
    memory: int


class Series(NamedTuple):
    """The runs of one command."""

    name: str
    runs: list[Run]

    def wall(self) -> list[float]:
        return [run.wall for run in self.runs]

    def cpu(self) -> list[float]:
        return [run.cpu for run in self.runs]

    def memory(self) -> int:
        return max(run.memory for run in self.runs)


def beside_python(program: str) -> str | None:
    """A program installed in the environment of the running Python, or anywhere on PATH."""
    from shutil import which

    return which(program, path=str(Path(sys.executable).parent)) or which(program)


def dflint_command() -> list[str]:
    """The command that is installed beside the running Python. Raises ``SystemExit`` if it does not work."""
    script = beside_python("dflint")
    command = [script] if script else [sys.executable, "-m", "dflint"]
    process = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    if not process.stdout.startswith("dflint "):
        raise SystemExit("dflint is not installed here: `make bench`, or pip install --editable .")
    return command


def measured(command: Sequence[str], allowed: frozenset[int]) -> Run:
    """Run a command without output. Raises ``RuntimeError`` for an exit code that is not allowed.

    The memory is never below this process's own: the kernel counts what a process was before it became the command.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in allowed:
        text = complaint.decode(errors="replace").strip()
        raise RuntimeError(f"{' '.join(command[:3])} ... ended with {process.returncode}: {text[-400:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def alternating(
    commands: Mapping[str, Sequence[str]], runs: int, warm_up: int = 1, allowed: frozenset[int] = frozenset((0, 1))
) -> dict[str, Series]:
    """The commands in turn, A B A B ..., so that what else the machine does meets all of them."""
    series = {name: Series(name, []) for name in commands}
    for number in range(warm_up + runs):
        for name, command in commands.items():
            run = measured(command, allowed)
            if number >= warm_up:
                series[name].runs.append(run)
    return series


def ratios(first: Sequence[float], second: Sequence[float]) -> str:
    """How many times longer the first takes: by the least values and by the medians of the pairs."""
    by_pair = median(a / b for a, b in zip(first, second, strict=True))
    return f"{min(first) / min(second):.2f} by minima, {by_pair:.2f} by pairs (median)"


def table(series: Mapping[str, Series]) -> Iterator[str]:
    """Lines with the figures of each command."""
    width = max(map(len, series))
    yield f"{'':<{width}}  {'wall min':>10} {'median':>10}  {'CPU min':>10} {'median':>10}  {'memory':>8}"
    for name, found in series.items():
        wall, cpu = found.wall(), found.cpu()
        times = (min(wall), median(wall), min(cpu), median(cpu))
        cells = [f"{t * 1000:7.1f} ms" if t < 10 else f"{t:8.2f} s" for t in times]
        yield (f"{name:<{width}}  {cells[0]} {cells[1]}  {cells[2]} {cells[3]}  {found.memory() / 2**20:5.0f} MiB")
