"""What known libraries of Python, Node and Ruby need of the system when they run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.context import BuildContext

# Library -> packages of Debian that it needs at run time, "!" before a reason why no lighter image will do.
_PYTHON = {
    "psycopg2": ("libpq5",), "psycopg": ("libpq5",), "psycopg2-c": ("libpq5",), "mysqlclient": ("libmariadb3",),
    "pyodbc": ("unixodbc",), "python-magic": ("libmagic1",), "pycairo": ("libcairo2",), "cairosvg": ("libcairo2",),
    "weasyprint": ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"), "gdal": ("!the GDAL of the system",),
    "opencv-python": ("libgl1", "libglib2.0-0"), "opencv-contrib-python": ("libgl1", "libglib2.0-0"),
    "gitpython": ("git",), "pydub": ("ffmpeg",), "ffmpeg-python": ("ffmpeg",), "pdf2image": ("poppler-utils",),
    "pytesseract": ("tesseract-ocr",), "python-ldap": ("libldap-2.5-0",), "pycurl": ("libcurl4",),
    "uwsgi": ("libxml2", "libpcre2-8-0", "libcap2"),
    "playwright": ("!playwright, which needs a browser",), "selenium": ("!selenium, which needs a browser",),
    "numba": ("!numba, which compiles when it runs",), "triton": ("!triton, which compiles when it runs",),
    "pyaudio": ("libportaudio2",), "python-snappy": ("libsnappy1v5",), "pygraphviz": ("graphviz",),
    "graphviz": ("graphviz",),
    "m2crypto": ("openssl",), "dlib": ("!dlib, which is built against many libraries",), "netcdf4": (),
    "soundfile": ("libsndfile1",),
    "pysqlite3": ("libsqlite3-0",), "zeroc-ice": ("!zeroc-ice",), "mod-wsgi": ("!mod_wsgi, which needs Apache",),
    "cffi": (), "wand": ("imagemagick",),
}  # fmt: skip
_NODE = {
    "puppeteer": ("!puppeteer, which needs a browser",), "playwright": ("!playwright, which needs a browser",),
    "simple-git": ("git",), "pg-native": ("libpq5",), "gm": ("graphicsmagick",), "imagemagick": ("imagemagick",),
    "fluent-ffmpeg": ("ffmpeg",), "node-gyp": ("!node-gyp, which compiles when it runs",),
    "node-rdkafka": ("!node-rdkafka, which links libraries of the full image",),
    "canvas": (), "oracledb": (), "ibm_db": ("!ibm_db",), "odbc": ("unixodbc",), "python-shell": ("python3",),
    "nodegit": ("!nodegit",),
    "zeromq": (), "usb": ("libudev1",), "serialport": (), "ts-node": (), "tsx": (), "prisma": ("openssl",),
    "@prisma/client": ("openssl",),
}  # fmt: skip
_RUBY = {
    "pg": ("libpq5",), "mysql2": ("libmariadb3",), "sqlite3": ("libsqlite3-0",),
    "rmagick": ("!rmagick, which needs ImageMagick's own version",),
    "mini_magick": ("imagemagick",), "image_processing": ("libvips42",), "ruby-vips": ("libvips42",),
    "charlock_holmes": ("!charlock_holmes, which links ICU",),
    "execjs": ("nodejs",), "mini_racer": (), "psych": ("libyaml-0-2",), "curb": ("libcurl4",), "ffi": (),
    "tiny_tds": ("!tiny_tds",),
    "nokogiri": (), "git": ("git",), "rugged": (), "capybara": (), "selenium-webdriver": (),
}  # fmt: skip


class DependencyNeeds(NamedTuple):
    """Packages of Debian with the library that each is for; ``refusal`` is why no lighter image will do."""

    packages: tuple[tuple[str, str], ...]
    refusal: str = ""
    is_known: bool = True
    """Whether the list of libraries was read; others than those of the table are taken to bring what they need."""


def dependency_needs(context: BuildContext | None, family: str, named: Iterable[str] = ()) -> DependencyNeeds:
    """What the libraries of a project need; ``family`` is python, node or ruby; ``named`` are on command lines."""
    table = {"python": _PYTHON, "node": _NODE, "ruby": _RUBY}.get(family)
    if table is None:
        return DependencyNeeds(())
    libraries = {_normal(name) for name in named}
    found = _read(context, family) if context is not None else None
    libraries |= found or set()
    packages: list[tuple[str, str]] = []
    refusal = ""
    for name in sorted(libraries):
        for package in table.get(name, ()):
            if package.startswith("!"):
                refusal = refusal or f"it uses {package[1:]}"
            else:
                packages.append((package, name))
    return DependencyNeeds(tuple(packages), refusal, found is not None or bool(libraries))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.lower()) if not name.startswith("@") else name.lower()


_FILES = {
    "python": (
        "requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg", "poetry.lock", "uv.lock",
        "Pipfile.lock",
    ),
    "node": ("package.json",), "ruby": ("Gemfile", "Gemfile.lock"),
}  # fmt: skip
_MAX = 2_000_000


def _read(context: BuildContext, family: str) -> set[str] | None:
    """The names in the manifests and lock files, and more words than these; None if there are none to read."""
    found: set[str] | None = None
    names = list(_FILES[family])
    if family == "python":
        for folder in ("", "requirements", "requirements/"):
            names += [
                entry.path
                for entry in context.entries(folder)
                if entry.kind != "dir" and entry.path.endswith(".txt") and "req" in entry.path.lower()
            ]
    for name in dict.fromkeys(names):
        entry = context.resolve(name)
        if entry is None or entry.kind == "dir" or entry.size > _MAX:
            continue
        try:
            text = context.read(name)
        except (OSError, UnicodeError):
            continue
        found = (found or set()) | _names_in(text, family)
    return found


def _names_in(text: str, family: str) -> set[str]:
    if family == "node":
        import json

        try:
            data = json.loads(text)
        except ValueError:
            return set()
        tables = [data.get(key) for key in ("dependencies", "optionalDependencies")] if isinstance(data, dict) else []
        return {name.lower() for table in tables if isinstance(table, dict) for name in table}
    if family == "ruby":
        words = set(re.findall(r"""^\s*gem\s+["']([\w.-]+)""", text, re.MULTILINE))
        return {name.lower() for name in words | set(re.findall(r"^    ([\w.-]+) \(", text, re.MULTILINE))}
    lines = re.sub(r"#.*", "", text)
    return {_normal(word) for word in re.findall(r"""(?:^|["'\s\[,])([A-Za-z][\w.-]*)""", lines)}
