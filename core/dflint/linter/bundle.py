"""All modules of a package in one bytecode file.

Importing a hundred small modules one by one is a third of the time to lint a file: each is searched, opened and read.
So their code is kept together beside their own bytecode files, under the same terms: made on the first import, valid
as long as time and size of the sources are the same, ignored when it is damaged or cannot be written.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH105, PTH108, PTH118, PTH123
from __future__ import annotations

import marshal
import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

    Signature = tuple[str, tuple[tuple[str, int, int], ...]]
    """The interpreter, and name, time of change (nanoseconds) and size of each source file."""

NAME = "__bundle__"


class Bundle:
    """The modules of one folder of a package, ``__init__`` left out."""

    def __init__(self, package: ModuleType, folder: str) -> None:
        self._package = package
        self._folder = folder
        with os.scandir(folder) as entries:
            found = [(e.name, e.stat()) for e in entries if e.name.endswith(".py") and e.name != "__init__.py"]
        self.stems: Sequence[str] = sorted(name[:-3] for name, _ in found)
        """The names of the modules."""
        sources = tuple(sorted((name, status.st_mtime_ns, status.st_size) for name, status in found))
        self._signature: Signature = (sys.version, sources)
        self._codes: dict[str, CodeType] = self._read()

    def __enter__(self) -> None:
        """From here on modules of the package are imported from the bundle."""
        sys.meta_path.insert(0, self)

    def __exit__(self, *failure: object) -> None:
        """And now no longer; it is written if need be."""
        sys.meta_path.remove(self)
        if not self._codes and not sys.dont_write_bytecode:
            self._write()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """What the import system asks a finder."""
        package, _, stem = name.rpartition(".")
        code = self._codes.get(stem) if package == self._package.__name__ else None
        if code is None:
            return None
        file = os.path.join(self._folder, stem + ".py")
        spec = ModuleSpec(name, _Loader(name, file, code), origin=file)
        spec.has_location = True
        spec.cached = self.path  # as it is: else it is worked out for each module
        return spec

    @property
    def path(self) -> str | None:
        """Where the bundle is kept: where Python keeps the package's bytecode. None if it keeps none."""
        spec = self._package.__spec__
        cached = spec.cached if spec is not None else None
        if not cached:
            return None
        folder, name = os.path.split(cached)
        return os.path.join(folder, name.replace("__init__", NAME))

    def _read(self) -> dict[str, CodeType]:
        path = self.path
        if path is None:
            return {}
        try:
            with open(path, "rb") as file:
                signature, codes = marshal.loads(file.read())
            if signature != self._signature:
                return {}
            return dict(codes)
        except (OSError, ValueError, EOFError, TypeError):
            return {}

    def _write(self) -> None:
        path = self.path
        codes = {}
        for stem in self.stems:
            module = sys.modules.get(f"{self._package.__name__}.{stem}")
            loader = module.__spec__.loader if module is not None and module.__spec__ is not None else None
            if isinstance(loader, SourceFileLoader):  # one that nobody imports, or that fails, is left to Python
                codes[stem] = loader.get_code(loader.name)
        if path is None:
            return
        temporary = f"{path}.{os.getpid()}"
        try:
            with open(temporary, "wb") as file:
                file.write(marshal.dumps((self._signature, codes)))
            os.replace(temporary, path)
        except OSError:
            try:
                os.unlink(temporary)
            except OSError:
                return


class _Loader(SourceFileLoader):
    """Loads a module whose code is at hand; all else (source, resources) comes from its file."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code
