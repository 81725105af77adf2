"""Build the extension: one ``.vsix`` for all platforms, with the server and its pure-Python dependencies in it.

    python scripts/build.py [--libs-only] [--output FILE]

Needs Python 3.10 with pip, Node 20 with npm, and the registries of both. Writes ``bundled/`` (the server), ``out/``
(the client) and ``dflint-VERSION.vsix``; all of them are made anew.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parent
ROOT = EXTENSION.parent
BUNDLED = EXTENSION / "bundled"
LIBS = BUNDLED / "libs"
PORTIONS = ("core", "rules", "optimizer", "server")
PURE = ("--platform", "any", "--implementation", "py", "--abi", "none")
"""Wheels without compiled code."""
LINUX = ("--platform", "manylinux_2_17_x86_64", "--implementation", "cp")
"""Of PyYAML there is no pure wheel, but its compiled part is optional: it is left out."""
COMPILED = (".so", ".pyd", ".dylib", ".dll", ".pyx", ".pxd", ".c")
MAX_BYTES = 8_000_000
UNUSED = ("lark/__pyinstaller", "lark/tools", "parso/python", "attr/*.pyi", "attrs/*.pyi")
"""What the server never imports. parso's own Python grammar is the largest of it."""


class BuildError(Exception):
    """Why there is no extension."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the VS Code extension.")
    parser.add_argument("--libs-only", action="store_true", help="make bundled/ and nothing else")
    parser.add_argument("--output", type=Path, help="the .vsix (default: dflint-VERSION.vsix)")
    given = parser.parse_args()
    try:
        bundle_server()
        if not given.libs_only:
            package(given.output)
    except BuildError as error:
        print(f"no extension: {error}", file=sys.stderr)
        return 1
    return 0


def bundle_server() -> None:
    """Put the dflint of this checkout and what it needs into ``bundled/``."""
    shutil.rmtree(BUNDLED, ignore_errors=True)
    LIBS.mkdir(parents=True)
    _install("requirements.txt", PURE)
    _install("requirements-compiled.txt", LINUX)
    for pattern in UNUSED:
        for path in LIBS.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _write_licenses()
    for path in [*LIBS.glob("*.dist-info"), LIBS / "bin", LIBS / "_yaml"]:
        shutil.rmtree(path, ignore_errors=True)
    for path in [path for path in LIBS.rglob("*") if path.suffix in COMPILED]:
        path.unlink()
    for portion in PORTIONS:
        ignored = shutil.ignore_patterns("__pycache__", "py.typed", "*.pyc")
        shutil.copytree(ROOT / portion / "dflint", LIBS / "dflint", ignore=ignored, dirs_exist_ok=True)
    shutil.copy(HERE / "start.py", BUNDLED)
    shutil.copy(ROOT / "LICENSE", EXTENSION / "LICENSE")
    _try_out()


def _install(requirements: str, tags: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--python-version", "3.10", "--no-compile"]
    _run([*command, *tags, "--target", str(LIBS), "--upgrade", "-r", str(HERE / requirements)])


def _write_licenses() -> None:
    """One file with the licenses of everything that is carried along."""
    pages = []
    for folder in sorted(LIBS.glob("*.dist-info")):
        name, version = folder.name.removesuffix(".dist-info").split("-")[:2]
        texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if _is_license(path)]
        if not texts:
            raise BuildError(f"{name} {version} has no license file")
        pages.append(f"{name} {version}\n{'=' * 40}\n\n" + "\n\n".join(text.strip() for text in texts))
    (BUNDLED / "LICENSES.txt").write_text("\n\n\n".join(pages) + "\n", encoding="utf-8")


def _is_license(path: Path) -> bool:
    return path.is_file() and re.match(r"(?i)licen[cs]e|copying|notice", path.name) is not None


def _try_out() -> None:
    """The bundled dflint says its version with nothing else to import from, and loads all of the server."""
    start = [sys.executable, "-I", "-S", "-B", str(BUNDLED / "start.py")]
    print(_run([*start, "--version"]).strip())
    loads = "import sys; sys.path.append(sys.argv[1]); import dflint.server.process as p; p.make(); import yaml, lark"
    _run([sys.executable, "-I", "-S", "-B", "-c", loads, str(LIBS)])


def package(output: Path | None) -> Path:
    """Check and bundle the client, and pack everything. Gives the ``.vsix``."""
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError("npm is not on PATH (Node 20 or later is needed)")
    _run([npm, "ci", "--no-audit", "--no-fund"])
    settings = [sys.executable, str(HERE / "settings_schema.py"), "--check"]
    _run(settings, env={**os.environ, "PYTHONPATH": str(LIBS), "PYTHONDONTWRITEBYTECODE": "1"})
    _run([npm, "run", "check"])
    _run([npm, "run", "build"])
    made = (output or EXTENSION / f"dflint-{_version()}.vsix").resolve()
    vsce = [str(EXTENSION / "node_modules/.bin/vsce"), "package", "--no-dependencies", "--skip-license"]
    _run([*vsce, "--out", str(made)])
    _inspect(made)
    return made


def _version() -> str:
    return str(json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["version"])


def _inspect(made: Path) -> None:
    """Raise if something is packed that must not be, or if it is too big."""
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
    wrong = [name for name in names if name.endswith((*COMPILED, ".pyc", ".ts", ".map")) or "/node_modules/" in name]
    if wrong:
        raise BuildError(f"packed but should not be: {', '.join(wrong[:5])}")
    size = made.stat().st_size
    if size > MAX_BYTES:
        raise BuildError(f"{made.name} has {size / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f}")
    print(f"{made}: {size / 1e6:.2f} MB, {len(names)} files")


def _run(command: list[str], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=EXTENSION, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
