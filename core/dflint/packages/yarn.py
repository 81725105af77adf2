"""yarn 1 and later. Source: classic.yarnpkg.com/docs/cli, yarnpkg.com/cli."""

from __future__ import annotations

from dflint.packages.command import Grammar
from dflint.packages.npm import split

GRAMMARS = {
    "yarn": Grammar(
        "yarn",
        {
            "install": "install add global_add workspaces_focus",
            "upgrade": "up upgrade upgrade-interactive global_upgrade",
            "remove": "remove global_remove",
            "clean": "cache_clean",
            "run": "run exec node dlx create",
            "build": "pack rebuild",
            "publish": "publish npm_publish",
            "other": "set_version config_set config_get plugin_import workspace why list info link unlink "
            "audit licenses init "
            "import check version versions dedupe constraints outdated owner login logout team tag bin help autoclean",
        },
        "--cwd --cache-folder --modules-folder --network-timeout --network-concurrency --registry --mutex --prefix "
        "--global-folder --use-yarnrc --preferred-cache-folder --link-folder --otp --tag --mode --https-proxy --proxy",
        split=split,
        default="install",
        otherwise="run",
        passes_on="run exec node dlx",
        names_package="dlx",
    )
}
