"""cargo. Source: doc.rust-lang.org/cargo/commands; cargo-chef, cargo-binstall, cargo-auditable."""

from __future__ import annotations

from dflint.packages.command import Grammar, Package, PackageCommand

_VERSION = ("--version", "--vers")


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name@version``."""
    name, operator, version = text.partition("@")
    return name, operator or None, version or None, "index"


def _finish(result: PackageCommand) -> None:
    """``--git`` and ``--path`` say where from, ``--version`` which."""
    if result.action != "install":
        return
    for names, source in ((("--git",), "vcs"), (("--path",), "path")):
        option = result.option(*names)
        if option is not None and option.value is not None:
            _set_source(result, source)
    version = result.option(*_VERSION)
    if version is None or version.value is None:
        return
    for package in result.packages:
        if package.version is None:
            package.operator = version.name
            package.version = version.value.raw if version.value.value is None else version.value.value


def _set_source(result: PackageCommand, source: str) -> None:
    for package in result.packages:
        package.source = source
    word = result.values("--" + ("git" if source == "vcs" else "path"))[-1]
    reference = result.option("--rev", "--tag", "--branch")
    if not result.packages:
        result.packages = (Package(word, word.raw if word.value is None else word.value, source=source),)
    if reference is None or reference.value is None:
        return
    for package in result.packages:
        package.operator, package.version = reference.name, reference.value.value


GRAMMARS = {
    "cargo": Grammar(
        "cargo",
        {
            "install": "install binstall add",
            "restore": "fetch vendor",
            "build": "build b check c rustc bench doc chef_cook zigbuild auditable_build leptos_build",
            "run": "run r test t",
            "upgrade": "update",
            "remove": "uninstall remove rm",
            "clean": "clean",
            "publish": "publish package",
            "other": "chef_prepare",
        },
        "--manifest-path --target --target-dir --features -F -j --jobs -p --package --bin --example --test "
        "--bench --profile "
        "--color --config -Z -C --message-format --lockfile-path",
        subcommand_values={
            "install binstall add": "--version --vers --git --branch --tag --rev --path --root --registry --index",
            "chef_cook chef_prepare": "--recipe-path",
        },
        split=split,
        passes_on="run r",
        toolchain_prefix="+",
        finish=_finish,
    )
}
