"""What an image's process reaches, found without running anything.

From ENTRYPOINT, CMD and HEALTHCHECK over programs on PATH, ``#!`` lines, shell scripts, interpreters and their imports,
and dynamic libraries. Every answer that a search gave is kept as an edge ("program python3" -> "/usr/bin/python3.11"),
so that two images can be compared in how things are found, not only in what there is.
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.images.file_tree import child_of, clean
from dflint.record import NamedTuple
from dflint.verify.classes import RUNS_SOURCES, system_group
from dflint.verify.linking import Linker
from dflint.verify.users import can_reach, rights_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dflint.images import Entry, Image
    from dflint.verify.users import Identity

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "busybox"))
MAX_DEPTH = 24
MAX_SCRIPT = 4 << 20
SYSTEM_FOLDERS = frozenset((
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/media", "/mnt", "/opt", "/proc",
    "/root",
    "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/include", "/usr/lib", "/usr/lib64",
    "/usr/libexec",
    "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/usr/sbin", "/usr/share",
    "/usr/src", "/var", "/var/cache", "/var/lib", "/var/log", "/var/run", "/var/spool", "/var/tmp",
))  # fmt: skip
_INTERPRETERS = (
    ("python", re.compile(r"(?:python|pypy)[0-9.]*")),
    ("node", re.compile(r"node(?:js)?")),
    ("java", re.compile(r"java")),
    ("ruby", re.compile(r"ruby[0-9.]*")),
    ("php", re.compile(r"php(?:-fpm|-cgi)?[0-9.]*")),
    ("perl", re.compile(r"perl[0-9.]*")),
)


class Edge(NamedTuple):
    """A search: what kind of thing, for whom ("" for the process itself), and under which name."""

    kind: str
    """program, library, loader, module, package, class path, path."""
    requester: str
    name: str


class Parsed:
    """What was found in sources, by content: the same file in two images is parsed once."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bytes], object] = {}


NAME_FILES = ("/etc/services", "/etc/protocols")


