"""Reading the package data: text files of one line an image, read once, of which only asked lines are decoded."""

from __future__ import annotations

from functools import lru_cache
from os.path import dirname, join

DATE = "2026-08"
"""When the facts were collected; the first line of the data files says the same."""


@lru_cache(maxsize=4)
def text_of(file: str) -> str:
    """The whole of a data file."""
    path = join(dirname(__file__), file)  # noqa: PTH118, PTH120
    with open(path, encoding="utf-8", newline="\n") as data:  # noqa: PTH123
        return data.read()


def line_of(file: str, name: str) -> str | None:
    """What a data file says of an image; None if nothing."""
    text = text_of(file)
    start = text.find(f"\n{name}\t")
    if start < 0 or not name:
        return None
    start += len(name) + 2
    return text[start : text.find("\n", start)]


@lru_cache(maxsize=4)
def names_in(file: str) -> tuple[str, ...]:
    """The images of a data file, in order."""
    return tuple(line.partition("\t")[0] for line in text_of(file).splitlines()[1:])


def date_of(file: str) -> str:
    """The date in a data file's first line."""
    return text_of(file).partition("\n")[0].removeprefix("# ")
