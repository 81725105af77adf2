"""Running the examples that a rule carries: they are its tests and part of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.engine import CHECKS, LintResult, RuleSet, checks_of
from dflint.linter.registry import CATEGORIES, SHELLCHECK, Registry, is_buildkit_name, is_hadolint_code, registry
from dflint.linter.suppressions import UNUSED
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.findings import Finding
    from dflint.linter.rule import Bad, Good, Rule
    from dflint.shellcheck import ShellCheck

PATH = "Dockerfile"
"""The name of the example's file, in a build context that holds the example's ``files``."""
IGNORE_PATH = ".dockerignore"
"""The same for an example of a rule about ignore files."""


class Outcome(NamedTuple):
    """What came of an example: the rule's findings, and the text after its safe and unsafe fixes."""

    findings: tuple[Finding, ...]
    text: str
    fixed: str
    problems: tuple[str, ...]
    """What went wrong inside dflint, or is left after the fixes."""


def run_example(rule_class: type[Rule], example: Good | Bad, known: Registry | None = None) -> Outcome:
    """Lint and fix an example with one rule alone; ``unused-suppression`` needs all the others beside it.

    ``known`` are the rules that comments can name: by default dflint's own and this one.
    """
    from dflint.linter.fixer import fix_text

    known = known or registry()
    if rule_class.name not in known.classes:
        known = Registry((*known.classes.values(), rule_class))
    if rule_class.name == UNUSED:
        rules = [c(example.options if c is rule_class else None) for c in known.classes.values()]
    else:
        rules = [rule_class(example.options)]
    rule_set = RuleSet(rules, registry=known)

    run = lint_ignore_example if "dockerignore" in checks_of(rule_class) else lint_example

    def lint(text: str) -> LintResult:
        result = run(text, rule_set, example.files)
        return result._replace(findings=tuple(f for f in result.findings if f.rule == rule_class.name))

    first = lint(example.code)
    fixed = fix_text(example.code, PATH, lint, unsafe=True)
    problems = [str(error) for error in (*first.internal_errors, *fixed.internal_errors)]
    problems += [f"still there after the fixes: {f.message}" for f in fixed.result.findings if f.fix is not None]
    return Outcome(first.findings, example.code, fixed.text, tuple(dict.fromkeys(problems)))


def lint_example(text: str, rule_set: RuleSet, files: Mapping[str, str] | None = None) -> LintResult:
    """Lint a text whose build context is held in memory: path to content."""
    from dflint.context import BuildContext, MemoryFileSystem
    from dflint.linter.engine import lint
    from dflint.model import Model
    from dflint.syntax import parse

    context = BuildContext.for_dockerfile(PATH, MemoryFileSystem({PATH: text, **(files or {})}))
    return lint(Model(parse(text), context, PATH), rule_set, _shellcheck() if SHELLCHECK in rule_set.rules else None)


def lint_ignore_example(text: str, rule_set: RuleSet, files: Mapping[str, str] | None = None) -> LintResult:
    """As ``lint_example``, for the text of a ``.dockerignore``."""
    from dflint.context import BuildContext, MemoryFileSystem
    from dflint.context.ignore_document import IgnoreDocument
    from dflint.linter.engine import lint_dockerignore

    context = BuildContext("", MemoryFileSystem({IGNORE_PATH: text, **(files or {})}))
    return lint_dockerignore(IgnoreDocument(text, IGNORE_PATH, context), rule_set)


_kept: ShellCheck | None = None


def _shellcheck() -> ShellCheck:
    global _kept
    if _kept is None:
        from dflint.shellcheck import ShellCheck

        _kept = ShellCheck()
    return _kept


def check_good(rule_class: type[Rule], example: Good, known: Registry | None = None) -> list[str]:
    """What is wrong with a good example: nothing, if the rule is silent."""
    outcome = run_example(rule_class, example, known)
    reports = [f"reported {outcome.text[f.start : f.end]!r}: {f.message}" for f in outcome.findings]
    return [*reports, *outcome.problems]


