"""One of the two images, with what was found out about it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from dflint.images import ImagePathError
from dflint.images.file_tree import child_of, parent_of
from dflint.verify.classes import is_toolchain_package
from dflint.verify.closure import Closure, Parsed
from dflint.verify.packages import Package, PackageDatabase, read_packages
from dflint.verify.users import Identity, UnknownUserError, identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.images import Entry, Image


class Side:
    """An image, its packages and its closure."""

    def __init__(self, image: Image, parsed: Parsed) -> None:
        self.image = image
        self.tree = image.filesystem
        self.packages: PackageDatabase = read_packages(image)
        self.user_problem = ""
        try:
            self.identity = identity_of(image)
        except UnknownUserError as problem:
            self.identity = Identity(-1, -1, frozenset(), "/", "")
            self.user_problem = str(problem)
        self.closure = Closure(image, self.identity, parsed)
        self.closure.start()
        self._toolchain: set[str] | None = None
        self._scripts: dict[str, str] | None = None
        self._md5: dict[str, dict[str, str]] = {}
        self._modified: dict[str, bool] = {}

    @property
    def toolchain(self) -> set[str]:
        """The packages for building, and those that are there for them alone."""
        if self._toolchain is None:
            named = {name for name in self.packages.packages if is_toolchain_package(name)}
            self._toolchain = named | self.packages.needed_only_by(named)
        return self._toolchain

    def owner(self, entry: Entry) -> Package | None:
        """The package that an entry comes from; None for one that was put in its place or changed later."""
        package = self.packages.owner(entry.path)
        if package is None or not entry.is_file:
            return package
        if entry.path not in self._modified:
            self._modified[entry.path] = self._is_modified(entry, package)
        return None if self._modified[entry.path] else package

    def _is_modified(self, entry: Entry, package: Package) -> bool:
        stated = dict(package.conffiles).get(entry.path)
        if stated is None:
            if not self.is_copied(entry):
                return False
            stated = self._md5sums(package.name).get(entry.path)
        if stated is None:
            return self.is_copied(entry)
        try:
            data = self.image.read_entry(entry)
        except ImagePathError:
            return False
        return hashlib.md5(data, usedforsecurity=False).hexdigest() != stated

    def configured_by(self, path: str) -> frozenset[str]:
        """The packages whose maintainer scripts speak of a path: what they wrote there belongs to them.

        ``dpkg-maintscript`` files of ``/var/lib/dpkg/info`` (Debian policy, section 6.1).
        """
        if self._scripts is None:
            self._scripts = dict(self._maintainer_scripts())
        spoken = re.compile(rf"(?<![\w./-]){re.escape(path)}(?![\w./-])")
        return frozenset(
            name.rpartition(".")[0] for name, text in self._scripts.items() if path in text and spoken.search(text)
        )

    def _maintainer_scripts(self) -> Iterator[tuple[str, str]]:
        folder = "/var/lib/dpkg/info"
        for file in self.tree.names(folder):
            if file.endswith((".postinst", ".preinst")):
                entry = self.tree.resolve(f"{folder}/{file}")
                if entry is not None and entry.is_file:
                    name = file.rpartition(".")[0]
                    yield name.partition(":")[0] + file[len(name) :], self.closure.text(entry)

    def is_copied(self, entry: Entry) -> bool:
        """Whether a COPY or ADD of a layer above the first one brought the file."""
        layer = self.image.layers[entry.layer]
        command = layer.history.created_by.replace("/bin/sh -c #(nop) ", "") if layer.history is not None else ""
        return entry.layer > 0 and command.startswith(("COPY", "ADD"))

    def _md5sums(self, name: str) -> dict[str, str]:
        if name not in self._md5:
            found: dict[str, str] = {}
            for file in self.tree.names("/var/lib/dpkg/info"):
                if file.endswith(".md5sums") and file.removesuffix(".md5sums").partition(":")[0] == name:
                    entry = self.tree.resolve(f"/var/lib/dpkg/info/{file}")
                    text = self.closure.text(entry, 16 << 20) if entry is not None and entry.is_file else ""
                    for line in text.splitlines():
                        digest, _, path = line.partition("  ")
                        real = self.tree.resolve(parent_of(f"/{path}"))
                        if real is not None:
                            found[child_of(real.path, path.rpartition("/")[2])] = digest
            self._md5[name] = found
        return self._md5[name]
