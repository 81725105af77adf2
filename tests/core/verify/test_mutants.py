"""Seeded faults, each of which must lower the verdict, and harmless changes, none of which may.

Every fault names the path or field that the verdict has to blame: a lower level for another reason does not count.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from core.images.making import TIME, file, folder, link, symlink
from core.verify.samples import (
    CURL,
    LIB,
    PYTHON,
    SAMPLES,
    SITE,
    SLIM,
    TZDATA,
    Package,
    bytecode,
    debian,
    elf,
    jar,
    library,
    loader_cache,
    program,
)

from dflint.images import read_archives
from dflint.verify import Level, SmokeCheck, SmokeComparison, Verdict, compare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.verify.samples import Draft, Sample

    Change = Callable[[Draft], object]

RUN = SmokeComparison((SmokeCheck("exit code", True, "0", "0"),))
LIBOWN = "/app/lib/libown.so.1"
SERVER = "/app/bin/server"


def verdict(tmp_path: Path, sample: Sample, control: Draft | None = None) -> Verdict:
    drafts = {"original": sample.original, "rewrite": sample.rewrite, "control": control or sample.original}
    images = read_archives([draft.write(tmp_path / f"{name}.tar") for name, draft in drafts.items()])
    try:
        return compare(*images, run=RUN)
    finally:
        for image in images:
            image.close()


def config(**values: object) -> Change:
    return lambda draft: draft.config.update(values)


def environment(*changes: str, without: str = "") -> Change:
    def change(draft: Draft) -> None:
        names = {entry.partition("=")[0] for entry in changes} | {without}
        kept = [entry for entry in draft.config["Env"] if entry.partition("=")[0] not in names]
        draft.config["Env"] = kept + list(changes)

    return change


def drop(*paths: str) -> Change:
    return lambda draft: draft.drop(*paths)


def attributes(path: str, **changes: object) -> Change:
    return lambda draft: draft.change(path, **changes)


def put(path: str, node: object) -> Change:
    return lambda draft: draft.set(path, node)  # type: ignore[arg-type]


def both(*changes: Change) -> Change:
    return lambda draft: [change(draft) for change in changes]


def unlinked(draft: Draft) -> None:
    draft.files["/app/copy-of-config"] = file("port: 80\n")


def to_musl(draft: Draft) -> None:
    draft.drop(f"{LIB}/ld-linux-x86-64.so.2", "/usr/lib64/ld-linux-x86-64.so.2", f"{LIB}/libc.so.6")
    draft.base["/usr/lib/ld-musl-x86_64.so.1"] = file(elf((), "", "libc.musl-x86_64.so.1"), 0o755)


def old_libc(draft: Draft) -> None:
    draft.base[f"{LIB}/libc.so.6"] = file(elf((), "", "libc.so.6", defines=("GLIBC_2.31",)), 0o755)


def hidden(*paths: str) -> Change:
    return lambda draft: draft.removed.extend(paths)


def opaque(folder_: str) -> Change:
    return lambda draft: draft.last.update({f"{folder_}/.wh..wh..opq": file("")})


MODULES = "/app/node_modules"
JAVA = "/opt/java/openjdk"
FAULTS: dict[str, tuple[str, Change, str]] = {
    # configuration
    "ENV dropped": ("native", environment(without="APP_ENV"), "config.Env.APP_ENV"),
    "ENV changed": ("node", environment("NODE_ENV=development"), "config.Env.NODE_ENV"),
    "ENV added": ("node", environment("DEBUG=1"), "config.Env.DEBUG"),
    "PATH shortened": ("python", environment("PATH=/usr/bin:/bin"), "config.Env.PATH"),
    "PATH reordered": ("python", environment("PATH=/usr/bin:/usr/local/bin:/bin"), "config.Env.PATH"),
    "PATH with a folder that is not there": (
        "python", environment("PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin"), "config.Env.PATH"),
    "USER dropped": ("native", config(User=""), "config.User"),
    "USER unknown": ("java", config(User="nobody2"), "config.User"),
    "USER has another number": (
        "native",
        put("/etc/passwd", file("root:x:0:0:root:/root:/bin/sh\napp:x:999:1000::/home/app:/bin/sh\n")), "config.User"),
    "USER lost a group": ("native", put("/etc/group", file("root:x:0:\napp:x:1000:\n")), "config.User"),
    "USER not created": (
        "native", put("/etc/passwd", file("root:x:0:0:root:/root:/bin/sh\n")), "config.User"),
    "another user not created": (
        "native", lambda draft: draft.edit("/etc/passwd", lambda old: old.partition(b"worker")[0]), "worker"),
    "CMD changed": ("node", config(Cmd=["node", "src/index.js"]), "config.Cmd"),
    "CMD became shell form": ("node", config(Cmd=["/bin/sh", "-c", "node dist/index.js"]), "config.Cmd"),
    "CMD lost": ("java", config(Cmd=None), "config.Cmd"),
    "ENTRYPOINT lost": ("node", config(Entrypoint=None), "config.Entrypoint"),
    "WORKDIR wrong": ("python", config(WorkingDir="/"), "config.WorkingDir"),
    "EXPOSE lost": ("native", config(ExposedPorts={}), "config.ExposedPorts"),
    "VOLUME lost": ("native", config(Volumes={}), "config.Volumes"),
    "LABEL lost": ("native", config(Labels={}), "config.Labels.team"),
    "STOPSIGNAL lost": ("native", config(StopSignal=""), "config.StopSignal"),
    "HEALTHCHECK lost": ("native", config(Healthcheck=None), "config.Healthcheck"),
    "HEALTHCHECK interval": (
        "native", config(Healthcheck={"Test": ["CMD", "/app/bin/server", "--ping"], "Interval": 6}),
        "config.Healthcheck"),
    "SHELL set": ("native", config(Shell=["/bin/bash", "-c"]), "config.Shell"),
    "ONBUILD set": ("native", config(OnBuild=["RUN x"]), "config.OnBuild"),
    "architecture": ("native", lambda draft: draft.extra.update(architecture="arm64"), "config.Architecture"),
    # native code
    "runtime library dropped": ("native", drop(f"{LIB}/libpq.so.5"), "libpq.so.5"),
    "library of a library dropped": ("native", drop(f"{LIB}/libcrypto.so.3"), "libcrypto.so.3"),
    "own library dropped": ("native", drop(LIBOWN), "libown.so.1"),
    "library changed": ("native", put(LIBOWN, file(library("libown.so.1", "libz.so.1", content=b"2"))), "libown"),
    "library link dangles": ("native", attributes(f"{LIB}/libz.so.1", target="libz.so.1.3"), "libz.so.1"),
    "library of another machine": (
        "native", put(LIBOWN, file(elf(("libc.so.6",), "", "libown.so.1", machine=183))), "libown.so.1"),
    "plug-in that is opened by name dropped": ("native", drop("/usr/local/lib/libplug.so"), "libplug.so"),
    "library of a plug-in dropped": ("native", drop(f"{LIB}/libxml2.so.2"), "libxml2.so.2"),
    "module of a needed package dropped": ("native", drop(f"{LIB}/ossl-modules/legacy.so"), "legacy.so"),
    "loader missing": ("native", drop("/usr/lib64/ld-linux-x86-64.so.2"), "ld-linux-x86-64.so.2"),
    "musl instead of glibc": ("native", to_musl, "ld-linux-x86-64.so.2"),
    "older glibc": ("native", old_libc, "libc.so.6"),
    "program changed": ("native", lambda draft: draft.edit(SERVER, lambda data: data + b"x"), SERVER),
    "program missing": ("go", drop("/go/bin/service"), "/go/bin/service"),
    "program cut off": ("go", lambda draft: draft.edit("/go/bin/service", lambda data: data[:-1]), "/go/bin/service"),
    "shadowed by another library": (
        "native",
        both(put("/app/lib/libpq.so.5", file(library("libpq.so.5", content=b"other")))), "libpq.so.5"),
    "library preloaded": (
        "native",
        both(put("/etc/ld.so.preload", file("/app/lib/hook.so\n"))), "/etc/ld.so.preload"),
    # files, permissions, links
    "configuration file missing": ("native", drop("/app/config.yaml"), "/app/config.yaml"),
    "data file read by a relative path missing": ("python", drop("/app/data/items.csv"), "/app/data/items.csv"),
    "template missing": ("native", drop("/app/templates/index.html"), "index.html"),
    "package data missing": ("python", drop(f"{SITE}/flask/templates/error.html"), "error.html"),
    "migrations missing": ("go", drop("/srv/service/migrations"), "001.sql"),
    "file emptied": ("go", put("/srv/service/static/app.js", file("")), "app.js"),
    "build output lost to a cache mount": ("node", drop("/app/dist"), "/app/dist"),
    "empty folder missing": ("native", drop("/app/data"), "/app/data"),
    "home folder missing": ("native", drop("/home/app"), "/home/app"),
    "symlink lost": ("native", drop("/app/current"), "/app/current"),
    "symlink retargeted": ("native", attributes("/app/current", target="data"), "/app/current"),
    "symlink became a file": ("native", put(f"{LIB}/libz.so.1", file(library("libz.so.1"))), "libz.so.1"),
    "hard link became a copy": ("native", unlinked, "/app/config.yaml"),
    "setuid lost": ("native", attributes("/app/helper", mode=0o755), "/app/helper"),
    "setuid of a tool lost": ("native", attributes("/usr/bin/sudo", mode=0o755), "/usr/bin/sudo"),
    "setuid added": ("native", attributes(SERVER, mode=0o4755), SERVER),
    "capability lost": ("native", attributes("/usr/bin/ping", xattrs={}), "/usr/bin/ping"),
    "not executable": ("native", attributes(SERVER, mode=0o644), SERVER),
    "not readable for the user": ("native", attributes("/app/config.yaml", mode=0o600), "/app/config.yaml"),
    "folder not passable": ("native", attributes("/app/templates", mode=0o700), "/app/templates"),
    "folder not writable": ("native", attributes("/app/data", mode=0o550), "/app/data"),
    "owner lost": ("native", attributes("/app/data", uid=0, gid=0), "/app/data"),
    "group of a secret lost": ("native", attributes("/app/secret.key", gid=0), "/app/secret.key"),
    "secret readable for all": ("native", attributes("/app/secret.key", mode=0o644), "/app/secret.key"),
    "owner changed under root": ("python", attributes("/app/data/items.csv", uid=7), "items.csv"),
    "chmod under root": ("python", attributes("/app/data/items.csv", mode=0o600), "items.csv"),
    "/tmp not for all": ("native", attributes("/tmp", mode=0o755), "/tmp"),
    "/tmp not for all, run by root": ("python", attributes("/tmp", mode=0o755), "/tmp"),
    "/tmp missing": ("java", drop("/tmp"), "/tmp"),
    "working directory is a file": (
        "go", both(drop("/srv/service"), put("/srv/service", file("x"))), "/srv/service"),
    "device instead of a file": ("native", put("/app/config.yaml", file("").but(kind="char", device=(1, 3))),
    "config.yaml"),
    "whiteout in a later layer": ("native", hidden("/app/config.yaml"), "/app/config.yaml"),
    "opaque folder in a later layer": ("python", opaque("/app/shop"), "/app/shop"),
    "modification time": ("native", attributes("/app/config.yaml", mtime=TIME + 5), "/app/config.yaml"),
    "extended attribute": ("native", attributes("/app/config.yaml", xattrs={"user.x": b"y"}), "/app/config.yaml"),
    # around it
    "translations missing": ("native", drop("/usr/share/locale"), "libc.mo"),
    "locale missing": ("native", drop("/usr/lib/locale"), "/usr/lib/locale"),
    "time zone missing": ("native", drop("/usr/share/zoneinfo/Europe/Berlin"), "Berlin"),
    "local time missing": ("native", drop("/etc/localtime"), "/etc/localtime"),
    "time zones of Go missing": ("go", drop("/usr/share/zoneinfo"), "/usr/share/zoneinfo"),
    "certificates missing": ("go", drop("/etc/ssl"), "ca-certificates.crt"),
    "certificates of Python missing": ("python", drop("/etc/ssl"), "ca-certificates.crt"),
    "certificate behind a link missing": ("native", drop("/usr/share/ca-certificates"), "A.crt"),
    "name service switch missing": ("native", drop("/etc/nsswitch.conf"), "/etc/nsswitch.conf"),
    "another configuration of the system": ("native", put("/etc/profile.d/x.sh", file("umask 0")),
    "/etc/profile.d/x.sh"),
    # Python
    "Python module missing": ("python", drop(f"{SITE}/werkzeug/serving.py"), "werkzeug"),
    "application module missing": ("python", drop("/app/shop/views.py"), "/app/shop/views.py"),
    "module named in a string missing": ("python", drop(f"{SITE}/redis_client.py"), "redis_client"),
    "module on a .pth path missing": ("python", drop("/opt/vendored"), "vendored"),
    ".pth file missing": ("python", drop(f"{SITE}/vendored.pth"), "vendored"),
    "standard library module missing": ("python", drop(f"{PYTHON}/json/__init__.py"), "json"),
    "extension missing": ("python", drop(f"{PYTHON}/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so"), "_ssl"),
    "library of an extension missing": ("python", drop(f"{LIB}/libpq.so.5"), "libpq.so.5"),
    "Python's own library missing": ("python", drop("/usr/local/lib/libpython3.11.so.1.0"), "libpython3.11"),
    "entry script missing": ("python", drop("/usr/local/bin/gunicorn"), "gunicorn"),
    "interpreter of the entry script missing": ("python", drop("/usr/local/bin/python3.11"), "python3.11"),
    "interpreter's name changed": (
        "python",
        lambda draft: draft.edit("/usr/local/bin/gunicorn", lambda data: data.replace(b"3.11", b"3.12")), "gunicorn"),
    "module shadowed in the working directory": ("python", put("/app/json.py", file("")), "json"),
    "module run at start added": ("python", put(f"{SITE}/sitecustomize.py", file("")), "sitecustomize"),
    "optional module added": (
        "python", put(f"{PYTHON}/lib-dynload/zlib.py", file("")), "zlib.py"),
    "byte code that hides another program": (
        "python",
        put(f"{SITE}/flask/__pycache__/app.cpython-311.pyc", file(bytecode(b"evil", TIME, 29))), "app.cpython-311.pyc"),
    "program that code starts missing": ("python", drop("/usr/bin/id"), "/usr/bin/id"),
    # Node
    "Node module missing": ("node", drop(f"{MODULES}/debug/node.js"), "debug"),
    "dependency missing": ("node", drop(f"{MODULES}/express"), "express"),
    "scoped dependency missing": ("node", drop(f"{MODULES}/@scope"), "@scope"),
    "package.json missing": ("node", drop("/app/package.json"), "/app/package.json"),
    "exports changed": (
        "node",
        put(f"{MODULES}/debug/package.json", file(json.dumps({"exports": "./web.js"}))), "debug/package.json"),
    "native addon missing": ("node", drop(f"{MODULES}/pg-native/build"), "addon.node"),
    "library of an addon missing": ("node", drop(f"{LIB}/libpq.so.5"), "libpq.so.5"),
    "static file missing": ("node", drop("/app/public/logo.svg"), "logo.svg"),
    "shell of the entry script missing": ("node", drop("/usr/bin/dash"), "dash"),
    "entry script not executable": ("node", attributes("/usr/local/bin/docker-entrypoint.sh", mode=0o644),
    "docker-entrypoint.sh"),
    "Node missing": ("node", drop("/usr/local/bin/node"), "/usr/local/bin/node"),
    # Java
    "jar missing": ("java", drop("/app/app.jar"), "/app/app.jar"),
    "library of Class-Path missing": ("java", drop("/app/lib/b.jar"), "/app/lib/b.jar"),
    "class changed": ("java", put("/app/lib/a.jar", file(jar({"A.class": b"b"}))), "/app/lib/a.jar"),
    "included script missing": ("java", drop("/app/env.sh"), "/app/env.sh"),
    "Java runtime changed": ("java", put(f"{JAVA}/lib/modules", file("other")), "lib/modules"),
    "library of the Java runtime missing": ("java", drop(f"{JAVA}/lib/libjli.so"), "libjli.so"),
    "Java missing": ("java", drop(f"{JAVA}/bin/java"), "bin/java"),
    "properties missing": ("java", drop("/app/application.properties"), "application.properties"),
}  # fmt: skip


ONLY_NOT_EQUAL = frozenset((
    "hard link became a copy", "setuid of a tool lost", "capability lost", "modification time",
    "secret readable for all",
))  # fmt: skip
"""Faults in what nothing is seen to use, or that take nothing from the user: level 4 stays."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_lowers_the_verdict(tmp_path: Path, name: str) -> None:
    kind, change, subject = FAULTS[name]
    sample = SAMPLES[kind]()
    change(sample.rewrite)
    found = verdict(tmp_path, sample)
    assert found.level < sample.level, found.to_text()
    assert found.level == Level.CLOSURE_EQUAL if name in ONLY_NOT_EQUAL else found.level < Level.CLOSURE_EQUAL
    blamed = [f"{reason.subject} {reason.message}" for reason in found.reasons]
    assert any(subject in text for text in blamed), found.to_text()


