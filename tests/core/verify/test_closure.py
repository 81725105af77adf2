"""What is reached: programs, scripts, imports, class paths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from core.images.making import Node, file, folder, oci_archive, symlink
from core.verify.samples import ACCOUNTS, LIBC, debian, jar, library, program, python_files, tree

from dflint.images import read_archive
from dflint.verify.closure import Closure, Edge, Parsed
from dflint.verify.shell_commands import env_command, inner_command
from dflint.verify.users import Identity, Rights, UnknownUserError, identity_of, rights_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATH = "PATH=/usr/local/bin:/usr/bin:/bin"
BASE = debian(LIBC)
RUNNABLE = file(program(), 0o755)


def closure(
    tmp_path: Path, files: Mapping[str, Node | str | bytes], arguments: Sequence[str], workdir: str = "/", **config: Any
) -> Closure:
    settings = {"Env": [PATH], "Cmd": list(arguments), "WorkingDir": workdir, **config}
    image = read_archive(oci_archive(tmp_path / "a.tar", [{**BASE, **tree(files)}], settings))
    found = Closure(image, identity_of(image), Parsed())
    found.start()
    return found


def test_a_program_with_links_and_libraries(tmp_path: Path) -> None:
    files = {"/opt/app": file(program("libm.so.6"), 0o755), "/usr/local/bin/app": symlink("/opt/app")}
    found = closure(tmp_path, files, ["app", "--config=/etc/app.conf"])
    assert {"/usr/local/bin/app", "/opt/app", "/usr/lib/x86_64-linux-gnu/libm.so.6"} <= found.reached.keys()
    assert found.edges[Edge("program", "", "app")] == "/opt/app"
    assert "libm.so.6, needed by /opt/app" in found.reached["/usr/lib/x86_64-linux-gnu/libm.so.6"]


def test_the_first_on_path_that_the_user_may_execute(tmp_path: Path) -> None:
    files = {"/usr/local/bin/app": file(program(), 0o700), "/usr/bin/app": RUNNABLE, **ACCOUNTS}
    assert closure(tmp_path, files, ["app"], User="app").edges[Edge("program", "", "app")] == "/usr/bin/app"
    assert closure(tmp_path, files, ["app"]).edges[Edge("program", "", "app")] == "/usr/local/bin/app"


@pytest.mark.parametrize(
    ("script", "reached"),
    [
        ("tool --x", "/usr/bin/tool"),
        ("cd /srv/app && ./run", "/srv/app/run"),
        ("if true; then exec tool; fi", "/usr/bin/tool"),
        ("x=$(tool)", "/usr/bin/tool"),
        ("NAME=tool; $NAME", "/usr/bin/tool"),
        ("gosu app tool", "/usr/bin/tool"),
        (". /srv/app/env", "/srv/app/env"),
        ("cat < /srv/app/data", "/srv/app/data"),
        ("for f in /srv/app/conf.d/*.conf; do cat $f; done", "/srv/app/conf.d/a.conf"),
        ("tool --file=/srv/app/data", "/srv/app/data"),
        ("sh -c 'tool'", "/usr/bin/tool"),
        ("trap 'tool' EXIT; cat /srv/app/data", "/srv/app/data"),
    ],
)
def test_shell_commands(tmp_path: Path, script: str, reached: str) -> None:
    files = {
        "/usr/bin/tool": RUNNABLE, "/usr/bin/cat": RUNNABLE, "/usr/bin/dash": RUNNABLE, "/usr/bin/sh": symlink("dash"),
        "/usr/bin/gosu": RUNNABLE, "/srv/app/run": RUNNABLE, "/srv/app/env": "A=1", "/srv/app/data": "x",
        "/srv/app/conf.d/a.conf": "x", "/usr/local/bin/start": file(f"#!/bin/sh\n{script}\n", 0o755),
    }  # fmt: skip
    assert reached in closure(tmp_path, files, ["start"]).reached
    assert reached in closure(tmp_path, files, ["/bin/sh", "-c", script]).reached


def test_an_entry_point_script_starts_cmd(tmp_path: Path) -> None:
    files = {"/usr/bin/tool": RUNNABLE, "/usr/bin/dash": RUNNABLE, "/usr/bin/sh": symlink("dash")}
    files["/entry"] = file('#!/bin/sh\nexec "$@"\n', 0o755)
    found = closure(tmp_path, files, ["tool"], Entrypoint=["/entry"])
    assert {"/entry", "/usr/bin/dash", "/usr/bin/sh", "/usr/bin/tool"} <= found.reached.keys()


def test_a_script_on_the_command_line_starts_its_parameters(tmp_path: Path) -> None:
    files = {"/usr/bin/tool": RUNNABLE, "/usr/bin/dash": RUNNABLE, "/usr/bin/sh": symlink("dash")}
    found = closure(tmp_path, files, ["sh", "-c", 'exec "$@"', "--", "tool"])
    assert Edge("program", "", "tool") in found.edges and "tool" in found.programs


def test_a_health_check_counts(tmp_path: Path) -> None:
    files = {
        "/usr/bin/tool": RUNNABLE,
        "/usr/bin/check": RUNNABLE,
        "/usr/bin/dash": RUNNABLE,
        "/usr/bin/sh": symlink("dash"),
    }
    found = closure(tmp_path, files, ["tool"], Healthcheck={"Test": ["CMD-SHELL", "check || exit 1"]})
    assert "/usr/bin/check" in found.reached


def test_computed_names_are_said(tmp_path: Path) -> None:
    files = {
        "/usr/bin/dash": RUNNABLE,
        "/usr/bin/sh": symlink("dash"),
        "/s": file("#!/bin/sh\n$(x)/y\neval $Z\n", 0o755),
    }
    notes = list(closure(tmp_path, files, ["/s"]).notes)
    assert any("a computed name" in note for note in notes) and any("eval" in note for note in notes)


@pytest.mark.parametrize(
    ("arguments", "inner"),
    [
        (["tini", "--", "app", "-x"], ["app", "-x"]),
        (["tini", "-g", "app"], ["app"]),
        (["dumb-init", "app"], ["app"]),
        (["gosu", "user", "app", "a b"], ["app", "a b"]),
        (["catatonit", "--", "app"], ["app"]),
        (["setpriv", "--reuid=1", "app"], ["app"]),
        (["app", "--", "x"], []),
    ],
)
def test_wrappers(arguments: list[str], inner: list[str]) -> None:
    assert inner_command(arguments) == inner


def test_env() -> None:
    assert env_command(["env", "A=1", "-u", "B", "python3", "-u"]) == ["python3", "-u"]
    assert env_command(["env", "-S", "python3 -u", "x"]) == ["python3", "-u", "x"]
    assert env_command(["env", "-S node --x", "f"]) == ["node", "--x", "f"]
    assert env_command(["env"]) == []


# Python


def python(tmp_path: Path, files: Mapping[str, Node | str | bytes], *arguments: str, **config: Any) -> Closure:
    return closure(tmp_path, {**python_files(), **files}, ["python3", *arguments], "/app", **config)


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import a.b", "/app/a/b.py"),
        ("from a import b", "/app/a/b.py"),
        ("from a.b import name", "/app/a/__init__.py"),
        ("import importlib\nimportlib.import_module('a.b')", "/app/a/b.py"),
        ("__import__('single')", "/app/single.py"),
        ("try:\n    import single\nexcept ImportError:\n    pass", "/app/single.py"),
        ("def f():\n    import single", "/app/single.py"),
        ("INSTALLED = ['a.b']", "/app/a/b.py"),
        ("import space.inner", "/app/space/inner.py"),
        ("import native", "/app/native.cpython-311-x86_64-linux-gnu.so"),
        ("import stable", "/app/stable.abi3.so"),
        ("import subprocess\nsubprocess.run(['tool', '-x'])", "/usr/bin/tool"),
        ("import os\nos.system('tool -x')", "/usr/bin/tool"),
        ("import ctypes\nctypes.CDLL('libm.so.6')", "/usr/lib/x86_64-linux-gnu/libm.so.6"),
        ("from ctypes.util import find_library\nfind_library('m')", "/usr/lib/x86_64-linux-gnu/libm.so.6"),
        ("print 'python 2'\nimport single", "/app/single.py"),
    ],
)
def test_python_imports(tmp_path: Path, source: str, reached: str) -> None:
    files = {
        "/app/main.py": source, "/app/a/__init__.py": "", "/app/a/b.py": "", "/app/single.py": "",
        "/app/space/inner.py": "",
        "/app/native.cpython-311-x86_64-linux-gnu.so": library(""), "/app/stable.abi3.so": library(""),
        "/usr/bin/tool": RUNNABLE,
    }  # fmt: skip
    assert reached in python(tmp_path, files, "main.py").reached


def test_relative_imports_and_running_a_module(tmp_path: Path) -> None:
    files = {
        "/app/pkg/__init__.py": "", "/app/pkg/__main__.py": "from . import a\nfrom .sub import b", "/app/pkg/a.py": "",
        "/app/pkg/sub/__init__.py": "from ..other import c", "/app/pkg/sub/b.py": "", "/app/pkg/other.py": "",
    }  # fmt: skip
    assert {path for path in files if path.endswith(".py")} <= python(tmp_path, files, "-m", "pkg").reached.keys()


def test_modules_named_on_the_command_line_and_in_variables(tmp_path: Path) -> None:
    files = {"/app/web/__init__.py": "", "/app/web/main.py": "", "/app/conf.py": "", "/app/start.py": ""}
    found = python(tmp_path, files, "start.py", "web.main:app", Env=[PATH, "DJANGO_SETTINGS_MODULE=conf"])
    assert {"/app/web/main.py", "/app/conf.py"} <= found.reached.keys()


def test_a_virtual_environment(tmp_path: Path) -> None:
    site = "/venv/lib/python3.11/site-packages"
    files = {
        "/venv/bin/python": symlink("/usr/local/bin/python3.11"), "/venv/pyvenv.cfg": "home = /usr/local/bin\n",
        f"{site}/lib1.py": "", "/usr/local/lib/python3.11/site-packages/lib2.py": "",
        "/app/m.py": "import lib1, lib2, json",
    }  # fmt: skip
    found = closure(tmp_path, {**python_files(), **files}, ["/venv/bin/python", "m.py"], "/app")
    assert f"{site}/lib1.py" in found.reached and "/venv/pyvenv.cfg" in found.reached
    assert "/usr/local/lib/python3.11/json/__init__.py" in found.reached
    assert found.edges[Edge("module", "", "lib2")] is None


def test_the_standard_librarys_rare_imports_do_not_count(tmp_path: Path) -> None:
    lib = "/usr/local/lib/python3.11"
    source = "def f():\n    import rare\nif __name__ == '__main__':\n    import rarer\n"
    source += "try:\n    import used\nexcept ImportError:\n    pass\n"
    files = {
        f"{lib}/json/__init__.py": source,
        f"{lib}/rare.py": "", f"{lib}/rarer.py": "", f"{lib}/used.py": "", "/app/m.py": "import json",
    }  # fmt: skip
    reached = python(tmp_path, files, "m.py").reached
    assert f"{lib}/used.py" in reached and f"{lib}/rare.py" not in reached and f"{lib}/rarer.py" not in reached


# Node


def node(tmp_path: Path, files: Mapping[str, Node | str | bytes], *arguments: str, **config: Any) -> Closure:
    return closure(tmp_path, {"/usr/local/bin/node": RUNNABLE, **files}, ["node", *arguments], "/app", **config)


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("require('./a')", "/app/a.js"),
        ("require('./folder')", "/app/folder/index.js"),
        ("import x from './m.mjs'", "/app/m.mjs"),
        ("export * from './m.mjs'", "/app/m.mjs"),
        ("import './m.mjs'", "/app/m.mjs"),
        ("await import('./m.mjs')", "/app/m.mjs"),
        ("require('./data.json')", "/app/data.json"),
        ("require('plain')", "/app/node_modules/plain/main.js"),
        ("require('plain/deep')", "/app/node_modules/plain/deep.js"),
        ("require('@s/p')", "/app/node_modules/@s/p/index.js"),
        ("require('exporting')", "/app/node_modules/exporting/cjs.js"),
        ("require('exporting/sub/x')", "/app/node_modules/exporting/lib/x.js"),
        ("require('upper')", "/node_modules/upper/index.js"),
        ("require('linked')", "/store/linked/index.js"),
        ("require('#own')", "/app/a.js"),
        ("require('child_process').spawn('tool')", "/usr/bin/tool"),
    ],
)
def test_node_resolution(tmp_path: Path, source: str, reached: str) -> None:
    modules = "/app/node_modules"
    exporting = {"exports": {".": {"types": "./t.ts", "require": "./cjs.js"}, "./sub/*": "./lib/*.js"}}
    files = {
        "/app/main.js": source, "/app/a.js": "", "/app/m.mjs": "", "/app/data.json": "{}", "/app/folder/index.js": "",
        "/app/package.json": json.dumps({"imports": {"#own": "./a.js"}}), f"{modules}/plain/main.js": "",
        f"{modules}/plain/package.json": json.dumps({"main": "main"}), f"{modules}/plain/deep.js": "",
        f"{modules}/@s/p/index.js": "", f"{modules}/exporting/package.json": json.dumps(exporting),
        f"{modules}/exporting/cjs.js": "", f"{modules}/exporting/lib/x.js": "", "/node_modules/upper/index.js": "",
        "/store/linked/index.js": "", f"{modules}/linked": symlink("/store/linked"), "/usr/bin/tool": RUNNABLE,
    }  # fmt: skip
    found = node(tmp_path, files, "main.js")
    assert reached in found.reached and "/app/package.json" in found.reached


def test_modules_loaded_before_the_program(tmp_path: Path) -> None:
    files = {"/app/main.js": "", "/app/hook.js": "", "/app/env.js": ""}
    found = node(tmp_path, files, "-r", "./hook.js", "main", Env=[PATH, "NODE_OPTIONS=--require ./env.js"])
    assert {"/app/hook.js", "/app/env.js", "/app/main.js"} <= found.reached.keys()


# Java


def test_java_class_paths(tmp_path: Path) -> None:
    files = {
        "/opt/jdk/bin/java": RUNNABLE, "/opt/jdk/lib/modules": "x", "/opt/jdk/lib/src.zip": "x",
        "/opt/jdk/jmods/a": "x",
        "/app/a.jar": jar({"META-INF/MANIFEST.MF": b"Class-Path: lib/b.jar\n"}), "/app/lib/b.jar": jar({}),
        "/app/more/c.jar": jar({}), "/app/classes/X.class": "x", "/usr/local/bin/java": symlink("/opt/jdk/bin/java"),
    }  # fmt: skip
    found = closure(tmp_path, files, ["java", "-Xmx1g", "-jar", "a.jar", "x"], "/app")
    assert {"/app/a.jar", "/app/lib/b.jar", "/opt/jdk/lib/modules"} <= found.reached.keys()
    assert not {"/opt/jdk/lib/src.zip", "/opt/jdk/jmods/a", "/app/more/c.jar"} & found.reached.keys()
    found = closure(tmp_path, files, ["java", "-cp", "more/*:classes", "Main"], "/app")
    assert {"/app/more/c.jar", "/app/classes/X.class"} <= found.reached.keys()


# Users


def test_users(tmp_path: Path) -> None:
    def identity(user: str) -> Identity:
        path = oci_archive(tmp_path / "u.tar", [ACCOUNTS], {"User": user})
        with read_archive(path) as image:
            return identity_of(image)

    assert identity("") == identity("root") == identity("0") == Identity(0, 0, frozenset((0,)), "/root", "root")
    assert identity("app") == identity("1000") == Identity(1000, 1000, frozenset((1000, 2000)), "/home/app", "app")
    assert identity("app:data").groups == {2000} and identity("55:66") == Identity(55, 66, frozenset((66,)), "/", "")
    for wrong in ("nobody2", "app:none"):
        with pytest.raises(UnknownUserError):
            identity(wrong)


def test_rights() -> None:
    from dflint.images import Entry

    def rights(mode: int, uid: int, kind: str = "file") -> Rights:
        entry = Entry("/x", kind, mode, 1, 2, 0, 0, b"", "", (), None, 0, 0, b"", 0, None)  # type: ignore[arg-type]
        return rights_of(entry, Identity(uid, 9, frozenset((9, 2)) if uid == 3 else frozenset((9,)), "/", ""))

    assert rights(0o640, 1) == (True, True, False) and rights(0o640, 3) == (True, False, False)
    assert rights(0o640, 4) == (False, False, False) and rights(0o044, 1) == (False, False, False)
    assert rights(0o000, 0) == (True, True, False) and rights(0o001, 0).execute and rights(0, 0, "dir").execute


def test_endless_scripts_and_links_end(tmp_path: Path) -> None:
    files = {
        "/usr/bin/dash": RUNNABLE, "/usr/bin/sh": symlink("dash"), "/a": file("#!/bin/sh\n/b\n. /a\n", 0o755),
        "/b": file("#!/a\n/a\n", 0o755), "/loop": symlink("/loop"), "/self": file("#!/self\n", 0o755), "/dir": folder(),
    }  # fmt: skip
    for command in ("/a", "/b", "/loop", "/self", "/dir"):
        assert closure(tmp_path, files, [command]).edges
