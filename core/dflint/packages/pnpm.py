"""pnpm and pnpx. Source: pnpm.io/pnpm-cli."""

from __future__ import annotations

from dflint.packages.command import Grammar
from dflint.packages.npm import split

_VALUES = (
    "--dir -C --filter -F --filter-prod --registry --store-dir --reporter --loglevel --network-concurrency "
    "--child-concurrency "
    "--virtual-store-dir --modules-dir --lockfile-dir --workspace-concurrency --node-linker --package-import-method "
    "--global-dir --fetch-retries --fetch-timeout --cpu --os --libc"
)
GRAMMARS = {
    "pnpm": Grammar(
        "pnpm",
        {
            "install": "install i add ci install-test it",
            "restore": "fetch",
            "upgrade": "update up upgrade",
            "remove": "remove rm un uninstall",
            "clean": "store_prune cache_delete",
            "run": "run run-script exec dlx start test t tst create",
            "build": "rebuild rb pack",
            "publish": "publish",
            "other": "config_set config_get set get deploy prune import setup env_use env_add link ln unlink "
            "list ls outdated "
            "why audit licenses root bin init patch patch-commit approve-builds store_path",
        },
        _VALUES,
        split=split,
        otherwise="run",
        passes_on="run exec dlx",
        names_package="dlx",
    ),
    "pnpx": Grammar("pnpm", {}, _VALUES, split=split, default="run", has_subcommands=False),
}
