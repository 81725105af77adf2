"""Make the package data from lists of facts: ``python -m dflint.facts.refresh TAGS.json CYCLES.csv --date 2026-08``.

``TAGS.json`` maps each official image to its supported tags. ``CYCLES.csv`` has the columns image, cycle, codename,
eol, extended_eol (dates, or True for "ended, date unknown", False for "not ended").

``tags.txt`` has a line for each image: its name, a tab, and its tags folded at their dashes. ``a,b(|x,y z(w))`` stands
for ``a a-x a-y a-z-w b b-x b-y b-z-w``: parts with the same continuation are joined by commas, ``(`` opens the
continuation, a ``|`` at its start says that the tag may also end here. ``cycles.txt`` has a line for each image: its
name, a tab, and ``cycle/codename=YYYYMMDD+YYYYMMDD`` words, ``-`` for an open end, ``!`` for an unknown past one.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def fold(tags: Iterable[str]) -> str:
    """Tags as one folded text; ``dflint.facts.tags.unfold`` is the way back."""
    continuations: dict[str, tuple[bool, list[str]]] = {}
    for tag in tags:
        head, dash, rest = tag.partition("-")
        ends, rests = continuations.get(head, (False, []))
        if dash:
            rests.append(rest)
        continuations[head] = (ends or not dash, rests)
    groups: dict[tuple[bool, tuple[str, ...]], list[str]] = {}
    for head, (ends, rests) in continuations.items():
        groups.setdefault((ends, tuple(sorted(rests))), []).append(head)
    out = []
    for (ends, continuation), heads in groups.items():
        names = ",".join(heads)
        out.append(f"{names}({'|' if ends else ''}{fold(continuation)})" if continuation else names)
    return " ".join(out)


def cycle_words(rows: Iterable[dict[str, str]]) -> str:
    """The cycles of one image as the words of its line."""
    words = []
    for row in rows:
        name = row["codename"].split()
        cycle = row["cycle"] + (f"/{name[0].lower()}" if name else "")
        extended = f"+{_date(row['extended_eol'])}" if row["extended_eol"] else ""
        words.append(f"{cycle}={_date(row['eol'])}{extended}")
    return " ".join(words)


def _date(text: str) -> str:
    if text in ("False", ""):
        return "-"
    return "!" if text == "True" else text.replace("-", "")


def _write(path: Path, lines: list[str]) -> None:
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the base-image facts anew.")
    parser.add_argument("tags", type=Path)
    parser.add_argument("cycles", type=Path)
    parser.add_argument("--date", required=True, help="when the facts were collected: YYYY-MM")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    tags = json.loads(arguments.tags.read_text("utf-8"))
    lines = [f"# {arguments.date}", *(f"{name}\t{fold(sorted(found))}" for name, found in sorted(tags.items()))]
    _write(arguments.output / "tags.txt", lines)
    images: dict[str, list[dict[str, str]]] = {}
    with arguments.cycles.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            images.setdefault(row["image"], []).append(row)
    lines = [f"# {arguments.date}", *(f"{name}\t{cycle_words(rows)}" for name, rows in sorted(images.items()))]
    _write(arguments.output / "cycles.txt", lines)


if __name__ == "__main__":
    main()
