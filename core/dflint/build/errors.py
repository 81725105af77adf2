"""What can go wrong between dflint and an engine."""

from __future__ import annotations


class EngineError(Exception):
    """An engine that is missing, does not answer, refuses, or runs out of something; ``advice`` says what to do."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem, advice)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.problem}; {self.advice}" if self.advice else self.problem


class Terminated(KeyboardInterrupt):
    """A signal asked the process to end. ``signal`` is its number; the exit code that tells it is 128 more."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
