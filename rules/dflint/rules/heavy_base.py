from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._shipped_stages import is_surely_shipped, shipped_stages
from dflint.source import Span
from dflint.syntax.tree import CommandInstruction, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.facts import Variant
    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.model.image import ImageReference
    from dflint.packages.command import PackageCommand

# What buildpack-deps, and so the full images of languages, have and their slim variants lack.
_COMPILERS = frozenset(
    ("gcc", "g++", "cc", "c++", "make", "cpp", "ld", "autoconf", "automake", "libtool", "pkg-config", "autoreconf",
     "m4")
)  # fmt: skip
_FULL_TOOLS = frozenset(
    ("git", "hg", "svn", "bzr", "curl", "wget", "ssh", "scp", "ssh-keygen", "ssh-keyscan", "openssl", "file", "patch",
     "unzip", "bzip2", "gpg", "ps", "pkill", "top", "mysql_config", "pg_config", "xml2-config", "convert", "identify",
     "mogrify", "xz", "zip", "python3", "python")
)  # fmt: skip
_PACKAGE_OF = {
    "hg": "mercurial", "svn": "subversion", "ssh": "openssh-client", "scp": "openssh-client", "gpg": "gnupg",
    "ssh-keygen": "openssh-client", "ssh-keyscan": "openssh-client", "ps": "procps", "pkill": "procps", "top": "procps",
    "xz": "xz-utils", "python": "python3", "convert": "imagemagick", "identify": "imagemagick",
    "mogrify": "imagemagick",
    "pg_config": "libpq-dev",
}  # fmt: skip
_JDK_TOOLS = frozenset(
    ("javac", "jar", "jlink", "jdeps", "jcmd", "jmap", "jstack", "jps", "jpackage", "javadoc", "jdb", "mvn", "mvnw",
     "gradle", "gradlew", "ant", "sbt", "lein", "native-image", "kotlinc", "scala", "clojure")
)  # fmt: skip
# Packages that are usually compiled when they are installed, or that need libraries of the full image.
_NATIVE = frozenset(
    ("psycopg2", "psycopg2-c", "mysqlclient", "uwsgi", "python-ldap", "pycairo", "pygobject", "dlib", "pyodbc",
     "gdal", "pycurl", "m2crypto", "pygraphviz", "netifaces", "python-magic", "xmlsec", "pysqlite3", "scikit-umfpack",
     "canvas", "node-sass", "bcrypt", "sqlite3", "better-sqlite3", "node-gyp", "node-rdkafka", "zeromq", "ibm_db",
     "oracledb", "opencv-python", "weasyprint", "puppeteer", "playwright", "gitpython", "ffi-napi", "grpc",
     "leveldown", "pyaudio")
)  # fmt: skip


