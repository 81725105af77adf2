"""Output formats: each name of ``dflint.config.settings.FORMATS`` is a module here with a class ``Format``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.linter.registry import Registry
    from dflint.report.base import Options, Report


def report(name: str, write: Callable[[str], None], registry: Registry, options: Options) -> Report:
    """A report in one of the formats that hands its text to ``write`` piece by piece."""
    from importlib import import_module

    format_class: type[Report] = import_module(f"dflint.report.{name}").Format
    return format_class(write, registry, options)