def without_database(draft: Draft) -> None:
    draft.drop("/var/lib/dpkg/info")


def noisy(draft: Draft) -> None:
    draft.set("/app/build-id", file("2"))


def upside_down(draft: Draft) -> None:
    draft.files = dict(sorted(draft.files.items()))
    draft.base = dict(reversed(draft.base.items()))
    draft.base = {
        "/": folder(),
        **{path: node for path, node in draft.base.items() if node.kind == "dir"},
        **draft.base,
    }
    links = {path: node for path, node in draft.base.items() if node.kind == "symlink" and path.count("/") == 1}
    draft.base = {**links, **draft.base}


def one_layer(draft: Draft) -> None:
    links = {path: node for path, node in draft.files.items() if node.kind == "link"}
    plain = {path: node for path, node in draft.files.items() if node.kind != "link"}
    draft.base, draft.files = {**draft.base, **plain, **links}, {}


def more_packages(draft: Draft) -> None:
    tidy = debian(CURL)
    draft.base["/usr/bin/curl"] = tidy["/usr/bin/curl"]
    draft.base["/var/lib/dpkg/info/curl.list"] = tidy["/var/lib/dpkg/info/curl.list"]
    draft.edit("/var/lib/dpkg/status", lambda data: data + b"\n" + tidy["/var/lib/dpkg/status"].content)


