"""pip, pipx, pipenv, poetry. Source: the commands' own help; PEP 508, PEP 440."""

from __future__ import annotations

from dflint.packages.command import Grammar, PackageCommand, package_of

_INDEX = "-i --index-url --extra-index-url -f --find-links --trusted-host --no-binary --only-binary"
PIP_VALUES = (
    "--python --log --proxy --retries --timeout --exists-action --cert --client-cert --cache-dir --keyring-provider "
    "--use-feature --use-deprecated -r --requirement -c --constraint -e --editable -t --target --root --prefix --src "
    "--upgrade-strategy -C --config-settings --config-setting --global-option --install-option --build-option "
    "--progress-bar "
    "--root-user-action --platform --python-version --implementation --abi --report --group -b --build -w "
    "--wheel-dir -d "
    "--dest --build-constraint --requirements-from-script --path --exclude " + _INDEX
)
_VCS = ("git+", "hg+", "svn+", "bzr+")
_FILES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name[extra]==version``, ``name @ url``, ``git+https://...@revision``, a path, a file."""
    name, at, target = text.partition(" @ ")
    if at:
        _, operator, version, source = split(target.strip())
        return name.partition("[")[0].strip(), operator, version, source
    if text.startswith(_VCS):
        base, operator, revision = text.partition("#")[0].rpartition("@")
        is_revision = bool(operator) and "/" in base.partition("://")[2]
        return text, "@" if is_revision else None, revision if is_revision else None, "vcs"
    if "://" in text:
        return text, None, None, "url"
    if text.endswith(_FILES):
        return text, None, None, "file"
    requirement = text.partition(";")[0]
    start = next((index for index, char in enumerate(requirement) if char in "=<>!~"), -1)
    if "/" in (requirement if start < 0 else requirement[:start]) or text.startswith("."):
        return text, None, None, "variable" if text.startswith("$") else "path"
    if start < 0:
        return _base_name(requirement), None, None, "index"
    end = start
    while end < len(requirement) and requirement[end] in "=<>!~":
        end += 1
    return _base_name(requirement[:start]), requirement[start:end], requirement[end:].strip(), "index"


def _base_name(text: str) -> str:
    return text.partition("[")[0].strip()


def split_poetry(text: str) -> tuple[str, str | None, str | None, str]:
    """Also ``name@^1.2``."""
    name, operator, version = text.partition("@")
    if operator and "/" not in name and "+" not in name and " " not in name:
        return _base_name(name), operator, version, "index"
    return split(text)


def finish_pip(result: PackageCommand) -> None:
    """Constraints, and what ``-e`` installs."""
    result.constraint_files = result.values("-c", "--constraint", "--constraints")
    if result.action != "install":
        return
    editable = tuple(package_of(word, PIP) for word in result.values("-e", "--editable"))
    result.packages = tuple(sorted((*result.packages, *editable), key=lambda package: package.word.begin))


PIP = Grammar(
    "pip",
    {
        "install": "install",
        "remove": "uninstall",
        "clean": "cache_purge cache_remove",
        "download": "download",
        "build": "wheel",
    },
    PIP_VALUES,
    split=split,
    requirement_options="-r --requirement",
    finish=finish_pip,
)
_PIPX = Grammar(
    "pipx",
    {"install": "install inject", "remove": "uninstall uninstall-all", "upgrade": "upgrade upgrade-all", "run": "run"},
    "--python --pip-args --suffix --spec --backend " + _INDEX,
    split=split,
    passes_on="run",
    names_package="run",
)
_PIPENV = Grammar(
    "pipenv",
    {
        "install": "install sync",
        "remove": "uninstall",
        "upgrade": "update upgrade",
        "clean": "clean",
        "run": "run shell",
    },
    "-r --requirements -i --index --python --categories --extra-pip-args -e --editable --pypi-mirror --dev-pkgs",
    split=split,
    passes_on="run",
    requirement_options="-r --requirements",
)
_POETRY = Grammar(
    "poetry",
    {
        "install": "install sync add",
        "remove": "remove",
        "upgrade": "update",
        "build": "build",
        "publish": "publish",
        "run": "run shell",
        "clean": "cache_clear",
    },
    "-C --directory -P --project --without --with --only -E --extras -G --group --source --python --platform",
    subcommand_values={"export": "-f --format -o --output", "build": "-f --format -o --output"},
    split=split_poetry,
    passes_on="run",
)


GRAMMARS = {"pip": PIP, "pipx": _PIPX, "pipenv": _PIPENV, "poetry": _POETRY}