def check_bad(rule_class: type[Rule], example: Bad, known: Registry | None = None) -> list[str]:
    """What is wrong with a bad example: nothing, if the rule finds ``at`` and its fixes give ``fixed``."""
    outcome = run_example(rule_class, example, known)
    wrong = list(outcome.problems)
    found = tuple(outcome.text[f.start : f.end] for f in outcome.findings)
    if found != tuple(example.at):
        wrong.append(f"found at {found!r}, expected {tuple(example.at)!r}")
    applicable = any(f.fix and f.fix.applicability != "manual" for f in outcome.findings)
    if example.fixed is None and applicable:
        wrong.append(f"has a fix, but the example has no fixed text; it gives {outcome.fixed!r}")
    if example.fixed is not None and outcome.fixed != example.fixed:
        wrong.append(f"fixed to {outcome.fixed!r}, expected {example.fixed!r}")
    return wrong


def check_rule(rule_class: type[Rule]) -> list[str]:
    """What is wrong with what a rule says of itself: name, page, examples, methods."""
    wrong = []
    name = rule_class.name
    package, _, stem = rule_class.__module__.rpartition(".")
    is_own = package == "dflint.rules"
    if is_own and stem.replace("_", "-") != name:
        wrong.append(f'the file is called {stem}.py, the rule "{name}"')
    if rule_class.category not in CATEGORIES:
        wrong.append(f'unknown category "{rule_class.category}"')
    if rule_class.level not in ("error", "warning", "info"):
        wrong.append(f'unknown level "{rule_class.level}"')
    if rule_class.status not in ("stable", "preview", "off"):
        wrong.append(f'unknown status "{rule_class.status}"')
    since = getattr(rule_class, "since", "")
    if not (since.count(".") == 2 and since.replace(".", "").isdigit()):
        wrong.append("`since` is not a version like 0.1.0")
    for alias in rule_class.aliases:
        if is_own and not is_hadolint_code(alias) and not is_buildkit_name(alias):
            wrong.append(f'alias "{alias}" is neither a hadolint code nor the name of a BuildKit check')
    for what in checks_of(rule_class):
        if what not in CHECKS:
            wrong.append(f"no such method: check_{what}")
    if "dockerignore" in checks_of(rule_class) and len(checks_of(rule_class)) > 1:
        wrong.append("a rule about ignore files has no other checks")
    if not rule_class.good:
        wrong.append("no good example")
    if not rule_class.bad:
        wrong.append("no bad example")
    for option, (default, description) in rule_class.options.items():
        if option == "level" or option != option.lower() or "_" in option:
            wrong.append(f'option "{option}" must be kebab-case and not "level"')
        if not isinstance(default, (bool, int, str, tuple)) or not description:
            wrong.append(f'option "{option}" needs a default of type bool, int, str or tuple, and a description')
    wrong += check_page(rule_class)
    return wrong


def check_page(rule_class: type[Rule]) -> list[str]:
    """What is wrong with a rule's docstring."""
    from dflint.linter.explanation import explanation_of

    page = explanation_of(rule_class)
    wrong = []
    if not page.summary:
        return ["no docstring"]
    if not page.summary.endswith(".") or ". " in page.summary.replace("e.g. ", ""):
        wrong.append("the first line of the docstring must be one sentence that ends in a full stop")
    if not page.sections.get("Why is this bad?"):
        wrong.append('the docstring has no section "## Why is this bad?"')
    has_fix = any(example.fixed is not None for example in rule_class.bad)
    if has_fix and not page.sections.get("Fix safety"):
        wrong.append('the docstring has no section "## Fix safety", though the rule has fixes')
    return wrong


def check_aliases(known: Registry) -> list[str]:
    """What is wrong with the aliases of all rules together: each belongs to one rule and is no other selector."""
    wrong = []
    for alias, names in known.aliases().items():
        if len(names) > 1:
            wrong.append(f'alias "{alias}" belongs to {" and ".join(names)}')
        if alias in known.classes or alias in CATEGORIES:
            wrong.append(f'alias "{alias}" is the name of a rule or category')
    wrong += [
        f'rule "{name}" is called like a category or set' for name in known.classes if name in (*CATEGORIES, "all")
    ]
    return wrong