def hidden_and_back(draft: Draft) -> None:
    draft.removed.append("/app/templates/index.html")
    draft.last["/app/templates/index.html"] = file("<html>")


HARMLESS: dict[str, tuple[str, Change]] = {
    "nothing": ("native", lambda draft: None),
    "ENV in another order": ("native", lambda draft: draft.config["Env"].reverse()),
    "root by number": ("node", config(User="0")),
    "root by name": ("go", config(User="root")),
    "working directory with a slash": ("go", config(WorkingDir="/srv/service/")),
    "stop signal by number": ("native", config(StopSignal="2")),
    "health check none": ("go", config(Healthcheck={"Test": ["NONE"]})),
    "ports without protocol": ("native", config(ExposedPorts={"80": {}})),
    "ArgsEscaped": ("native", config(ArgsEscaped=True)),
    "creation time": ("native", lambda draft: draft.extra.update(author="x")),
    "a folder added to PATH behind": (
        "python", environment("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin")),
    "lists and caches": ("native", put("/var/lib/apt/lists/x", file("list"))),
    "another package cache": ("python", put("/root/.cache/pip/y", file("cache"))),
    "a log file": ("native", put("/var/log/dpkg.log", file("log"))),
    "a temporary file": ("java", put("/tmp/x", file("t"))),
    "manual pages": ("native", put("/usr/share/man/man1/x.1.gz", file("man"))),
    "documentation gone": ("native", drop("/usr/share/doc")),
    "translations gone": ("go", drop("/usr/share/locale")),
    "header files": ("node", put("/usr/include/x.h", file("int x;"))),
    "debug information for linking": ("native", put(f"{LIB}/libx.a", file("ar"))),
    "database of packages gone": ("native", without_database),
    "backups of accounts": ("native", put("/etc/passwd-", file("old"))),
    "loader cache made anew": ("java", put("/etc/ld.so.cache", file(loader_cache({"libz.so.1": f"{LIB}/libz.so.1"})))),
    "byte code written at another time": (
        "python", put(f"{SITE}/flask/__pycache__/app.cpython-311.pyc", file(bytecode(b"code", TIME + 9, 29)))),
    "byte code missing": ("python", drop(f"{SITE}/flask/__pycache__")),
    "byte code added": ("python", put("/app/shop/__pycache__/views.cpython-311.pyc", file(bytecode(b"views")))),
    "byte code that Python passes over": (
        "python", put(f"{SITE}/flask/__pycache__/app.cpython-311.pyc", file(bytecode(b"old!", TIME - 9, 29)))),
    "jar written at another time": ("java", put("/app/lib/a.jar", file(jar({"A.class": b"a"}, (2022, 2, 2, 2, 2, 2))))),
    "layers in another order": ("native", upside_down),
    "all in one layer": ("native", one_layer),
    "all in one layer, Python": ("python", one_layer),
    "gzip layers": ("native", lambda draft: setattr(draft, "compression", "gzip")),
    "a file removed and put back": ("native", hidden_and_back),
    "an empty folder more": ("native", put("/var/cache/app", folder())),
    "a runtime package more": ("go", more_packages),
    "link by another way": ("native", attributes("/app/current", target="/app/templates")),
    "files of the engine": ("native", both(put("/etc/hosts", file("x")), put("/.dockerenv", file("")))),
    "hidden folder of version control": ("go", put("/srv/service/.git/HEAD", file("ref"))),
    "user by numbers": ("java", config(User="1000:1000")),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_change_keeps_the_verdict(tmp_path: Path, name: str) -> None:
    kind, change = HARMLESS[name]
    sample = SAMPLES[kind]()
    change(sample.rewrite)
    found = verdict(tmp_path, sample)
    assert found.level == sample.level, found.to_text()


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_pairs_themselves(tmp_path: Path, kind: str) -> None:
    sample = SAMPLES[kind]()
    found = verdict(tmp_path, sample)
    assert found.level == sample.level, found.to_text()
    assert found.is_closure_equal and found.is_file_system_equal == (sample.level == 5)
    assert all((reason.level > found.level) for reason in found.reasons)


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40 and len(HARMLESS) >= 20


# Noise, and where it ends


def _with(sample: Sample, path: str, original: bytes, control: bytes, rewrite: bytes) -> Draft:
    again = sample.original.copy()
    sample.original.files[path] = file(original)
    again.files[path] = file(control)
    sample.rewrite.files[path] = file(rewrite)
    return again


def test_what_differs_between_two_builds_is_noise(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    again = _with(sample, "/app/stamp", b"1", b"2", b"3")
    found = verdict(tmp_path, sample, again)
    assert found.level == 5 and found.by_group["differs between builds"][0].path == "/app/stamp"
    sample.rewrite.change("/app/stamp", mode=0o600)
    assert verdict(tmp_path, sample, again).level == Level.BEHAVES_SAME
    sample.rewrite.drop("/app/stamp")
    assert verdict(tmp_path, sample, again).level == Level.BEHAVES_SAME


def test_a_gzip_file_made_at_another_time(tmp_path: Path) -> None:
    sample = SAMPLES["go"]()
    path = "/srv/service/static/app.js.gz"
    _with(sample, path, gzip.compress(b"app", mtime=1), b"", gzip.compress(b"app", mtime=2))
    assert verdict(tmp_path, sample).level == 5
    sample.rewrite.change(path, content=gzip.compress(b"apq", mtime=2))
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def test_a_library_of_which_the_cache_knows_nothing(tmp_path: Path) -> None:
    """It was copied to /usr/local/lib, and ldconfig did not run in the final image."""
    sample = SAMPLES["native"]()
    path = "/usr/local/lib/libextra.so.1"
    for draft in (sample.original, sample.rewrite):
        draft.files[path] = file(library("libextra.so.1"))
        draft.files["/app/bin/server"] = file(program("libextra.so.1"), 0o755)
    cache = loader_cache({"libextra.so.1": path, "libc.so.6": f"{LIB}/libc.so.6"})
    sample.original.base["/etc/ld.so.cache"] = file(cache)
    found = verdict(tmp_path, sample)
    assert found.level == Level.BEHAVES_SAME
    assert any("does not name it" in reason.message for reason in found.reasons), found.to_text()
    sample.rewrite.base["/etc/ld.so.cache"] = file(cache)
    assert verdict(tmp_path, sample).level == 5


def test_a_virtual_environment_instead_of_the_systems_folder(tmp_path: Path) -> None:
    sample = SAMPLES["python"]()
    rewrite = sample.rewrite
    environment("PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin")(rewrite)
    venv = "/opt/venv/lib/python3.11/site-packages"
    for path in [path for path in rewrite.files if path.startswith(f"{SITE}/")]:
        rewrite.files[venv + path.removeprefix(SITE)] = rewrite.files.pop(path)
    script = rewrite.files.pop("/usr/local/bin/gunicorn")
    rewrite.files["/opt/venv/bin/gunicorn"] = script.but(content=script.content.replace(b"/usr/local", b"/opt/venv"))
    rewrite.files["/opt/venv/bin/python3.11"] = symlink("/usr/local/bin/python3.11")
    rewrite.files["/opt/venv/bin/python"] = symlink("python3.11")
    rewrite.files["/opt/venv/pyvenv.cfg"] = file("home = /usr/local/bin\ninclude-system-site-packages = false\n")
    found = verdict(tmp_path, sample)
    assert found.level == 4, found.to_text()
    rewrite.files.pop(f"{venv}/flask/templates/error.html")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME
    rewrite.files[f"{venv}/flask/templates/error.html"] = file("other")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def test_a_build_tool_as_start_command_needs_caches_and_sources(tmp_path: Path) -> None:
    sample = SAMPLES["go"]()
    for draft in (sample.original, sample.rewrite):
        draft.config.update(Entrypoint=["go", "run", "main.go"], Env=["PATH=/usr/local/go/bin:/usr/bin:/bin"])
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME
    sample.rewrite = sample.original.copy()
    sample.rewrite.drop("/root/.cache/go-build/00/x")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def test_npm_start_needs_npm_and_what_it_starts(tmp_path: Path) -> None:
    sample = SAMPLES["node"]()
    npm = "/usr/local/lib/node_modules/npm"
    for draft in (sample.original, sample.rewrite):
        draft.config["Cmd"] = ["npm", "start"]
        draft.files[f"{npm}/bin/npm-cli.js"] = file("#!/usr/bin/env node\nrequire('../lib/cli.js')", 0o755)
        draft.files[f"{npm}/lib/cli.js"] = file("")
        draft.files["/usr/local/bin/npm"] = symlink("../lib/node_modules/npm/bin/npm-cli.js")
        draft.files["/app/package.json"] = file(json.dumps({"scripts": {"start": "node dist/index.js"}}))
    sample.rewrite = sample.original.copy()
    assert verdict(tmp_path, sample).level == 5
    sample.rewrite.drop(f"{npm}/lib/cli.js")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME
    sample.rewrite = sample.original.copy()
    sample.rewrite.drop("/app/dist/routes.js")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def test_a_hard_link_with_names_in_the_rewrite_alone(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    sample.rewrite.files["/app/helper2"] = link("/app/helper")
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def test_an_apt_cache_kept_by_another_configuration(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    sample.original.base["/etc/apt/apt.conf.d/docker-clean"] = file("clean")
    sample.rewrite.base["/etc/apt/apt.conf.d/keep-cache"] = file("keep")
    assert verdict(tmp_path, sample).level == 5


def test_leftovers_of_packages(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    sample.original.base |= {
        "/etc/alternatives/cc": symlink("/usr/bin/gcc-12"), "/usr/bin/cc": symlink("/etc/alternatives/cc"),
        "/etc/alternatives/cc.1.gz": symlink("/usr/share/man/man1/gcc.1.gz"), "/usr/lib/empty": folder(),
    }  # fmt: skip
    assert verdict(tmp_path, sample).level == 5
    sample.original.files["/usr/local/lib/own"] = folder()  # a COPY brought it
    assert verdict(tmp_path, sample).level == Level.BEHAVES_SAME


def _cached(draft: Draft, **libraries: str) -> None:
    names = {f"{name}.so": path for name, path in libraries.items()}
    draft.base["/etc/ld.so.cache"] = file(loader_cache({"libc.so.6": f"{LIB}/libc.so.6", **names}))


def test_the_loader_finds_another_library_of_the_same_name(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    for draft in (sample.original, sample.rewrite):
        draft.files |= {
            "/opt/a/libx.so": file(library("libx.so")),
            "/opt/b/libx.so": file(library("libx.so", content=b"b")),
        }
        draft.files[SERVER] = file(program("libx.so"), 0o755)
        _cached(draft, libx="/opt/a/libx.so")
    assert verdict(tmp_path, sample).level == 5
    _cached(sample.rewrite, libx="/opt/b/libx.so")
    found = verdict(tmp_path, sample)
    assert found.level == Level.BEHAVES_SAME and "instead, with other content" in found.reasons[0].message
    sample.rewrite.files["/opt/b/libx.so"] = sample.original.files["/opt/b/libx.so"] = file(library("libx.so"))
    assert verdict(tmp_path, sample).level == 5


def test_what_was_not_found_before_is_found_now(tmp_path: Path) -> None:
    sample = SAMPLES["python"]()
    for draft in (sample.original, sample.rewrite):
        draft.files["/opt/x/libx.so"] = file(library("libx.so"))
        draft.files["/app/shop/jobs.py"] = file("import ctypes\nctypes.CDLL('libx.so')\n")
    assert verdict(tmp_path, sample).level == 4
    _cached(sample.rewrite, libx="/opt/x/libx.so")
    found = verdict(tmp_path, sample)
    assert found.level == Level.BEHAVES_SAME
    assert any("the original does not have it" in reason.message for reason in found.reasons)


def test_what_is_said_of_an_older_c_library(tmp_path: Path) -> None:
    sample = SAMPLES["native"]()
    old_libc(sample.rewrite)
    messages = [reason.message for reason in verdict(tmp_path, sample).reasons]
    assert any("needs GLIBC_2.34 of libc.so.6" in message for message in messages)
    sample = SAMPLES["native"]()
    to_musl(sample.rewrite)
    messages = [reason.message for reason in verdict(tmp_path, sample).reasons]
    assert any("the rewrite's C library is musl" in message for message in messages)


def test_a_file_more_in_a_folder_that_the_command_names(tmp_path: Path) -> None:
    sample = SAMPLES["go"]()
    plugins = Package("plugins", {"/usr/lib/plugins": folder(), "/usr/lib/plugins/a": file("a")})
    for draft in (sample.original, sample.rewrite):
        draft.config["Cmd"] = ["--plugins", "/usr/lib/plugins"]
        draft.base = debian(*SLIM, TZDATA, plugins)
    assert verdict(tmp_path, sample).level == 5
    sample.rewrite.last["/usr/lib/plugins/b"] = file("b")
    found = verdict(tmp_path, sample)
    assert found.level == Level.BEHAVES_SAME and "only in the rewrite, and used there" in found.reasons[0].message
