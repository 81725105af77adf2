"""The bytecode bundle of the rules: used when it is valid, and never trusted when it is not."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import importlib, sys
from dflint.linter.bundle import Bundle
package = importlib.import_module("bundled")
bundle = Bundle(package, package.__path__[0])
before = bool(bundle._codes)
with bundle:
    for stem in bundle.stems:
        try:
            importlib.import_module("bundled." + stem)
        except ZeroDivisionError:
            print("failed", stem)
print("from the bundle" if before else "from the files", sys.modules["bundled.one"].VALUE)
module = sys.modules["bundled.one"]
assert module.__file__.endswith("one.py") and module.__spec__.loader.get_source(module.__name__).startswith("from")
assert not any(isinstance(finder, Bundle) for finder in sys.meta_path)
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "bundled"
    made.mkdir()
    (made / "__init__.py").write_text("")
    (made / "_shared.py").write_text("SHARED = 1\n")
    (made / "one.py").write_text("from bundled._shared import SHARED\nVALUE = SHARED\n")
    return made


@pytest.fixture
def imported(folder):
    def call(**changes):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(folder.parent)]), **changes}
        for name in {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"} - set(changes):
            environment.pop(name, None)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, cwd=folder, check=True
        )
        return done.stdout.splitlines()

    return call


def bundle_of(folder):
    return next(folder.rglob("__bundle__*"), None)


def test_made_once_and_used_then(folder, imported):
    assert imported() == ["from the files 1"]
    written = bundle_of(folder).stat()
    assert imported() == ["from the bundle 1"]
    assert bundle_of(folder).stat().st_mtime_ns == written.st_mtime_ns
    assert [file.name for file in bundle_of(folder).parent.glob("__bundle__*")] == [bundle_of(folder).name]


@pytest.mark.parametrize("name", ["one.py", "_shared.py"])
def test_a_changed_source_is_seen(folder, imported, name):
    imported()
    file = folder / name
    file.write_text(file.read_text().replace("VALUE = SHARED", "VALUE = 20").replace("SHARED = 1", "SHARED = 20"))
    assert imported() == ["from the files 20"]
    assert imported() == ["from the bundle 20"]


def test_a_new_and_a_removed_source_are_seen(folder, imported):
    imported()
    (folder / "two.py").write_text("")
    assert imported() == ["from the files 1"]
    assert imported() == ["from the bundle 1"]
    (folder / "two.py").unlink()
    assert imported() == ["from the files 1"]


def test_a_module_that_fails_goes_on_failing(folder, imported):
    (folder / "zero.py").write_text("1 / 0\n")
    assert imported() == ["failed zero", "from the files 1"]
    assert imported() == ["failed zero", "from the bundle 1"]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"(\x02\x00\x00\x00", b"i\x01\x00\x00\x00", b"N"])
def test_a_damaged_bundle_is_made_anew(folder, imported, damage):
    imported()
    bundle_of(folder).write_bytes(damage)
    assert imported() == ["from the files 1"]
    assert imported() == ["from the bundle 1"]


def test_a_truncated_bundle_is_made_anew(folder, imported):
    imported()
    content = bundle_of(folder).read_bytes()
    bundle_of(folder).write_bytes(content[: len(content) // 2])
    assert imported() == ["from the files 1"]


def test_no_bundle_where_python_keeps_no_bytecode(folder, imported):
    assert imported(PYTHONDONTWRITEBYTECODE="1") == ["from the files 1"]
    assert bundle_of(folder) is None


def test_where_python_keeps_its_bytecode(folder, imported, tmp_path):
    imported(PYTHONPYCACHEPREFIX=str(tmp_path / "elsewhere"))
    assert bundle_of(folder) is None
    assert bundle_of(tmp_path / "elsewhere") is not None


def test_a_folder_that_cannot_be_written(folder, imported):
    imported()
    cache = bundle_of(folder).parent
    for file in cache.iterdir():
        file.unlink()
    cache.rmdir()
    cache.write_text("a file in the way")
    assert imported() == ["from the files 1"]
    assert imported() == ["from the files 1"]
