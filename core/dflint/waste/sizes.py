"""Files and bytes of a build context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.context import BuildContext
    from dflint.model.context_reads import SentPaths


_MAX_COUNTED = 2_000


class Amount(NamedTuple):
    """Files (links and special files too) and their bytes."""

    files: int = 0
    size: int = 0

    def plus(self, other: Amount) -> Amount:
        return Amount(self.files + other.files, self.size + other.size)


def amount_below(context: BuildContext, path: str, include_ignored: bool = False) -> Amount:
    """What stands at a path and below it, as far as it is sent."""
    entry = context.entry(path)
    if entry is None:
        return Amount()
    if entry.kind != "dir":
        return Amount(1, entry.size) if include_ignored or not entry.is_ignored else Amount()
    files = size = 0
    for below in context.walk(entry.path, include_ignored):
        if below.kind != "dir":
            files += 1
            size += below.size
    return Amount(files, size)


def told_below(context: BuildContext, path: str) -> str:
    """The size of what is sent below a path, for a message: ``3.4 MB``, or ``more than 3.4 MB`` where that is much.

    A message is not worth looking at ten thousand files, so counting ends after some.
    """
    entry = context.entry(path)
    if entry is None or entry.kind != "dir":
        return in_words(0 if entry is None else entry.size)
    size = 0
    for number, below in enumerate(context.walk(entry.path), 1):
        size += below.size
        if number == _MAX_COUNTED:
            return f"more than {in_words(size)}"
    return in_words(size)


def amount_sent(context: BuildContext, sent: SentPaths | None = None) -> Amount:
    """What the ignore file lets through; with ``sent`` only what the client has to send."""
    files = size = 0
    for entry in context.walk():
        if entry.kind != "dir" and (sent is None or sent.has(entry.path)):
            files += 1
            size += entry.size
    return Amount(files, size)


def in_words(size: int) -> str:
    """A number of bytes for people: ``12 B``, ``3.4 kB``, ``56 MB``; units of a thousand, as ``docker`` has them."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
