"""``dflint rules``: all rules."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from dflint.cli import CLEAN, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import standard
from dflint.linter.explanation import explanation_of, page_url
from dflint.linter.plugins import installed, with_plugins
from dflint.linter.registry import CATEGORIES, UnknownSelectorError, registry

if TYPE_CHECKING:
    from dflint.linter.registry import Registry
    from dflint.linter.rule import Rule


def run(arguments: list[str]) -> int:
    """List the rules, all or those of some selectors."""
    parser = ArgumentParser(prog="dflint rules", description="List the rules.", formatter_class=help_formatter)
    parser.add_argument(
        "selectors",
        nargs="*",
        metavar="SELECTOR",
        help="a name, code, category, plug-in, hadolint or buildkit (default: all)",
    )
    parser.add_argument("--no-plugins", action="store_true", help="load no plug-ins")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    given = parser.parse_args(arguments)
    known = with_plugins(registry(), installed(), not given.no_plugins)
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

        output.write(dumps([as_json(rule_class, known) for rule_class in chosen], indent=2) + "\n")
    else:
        output.write(_table(chosen, known))
    output.flush()
    for name, reason in known.broken.items():
        complain(f"rule {name}: cannot be loaded: {reason}")
    for problem in known.problems:
        complain(problem)
    return TROUBLE if known.broken or known.problems else CLEAN


def as_json(rule: type[Rule], known: Registry) -> dict[str, Any]:
    """What a program may want to know of a rule; options with the default of each."""
    page = explanation_of(rule)
    plugin = known.origins.get(rule.name)
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
        "url": page_url(rule),
        "plugin": plugin and {"name": plugin.name, "package": plugin.package, "version": plugin.version},
    }


def _table(rules: list[type[Rule]], known: Registry) -> str:
    """Name, level, codes and summary in columns, below a line for each category; a plug-in's package at the end."""
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
        plugin = known.origins.get(rule.name)
        source = f" [{plugin.package} {plugin.version}]" if plugin else ""
        text = f"  {rule.name:<{width}}  {rule.level:<7}  {listed:<{codes_width}}  {status}{summary}{source}"
        lines.append(text.rstrip())
    return "\n".join(lines) + "\n" if lines else ""
