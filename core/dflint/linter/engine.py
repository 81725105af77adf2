"""One walk over a file for all rules.

A ``RuleSet`` looks once at which ``check_...`` methods its rules have; ``lint`` then visits every instruction and every
command once and calls those that want it. A rule that raises is recorded and disturbs nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.findings import LEVELS, Edit, Finding, Fix, InternalError
from dflint.linter.registry import ALL_CODES, SHELLCHECK
from dflint.linter.rule import Rule
from dflint.record import NamedTuple
from dflint.syntax.tree import Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dflint.context.ignore_document import IgnoreDocument
    from dflint.findings import Level
    from dflint.linter.registry import Codes, Registry
    from dflint.model import Model
    from dflint.shellcheck import ShellCheck
    from dflint.syntax.tree import Dockerfile, Instruction

    Check = tuple[Rule, Callable[..., Iterable[Finding]]]

KINDS = (
    "from",
    "run",
    "cmd",
    "entrypoint",
    "shell",
    "healthcheck",
    "env",
    "label",
    "arg",
    "expose",
    "volume",
    "add",
    "copy",
    "user",
    "workdir",
    "stopsignal",
    "maintainer",
    "onbuild",
)
"""The instructions that a rule can ask for by a method ``check_KIND``."""

CHECKS = frozenset(("file", "stage", "instruction", "command", "dockerignore", *KINDS))
"""What may follow ``check_`` in the name of a rule's method."""


class LintResult(NamedTuple):
    """What the rules say of one file; findings are sorted by place and without duplicates."""

    tree: Dockerfile | IgnoreDocument
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    """Findings that a comment in the file silences."""
    internal_errors: tuple[InternalError, ...] = ()


class RuleSet:
    """Rules that run together, with one table for each kind of place they look at."""

    def __init__(
        self,
        rules: Iterable[Rule],
        levels: Mapping[str, Level] | None = None,
        registry: Registry | None = None,
        codes: Codes = ALL_CODES,
    ) -> None:
        """``levels`` are rule names and codes to the level to report instead of the finding's own.

        ``codes`` says which of ShellCheck's codes count. ``registry`` knows the names in suppression comments; by
        default it is that of dflint's own rules.
        """
        self.rules: dict[str, Rule] = {rule.name: rule for rule in sorted(rules, key=lambda r: r.name)}
        self.levels: Mapping[str, Level] = levels or {}
        self.codes = codes
        self._registry = registry
        self.on_file: list[Check] = []
        self.on_stage: list[Check] = []
        self.on_instruction: list[Check] = []
        self.on_kind: dict[str, list[Check]] = {}
        self.on_command: list[Check] = []
        self.on_dockerignore: list[Check] = []
        self.on_program: dict[str, list[Check]] = {}
        for rule in self.rules.values():
            self._add(rule)

    @property
    def registry(self) -> Registry:
        if self._registry is None:
            from dflint.linter.registry import registry

            self._registry = registry()
        return self._registry

    @property
    def wants_commands(self) -> bool:
        """Whether any rule looks at the commands of RUN instructions."""
        return bool(self.on_command or self.on_program)

    def _add(self, rule: Rule) -> None:
        is_own = type(rule).__module__.startswith("dflint.rules.")
        for what in checks_of(type(rule)):
            method = getattr(rule, "check_" + what)
            check: Check = (rule, method if is_own else _guarded(rule, method))
            if what == "file":
                self.on_file.append(check)
            elif what == "stage":
                self.on_stage.append(check)
            elif what == "instruction":
                self.on_instruction.append(check)
            elif what == "dockerignore":
                self.on_dockerignore.append(check)
            elif what != "command":
                self.on_kind.setdefault(what, []).append(check)
            elif rule.programs:
                for program in rule.programs:
                    self.on_program.setdefault(program, []).append(check)
            else:
                self.on_command.append(check)


def _guarded(rule: Rule, method: Callable[..., Iterable[Finding]]) -> Callable[..., Iterable[Finding]]:
    """A plug-in's check, whose findings nobody has tested: what is none is the rule's failure, not the engine's."""

    def check(*arguments: Any) -> Iterable[Finding]:
        try:
            for finding in method(*arguments):
                if not _is_finding(finding, rule):
                    raise TypeError(f"a check must yield what self.finding() gives, not {finding!r}")
                yield finding
        except SystemExit as error:
            raise RuntimeError("a check must not end the program") from error

    return check


def _is_finding(value: object, rule: Rule) -> bool:
    return (
        isinstance(value, Finding)
        and value.rule == rule.name
        and value.level in LEVELS
        and isinstance(value.message, str)
        and isinstance(value.start, int)
        and isinstance(value.end, int)
        and (value.fix is None or _is_fix(value.fix))
    )


def _is_fix(value: object) -> bool:
    return (
        isinstance(value, Fix)
        and isinstance(value.title, str)
        and value.applicability in ("safe", "unsafe", "manual")
        and isinstance(value.edits, tuple)
        and all(isinstance(edit, Edit) for edit in value.edits)
    )


def checks_of(rule_class: type[Rule]) -> list[str]:
    """What follows ``check_`` in the names of a rule's methods, sorted; inherited ones too."""
    return sorted(
        {
            name[6:]
            for base in rule_class.__mro__
            if base is not object and base is not Rule
            for name in vars(base)
            if name.startswith("check_")
        }
    )


