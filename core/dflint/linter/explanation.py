"""A rule's docstring as a page: a one-sentence summary and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.linter.rule import Rule

DOCUMENTATION = "https://github.com/dflint/dflint/blob/main/docs/rules"
"""Where the generated pages of the rules are."""


class Explanation(NamedTuple):
    """``summary`` is the first line; ``introduction`` what follows it; ``sections`` maps headings to Markdown."""

    summary: str
    introduction: str
    sections: Mapping[str, str]


def explanation_of(rule_class: type[Rule]) -> Explanation:
    """The parts of a rule's docstring; headings are ``## Heading``."""
    lines = _dedented(rule_class.__doc__ if "__doc__" in vars(rule_class) else None)
    summary = lines[0] if lines else ""
    sections: dict[str, str] = {}
    heading, body = "", list[str]()
    for line in [*lines[1:], "## "]:
        if line.startswith("## "):
            sections[heading] = "\n".join(body).strip("\n")
            heading, body = line[3:].strip(), []
        else:
            body.append(line)
    introduction = sections.pop("")
    return Explanation(summary, introduction, sections)


def page_url(rule_class: type[Rule] | None) -> str | None:
    """The address of a rule's page; None if it is a plug-in's that has none."""
    if rule_class is None:
        return None
    if rule_class.__module__.startswith("dflint.rules."):
        return f"{DOCUMENTATION}/{rule_class.name}.md"
    return rule_class.url


def _dedented(docstring: str | None) -> list[str]:
    """The lines of a docstring without the indentation that the code gives it (as PEP 257 has it)."""
    lines = (docstring or "").expandtabs().splitlines()
    rest = [line for line in lines[1:] if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
    trimmed = [line.strip() for line in lines[:1]] + [line[margin:].rstrip() for line in lines[1:]]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    while trimmed and not trimmed[0]:
        trimmed.pop(0)
    return trimmed
