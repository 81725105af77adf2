"""What a command of a RUN does, in coarse kinds: the rules about layers and the cache weigh RUNs by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.packages import PROGRAMS, parse_package_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.shell import Command

SYSTEM_MANAGERS = frozenset(
    ("apt-get", "apt", "aptitude", "apk", "yum", "dnf", "microdnf", "tdnf", "zypper")
)  # fmt: skip
_FAMILIES = {
    "pip": "python", "pipx": "python", "pipenv": "python", "poetry": "python", "uv": "python", "conda": "python",
    "mamba": "python", "micromamba": "python", "npm": "node", "yarn": "node", "pnpm": "node", "bun": "node",
    "corepack": "node", "gem": "ruby", "bundle": "ruby", "mvn": "java", "gradle": "java",
}  # fmt: skip
_SYSTEM_PROGRAMS = frozenset(
    ("dpkg", "dpkg-reconfigure", "rpm", "apt-key", "add-apt-repository", "apt-mark", "docker-php-ext-install",
     "docker-php-ext-configure", "docker-php-ext-enable", "pecl", "yum-config-manager", "apt-cache",
     "update-ca-certificates", "pacman", "emerge", "xbps-install", "brew", "cpan", "cpanm", "luarocks", "install2.r",
     "install_packages")
)  # fmt: skip
_BUILDERS = frozenset(
    ("make", "gmake", "cmake", "ninja", "meson", "configure", "autoreconf", "autogen.sh", "bootstrap", "gcc", "g++",
     "cc", "c++", "clang", "clang++", "rustc", "javac", "tsc", "webpack", "vite", "next", "ng", "scons", "bazel",
     "ant", "sbt", "lein", "mix", "rake", "hugo", "msbuild", "grunt", "gulp", "qmake", "stack", "cabal", "ghc",
     "swift", "zig", "nim")
)  # fmt: skip
_FETCHERS = frozenset(
    ("curl", "wget", "git", "svn", "hg", "aria2c", "axel", "aws", "gsutil")
)  # fmt: skip
_CHEAP = frozenset(
    ("mkdir", "chmod", "chown", "chgrp", "ln", "rm", "rmdir", "cp", "mv", "touch", "echo", "printf", "cat", "sed",
     "tee", "useradd", "adduser", "groupadd", "addgroup", "usermod", "groupmod", "passwd", "chpasswd", "install",
     "locale-gen", "update-locale", "localedef", "true", "test", "[", ":", "cd", "set", "ls", "a2enmod", "a2dismod",
     "a2ensite", "a2dissite", "update-alternatives", "alternatives", "ldconfig", "find", "grep", "awk", "gawk", "tar",
     "unzip", "gunzip", "gzip", "xargs", "dos2unix", "export", "env", "which", "sh", "bash", "strip", "setcap",
     "head", "tail", "cut", "tr", "sort", "mkfifo", "ssh-keygen", "date", "hostname", "basename", "dirname", "rename",
     "truncate", "update-rc.d", "userdel", "groupdel", "deluser", "visudo", "id", "sleep", "sync", "phpenmod", "pwd",
     "visudo", "mknod")
)  # fmt: skip


def kind_of(command: Command) -> str:
    """``cheap``, ``fetch``, ``build``, ``system``, ``script`` (nobody knows), or the family of a language's manager.

    ``system`` are packages of the distribution; a family (``python``, ``node``, ``go``...) means an install of
    dependencies; running and building by the same tools is ``build``.
    """
    package = parse_package_command(command) if may_be_package_command(command) else None
    if package is not None:
        if package.manager in SYSTEM_MANAGERS:
            return "system"
        if package.action in ("build", "run", "publish"):
            return "build"
        if package.action in ("clean", "other"):
            return "cheap"
        return _FAMILIES.get(package.manager, package.manager)
    inner = command.unwrapped()
    program = inner.program
    if program is None:
        return "cheap" if inner.name is None else "script"
    if program in _SYSTEM_PROGRAMS:
        return "system"
    if program in _BUILDERS:
        return "build"
    if program in _FETCHERS:
        return "cheap" if program == "git" and _words_of(inner)[:1] == ["config"] else "fetch"
    if program in _CHEAP:
        # sh -c's string has its own commands; a script that it is given is anybody's guess.
        if program in ("sh", "bash") and not any(word.startswith("-") for word in _words_of(inner)):
            return "script" if inner.arguments else "cheap"
        return "cheap"
    return "script"


def kinds_of(commands: Iterable[Command]) -> frozenset[str]:
    """The kinds of some commands; ``cheap`` only if all are."""
    kinds = frozenset([kind_of(command) for command in commands])
    return kinds - {"cheap"} or frozenset(("cheap",))


def may_be_package_command(command: Command) -> bool:
    """A cheap test before ``parse_package_command``: False only if that gives None."""
    program = command.program
    return program is None or program in PROGRAMS or program not in _CHEAP - _WRAPPERS


_WRAPPERS = frozenset(
    ("env", "xargs")
)  # fmt: skip


def _words_of(command: Command) -> list[str]:
    return [word.value or "" for word in command.arguments]
