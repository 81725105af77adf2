"""Small images of several kinds, each with a rewrite that is as good as it: what mutants and variations start from."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.images.making import TIME, Node, file, folder, link, oci_archive, symlink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

LOADER = "/lib64/ld-linux-x86-64.so.2"
CREATED = "2021-06-01T00:00:00Z"


# ELF files


def elf(
    needed: Iterable[str] = (), interpreter: str = "", soname: str = "", runpath: str = "", rpath: str = "",
    needs: Mapping[str, str] | None = None, defines: Iterable[str] = (), content: bytes = b"", machine: int = 62,
    imports: Iterable[str] = (),
) -> bytes:  # fmt: skip
    """A 64-bit file with the headers that a loader reads, and nothing to run."""
    strings = bytearray(b"\0")

    def string(text: str) -> int:
        at = len(strings)
        strings.extend(text.encode() + b"\0")
        return at

    entries = [(1, string(name)) for name in needed]
    entries += [(tag, string(text)) for tag, text in ((14, soname), (15, rpath), (29, runpath)) if text]
    required = [(string(library), string(version)) for library, version in (needs or {}).items()]
    defined = [string(version) for version in defines]
    for name in imports:
        string(name)
    verneed = b"".join(
        struct.pack("<HHIII", 1, 1, library, 16, 32 if number < len(required) - 1 else 0)
        + struct.pack("<IHHII", 0, 0, 2, version, 0)
        for number, (library, version) in enumerate(required)
    )
    verdef = b"".join(
        struct.pack("<HHHHIII", 1, 0, number + 1, 1, 0, 20, 28 if number < len(defined) - 1 else 0)
        + struct.pack("<II", version, 0)
        for number, version in enumerate(defined)
    )
    interp = interpreter.encode() + b"\0" if interpreter else b""
    is_dynamic = bool(entries or interpreter)
    count = 1 + bool(interp) + is_dynamic
    at = 64 + 56 * count
    places = {}
    body = b""
    for name, data in (("interp", interp), ("strings", bytes(strings)), ("verneed", verneed), ("verdef", verdef)):
        body += bytes(-len(body) % 8)
        places[name] = at + len(body)
        body += data
    entries += [(5, places["strings"]), (10, len(strings))]
    if required:
        entries += [(0x6FFFFFFE, places["verneed"]), (0x6FFFFFFF, len(required))]
    if defined:
        entries += [(0x6FFFFFFC, places["verdef"]), (0x6FFFFFFD, len(defined))]
    body += bytes(-len(body) % 8)
    dynamic_at = at + len(body)
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in (*entries, (0, 0))) if is_dynamic else b""
    body += dynamic + content
    size = at + len(body)
    segments = [(1, 5, 0, 0, 0, size, size, 4096)]
    if interp:
        segments.append((3, 4, places["interp"], places["interp"], 0, len(interp), len(interp), 1))
    if is_dynamic:
        segments.append((2, 6, dynamic_at, dynamic_at, 0, len(dynamic), len(dynamic), 8))
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, count, 0, 0, 0)
    return header + b"".join(struct.pack("<IIQQQQQQ", *segment) for segment in segments) + body


def program(*needed: str, **more: Any) -> bytes:
    return elf(("libc.so.6", *needed) if "libc.so.6" not in needed else needed, LOADER, **more)


def library(soname: str, *needed: str, **more: Any) -> bytes:
    return elf(("libc.so.6", *needed), "", soname, **more)


def loader_cache(libraries: Mapping[str, str]) -> bytes:
    """/etc/ld.so.cache."""
    start = 48 + 24 * len(libraries)
    strings = b""
    entries = []
    for name, path in libraries.items():
        key = start + len(strings)
        strings += name.encode() + b"\0"
        value = start + len(strings)
        strings += path.encode() + b"\0"
        entries.append(struct.pack("<iIIIQ", 0x0303, key, value, 0, 0))
    head = b"glibc-ld.so.cache1.1" + struct.pack("<II", len(libraries), len(strings)) + bytes(20)
    return head + b"".join(entries) + strings


def jar(files: Mapping[str, bytes], time: tuple[int, int, int, int, int, int] = (2020, 1, 1, 0, 0, 0)) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, time), data)
    return out.getvalue()


def bytecode(code: bytes, time: int = TIME, size: int = 0) -> bytes:
    return b"\xa7\r\r\n" + struct.pack("<III", 0, time, size) + code


# Debian


@dataclass
class Package:
    name: str
    files: dict[str, Node]
    depends: str = ""


LIB = "/usr/lib/x86_64-linux-gnu"
LIBC = Package(
    "libc6",
    {
        f"{LIB}/libc.so.6": file(elf((), "", "libc.so.6", defines=("GLIBC_2.34", "GLIBC_2.36")), 0o755),
        f"{LIB}/libm.so.6": file(library("libm.so.6"), 0o644),
        f"{LIB}/ld-linux-x86-64.so.2": file(elf((), "", "ld-linux-x86-64.so.2"), 0o755),
        "/usr/lib64": folder(),
        "/usr/lib64/ld-linux-x86-64.so.2": symlink(f"{LIB}/ld-linux-x86-64.so.2"),
        "/usr/share/doc/libc6/copyright": file("libc"),
        "/usr/share/locale/de/LC_MESSAGES/libc.mo": file("Fehler"),
    },
)
DASH = Package("dash", {"/usr/bin/dash": file(program(), 0o755), "/usr/bin/sh": symlink("dash")}, "libc6")
COREUTILS = Package(
    "coreutils",
    {
        f"/usr/bin/{name}": file(program(content=name.encode()), 0o755)
        for name in ("cat", "chown", "mkdir", "env", "id")
    },
    "libc6",
)
OPENSSL = Package(
    "libssl3",
    {
        f"{LIB}/libssl.so.3": file(library("libssl.so.3", "libcrypto.so.3")),
        f"{LIB}/libcrypto.so.3": file(library("libcrypto.so.3")),
        f"{LIB}/ossl-modules/legacy.so": file(library("")),
    },
    "libc6",
)
LOCALES = Package("locales", {"/usr/lib/locale/de_DE.utf8/LC_TIME": file("Montag")})
LIBXML = Package("libxml2", {f"{LIB}/libxml2.so.2": file(library("libxml2.so.2"))}, "libc6")
ZLIB = Package(
    "zlib1g", {f"{LIB}/libz.so.1": symlink("libz.so.1.2"), f"{LIB}/libz.so.1.2": file(library("libz.so.1"))}, "libc6"
)
LIBPQ = Package("libpq5", {f"{LIB}/libpq.so.5": file(library("libpq.so.5", "libssl.so.3"))}, "libc6, libssl3")
CERTIFICATES = Package("ca-certificates", {"/usr/share/ca-certificates/mozilla/A.crt": file("cert A")})
TZDATA = Package(
    "tzdata", {"/usr/share/zoneinfo/Europe/Berlin": file(b"TZif2"), "/usr/share/zoneinfo/UTC": file(b"TZif2u")}
)
SUDO = Package("sudo", {"/usr/bin/sudo": file(program(), 0o4755)}, "libc6")
PING = Package(
    "iputils-ping",
    {"/usr/bin/ping": file(program(), 0o755, xattrs={"security.capability": b"\x01\x00\x00\x02\x00\x20\x00\x00"})},
    "libc6",
)
GCC = Package(
    "gcc-12",
    {
        "/usr/bin/gcc-12": file(program("libisl.so.23"), 0o755),
        "/usr/lib/gcc/x86_64-linux-gnu/12/cc1": file(program(), 0o755),
    },
    "libc6, libisl23, cpp-12",
)
ISL = Package("libisl23", {f"{LIB}/libisl.so.23": file(library("libisl.so.23"))}, "libc6")
MAKE = Package("make", {"/usr/bin/make": file(program(), 0o755), "/usr/share/man/man1/make.1": file("man")}, "libc6")
LIBC_DEV = Package("libc6-dev", {"/usr/include/stdio.h": file("int"), f"{LIB}/libc.a": file("ar")}, "libc6")
CURL = Package("curl", {"/usr/bin/curl": file(program(), 0o755)}, "libc6")
SLIM = (LIBC, DASH, COREUTILS, OPENSSL, ZLIB)
TOOLS = (GCC, ISL, MAKE, LIBC_DEV)


def debian(*packages: Package) -> dict[str, Node]:
    """The files of a Debian with these packages, with their database."""
    files: dict[str, Node] = {}
    for path in (
        "/usr/bin",
        "/usr/lib",
        "/usr/sbin",
        "/etc",
        "/root",
        "/home",
        "/var/lib/dpkg/info",
        LIB,
        "/usr/local/bin",
    ):
        files[path] = folder()
    files["/tmp"] = folder(0o1777)
    files["/var/tmp"] = folder(0o1777)
    files |= {
        "/bin": symlink("usr/bin"),
        "/lib": symlink("usr/lib"),
        "/lib64": symlink("usr/lib64"),
        "/sbin": symlink("usr/sbin"),
    }
    files["/etc/passwd"] = file("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n")
    files["/etc/group"] = file("root:x:0:\nnogroup:x:65534:\n")
    files["/etc/nsswitch.conf"] = file("hosts: files dns\n")
    status = []
    libraries = {}
    for package in packages:
        files |= package.files
        status.append(
            f"Package: {package.name}\nStatus: install ok installed\nVersion: 1.0\nDepends: {package.depends}\n"
        )
        files[f"/var/lib/dpkg/info/{package.name}.list"] = file("\n".join(["/.", *package.files]) + "\n")
        for path in package.files:
            name = path.rpartition("/")[2]
            if path.startswith(LIB) and ".so" in name:
                libraries[name] = path
    files["/var/lib/dpkg/status"] = file("\n".join(status))
    files["/etc/ld.so.cache"] = file(loader_cache(libraries))
    return files


# Images


@dataclass
class Draft:
    """An image to be written: files of the base, files on top of them, configuration."""

    base: dict[str, Node]
    files: dict[str, Node] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    """Whiteouts of a third layer."""
    last: dict[str, Node] = field(default_factory=dict)
    """Files of a third layer."""
    compression: str = "plain"

    def copy(self) -> Draft:
        return Draft(
            dict(self.base), dict(self.files), json.loads(json.dumps(self.config)), dict(self.extra),
            list(self.removed),
            dict(self.last), self.compression,
        )  # fmt: skip

    def layer_of(self, path: str) -> dict[str, Node]:
        return self.files if path in self.files else self.base

    def drop(self, *paths: str) -> None:
        for path in paths:
            layer = self.layer_of(path)
            below = [name for name in layer if name == path or name.startswith(f"{path}/")]
            assert below, path
            for name in below:
                del layer[name]

    def set(self, path: str, node: Node) -> None:
        (self.base if path in self.base and path not in self.files else self.files)[path] = node

    def change(self, path: str, **changes: Any) -> None:
        layer = self.layer_of(path)
        layer[path] = layer[path].but(**changes)

    def edit(self, path: str, change: Callable[[bytes], bytes]) -> None:
        self.change(path, content=change(self.layer_of(path)[path].content))

    def write(self, path: Path) -> str:
        layers = [self.base, self.files]
        history = [{"created_by": "ADD rootfs.tar / # buildkit"}, {"created_by": "COPY . /app # buildkit"}]
        third = {**{_whiteout(path): file("") for path in self.removed}, **self.last}
        if third:
            layers.append(third)
            history.append({"created_by": "RUN /bin/sh -c true # buildkit"})
        return oci_archive(path, layers, self.config, self.compression, history=history, created=CREATED, **self.extra)


def _whiteout(path: str) -> str:
    head, _, name = path.rpartition("/")
    return f"{head}/.wh.{name}"


@dataclass
class Sample:
    original: Draft
    rewrite: Draft
    level: int
    """What the pair reaches when the run was equal."""

    def __post_init__(self) -> None:
        self.rewrite = self.rewrite.copy()


def tree(files: Mapping[str, Node | str | bytes]) -> dict[str, Node]:
    """Files with the folders that they lie in, which come first."""
    made: dict[str, Node] = {}
    for path, node in files.items():
        parts = path.split("/")[1:-1]
        for number in range(1, len(parts) + 1):
            made.setdefault("/" + "/".join(parts[:number]), folder())
        made[path] = file(node) if isinstance(node, (str, bytes)) else node
    return {path: node for path, node in made.items() if node != folder() or path.count("/") > 1 or path == "/app"}


ACCOUNTS = {
    "/etc/passwd": file(
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\napp:x:1000:1000::/home/app:/bin/sh\n"
        "worker:x:1001:1001::/home/app:/bin/sh\n"
    ),
    "/etc/group": file("root:x:0:\nnogroup:x:65534:\napp:x:1000:\ndata:x:2000:app\n"),
}


def native() -> Sample:
    """A C server with a library of a package and one of its own, data, a user, and everything around it."""
    app = tree(
        {
            "/app/bin/server": file(
                program("libpq.so.5", "libown.so.1", runpath="$ORIGIN/../lib", needs={"libc.so.6": "GLIBC_2.34"}), 0o755
            ),
            "/app/lib/libown.so.1": file(library("libown.so.1", "libz.so.1")),
            "/app/config.yaml": "port: 80\n",
            "/app/templates/index.html": "<html>",
            "/app/current": symlink("templates"),
            "/app/helper": file(program(), 0o4755),
            "/app/copy-of-config": link("/app/config.yaml"),
            "/app/data": folder(0o770, uid=1000, gid=1000),
            "/app/secret.key": file("key", 0o640, uid=0, gid=2000),
            "/home/app": folder(0o700, uid=1000, gid=1000),
            "/usr/local/lib/libplug.so": file(library("libplug.so", "libxml2.so.2")),
            "/etc/localtime": symlink("/usr/share/zoneinfo/Europe/Berlin"),
            "/etc/ssl/certs/ca-certificates.crt": "cert A",
            "/etc/ssl/certs/A.pem": symlink("/usr/share/ca-certificates/mozilla/A.crt"),
        }
    )
    app |= ACCOUNTS
    packages = (*SLIM, LIBPQ, LIBXML, CERTIFICATES, TZDATA, LOCALES, SUDO, PING)
    config = {
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=de_DE.UTF-8", "TZ=Europe/Berlin", "APP_ENV=production"],
        "Entrypoint": ["/app/bin/server"],
        "Cmd": ["--config", "config.yaml"],
        "WorkingDir": "/app",
        "User": "app",
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/app/data": {}},
        "Labels": {"team": "a"},
        "StopSignal": "SIGINT",
        "Healthcheck": {"Test": ["CMD", "/app/bin/server", "--ping"], "Interval": 5},
    }
    built = tree(
        {
            "/app/main.c": "int main",
            "/app/Makefile": "all:",
            "/app/main.o": b"\x7fELF object",
            "/app/.git/HEAD": "ref",
            "/app/README.md": "# App",
            "/app/tests/test.sh": "false",
            "/root/.cache/pip/x": "cache",
            "/var/lib/apt/lists/x": "list",
        }
    )
    return Sample(Draft(debian(*packages, *TOOLS), {**app, **built}, config), Draft(debian(*packages), app, config), 5)


PYTHON = "/usr/local/lib/python3.11"
SITE = f"{PYTHON}/site-packages"


def python_files() -> dict[str, Node]:
    found: dict[str, Node | str | bytes] = {
        "/usr/local/bin/python3.11": file(program("libpython3.11.so.1.0", runpath="/usr/local/lib"), 0o755),
        "/usr/local/bin/python3": symlink("python3.11"),
        "/usr/local/bin/python": symlink("python3"),
        "/usr/local/lib/libpython3.11.so.1.0": file(library("libpython3.11.so.1.0"), 0o755),
        f"{PYTHON}/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so": file(library("", "libssl.so.3"), 0o755),
        f"{PYTHON}/lib-dynload/_tkinter.cpython-311-x86_64-linux-gnu.so": file(library("", "libtk8.6.so"), 0o755),
        f"{PYTHON}/encodings/__init__.py": "",
        f"{PYTHON}/encodings/utf_8.py": "import codecs\n",
        f"{SITE}/pip/__init__.py": "",
        f"{SITE}/pip-24.0.dist-info/RECORD": "pip/__init__.py,,\n../../../bin/pip,,\n",
        "/usr/local/bin/pip": file("#!/usr/local/bin/python3.11\nimport pip\n", 0o755),
    }
    sources = {
        "os": "import abc, stat\n",
        "ssl": "import _ssl\nimport socket\n",
        "site": "import os\n",
        "json/__init__": "",
    }
    for name in (
        "abc",
        "stat",
        "io",
        "codecs",
        "socket",
        "posixpath",
        "genericpath",
        "types",
        "warnings",
        "subprocess",
    ):
        sources[name] = ""
    for name, source in sources.items():
        found[f"{PYTHON}/{name}.py"] = source
    return tree(found)


def python() -> Sample:
    """A Flask application started by gunicorn; the original has a compiler, tests and caches."""
    psycopg = library("", "libpq.so.5")
    app = tree(
        {
            "/app/wsgi.py": "from shop import create_app\nimport json\napp = create_app()\n",
            "/app/shop/__init__.py": (
                "import subprocess, flask\nfrom . import views\nHANDLERS = ['shop.jobs']\n"
                "def create_app():\n    subprocess.run(['id', '-u'])\n"
            ),
            "/app/shop/views.py": "import psycopg2\nopen('data/items.csv')\n",
            "/app/shop/jobs.py": "import redis_client\n",
            "/app/data/items.csv": "a,b\n",
            f"{SITE}/flask/__init__.py": "from .app import Flask\nimport ssl\n",
            f"{SITE}/flask/app.py": "from werkzeug import serving\n",
            f"{SITE}/flask/templates/error.html": "error",
            f"{SITE}/flask-3.0.dist-info/RECORD": "flask/__init__.py,,\n",
            f"{SITE}/werkzeug/__init__.py": "",
            f"{SITE}/werkzeug/serving.py": "",
            f"{SITE}/redis_client.py": "import socket\n",
            f"{SITE}/psycopg2/__init__.py": "from psycopg2._psycopg import connect\n",
            f"{SITE}/psycopg2/_psycopg.cpython-311-x86_64-linux-gnu.so": file(psycopg, 0o755),
            f"{SITE}/gunicorn/__init__.py": "",
            f"{SITE}/gunicorn/app/__init__.py": "",
            f"{SITE}/gunicorn/app/wsgiapp.py": "import os\n",
            f"{SITE}/vendored.pth": "/opt/vendored\nimport vendored_hook\n",
            "/opt/vendored/vendored_hook.py": "",
            "/usr/local/bin/gunicorn": file(
                "#!/usr/local/bin/python3.11\nimport sys\nfrom gunicorn.app.wsgiapp import run\n", 0o755
            ),
            f"{SITE}/flask/__pycache__/app.cpython-311.pyc": bytecode(b"code", TIME, 29),
            "/etc/ssl/certs/ca-certificates.crt": "cert A",
        }
    )
    config = {
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED=1", "LANG=C.UTF-8", "PYTHON_VERSION=3.11.9"],
        "Cmd": ["gunicorn", "-b", "0.0.0.0:80", "wsgi:app"],
        "WorkingDir": "/app",
    }
    built = tree(
        {
            "/app/tests/test_views.py": "import shop",
            "/app/requirements.txt": "flask",
            "/app/Dockerfile": "FROM python",
            f"{SITE}/pytest/__init__.py": "",
            f"{SITE}/pytest-8.0.dist-info/RECORD": "pytest/__init__.py,,\n",
            "/root/.cache/pip/http/x": "cache",
        }
    )
    packages = (*SLIM, LIBPQ)
    original = Draft({**debian(*packages, *TOOLS, CURL), **python_files()}, {**app, **built}, config)
    return Sample(original, Draft({**debian(*packages), **python_files()}, app, config), 4)


def node() -> Sample:
    """A TypeScript application, compiled; the rewrite has no sources and no development dependencies."""
    manifest = {
        "main": "dist/index.js",
        "dependencies": {"express": "4", "pg-native": "3"},
        "devDependencies": {"typescript": "5"},
    }
    modules = "/app/node_modules"
    app = tree(
        {
            "/app/package.json": json.dumps(manifest),
            "/app/dist/index.js": 'const express = require("express"); require("./routes"); require("fs")',
            "/app/dist/routes.js": 'import db from "./db.mjs"; import("pg-native")',
            "/app/dist/db.mjs": 'import { x } from "@scope/tool/part"',
            "/app/public/logo.svg": "<svg>",
            f"{modules}/express/package.json": json.dumps({"main": "./lib", "dependencies": {"debug": "1"}}),
            f"{modules}/express/lib/index.js": 'require("debug")',
            f"{modules}/debug/package.json": json.dumps(
                {"exports": {".": {"node": "./node.js", "default": "./web.js"}}}
            ),
            f"{modules}/debug/node.js": "",
            f"{modules}/debug/web.js": "",
            f"{modules}/@scope/tool/package.json": json.dumps({"exports": {"./*": {"import": "./esm/*.js"}}}),
            f"{modules}/@scope/tool/esm/part.js": "",
            f"{modules}/pg-native/package.json": json.dumps({"main": "index.js"}),
            f"{modules}/pg-native/index.js": 'require("./build/addon.node")',
            f"{modules}/pg-native/build/addon.node": library("", "libpq.so.5"),
            f"{modules}/.bin/express": symlink("../express/lib/index.js"),
            "/usr/local/bin/node": file(program("libm.so.6"), 0o755),
            "/usr/local/bin/docker-entrypoint.sh": file(
                '#!/bin/sh\nset -e\nif [ "$1" = x ]; then set -- node "$@"; fi\nexec "$@"\n', 0o755
            ),
        }
    )
    config = {
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "NODE_ENV=production"],
        "Entrypoint": ["docker-entrypoint.sh"],
        "Cmd": ["node", "dist/index.js"],
        "WorkingDir": "/app",
    }
    built = tree(
        {
            "/app/src/index.ts": "import express",
            "/app/tsconfig.json": "{}",
            "/app/package-lock.json": "{}",
            "/app/.gitignore": "dist",
            f"{modules}/typescript/package.json": "{}",
            f"{modules}/typescript/lib/tsc.js": "",
            f"{modules}/.bin/tsc": symlink("../typescript/lib/tsc.js"),
            "/root/.npm/_cacache/x": "cache",
        }
    )
    packages = (*SLIM, LIBPQ)
    original = Draft(debian(*packages, *TOOLS), {**app, **built}, config)
    return Sample(original, Draft(debian(*packages), app, config), 5)


def go() -> Sample:
    """A static binary with the files that it opens by relative paths; the original has the toolchain."""
    app = tree(
        {
            "/go/bin/service": file(elf(content=b"crypto/tls time.LoadLocation /etc/ssl/certs".ljust(70_000)), 0o755),
            "/srv/service/static/app.js": "app",
            "/srv/service/migrations/001.sql": "create",
            "/etc/ssl/certs/ca-certificates.crt": "cert A",
        }
    )
    config = {"Env": ["PATH=/usr/bin:/bin"], "Entrypoint": ["/go/bin/service"], "WorkingDir": "/srv/service"}
    built = tree(
        {
            "/srv/service/main.go": "package main",
            "/srv/service/go.mod": "module service",
            "/srv/service/main_test.go": "package main",
            "/usr/local/go/bin/go": file(program(), 0o755),
            "/usr/local/go/src/fmt/print.go": "package fmt",
            "/go/pkg/mod/cache/x": "x",
            "/root/.cache/go-build/00/x": "x",
        }
    )
    packages = (*SLIM, TZDATA)
    return Sample(Draft(debian(*packages, *TOOLS), {**app, **built}, config), Draft(debian(*packages), app, config), 5)


def java() -> Sample:
    """A jar with libraries beside it, started through a launcher script."""
    manifest = b"Manifest-Version: 1.0\r\nMain-Class: App\r\nClass-Path: lib/a.jar lib/b.j\r\n ar\r\n"
    home = "/opt/java/openjdk"
    app = tree(
        {
            "/app/app.jar": jar({"META-INF/MANIFEST.MF": manifest, "App.class": b"cafe"}),
            "/app/lib/a.jar": jar({"A.class": b"a"}),
            "/app/lib/b.jar": jar({"B.class": b"b"}),
            "/app/run.sh": file('#!/bin/sh\ncd /app\n. /app/env.sh\nexec java $JAVA_OPTS -jar app.jar "$@"\n', 0o755),
            "/app/env.sh": "JAVA_OPTS=-Xmx1g\n",
            "/app/application.properties": "a=b",
            f"{home}/bin/java": file(program("libjli.so", runpath="$ORIGIN/../lib"), 0o755),
            f"{home}/lib/libjli.so": library("libjli.so"),
            f"{home}/lib/modules": "jimage",
            f"{home}/conf/security/java.security": "x",
        }
    )
    config = {
        "Env": [f"PATH={home}/bin:/usr/bin:/bin", f"JAVA_HOME={home}"],
        "Cmd": ["/app/run.sh"],
        "WorkingDir": "/app",
        "User": "1000:1000",
    }
    built = tree(
        {
            "/app/src/main/java/App.java": "class App",
            "/app/pom.xml": "<project>",
            "/root/.m2/repository/x.jar": "x",
            "/usr/share/maven/bin/mvn": file("#!/bin/sh\n", 0o755),
            f"{home}/include/jni.h": "x",
        }
    )
    return Sample(Draft(debian(*SLIM, *TOOLS), {**app, **built}, config), Draft(debian(*SLIM), app, config), 5)


SAMPLES: dict[str, Callable[[], Sample]] = {"native": native, "python": python, "node": node, "go": go, "java": java}
