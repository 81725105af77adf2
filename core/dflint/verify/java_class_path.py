"""What a Java process loads classes from: its home folder, the class path, and what manifests of jars add."""

from __future__ import annotations

import io
import zipfile
from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.images.file_tree import child_of, clean, parent_of
from dflint.verify.closure import Edge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.images import Entry
    from dflint.verify.closure import Closure

MAX_JAR = 256 << 20
MAX_JARS = 5_000
MAX_MANIFEST = 1 << 20
_NOT_AT_RUN_TIME = frozenset(("demo", "include", "jmods", "legal", "man", "sample"))
_PATH_OPTIONS = frozenset(("-cp", "-classpath", "--class-path", "-p", "--module-path", "--upgrade-module-path"))
_VALUE_OPTIONS = frozenset(
    ("-m", "--module", "--add-modules", "--add-opens", "--add-exports", "--add-reads", "--limit-modules")
)


def follow_java(closure: Closure, arguments: Sequence[str], entry: Entry, folder: str) -> None:
    """Follow ``java -jar FILE``, ``java -cp PATHS CLASS``, JAVA_TOOL_OPTIONS and CLASSPATH."""
    _reach_home(closure, entry)
    closure.tls = closure.tls or arguments[0]
    options = " ".join(closure.environment.get(name, "") for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"))
    words = [*options.split(), *arguments[1:]]
    class_path: list[str] = []
    jar = None
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name in _PATH_OPTIONS or name in _VALUE_OPTIONS:
            if not equals and words:
                value = words.pop(0)
            class_path += value.split(":") if name in _PATH_OPTIONS else []
        elif word == "-jar":
            jar = words.pop(0) if words else None
            break
        elif word.startswith(("-javaagent:", "-agentpath:", "-Xbootclasspath/a:")):
            class_path += word.partition(":")[2].partition("=")[0].split(":")
        elif not word.startswith(("-", "@")):
            break
    if jar is None and not class_path:
        class_path = [part for part in closure.environment.get("CLASSPATH", ".").split(":") if part]
    closure.has_class_path = True
    for part in [jar] if jar is not None else class_path:
        _take(closure, part, folder)


def _reach_home(closure: Closure, entry: Entry) -> None:
    """The runtime that a ``java`` program belongs to, without what only development needs."""
    home = parent_of(parent_of(entry.path))
    if home == "/" or closure.tree.resolve(child_of(home, "lib")) is None:
        return
    why = f"the Java runtime of {entry.path}"
    closure.reach(home, why)
    for name in closure.tree.names(home):
        path = child_of(home, name)
        if name in _NOT_AT_RUN_TIME or name in ("bin", "lib"):
            continue
        closure.reach_all(path, why)
    for found in closure.tree.walk(child_of(home, "lib")):
        if basename(found.path) not in ("src.zip", "ct.sym", "jrt-fs.jar") and not found.path.endswith(
            (".debuginfo", ".a")
        ):
            closure.reach(found.path, why)
            if found.is_elf:
                closure.load(found)


def _take(closure: Closure, part: str, folder: str) -> None:
    """A part of a class path: a jar, a folder of classes, or ``folder/*`` for the jars in it."""
    pending = []
    if part.endswith("*"):
        place = clean(part[:-1] or ".", folder)
        found = closure.find(Edge("class path", "", clean(part, folder)), place, "a folder of jars on the class path")
        if found is not None:
            pending = [
                child_of(found.path, name) for name in closure.tree.names(found.path) if name.lower().endswith(".jar")
            ]
    else:
        pending = [clean(part, folder)]
    seen: set[str] = set()
    while pending and len(seen) < MAX_JARS:
        path = pending.pop(0)
        if path in seen:
            continue
        seen.add(path)
        entry = closure.find(Edge("class path", "", path), path, "on the class path")
        if entry is None:
            continue
        if entry.is_dir:
            if entry.path != closure.image.config.workdir and entry.path != "/":
                closure.reach_all(entry.path, "classes on the class path")
        elif entry.head.startswith(b"PK"):
            pending += [clean(name, parent_of(path)) for name in manifest_class_path(closure, entry)]


def manifest_class_path(closure: Closure, entry: Entry) -> list[str]:
    """The relative names of ``Class-Path`` in a jar's manifest; none if it has no manifest or is too large."""
    try:
        data = closure.image.read_entry(entry, MAX_JAR)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            info = archive.getinfo("META-INF/MANIFEST.MF")
            if info.file_size > MAX_MANIFEST:
                return []
            text = archive.read(info).decode("utf-8", "replace")
    except (ImagePathError, zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, OSError, ValueError):
        return []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n ", "").split("\n")
    values = [line.partition(":")[2].split() for line in lines if line.lower().startswith("class-path:")]
    return [name.removeprefix("file:") for names in values for name in names if "://" not in name]
