"""What a Python program imports, found through the image's own sys.path (the library reference: site, venv, import).

The application's own modules are parsed; of libraries only the lines that begin with ``import`` or ``from`` are read,
which may take too much for imported, never too little of what such lines import.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from posixpath import basename
from typing import TYPE_CHECKING

from dflint.images.file_tree import child_of, clean, parent_of
from dflint.record import NamedTuple
from dflint.verify.closure import Edge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.images import Entry
    from dflint.verify.closure import Closure

MAX_MODULES = 20_000
MAX_SOURCE = 4 << 20
_IMPORT_LINE = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<source>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#;]*(?:\\\n[^\n#;]*)*)|"
    r"import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
_DYNAMIC_LIBRARY = re.compile(
    r"(?:find_library|CDLL|PyDLL|LoadLibrary|cdll_import|dlopen)\(\s*(?:ctypes\.util\.find_library\(\s*)?[\"']([\w.+-]+)[\"']"
)
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_TARGET = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?::[\w.()]+)?")
_VALUE_OPTIONS = frozenset(("-W", "-X", "--check-hash-based-pycs"))
SETUPTOOLS = "distutils-precedence.pth"
"""Makes ``import distutils`` mean setuptools' copy; of no effect on anything else."""
ALWAYS = (
    "site", "os", "io", "abc", "codecs", "encodings", "encodings.utf_8", "encodings.aliases", "encodings.latin_1",
    "encodings.ascii", "encodings.idna", "stat", "posixpath", "genericpath", "_collections_abc", "_sitebuiltins",
    "sitecustomize", "usercustomize", "importlib", "importlib.util", "types", "warnings",
)  # fmt: skip
STARTERS = frozenset((
    "call", "check_call", "check_output", "Popen", "run", "system", "popen", "which", "execv", "execve", "execvp",
    "execvpe",
    "execl", "execlp", "spawnv", "spawnvp", "spawnl", "spawnlp", "create_subprocess_exec", "create_subprocess_shell",
    "getoutput", "getstatusoutput", "sh",
))  # fmt: skip


class Imports(NamedTuple):
    """What a source names. ``modules``: names as written, relative ones with their dots."""

    modules: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    """Module and name of ``from module import name``: the name may be a module."""
    libraries: tuple[str, ...]
    """Libraries opened under a literal name."""
    programs: tuple[str, ...]
    """Commands that calls of subprocess and os start."""
    strings: tuple[str, ...]
    """String constants that look like module names."""
    is_dynamic: bool
    """Whether it imports under computed names."""


_UNINDENTED = re.compile(r"^(?=[A-Za-z@_])[^\n]*", re.MULTILINE)
_DEFERRED = ("def ", "async def ", "class ", "if __name__")


class PythonPath(NamedTuple):
    """An interpreter's folders. ``sites`` are those for installed packages."""

    version: str
    prefix: str
    folders: tuple[str, ...]
    sites: tuple[str, ...]


def follow_python(closure: Closure, arguments: Sequence[str], path: str, entry: Entry, folder: str) -> None:
    """Follow ``python FILE``, ``python -m MODULE`` and ``python -c TEXT``, and modules that the arguments name."""
    python = python_path(closure, path, entry)
    if python is None:
        closure.note(f"{path}: no standard library was found for it; its imports are not known")
        return
    words = list(arguments[1:])
    text: str | None = None
    module: str | None = None
    script: str | None = None
    isolated = False
    while words:
        word = words.pop(0)
        if word in ("-c", "-m"):
            value = words.pop(0) if words else None
            text, module = (value, None) if word == "-c" else (None, value)
            break
        if word in _VALUE_OPTIONS:
            words = words[1:]
        elif word.startswith("-") and word != "-":
            isolated = isolated or word in ("-I", "-E", "-P")
        else:
            script = word
            break
    first = folder
    if script is not None:
        found = closure.tree.resolve(clean(script, folder))
        if found is not None and found.is_dir:
            first = found.path
        elif found is not None:
            first = parent_of(found.path)
    follower = _Follower(closure, python, [first, *([] if isolated else [folder])])
    for name in ALWAYS:
        follower.add(name, path)
    if module is not None:
        follower.add_module_to_run(module)
    if text is not None:
        follower.take(_parse(text), "", path, "the text of -c")
    if script is not None:
        target = clean(script, folder)
        found = closure.reach(target, f"the script that {arguments[0]} runs")
        if found is not None and found.is_dir:
            target = child_of(found.path, "__main__.py")
            found = closure.reach(target, f"the script that {arguments[0]} runs")
        if found is not None and found.is_file:
            follower.take_file(found, "", is_own=not follower.is_library(found.path))
    for word in (*words, *follower.targets_of_environment()):
        follower.add_target(word)
    follower.finish()


