"""yum, dnf, microdnf, tdnf. Source: yum(8), dnf(8), dnf5(8)."""

from __future__ import annotations

import re

from dflint.packages.command import Grammar

_ACTIONS = {
    "install": "install localinstall groupinstall reinstall downgrade group_install groups_install module_install in",
    "update": "check-update makecache",
    "upgrade": "update upgrade update-minimal upgrade-minimal distro-sync localupdate groupupdate group_upgrade",
    "remove": "remove erase autoremove groupremove group_remove module_remove",
    "clean": "clean",
    "download": "download",
}
_VALUES = (
    "-c --config -d --debuglevel -e --errorlevel -R --randomwait --enablerepo --disablerepo --repo --repoid -x "
    "--exclude "
    "--excludepkgs --installroot --releasever --setopt --color --comment --disableplugin --enableplugin "
    "--advisory --advisories "
    "--bz --bzs --cve --cves --sec-severity --forcearch --downloaddir --destdir --repofrompath --rpmverbosity "
    "--disableexcludes --disableexcludepkgs"
)
# name-[epoch:]version[-release][.arch]: version and release start with a digit. A mere number belongs to the name.
_version = re.compile(r"(.+?)-(\d[\w.+~^:]*(?:-\d[\w.+~^]*)?|\$[^-]*(?:-\$?[\w.{}+~^]*)?|\*)\Z")


def split(text: str) -> tuple[str, str | None, str | None, str]:
    """``name-version-release``, ``module:stream``, ``@group``, a path or URL of an ``.rpm``."""
    if "://" in text:
        return text, None, None, "url"
    if text.endswith(".rpm"):
        return text, None, None, "file"
    if text.startswith("/"):
        return text, None, None, "index"  # a file that some package provides
    match = _version.match(text)
    if match is not None and any(char in ".:*$-" for char in match[2]):
        return match[1], "-", match[2], "index"
    name, operator, stream = text.partition(":")
    return name, operator or None, stream or None, "index"


GRAMMARS = {name: Grammar(name, _ACTIONS, _VALUES, split=split) for name in ("yum", "dnf", "microdnf", "tdnf")}