class Closure:
    """Collects what is reached in one image."""

    def __init__(self, image: Image, identity: Identity, parsed: Parsed) -> None:
        self.image = image
        self.tree = image.filesystem
        self.identity = identity
        self.parsed = parsed
        self.environment = image.config.environment
        self.linker = Linker(image)
        self.reached: dict[str, str] = {}
        """Path of a file, folder or link to why it is needed, in words."""
        self.edges: dict[Edge, str | None] = {}
        """Each search to the real path of what it found; None: nothing."""
        self.running: set[str] = set()
        """Interpreters: python, node, java, ruby, php, perl."""
        self.programs: set[str] = set()
        """Base names of the programs that are started."""
        self.script_runners: dict[str, bool] = {}
        """Package managers, and whether all that they are started for is to run a script that package.json has."""
        self.named_programs: dict[str, str] = {}
        """Programs that code names to start them, to who does."""
        self.site_folders: list[str] = []
        """Python's folders of installed packages, in the order of sys.path."""
        self.tls: str = ""
        """Who may speak TLS; empty: nobody seen."""
        self.timezones: str = ""
        self.name_files: set[str] = set()
        """Those of ``NAME_FILES`` that a program names itself."""
        """Who may ask for time zones by name."""
        self.has_class_path = False
        """Whether Java runs and its class path is known."""
        self.notes: dict[str, None] = {}
        self._loaded: set[tuple[str, str]] = set()
        self._followed: set[tuple[str, ...]] = set()
        self._loader = ""

    # Start

    def start(self) -> None:
        """Follow the image's process and its health check."""
        config = self.image.config
        arguments = list(config.arguments)
        if arguments:
            self.run(arguments, config.workdir, "the start command")
        if config.entrypoint and config.cmd:
            self.maybe_run(config.cmd, config.workdir, "CMD, which the entry point may start")
        check = config.healthcheck
        if check is not None and len(check.test) > 1:
            if check.test[0] == "CMD-SHELL":
                shell = config.shell or ("/bin/sh", "-c")
                self.run([*shell, check.test[1]], config.workdir, "the health check")
            elif check.test[0] == "CMD":
                self.run(check.test[1:], config.workdir, "the health check")

    @property
    def sources_run(self) -> frozenset[str]:
        """Languages whose sources are used when the container runs."""
        return frozenset(RUNS_SOURCES[name] for name in self.programs if name in RUNS_SOURCES)

    def is_new(self, *key: str) -> bool:
        """Whether something is followed for the first time."""
        if key in self._followed:
            return False
        self._followed.add(key)
        return True

    def note(self, text: str) -> None:
        self.notes[text] = None

    # Paths

    def reach(self, path: str, why: str) -> Entry | None:
        """Take in a path with the links that lead to it; None if there is nothing."""
        entry, links = self.tree.trace(path)
        for link in links:
            self.reached.setdefault(link.path, why)
        if entry is not None:
            self.reached.setdefault(entry.path, why)
        return entry

    def find(self, edge: Edge, path: str | None, why: str) -> Entry | None:
        """Take in what a search found."""
        entry = self.reach(path, why) if path is not None else None
        self.edges[edge] = entry.path if entry is not None else None
        return entry

    def reach_all(self, folder: str, why: str) -> None:
        """Take in a folder and all in it."""
        for entry in self.tree.walk(folder):
            self.reached.setdefault(entry.path, why)

    def text(self, entry: Entry, limit: int = MAX_SCRIPT) -> str:
        """A file as text; empty if it is too large."""
        try:
            return self.image.read_entry(entry, limit).decode("utf-8", "surrogateescape")
        except ImagePathError:
            return ""

    def name_paths(self, words: Iterable[str], folder: str, why: str) -> None:
        """Take in files and folders that words name: arguments, values of variables."""
        for word in words:
            if len(word) > 4096 or "\0" in word:
                continue
            candidates = [word]
            if word.startswith("-"):
                _, equals, value = word.partition("=")
                candidates = [value] if equals else [word[2:]] if word[2:].startswith("/") else []
            elif "=" in word:
                candidates.append(word.partition("=")[2])
            for candidate in candidates:
                self._name_path(candidate, folder, why)

    def _name_path(self, word: str, folder: str, why: str) -> None:
        path = word.removeprefix("file:").removeprefix("@")
        if not path or path in (".", "..") or ("/" not in path and "." not in path and len(path) < 2):
            return
        entry, links = self.tree.trace(clean(path, folder))
        if entry is None:
            return
        self.find(Edge("path", "", word), clean(path, folder), why)
        for link in links:
            self.reached.setdefault(link.path, why)
        if entry.is_dir:
            is_own = entry.path not in SYSTEM_FOLDERS and entry.path != self.image.config.workdir
            if is_own and system_group(entry.path) is None:
                self.reach_all(entry.path, why)
        elif entry.is_elf:
            self.load(entry)

    # Programs

    def lookup_program(self, name: str, folder: str, path: str | None = None) -> str | None:
        """Where a program is, as the system call execvp finds it for the image's user; the path may be a link."""
        if "/" in name:
            return clean(name, folder) if self.tree.resolve(clean(name, folder)) is not None else None
        search = path if path is not None else self.environment.get("PATH", DEFAULT_PATH)
        for part in search.split(":"):
            candidate = clean(name, clean(part or ".", folder))
            entry = self.tree.resolve(candidate)
            if entry is not None and entry.is_file and rights_of(entry, self.identity).execute:
                return candidate
        return None

    def maybe_run(self, arguments: Sequence[str], folder: str, why: str) -> None:
        """Follow a command if its first word is a program, and the paths that it names."""
        if arguments and self.lookup_program(arguments[0], folder) is not None:
            self.run(arguments, folder, why)
        else:
            self.name_paths(arguments, folder, why)

    def run(self, arguments: Sequence[str], folder: str, why: str, depth: int = 0) -> None:
        """Follow a command: its program, what that loads and interprets, and the paths among its arguments."""
        if depth > MAX_DEPTH or not arguments or not self.is_new("command", folder, *arguments):
            return
        name = arguments[0]
        path = self.lookup_program(name, folder)
        entry = self.find(Edge("program", "", name if "/" not in name else clean(name, folder)), path, f"{name}, {why}")
        if entry is None or not entry.is_file or path is None:
            return
        self.programs.add(basename(name))
        self.name_paths(arguments[1:], folder, f"named in the arguments of {name}")
        if entry.is_elf:
            self.load(entry, is_program=True)
            self.interpret(arguments, path, entry, folder, depth)
        elif entry.is_script:
            self.run_script(arguments, path, entry, folder, depth)

    def run_script(self, arguments: Sequence[str], path: str, entry: Entry, folder: str, depth: int) -> None:
        """Follow a program that is a script, by its ``#!`` line."""
        line = self.image.read_range(entry, 2, 254).partition(b"\n")[0].decode("utf-8", "surrogateescape").strip()
        words = line.split(None, 1)
        if not words:
            return
        why = f"the interpreter of {path}"
        self.run([*words, path, *arguments[1:]], folder, why, depth + 1)

    def interpret(self, arguments: Sequence[str], path: str, entry: Entry, folder: str, depth: int) -> None:
        """What a program makes of its arguments, for the programs that are known."""
        name = basename(arguments[0])
        real = basename(entry.path)
        for interpreter, pattern in _INTERPRETERS:
            if pattern.fullmatch(name) or pattern.fullmatch(real):
                self.running.add(interpreter)
                self._interpret(interpreter, arguments, path, entry, folder)
                return
        if name in SHELLS or (real in SHELLS and real != "busybox"):
            from dflint.verify.shell_commands import follow_shell

            follow_shell(self, arguments, folder, depth)
        elif name == "env":
            from dflint.verify.shell_commands import env_command

            inner = env_command(arguments)
            self.run(inner, folder, f"started by {name}", depth + 1)
        else:
            from dflint.verify.shell_commands import inner_command

            inner = inner_command(arguments)
            if inner:
                self.run(inner, folder, f"started by {name}", depth + 1)

    def _interpret(self, interpreter: str, arguments: Sequence[str], path: str, entry: Entry, folder: str) -> None:
        if interpreter == "python":
            from dflint.verify.python_imports import follow_python

            follow_python(self, arguments, path, entry, folder)
        elif interpreter == "node":
            from dflint.verify.node_modules import follow_node

            follow_node(self, arguments, folder)
        elif interpreter == "java":
            from dflint.verify.java_class_path import follow_java

            follow_java(self, arguments, entry, folder)

    def name_program(self, name: str, requester: str) -> None:
        """Take in a program that code names to start it."""
        if name in self.named_programs or not name or len(name) > 255 or "\0" in name:
            return
        path = self.lookup_program(name, self.image.config.workdir)
        self.named_programs[name] = requester
        if path is not None:
            self.run([name], self.image.config.workdir, f"which {requester} starts")
        else:
            self.edges[Edge("program", "", name)] = None

    # Libraries

    def load(self, entry: Entry, *, is_program: bool = False) -> None:
        """Take in the libraries that an ELF file needs, and those that they need."""
        elf = self.linker.elf(entry)
        if elf is None:
            return
        loader = elf.interpreter if elf.interpreter else self._loader
        if is_program and elf.interpreter and not self._loader:
            self._loader = elf.interpreter
        if (entry.path, loader) in self._loaded:
            return
        if elf.interpreter:
            self.find(Edge("loader", entry.path, elf.interpreter), elf.interpreter, f"the loader of {entry.path}")
            if self.tree.resolve("/etc/ld.so.preload") is not None:
                self.reach("/etc/ld.so.preload", "libraries loaded into every program")
        rpath = self.linker.rpath(entry)
        pending = [entry]
        by_name: dict[str, str] = {}
        while pending:
            current = pending.pop(0)
            if (current.path, loader) in self._loaded:
                continue
            self._loaded.add((current.path, loader))
            self._look_at(current)
            for library in self.linker.libraries(current, loader, rpath):
                path = library.path or by_name.get(library.name)
                edge = Edge("library", current.path, library.name)
                found = self.find(edge, path, f"{library.name}, needed by {current.path}")
                if found is not None:
                    by_name[library.name] = found.path
                    pending.append(found)

    def _look_at(self, entry: Entry) -> None:
        name = basename(entry.path)
        if name.startswith(("libssl.", "libgnutls.", "libnss3.", "libmbedtls.", "libwolfssl.", "libcurl")):
            self.tls = self.tls or entry.path

    def scan_program(self, entry: Entry) -> None:
        """Look for what a program that carries its own libraries says of TLS and time zones."""
        if (self.tls and self.timezones and len(self.name_files) == len(NAME_FILES)) or entry.size > 256 << 20:
            return
        before = b""
        for start in range(0, entry.size, 1 << 20):
            data = before + self.image.read_range(entry, start, 1 << 20)
            if not self.tls and (b"/etc/ssl/cert" in data or b"crypto/tls" in data or b"/usr/lib/ssl" in data):
                self.tls = entry.path
            if not self.timezones and b"time.LoadLocation" in data:
                self.timezones = entry.path
            self.name_files |= {path for path in NAME_FILES if path.encode() in data}
            before = data[-32:]

    def library_places(self, name: str) -> list[str]:
        """Where the loader may find a library that is opened as ``libz.so.1``, or by find_library as ``z``."""
        if "/" in name:
            return [name] if self.tree.resolve(name) is not None else []

        def fits(found: str) -> bool:
            return found == name if ".so" in name else found.startswith(f"lib{name}.so")

        cached = [path for found, paths in self.linker.cache.items() if fits(found) for path in paths]
        plain = [
            child_of(folder, found)
            for folder in (
                "/lib",
                "/usr/lib",
                "/usr/local/lib",
                *self.environment.get("LD_LIBRARY_PATH", "").split(":"),
            )
            for found in self.tree.names(folder)
            if fits(found)
        ]
        return [path for path in sorted(cached, key=len) + plain if self.tree.resolve(path) is not None]

    def is_blocked(self, path: str) -> Entry | None:
        """The folder that keeps the user from a path, if one does."""
        entry = self.tree.resolve(path)
        return can_reach(self.tree, entry.path, self.identity) if entry is not None else None
