"""Configuration: ``dflint.toml``, or ``[tool.dflint]`` in ``pyproject.toml``."""

from dflint.config.configuration import Configuration, ConfigurationError, ConfigurationProblem
from dflint.config.nearest import ConfigurationFinder, load_configuration

__all__ = [
    "Configuration",
    "ConfigurationError",
    "ConfigurationFinder",
    "ConfigurationProblem",
    "load_configuration",
]
