"""The generated pages are current, links lead somewhere, and no text says what it should not."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from project.repository import ROOT, files, run

from dflint.linter.registry import registry
from dflint.version import VERSION

PAGES = sorted(path for path in files() if path.suffix == ".md")

REGISTRY_HOST = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)\.(?:org|com)|(?:deb|security)\.debian\.org"
    r"|archive\.ubuntu\.com|pkg\.dev"
)
"""Where packages come from differs from place to place; examples and lock files must not say it."""


def private_places() -> list[str]:
    """Folders of the machine that runs the tests: the checkout, what lies beside it, where its Python is."""
    beside = [str(path) for path in ROOT.parent.iterdir() if path.is_dir()] if ROOT.parent.parent != ROOT.parent else []
    python = [prefix for prefix in (sys.prefix, sys.base_prefix) if not prefix.startswith(("/usr", "/opt"))]
    return [place for place in (*beside, *python) if Path(place).parent != Path(ROOT.anchor)]


def test_generated_pages_are_current() -> None:
    process = run([sys.executable, "docs/generate.py", "--check"], ROOT)
    assert process.returncode == 0, process.stdout + process.stderr


def test_generating_twice_gives_the_same() -> None:
    """Also with another hash seed: nothing may depend on the order of a set."""
    code = (
        "import hashlib, runpy; pages = runpy.run_path('docs/generate.py')['pages']()\n"
        "print(hashlib.sha256(repr(sorted((str(p), t) for p, t in pages.items())).encode()).hexdigest())\n"
    )
    outputs = {
        run([sys.executable, "-c", code], ROOT, {"PYTHONHASHSEED": seed, "PATH": ""}).stdout for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert "" not in outputs


def test_every_rule_has_a_page() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} - {"index"}
    assert pages == set(registry().classes)


@pytest.mark.parametrize("name", registry().classes)
def test_no_rule_is_a_template(name: str) -> None:
    source = (ROOT / "rules" / "dflint" / "rules" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    assert "TODO" not in source


def test_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heads = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    assert heads[0] in ("Unreleased", VERSION)
    assert VERSION in heads


def test_readme_names_the_version() -> None:
    assert f"rev: v{VERSION}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_license() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License")
    assert "Copyright (c) 2026 The dflint authors" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / unquote(file)).resolve() if file else page
        assert linked.exists(), f"{page.name}: {target}"
        if anchor and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page.name}: {target}"


def as_pattern(place: str) -> str:
    return rf"(?<![\w.]){re.escape(place)}\b"


def test_no_private_places() -> None:
    pattern = re.compile("|".join([REGISTRY_HOST.pattern, *map(as_pattern, private_places())]))
    found = {
        path.relative_to(ROOT).as_posix(): hits
        for path in files()
        if path != Path(__file__) and (hits := pattern.findall(path.read_bytes().decode("utf-8", "replace")))
    }
    assert found == {}
