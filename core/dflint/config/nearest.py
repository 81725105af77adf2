"""Which configuration holds for a file: that of the nearest folder above it that has one; they are not merged.

Where no folder above a file has one of ours, hadolint's counts: the nearest above the file, or else that of the working
directory, where hadolint looks for it.
"""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH100, PTH109, PTH113, PTH118, PTH120, PTH123
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from dflint.config.configuration import Configuration, ConfigurationError, ConfigurationProblem, read_configuration

if TYPE_CHECKING:
    from dflint.context import FileSystem
    from dflint.linter.registry import Registry

FILE_NAMES = ("dflint.toml", "pyproject.toml")
"""In one folder the first one wins; a ``pyproject.toml`` without ``[tool.dflint]`` does not count."""
HADOLINT_FILE_NAMES = (".hadolint.yaml", ".hadolint.yml")
"""As hadolint has them. It looks into the home folder too, but what a run finds should not depend on whose it is."""


class Remembered(Protocol):
    """Configurations that were read in earlier runs."""

    def configuration(self, path: str, text: str) -> Configuration | None:
        """What a file with this text says; None if that is not known."""

    def keep_configuration(self, text: str, read: Configuration) -> None:
        """Note what a text says."""


class ConfigurationFinder:
    """Finds and remembers the configuration of each folder."""

    def __init__(
        self,
        registry: Registry,
        fixed: Configuration | None = None,
        files: FileSystem | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        """``fixed`` holds for all files (``--config``, ``--no-config``); ``files`` is the disk by default.

        ``remembered`` spares reading what a file says, and asking the registry about the rules that it names.
        """
        self._registry = registry
        self._fixed = fixed
        self._files = files
        self._remembered = remembered
        self._by_folder: dict[str, Configuration | ConfigurationError] = {}
        self._ours: dict[str, Configuration | ConfigurationError] = {}
        self._hadolints: dict[str, Configuration | ConfigurationError] = {}
        self._default = Configuration()
        self.hadolint_files: list[str] = []
        """The files of hadolint's that are used, as the user would write them."""

    def of_file(self, path: str) -> Configuration:
        """The configuration for a file. Raises ``ConfigurationError``."""
        return self.of_folder(os.path.dirname(os.path.abspath(path)))

    def of_folder(self, folder: str) -> Configuration:
        """The configuration for the files of a folder (an absolute path). Raises ``ConfigurationError``."""
        if self._fixed is not None:
            return self._fixed
        found = self._by_folder.get(folder)
        if found is None:
            found = self._search(folder)
            if found is self._default:
                found = self._search_hadolint(folder)
                if found is self._default and self._files is None:
                    found = self._hadolint_here()
            self._by_folder[folder] = found
        if isinstance(found, ConfigurationError):
            raise found
        return found

    def _search(self, folder: str) -> Configuration | ConfigurationError:
        found = self._ours.get(folder)
        if found is None:
            found = self._ours[folder] = self._search_on(folder)
        return found

    def _search_on(self, folder: str) -> Configuration | ConfigurationError:
        for name in FILE_NAMES:
            path = os.path.join(folder, name)
            if not self._is_file(path):
                continue
            try:
                found = self._read(path)
            except ConfigurationError as error:
                return error
            if found is not None:
                return found
        parent = os.path.dirname(folder)
        return self._default if parent == folder else self._search(parent)

    def _search_hadolint(self, folder: str, upwards: bool = True) -> Configuration | ConfigurationError:
        found = self._hadolints.get(folder)
        if found is not None:
            return found
        for name in HADOLINT_FILE_NAMES:
            path = os.path.join(folder, name)
            if self._is_file(path):
                found = self._hadolints[folder] = self._read_hadolint(path)
                return found
        parent = os.path.dirname(folder)
        if not upwards or parent == folder:
            return self._default
        found = self._hadolints[folder] = self._search_hadolint(parent)
        return found

    def _hadolint_here(self) -> Configuration | ConfigurationError:
        here = _working_directory()
        return self._search_hadolint(here, upwards=False) if self._search(here) is self._default else self._default

    def _read_hadolint(self, path: str) -> Configuration | ConfigurationError:
        shown = _shown(path)
        try:
            text = _text(path, self._files)
            found = self._known(path, text)
            if found is None:
                from dflint.config.hadolint import read_hadolint_configuration

                found = read_hadolint_configuration(shown, text, self._registry).configuration(path)
                self._keep(text, found)
        except ConfigurationError as error:
            return error
        self.hadolint_files.append(shown)
        return found

    def _is_file(self, path: str) -> bool:
        return os.path.isfile(path) if self._files is None else self._files.is_file(path)

    def _read(self, path: str) -> Configuration | None:
        text = _text(path, self._files)
        if path.endswith("pyproject.toml") and "dflint" not in text:
            return None  # spares the TOML parser
        found = self._known(path, text)
        if found is None:
            found = read_configuration(path, text, self._registry, _shown(path))
            self._keep(text, found)
        return found

    def _known(self, path: str, text: str) -> Configuration | None:
        return None if self._remembered is None else self._remembered.configuration(path, text)

    def _keep(self, text: str, found: Configuration | None) -> None:
        if self._remembered is not None and found is not None:
            self._remembered.keep_configuration(text, found)


def load_configuration(path: str, registry: Registry) -> Configuration:
    """The configuration in the file of ``--config``; YAML is hadolint's. Raises ``ConfigurationError``."""
    text = _text(path, None)
    if path.endswith((".yaml", ".yml")):
        from dflint.config.hadolint import read_hadolint_configuration

        return read_hadolint_configuration(path, text, registry).configuration(path)
    found = read_configuration(path, text, registry, path)
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


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return os.sep


def _shown(path: str) -> str:
    """A path as the user would write it: relative if it lies below the working directory."""
    try:
        here = os.getcwd()
    except OSError:
        return path
    return path[len(here) + 1 :] if path.startswith(here + os.sep) else path
