"""``dflint rules``: all rules."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint.cli import CLEAN, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import standard
from dflint.linter.explanation import explanation_of, page_url
from dflint.linter.registry import CATEGORIES, UnknownSelectorError, registry

if TYPE_CHECKING:
    from dflint.linter.rule import Rule


def run(arguments: list[str]) -> int:
    """List the rules, all or those of some selectors."""
    parser = ArgumentParser(prog="dflint rules", description="List the rules.", formatter_class=help_formatter)
    parser.add_argument(
        "selectors", nargs="*", metavar="SELECTOR", help="a name, code, category, hadolint or buildkit (default: all)"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    given = parser.parse_args(arguments)
    known = registry()
    try:
        names = {name for selector in given.selectors or ["all"] for name in known.resolve(selector)}
    except UnknownSelectorError as error:
        complain(str(error))
        return TROUBLE
    chosen = [rule_class for name, rule_class in known.classes.items() if name in names]
    chosen.sort(key=lambda c: CATEGORIES.index(c.category))
    output = standard(sys.stdout, for_people=given.format == "text")
    if given.format == "json":
        from json import dumps

        output.write(dumps([as_json(rule_class) for rule_class in chosen], indent=2) + "\n")
    else:
        output.write(_table(chosen))
    output.flush()
    return TROUBLE if known.broken else CLEAN


def as_json(rule: type[Rule]) -> dict[str, Any]:
    """What a program may want to know of a rule; options with the default of each."""
    page = explanation_of(rule)
    return {
        "name": rule.name,
        "aliases": list(rule.aliases),
        "category": rule.category,
        "level": rule.level,
        "status": rule.status,
        "since": rule.since,
        "fix": any(example.fixed is not None for example in rule.bad),
        "summary": page.summary,
        "explanation": page.introduction,
        "sections": dict(page.sections),
        "options": {
            name: {"default": option.default, "description": option.description}
            for name, option in rule.options.items()
        },
        "url": page_url(rule.name),
    }


def _table(rules: list[type[Rule]]) -> str:
    """Name, level, codes and summary in columns, below a line for each category."""
    width = max((len(rule.name) for rule in rules), default=0)
    codes = [", ".join(rule.aliases) for rule in rules]
    codes_width = min(max(map(len, codes), default=0), 36)
    lines: list[str] = []
    category = ""
    for rule, listed in zip(rules, codes, strict=True):
        if rule.category != category:
            category = rule.category
            lines.append(f"{'' if not lines else chr(10)}{category}")
        status = {"stable": "", "preview": "(preview) ", "off": "(off) "}[rule.status]
        summary = explanation_of(rule).summary
        lines.append(f"  {rule.name:<{width}}  {rule.level:<7}  {listed:<{codes_width}}  {status}{summary}".rstrip())
    return "\n".join(lines) + "\n" if lines else ""
