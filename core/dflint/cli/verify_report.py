"""The report of ``dflint verify``: for people and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dflint.report.base import printable
from dflint.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dflint.build import BuildResult, Measures, Rebuild, Size, Verification
    from dflint.verify.level import Level
    from dflint.verify.verdict import Verdict

LOG_SHOWN = 15
"""Lines of a failed build's log that people are shown."""
EDITS = {
    "cold": "cold build",
    "nothing": "rebuild, nothing changed",
    "readme": "rebuild after editing {}",
    "source": "rebuild after editing {}",
    "manifest": "rebuild after editing {}",
}


def as_text(
    verdict: Verdict, found: Verification | None, engine: str, asked: Level, redact: Callable[[str], str]
) -> str:
    """Lines for people."""
    lines = [redact(verdict.to_text().rstrip("\n"))]
    if found is not None:
        lines += [printable(redact(line)) for line in _evidence(found, engine)]
    word = "reached" if verdict.level >= asked else "not reached"
    lines += ["", f"Asked for: level {int(asked)}, {asked.title}: {word}."]
    return "\n".join(lines) + "\n"


def _evidence(found: Verification, engine: str) -> Iterator[str]:
    failed = next((r for r in (found.original, found.rewrite) if r and r.failure), None)
    if failed is not None and failed.log:
        yield ""
        yield "The end of its log:"
        yield from (f"  {line}" for line in failed.log[-LOG_SHOWN:])
    if found.sizes is not None:
        yield ""
        yield from _sizes(*found.sizes)
    if found.measures:
        yield ""
        yield from _measures(*found.measures)
    yield ""
    yield f"Engine: {engine}; network of RUN: {found.network}"
    if found.smoke is not None:
        yield f"Run: {found.smoke.description}"
    for note in found.notes:
        yield f"Note: {note}"
    builds = f"original {found.original.seconds:.1f} s"
    for name, result in (("rewrite", found.rewrite), ("control", found.control)):
        if result is not None:
            builds += f", {name} {result.seconds:.1f} s"
    yield f"Builds: {builds}; everything else {found.check_seconds:.1f} s"


def _sizes(original: Size, rewrite: Size) -> Iterator[str]:
    change = _change(original.files, rewrite.files)
    yield f"Size: {_bytes(original.files)} -> {_bytes(rewrite.files)} of files ({change})"
    if original.compressed is not None and rewrite.compressed is not None:
        change = _change(original.compressed, rewrite.compressed)
        yield f"      {_bytes(original.compressed)} -> {_bytes(rewrite.compressed)} compressed ({change})"
    yield f"      {original.layer_count} -> {rewrite.layer_count} layers"


def _measures(original: Measures, rewrite: Measures) -> Iterator[str]:
    yield "Seconds of builds, median (lowest to highest); steps carried out; bytes to push again:"
    theirs = {rebuild.edit: rebuild for rebuild in rewrite.rebuilds}
    for rebuild in original.rebuilds:
        yield f"  {EDITS[rebuild.edit].format(rebuild.path)}"
        yield f"    original  {_rebuild(rebuild)}"
        if rebuild.edit in theirs:
            yield f"    rewrite   {_rebuild(theirs[rebuild.edit])}"


def _rebuild(rebuild: Rebuild) -> str:
    wall = rebuild.wall
    text = f"{wall.median:.1f} ({wall.lowest:.1f} to {wall.highest:.1f}); {len(rebuild.steps)} steps"
    return text if rebuild.pushed is None else f"{text}; {_bytes(rebuild.pushed)}"


def as_json(
    verdict: Verdict, found: Verification | None, engine: str, asked: Level, redact: Callable[[str], str]
) -> str:
    """One JSON document."""
    document: dict[str, Any] = {
        "dflint": VERSION,
        "verdict": verdict.to_json(),
        "asked_level": int(asked),
        "is_reached": verdict.level >= asked,
        "engine": engine,
    }
    if found is not None:
        document |= {
            "network": found.network,
            "builds": {
                name: _build(result)
                for name, result in (
                    ("original", found.original), ("rewrite", found.rewrite), ("control", found.control),
                )
                if result is not None
            },
            "sizes": _pair(found.sizes, lambda size: size._asdict()),
            "smoke": None if found.smoke is None else {
                "description": found.smoke.description,
                "checks": [check._asdict() for check in found.smoke.checks],
            },
            "measures": _pair(found.measures, _measures_json),
            "notes": list(found.notes),
            "seconds": {"builds": found.build_seconds, "checks": found.check_seconds},
        }  # fmt: skip
    return json.dumps(_redacted(document, redact), indent=2) + "\n"


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _redacted(item, redact) for key, item in value.items()}
    return [_redacted(item, redact) for item in value] if isinstance(value, list | tuple) else value


def _build(result: BuildResult) -> dict[str, Any]:
    return {
        "image": result.image,
        "seconds": round(result.seconds, 3),
        "save_seconds": round(result.save_seconds, 3),
        "frontend": result.frontend or "builtin",
        "failure": None if result.failure is None else result.failure._asdict(),
        "steps": [step._asdict() for step in result.steps],
        "log": list(result.log),
        "context_bytes": result.transferred,
    }


def _pair(values: Any, convert: Callable[[Any], dict[str, Any]]) -> dict[str, Any] | None:
    return {"original": convert(values[0]), "rewrite": convert(values[1])} if values else None


def _measures_json(measures: Measures) -> dict[str, Any]:
    return {
        "size": measures.size._asdict(),
        "rebuilds": [
            {**rebuild._asdict(), "wall": rebuild.wall._asdict(), "work": rebuild.work._asdict()}
            for rebuild in measures.rebuilds
        ],
    }


def _bytes(size: int) -> str:
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} GB"


def _change(before: int, after: int) -> str:
    return f"{(after - before) / before:+.0%}" if before else "from nothing"
