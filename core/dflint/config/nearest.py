"""Which configuration holds for a file: that of the nearest folder above it that has one; they are not merged."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH109, PTH113, PTH118, PTH120, PTH123
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dflint.config.configuration import Configuration, ConfigurationError, ConfigurationProblem, read_configuration

if TYPE_CHECKING:
    from dflint.context import FileSystem
    from dflint.linter.registry import Registry

FILE_NAMES = ("dflint.toml", "pyproject.toml")
"""In one folder the first one wins; a ``pyproject.toml`` without ``[tool.dflint]`` does not count."""


class ConfigurationFinder:
    """Finds and remembers the configuration of each folder."""

    def __init__(self, registry: Registry, fixed: Configuration | None = None, files: FileSystem | None = None) -> None:
        """``fixed`` holds for all files (``--config``, ``--no-config``); ``files`` is the disk by default."""
        self._registry = registry
        self._fixed = fixed
        self._files = files
        self._by_folder: dict[str, Configuration | ConfigurationError] = {}
        self._default = Configuration()

    def of_file(self, path: str) -> Configuration:
        """The configuration for a file. Raises ``ConfigurationError``."""
        return self.of_folder(os.path.dirname(os.path.abspath(path)))

    def of_folder(self, folder: str) -> Configuration:
        """The configuration for the files of a folder (an absolute path). Raises ``ConfigurationError``."""
        if self._fixed is not None:
            return self._fixed
        found = self._by_folder.get(folder)
        if found is None:
            found = self._by_folder[folder] = self._search(folder)
        if isinstance(found, ConfigurationError):
            raise found
        return found

    def _search(self, folder: str) -> Configuration | ConfigurationError:
        for name in FILE_NAMES:
            path = os.path.join(folder, name)
            if not (os.path.isfile(path) if self._files is None else self._files.is_file(path)):
                continue
            try:
                found = self._read(path)
            except ConfigurationError as error:
                return error
            if found is not None:
                return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return self._default
        try:
            return self.of_folder(parent)
        except ConfigurationError as error:
            return error

    def _read(self, path: str) -> Configuration | None:
        text = _text(path, self._files)
        if path.endswith("pyproject.toml") and "dflint" not in text:
            return None  # spares the TOML parser
        return read_configuration(path, text, self._registry, _shown(path))


def load_configuration(path: str, registry: Registry) -> Configuration:
    """The configuration in the file of ``--config``. Raises ``ConfigurationError``."""
    found = read_configuration(path, _text(path, None), registry, path)
    if found is None:
        raise ConfigurationError([ConfigurationProblem(path, 0, 0, "has no table [tool.dflint]")])
    return found


def _text(path: str, files: FileSystem | None) -> str:
    try:
        if files is not None:
            return files.read_text(path)
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except OSError as error:
        raise ConfigurationError([ConfigurationProblem(path, 0, 0, error.strerror or str(error))]) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError([ConfigurationProblem(path, 0, 0, f"not UTF-8: {error.reason}")]) from None


def _shown(path: str) -> str:
    """A path as the user would write it: relative if it lies below the working directory."""
    try:
        here = os.getcwd()
    except OSError:
        return path
    return path[len(here) + 1 :] if path.startswith(here + os.sep) else path