def python_path(closure: Closure, path: str, entry: Entry) -> PythonPath | None:
    """sys.path of an interpreter, without the script's folder; ``path`` as it was found, ``entry`` what it is."""
    tree = closure.tree
    venv = _venv_of(closure, path)
    home = tree.resolve(venv[2]) if venv is not None and venv[2] else None
    base = _prefix_of(closure, parent_of(entry.path)) or (_prefix_of(closure, home.path) if home is not None else None)
    if base is None:
        return None
    base_prefix, version = base
    prefix, has_system_sites = (base_prefix, True) if venv is None else venv[:2]
    folders = [part for part in closure.environment.get("PYTHONPATH", "").split(":") if part]
    standard = f"{base_prefix}/lib/python{version}"
    folders += [f"{base_prefix}/lib/python{version.replace('.', '')}.zip", standard, f"{standard}/lib-dynload"]
    sites = [f"{prefix}/lib/python{version}/site-packages"]
    if has_system_sites:
        if prefix != base_prefix:
            sites.append(f"{standard}/site-packages")
        sites += [f"/usr/local/lib/python{version}/dist-packages", "/usr/lib/python3/dist-packages"]
        sites += [f"{standard}/dist-packages"]
    if prefix == base_prefix or has_system_sites:
        own = closure.environment.get("HOME") or closure.identity.home
        sites.insert(0, f"{own}/.local/lib/python{version}/site-packages")
    existing = []
    for site in sites:
        found = tree.resolve(site)
        if found is not None and found.is_dir and found.path not in existing:
            existing.append(found.path)
    more = []
    for site in existing:
        more.append(site)
        more += _path_files(closure, site)
    for site in existing:
        if site not in closure.site_folders:
            closure.site_folders.append(site)
    return PythonPath(version, prefix, (*folders, *more), tuple(existing))


def _prefix_of(closure: Closure, folder: str) -> tuple[str, str] | None:
    """The prefix and version of the standard library that belongs to a program's folder."""
    current = folder
    while True:
        library = child_of(current, "lib")
        for name in reversed(closure.tree.names(library)):
            if re.fullmatch(r"python3\.\d+", name) and closure.tree.resolve(f"{library}/{name}/os.py") is not None:
                return ("" if current == "/" else current), name.removeprefix("python")
        if current == "/":
            return None
        current = parent_of(current)


def _venv_of(closure: Closure, path: str) -> tuple[str, bool, str] | None:
    """The virtual environment that a program belongs to: prefix, whether it sees the system's packages, ``home``."""
    for folder in (parent_of(path), parent_of(parent_of(path))):
        config = closure.tree.resolve(child_of(folder, "pyvenv.cfg"))
        if config is not None and config.is_file:
            closure.reach(config.path, "the configuration of a virtual environment")
            lines = closure.text(config, 1 << 16).splitlines()
            values = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
            system = values.get("include-system-site-packages", "").lower() == "true"
            return parent_of(config.path), system, values.get("home", "")
    return None


