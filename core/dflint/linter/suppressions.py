"""Comments that silence findings.

Ours, with names, aliases, categories or ``all``, and a reason that readers see::

    # dflint ignore=untagged-base,DL3008 the base is pinned by the mirror
    # dflint global ignore=labels

hadolint's ``# hadolint ignore=DL3006,SC2086``, ``# hadolint global ignore=...``, ``# hadolint stage ignore=...`` and
BuildKit's ``# check=skip=StageNameCasing;error=true`` (frontend/dockerfile/linter/linter.go, ParseLintOptions), as a
directive for the file and as a comment for the next instruction, are honoured too. Only ours are reported when they
silence nothing: the others may be there for the other tool.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from dflint.findings import Edit, Finding, Fix
from dflint.linter.registry import SHELLCHECK, UnknownSelectorError, is_buildkit_name, is_shellcheck_code
from dflint.record import NamedTuple
from dflint.source import Span
from dflint.syntax.check_options import ALL, check_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dflint.context.ignore_document import IgnoreDocument
    from dflint.linter.engine import RuleSet
    from dflint.linter.registry import Codes, Registry
    from dflint.linter.rule import Rule
    from dflint.syntax.tree import Dockerfile

UNUSED = "unused-suppression"
"""The rule whose findings are made here."""
HADOLINT_PRAGMA = "inline-hadolint-pragma"
"""The rule whose option ``void`` says that comments for hadolint silence nothing."""


class SuppressedName(NamedTuple):
    """One name in a suppression comment, with its place; ``rules`` is None when there is no such name."""

    text: str
    start: int
    end: int
    rules: frozenset[str] | None
    code: str = ""
    """The code of ShellCheck that it is, if it is one."""

    def is_of(self, finding: Finding) -> bool:
        return bool(self.rules) and finding.rule in self.rules and self.code in ("", finding.code)  # type: ignore[operator]


class Suppression:
    """One comment: which rules it silences, and where."""

    __slots__ = ("end", "is_hadolints", "is_ours", "names", "scope", "start", "used")

    def __init__(
        self, place: Span, scope: Span | None, names: Sequence[SuppressedName], is_ours: bool, is_hadolints: bool
    ) -> None:
        self.start, self.end = place
        self.scope = scope
        """Where findings must start to be silenced; None: anywhere in the file."""
        self.names = names
        self.is_ours = is_ours
        self.is_hadolints = is_hadolints
        self.used: set[int] = set()
        """Indexes of the names that silenced something."""

    def covers(self, finding: Finding) -> bool:
        """Whether the finding lies where the comment counts and one of the names is its rule; notes the use."""
        if self.scope is not None and not self.scope.start <= finding.start < self.scope.end:
            return False
        matching = [i for i, name in enumerate(self.names) if name.is_of(finding)]
        self.used.update(matching)
        return bool(matching)


class Suppressions:
    """All suppression comments of a file."""

    def __init__(
        self,
        tree: Dockerfile | IgnoreDocument,
        registry: Registry,
        found: list[Suppression],
        malformed: list[Span],
        raises: bool,
    ) -> None:
        self.tree = tree
        self.registry = registry
        self.found = found
        self.malformed = malformed
        """Comments that start like a suppression of ours but name nothing."""
        self.raises_buildkit_checks = raises
        """``# check=error=true``: what BuildKit would warn of fails the build."""

    def apply(
        self, findings: Iterable[Finding], rule_set: RuleSet, has_shell: bool = False
    ) -> tuple[list[Finding], list[Finding]]:
        """The findings that stay, those of unused suppressions among them, and the silenced ones.

        ``has_shell`` says whether those of ShellCheck are among the findings.
        """
        if self.raises_buildkit_checks:
            findings = [self._raised(finding) for finding in findings]
        kept: list[Finding] = []
        silenced: list[Finding] = []
        pragma = rule_set.rules.get(HADOLINT_PRAGMA)
        is_void = pragma is not None and pragma.setting("void")
        counting = [s for s in self.found if not s.is_hadolints] if is_void else self.found
        for finding in findings:
            covering = [s for s in counting if s.covers(finding)]  # all of them: each is of use
            (silenced if covering else kept).append(finding)
        rule = rule_set.rules.get(UNUSED)
        if rule is None:
            return kept, silenced
        level = rule_set.levels.get(UNUSED, rule.level)
        running = frozenset(rule_set.rules) - (frozenset() if has_shell else {SHELLCHECK})
        # A comment must not silence what is said about itself: only one that names this very rule counts here.
        for finding in self._unused(rule, running, rule_set.codes, about_itself=False):
            report = finding._replace(level=level)
            covering = [s for s in self.found if any(map(_is_about_itself, s.names)) and s.covers(report)]
            (silenced if covering else kept).append(report)
        for finding in self._unused(rule, running, rule_set.codes, about_itself=True):
            kept.append(finding._replace(level=level))
        return kept, silenced

    def _raised(self, finding: Finding) -> Finding:
        rule_class = self.registry.classes.get(finding.rule)
        if rule_class is None or not any(map(is_buildkit_name, rule_class.aliases)):
            return finding
        return finding._replace(level="error")

    def _unused(self, rule: Rule, running: frozenset[str], codes: Codes, about_itself: bool) -> list[Finding]:
        reports = []
        if not about_itself:
            for place in self.malformed:
                reports.append(rule.finding(place, "suppression names no rule; write `# dflint ignore=RULE reason`"))
        for suppression in self.found:
            if not suppression.is_ours or any(map(_is_about_itself, suppression.names)) != about_itself:
                continue
            unused = [
                i
                for i, name in enumerate(suppression.names)
                if i not in suppression.used and self._is_decided(name, running, codes)
            ]
            known_only = all(suppression.names[i].rules is not None for i in unused)
            if unused and known_only and len(unused) == len(suppression.names):
                names = " and ".join(f"`{name.text}`" for name in suppression.names)
                fix = Fix("Remove the comment", "safe", (self._line_removal(suppression),))
                reports.append(rule.finding(suppression, f"nothing to suppress here for {names}", fix))
            else:
                reports.extend(self._unused_name(rule, suppression, i) for i in unused)
        return reports

    def _is_decided(self, name: SuppressedName, running: frozenset[str], codes: Codes) -> bool:
        """Whether this run can tell that the name is of no use: a rule that did not run might have found something."""
        if name.rules is None:
            return True
        if _is_about_itself(name):
            return True
        if name.code:
            return SHELLCHECK in running and codes.has(name.code)
        stable = {n for n in name.rules if self.registry.classes[n].status == "stable" or len(name.rules) == 1}
        return bool(stable) and stable <= running

    def _unused_name(self, rule: Rule, suppression: Suppression, index: int) -> Finding:
        name = suppression.names[index]
        if name.rules is not None:
            fix = Fix(f"Remove `{name.text}`", "safe", (self._name_removal(suppression, index),))
            return rule.finding(name, f"nothing to suppress here for `{name.text}`", fix)
        suggestion = self.registry.suggestion(name.text)
        if suggestion:
            fix = Fix(f"Change to `{suggestion}`", "unsafe", (Edit(name.start, name.end, suggestion),))
            return rule.finding(name, f"unknown rule `{name.text}`; did you mean `{suggestion}`?", fix)
        fix = Fix(f"Remove `{name.text}`", "safe", (self._name_removal(suppression, index),))
        return rule.finding(name, f"unknown rule `{name.text}`", fix)

    def _name_removal(self, suppression: Suppression, index: int) -> Edit:
        names = suppression.names
        if len(names) == 1:
            return self._line_removal(suppression)
        if index + 1 < len(names):
            return Edit(names[index].start, names[index + 1].start, "")
        return Edit(names[index - 1].end, names[index].end, "")

    def _line_removal(self, suppression: Suppression) -> Edit:
        source = self.tree.source
        line = source.line_of(suppression.start)
        start = source.line_span(line).start
        end = source.line_starts[line] if line < source.line_count else len(source.text)
        if start == 0 and source.text.startswith("\ufeff"):
            start = 1
        return Edit(start, end, "")


