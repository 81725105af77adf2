"""Ignore files (``.dockerignore``, ``NAME.dockerignore``) with the exact meaning that BuildKit gives them.

Behaviour: vendor/github.com/moby/patternmatcher (patternmatcher.go, ignorefile/ignorefile.go) for what a line means,
and vendor/github.com/tonistiigi/fsutil/filter.go for which files of a context are sent. The two differ: the check of
COPY sources tests a path and all its parents against each pattern (``IgnoreFile.matches``), sending walks from the root
and keeps, for each pattern, whether it already held for the parent (``IgnoreFile.descend``). With ``x/y`` then ``!x``
the first says that ``x/y`` is sent, the second leaves it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.context.gopath import GO_SPACE, BadPatternError, check_pattern, clean
from dflint.context.goregexp import Expression, go_expression

if TYPE_CHECKING:
    import re

MAX_PATTERNS = 10_000
"""Patterns beyond this number are not read; the file gets a problem that says so."""
MAX_LINE = 65_536
"""Bytes of a line from which Go's scanner, and with it the build, gives up."""
MAX_BYTES = 1_048_896
"""Bytes of patterns from which the engine refuses them: they are sent as headers of one request."""
_HEADER = len("exclude-patterns") + 32
"""Bytes that each pattern counts beside its own, as HTTP/2 counts headers."""
_MAX_LOOPS = 3
_GLOB = frozenset("*[]?^\\")

State = tuple[bool, ...]
"""For each run of patterns with the same sign, whether one of them holds for a folder. ``()``: the context root."""


class IgnoreProblem:
    """A line that breaks the build, or that dflint does not read: ``start``, ``end`` are offsets in the file."""

    __slots__ = ("end", "line", "message", "start")

    def __init__(self, message: str, line: int, start: int, end: int) -> None:
        self.message = message
        self.line = line
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"IgnoreProblem({self.message!r}, line={self.line})"


class IgnorePattern:
    """A pattern line. ``start``, ``end`` are the offsets of its text (white space around it left out)."""

    __slots__ = ("_expression", "cleaned", "end", "handed_on", "kind", "line", "negated", "start", "text")

    def __init__(self, text: str, handed_on: str, cleaned: str, negated: bool, line: int, start: int) -> None:
        """Raise BadPatternError."""
        self.text = text
        """As written, with its ``!``."""
        self.handed_on = handed_on
        """What the reader of the file gives to the client, which makes ``cleaned`` of it."""
        self.cleaned = cleaned
        """What is matched: without ``!``, leading slash, trailing slash, ``.`` and ``..``."""
        self.negated = negated
        self.line = line
        self.start = start
        self.end = start + len(text)
        check_pattern(cleaned)
        self.kind, expression = go_expression(cleaned)
        """``exact``, ``prefix`` (``a/**``), ``suffix`` (``**/a``) or ``regexp``."""
        self._expression = Expression(expression) if self.kind == "regexp" else None

    def __repr__(self) -> str:
        return f"IgnorePattern({self.text!r}, line={self.line})"

    @property
    def expression(self) -> Expression | None:
        """The compiled expression of a ``regexp`` pattern."""
        return self._expression

    @property
    def literal_folder(self) -> str:
        """The folder below which all that it matches stands: the parts before the first one with a glob."""
        parts = self.cleaned.split("/")
        for index, part in enumerate(parts):
            if not _GLOB.isdisjoint(part):
                return "/".join(parts[:index])
        return "/".join(parts[:-1])

    @property
    def has_glob(self) -> bool:
        """Whether it is more than a path."""
        return not _GLOB.isdisjoint(self.cleaned)

    def matches(self, path: str) -> bool:
        """Whether it holds for the path itself."""
        if self._expression is not None:
            return self._expression.matches(path)
        if self.kind == "exact":
            return path == self.cleaned
        if self.kind == "prefix":
            return path.startswith(self.cleaned[:-2])
        suffix = self.cleaned[2:]
        return path.endswith(suffix) or (suffix.startswith("/") and path == suffix[1:])

    def matches_or_parent(self, path: str) -> bool:
        """Whether it holds for the path or a folder above it."""
        return any(self.matches(part) for part in _self_and_parents(path))


