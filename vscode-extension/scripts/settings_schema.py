"""Write the settings ``dflint.lint.*`` of ``package.json`` and the table of all settings in ``README.md``.

    python scripts/settings_schema.py [--check]

The settings are those of the server's own configuration (``dflint.config.settings``), under the same names in camel case;
so the editor offers what the server understands. ``--check`` writes nothing and ends with 1 if something is out of date.
"""

# ruff: noqa: T201
from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

EXTENSION = Path(__file__).resolve().parent.parent
ROOT = EXTENSION.parent
sys.path[:0] = [str(ROOT / portion) for portion in ("core", "rules", "optimizer", "server")]

from dflint.config.settings import LEVEL_DESCRIPTION, RULE_LEVELS, SETTINGS, Setting  # noqa: E402
from dflint.linter.registry import CATEGORIES, registry  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE = "Lint"
NOT_IN_EDITORS = {
    "exclude": "an editor lints what is open",
    "fail-level": "an editor has no exit code",
    "format": "an editor has its own output",
    "baseline": "an editor shows what is there",
    "cache": "the server keeps results in memory",
}
"""Settings of the command line alone, with the reason. A new setting is offered unless it is named here."""
START, END = "<!-- generated: settings -->", "<!-- end: settings -->"
RULES_DESCRIPTION = "Levels and options of rules, as in the tables `[rules.NAME]` of a `dflint.toml`."


def group() -> dict[str, Any]:
    """The group of settings that the server's configuration makes."""
    offered = [setting for setting in SETTINGS if setting.key not in NOT_IN_EDITORS]
    properties = {f"dflint.lint.{_camel_case(setting.key)}": _property(setting) for setting in offered}
    properties["dflint.lint.rules"] = _rules()
    return {"title": TITLE, "properties": properties}


def _property(setting: Setting) -> dict[str, Any]:
    """A setting as JSON schema; null, the default, says nothing, so that a file's value or the built-in one holds."""
    kinds: dict[str, dict[str, Any]] = {
        "selectors": {"type": ["array", "null"], "items": _selector(), "uniqueItems": True},
        "globs": {"type": ["array", "null"], "items": {"type": "string"}},
        "boolean": {"type": ["boolean", "null"]},
        "choice": {"type": ["string", "null"], "enum": [None, *setting.choices]},
        "folder": {"type": ["string", "null"]},
        "file": {"type": ["string", "null"]},
        "plugins": {"type": ["boolean", "array", "null"], "items": {"type": "string"}},
        "selectors-by-glob": {
            "type": ["object", "null"],
            "additionalProperties": {"type": "array", "items": _selector()},
        },
    }
    text = setting.description.replace(", relative to this file", "")
    return {**kinds[setting.kind], "default": None, "scope": "resource", "markdownDescription": text}


def _selector() -> dict[str, Any]:
    """A selector: what is known is offered, but plug-ins may know more."""
    rules = registry()
    names = ["all", "hadolint", "buildkit", *CATEGORIES, *sorted(rules.classes)]
    return {"anyOf": [{"enum": names}, {"type": "string"}]}


def _rules() -> dict[str, Any]:
    tables = {name: _table(rule_class.options) for name, rule_class in sorted(registry().classes.items())}
    return {
        "type": ["object", "null"],
        "default": None,
        "scope": "resource",
        "markdownDescription": RULES_DESCRIPTION,
        "properties": tables,
        "additionalProperties": {"type": "object"},
    }


def _table(options: Any) -> dict[str, Any]:
    level = {"enum": list(RULE_LEVELS), "description": LEVEL_DESCRIPTION}
    properties = {"level": level, **{key: _option(option) for key, option in options.items()}}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _option(option: Any) -> dict[str, Any]:
    default = option.default
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "description": option.description}
    return {"type": {bool: "boolean", int: "integer", str: "string"}[type(default)], "description": option.description}


def _camel_case(key: str) -> str:
    return re.sub(r"-(\w)", lambda match: match[1].upper(), key)


def manifest(text: str) -> str:
    """The manifest with the generated group in the place of the last one."""
    found = json.loads(text)
    groups = [one for one in found["contributes"]["configuration"] if one["title"] != TITLE]
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
