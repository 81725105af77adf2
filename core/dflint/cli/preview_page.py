"""``dflint preview`` as a page: one file, nothing loaded, light or dark as the reader has it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from dflint.cli.diff import unified_diff
from dflint.report.base import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dflint.build import Measures, Size
    from dflint.cli.preview import Preview
    from dflint.verify import Verdict

_STYLE = """\
:root { color-scheme: light dark; --old: #c2410c; --new: #15803d; --line: #8884; --quiet: #888; }
@media (prefers-color-scheme: dark) { :root { --old: #fb923c; --new: #4ade80; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre, code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.bar { display: flex; height: 1.4rem; background: var(--line); }
.bar span { display: block; border-right: 1px solid Canvas; overflow: hidden; }
.old { background: var(--old); } .new { background: var(--new); }
.add { color: var(--new); } .del { color: var(--old); } .quiet { color: var(--quiet); }
"""
_MAX_DIFFERENCES = 300


def page(preview: Preview, redact: Callable[[str], str]) -> str:
    """The whole page; ``redact`` takes the values of secrets out."""
    return redact("\n".join(_page(preview)) + "\n")


def _page(preview: Preview) -> Iterator[str]:
    found = preview.found
    title = f"Preview of {_text(preview.path)}"
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>{title}</title>"
    yield f"<style>\n{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    verdict = found.verdict
    yield f"<p><strong>Level {int(verdict.level)} of 5: {_text(verdict.level.title)}.</strong> "
    open_ = _text(verdict.level.does_not_prove)
    yield f'{_text(verdict.level.meaning)} <span class="quiet">Not shown: {open_}</span></p>'
    yield f'<p class="quiet">{_text(preview.engine)}</p>'
    if found.sizes is not None:
        yield from _sizes(*found.sizes)
    if found.measures:
        yield from _rebuilds(*found.measures)
    yield "<h2>What changed, and why</h2><ul>"
    yield from (f"<li>{_text(change)}</li>" for change in preview.changes)
    yield "</ul><h2>The rewrite</h2><pre>"
    yield from _diff(preview)
    yield "</pre>"
    yield from _differences(verdict)
    yield "</body></html>"


def _sizes(before: Size, after: Size) -> Iterator[str]:
    less = 100 * (before.files - after.files) / before.files if before.files else 0.0
    yield f"<h2>Size: {_bytes(before.files)} &rarr; {_bytes(after.files)} ({less:.0f}&nbsp;% less)</h2>"
    most = max(before.layers, after.layers) or 1
    for name, size, kind in (("original", before, "old"), ("rewrite", after, "new")):
        yield f"<p>{name}: {size.layer_count} layers, {_bytes(size.layers)}"
        if size.compressed is not None:
            yield f", {_bytes(size.compressed)} to push"
        yield '</p><div class="bar">'
        for text, amount in size.parts:
            width = 100 * amount / most
            tip = _text(f"{_bytes(amount)}: {text}")
            yield f'<span class="{kind}" style="width:{width:.2f}%" title="{tip}"></span>'
        yield "</div>"


def _rebuilds(before: Measures, after: Measures) -> Iterator[str]:
    yield "<h2>Builds</h2><table><tr><th>after</th><th>original</th><th>rewrite</th><th></th></tr>"
    theirs = {rebuild.edit: rebuild for rebuild in after.rebuilds}
    for one in before.rebuilds:
        other = theirs.get(one.edit)
        if other is None:
            continue
        name = {"cold": "nothing was there", "nothing": "no change"}.get(one.edit, f"a change of {one.path}")
        most = max(one.wall.median, other.wall.median) or 1.0
        bars = "".join(
            f'<div class="bar" style="height:.6rem"><span class="{kind}" '
            f'style="width:{100 * seconds / most:.1f}%"></span></div>'
            for kind, seconds in (("old", one.wall.median), ("new", other.wall.median))
        )
        yield f"<tr><td>{_text(name)}</td>"
        for rebuild in (one, other):
            wall = rebuild.wall
            pushed = "" if rebuild.pushed is None else f"<br>{_bytes(rebuild.pushed)} to push"
            yield f'<td class="number">{wall.median:.1f} s<br>{len(rebuild.steps)} steps{pushed}</td>'
        yield f'<td style="width:40%">{bars}</td></tr>'
    yield "</table>"


def _diff(preview: Preview) -> Iterator[str]:
    for line in unified_diff(preview.path, preview.original, preview.rewrite).splitlines():
        kind = {"+": "add", "-": "del"}.get(line[:1], "")
        yield f'<span class="{kind}">{_text(line)}</span>' if kind else _text(line)


def _differences(verdict: Verdict) -> Iterator[str]:
    if verdict.reasons:
        yield "<h2>Why no higher</h2><ul>"
        yield from (f"<li><code>{_text(r.subject)}</code>: {_text(r.message)}</li>" for r in verdict.reasons[:100])
        yield "</ul>"
    yield "<h2>Every difference of the files</h2>"
    for group, found in verdict.by_group.items():
        mark = "explained" if all(d.is_explained for d in found) else "not explained"
        size = sum(difference.size for difference in found)
        yield f"<details><summary>{_text(group)}: {len(found)} paths, {_bytes(abs(size))} "
        yield f'{"less" if size >= 0 else "more"} <span class="quiet">({mark})</span></summary><table>'
        for difference in found[:_MAX_DIFFERENCES]:
            detail = f"{difference.kind}{': ' if difference.detail else ''}{difference.detail}"
            yield f"<tr><td><code>{_text(difference.path)}</code></td><td>{_text(detail)}</td></tr>"
        if len(found) > _MAX_DIFFERENCES:
            yield f"<tr><td>and {len(found) - _MAX_DIFFERENCES} more</td><td></td></tr>"
        yield "</table></details>"
    if verdict.notes:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{_text(note)}</li>" for note in verdict.notes)
        yield "</ul>"


def _text(text: str) -> str:
    return escape(printable(text))


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f}&nbsp;MB" if size >= 100_000 else f"{size / 1e3:.1f}&nbsp;kB"