class IgnoreFile:
    """The patterns of an ignore file, in order; ``problems`` break the build, so with one of them nothing is sent."""

    __slots__ = ("_reach", "_runs", "patterns", "problems", "text")

    def __init__(
        self, text: str, patterns: tuple[IgnorePattern, ...], problems: tuple[IgnoreProblem, ...] = ()
    ) -> None:
        self.text = text
        self.patterns = patterns
        self.problems = problems
        self._runs: tuple[_Run, ...] | None = None
        self._reach: _Reach | None = None

    @property
    def has_exceptions(self) -> bool:
        """Whether a line starts with ``!``. BuildKit then gives no CopyIgnoredFile warning at all."""
        return any(pattern.negated for pattern in self.patterns)

    def matches(self, path: str, is_dir: bool = False) -> bool:
        """Whether a clean path relative to the context root is ignored, it and its parents tested: as COPY is checked.

        ``is_dir`` changes nothing: the patterns know no folders, a trailing slash is dropped.
        """
        ignored = False
        names = list(_self_and_parents(path))
        for run in self._all_runs():
            if run.negated == ignored and any(run.matches(name) for name in names):
                ignored = not run.negated
        return ignored

    def descend(self, path: str, parent: State = ()) -> tuple[bool, State]:
        """Whether ``path`` is left out when the context is sent, and its state, from the state of its folder.

        Entries of the context root have the parent ``()``. An entry below an ignored folder may still be sent.
        """
        ignored = False
        state = []
        for index, run in enumerate(self._runs or self._all_runs()):
            held = parent[index] if parent else False
            if not held and run.negated == ignored:
                held = run.matches(path)
            state.append(held)
            if held:
                ignored = not run.negated
        return ignored, tuple(state)

    def may_send_below(self, folder: str) -> bool:
        """Whether something in an ignored folder may be sent, by the exceptions alone.

        More exact than fsutil's own filter, which enters every folder as soon as an exception has a glob; what is sent
        is the same.
        """
        if self._reach is None:
            self._reach = _Reach(self.patterns)
        return self._reach.may_match_below(folder)

    def empties(self, path: str) -> bool:
        """Whether a file that is sent arrives with no content, when it is opened by ``matches`` (filter.go, Open).

        So with ``a``, ``!a/b``, ``a``: the last line says nothing new of ``a`` for the walk, but counts for ``a/b``.
        """
        return self.has_exceptions and self.matches(path)

    def deciding(self, path: str) -> IgnorePattern | None:
        """The last pattern that changes what is said of ``path`` by ``matches``, for messages; None: none applies."""
        found = None
        ignored = False
        for pattern in self.patterns:
            if pattern.negated == ignored and pattern.matches_or_parent(path):
                ignored = not pattern.negated
                found = pattern
        return found

    def _all_runs(self) -> tuple[_Run, ...]:
        if self._runs is None:
            runs: list[list[IgnorePattern]] = []
            for pattern in self.patterns:
                if runs and runs[-1][0].negated == pattern.negated:
                    runs[-1].append(pattern)
                else:
                    runs.append([pattern])
            self._runs = tuple(_Run(run) for run in runs)
        return self._runs


class _Reach:
    """Below which folders the exceptions may match something."""

    __slots__ = ("_above", "_open")

    def __init__(self, patterns: tuple[IgnorePattern, ...]) -> None:
        self._above: set[str] = set()
        """Folders on the way to what an exception names."""
        self._open: set[str] = set()
        """Folders below which the globs of an exception start; ``""`` is everywhere."""
        for pattern in patterns:
            if pattern.negated:
                folder = pattern.literal_folder
                if pattern.has_glob:
                    self._open.add(folder)
                while folder and folder not in self._above:
                    self._above.add(folder)
                    folder = folder.rpartition("/")[0]

    def may_match_below(self, folder: str) -> bool:
        return (
            folder in self._above or "" in self._open or any(name in self._open for name in _self_and_parents(folder))
        )


class _Run:
    """Patterns in a row with the same sign: one of them is enough, so they are tested together."""

    __slots__ = ("_exact", "_expressions", "_prefixes", "_slow", "_suffixes", "negated")

    def __init__(self, patterns: list[IgnorePattern]) -> None:
        self.negated = patterns[0].negated
        exact: set[str] = set()
        prefixes: list[str] = []
        suffixes: list[str] = []
        fast: list[str] = []
        self._slow: list[Expression] = []
        for pattern in patterns:
            if pattern.kind == "exact":
                exact.add(pattern.cleaned)
            elif pattern.kind == "prefix":
                prefixes.append(pattern.cleaned[:-2])
            elif pattern.kind == "suffix":
                suffix = pattern.cleaned[2:]
                suffixes.append(suffix)
                if suffix.startswith("/"):
                    exact.add(suffix[1:])
            elif pattern.expression is not None:
                if pattern.expression.loops > _MAX_LOOPS:
                    self._slow.append(pattern.expression)
                else:
                    fast.append(pattern.expression.python)
        self._exact = exact
        self._prefixes = tuple(prefixes)
        self._suffixes = tuple(suffixes)
        self._expressions = _alternations(fast)

    def matches(self, path: str) -> bool:
        if path in self._exact or path.startswith(self._prefixes) or path.endswith(self._suffixes):
            return True
        # Loops, not any(...): this runs once for each entry of a context.
        for expression in self._expressions:
            if expression.match(path):
                return True
        for slow in self._slow:  # noqa: SIM110
            if slow.matches(path):
                return True
        return False


