"""Debian's packages for building, and what takes their place at run time.

From the package indexes of Debian 10 to 13.
"""

from __future__ import annotations

_BUILD_ONLY = frozenset((
    "build-essential", "gcc", "g++", "cpp", "make", "cmake", "ninja-build", "meson", "autoconf", "automake", "libtool",
    "pkg-config", "pkgconf", "bison", "flex", "nasm", "yasm", "gfortran", "clang", "llvm", "libc6-dev", "libc-dev",
    "libstdc++-dev", "linux-headers-generic", "linux-libc-dev", "python3-dev", "python-dev", "python3-pip",
    "python-pip",
    "python3-wheel", "python3-venv", "python3-virtualenv", "rustc", "cargo", "golang", "golang-go", "maven",
    "gradle", "ant", "default-jdk",
    "default-jdk-headless", "dpkg-dev", "debhelper", "devscripts", "fakeroot", "patch", "m4", "gettext", "swig",
    "cython3",
    "node-gyp", "ruby-dev", "php-dev", "autoconf-archive", "intltool", "libtool-bin", "protobuf-compiler", "valgrind",
    "gdb", "strace", "cppcheck", "clang-format", "clang-tidy", "doxygen", "texinfo", "ccache", "bear", "lcov",
    # Alpine
    "build-base", "alpine-sdk", "musl-dev", "linux-headers", "libc-dev", "gcc-c++", "samurai", "abuild",
    "py3-pip", "py-pip", "go", "openjdk8", "openjdk11", "openjdk17", "openjdk21",
))  # fmt: skip
_RUNTIME = {
    "libpq-dev": "libpq5", "postgresql-server-dev-all": "libpq5", "zlib1g-dev": "zlib1g",
    "libsqlite3-dev": "libsqlite3-0",
    "libjpeg-dev": "libjpeg62-turbo", "libjpeg62-turbo-dev": "libjpeg62-turbo", "libxslt1-dev": "libxslt1.1",
    "libxslt-dev": "libxslt1.1", "libyaml-dev": "libyaml-0-2", "libgmp-dev": "libgmp10", "libbz2-dev": "libbz2-1.0",
    "liblzma-dev": "liblzma5", "libcairo2-dev": "libcairo2", "libfreetype6-dev": "libfreetype6",
    "libfreetype-dev": "libfreetype6", "libpng-dev": "libpng16-16", "libmagic-dev": "libmagic1",
    "libncurses-dev": "libncurses6", "libncurses5-dev": "libncurses6",
    "libldap2-dev": "libldap-2.5-0", "libsasl2-dev": "libsasl2-2", "libpango1.0-dev": "libpangocairo-1.0-0",
    "librdkafka-dev": "librdkafka1", "libxml2-dev": "libxml2", "libgeos-dev": "libgeos-c1v5", "libopus-dev": "libopus0",
    "libmemcached-dev": "libmemcached11", "libpcre2-dev": "libpcre2-8-0", "libpcre3-dev": "libpcre3",
    "libvips-dev": "libvips42", "libevent-dev": "libevent-2.1-7", "libsodium-dev": "libsodium23",
    "libuv1-dev": "libuv1",
    "unixodbc-dev": "unixodbc", "libexpat1-dev": "libexpat1", "libgif-dev": "libgif7",
    "libfontconfig1-dev": "libfontconfig1",
    "libzmq3-dev": "libzmq5", "libpixman-1-dev": "libpixman-1-0", "libsndfile1-dev": "libsndfile1",
    "libmariadb-dev": "libmariadb3", "default-libmysqlclient-dev": "libmariadb3",
    "libmariadb-dev-compat": "libmariadb3", "libmysqlclient-dev": "libmariadb3",
    "uuid-dev": "libuuid1", "libedit-dev": "libedit2", "libkrb5-dev": "libgssapi-krb5-2",
    "libsnappy-dev": "libsnappy1v5",
    "liblz4-dev": "liblz4-1", "libzstd-dev": "libzstd1", "libonig-dev": "libonig5", "libseccomp-dev": "libseccomp2",
    "libudev-dev": "libudev1", "libusb-1.0-0-dev": "libusb-1.0-0", "libasound2-dev": "libasound2",
    "libx11-dev": "libx11-6",
}  # fmt: skip
_BY_RELEASE = {
    "libssl-dev": {
        "buster": "libssl1.1", "bullseye": "libssl1.1", "bookworm": "libssl3", "trixie": "libssl3t64",
    },
    "libffi-dev": {"buster": "libffi6", "bullseye": "libffi7", "bookworm": "libffi8", "trixie": "libffi8"},
    "libcurl4-openssl-dev": {
        "buster": "libcurl4", "bullseye": "libcurl4", "bookworm": "libcurl4", "trixie": "libcurl4t64",
    },
    "libreadline-dev": {
        "buster": "libreadline7", "bullseye": "libreadline8", "bookworm": "libreadline8", "trixie": "libreadline8t64",
    },
    "libicu-dev": {
        "buster": "libicu63", "bullseye": "libicu67", "bookworm": "libicu72", "trixie": "libicu76",
    },
    "libxml2-dev": {"trixie": "libxml2"},
    "libvips-dev": {"trixie": "libvips42t64"},
    "libldap2-dev": {
        "buster": "libldap-2.4-2", "bullseye": "libldap-2.4-2", "bookworm": "libldap-2.5-0", "trixie": "libldap2",
    },
    "libgeos-dev": {"trixie": "libgeos-c1t64"},
    "libevent-dev": {"buster": "libevent-2.1-6", "trixie": "libevent-2.1-7t64"},
    "libmagic-dev": {"trixie": "libmagic1t64"},
    "libpng-dev": {"trixie": "libpng16-16t64"},
    "libmemcached-dev": {"trixie": "libmemcached11t64"},
    "libsnappy-dev": {"trixie": "libsnappy1v5"},
    "libasound2-dev": {"trixie": "libasound2t64"},
    "libuv1-dev": {"trixie": "libuv1t64"},
}  # fmt: skip


def is_build_only(package: str) -> bool:
    """Whether a package is of use to builds alone: compilers, build systems, headers of the language."""
    name = package.partition("=")[0].partition(":")[0]
    return name in _BUILD_ONLY or _is_versioned_tool(name) or (name.startswith("linux-headers-"))


def _is_versioned_tool(name: str) -> bool:
    head, _, tail = name.rpartition("-")
    if head in ("gcc", "g++", "clang", "llvm", "cpp", "gfortran") and tail.replace(".", "").isdigit():
        return True
    if name.startswith("python3.") and name.endswith(("-dev", "-venv")):
        return True
    return name.startswith(("openjdk-", "temurin-")) and "jdk" in name and "jre" not in name


def runtime_package(package: str, release: str) -> tuple[str, ...] | None:
    """The packages that hold at run time what a ``-dev`` package is for; None if it is none, or not known.

    ``release`` is a codename of Debian.
    """
    name = package.partition("=")[0].partition(":")[0]
    found = _BY_RELEASE.get(name, {}).get(release) or _RUNTIME.get(name)
    return None if found is None or release not in ("buster", "bullseye", "bookworm", "trixie") else (found,)
