"""Applying fixes until nothing is left to fix, and refusing what would do harm.

Each round takes the fixes that do not touch one another, in the order of the text, applies them, parses and lints
again. A round whose result fails a guard is redone fix by fix, and the guilty ones are withheld: a bug in a rule costs
its fix, not the user's file.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from dflint.findings import Edit, Finding, Fix, InternalError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dflint.context.ignore_document import IgnoreDocument, PatternLine
    from dflint.linter.engine import LintResult
    from dflint.syntax.tree import Dockerfile, Instruction

MAX_ROUNDS = 20
MAX_GROWTH = 4
"""How many times as long as the original a text may become; fixes that feed each other grow without end."""


class Withheld(NamedTuple):
    """A fix that was not applied, and why."""

    finding: Finding
    line: int
    reason: str


class FixResult(NamedTuple):
    """``text`` is the fixed text; ``result`` what the rules say of it."""

    text: str
    result: LintResult
    applied: tuple[Finding, ...] = ()
    """The findings whose fixes are in ``text``, as they stood when they were applied."""
    withheld: tuple[Withheld, ...] = ()
    internal_errors: tuple[InternalError, ...] = ()


def is_applicable(fix: Fix | None, unsafe: bool) -> bool:
    """Whether ``--fix`` (or ``--unsafe-fixes``) would apply it."""
    return fix is not None and (fix.applicability == "safe" or (unsafe and fix.applicability == "unsafe"))


def fix_text(text: str, path: str, lint: Callable[[str], LintResult], unsafe: bool = False) -> FixResult:
    """Apply the safe fixes (and the unsafe ones) of what ``lint`` finds in ``text``, up to a fixed point.

    Inserted line ends become those of the text. A file with syntax errors stays as it is: what a rule makes of a
    half-understood line proves nothing. So does one whose fixes come to no end in 20 rounds.
    """
    first = lint(text)
    candidates = [finding for finding in first.findings if is_applicable(finding.fix, unsafe)]
    if not candidates:
        return FixResult(text, first)
    if first.tree.problems:
        source = first.tree.source
        withheld = tuple(Withheld(f, source.line_of(f.start), "the file has syntax errors") for f in candidates)
        return FixResult(text, first, withheld=withheld)
    return _Fixer(path, lint, unsafe).run(text, first)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits applied that are in order and do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += text[at : edit.start], edit.text
        at = edit.end
    pieces.append(text[at:])
    return "".join(pieces)


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """Of some fixes those, first come first served, whose edits do not touch another's."""
    taken: list[Edit] = []
    chosen = []
    for fix in fixes:
        if not any(_conflict(edit, other) for edit in fix.edits for other in taken):
            taken.extend(fix.edits)
            chosen.append(fix)
    return chosen


def _conflict(one: Edit, other: Edit) -> bool:
    if one.start == one.end or other.start == other.end:  # where an insertion goes must not depend on the other
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


