"""dotnet. Source: learn.microsoft.com/dotnet/core/tools."""

from __future__ import annotations

from dflint.packages.command import Grammar, PackageCommand, package_of


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name``, ``name@version`` (.NET 10)."""
    name, operator, version = text.partition("@")
    return name, operator or None, version or None, "index"


def _finish(result: PackageCommand) -> None:
    """``add [project] package name --version v``, ``tool install name --version v``."""
    if result.subcommand_name == "add":
        values = [word.value for word in result.operands]
        named = result.operands[values.index("package") + 1 :] if "package" in values else ()
        result.packages = tuple(package_of(word, GRAMMARS["dotnet"]) for word in named)
    elif result.subcommand_name not in ("tool install", "package add", "workload install"):
        result.packages = ()
    if result.subcommand_name == "nuget locals":
        result.action = "clean" if result.has("--clear", "-c") else "other"
    option = result.option("--version", "-v")
    if option is None or option.value is None:
        return
    for package in result.packages:
        if package.version is None:
            package.operator = option.name
            package.version = option.value.raw if option.value.value is None else option.value.value


_COMMON = "-o --output -s --source -v --verbosity --configfile -a --arch --os --packages --tool-path --add-source"
_BUILD = "-c --configuration -r --runtime -f --framework --version-suffix --project --artifacts-path -p --property"
GRAMMARS = {
    "dotnet": Grammar(
        "dotnet",
        {
            "restore": "restore tool_restore workload_restore",
            "build": "build msbuild pack",
            "publish": "publish nuget_push",
            "install": "tool_install package_add add workload_install",
            "upgrade": "tool_update workload_update",
            "remove": "tool_uninstall remove package_remove",
            "clean": "clean nuget_locals",
            "run": "run test exec watch vstest ef",
            "other": "new nuget_add sln dev-certs tool_run",
        },
        _COMMON,
        subcommand_values={
            "restore build publish pack run test clean watch msbuild": _BUILD,
            "tool_install tool_update package_add add": "--version --framework -f",
        },
        split=split,
        combines=False,
        option_prefixes=("-", "/p:", "/property:", "/t:", "/m", "/restore", "/nologo", "/v:"),
        finish=_finish,
    )
}
