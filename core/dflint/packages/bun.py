"""bun and bunx. Source: bun.sh/docs/cli."""

from __future__ import annotations

from dflint.packages.command import Grammar
from dflint.packages.npm import split

_VALUES = "--cwd -c --config --registry --cache-dir --backend --omit --filter --linker --cpu --os --concurrent-scripts"
GRAMMARS = {
    "bun": Grammar(
        "bun",
        {
            "install": "install i add a ci",
            "upgrade": "update",
            "remove": "remove rm uninstall",
            "clean": "pm_cache",
            "run": "run x exec test create",
            "build": "build",
            "publish": "publish",
            "other": "upgrade pm_ls init link unlink outdated patch repl",
        },
        _VALUES,
        subcommand_values={
            "build": "--outdir --outfile --target --format --minify-syntax --external --entry-naming --define"
        },
        split=split,
        otherwise="run",
        passes_on="run x exec",
        names_package="x",
    ),
    "bunx": Grammar("bun", {}, "-p --package", split=split, default="run", has_subcommands=False),
}
