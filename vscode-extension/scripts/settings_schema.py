"""Write what the extension knows of dflint's settings, from dflint itself.

    python scripts/settings_schema.py [--check]

- the settings of the server in ``package.json``, from ``dflint.server.settings``: the dataclasses' fields are the
  names, and what stands below a field is its description;
- the table of all settings in ``README.md``.

``--check`` writes nothing and ends with 1 if something is out of date.
"""

# ruff: noqa: T201
from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

EXTENSION = Path(__file__).resolve().parent.parent
ROOT = EXTENSION.parent
sys.path[:0] = [str(ROOT / portion) for portion in ("core", "rules", "optimizer", "server")]

from dflint.server.settings import SECTION, Settings  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE = "Server"
HERE = {"lenses": (True, "Whether Optimize, Build preview and Show cache are offered above the last stage.")}
"""Defaults and descriptions that are others here: this extension has the commands that lenses call."""
START, END = "<!-- generated: settings -->", "<!-- end: settings -->"


def group() -> dict[str, Any]:
    """The group of settings that the server takes from a client."""
    return {"title": TITLE, "properties": dict(_fields(Settings, f"{SECTION}."))}


def _fields(kind: type[Any], prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of a dataclass as settings; those of a dataclass inside have its name in theirs."""
    described = _descriptions(kind)
    for field, value in zip(dataclasses.fields(kind), dataclasses.astuple(kind()), strict=True):
        inner = getattr(kind(), field.name)
        if dataclasses.is_dataclass(inner):
            yield from _fields(type(inner), f"{prefix}{field.name}.")
        elif isinstance(value, bool):
            default, text = HERE.get(field.name, (value, described[field.name]))
            yield (
                f"{prefix}{field.name}",
                {"type": "boolean", "default": default, "scope": "window", "markdownDescription": text},
            )
        else:
            raise TypeError(f"{kind.__name__}.{field.name}: say how {type(value).__name__} is shown in an editor")


def _descriptions(kind: type[Any]) -> dict[str, str]:
    """The text below each field of a class."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef))
    found = {}
    for field, after in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            found[field.target.id] = str(ast.literal_eval(after.value))
    return found


def manifest(text: str) -> str:
    """The manifest with the generated group after the extension's own."""
    found = json.loads(text)
    groups = [one for one in found["contributes"]["configuration"] if one["title"] == "dflint"]
    found["contributes"]["configuration"] = [*groups, group()]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def readme(text: str, of_manifest: str) -> str:
    """The README with the table of all settings between its marks."""
    table = "\n".join(_rows(json.loads(of_manifest)))
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{table}\n\n{END}{after}"


def _rows(found: dict[str, Any]) -> Iterator[str]:
    yield "| setting | default | |"
    yield "| --- | --- | --- |"
    for one in found["contributes"]["configuration"]:
        for name, schema in one["properties"].items():
            text = re.sub(r"`#(.+?)#`", r"`\1`", schema["markdownDescription"])
            if "enum" in schema:
                text += " One of " + ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"]) + "."
            yield f"| `{name}` | `{json.dumps(schema['default'])}` | {text} |"


def main() -> int:
    """Write, or tell with --check."""
    paths = EXTENSION / "package.json", EXTENSION / "README.md"
    old = [path.read_text(encoding="utf-8") for path in paths]
    of_manifest = manifest(old[0])
    new = [of_manifest, readme(old[1], of_manifest)]
    stale = [path for path, before, after in zip(paths, old, new, strict=True) if before != after]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run scripts/settings_schema.py")
        return 1 if stale else 0
    for path, text in zip(paths, new, strict=True):
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