class _Fixer:
    def __init__(self, path: str, lint: Callable[[str], LintResult], unsafe: bool) -> None:
        self.path = path
        self.lint = lint
        self.unsafe = unsafe
        self.applied: list[Finding] = []
        self.withheld: list[Withheld] = []
        self.errors: list[InternalError] = []
        self._refused: set[tuple[str, int, str]] = set()
        """Rule, offset (kept up to date) and title of the withheld fixes."""

    def run(self, text: str, first: LintResult) -> FixResult:
        seen = {text}
        current, result = text, first
        for _ in range(MAX_ROUNDS):
            chosen = self._choose(result)
            if not chosen:
                errors = (*self.errors, *self._crashes(first, result))
                return FixResult(current, result, tuple(self.applied), tuple(self.withheld), errors)
            fixed, result = self._round(current, result, chosen)
            if (fixed != current and fixed in seen) or len(fixed) > MAX_GROWTH * (len(text) + 1000):
                break
            seen.add(fixed)
            current = fixed
        return self._no_end(text, first)

    def _crashes(self, first: LintResult, last: LintResult) -> list[InternalError]:
        """Rules that failed on the original only: the final lint cannot tell of them."""
        return [error for error in first.internal_errors if error not in last.internal_errors]

    def _no_end(self, text: str, first: LintResult) -> FixResult:
        rules = Counter(finding.rule for finding in self.applied[-50:])
        names = ", ".join(sorted(rules))
        message = f"fixes come to no end, none was applied (rules that took part: {names})"
        source = first.tree.source
        withheld = tuple(
            Withheld(f, source.line_of(f.start), "the fixes of this file come to no end")
            for f in first.findings
            if is_applicable(f.fix, self.unsafe)
        )
        return FixResult(text, first, (), withheld, (*self.errors, InternalError(self.path, message)))

    def _choose(self, result: LintResult) -> list[Finding]:
        """The findings to fix in this round: no edit of one touches an edit of another."""
        candidates = [
            f
            for f in result.findings
            if f.fix is not None and f.fix.edits and is_applicable(f.fix, self.unsafe) and _key(f) not in self._refused
        ]
        candidates.sort(key=_first_edit)
        newline = result.tree.source.newline
        chosen = {id(fix) for fix in compatible(f.fix for f in candidates if f.fix is not None)}
        return [_with_newlines(f, newline) for f in candidates if id(f.fix) in chosen]

    def _round(self, text: str, before: LintResult, chosen: Sequence[Finding]) -> tuple[str, LintResult]:
        """Apply some findings' fixes; the text and result after those that pass the guards."""
        fixes = [f.fix for f in chosen if f.fix is not None]
        edits = sorted((edit for fix in fixes for edit in fix.edits), key=lambda e: (e.start, e.end))
        removes = frozenset(start for fix in fixes for start in fix.removes)
        fixed = apply_edits(text, edits)
        after = self.lint(fixed)
        if objection(before, after, edits, removes) is None and not any(_unsettled(f, after, edits) for f in chosen):
            self._accept(chosen, edits)
            return fixed, after
        return self._one_by_one(text, before, chosen)

    def _one_by_one(self, text: str, before: LintResult, chosen: Sequence[Finding]) -> tuple[str, LintResult]:
        # From the last to the first, so that the places of those still to come stay what they are.
        for finding in sorted(chosen, key=_first_edit, reverse=True):
            fix = finding.fix
            assert fix is not None
            if len(fix.edits) > 1 and self._moved_since(fix, chosen):
                continue  # another fix lies between its edits: its turn comes in the next round
            fixed = apply_edits(text, fix.edits)
            after = self.lint(fixed)
            reason = objection(before, after, fix.edits, frozenset(fix.removes))
            if reason is None and _unsettled(finding, after, fix.edits) and not _fewer(finding, before, after):
                reason = "it does not settle its finding"
            if reason is None:
                self._accept([finding], fix.edits)
                text, before = fixed, after
            else:
                line = before.tree.source.line_of(finding.start)
                self._refused.add(_key(finding))
                self.withheld.append(Withheld(finding, line, reason))
                message = f'line {line}: fix "{fix.title}" withheld, {reason}'
                self.errors.append(InternalError(self.path, message, finding.rule))
        return text, before

    @staticmethod
    def _moved_since(fix: Fix, chosen: Sequence[Finding]) -> bool:
        return any(
            fix.edits[0].start <= other.fix.edits[0].start < fix.edits[-1].end
            for other in chosen
            if other.fix is not None and other.fix is not fix
        )

    def _accept(self, findings: Sequence[Finding], edits: Sequence[Edit]) -> None:
        self.applied.extend(findings)
        self._refused = {(rule, moved(start, edits), title) for rule, start, title in self._refused}


def _key(finding: Finding) -> tuple[str, int, str]:
    return finding.name, finding.start, finding.fix.title if finding.fix else ""


def _first_edit(finding: Finding) -> int:
    return finding.fix.edits[0].start if finding.fix else finding.start


def _with_newlines(finding: Finding, newline: str) -> Finding:
    fix = finding.fix
    if fix is None or newline == "\n" or not any("\n" in edit.text for edit in fix.edits):
        return finding
    edits = tuple(Edit(e.start, e.end, e.text.replace("\r\n", "\n").replace("\n", newline)) for e in fix.edits)
    return finding._replace(fix=fix._replace(edits=edits))


