"""The word on a rewrite, with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dflint.record import NamedTuple
from dflint.verify.level import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

DifferenceKind = Literal[
    "only in original",
    "only in rewrite",
    "content",
    "type",
    "mode",
    "owner",
    "special bits",
    "link target",
    "hard links",
    "attributes",
    "device",
    "modification time",
]
SHOWN = 20
"""Paths of one class that the text report lists."""


class Reason(NamedTuple):
    """Why a level is not reached."""

    level: Level
    """The lowest level that it stands against."""
    subject: str
    """A field of the configuration (``config.User``), or a path."""
    message: str


class Difference(NamedTuple):
    """One path at which the file systems differ."""

    path: str
    kind: DifferenceKind
    group: str
    """The class: ``package cache``, ``toolchain``, ``documentation``, ...; ``unexplained``."""
    is_explained: bool
    detail: str = ""
    size: int = 0
    """Bytes by which the rewrite is smaller, negative if it is larger."""


class SmokeCheck(NamedTuple):
    """One thing that a smoke run compared: exit code, output, an answer, stopping."""

    name: str
    is_equal: bool
    original: str = ""
    rewrite: str = ""


class SmokeComparison(NamedTuple):
    """What running both images showed."""

    checks: tuple[SmokeCheck, ...]
    description: str = ""
    """What was run and how."""

    @property
    def is_equal(self) -> bool:
        """Whether something was compared and all of it was equal."""
        return bool(self.checks) and all(check.is_equal for check in self.checks)


class Verdict(NamedTuple):
    """How far the rewrite is shown to be the same, why no further, and what differs."""

    level: Level
    reasons: tuple[Reason, ...] = ()
    """Why no higher, those of the lowest level first; empty at the highest level."""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    is_closure_equal: bool | None = None
    """Whether what level 4 asks of the files holds, run or not; None: not compared."""
    is_file_system_equal: bool | None = None
    """The same for level 5."""

    @property
    def by_group(self) -> dict[str, tuple[Difference, ...]]:
        """The differences by class, unexplained ones first, then by bytes."""
        groups: dict[str, list[Difference]] = {}
        for difference in self.differences:
            groups.setdefault(difference.group, []).append(difference)

        def order(group: str) -> tuple[bool, int, str]:
            found = groups[group]
            return all(d.is_explained for d in found), -sum(abs(d.size) for d in found), group

        return {group: tuple(groups[group]) for group in sorted(groups, key=order)}

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences without an explanation."""
        return tuple(difference for difference in self.differences if not difference.is_explained)

    @classmethod
    def not_built(cls, message: str) -> Verdict:
        """The verdict on a rewrite that has no image, with the build's error."""
        return cls(Level.NOT_BUILT, (Reason(Level.BUILDS, "build", message),))

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``json.dump``."""
        return {
            "level": int(self.level),
            "name": self.level.name.lower(),
            "title": self.level.title,
            "meaning": self.level.meaning,
            "does_not_prove": self.level.does_not_prove,
            "closure_equal": self.is_closure_equal,
            "file_system_equal": self.is_file_system_equal,
            "reasons": [
                {"level": int(reason.level), "subject": printable(reason.subject), "message": printable(reason.message)}
                for reason in self.reasons
            ],
            "differences": [
                {
                    "path": printable(difference.path),
                    "kind": difference.kind,
                    "class": difference.group,
                    "explained": difference.is_explained,
                    "detail": printable(difference.detail),
                    "bytes": difference.size,
                }
                for difference in self.differences
            ],
            "notes": [printable(note) for note in self.notes],
        }

    def to_text(self) -> str:
        """Lines for a terminal, without colours."""
        lines = [f"Level {int(self.level)} of 5: {self.level.title}."]
        lines += [self.level.meaning, f"Not shown: {self.level.does_not_prove}"]
        if self.reasons:
            lines += ["", "Why no higher:"]
            lines += list(_first(f"  {r.subject}: {r.message}" for r in self.reasons))
        for group, found in self.by_group.items():
            mark = "" if all(difference.is_explained for difference in found) else " (unexplained)"
            size = sum(difference.size for difference in found)
            lines += ["", f"{group}{mark}: {len(found)} {_plural(len(found), 'path')}, {_bytes(size)}"]
            if mark:
                lines += list(_first(f"  {d.path}: {d.kind}{': ' if d.detail else ''}{d.detail}" for d in found))
        if self.notes:
            lines += ["", "Notes:", *(f"  {note}" for note in self.notes)]
        return "\n".join(map(printable, lines)) + "\n"


def printable(text: str) -> str:
    """The text with what a terminal or a JSON file cannot take spelled out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _first(lines: Iterable[str]) -> Iterable[str]:
    every = list(lines)
    yield from every[:SHOWN]
    if len(every) > SHOWN:
        yield f"  ... and {len(every) - SHOWN} more"


def _plural(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"


def _bytes(size: int) -> str:
    if not size:
        return "no bytes less"
    amount = float(abs(size))
    unit = "B"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.{0 if unit == 'B' else 1}f} {unit} {'less' if size > 0 else 'more'}"
