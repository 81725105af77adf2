"""What the command line says about linting, and what is needed of dflint before a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dflint.config import Configuration, ConfigurationFinder, load_configuration
from dflint.linter.registry import Layer
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.config.nearest import Remembered
    from dflint.linter.registry import Registry

STANDARD_INPUT = "<stdin>"
"""The path of standard input when ``--stdin-filename`` is not given."""


class LintOptions(NamedTuple):
    """What the command line says about linting; can be sent to worker processes."""

    layer: Layer = Layer()
    preview: bool = False
    fix: bool = False
    unsafe: bool = False
    write: bool = True
    """Whether fixed files are written; False for ``--diff``."""
    fail_level: str | None = None
    context: str | None = None
    config: str | None = None
    no_config: bool = False
    no_plugins: bool = False
    cache: str | None = None
    """The folder to keep results in; None to keep none."""
    history: bool = False
    """Whether rules may look at the git history, whatever the configuration says."""
    engine_sizes: bool = False
    """Whether the local engine may be asked for the sizes of images."""
    history_store: str | None = None
    """The folder to keep what commits changed in, ``""`` for the user's cache folder; None to keep nothing."""


class RegistryOnDemand:
    """The rules of a run, imported when something is asked about them: takes the place of a ``Registry``."""

    def __init__(self, options: LintOptions) -> None:
        self._options = options
        self._registry: Registry | None = None

    @property
    def is_loaded(self) -> bool:
        return self._registry is not None

    def loaded(self) -> Registry:
        """The registry itself."""
        if self._registry is None:
            from dflint.config.plugins import configured_registry

            options = self._options
            self._registry = configured_registry(
                options.config, no_config=options.no_config, no_plugins=options.no_plugins
            )
        return self._registry

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loaded(), name)


def configurations_for(
    options: LintOptions, registry: Registry, remembered: Remembered | None = None
) -> ConfigurationFinder:
    """The configuration that holds for each file. Raises ``ConfigurationError`` for the file of ``--config``."""
    fixed = None
    if options.no_config:
        fixed = Configuration()
    elif options.config is not None:
        fixed = load_configuration(options.config, registry)
    return ConfigurationFinder(registry, fixed, remembered=remembered)
