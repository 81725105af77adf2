"""Passes that apply the fixes of rules."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dflint.linter.engine import RuleSet, lint
from dflint.linter.fixer import fix_text
from dflint.optimizer.draft import Outcome
from dflint.optimizer.rewrite import LEVELS, Change
from dflint.syntax.tree import Onbuild

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dflint.findings import Finding
    from dflint.linter.engine import LintResult
    from dflint.linter.rule import Rule
    from dflint.model import Model
    from dflint.optimizer.draft import Draft


def apply_rules(
    draft: Draft,
    pass_name: str,
    rules: tuple[str, ...],
    taken: Mapping[str, str] | None = None,
    accepts: Callable[[Finding, Model], bool] | None = None,
) -> Outcome:
    """Apply the safe fixes of some rules, by their names, until there are none left.

    ``taken`` are rules whose unsafe fixes are applied too from level multi-stage on, with what each takes for granted:
    all of them, or those that ``accepts`` says yes to.
    """
    unsafe = taken if taken and LEVELS.index(draft.settings.level) >= LEVELS.index("multi-stage") else {}
    rule_set = RuleSet([_rule(name) for name in rules])

    def lint_text(text: str) -> LintResult:
        model = draft.model if text == draft.text else draft.with_text(text).model
        result = lint(model, rule_set)
        findings = [_but_for_triggers(finding, model) for finding in result.findings]
        wanted = [accepts is None or (f.fix is not None and accepts(f, model)) for f in findings]
        return result._replace(
            findings=tuple(
                _as_safe(finding, unsafe) if is_wanted else finding
                for finding, is_wanted in zip(findings, wanted, strict=True)
            )
        )

    fixed = fix_text(draft.text, draft.settings.path, lint_text)
    if fixed.text == draft.text:
        return Outcome()
    changes: dict[tuple[str, str], Change] = {}
    for finding in fixed.applied:
        title = finding.fix.title if finding.fix is not None else ""
        assumes = (unsafe[finding.rule],) if finding.rule in unsafe else ()
        changes.setdefault((finding.rule, title), Change(pass_name, title, finding.message, "", assumes))
    return Outcome(text=fixed.text, changes=tuple(changes.values()))


_BY_CACHE_MOUNT = ("dependency:go-offline", "cargo fetch")
"""Steps that a cache mount of the build makes needless; they may fail where the build itself does not."""


def _rule(name: str) -> Rule:
    """A rule by its name, without loading the others."""
    stem = name.replace("-", "_")
    module = import_module(f"dflint.rules.{stem}")
    found: Rule = getattr(module, "".join(part.capitalize() for part in stem.split("_")))()
    return found


def _but_for_triggers(finding: Finding, model: Model) -> Finding:
    """A finding without a fix if that would change an ONBUILD, which is part of the image's configuration."""
    fix = finding.fix
    if fix is None or not any(isinstance(model.tree.instruction_at(edit.start), Onbuild) for edit in fix.edits):
        return finding
    return finding._replace(fix=None)


def _as_safe(finding: Finding, unsafe: Mapping[str, str]) -> Finding:
    if finding.fix is None or finding.rule not in unsafe or finding.fix.applicability != "unsafe":
        return finding
    if any(fetch in edit.text for edit in finding.fix.edits for fetch in _BY_CACHE_MOUNT):
        return finding
    return finding._replace(fix=finding.fix._replace(applicability="safe"))
