"""``dflint cache`` as a page: one file, nothing loaded, light or dark as the reader has it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from dflint.cli.cache_data import line_of
from dflint.cli.cache_text import Table
from dflint.report.base import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.buildcache.study import StepStudy
    from dflint.cli.cache_data import Report

_STYLE = """\
:root { color-scheme: light dark; --ran: #c2410c; --maybe: #eab308; --line: #8884; --quiet: #8888; }
@media (prefers-color-scheme: dark) { :root { --ran: #fb923c; --maybe: #facc15; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: middle; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
svg { display: block; width: 100%; min-width: 12rem; height: 1.1rem; background: var(--line); }
.r { fill: var(--ran); } .m { fill: var(--maybe); } .n { fill: var(--quiet); }
.label { color: var(--quiet); }
"""
MAX_CELLS = 400
"""Builds that a strip tells apart; of more, several share a cell, which shows the worst of them."""


def page(report: Report) -> str:
    """The whole page."""
    return "\n".join(_page(report)) + "\n"


def _page(report: Report) -> Iterator[str]:
    title = f"Build cache of {_text(report.path)}"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>"
    yield f"<style>\n{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    table = Table(report, 1000, color=False, unicode=True)
    yield "<p>" + "<br>".join(_text(line) for line in table.head()) + "</p>"
    yield from _table(report)
    sentences = list(table.sentences())
    if sentences:
        yield "<h2>What made them run</h2><ul>"
        yield from (f"<li>{_text(sentence)}</li>" for sentence in sentences)
        yield "</ul>"
    for advice in report.advice:
        yield f"<h2>{_text(advice.title)} (line {advice.line}, {advice.applicability} fix)</h2><ul>"
        for saving in advice.savings:
            numbers = f"{saving.before} &rarr; {saving.after} of {saving.built_after}"
            yield f"<li><code>{_text(saving.text)}</code>: {numbers}</li>"
        yield "</ul><details><summary>The file then</summary>"
        yield f"<pre><code>{_text(advice.new_text)}</code></pre></details>"
    yield "</body></html>"


def _table(report: Report) -> Iterator[str]:
    has_history = report.history is not None
    seconds = '<th class="number">seconds</th><th class="number">in all</th>' if report.seconds is not None else ""
    columns = (
        '<th class="number">ran anew</th><th>commits, oldest first</th>'
        if has_history
        else "<th>source</th><th>manifest</th>"
    )
    yield f'<table><thead><tr><th class="number">line</th><th>step</th>{seconds}{columns}</tr></thead><tbody>'
    for number, found in enumerate(report.study.steps):
        label = f'<span class="label">[{_text(found.step.place[0])}]</span> ' if found.step.place[0] else ""
        cells = f'<td class="number">{line_of(found.step)}</td><td>{label}<code>{_text(found.step.text)}</code></td>'
        if report.seconds is not None:
            for value in (report.seconds_of(found.step), report.lost(found)):
                cells += f'<td class="number">{"?" if value is None else f"{value:.1f}"}</td>'
        if has_history:
            amount = f"{found.ran}" if not found.maybe else f"{found.ran}&ndash;{found.ran + found.maybe}"
            cells += f'<td class="number">{amount} of {report.study.compared}</td><td>{_strip(found)}</td>'
        else:
            manifest = report.manifest_study
            cells += f"<td>{_word(found)}</td><td>{'' if manifest is None else _word(manifest.steps[number])}</td>"
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table>"


def _strip(found: StepStudy) -> str:
    """A strip with a cell for each build."""
    outcomes = found.outcomes
    if not outcomes:
        return ""
    size = -(-len(outcomes) // MAX_CELLS)
    cells = [_worst(outcomes[at : at + size]) for at in range(0, len(outcomes), size)]
    pieces = []
    at = 0
    while at < len(cells):
        end = at
        while end < len(cells) and cells[end] == cells[at]:
            end += 1
        if cells[at] != "c":
            kind = "n" if cells[at] == "-" else cells[at]
            pieces.append(f'<rect class="{kind}" x="{at}" width="{end - at}" height="1"/>')
        at = end
    told = f"ran in {found.ran} of {len(outcomes) - outcomes.count('-')} builds"
    return (
        f'<svg viewBox="0 0 {len(cells)} 1" preserveAspectRatio="none" role="img" aria-label="{told}">'
        + "".join(pieces)
        + "</svg>"
    )


def _worst(outcomes: str) -> str:
    return next((letter for letter in "rmc" if letter in outcomes), "-")


def _word(found: StepStudy) -> str:
    return "runs again" if found.ran else "may run again" if found.maybe else "from the cache"


def _text(text: str) -> str:
    """A text for the page, its line ends kept, other control characters and broken bytes shown."""
    return escape("\n".join(printable(line) for line in text.split("\n")))