def _path_files(closure: Closure, site: str) -> Iterator[str]:
    """The folders that ``.pth`` files of a site folder add."""
    for name in closure.tree.names(site):
        if not name.endswith(".pth") or name == SETUPTOOLS:
            continue
        entry = closure.tree.resolve(child_of(site, name))
        if entry is None or not entry.is_file:
            continue
        closure.reach(child_of(site, name), f"read at start from {site}")
        for line in closure.text(entry, 1 << 20).splitlines():
            if line and not line.startswith(("#", "import ", "import\t")):
                found = closure.tree.resolve(clean(line.rstrip(), site))
                if found is not None and found.is_dir:
                    yield found.path


class _Follower:
    """Imports, breadth first."""

    def __init__(self, closure: Closure, python: PythonPath, first: list[str]) -> None:
        self.closure = closure
        self.tree = closure.tree
        self.python = python
        self.folders = [*dict.fromkeys((*first, *python.folders))]
        self.standard = tuple(f"{folder}/" for folder in python.folders if folder.endswith(f"/python{python.version}"))
        self.seen: set[str] = set()
        self.pending: list[tuple[str, str]] = []
        self.extension_names: dict[str, dict[str, list[str]]] = {}
        self.sources: list[tuple[Entry, str, bool]] = []
        for site in python.sites:
            for name in self.tree.names(site):
                if name.endswith(".pth") and name != SETUPTOOLS:
                    self.take_path_file(child_of(site, name))

    def is_library(self, path: str) -> bool:
        """Whether a path lies in the standard library or in an installed package."""
        return path.startswith((*self.standard, *(f"{site}/" for site in self.python.sites)))

    def targets_of_environment(self) -> Iterator[str]:
        """Modules that variables name: FLASK_APP, DJANGO_SETTINGS_MODULE and the like."""
        for name, value in self.closure.environment.items():
            if name.endswith(("_APP", "_MODULE", "_SETTINGS", "_CONFIG")) or name in ("APP_MODULE", "MODULE_NAME"):
                yield value

    def add_target(self, word: str) -> None:
        """A word of the command line that may name a module: ``app.main:app``, ``--factory=app:make``."""
        value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
        match = _TARGET.fullmatch(value)
        if match is None:
            return
        name = match[1]
        found = self.locate(name)
        if found and not found[-1].path.startswith(self.standard):
            self.add(name, "")

    def add_module_to_run(self, name: str) -> None:
        self.add(name, "")
        self.add(f"{name}.__main__", "")

    def take_path_file(self, path: str) -> None:
        entry = self.tree.resolve(path)
        if entry is None or not entry.is_file:
            return
        for line in self.closure.text(entry, 1 << 20).splitlines():
            if line.startswith(("import ", "import\t")):
                self.take(_parse(line), "", path, path)

    def add(self, name: str, requester: str) -> None:
        if name and name not in self.seen:
            self.seen.add(name)
            self.pending.append((name, requester))

    def finish(self) -> None:
        """Follow all that is pending, file by file in the order in which they are stored."""
        count = 0
        while self.pending or self.sources:
            batch, self.pending = self.pending, []
            for name, requester in batch:
                self.find(name, requester)
            sources, self.sources = self.sources, []
            for entry, package, is_own in sorted(sources, key=lambda source: (source[0].layer, source[0].offset)):
                count += 1
                if count > MAX_MODULES:
                    self.closure.note(f"more than {MAX_MODULES} Python modules; the rest was not followed")
                    return
                self.take_file(entry, package, is_own)

    def find(self, name: str, requester: str) -> None:
        found = self.locate(name)
        edge = Edge("module", "", name)
        if not found:
            self.closure.edges.setdefault(edge, None)
            return
        why = f"imported by {requester}" if requester else "named by the start command"
        for entry in found:
            self.closure.reach(entry.path, why)
        last = found[-1]
        self.closure.edges[edge] = last.path
        if "." in name:
            self.add(name.rpartition(".")[0], requester)
        if last.is_elf:
            self.closure.load(last)
        elif last.is_file:
            is_package = basename(last.path) == "__init__.py"
            package = name if is_package else name.rpartition(".")[0]
            self.sources.append((last, package, not self.is_library(last.path)))
        if name in ("ssl", "OpenSSL", "cryptography"):
            self.closure.tls = self.closure.tls or last.path
        if name in ("zoneinfo", "dateutil.tz"):
            self.closure.timezones = self.closure.timezones or last.path

    def locate(self, name: str) -> list[Entry]:
        """The files of a module: the packages above it and itself last; empty if it is not found.

        A namespace package is its folder.
        """
        parts = name.split(".")
        folders = self.folders
        found: list[Entry] = []
        for number, part in enumerate(parts):
            namespaces: list[Entry] = []
            hit: Entry | None = None
            for folder in folders:
                hit = self.locate_in(folder, part)
                if hit is not None and not hit.is_dir:
                    break
                if hit is not None:
                    namespaces.append(hit)
                    hit = None
            if hit is not None:
                found.append(hit)
                if basename(hit.path) == "__init__.py":
                    folders = [parent_of(hit.path)]
                elif number < len(parts) - 1:
                    return []
            elif namespaces:
                found.extend(namespaces)
                folders = [entry.path for entry in namespaces]
            else:
                return []
        return found

    def locate_in(self, folder: str, name: str) -> Entry | None:
        base = child_of(folder, name)
        package = self.tree.resolve(base)
        if package is not None and package.is_dir:
            init = self.tree.resolve(f"{package.path}/__init__.py")
            if init is not None and init.is_file:
                return init
        version = self.python.version.replace(".", "")
        for suffix in (".py", ".so", ".abi3.so", ".pyc"):
            entry = self.tree.resolve(base + suffix)
            if entry is not None and entry.is_file:
                return entry
        for other in self.extensions(folder).get(name, ()):
            if f"-{version}" in other or ".abi3." in other or "python" not in other:
                entry = self.tree.resolve(child_of(folder, other))
                if entry is not None and entry.is_file:
                    return entry
        return package if package is not None and package.is_dir else None

    def extensions(self, folder: str) -> dict[str, list[str]]:
        known = self.extension_names.get(folder)
        if known is None:
            known = self.extension_names[folder] = {}
            for name in self.tree.names(folder):
                if name.endswith(".so"):
                    known.setdefault(name.partition(".")[0], []).append(name)
        return known

    def take_file(self, entry: Entry, package: str, is_own: bool) -> None:
        if entry.path.endswith(".pyc") or entry.size > MAX_SOURCE:
            return
        key = ("python" if is_own else "python library", entry.sha256)
        known = self.closure.parsed.known
        if key not in known:
            text = self.closure.text(entry, MAX_SOURCE)
            known[key] = _parse(text) if is_own else _scan(text, entry.path.startswith(self.standard))
        imports = known[key]
        assert isinstance(imports, Imports)
        self.take(imports, package, entry.path, entry.path, is_own)

    def take(self, imports: Imports, package: str, path: str, requester: str, is_own: bool = True) -> None:
        for module in imports.modules:
            self.add(_absolute(module, package), requester)
        for module, name in imports.names:
            absolute = _absolute(module, package)
            if absolute:
                self.add_if_module(f"{absolute}.{name}", requester)
        for library in imports.libraries:
            self.find_library(library, path)
        if not is_own:
            return
        if imports.is_dynamic:
            self.closure.note(f"{path}: imports modules under computed names")
        for command in imports.programs:
            self.closure.name_program(command, path)
        for text in imports.strings:
            if not text.startswith(("http", "www.")) and self.locate(text) and text not in self.seen:
                self.add(text, requester)

    def add_if_module(self, name: str, requester: str) -> None:
        if name not in self.seen and self.locate(name):
            self.add(name, requester)

    def find_library(self, name: str, path: str) -> None:
        """A library that code opens by its name: as the loader finds it, or as find_library makes its name."""
        places = self.closure.library_places(name)
        edge = Edge("library", path, name)
        if not places:
            self.closure.edges.setdefault(edge, None)
            return
        entry = self.closure.find(edge, places[0], f"opened by {path}")
        if entry is not None and entry.is_elf:
            self.closure.load(entry)