def parse_ignore(text: str) -> IgnoreFile:
    """The patterns of an ignore file; never raises, bad lines are problems."""
    patterns: list[IgnorePattern] = []
    problems: list[IgnoreProblem] = []
    start = 1 if text.startswith("\ufeff") else 0
    end = len(text)
    number = 0
    while start < end:
        number += 1
        stop = text.find("\n", start)
        following = stop + 1 if stop >= 0 else end
        if stop < 0:
            stop = end
        line = text[start:stop]
        if len(line) >= MAX_LINE // 4 and len(line.encode("utf-8", "surrogateescape")) >= MAX_LINE:
            message = "a line of 64 KiB and more breaks the build"
            problems.append(IgnoreProblem(message, number, start, start + 80))
        elif not line.startswith("#") and (stripped := line.strip(GO_SPACE)):
            place = start + len(line) - len(line.lstrip(GO_SPACE))
            if len(patterns) >= MAX_PATTERNS:
                message = f"dflint reads {MAX_PATTERNS} patterns of an ignore file, none from this line on"
                problems.append(IgnoreProblem(message, number, place, place + len(stripped)))
                break
            try:
                patterns.append(_pattern(stripped, number, place))
            except BadPatternError as error:
                problems.append(IgnoreProblem(str(error), number, place, place + len(stripped)))
        start = following
    problems += _refused_by_transport(patterns)
    return IgnoreFile(text, tuple(patterns), tuple(problems))


def _refused_by_transport(patterns: list[IgnorePattern]) -> list[IgnoreProblem]:
    """What cannot be handed to the builder's client: too much, or control characters.

    Patterns travel as headers, escaped only if one of them is not ASCII (session/filesync/filesync.go, encodeOpts;
    grpc/internal/metadata refuses what is not printable). As nothing is sent then, the patterns are kept.
    """
    problems = []
    sent = 0
    is_escaped = any(not pattern.handed_on.isascii() for pattern in patterns)
    for pattern in patterns:
        if not is_escaped and not pattern.handed_on.isprintable():
            message = "a control character in a pattern breaks the build: there must be one pattern a line"
            problems.append(IgnoreProblem(message, pattern.line, pattern.start, pattern.end))
        sent += _HEADER + len(pattern.handed_on)
        if sent > MAX_BYTES:
            message = "more than 1 MiB of patterns breaks the build"
            problems.append(IgnoreProblem(message, pattern.line, pattern.start, pattern.end))
            break
    return problems


def _pattern(text: str, line: int, start: int) -> IgnorePattern:
    """What ignorefile.ReadAll and then patternmatcher.New make of a stripped line; raises BadPatternError."""
    negated = text.startswith("!")
    cleaned = text[1:].strip(GO_SPACE) if negated else text
    if cleaned:
        cleaned = clean(cleaned)
        if len(cleaned) > 1 and cleaned.startswith("/"):
            cleaned = cleaned[1:]
    # The file reader hands on "!" + pattern, which the matcher trims and cleans once more as one path.
    handed_on = f"!{cleaned}" if negated else cleaned
    whole = clean(handed_on.strip(GO_SPACE))
    if whole == "!":
        raise BadPatternError("an exception with no path breaks the build")
    negated = whole.startswith("!")
    return IgnorePattern(text, handed_on, whole[1:] if negated else whole, negated, line, start)


def _self_and_parents(path: str) -> list[str]:
    names = [path]
    at = path.find("/", 1)
    while at >= 0:
        names.append(path[:at])
        at = path.find("/", at + 1)
    return names


def _alternations(expressions: list[str]) -> list[re.Pattern[str]]:
    """The expressions compiled together, some hundred at a time."""
    if not expressions:
        return []
    import re

    unique = list(dict.fromkeys(expressions))
    return [re.compile("|".join(unique[at : at + 200]), re.DOTALL) for at in range(0, len(unique), 200)]
