"""Linting many files with several processes, when that pays."""

from __future__ import annotations

import gc
import os
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from dflint.findings import InternalError
from dflint.report.base import FileOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.cli.file_linter import FileLinter
    from dflint.cli.lint_options import LintOptions

PAYS_FROM = 80
"""Number of files from which starting processes takes less time than it saves."""
CHUNK = 20
"""Files that a process is handed at a time: ShellCheck gets their scripts in one go."""


def outcomes(linter: FileLinter, paths: Iterable[str], jobs: int | None) -> Iterator[FileOutcome]:
    """The outcome of each file, in the order of the paths; ``jobs`` is the number of processes, None to choose."""
    remaining = iter(paths)
    wanted = jobs or os.cpu_count() or 1
    if wanted > 1:
        first = list(islice(remaining, CHUNK if jobs else PAYS_FROM))
        if len(first) == (CHUNK if jobs else PAYS_FROM):
            yield from _by_processes(linter.options, _chained(first, remaining), wanted)
            return
        remaining = iter(first)
    yield from _by_this_process(linter, remaining)


def _by_this_process(linter: FileLinter, paths: Iterable[str]) -> Iterator[FileOutcome]:
    remaining = iter(paths)
    while chunk := list(islice(remaining, CHUNK)):
        yield from linter.files(chunk)
        if len(chunk) == CHUNK:
            _collect()


def _collect() -> None:
    """Free the trees of the files so far: they are cycles, and the collector does not run by itself here."""
    gc.collect()
    gc.freeze()  # what is left is the program, and need not be looked at again


def _chained(first: Iterable[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _by_processes(options: LintOptions, paths: Iterator[str], jobs: int) -> Iterator[FileOutcome]:
    from collections import deque
    from concurrent.futures.process import BrokenProcessPool

    waiting: deque[tuple[list[str], Any]] = deque()
    pool = _pool(options, jobs)
    try:
        while True:
            while len(waiting) < jobs * 3 and (chunk := list(islice(paths, CHUNK))):
                waiting.append((chunk, _submitted(pool, chunk)))
            if not waiting:
                pool.shutdown()
                return
            chunk, future = waiting.popleft()
            try:
                if future is None:
                    raise BrokenProcessPool
                results = future.result()
            except BrokenProcessPool:
                # A process died, and with it what all of them had at hand. Find the file that did it.
                pool.shutdown(cancel_futures=True)
                results = _one_by_one(options, chunk)
                pool = _pool(options, jobs)
                waiting = deque((c, f if _is_done(f) else _submitted(pool, c)) for c, f in waiting)
            yield from results
    except BaseException:  # interrupted, or nobody reads on: what is begun need not be finished
        _abandon(pool)
        raise


def _abandon(pool: Any) -> None:
    """Stop a pool's processes without waiting: one that is stopped while it hands over a result would hold it up."""
    import multiprocessing

    children = multiprocessing.active_children()
    pool.shutdown(wait=False, cancel_futures=True)
    for child in children:
        child.terminate()


def _is_done(future: Any) -> bool:
    return future is not None and future.done() and not future.cancelled() and future.exception() is None


def _submitted(pool: Any, chunk: list[str]) -> Any:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return pool.submit(_lint_files, chunk)
    except BrokenProcessPool:
        return None


def _one_by_one(options: LintOptions, paths: list[str]) -> list[FileOutcome]:
    from concurrent.futures.process import BrokenProcessPool

    results = []
    pool = _pool(options, 1)
    for path in paths:
        try:
            results.extend(pool.submit(_lint_files, [path]).result())
        except BrokenProcessPool:
            error = InternalError(path, "the process that linted it died")
            results.append(FileOutcome(path, "", (), (error,)))
            pool.shutdown()
            pool = _pool(options, 1)
    pool.shutdown()
    return results


def _pool(options: LintOptions, jobs: int) -> Any:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Forking takes the imported rules along; nothing here has threads that it could break.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _start_worker, (options,))


_linter: FileLinter | None = None


def _start_worker(options: LintOptions) -> None:
    import signal

    from dflint.cli.file_linter import FileLinter

    global _linter
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    _linter = FileLinter(options)


def _lint_files(paths: list[str]) -> list[FileOutcome]:
    assert _linter is not None
    made = list(_linter.files(paths))
    _collect()
    return made
