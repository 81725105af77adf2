"""apt-get, apt, aptitude. Source: apt-get(8), apt(8), aptitude(8)."""

from __future__ import annotations

from dflint.packages.command import Grammar

_ACTIONS = {
    "install": "install reinstall",
    "update": "update",
    "upgrade": "upgrade dist-upgrade full-upgrade dselect-upgrade safe-upgrade",
    "remove": "remove purge autoremove auto-remove autopurge",
    "clean": "clean autoclean auto-clean distclean dist-clean",
}
_VALUES = (
    "-t --target-release --default-release -o --option -c --config-file -a --host-architecture -P "
    "--build-profiles --solver "
    "--with-source"
)


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name:arch=version``, ``name/release``, a path to a ``.deb``."""
    if text.endswith(".deb"):
        return text, None, None, "url" if "://" in text else "file"
    if text.startswith(("./", "/", "../")):
        return text, None, None, "path"
    name, operator, version = text.partition("=")
    if not operator:
        name, operator, version = text.partition("/")
    base = name.partition(":")[0]
    return base or name, operator or None, version or None, "index"


GRAMMARS = {name: Grammar(name, _ACTIONS, _VALUES, split=split) for name in ("apt-get", "apt", "aptitude")}
