"""What is known of images by name: distribution, C library, package manager, user, tools in them.

Written by hand from what the images' own Dockerfiles do; only what is the same for all tags of a kind. What is not
known is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dflint.facts.cycles import canonical_name
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model.image import ImageReference

Distribution = Literal[
    "debian", "ubuntu", "alpine", "rhel", "arch", "suse", "wolfi", "busybox", "distroless", "empty", "windows"
]  # fmt: skip
"""``rhel``: that family (Fedora, CentOS, Amazon Linux, Oracle Linux, UBI); ``empty``: from scratch, one program."""
Manager = Literal["apt", "apk", "dnf", "microdnf", "yum", "tdnf", "pacman", "zypper"]
Shell = Literal["ash", "bash", "dash"]


class ImageFacts(NamedTuple):
    """What is known of an image with a tag."""

    name: str
    distribution: Distribution | None
    libc: Literal["glibc", "musl", "uclibc"] | None
    package_manager: Manager | None
    """None: unknown or none; see ``distribution``."""
    user: str | None
    """The default user if it is known not to be root."""
    is_build_tool: bool
    """Whether it is there to build (compilers, SDKs, JDKs), which a final image rarely needs."""
    has_compiler: bool
    """Whether it holds a C compiler, as buildpack-deps and all that is made from it do."""
    has_shell: bool | None
    has_bash: bool | None


DISTRIBUTION_WORDS: dict[str, Distribution] = {
    "alpine": "alpine", "slim": "debian", "debian": "debian", "ubuntu": "ubuntu", "rhel": "rhel", "oracle": "rhel",
    "oraclelinux": "rhel", "oraclelinux7": "rhel", "oraclelinux8": "rhel", "oraclelinux9": "rhel", "ubi": "rhel",
    "ubi7": "rhel", "ubi8": "rhel", "ubi9": "rhel", "ubi10": "rhel", "al2": "rhel", "al2023": "rhel",
    "amazonlinux2": "rhel", "amazonlinux": "rhel", "centos": "rhel", "centos7": "rhel", "centos8": "rhel",
    "rockylinux8": "rhel", "rockylinux9": "rhel", "almalinux": "rhel", "nanoserver": "windows",
    "windowsservercore": "windows", "azurelinux3.0": "rhel", "cbl": "rhel", "chiseled": "distroless",
    "scratch": "empty", "bionic": "ubuntu", "xenial": "ubuntu", "trusty": "ubuntu", "focal": "ubuntu",
    "jammy": "ubuntu", "noble": "ubuntu", "resolute": "ubuntu", "plucky": "ubuntu",
    "wheezy": "debian", "jessie": "debian",
    "stretch": "debian", "buster": "debian", "bullseye": "debian", "bookworm": "debian", "trixie": "debian",
    "sid": "debian", "busybox": "busybox",
}  # fmt: skip

_BY_NAME: dict[str, Distribution] = {}
_IMAGES: dict[Distribution, str] = {
    "debian": """
        debian python node golang rust ruby php perl gcc nginx httpd redis postgres memcached haproxy
        buildpack-deps elixir erlang julia haskell clojure wordpress drupal joomla nextcloud ghost cassandra
        couchdb influxdb telegraf neo4j pypy hylang mediawiki redmine matomo phpmyadmin swipl r-base dart
        rakudo-star neurodebian varnish znc rethinkdb emqx kapacitor chronograf yourls backdrop monica friendica
        espocrm postfixadmin oven/bun denoland/deno continuumio/miniconda3 continuumio/anaconda3
        mambaorg/micromamba jenkins/jenkins bitnami/minideb gitlab/gitlab-runner
    """,
    "ubuntu": """
        ubuntu eclipse-temurin maven gradle mariadb mongo rabbitmq tomcat jetty tomee groovy jruby swift solr
        zookeeper sonarqube clickhouse spark flink ros storm kong ibmjava sapmachine ibm-semeru-runtimes odoo
        adoptopenjdk nvidia/cuda mcr.microsoft.com/playwright mcr.microsoft.com/playwright/python
        phusion/baseimage
    """,
    "alpine": """
        alpine bash caddy traefik registry docker composer consul vault eclipse-mosquitto adminer arangodb
        minio/mc
    """,
    "rhel": """
        centos fedora rockylinux almalinux oraclelinux amazonlinux amazoncorretto mysql percona openjdk photon
        registry.access.redhat.com/ubi7/ubi registry.access.redhat.com/ubi8/ubi
        registry.access.redhat.com/ubi9/ubi registry.access.redhat.com/ubi8/ubi-minimal
        registry.access.redhat.com/ubi9/ubi-minimal redhat/ubi8 redhat/ubi9 redhat/ubi8-minimal
        redhat/ubi9-minimal quay.io/centos/centos
    """,
    "arch": """
        archlinux
    """,
    "suse": """
        opensuse/leap opensuse/tumbleweed
    """,
    "busybox": """
        busybox
    """,
    "empty": """
        hello-world nats
    """,
}
for _distribution_name, _names in _IMAGES.items():
    _BY_NAME.update(dict.fromkeys(_names.split(), _distribution_name))

_USERS: dict[str, str] = {
    "elasticsearch": "1000", "kibana": "1000", "logstash": "1000", "solr": "solr", "sonarqube": "sonarqube",
    "jetty": "jetty", "haproxy": "haproxy", "memcached": "memcache", "kong": "kong", "liquibase": "liquibase",
    "open-liberty": "1001", "websphere-liberty": "1001", "varnish": "varnish", "emqx": "emqx", "odoo": "odoo",
    "irssi": "user", "spark": "spark", "eggdrop": "eggdrop", "rocket.chat": "rocketchat", "jenkins/jenkins": "jenkins",
    "mambaorg/micromamba": "mambauser", "grafana/grafana": "472", "prom/prometheus": "nobody",
    "nginxinc/nginx-unprivileged": "101", "selenium/standalone-chrome": "seluser", "jenkins/inbound-agent": "jenkins",
}  # fmt: skip

_BUILD_TOOLS = frozenset(
    (
        "golang",
        "rust",
        "gcc",
        "maven",
        "gradle",
        "buildpack-deps",
        "haskell",
        "swift",
        "dart",
        "clojure",
        "groovy",
        "elixir",
        "docker",
        "nim",
        "haxe",
        "mcr.microsoft.com/dotnet/sdk",
        "mcr.microsoft.com/dotnet/core/sdk",
        "mcr.microsoft.com/dotnet/nightly/sdk",
        "ghcr.io/graalvm/graalvm-ce",
        "ghcr.io/graalvm/native-image",
        "container-registry.oracle.com/graalvm/native-image",
        "rustlang/rust",
        "emscripten/emsdk",
        "silkeh/clang",
        "sbtscala/scala-sbt",
        "mozilla/sbt",
        "hseeberger/scala-sbt",
        "composer",
    )
)
_JAVA = frozenset(
    (
        "openjdk",
        "eclipse-temurin",
        "amazoncorretto",
        "adoptopenjdk",
        "sapmachine",
        "ibm-semeru-runtimes",
        "azul-zulu",
        "azul/zulu-openjdk",
        "bellsoft/liberica-openjdk-alpine",
        "bellsoft/liberica-openjdk-debian",
        "ibmjava",
    )
)
_NOT_JDK_WORDS = frozenset(("jre", "headless", "headful", "distroless"))
_ON_BUILDPACK = frozenset(
    (
        "python",
        "node",
        "ruby",
        "perl",
        "pypy",
        "golang",
        "rust",
        "gcc",
        "buildpack-deps",
        "erlang",
        "elixir",
        "haskell",
    )
)
_OTHER_COMPILER = frozenset(
    (
        "php",
        "swift",
        "nim",
    )
)
_OWN_BASH = frozenset(
    (
        "bash",
        "composer",
        "maven",
        "postgres",
    )
)
_MANAGERS: dict[str, Manager] = {
    "debian": "apt", "ubuntu": "apt", "alpine": "apk", "wolfi": "apk", "rhel": "dnf", "arch": "pacman",
    "suse": "zypper",
}  # fmt: skip
_SHELLS: dict[str, Shell] = {
    "debian": "dash", "ubuntu": "dash", "alpine": "ash", "busybox": "ash", "wolfi": "ash", "rhel": "bash",
    "arch": "bash", "suse": "bash",
}  # fmt: skip
_MORE_WORDS: dict[str, Distribution] = {"fedora": "rhel", "rockylinux": "rhel", "archlinux": "arch", "arch": "arch"}
_OWN_SHELL = frozenset(("jenkins/jenkins", "mambaorg/micromamba"))
"""Images with a SHELL of their own."""


def facts_of(image: ImageReference) -> ImageFacts:
    """What is known of an image; fields that are not known are None."""
    name = canonical_name(image)
    tag = (image.tag or "").lower()
    parts = tag.split("-")
    distribution = _distribution(name, tag, parts)
    libc: Literal["glibc", "musl", "uclibc"] | None = None
    if distribution == "alpine":
        libc = "musl"
    elif distribution in ("debian", "ubuntu", "rhel", "arch", "suse", "wolfi", "distroless"):
        libc = "glibc"
    elif distribution == "busybox":
        libc = "musl" if "musl" in parts else "glibc" if "glibc" in parts else "uclibc" if "uclibc" in parts else None
    is_debug = "debug" in parts
    has_shell: bool | None = None
    has_bash: bool | None = None
    if distribution in ("debian", "ubuntu", "rhel", "arch", "suse"):
        has_shell = has_bash = True
    elif distribution in ("alpine", "busybox"):
        has_shell = True
        has_bash = name in _OWN_BASH
    elif distribution in ("distroless", "empty"):
        has_shell, has_bash = is_debug, False
    elif distribution == "windows":
        has_shell = has_bash = False
    return ImageFacts(
        name,
        distribution,
        libc,
        _manager(name, tag, parts, distribution),
        _user(name, tag, parts),
        _is_build_tool(name, parts),
        _has_compiler(name, parts, distribution),
        has_shell,
        has_bash,
    )


def system_shell(image: ImageReference) -> Shell | None:
    """What ``/bin/sh`` is in an image, from what is known of it or else from words of its name; None if unknown.

    dash in Debian and Ubuntu, bash in the families of Red Hat, Arch and SUSE, BusyBox' ash in Alpine.
    """
    facts = facts_of(image)
    if facts.name in _OWN_SHELL or (facts.name == "openjdk" and facts.distribution == "rhel"):
        return None  # an openjdk before 12 is a Debian
    distribution = facts.distribution or _named_distribution(image.repository)
    return None if distribution is None else _SHELLS.get(distribution)


def _named_distribution(repository: str) -> Distribution | None:
    """The distribution that a repository is called after: ``s390x/ubuntu``, ``mhart/alpine-node``."""
    words = [word.rstrip("0123456789.") for word in repository.replace("/", "-").replace("_", "-").split("-")]
    found = {DISTRIBUTION_WORDS.get(word) or _MORE_WORDS.get(word) for word in words if word != "slim"}
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _distribution(name: str, tag: str, parts: list[str]) -> Distribution | None:
    if name.startswith(("gcr.io/distroless/", "dhi.io/")):
        return "distroless" if name.startswith("gcr.io") else None
    if name.startswith("cgr.dev/chainguard/"):
        return "wolfi"
    if name.startswith("bitnami/"):
        return "debian"
    if "chiseled" in tag:
        return "distroless"
    for part in parts:
        found = DISTRIBUTION_WORDS.get(part)
        # slim says only that the default is Debian, so anything more exact goes first.
        if found is not None and part != "slim":
            return found
        if part.startswith("alpine3.") or (part.startswith("alpine") and part[6:].replace(".", "").isdigit()):
            return "alpine"
        word = part.rstrip("0123456789.")
        if word in ("ubuntu", "debian", "rockylinux", "almalinux"):
            return "ubuntu" if word == "ubuntu" else "debian" if word == "debian" else "rhel"
    if name.startswith("mcr.microsoft.com/dotnet/"):
        major = parts[0].partition(".")[0]
        return None if not major.isdigit() else "ubuntu" if int(major) >= 10 else "debian"
    if name.startswith("mcr.microsoft.com/windows"):
        return "windows"
    if name == "openjdk" and "slim" in parts:
        return "debian"
    return _BY_NAME.get(name)


def _manager(name: str, tag: str, parts: list[str], distribution: Distribution | None) -> Manager | None:
    if distribution is None:
        return None
    if name == "photon" or "azurelinux3.0" in parts or "cbl" in parts:
        return "tdnf"
    if distribution == "rhel":
        if _is_minimal(name, parts):
            return "microdnf"
        old = (name == "centos" and parts[0].lstrip("centos").startswith(("5", "6", "7"))) or "centos7" in parts
        if old or "al2" in parts or "amazonlinux2" in parts or name.endswith("/ubi7/ubi"):
            return "yum"
        if name == "amazonlinux" and (parts[0] == "2" or parts[0].startswith(("1", "2.", "2018"))):
            return "yum"
        if name in ("openjdk", "amazoncorretto"):
            return None
    return _MANAGERS.get(distribution)


def _is_minimal(name: str, parts: list[str]) -> bool:
    slim = name == "oraclelinux" and "slim" in parts
    return slim or name == "mysql" or name.endswith("-minimal") or "minimal" in parts


def _user(name: str, tag: str, parts: list[str]) -> str | None:
    if name.startswith("gcr.io/distroless/"):
        return "65532" if "nonroot" in parts else None
    if name.startswith("cgr.dev/chainguard/"):
        return "65532"
    if name.startswith("bitnami/") and name != "bitnami/minideb":
        return "1001"
    if name.startswith("cimg/"):
        return "circleci"
    if name.startswith(("jupyter/", "quay.io/jupyter/")):
        return "jovyan"
    if name.startswith("mcr.microsoft.com/dotnet/") and "chiseled" in tag:
        return "1654"
    return _USERS.get(name)


def _is_build_tool(name: str, parts: list[str]) -> bool:
    if name in _JAVA:
        return _NOT_JDK_WORDS.isdisjoint(parts) and not any(part.startswith("jre") for part in parts)
    if name == "swift":
        return "slim" not in parts
    if name == "caddy":
        return "builder" in parts
    if name == "archlinux":
        return "devel" in parts
    if name.endswith("nvidia/cuda"):
        return "devel" in parts
    if name.startswith("cgr.dev/chainguard/"):
        return "dev" in parts
    return name in _BUILD_TOOLS


def _has_compiler(name: str, parts: list[str], distribution: Distribution | None) -> bool:
    if distribution == "windows":
        return False
    if name in ("golang", "rust", "gcc"):
        return distribution != "alpine" or name == "rust"
    if name in _OTHER_COMPILER:
        return not (name == "swift" and "slim" in parts)
    if name == "buildpack-deps":
        return "curl" not in parts and "scm" not in parts
    if name.endswith("nvidia/cuda") or name == "archlinux":
        return "devel" in parts
    return name in _ON_BUILDPACK and distribution == "debian" and "slim" not in parts
