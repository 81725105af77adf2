"""conda, mamba, micromamba. Source: docs.conda.io (command reference, match specifications)."""

from __future__ import annotations

from dflint.packages.command import Grammar

_FILES = (".tar.bz2", ".conda")


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``channel::name=version=build``, ``name>=version``, a path or URL of a package file."""
    if text.endswith(_FILES):
        return text, None, None, "url" if "://" in text else "file"
    channel, colons, rest = text.partition("::")
    spec = rest if colons else channel
    start = next((index for index, char in enumerate(spec) if char in "=<>!~ "), len(spec))
    end = start
    while end < len(spec) and spec[end] in "=<>!~ ":
        end += 1
    return spec[:start].partition("[")[0], spec[start:end].strip() or None, spec[end:] or None, "index"


def _grammar(name: str) -> Grammar:
    return Grammar(
        name,
        {
            "install": "install create env_create env_update",
            "remove": "remove uninstall env_remove",
            "upgrade": "update upgrade",
            "clean": "clean",
            "run": "run",
            "build": "build",
        },
        "-n --name -p --prefix -c --channel --solver --repodata-fn --root-prefix -r --cafile --log-level",
        subcommand_values={"install create update upgrade env_create env_update": "-f --file"},
        split=split,
        passes_on="run",
        requirement_options="-f --file",
    )


GRAMMARS = {name: _grammar(name) for name in ("conda", "mamba", "micromamba")}
