"""composer of PHP. Source: getcomposer.org/doc/03-cli.md."""

from __future__ import annotations

from dflint.packages.command import Grammar


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``vendor/name:version``, ``vendor/name=version``, ``"vendor/name version"``."""
    at = next((index for index, char in enumerate(text) if char in ":= "), len(text))
    return text[:at], text[at : at + 1] or None, text[at + 1 :] or None, "index"


GRAMMARS = {
    "composer": Grammar(
        "composer",
        {
            "install": "install i require global_require global_install",
            "upgrade": "update u upgrade global_update",
            "remove": "remove rm uninstall global_remove",
            "clean": "clear-cache clearcache cc",
            "build": "dump-autoload dumpautoload",
            "run": "run-script run exec",
        },
        "-d --working-dir --prefer-install --repository --ignore-platform-req --apcu-autoloader-prefix --stability -s",
        split=split,
        passes_on="run-script run exec",
    )
}
