"""What ``dflint optimize`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.report.base import posix_path, printable, valid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.optimizer import Change, Refusal, Rewrite


def as_text(path: str, rewrite: Rewrite, shows_diff: bool, color: bool) -> str:
    """The diff, then what was changed and why, what that takes for granted, and what was not done."""
    return "".join(_lines(path, rewrite, shows_diff, color))


def _lines(path: str, rewrite: Rewrite, shows_diff: bool, color: bool) -> Iterator[str]:
    if shows_diff and rewrite.text != rewrite.original:
        from dflint.cli.diff import unified_diff

        yield unified_diff(path, rewrite.original, rewrite.text, color)
        yield "\n"
    name = printable(posix_path(path))
    if not rewrite.is_changed:
        yield f"{name}: nothing to improve\n"
    for change in rewrite.changes:
        yield f"{change.title} ({change.pass_name})\n"
        yield from _indented("because", change.reason)
        yield from _indented("effect", change.effect)
    if rewrite.assumes:
        yield "Not proven by the files alone; --verify builds and shows it:\n"
        for text in rewrite.assumes:
            yield f"  - {printable(text)}\n"
    if rewrite.dockerignore is not None:
        yield "The ignore file would be changed as well (dflint ignore shows how)\n"
    if rewrite.refusals:
        yield "Not done:\n"
        for refusal in rewrite.refusals:
            yield f"  - {_refusal(refusal)}\n"


def _indented(label: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {label}: {printable(text)}\n"


def _refusal(refusal: Refusal) -> str:
    name = f" ({refusal.pass_name})" if refusal.pass_name else ""
    return printable(f"{refusal.title}: {refusal.reason}{name}")


def as_json(path: str, rewrite: Rewrite) -> str:
    """``{"path", "changed", "text", "dockerignore", "changes": [...], "assumes": [...], "refusals": [...]}``."""
    from json import dumps

    made = {
        "path": valid(posix_path(path)),
        "changed": rewrite.is_changed,
        "text": valid(rewrite.text),
        "dockerignore": None if rewrite.dockerignore is None else valid(rewrite.dockerignore),
        "changes": list(map(_change, rewrite.changes)),
        "assumes": list(map(valid, rewrite.assumes)),
        "refusals": [
            {"pass": r.pass_name, "title": r.title, "reason": valid(r.reason), "line": r.line or None}
            for r in rewrite.refusals
        ],
    }
    return dumps(made, indent=2) + "\n"


def _change(change: Change) -> dict[str, object]:
    return {
        "pass": change.pass_name,
        "title": change.title,
        "reason": valid(change.reason),
        "effect": valid(change.effect),
        "assumes": list(map(valid, change.assumes)),
    }


def explanation() -> str:
    """The passes in order, each with its level and what it does."""
    from dflint.optimizer.passes import load, pass_names

    return "".join(f"{name} ({load(name).level})\n  {load(name).description}\n" for name in pass_names())
