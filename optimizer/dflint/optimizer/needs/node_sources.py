"""Packages that the sources of a Node project load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dflint.context import BuildContext

_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".vue", ".svelte")
_SKIPPED = frozenset((
    "node_modules", ".git", "test", "tests", "__tests__", "spec", "docs", "examples", "dist", "build", "coverage",
    ".next",
    "e2e", "cypress", "__mocks__", "scripts", "storybook", ".storybook",
))  # fmt: skip
_MAX_FILES = 600
_MAX_BYTES = 4_000_000
_LOADS = re.compile(
    r"""(?:\brequire\s*\(\s*|\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\.resolve\s*\(\s*)(["'`])([^"'`\n]+)\1"""
)
_TYPES = re.compile(r"""\b(?:import|export)\s+type\b[^;\n]*?\bfrom\s*["'][^"'\n]+["']""")
_COMPUTED = re.compile(r"""\brequire\s*\(\s*(?!["'`)])|\bimport\s*\(\s*(?!["'`)/])""")
_CONFIGURATION = re.compile(
    r"(^|/)[\w.-]*\.config\.[cm]?[jt]s$|(^|/)(gulpfile|Gruntfile|webpack[\w.-]*)\.js$|\.(test|spec|stories)\."
)


class NodeImports(NamedTuple):
    """Package to the file that loads it."""

    modules: Mapping[str, str]
    unclear: str = ""


def node_imports(context: BuildContext) -> NodeImports:
    """The packages that sources of the context load by name; test files and configuration of tools are left out."""
    modules: dict[str, str] = {}
    unclear = ""
    size = number = 0
    pending = [""]
    while pending:
        for entry in context.entries(pending.pop()):
            name = entry.path.rpartition("/")[2]
            if entry.kind == "dir":
                if name not in _SKIPPED and not entry.is_ignored:
                    pending.append(entry.path)
                continue
            if entry.is_ignored or not name.endswith(_SUFFIXES) or _CONFIGURATION.search(entry.path):
                continue
            number += 1
            size += entry.size
            if number > _MAX_FILES or size > _MAX_BYTES:
                return NodeImports(modules, "there are too many sources to read")
            try:
                text = context.read(entry.path)
            except (OSError, UnicodeError):
                return NodeImports(modules, f"{entry.path} cannot be read")
            if _COMPUTED.search(text):
                unclear = unclear or f"{entry.path} loads modules by computed names"
            for match in _LOADS.finditer(_TYPES.sub("", text)):
                package = package_of(match[2])
                if package:
                    modules.setdefault(package, entry.path)
    return NodeImports(modules, unclear)


def package_of(specifier: str) -> str:
    """``@scope/name`` of ``@scope/name/file``; empty for a path or a built-in module."""
    if specifier.startswith((".", "/", "node:", "#", "~", "http:", "https:", "data:")):
        return ""
    parts = specifier.split("/")
    return "/".join(parts[:2]) if specifier.startswith("@") and len(parts) > 1 else parts[0]
