"""Things done at the same time: one builds while the other saves, reads or runs what is built already."""

from __future__ import annotations

from threading import Event, Thread, local
from typing import TYPE_CHECKING, Generic, TypeVar

from dflint.build.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

_this_thread = local()


class DroppedError(EngineError):
    """The task is not wanted any more."""


class Task(Generic[Result]):
    """A function that runs in a thread of its own."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self._is_over = Event()
        self._is_dropped = Event()
        Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        _this_thread.task = self
        try:
            self._results.append(self._function())
        except BaseException as error:
            self._error = error
        finally:
            self._is_over.set()

    def result(self) -> Result:
        """Wait for the end; what the function returned, or raises."""
        self._is_over.wait()
        if self._error is not None:
            raise self._error
        return self._results[0]

    def drop(self) -> None:
        """End it at the next command that it runs, or that runs now."""
        self._is_dropped.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is over after so many seconds at most."""
        return self._is_over.wait(seconds)

    def check(self) -> None:
        """Raise DroppedError if it was dropped."""
        if self._is_dropped.is_set():
            raise DroppedError("dropped")


def check_dropped() -> None:
    """Raise DroppedError if this thread belongs to a task that was dropped."""
    task: Task[object] | None = getattr(_this_thread, "task", None)
    if task is not None:
        task.check()