class HeavyBase(Rule):
    """The shipped image starts from a full base, though a lighter variant of the very version exists.

    ## Why is this bad?

    The full images of Python, Node, Ruby, Perl and PyPy hold compilers, version control systems and hundreds of
    development packages, several hundred megabytes that an application never runs, but that are pulled, scanned and
    attacked. Their `-slim` tags are the same release of the same distribution without them; a `-jre` is the JDK without
    its compiler; `debian:*-slim` lacks manual pages and translations.

    An `-alpine` tag is smaller still, but it has another C library: native modules and prebuilt wheels may fail. The
    rule never proposes it.

    ## Exceptions

    Silent on stages that are not in the shipped image, tags with variables, digests, tags that dflint's table of
    official tags does not hold, and images made for building (`golang`, `rust`: see build-tools-in-final-image).

    ## Fix safety

    Always unsafe: what the application starts at run time is not known. The fix is withheld if the file uses a program
    that the lighter variant lacks and that it does not install, or installs dependencies that are compiled or that
    cannot be read (`pip install -r` and `npm ci` without a known build context; gems and Perl modules always).
    """

    name = "heavy-base"
    category = "base"
    level = "info"
    since = "0.1.0"

    bad = (
        Bad(
            'FROM python:3.12\nCOPY app.py /\nCMD ["python", "/app.py"]\n',
            at=("3.12",),
            fixed='FROM python:3.12-slim\nCOPY app.py /\nCMD ["python", "/app.py"]\n',
        ),
        Bad(
            "from docker.io/library/node:22\ncopy . .\nrun npm ci\n",
            at=("22",),
            fixed="from docker.io/library/node:22-slim\ncopy . .\nrun npm ci\n",
            files={"package.json": '{"dependencies": {"express": "5"}}', "package-lock.json": "{}"},
        ),
        Bad("FROM node\nCOPY a.js /\n", at=("node",), fixed="FROM node:slim\nCOPY a.js /\n"),
        Bad("FROM debian:bookworm\nCMD true\n", at=("bookworm",), fixed="FROM debian:bookworm-slim\nCMD true\n"),
        Bad(
            "FROM eclipse-temurin:21\nCOPY a.jar /\nCMD java -jar /a.jar\n",
            at=("21",),
            fixed="FROM eclipse-temurin:21-jre\nCOPY a.jar /\nCMD java -jar /a.jar\n",
        ),
        # What the slim variant lacks is installed here.
        Bad(
            "FROM python:3.12\nRUN apt-get update && apt-get install -y git\nRUN git clone https://a.example/b /b\n",
            at=("3.12",),
            fixed="FROM python:3.12-slim\nRUN apt-get update && apt-get install -y git\n"
            "RUN git clone https://a.example/b /b\n",
        ),
        # Used here and missing in the slim variant: no fix.
        Bad("FROM python:3.12\nRUN curl -sSf https://a.example/b -o /b\n", at=("3.12",)),
        Bad('FROM node:22\nCMD ["git", "log"]\n', at=("22",)),
        Bad("FROM node:22\nHEALTHCHECK CMD curl -f http://localhost/\n", at=("22",)),
        Bad("FROM eclipse-temurin:21\nRUN javac A.java\nCMD java A\n", at=("21",)),
        # Compiled, or not known.
        Bad("FROM python:3.12\nRUN pip install mysqlclient\n", at=("3.12",)),
        Bad("FROM python:3.12 AS base\nRUN pip install flask\nFROM base\nRUN pip install psycopg2\n", at=("3.12",)),
        Bad("FROM python:3.12\nCOPY requirements.txt /\nRUN pip install -r /requirements.txt\n", at=("3.12",)),
        Bad(
            "FROM python:3.12\nCOPY a.txt /\nRUN pip install -r a.txt\n", at=("3.12",), files={"a.txt": "uWSGI==2.0\n"}
        ),
        Bad("FROM ruby:3.4\nCOPY . .\nRUN bundle install\n", at=("3.4",)),
        Bad(
            "FROM node:22\nCOPY . .\nRUN npm ci\n",
            at=("22",),
            files={"package.json": '{"dependencies": {"canvas": "2"}}'},
        ),
        Bad("FROM node:22\nCOPY . .\nRUN npm ci\n", at=("22",)),
    )
    good = (
        Good("FROM python:3.12-slim\nCMD python\n"),
        Good("FROM node:22-alpine\nCMD node\n"),
        Good("FROM node:22 AS build\nRUN npm ci\nFROM node:22-slim\nCOPY --from=build /app /app\n"),
        Good("FROM python:3.12@sha256:0123456789012345678901234567890123456789012345678901234567890123\nCMD python\n"),
        Good("ARG VERSION=3.12\nFROM python:${VERSION}\nCMD python\n"),
        Good("FROM golang:1\nRUN go build\n"),
        Good("FROM rust:1\nRUN cargo build\n"),
        Good("FROM nginx\nCOPY . /usr/share/nginx/html\n"),
        Good("FROM registry.example/python:3.12\nCMD python\n"),
        Good("FROM python:2.5\nCMD python\n"),
        Good("FROM scratch\nCOPY a /\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        word = stage.from_.image
        if not is_surely_shipped(stage, model) or word is None or "$" in word.text or "@" in word.text:
            return
        image = stage.image
        if image is None or not image.is_official:
            return
        from dflint.facts import facts_of, lighter_variants

        facts = facts_of(image)
        variant = next((v for v in lighter_variants(image) if v.kind in ("slim", "jre") and v.same_distribution), None)
        if variant is None or facts.is_build_tool != (variant.kind == "jre"):
            return
        if not facts.has_compiler and variant.kind == "slim" and facts.name != "debian":
            return
        used = sorted(_used_tools(model, variant, image.family))
        wanting = "docs and locales" if facts.name == "debian" else "compilers, git and curl"
        if variant.kind == "jre":
            wanting = "the compiler and tools of the JDK"
        message = f"{variant.reference} is the same release without {wanting}"
        if used:
            message = f"{variant.reference} is lighter; {', '.join(used[:3])}, used here, would have to be installed"
        message += _sizes(image, variant, model)
        name, colon, tag = word.value.rpartition(":")
        has_tag = bool(colon) and "/" not in tag
        place = Span(word.start + len(name) + 1, word.end) if has_tag else word.span
        fix = None
        if not used and word.value == word.text == image.text and not _may_compile(model, image.family):
            fix = Fix.of(f"Start from {variant.reference}", "unsafe", [Edit(word.start, word.end, variant.reference)])
        yield self.finding(place, message, fix)


def _sizes(image: ImageReference, variant: Variant, model: Model) -> str:
    """How large both are: as the engine says if it may be asked and has them, else what is typical."""
    if model.image_size is not None:
        sizes = model.image_size(image.text), model.image_size(variant.reference)
        if sizes[0] is not None and sizes[1] is not None:
            return f" ({sizes[1] / 1e6:.0f} MB in the local engine, instead of {sizes[0] / 1e6:.0f})"
    from dflint.facts import typical_size
    from dflint.model.image import ImageReference

    other = ImageReference.parse(variant.reference)
    typical = typical_size(image), typical_size(other) if other is not None else None
    if typical[0] is None or typical[1] is None or typical[0] <= typical[1]:
        return ""
    return f" (typically {typical[1]} MB instead of {typical[0]})"


def _shipped_commands(model: Model) -> Iterator[CommandInstruction]:
    for stage in shipped_stages(model):
        for instruction in stage.instructions:
            if isinstance(instruction, CommandInstruction):
                yield instruction


def _used_tools(model: Model, variant: Variant, family: str) -> set[str]:
    """The programs that the file calls, that the variant lacks and the file does not install."""
    lacking = _JDK_TOOLS
    if variant.kind == "slim":
        if family == "debian":
            return set()
        lacking = (
            _COMPILERS | _FULL_TOOLS
            if family in ("node", "ruby", "perl")
            else _COMPILERS | _FULL_TOOLS - {"python", "python3"}
        )
    used: set[str] = set()
    for instruction in _shipped_commands(model):
        if instruction.exec_form and instruction.words and instruction.name != "SHELL":
            used.add(instruction.words[0].text.rpartition("/")[2])
        used.update(command.unwrapped().program or "" for command in model.commands_of(instruction))
    used &= lacking
    if used:
        installed = {
            package.name for found in _packages(model) for package in found.packages if found.action == "install"
        }
        if not installed.isdisjoint(("build-essential", "build-base", "g++", "gcc", "maven", "gradle")):
            installed |= _COMPILERS
        used = {tool for tool in used if tool not in installed and _PACKAGE_OF.get(tool) not in installed}
    return used


def _packages(model: Model) -> Iterator[PackageCommand]:
    from dflint.packages import parse_package_command

    for instruction in _shipped_commands(model):
        if isinstance(instruction, Run):
            for command in model.commands_of(instruction):
                package = parse_package_command(command)
                if package is not None:
                    yield package


def _may_compile(model: Model, family: str) -> bool:
    """Whether dependencies are installed that may need a compiler, or that are not known."""
    names: set[str] = set()
    for found in _packages(model):
        if found.manager in ("gem", "bundle") or (family == "perl" and found.manager not in ("apt-get", "apt")):
            return True
        names.update(package.name.lower() for package in found.packages)
        from dflint.rules._installs import install_of

        install = install_of(found)
        if install is None:
            continue
        text = _manifest_text(model, install.ecosystem, install.requirements)
        if text is None:
            return True
        names.update(text)
    if any(instruction.name == "RUN" and _calls_cpan(model, instruction) for instruction in _shipped_commands(model)):
        return True
    return not names.isdisjoint(_NATIVE)


def _calls_cpan(model: Model, run: CommandInstruction) -> bool:
    return any(command.program in ("cpan", "cpanm", "carton") for command in model.commands_of(run))


def _manifest_text(model: Model, ecosystem: str, requirements: tuple[str | None, ...]) -> set[str] | None:
    """The words of the manifests that an install reads, in lower case; None if they cannot be read."""
    context = model.context
    if context is None:
        return None
    paths = {"npm": ["package.json"], "yarn": ["package.json"], "pnpm": ["package.json"], "bun": ["package.json"],
             "poetry": ["pyproject.toml"], "uv": ["pyproject.toml"], "pipenv": ["Pipfile"]}.get(ecosystem)  # fmt: skip
    if ecosystem == "pip":
        paths = [name.rpartition("/")[2] if name.startswith("/") else name for name in requirements if name]
    if not paths:
        return None
    words: set[str] = set()
    for path in paths:
        try:
            text = context.read(path)
        except OSError:
            return None
        for char in "\"'=<>~![];:{},()\t\r\n@":
            text = text.replace(char, " ")
        words.update(text.lower().split())
    return words