def lint(model: Model, rule_set: RuleSet, shellcheck: ShellCheck | None = None) -> LintResult:
    """Run the rules over a file and drop what comments in it silence.

    Without ``shellcheck`` the rule of that name finds nothing.
    """
    walk = _Walk(rule_set, str(model.path))
    walk.file(model)
    if shellcheck is not None:
        walk.shell(model, shellcheck)
    return _finished(walk, model.tree, rule_set)


def lint_dockerignore(document: IgnoreDocument, rule_set: RuleSet) -> LintResult:
    """Run the rules about ignore files over one, and drop what comments in it silence."""
    walk = _Walk(rule_set, document.path)
    for check in rule_set.on_dockerignore:
        walk.run(check, document)
    return _finished(walk, document, rule_set)


def _finished(walk: _Walk, tree: Dockerfile | IgnoreDocument, rule_set: RuleSet) -> LintResult:
    findings = _in_order(walk.sound_findings(len(tree.source.text)))
    if rule_set.levels:
        findings = [_with_level(finding, rule_set.levels) for finding in findings]
    if not _may_suppress(tree):
        return LintResult(tree, tuple(findings), (), tuple(walk.errors))

    from dflint.linter.suppressions import suppressions_of

    kept, suppressed = suppressions_of(tree, rule_set.registry).apply(findings, rule_set, walk.has_shell)
    return LintResult(tree, tuple(_in_order(kept)), tuple(suppressed), tuple(walk.errors))


def _may_suppress(tree: Dockerfile | IgnoreDocument) -> bool:
    return any("ignore" in c.text or "check=" in c.text for c in tree.comments) or any(
        directive.name == "check" for directive in tree.directives
    )


class _Walk:
    """One visit of one file."""

    def __init__(self, rule_set: RuleSet, path: str) -> None:
        self.rules = rule_set
        self.path = path
        self.findings: list[Finding] = []
        self.errors: list[InternalError] = []
        self._failed: set[str] = set()
        self.has_shell = False
        """Whether ShellCheck has said all that it has to say."""

    def file(self, model: Model) -> None:
        rules = self.rules
        for check in rules.on_file:
            self.run(check, model)
        if rules.on_stage:
            for stage in model.stages:
                for check in rules.on_stage:
                    self.run(check, stage, model)
        if not (rules.on_kind or rules.on_instruction or rules.wants_commands):
            return
        for instruction in model.tree.instructions:
            here: Instruction | None = instruction
            while here is not None:
                self._instruction(here, model)
                here = here.trigger if isinstance(here, Onbuild) else None

    def _instruction(self, instruction: Instruction, model: Model) -> None:
        rules = self.rules
        for check in rules.on_kind.get(instruction.type, ()):
            self.run(check, instruction, model)
        for check in rules.on_instruction:
            self.run(check, instruction, model)
        if not isinstance(instruction, Run) or not rules.wants_commands:
            return
        on_program, on_command = rules.on_program, rules.on_command
        try:
            commands: Sequence[Any] = list(model.commands_of(instruction))
        except Exception as error:
            line = model.tree.source.line_of(instruction.start)
            self.errors.append(InternalError(self.path, f"the commands of line {line}: {failure(error)}"))
            return
        for command in commands:
            for check in on_program.get(command.program, ()):
                self.run(check, command, instruction, model)
            for check in on_command:
                self.run(check, command, instruction, model)

    def shell(self, model: Model, shellcheck: ShellCheck) -> None:
        """Take in what ShellCheck says of the file's scripts."""
        try:
            found, failures = shellcheck.findings(model)
        except Exception as error:
            self._record(SHELLCHECK, failure(error))
            return
        self.findings += (finding for finding in found if self.rules.codes.has(finding.code))
        self.errors += (InternalError(self.path, message, SHELLCHECK) for message in failures)
        self.has_shell = shellcheck.problem is None and not failures

    def run(self, check: Check, *arguments: Any) -> None:
        rule, method = check
        try:
            self.findings.extend(method(*arguments))
        except Exception as error:
            self._record(rule.name, failure(error))

    def _record(self, rule: str, message: str) -> None:
        if rule not in self._failed:  # the first failure of a rule stands for all in this file
            self._failed.add(rule)
            self.errors.append(InternalError(self.path, message, rule))

    def sound_findings(self, length: int) -> list[Finding]:
        """The findings, without those that lie outside the text; a fix with impossible edits is taken off."""
        sound = []
        for finding in self.findings:
            if not 0 <= finding.start <= finding.end <= length:
                self._record(finding.rule, f"finding outside the text: {finding.start}-{finding.end} of {length}")
                continue
            if finding.fix is not None:
                at = 0
                for edit in finding.fix.edits:
                    if not at <= edit.start <= edit.end <= length:
                        self._record(finding.rule, f'fix "{finding.fix.title}" has edits out of order or of the text')
                        finding = finding._replace(fix=None)
                        break
                    at = edit.end
            sound.append(finding)
        return sound


def failure(error: BaseException) -> str:
    """One line about an exception: kind, text, and the innermost places it passed, without folders."""
    places = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = code.co_filename.replace("\\", "/").rpartition("/")[2]
        places.append(f"{file}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' + text if text else ''} ({' < '.join(reversed(places[-3:]))})"


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    seen = set()
    ordered = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end, f.rule, f.code)):
        key = (finding.rule, finding.start, finding.end, finding.message, finding.code)
        if key not in seen:
            seen.add(key)
            ordered.append(finding)
    return ordered


def _with_level(finding: Finding, levels: Mapping[str, Level]) -> Finding:
    level = levels.get(finding.name) or levels.get(finding.rule)
    return finding if level is None or level == finding.level else finding._replace(level=level)
