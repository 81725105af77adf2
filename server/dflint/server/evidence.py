"""What takes too long for an answer at once: the files a COPY takes, and how often a step would have run anew.

Both are found out in a thread, for the text that was opened or saved, and kept by the instruction's text; a hint may be
a little behind what is being typed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

    from dflint.model import Model
    from dflint.model.evidence import Frequency
    from dflint.syntax.tree import Instruction

MAX_FILES = 50_000


class Facts(NamedTuple):
    """What is known of one instruction. None: nothing is known."""

    files: int | None = None
    size: int | None = None
    """Bytes of the files."""
    runs: Frequency | None = None
    """In how many of the compared commits the step would have run anew."""


class Evidence:
    """The facts about open documents."""

    def __init__(self, executor: Executor, changed: Callable[[], None]) -> None:
        """``changed`` is called in the event loop when more is known."""
        self._executor = executor
        self._changed = changed
        self._known: dict[str, dict[str, Facts]] = {}
        self._running: dict[str, asyncio.Future[dict[str, Facts]]] = {}

    def of(self, uri: str, instruction: Instruction) -> Facts:
        """What is known of an instruction of a document."""
        return self._known.get(uri, {}).get(_key(instruction), Facts())

    def ask(self, uri: str, model: Model, with_history: bool) -> None:
        """Find out about a document; the model must be for this alone, as it is used in another thread."""
        running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._executor, lambda: dict(_facts(model, with_history)))
        self._running[uri] = task
        task.add_done_callback(lambda done: self._found(uri, done))

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._known.pop(uri, None)
        running = self._running.pop(uri, None)
        if running is not None:
            running.cancel()

    def _found(self, uri: str, done: asyncio.Future[dict[str, Facts]]) -> None:
        if self._running.get(uri) is not done:
            return
        del self._running[uri]
        if done.cancelled() or done.exception() is not None:
            return
        if self._known.get(uri) != done.result():
            self._known[uri] = done.result()
            self._changed()


def _key(instruction: Instruction) -> str:
    return str(instruction.get_code(include_prefix=False))  # type: ignore[no-untyped-call] # parso


def _facts(model: Model, with_history: bool) -> Iterator[tuple[str, Facts]]:
    from dflint.model.context_reads import context_reads

    if model.context is None:
        return
    history = None
    if with_history:
        from dflint.buildcache.evidence import HistoryEvidence

        history = HistoryEvidence(model)
    by_instruction: dict[int, list[tuple[int, int] | None]] = {}
    instructions = {}
    for read in context_reads(model, only_built=False):
        if read.kind == "bind":
            continue
        instructions[read.instruction.start] = read.instruction
        is_known = read.source is not None and not read.is_partial
        taken = _taken(model, list(read.roots(model.context))) if is_known else None
        by_instruction.setdefault(read.instruction.start, []).append(taken)
    for start, parts in by_instruction.items():
        instruction = instructions[start]
        known = [part for part in parts if part is not None]
        runs = history.runs_of(instruction) if history is not None else None
        if len(known) < len(parts):
            yield _key(instruction), Facts(runs=runs)
        else:
            yield _key(instruction), Facts(sum(count for count, _ in known), sum(size for _, size in known), runs)


def _taken(model: Model, roots: list[object]) -> tuple[int, int] | None:
    """Files and bytes; None if there are too many to count."""
    from dflint.context.build_context import ContextEntry

    assert model.context is not None
    files = size = 0
    for root in roots:
        assert isinstance(root, ContextEntry)
        inside = [root] if root.kind != "dir" else model.context.walk(root.path)
        for entry in inside:
            if entry.kind == "dir":
                continue
            files, size = files + 1, size + entry.size
            if files > MAX_FILES:
                return None
    return files, size