def _is_about_itself(name: SuppressedName) -> bool:
    return name.rules is not None and UNUSED in name.rules and len(name.rules) == 1


def suppressions_of(tree: Dockerfile | IgnoreDocument, registry: Registry) -> Suppressions:
    """The suppression comments of a file."""
    reader = _Reader(tree, registry)
    for directive in tree.directives:
        if directive.name == "check":
            reader.buildkit(directive.span, directive.value, directive.start, None)
    for comment in tree.comments:
        if "ignore" in comment.text or "check" in comment.text:
            reader.comment(comment)
    return Suppressions(tree, registry, reader.found, reader.malformed, reader.raises)


class _Reader:
    def __init__(self, tree: Dockerfile | IgnoreDocument, registry: Registry) -> None:
        self.tree = tree
        self.registry = registry
        self.found: list[Suppression] = []
        self.malformed: list[Span] = []
        self.raises = False
        self._starts = [instruction.start for instruction in tree.instructions]

    def comment(self, comment: Any) -> None:
        import re

        place = Span(comment.start, comment.end)
        names = r"([^\s,#=]+(?:[ \t]*,[ \t]*[^\s,#=]+)*)"
        pragma = re.match(rf"\s*(dflint|hadolint)\s+(?:(global|stage)\s+)?ignore\s*=\s*{names}", comment.text)
        if pragma:
            tool, reach, listed = pragma.groups()
            if tool == "dflint" and reach == "stage":
                self.malformed.append(place)
                return
            scope = None if reach == "global" else self._stage(comment) if reach else self._instruction(comment)
            at = comment.start + 1 + pragma.start(3)
            is_ours = tool == "dflint"
            self.found.append(Suppression(place, scope, self._names(listed, at, is_ours), is_ours, not is_ours))
        elif re.match(r"\s*dflint\b\W*(?:global\s+|stage\s+)?ignore\b", comment.text):
            self.malformed.append(place)
        elif (check := re.match(r"\s*check\s*=\s*(.*)", comment.text, re.IGNORECASE)) and self._counts(comment):
            self.buildkit(place, check.group(1), comment.start, self._instruction(comment))

    def _counts(self, comment: Any) -> bool:
        """Whether it is the first of its kind in the comments right above an instruction, which alone counts."""
        import re

        if comment.in_instruction:
            return False
        at = bisect_right(self._starts, comment.start)
        first = None
        for other in self.tree.comments:
            if other.in_instruction or bisect_right(self._starts, other.start) != at:
                continue
            if not other.text.strip():  # it separates them, as a blank line does not
                first = None
            elif first is None and re.match(r"\s*check\s*=", other.text, re.IGNORECASE):
                first = other
        return bool(first == comment)

    def buildkit(self, place: Span, value: str, at: int, scope: Span | None) -> None:
        """``skip=A,B;error=true``; names that there are not are BuildKit's business."""
        options = check_options(value)
        names = []
        for text in options.skip:
            if text == ALL:
                rules = self.registry.resolve("buildkit")
            else:
                rules = frozenset(
                    name for name in self.registry.aliases().get(text.lower(), ())
                    if text in self.registry.classes[name].aliases
                )  # fmt: skip
            names.append(SuppressedName(text, at, at, rules))
        if names:
            self.found.append(Suppression(place, scope, names, is_ours=False, is_hadolints=False))
        self.raises = self.raises or (options.error and scope is None)

    def _names(self, listed: str, at: int, is_ours: bool) -> list[SuppressedName]:
        names = []
        for piece in listed.split(","):
            text = piece.strip()
            start = at + len(piece) - len(piece.lstrip())
            at += len(piece) + 1
            try:
                rules = self.registry.resolve(text)
            except UnknownSelectorError:
                if not is_ours:
                    continue  # a rule that we do not have
                rules = None
            code = text.upper() if is_shellcheck_code(text) else ""
            names.append(SuppressedName(text, start, start + len(text), rules, code))
        return names

    def _instruction(self, comment: Any) -> Span:
        """From the comment to the end of the instruction below it, or of the one it stands in."""
        instructions = self.tree.instructions
        at = bisect_right(self._starts, comment.start)
        if comment.in_instruction and at:
            inside = instructions[at - 1]
            return Span(inside.start, inside.full_end)
        if at < len(instructions):
            return Span(comment.start, instructions[at].full_end)
        return Span(comment.start, len(self.tree.source.text) + 1)

    def _stage(self, comment: Any) -> Span:
        """The stage whose FROM is the next instruction, or else the one that the comment stands in."""
        instructions = self.tree.instructions
        at = bisect_right(self._starts, comment.start)
        start = comment.start
        if at < len(instructions) and instructions[at].name == "FROM" and not comment.in_instruction:
            at += 1
        else:
            opening = [i.start for i in instructions[:at] if i.name == "FROM"]
            start = opening[-1] if opening else 0
        ends = [i.start for i in instructions[at:] if i.name == "FROM"]
        return Span(start, ends[0] if ends else len(self.tree.source.text) + 1)
