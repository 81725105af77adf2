"""apk of Alpine. Source: apk(8), apk-add(8)."""

from __future__ import annotations

from dflint.packages.command import Grammar

_OPERATORS = "=<>~"


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name=version``, ``name~version``, ``name>=version``, ``name@repository``, a path to an ``.apk``."""
    if text.endswith(".apk"):
        return text, None, None, "url" if "://" in text else "file"
    at = next((index for index, char in enumerate(text) if char in _OPERATORS), len(text))
    end = at
    while end < len(text) and text[end] in _OPERATORS:
        end += 1
    name = text[:at].partition("@")[0]
    return name, text[at:end] or None, text[end:].partition("@")[0] or None, "index"


GRAMMARS = {
    "apk": Grammar(
        "apk",
        {
            "install": "add",
            "remove": "del",
            "update": "update",
            "upgrade": "upgrade",
            "clean": "cache_clean cache_purge",
            "download": "fetch",
        },
        "-p --root -X --repository --arch --cache-dir --cache-max-age --keys-dir --repositories-file --wait "
        "--progress-fd "
        "--timeout",
        subcommand_values={"add": "-t --virtual", "fetch": "-o --output"},
        split=split,
    )
}
