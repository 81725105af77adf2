"""zypper of SUSE. Source: zypper(8)."""

from __future__ import annotations

from dflint.packages.command import Grammar


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name=version``, ``name>=version``, ``repository:name``, a path or URL of an ``.rpm``."""
    if "://" in text:
        return text, None, None, "url"
    if text.endswith(".rpm"):
        return text, None, None, "file"
    at = next((index for index, char in enumerate(text) if char in "<>="), len(text))
    end = at
    while end < len(text) and text[end] in "<>=":
        end += 1
    return text[:at], text[at:end] or None, text[end:] or None, "index"


GRAMMARS = {
    "zypper": Grammar(
        "zypper",
        {
            "install": "install in",
            "remove": "remove rm",
            "update": "refresh ref",
            "upgrade": "update up dist-upgrade dup patch",
            "clean": "clean cc",
            "download": "download",
        },
        "-R --root -D --reposd-dir -C --cache-dir --raw-cache-dir --solv-cache-dir --pkg-cache-dir --installroot "
        "--userdata "
        "--config --plus-repo --plus-content --releasever --color-theme",
        subcommand_values={
            "install in update up remove rm dup dist-upgrade patch": "-r --repo --from -t --type --solver-focus"
        },
        split=split,
    )
}
