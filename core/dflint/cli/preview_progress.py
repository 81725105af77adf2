"""Two builds in sight: side by side on a terminal, line by line elsewhere."""

from __future__ import annotations

from collections import deque
from threading import Lock
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from dflint.report.base import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHOWN = 8
"""Lines of each build that are in sight."""


class Board:
    """Shows what builds say, as long as the ``with`` block lasts. Several threads may tell."""

    def __init__(self, names: Sequence[str], stream: IO[str]) -> None:
        self._stream = stream
        self._is_live = stream.isatty()
        self._lines: dict[str, deque[str]] = {name: deque(maxlen=SHOWN) for name in names}
        self._ends: dict[str, str] = {}
        self._said = ""
        self._begun = monotonic()
        self._lock = Lock()
        self._live: Any = None

    def __enter__(self) -> Board:
        if self._is_live:
            try:
                from rich.console import Console
                from rich.live import Live
            except ImportError:  # the editors' bundle does without it
                self._is_live = False
                return self
            console = Console(file=self._stream)
            self._live = Live(get_renderable=self._drawn, console=console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def teller(self, name: str) -> Callable[[str], None]:
        """What takes the lines of one build."""

        def tell(text: str) -> None:
            with self._lock:
                self._lines[name].extend(printable(line) for line in text.splitlines())

        return tell

    def done(self, name: str, text: str) -> None:
        """A build has ended."""
        with self._lock:
            self._ends[name] = printable(text)
        if not self._is_live:
            self._write(f"{name}: {text}")

    def say(self, text: str) -> None:
        """What is done with both."""
        self._said = printable(text)
        if not self._is_live:
            self._write(text)

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(printable(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")
        self._stream.flush()

    def _drawn(self) -> Any:
        from rich.columns import Columns
        from rich.console import Group
        from rich.panel import Panel
        from rich.text import Text

        with self._lock:
            panels = [
                Panel(Text("\n".join(lines) or "waiting", overflow="ellipsis", no_wrap=True), title=name,
                      subtitle=self._ends.get(name, f"{monotonic() - self._begun:.0f} s"), height=SHOWN + 2)
                for name, lines in self._lines.items()
            ]  # fmt: skip
            said = Text(self._said)
        return Group(Columns(panels, equal=True, expand=True), said)
