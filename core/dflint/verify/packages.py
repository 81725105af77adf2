"""Which package of the distribution each file belongs to, from the image's own database.

dpkg (Debian, Ubuntu; also ``status.d`` of distroless images) and apk (Alpine). rpm's database is not read: files of
such images belong to no package, so that nothing is explained by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dflint.images import FileTree, Image

MAX_DATABASE = 64 << 20
DPKG_STATUS = "/var/lib/dpkg/status"
DPKG_STATUS_FOLDER = "/var/lib/dpkg/status.d"
DPKG_INFO = "/var/lib/dpkg/info"
APK_DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
RPM_DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm")


class Package(NamedTuple):
    """An installed package. ``depends`` are names, alternatives among them: what is not installed does not count."""

    name: str
    version: str
    depends: tuple[str, ...]
    provides: tuple[str, ...]
    source: str
    section: str
    conffiles: tuple[tuple[str, str], ...]
    """Configuration files and the MD5 that the package gave them."""


class PackageDatabase:
    """Installed packages, and to which of them a path belongs."""

    def __init__(self, kind: str, packages: dict[str, Package], owners: dict[str, str], notes: tuple[str, ...]) -> None:
        self.kind = kind
        """``dpkg``, ``apk`` or empty."""
        self.packages = packages
        self.owners = owners
        """Real path of a file, link or folder to a package's name."""
        self.notes = notes
        self._providers: dict[str, str] = {}
        for package in packages.values():
            for provided in package.provides:
                self._providers.setdefault(provided, package.name)
        self._files: dict[str, list[str]] | None = None

    def owner(self, path: str) -> Package | None:
        """The package that a path belongs to."""
        name = self.owners.get(path)
        return self.packages.get(name) if name is not None else None

    def files_of(self, name: str) -> list[str]:
        """The paths of a package."""
        if self._files is None:
            self._files = {}
            for path, owner in self.owners.items():
                self._files.setdefault(owner, []).append(path)
        return self._files.get(name, [])

    def dependencies(self, name: str) -> Iterator[str]:
        """The installed packages that one depends on."""
        package = self.packages.get(name)
        for wanted in package.depends if package is not None else ():
            found = wanted if wanted in self.packages else self._providers.get(wanted)
            if found is not None and found != name:
                yield found

    def with_dependencies(self, names: Iterable[str]) -> set[str]:
        """These packages and all that they depend on."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.dependencies(name))
        return found

    def needed_only_by(self, names: set[str]) -> set[str]:
        """The further packages that were installed for these alone: all that depend on them are among them."""
        dependents: dict[str, set[str]] = {}
        for name in self.packages:
            for dependency in self.dependencies(name):
                dependents.setdefault(dependency, set()).add(name)
        found: set[str] = set()
        changed = True
        while changed:
            changed = False
            for name, users in dependents.items():
                if name not in names and name not in found and users <= names | found:
                    found.add(name)
                    changed = True
        return found


def read_packages(image: Image) -> PackageDatabase:
    """The packages of an image; an empty database if it has none that can be read."""
    tree = image.filesystem
    if tree.resolve(DPKG_STATUS) is not None or tree.resolve(DPKG_STATUS_FOLDER) is not None:
        return _read_dpkg(image)
    for path in APK_DATABASES:
        if tree.resolve(path) is not None:
            return _read_apk(image, path)
    notes: tuple[str, ...] = ()
    if any(tree.resolve(path) is not None for path in RPM_DATABASES):
        notes = ("The packages are rpm's, whose database is not read: no file is explained by its package.",)
    return PackageDatabase("", {}, {}, notes)


def _text(image: Image, path: str) -> str:
    try:
        return image.read(path, MAX_DATABASE).decode("utf-8", "surrogateescape")
    except ImagePathError:
        return ""


def _read_dpkg(image: Image) -> PackageDatabase:
    packages: dict[str, Package] = {}
    owners: dict[str, str] = {}
    real = _RealPaths(image.filesystem)
    for fields in _paragraphs(_text(image, DPKG_STATUS)):
        _add_dpkg(fields, packages)
    lists = {}
    for name in image.filesystem.names(DPKG_INFO):
        stem, dot, kind = name.rpartition(".")
        if dot and kind == "list":
            lists[stem.partition(":")[0]] = f"{DPKG_INFO}/{name}"
    for name, path in lists.items():
        if name in packages:
            for line in _text(image, path).splitlines():
                if line not in ("", "/.", "/"):
                    owners[real(line)] = name
    for name in image.filesystem.names(DPKG_STATUS_FOLDER):
        if not name.endswith(".md5sums"):
            _read_status_file(image, name, packages, owners, real)
    return PackageDatabase("dpkg", packages, owners, ())


def _read_status_file(
    image: Image, name: str, packages: dict[str, Package], owners: dict[str, str], real: _RealPaths
) -> None:
    path = f"{DPKG_STATUS_FOLDER}/{name}"
    for fields in _paragraphs(_text(image, path)):
        fields.setdefault("Status", "install ok installed")
        package = _add_dpkg(fields, packages)
        owners[real(path)] = package or name
        sums = f"{path}.md5sums"
        if package is not None:
            owners[real(sums)] = package
            for line in _text(image, sums).splitlines():
                _, _, file = line.partition("  ")
                if file:
                    owners[real("/" + file.lstrip("./"))] = package


def _add_dpkg(fields: dict[str, str], packages: dict[str, Package]) -> str | None:
    name = fields.get("Package", "")
    if not name or not fields.get("Status", "").endswith(" installed"):
        return None
    depends = tuple(_dpkg_names(f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}"))
    conffiles = []
    for line in fields.get("Conffiles", "").splitlines():
        words = line.split()
        if len(words) >= 2:
            conffiles.append((words[0], words[1]))
    packages[name] = Package(
        name,
        fields.get("Version", ""),
        depends,
        tuple(_dpkg_names(fields.get("Provides", ""))),
        fields.get("Source", name).partition(" ")[0],
        fields.get("Section", ""),
        tuple(conffiles),
    )
    return name


def _dpkg_names(field: str) -> Iterator[str]:
    for alternatives in field.split(","):
        for alternative in alternatives.split("|"):
            name = alternative.strip().partition(" ")[0].partition("(")[0].partition(":")[0]
            if name:
                yield name


def _paragraphs(text: str) -> Iterator[dict[str, str]]:
    for paragraph in text.split("\n\n"):
        fields: dict[str, str] = {}
        last = ""
        for line in paragraph.splitlines():
            if line[:1] in (" ", "\t"):
                fields[last] = f"{fields.get(last, '')}\n{line.strip()}"
            else:
                last, _, value = line.partition(":")
                fields[last] = value.strip()
        if fields:
            yield fields


def _read_apk(image: Image, path: str) -> PackageDatabase:
    packages: dict[str, Package] = {}
    owners: dict[str, str] = {}
    real = _RealPaths(image.filesystem)
    for paragraph in _text(image, path).split("\n\n"):
        fields: dict[str, str] = {}
        folder = ""
        files = []
        for line in paragraph.splitlines():
            key, _, value = line.partition(":")
            if key == "F":
                folder = value
                files.append("/" + value)
            elif key == "R":
                files.append(f"/{folder}/{value}")
            else:
                fields.setdefault(key, value)
        name = fields.get("P", "")
        if not name:
            continue
        depends = tuple(_apk_name(word) for word in fields.get("D", "").split() if not word.startswith("!"))
        provides = tuple(_apk_name(word) for word in fields.get("p", "").split())
        packages[name] = Package(name, fields.get("V", ""), depends, provides, fields.get("o", name), "", ())
        owners.update((real(file), name) for file in files)
    return PackageDatabase("apk", packages, owners, ())


def _apk_name(word: str) -> str:
    for sign in "<>=~":
        word = word.partition(sign)[0]
    return word


class _RealPaths:
    """Paths with the links in their folders followed: ``/lib/x`` is ``/usr/lib/x`` where /usr is merged."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self._folders: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        real = self._folders.get(folder)
        if real is None:
            entry = self._tree.resolve(folder or "/")
            real = self._folders[folder] = entry.path.rstrip("/") if entry is not None else folder
        return f"{real}/{name}"
