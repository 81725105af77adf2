"""Programs that a full image has and a lighter one lacks, with the Debian package that brings each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.model.image import ImageReference

_BUILDPACK: dict[str, str | None] = {
    "git": "git", "curl": "curl", "wget": "wget", "hg": "mercurial", "svn": "subversion", "ssh": "openssh-client",
    "scp": "openssh-client", "ssh-keygen": "openssh-client", "ssh-keyscan": "openssh-client", "gpg": "gnupg",
    "ps": "procps", "top": "procps", "pkill": "procps", "free": "procps", "unzip": "unzip", "xz": "xz-utils",
    "file": "file", "patch": "patch", "bzip2": "bzip2", "convert": "imagemagick", "identify": "imagemagick",
    "mogrify": "imagemagick", "openssl": "openssl", "pg_config": "libpq-dev", "sq": None,
    "gcc": None, "g++": None, "cc": None, "c++": None, "make": None, "ld": None, "as": None, "autoconf": None,
    "pkg-config": None, "automake": None,
}  # fmt: skip
_PYTHON = {"python3": "python3", "python": None}
_JDK: dict[str, str | None] = dict.fromkeys((
    "javac", "jar", "jlink", "jdeps", "jcmd", "jmap", "jstack", "jps", "jpackage", "javadoc", "jdb", "jconsole", "mvn",
    "mvnw", "gradle", "gradlew", "ant", "jshell", "jstat", "jinfo",
))  # fmt: skip
_TOOLCHAINS: dict[str, tuple[str, ...]] = {
    "golang": ("go", "gofmt"), "rust": ("cargo", "rustc", "rustup"), "gcc": ("gfortran",), "buildpack-deps": (),
}  # fmt: skip


def lacking_programs(image: ImageReference, runtime: ImageReference) -> Mapping[str, str | None]:
    """Program to the package that brings it, None if it is one that builds: what ``runtime`` lacks of ``image``."""
    from dflint.facts import canonical_name

    name = canonical_name(image)
    if image == runtime:
        return {}
    if name in ("maven", "gradle", "eclipse-temurin", "openjdk"):
        return _JDK | dict.fromkeys(("git", "unzip"), "git")
    if name.startswith("mcr.microsoft.com/dotnet"):
        return {"git": "git", "curl": "curl"}
    found = _BUILDPACK | dict.fromkeys(_TOOLCHAINS.get(name, ()))
    return found if name in ("python", "pypy") else found | _PYTHON


def package_for(program: str) -> str | None:
    """The Debian package of a program; None if it is not known."""
    return _BUILDPACK.get(program) or _PYTHON.get(program)
