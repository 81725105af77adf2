"""uv and uvx. Source: docs.astral.sh/uv/reference/cli."""

from __future__ import annotations

from dflint.packages.command import Grammar, PackageCommand, package_of
from dflint.packages.python import split_poetry

_VALUES = (
    "--directory --project --config-file --cache-dir --color --allow-insecure-host -r --requirements --requirement "
    "--constraints --constraint -e --editable --extra --group --no-group --only-group --index --default-index -i "
    "--index-url "
    "--extra-index-url -f --find-links --index-strategy --keyring-provider -P --upgrade-package --reinstall-package "
    "--resolution --prerelease --fork-strategy --exclude-newer --link-mode -C --config-setting --config-settings "
    "-p --python "
    "--python-version --python-platform --target --prefix --no-binary --only-binary --no-build-package "
    "--no-binary-package "
    "--refresh-package --torch-backend --package --with --with-editable --with-requirements --no-install-package "
    "--override "
    "--overrides --build-constraint --build-constraints -b -o --output-file --env-file --tag --branch --rev --script "
    "--python-preference --no-build-isolation-package --format --from"
)


def _finish(result: PackageCommand) -> None:
    result.constraint_files = result.values("-c", "--constraint", "--constraints")
    if result.subcommand_name == "pip sync":
        result.requirement_files, result.packages = result.operands, ()
    if result.subcommand_name == "pip install":
        editable = tuple(package_of(word, _UV) for word in result.values("-e", "--editable"))
        result.packages = tuple(sorted((*result.packages, *editable), key=lambda package: package.word.begin))


_UV = Grammar(
    "uv",
    {
        "install": "pip_install pip_sync sync add tool_install",
        "remove": "pip_uninstall remove tool_uninstall",
        "upgrade": "tool_upgrade",
        "clean": "cache_clean cache_prune",
        "build": "build",
        "publish": "publish",
        "run": "run tool_run",
        "other": "pip_compile python_install lock venv",
    },
    _VALUES,
    subcommand_values={"pip_install pip_compile pip_sync add": "-c"},
    split=split_poetry,
    passes_on="run tool_run",
    names_package="tool_run",
    requirement_options="-r --requirements --requirement",
    finish=_finish,
)
GRAMMARS = {
    "uv": _UV,
    "uvx": Grammar("uv", {}, _VALUES, split=split_poetry, default="run", has_subcommands=False),
}