def moved(offset: int, edits: Sequence[Edit], before_insertions: bool = False) -> int:
    """Where an offset is after edits; what is inserted there comes before it, or after it on demand.

    An offset inside a replaced stretch goes to the start of what replaces it.
    """
    shift = 0
    for edit in edits:
        if edit.start > offset or (edit.start == edit.end == offset and before_insertions):
            break
        if offset < edit.end:
            return edit.start + shift
        shift += len(edit.text) - (edit.end - edit.start)
    return offset + shift


def objection(before: LintResult, after: LintResult, edits: Sequence[Edit], removes: frozenset[int]) -> str | None:
    """Why the text after some edits must not take the place of the one before; None if it may."""
    if after.tree.problems:
        problem = after.tree.problems[0]
        line = after.tree.source.line_of(problem.start)
        return f"the result has a syntax error in line {line}: {problem.message}"
    if after.tree.source.text == before.tree.source.text:
        return "it changes nothing"
    lost = _lost_instruction(before.tree, after.tree, edits, removes)
    if lost:
        return lost
    errors_before = Counter(f.name for f in (*before.findings, *before.suppressed) if f.level == "error")
    errors_after = Counter(f.name for f in (*after.findings, *after.suppressed) if f.level == "error")
    for rule, count in errors_after.items():
        if count > errors_before[rule]:
            return f"the result has a new error of rule {rule}"
    return None


def _fewer(finding: Finding, before: LintResult, after: LintResult) -> bool:
    name = finding.name
    return sum(f.name == name for f in after.findings) < sum(f.name == name for f in before.findings)


def _unsettled(finding: Finding, after: LintResult, edits: Sequence[Edit]) -> bool:
    """Whether a finding is still there, word for word and with the same fix, after its fix."""
    start = moved(finding.start, edits)
    texts = [edit.text for edit in finding.fix.edits] if finding.fix else []
    return any(
        f.start == start
        and f.name == finding.name
        and f.message == finding.message
        and f.fix is not None
        and [edit.text for edit in f.fix.edits] == texts
        for f in after.findings
    )


def _lost_instruction(
    before: Dockerfile | IgnoreDocument,
    after: Dockerfile | IgnoreDocument,
    edits: Sequence[Edit],
    removes: frozenset[int],
) -> str | None:
    """Why the instructions are no longer what they should be: each one kept, in the same order, unless removed.

    One that no edit touches keeps its text. One that is touched keeps its kind, unless an edit covers its keyword;
    then some instruction must stand in what the edit put there. No two may end up as the same one.
    """
    old_text, new_text = before.source.text, after.source.text
    new_at = {instruction.start: instruction for instruction in after.instructions}
    taken: set[int] = set()
    for old in before.instructions:
        if old.start in removes:
            continue
        touching = [e for e in edits if e.start <= old.end and e.end >= old.start]
        new = new_at.get(moved(old.start, edits))
        if new is not None and new.start in taken:
            new = None
        covering = next((e for e in touching if e.start <= old.start and e.end >= old.keyword.end), None)
        if covering is not None:
            start = moved(covering.start, edits, before_insertions=True)
            new = _instruction_within(after.instructions, start, start + len(covering.text), taken)
        elif new is not None and not touching:
            if new_text[new.start : new.end] != old_text[old.start : old.end]:
                new = None
        elif new is None or new.name != old.name:
            insertion = next((e for e in touching if e.start == e.end == old.start), None)
            new = None
            if insertion is not None:
                start = moved(insertion.start, edits, before_insertions=True)
                new = _instruction_within(after.instructions, start, start + len(insertion.text), taken)
        if new is None:
            line = before.source.line_of(old.start)
            return f"the {old.name} of line {line} would be lost or changed"
        taken.add(new.start)
    return None


def _instruction_within(
    instructions: Iterable[Instruction | PatternLine], start: int, end: int, taken: set[int]
) -> Instruction | PatternLine | None:
    for instruction in instructions:
        if instruction.start < end and instruction.end > start and instruction.start not in taken:
            return instruction
    return None
