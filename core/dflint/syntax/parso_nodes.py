"""parso's node classes, without the Python grammar that ``import parso`` brings along.

``import parso.tree`` runs ``parso/__init__.py`` first, which imports parso's Python parser, its cache and its diff
engine: 45 ms, of which the node classes need 2. So the package is registered unexecuted here (PEP 562): its
submodules can be imported, and the first use of anything else of ``parso`` runs the real ``__init__`` in place, for
whoever else in the process wants it.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def _register_unexecuted(spec: ModuleSpec) -> None:
    package = ModuleType(spec.name)
    package.__spec__ = spec
    package.__loader__ = spec.loader
    package.__file__ = spec.origin
    package.__package__ = spec.name
    package.__path__ = list(spec.submodule_search_locations or ())

    def execute_and_get(name: str) -> Any:
        if name.startswith("__") and name not in ("__all__", "__version__"):  # the import system asking
            raise AttributeError(name)
        del package.__dict__["__getattr__"]
        assert spec.loader is not None
        spec.loader.exec_module(package)
        return getattr(package, name)

    package.__dict__["__getattr__"] = execute_and_get
    sys.modules[spec.name] = package


if "parso" not in sys.modules:
    _spec = PathFinder.find_spec("parso")
    if _spec is not None and _spec.submodule_search_locations is not None:
        _register_unexecuted(_spec)

from parso.tree import BaseNode, Leaf, NodeOrLeaf  # noqa: E402

__all__ = ["BaseNode", "Leaf", "NodeOrLeaf"]
