"""Which plug-ins are loaded: what the command line and the configuration of the working directory say."""

# pathlib would cost a tenth of the start-up.
# ruff: noqa: PTH109
from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dflint.config.configuration import ConfigurationError
from dflint.config.nearest import ConfigurationFinder, load_configuration
from dflint.linter.plugins import installed, with_plugins
from dflint.linter.registry import Registry, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dflint.linter.registry import Plugin


def configured_registry(config: str | None = None, *, no_config: bool = False, no_plugins: bool = False) -> Registry:
    """dflint's own rules, and those of the plug-ins that are wanted.

    ``config`` is the file of ``--config``. What is wrong with a configuration is not told here: it is told where it
    is read to lint a file.
    """
    found, wanted = chosen_plugins(config, no_config=no_config, no_plugins=no_plugins)
    return with_plugins(registry(), found, wanted)


def chosen_plugins(
    config: str | None = None, *, no_config: bool = False, no_plugins: bool = False
) -> tuple[list[Plugin], bool | Sequence[str]]:
    """The plug-ins that are installed, and which are wanted: all, none, or those with these names."""
    found = installed()
    return found, bool(found) and not no_plugins and (no_config or _wanted(config))


def _wanted(config: str | None) -> bool | Sequence[str]:
    """The setting ``plugins``, before the rules are known that the other settings may name."""
    anything = _Anything(())
    try:
        if config is not None:
            configuration = load_configuration(config, anything)
        else:
            configuration = ConfigurationFinder(anything).of_folder(os.getcwd())
    except (ConfigurationError, OSError):
        return True
    wanted: bool | Sequence[str] = configuration["plugins"]
    return wanted


class _Anything(Registry):
    """Has whatever it is asked for."""

    def resolve(self, selector: str) -> frozenset[str]:
        return frozenset()

    def is_missing(self, name: str) -> bool:
        return True

    def has_plugin(self, name: str) -> bool:
        return True
