"""Where reports go: standard output or a file, as bytes."""

from __future__ import annotations

import os
from typing import IO, Any


class Output:
    """Takes text, gives bytes. What an encoding lacks is written as ``\\xNN``, or as the byte it was read from."""

    def __init__(self, stream: IO[bytes], encoding: str = "utf-8", errors: str = "backslashreplace") -> None:
        self._stream = stream
        self._encoding = encoding
        self._errors = errors
        self._is_terminal = stream.isatty()

    def write(self, text: str) -> None:
        self._stream.write(text.encode(self._encoding, self._errors))
        if self._is_terminal:
            self._stream.flush()

    def flush(self) -> None:
        self._stream.flush()


def standard(stream: Any, for_people: bool, errors: str = "backslashreplace") -> Output:
    """Standard output or standard error: in the terminal's encoding for people, in UTF-8 for programs."""
    encoding = (getattr(stream, "encoding", None) or "utf-8") if for_people else "utf-8"
    stream.flush()
    return Output(stream.buffer, encoding, errors)


def wants_color(choice: str, stream: Any) -> bool:
    """Whether to colour what goes to a stream: ``auto`` means a terminal, unless ``NO_COLOR`` is set."""
    if choice != "auto":
        return choice == "always"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and bool(stream.isatty())


def columns(stream: Any) -> int:
    """The width to write for: the terminal's, 120 elsewhere."""
    if stream.isatty():
        try:
            return max(40, os.get_terminal_size(stream.fileno()).columns)
        except (OSError, ValueError):
            pass
    return 120
