"""An ignore file for a context, or a better one: what is waste is left out, what some instruction needs never.

What a line does is not assumed. The whole proposed file is evaluated over the whole context: it may take away only what
was found to be waste, and every source of every COPY, ADD and bind mount must still be there. A line that does more is
narrowed to the exact paths, or given up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.context.dockerignore import parse_ignore
from dflint.context.gopath import GO_SPACE, has_wildcards
from dflint.record import NamedTuple
from dflint.waste.finder import find_waste
from dflint.waste.sizes import Amount, amount_below
from dflint.waste.uses import Uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dflint.context import BuildContext
    from dflint.context.dockerignore import IgnoreFile
    from dflint.model import Model
    from dflint.waste.finder import Waste

HEAVY = 1_000_000
"""Bytes from which something that nothing reads gets a line of its own."""
MAX_PATHS = 50
"""Exact paths beyond which a name is given up rather than listed."""

REASONS = {
    "history": "Version control: no RUN asks for the history.",
    "secret": "Secrets: who gets the image gets them.",
    "dependencies": "Dependencies of this machine: the image installs its own.",
    "environment": "Virtual environments of this machine.",
    "cache": "Caches.",
    "editor": "Settings of editors.",
    "output": "What a build leaves behind: the image builds its own.",
    "docker": "What describes the build is no part of the image, and a change of it would spoil the cache.",
    "unread": "Large, and nothing copies it.",
}
"""Kind of waste to the comment above its lines, in the order in which the kinds come."""


class ProposedLine(NamedTuple):
    """A new line, and what it keeps out of the context."""

    pattern: str
    kind: str
    amount: Amount

    @property
    def reason(self) -> str:
        return REASONS[self.kind]


class Proposal(NamedTuple):
    """A new text for an ignore file; equal to the old one if there is nothing to add."""

    old: str
    new: str
    lines: tuple[ProposedLine, ...]
    doubtful: tuple[str, ...]
    """Paths that look like waste but may be needed."""

    @property
    def is_change(self) -> bool:
        return self.old != self.new


def propose(context: BuildContext, models: Sequence[Model]) -> Proposal:
    """What to add to the ignore file of a context, whose Dockerfiles are ``models``.

    The context must be complete, and its ignore file without problems.
    """
    old = context.ignore.text if context.ignore is not None else ""
    found = find_waste(context, models, with_docker=True)
    uses = [Uses(model) for model in models]
    groups = _Groups(context)
    for waste in found:
        if waste.is_certain and not _is_wanted(waste.path, context.ignore) and _matters(waste, uses):
            # A name that is waste here may be none elsewhere, if it is what is in it that tells.
            tells = waste.kind != "environment" and not waste.name.endswith((".key", ".pem"))
            groups.add(waste.path, waste.name if tells else None, waste.kind)
    for path in _unread(context, uses, groups.paths):
        groups.add(path, None, "unread")
    if groups.paths and context.ignore is None and any(use.takes(".dockerignore") for use in uses):
        groups.add(".dockerignore", None, "docker")  # the file to come
    groups.settle(old, uses)
    new, lines = groups.text(old), groups.lines()
    doubtful = tuple(waste.path for waste in found if not waste.is_certain)
    return Proposal(old, new, lines, doubtful)


class _Groups:
    """Patterns under way: for each a kind and the paths that it may take out."""

    def __init__(self, context: BuildContext) -> None:
        self.context = context
        self.paths: dict[str, str] = {}
        """Path that may be taken out to its kind."""
        self._by_name: dict[tuple[str, str], list[str]] = {}
        self._patterns: dict[str, tuple[str, str | None]] = {}
        """Pattern to its kind, and the name that it stands for at any depth."""

    def add(self, path: str, name: str | None, kind: str) -> None:
        self.paths[path] = kind
        if name is None or "/" not in path:
            self._patterns[_line_for(path)] = (kind, None)
        if name is not None:
            self._by_name.setdefault((kind, name), []).append(path)

    def settle(self, old: str, uses: Sequence[Uses]) -> None:
        """Choose the patterns, and take back those that do more than they may."""
        for (kind, name), paths in self._by_name.items():
            if any("/" in path for path in paths):
                self._patterns.pop(_line_for(name), None)
                self._patterns[f"**/{name}"] = (kind, name)
        while self._patterns:
            wrong = self._wrong(parse_ignore(self.text(old)), uses)
            if wrong is None:
                return
            kind, named = self._patterns.pop(wrong, ("", None))
            paths = self._by_name.get((kind, named), []) if named is not None else []
            if not kind:  # not one of ours: nothing can be added to this file
                self._patterns.clear()
            elif len(paths) <= MAX_PATHS:
                self._patterns.update((_line_for(path), (kind, None)) for path in paths)

    def _wrong(self, ignore: IgnoreFile, uses: Sequence[Uses]) -> str | None:
        """The pattern of a line that must not stay; None if all is well, an empty text if it is no single line."""
        if ignore.problems:
            return ""
        new = self.context.with_ignore(ignore)
        kept = {entry.path for entry in new.walk() if entry.kind != "dir"}
        for entry in self.context.walk():
            if entry.kind != "dir" and entry.path not in kept and not self._may_go(entry.path):
                pattern = ignore.deciding(entry.path)
                return pattern.text if pattern is not None else ""
        for use in uses:
            for read in use.reads:
                if read.is_whole:
                    continue
                before = {entry.path for entry in read.roots(self.context)}
                lost = before - {entry.path for entry in read.roots(new)}
                # What a wildcard stands for may get less, but no source may vanish.
                if lost and (len(lost) == len(before) or not has_wildcards(read.source or "")):
                    pattern = ignore.deciding(min(lost))
                    return pattern.text if pattern is not None else ""
        return None

    def _may_go(self, path: str) -> bool:
        while path:
            if path in self.paths:
                return True
            path = path.rpartition("/")[0]
        return False

    def text(self, old: str) -> str:
        """The file with the lines added at its end, below a comment for each kind."""
        if not self._patterns:
            return old
        newline = "\r\n" if "\r\n" in old else "\n"
        blocks = []
        for kind, reason in REASONS.items():
            patterns = sorted(pattern for pattern, (of, _) in self._patterns.items() if of == kind)
            if patterns:
                blocks.append(newline.join((f"# {reason}", *patterns)) + newline)
        start = old if not old or old.endswith("\n") else old + newline
        if start.strip("\ufeff \t\r\n"):
            start += newline
        return start + newline.join(blocks)

    def lines(self) -> tuple[ProposedLine, ...]:
        found = []
        for kind in REASONS:
            for pattern, (of, name) in sorted(self._patterns.items()):
                if of == kind:
                    paths = self._by_name[kind, name] if name is not None else self._named_by(pattern)
                    amount = Amount()
                    for path in paths:
                        amount = amount.plus(amount_below(self.context, path))
                    found.append(ProposedLine(pattern, kind, amount))
        return tuple(found)

    def _named_by(self, pattern: str) -> list[str]:
        return [path for path in self.paths if _line_for(path) == pattern]


def _is_wanted(path: str, ignore: IgnoreFile | None) -> bool:
    """Whether an exception of the ignore file means this path, and not just everything below some folder."""
    if ignore is None:
        return False
    return any(
        pattern.negated and pattern.cleaned.rpartition("/")[2].strip("*") and pattern.matches(path)
        for pattern in ignore.patterns
    )


def _matters(waste: Waste, uses: Iterable[Uses]) -> bool:
    """Whether some instruction would take it along, or may well do so one day with bad consequences."""
    return waste.kind in ("history", "secret") or any(use.takes(waste.path) for use in uses)


def _unread(context: BuildContext, uses: Iterable[Uses], known: Mapping[str, str]) -> list[str]:
    """Large entries of the root that nothing reads; none if something reads all, or nobody knows what."""
    reads = [read for use in uses for read in use.reads]
    if not reads or any(not read.source or read.is_whole for read in reads):
        return []
    targets = [entry.path for read in reads for entry in read.roots(context, include_ignored=True)]
    found = []
    for entry in context.entries():
        path = entry.path
        below = path + "/"
        if entry.is_ignored or path in known or entry.kind not in ("file", "dir"):
            continue
        if any(read.covers(path) or (read.source or "").startswith(below) for read in reads):
            continue
        if any(target == path or target.startswith(below) for target in targets):
            continue
        if any(has_wildcards((read.source or "").partition("/")[0]) for read in reads):
            continue
        if amount_below(context, path).size >= HEAVY:
            found.append(path)
    return found


def _line_for(path: str) -> str:
    """A line that means one path; where a character cannot be written ``?`` stands for it."""
    made = []
    for index, char in enumerate(path):
        is_at_edge = index in (0, len(path) - 1)
        if not char.isprintable() or (is_at_edge and (char in GO_SPACE or char in "#!")):
            made.append("?")
        else:
            made.append("\\" + char if char in "*?[]\\^" else char)
    return "".join(made)