def _absolute(module: str, package: str) -> str:
    """A module's full name; ``..a`` in the package ``x.y`` is ``x.a``."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    if not dots:
        return name
    parts = package.split(".") if package else []
    base = parts[: len(parts) - (dots - 1)] if dots > 1 else parts
    return ".".join((*base, name)) if name else ".".join(base)


def _parse(text: str) -> Imports:
    """The imports of one of the application's own sources."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _scan(text)
    modules: dict[str, None] = {}
    names: dict[tuple[str, str], None] = {}
    programs: dict[str, None] = {}
    strings: dict[str, None] = {}
    is_dynamic = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules.update((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            modules[module] = None
            names.update(((module, alias.name), None) for alias in node.names)
        elif isinstance(node, ast.Call):
            called = _called(node)
            if called in ("__import__", "import_module"):
                is_dynamic = is_dynamic or not (node.args and isinstance(node.args[0], ast.Constant))
            elif called in STARTERS:
                programs.update((program, None) for program in _started(node))
        elif isinstance(node, ast.Constant) and _is_module_name(node.value):
            strings[str(node.value)] = None
    libraries = tuple(dict.fromkeys(_DYNAMIC_LIBRARY.findall(text)))
    return Imports(tuple(modules), tuple(names), libraries, tuple(programs), tuple(strings), is_dynamic)


def _is_module_name(value: object) -> bool:
    return isinstance(value, str) and len(value) < 200 and _MODULE.fullmatch(value) is not None


def _scan(text: str, is_standard: bool = False) -> Imports:
    """The imports of a library's source, by its lines; of the standard library's those that run when it is imported.

    A module of the standard library that only some of its functions import is taken when something else imports it.
    """
    modules: dict[str, None] = {}
    names: dict[tuple[str, str], None] = {}
    headers = list(_UNINDENTED.finditer(text)) if "import" in text else []
    starts = [match.start() for match in headers]

    def is_skipped(at: int) -> bool:
        if not is_standard and "__main__" not in text:
            return False
        number = bisect_right(starts, at) - 1
        header = headers[number][0] if number >= 0 else ""
        return header.startswith(_DEFERRED if is_standard else _DEFERRED[-1])

    for match in _IMPORT_LINE.finditer(text):
        if is_skipped(match.start()):
            continue
        if match["modules"] is not None:
            for part in match["modules"].split(","):
                module = part.split()[:1]
                if module:
                    modules[module[0]] = None
            continue
        modules[match["source"]] = None
        for part in re.sub(r"#[^\n]*", "", match["names"]).strip("() \n\\").split(","):
            name = part.replace("\\", " ").split()[:1]
            if name and name[0].isidentifier():
                names[match["source"], name[0]] = None
    libraries: dict[str, None] = {}
    if "ctypes" in text or "dlopen" in text:
        found = _DYNAMIC_LIBRARY.finditer(text)
        libraries = dict.fromkeys(match[1] for match in found if not is_skipped(match.start()))
    return Imports(tuple(modules), tuple(names), tuple(libraries), (), (), False)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _started(node: ast.Call) -> Iterator[str]:
    """The program that a call starts, if its first argument says so."""
    if not node.args:
        return
    first = node.args[0]
    if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
        first = first.elts[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        words = first.value.split()
        if words and (len(words) == 1 or _called(node) != "which"):
            yield words[0]
