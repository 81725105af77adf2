"""``dflint rule NAME``: a rule's page."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from dflint.cli import CLEAN, TROUBLE, complain
from dflint.cli.arguments import help_formatter
from dflint.cli.output import columns, standard, wants_color
from dflint.linter.explanation import explanation_of, page_url
from dflint.linter.plugins import installed, with_plugins
from dflint.linter.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.linter.registry import Plugin
    from dflint.linter.rule import Rule


def run(arguments: list[str]) -> int:
    """Show the pages of the named rules."""
    parser = ArgumentParser(prog="dflint rule", description="Explain a rule.", formatter_class=help_formatter)
    parser.add_argument("names", nargs="+", metavar="NAME", help="a rule's name, or its hadolint or BuildKit code")
    parser.add_argument("--no-plugins", action="store_true", help="load no plug-ins")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    given = parser.parse_args(arguments)
    known = with_plugins(registry(), installed(), not given.no_plugins)
    found = []
    for name in given.names:
        rule_class = known.find(name)
        if rule_class is None:
            suggestion = known.suggestion(name)
            complain(f'no rule "{name}"' + (f' (did you mean "{suggestion}"?)' if suggestion else ""))
            for problem in known.problems:
                complain(problem)
            return TROUBLE
        found.append(rule_class)
    output = standard(sys.stdout, for_people=True)
    page = Page(wants_color(given.color, sys.stdout), min(columns(sys.stdout), 100))
    output.write(("\n" + "─" * 40 + "\n\n").join(page.text(c, known.origins.get(c.name)) for c in found))
    output.flush()
    return CLEAN


class Page:
    """A rule's docstring, attributes and first examples as text for a terminal."""

    def __init__(self, color: bool = False, width: int = 100) -> None:
        self.color = color
        self.width = width

    def text(self, rule_class: type[Rule], plugin: Plugin | None = None) -> str:
        return "\n".join(self._lines(rule_class, plugin)) + "\n"

    def _lines(self, rule: type[Rule], plugin: Plugin | None) -> Iterator[str]:
        page = explanation_of(rule)
        codes = f" ({', '.join(rule.aliases)})" if rule.aliases else ""
        yield self._bold(rule.name) + codes
        status = {"stable": "", "preview": ", in preview", "off": ", off by default"}[rule.status]
        fixes = [example.fixed for example in rule.bad]
        fixable = ", has a fix" if any(fixed is not None for fixed in fixes) else ""
        yield f"{rule.level}, category {rule.category}, since {rule.since}{status}{fixable}"
        if plugin is not None:
            yield f"from the plug-in {plugin.name}: {plugin.package} {plugin.version}"
        yield ""
        yield from self._prose(page.summary)
        if page.introduction:
            yield ""
            yield from self._prose(page.introduction)
        for heading, body in page.sections.items():
            yield ""
            yield self._bold(heading)
            yield from self._prose(body)
        for example in rule.bad[:1]:
            yield ""
            yield self._bold("Bad")
            yield from self._code(example.code, "31")
            if example.fixed is not None:
                yield ""
                yield self._bold("Fixed")
                yield from self._code(example.fixed, "32")
        if rule.good and all(fixed is None for fixed in fixes[:1]):
            yield ""
            yield self._bold("Good")
            yield from self._code(rule.good[0].code, "32")
        if rule.options:
            yield ""
            yield self._bold("Options") + f" in [rules.{rule.name}]"
            for name, option in rule.options.items():
                default = list(option.default) if isinstance(option.default, tuple) else option.default
                shown = str(default).lower() if isinstance(default, bool) else repr(default).replace("'", '"')
                yield from self._prose(f"- {name} = {shown}: {option.description}")
        url = page_url(rule)
        if url:
            yield ""
            yield url

    def _code(self, text: str, color: str) -> Iterator[str]:
        for line in text.rstrip("\n").split("\n"):
            yield "    " + self._paint(color, line) if line else ""

    def _prose(self, text: str) -> Iterator[str]:
        """Paragraphs and lists filled to the width; indented and fenced code as it is."""
        from textwrap import fill

        paragraph: list[str] = []

        def flush() -> Iterator[str]:
            if paragraph:
                hang = "  " if paragraph[0].startswith(("- ", "* ")) else ""
                filled = fill(
                    " ".join(line.strip() for line in paragraph),
                    self.width,
                    subsequent_indent=hang,
                    break_on_hyphens=False,
                    break_long_words=False,
                )
                yield from filled.split("\n")
                paragraph.clear()

        fenced = False
        for line in text.split("\n"):
            if line.startswith("```"):
                yield from flush()
                fenced = not fenced
            elif fenced or line.startswith("    "):
                yield from flush()
                yield line if line.startswith("    ") else "    " + line
            elif not line.strip():
                yield from flush()
                yield ""
            else:
                if line.startswith(("- ", "* ")):
                    yield from flush()
                paragraph.append(line)
        yield from flush()

    def _bold(self, text: str) -> str:
        return self._paint("1", text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text
