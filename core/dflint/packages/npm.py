"""npm, npx, corepack; how all JavaScript managers name packages. Source: docs.npmjs.com (CLI, package-spec)."""

from __future__ import annotations

from dflint.packages.command import Grammar

_VALUES = (
    "-C --prefix --registry -w --workspace --cache --userconfig --globalconfig --loglevel --omit --include "
    "--only --tag "
    "--save-prefix --fetch-retries --fetch-retry-factor --fetch-retry-mintimeout --fetch-retry-maxtimeout "
    "--fetch-timeout "
    "--maxsockets --install-strategy --before --cpu --os --libc --location --access --otp --scope --script-shell "
    "--proxy "
    "--https-proxy --cafile --node-options --audit-level --python"
)
_VCS = ("git+", "git://", "git@", "github:", "gitlab:", "bitbucket:", "gist:", "ssh://")
_ARCHIVES = (".tgz", ".tar.gz", ".tar")


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name@version``, ``@scope/name@version``, ``alias@npm:name@version``, ``owner/name#ref``, a path, a URL."""
    if text.startswith(_VCS) or (".git" in text and "://" in text):
        _, hash_mark, reference = text.partition("#")
        return text, hash_mark or None, reference or None, "vcs"
    if "://" in text[:9]:
        return text, None, None, "url"
    if text.startswith(("./", "../", "/", "~/", "file:")) or text in (".", ".."):
        return text, None, None, "path"
    if text.endswith(_ARCHIVES):
        return text, None, None, "file"
    name, operator, version = text[1:].partition("@")
    name = text[:1] + name
    if version.startswith(_VCS) or "://" in version[:9]:
        return name, operator, version, "vcs" if version.startswith(_VCS) else "url"
    if "/" in name and not name.startswith("@") and "$" not in name:
        _, hash_mark, reference = text.partition("#")
        return text, hash_mark or None, reference or None, "vcs"
    return name, operator or None, version or None, "index"


GRAMMARS = {
    "npm": Grammar(
        "npm",
        {
            "install": "install i in ins inst insta instal isnt isnta isntal isntall add ci clean-install ic "
            "install-clean "
            "isntall-clean install-test it install-ci-test cit",
            "upgrade": "update up upgrade udpate",
            "remove": "uninstall unlink remove rm r un",
            "clean": "cache_clean cache_verify cache_clear cache_rm",
            "run": "run run-script rum urn start stop restart test t tst exec x",
            "build": "rebuild rb pack",
            "publish": "publish",
        },
        _VALUES,
        split=split,
        passes_on="exec x",
        names_package="exec x",
    ),
    "npx": Grammar("npm", {}, "-p --package -c --call " + _VALUES, split=split, default="run", has_subcommands=False),
    "corepack": Grammar("corepack", {}, "--install-directory -o --output", split=split),
}
