"""Which commands install a project's dependencies: see ``dflint.packages.installs``."""

from __future__ import annotations

from dflint.packages.installs import Install, install_of

__all__ = ["Install", "install_of"]
