"""gem and bundle. Source: guides.rubygems.org/command-reference, bundler.io/man."""

from __future__ import annotations

from dflint.packages.command import Grammar, PackageCommand


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name:version``, a path to a ``.gem``."""
    if text.endswith(".gem"):
        return text, None, None, "url" if "://" in text else "file"
    name, operator, version = text.partition(":")
    return name, operator or None, version or None, "index"


def _finish(result: PackageCommand) -> None:
    """``-v`` holds for all packages that say nothing themselves."""
    option = result.option("-v", "--version")
    version = option.value if option is not None else None
    if option is None or version is None:
        return
    for package in result.packages:
        if package.version is None:
            package.operator, package.version = option.name, version.raw if version.value is None else version.value


def _finish_bundle(result: PackageCommand) -> None:
    """Only ``add`` names packages; ``--without a b`` takes more than one word."""
    if result.subcommand_name != "add":
        result.packages = ()
    _finish(result)


GRAMMARS = {
    "gem": Grammar(
        "gem",
        {
            "install": "install i",
            "upgrade": "update",
            "remove": "uninstall",
            "clean": "cleanup clean",
            "build": "build",
            "publish": "push",
            "download": "fetch",
        },
        "-v --version -i --install-dir -n --bindir --platform -s --source -P --trust-policy --build-root --config-file "
        "-B --bulk-threshold --target-rbconfig --without --http-proxy",
        split=split,
        finish=_finish,
    ),
    "bundle": Grammar(
        "bundle",
        {
            "install": "install i add",
            "upgrade": "update",
            "remove": "remove",
            "clean": "clean",
            "run": "exec e",
            "restore": "cache package pack",
        },
        "--gemfile --path --jobs -j --retry --without --with --trust-policy --shebang --source --version -v --group -g "
        "--cache-path --target-rbconfig",
        split=split,
        default="install",
        passes_on="exec e",
        finish=_finish_bundle,
    ),
}
