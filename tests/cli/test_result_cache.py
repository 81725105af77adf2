"""Results of earlier runs: given again only while a fresh run would say the same."""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dflint.cli import installation, main, result_cache
from dflint.cli.file_linter import FileLinter
from dflint.cli.kept_outcomes import WINDOW, with_kept
from dflint.cli.workers import PAYS_FROM
from dflint.config import Configuration
from dflint.report.base import FileOutcome

DRIVER = """\
import sys
from dflint.cli import installation, main
installation.SETTLED = 0  # the tests do not wait for the files that they write
code = main(sys.argv[1:])
heavy = ("dflint.rules.", "dflint.syntax.tree", "dflint.model", "dflint.cli.file_linter", "parso")
sys.stdout.flush()
print("KEPT" if not any(name.startswith(heavy) for name in sys.modules) else "LINTED", file=sys.stderr)
sys.exit(code)
"""
DOCKERFILE = """\
FROM node AS build
WORKDIR /app
COPY package.json src config.txt ./
COPY . .
RUN npm install && rm config.txt
RUN apt-get install curl
# dflint ignore=DL3002 so be it
USER root
"""
DOCKERIGNORE = "node_modules\n*.log\n"


@pytest.fixture
def project(write):
    write("p/Dockerfile", DOCKERFILE)
    write("p/.dockerignore", DOCKERIGNORE)
    write("p/package.json", '{"dependencies": {}}')
    write("p/src/main.js", "1\n")
    write("p/config.txt", "x")
    write("p/.env", "A=1\n")
    return write


@pytest.fixture
def alone(environment, tmp_path):
    """Run dflint in its own process in ``tmp_path`` and hold it against a fresh run.

    Gives (whether the result was kept, exit code, standard output, standard error). Kept also means that nothing was
    imported that only linting needs.
    """
    driver = tmp_path / "driver"
    driver.mkdir()
    (driver / "main.py").write_text(DRIVER)

    def called(arguments, env):
        done = subprocess.run(
            [sys.executable, str(driver / "main.py"), *arguments],
            capture_output=True,
            cwd=tmp_path,
            timeout=60,
            env={**environment, **_cache_in(tmp_path), **dict(env)},
        )
        errors, _, told = done.stderr.decode().rstrip("\n").rpartition("\n")
        return told == "KEPT", done.returncode, done.stdout, errors

    def call(*arguments, env=()):
        found = called(arguments, env)
        fresh = called([*arguments, "--no-cache"], env)
        assert found[1:] == fresh[1:]
        return found

    return call


def _cache_in(folder):
    return {"XDG_CACHE_HOME": str(folder / "cache"), "LOCALAPPDATA": str(folder / "cache")}


@pytest.fixture
def once(tmp_path, monkeypatch, capfdbinary):
    """Run dflint in ``tmp_path``, in this process: (whether nothing was linted, exit code, output, errors)."""
    for name, value in _cache_in(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(installation, "SETTLED", 0)
    linted = []
    lint = FileLinter._begun
    monkeypatch.setattr(FileLinter, "_begun", lambda *given: linted.append(given[1]) or lint(*given))

    def call(*arguments, cwd=tmp_path):
        monkeypatch.chdir(cwd)
        monkeypatch.setattr("dflint.cli.STARTED", time.time_ns())
        linted.clear()
        code = main(["lint", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return not linted, code, out, err.decode()

    return call


@pytest.fixture
def run(once):
    """``once``, held against a fresh run."""

    def call(*arguments, cwd=None):
        at = {} if cwd is None else {"cwd": cwd}
        found = once(*arguments, **at)
        if "--cache-dir" in arguments:
            place = arguments.index("--cache-dir")
            arguments = (*arguments[:place], *arguments[place + 2 :])
        assert found[1:] == once(*arguments, "--no-cache", **at)[1:]
        return found

    return call


def same_time(path, change):
    """Change a file and set its times back."""
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def replaced(old, new):
    def change(path):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def test_nothing_is_imported_for_what_is_kept(alone, project):
    for options in ((), ("--select", "DL3006"), ("--format", "json")):
        assert not alone("p", *options)[0] or options == ("--format", "json")
        assert alone("p", *options)[0]
    project("dflint.toml", "select = ['DL3002', 'DL3006']\n")
    alone("p")
    assert alone("p")[0]


def test_kept_in_every_format(run, project):
    kept, code, out, _ = run("p/Dockerfile")
    assert not kept
    assert code == 1
    assert out
    for form in ("text", "concise", "json", "gitlab", "checkstyle", "junit", "github"):
        assert run("p/Dockerfile", "--format", form)[0], form
    assert run("p/Dockerfile", "--format", "sarif")[0]
    assert run("p/Dockerfile", "--statistics")[0]
    assert run("p/Dockerfile", "--quiet", "--color", "always")[0]
    assert run("p")[1] == 1
    assert run("p")[0]
    assert run("p", "--fail-level", "none")[1] == 0


def test_clean_and_odd_files(run, write):
    write("o/Dockerfile", "FROM scratch\r\nCOPY . /\r\n")
    write("o/b/Dockerfile", b"\xef\xbb\xbfFROM a\xff:1\n# \xe2\x80\xae\nRUN x\xff\nUSER \xc3\xa9\n")
    write("o/c/Dockerfile", "")
    write("o/d/Dockerfile", "RUNN x\nFROM")
    for form in ("text", "json", "sarif", "gitlab", "checkstyle", "junit", "github"):
        run("o", "--format", form)
        assert run("o", "--format", form)[0], form


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("p/Dockerfile", replaced("USER root", "USER anna")),
        ("p/.dockerignore", replaced("*.log", "*.txt")),
        ("p/package.json", replaced('"dependencies": {}', '"workspaces": ["a"]'[:18])),
    ],
)
def test_same_size_and_time(run, project, tmp_path, path, change):
    run("p/Dockerfile")
    assert run("p/Dockerfile")[0]
    same_time(tmp_path / path, change)
    run("p/Dockerfile")
    same_time(tmp_path / path, lambda file: file.write_bytes(file.read_bytes()))
    assert run("p/Dockerfile")[0]  # touched only


def test_every_change_of_the_context(run, project, tmp_path):
    p = tmp_path / "p"
    changes = [
        lambda: (p / ".dockerignore").write_text("node_modules\n*.log\n.env\n"),
        lambda: (p / ".dockerignore").unlink(),
        lambda: (p / "Dockerfile.dockerignore").write_text(""),
        lambda: (p / "Dockerfile.dockerignore").write_text("config.txt\n"),
        lambda: (p / ".dockerignore").write_text("src\n"),
        lambda: (p / "Dockerfile.dockerignore").unlink(),
        lambda: (p / "package-lock.json").write_text("{}"),
        lambda: (p / "yarn.lock").write_text(""),
        lambda: (p / "package-lock.json").unlink(),
        lambda: (p / "config.txt").unlink(),
        lambda: (p / "config.txt").write_bytes(b"x" * 3_000_000),
        lambda: (p / "config.txt").write_bytes(b"x"),
        lambda: shutil.rmtree(p / "src"),
        lambda: (p / "src").symlink_to("nowhere"),
        lambda: [(p / "src").unlink(), (p / "src").symlink_to("config.txt")],
        lambda: [(p / "config.txt").unlink(), (p / "config.txt").mkdir()],
        lambda: (p / ".git").mkdir(),
        lambda: (p / "id_rsa").write_text("-----BEGIN RSA PRIVATE KEY-----\n"),
    ]
    for change in changes:
        run("p/Dockerfile")
        assert run("p/Dockerfile")[0]
        change()
        run("p/Dockerfile")


def test_a_neighbour_is_no_reason_but_its_ignore_file_is(run, project, tmp_path):
    for name in "abc":
        project(f"p/{name}.Dockerfile", DOCKERFILE)
    run("p")
    assert run("p")[0]
    assert run("p/b.Dockerfile", "p/a.Dockerfile")[0]
    project("p/b.Dockerfile.dockerignore", "src\n")
    run("p")
    assert run("p")[0]
    (tmp_path / "p/b.Dockerfile.dockerignore").unlink()
    run("p")


def test_every_change_of_the_configuration(run, project, tmp_path):
    config = tmp_path / "p/dflint.toml"
    run("p")
    for change in (
        lambda: project("dflint.toml", "ignore = ['DL3006']\n"),
        lambda: config.write_text("ignore = ['DL3008']\n"),
        lambda: same_time(config, replaced("DL3008", "DL3009")),
        lambda: config.write_text("[rules.untagged-base]\nlevel = 'info'\n"),
        lambda: same_time(config, replaced("'info'", "'off' ")),
        lambda: config.write_text("fail-level = 'none'\n"),
        lambda: config.write_text("format = 'concise'\n"),
        lambda: config.write_text("context = 'src'\n"),
        lambda: config.write_text("exclude = ['Dockerfile']\n"),
        lambda: config.write_text("[per-file-ignores]\n'Docker*' = ['DL3006']\n"),
        lambda: config.write_text("ignore = ['no-such-rule']\n"),
        lambda: config.write_text("cache = false\n"),
        config.unlink,
        (tmp_path / "dflint.toml").unlink,
        lambda: project("p/pyproject.toml", "[tool.dflint]\nselect = ['DL3006']\n"),
        lambda: same_time(tmp_path / "p/pyproject.toml", replaced("DL3006", "DL3007")),
        (tmp_path / "p/pyproject.toml").unlink,
        lambda: project(".hadolint.yaml", "ignored:\n  - DL3006\n"),
        lambda: same_time(tmp_path / ".hadolint.yaml", replaced("DL3006", "DL3007")),
        (tmp_path / ".hadolint.yaml").unlink,
    ):
        change()
        run(".", cwd=tmp_path / "p")
        run("p")
        never = ("cache = false\n", "ignore = ['no-such-rule']\n")
        assert run("p")[0] or (config.exists() and config.read_text() in never)
    assert run("p")[0]
    project("x.toml", "select = ['DL3006']\n")
    run("p", "--config", "x.toml")
    same_time(tmp_path / "x.toml", replaced("DL3006", "DL3002"))
    run("p", "--config", "x.toml")
    assert run("p")[0]


def test_command_lines_do_not_mix(run, project):
    project("other/package.json", "{}")
    project("dflint.toml", "fail-level = 'error'\nignore = ['security']\n")
    for _ in range(2):
        for options in (
            (),
            ("--select", "DL3006"),
            ("--select", "DL3006,DL3002"),
            ("--ignore", "DL3006"),
            ("--extend-select", "all"),
            ("--preview",),
            ("--no-config",),
            ("--no-plugins",),
            ("--fail-level", "none"),
            ("--fail-level", "info"),
            ("--context", "other"),
        ):
            kept = run("p", *options)[0]
    assert kept


def test_wrong_selectors_are_told(run, project):
    for _ in range(2):
        assert run("p", "--select", "DL3006")[1] == 1
        _, code, _, err = run("p", "--select", "DL9999")
        assert code == 2
        assert 'unknown rule "DL9999"' in err


def test_working_directories_do_not_mix(run, project, tmp_path):
    project("q/Dockerfile", DOCKERFILE)
    run("Dockerfile", cwd=tmp_path / "p")
    run("Dockerfile", cwd=tmp_path / "q")
    assert run("Dockerfile", cwd=tmp_path / "p")[0]
    (tmp_path / "q/Dockerfile").write_text("FROM scratch\n")
    run("Dockerfile", cwd=tmp_path / "q")
    run("../p/Dockerfile", cwd=tmp_path / "q")


@pytest.fixture
def installed(environment, tmp_path):
    """A copy of dflint that may be changed, and the environment to run it in."""
    site = tmp_path / "site"
    for entry in environment["PYTHONPATH"].split(os.pathsep):
        shutil.copytree(
            Path(entry) / "dflint", site / "dflint", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    return site, {"PYTHONPATH": str(site)}


def test_changed_rule(alone, project, installed):
    site, env = installed
    alone("p", env=env)
    assert alone("p", env=env)[0]
    rule = site / "dflint/rules/untagged_base.py"
    same_time(rule, lambda path: path.write_bytes(path.read_bytes()[:-1] + b" "))
    assert not alone("p", env=env)[0]
    assert alone("p", env=env)[0]
    rule.unlink()
    assert not alone("p", env=env)[0]
    (site / "dflint/rules/untagged_base.py").write_text("raise RuntimeError\n")
    for _ in range(2):
        kept, code, _, err = alone("p", env=env)
        assert (kept, code) == (False, 2)
        assert "cannot be loaded" in err


@pytest.mark.parametrize("path", ["version.py", "facts/tags.txt", "syntax/parse.py", "packages/apt.py"])
def test_changed_code(alone, project, installed, path):
    site, env = installed
    alone("p", env=env)
    assert alone("p", env=env)[0]
    file = site / "dflint" / path
    same_time(file, lambda path: path.write_bytes(path.read_bytes()))
    assert not alone("p", env=env)[0]


def test_code_that_has_just_changed(alone, project, installed, tmp_path):
    _, env = installed
    driver = tmp_path / "driver/main.py"
    driver.write_text(driver.read_text().replace("SETTLED = 0", "SETTLED = 3600_000_000_000"))
    assert [alone("p", env=env)[0] for _ in range(3)] == [False] * 3
    assert not (tmp_path / "cache").exists()


PLUGIN = """\
from dflint.linter.rule import Rule
from acme.words import WORD
class Said(Rule):
    '''Say it.'''
    name = "acme-said"
    category = "style"
    level = "info"
    since = "1.0"
    def check_file(self, model):
        yield self.finding(model.tree.instructions[0], WORD)
"""


def test_plugins(alone, project, tmp_path, environment):
    plugged = tmp_path / "plugged"
    env = {"PYTHONPATH": os.pathsep.join((environment["PYTHONPATH"], str(plugged)))}
    plugged.mkdir()
    alone("p", env=env)
    assert alone("p", env=env)[0]
    project("plugged/acme/__init__.py", "")
    project("plugged/acme/rules.py", PLUGIN)
    words = project("plugged/acme/words.py", "WORD = 'one'\n")
    project("plugged/acme-1.0.dist-info/METADATA", "Name: acme\nVersion: 1.0\n")
    announced = project("plugged/acme-1.0.dist-info/entry_points.txt", "[dflint.rules]\nacme = acme.rules\n")
    assert b"one" in alone("p", env=env)[2]
    assert alone("p", env=env)[0]
    words.write_text("WORD = 'two!'\n")
    assert b"two!" in alone("p", env=env)[2]
    assert alone("p", env=env)[0]
    assert b"two!" not in alone("p", "--no-plugins", env=env)[2]
    project("dflint.toml", "plugins = false\n")
    assert b"two!" not in alone("p", env=env)[2]
    project("dflint.toml", "plugins = ['acme']\n")
    assert b"two!" in alone("p", env=env)[2]
    words.write_text("WORD = 1 / 0\n")
    assert alone("p", env=env)[1] == 2
    assert alone("p", env=env)[1] == 2
    words.write_text("WORD = 'six!'\n")
    assert b"six!" in alone("p", env=env)[2]
    shutil.rmtree(announced.parent)
    assert b"six!" not in alone("p", env=env)[2]


def entries(tmp_path):
    return [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and len(path.name) == 40]


def test_damaged_entries_are_ignored(run, project, tmp_path):
    run("p")
    assert run("p")[0]
    for damage in (
        lambda content: b"",
        lambda content: content[:10],
        lambda content: content[:-1],
        lambda content: content[:30] + bytes([content[30] ^ 1]) + content[31:],
        lambda content: os.urandom(len(content)),
        lambda content: content + b"x",
        lambda content: installed_digest(b"\xff\xff"),
        lambda content: installed_digest(b"N"),
        lambda content: installed_digest(b")\x01N"),
    ):
        found = entries(tmp_path)
        assert found
        for path in found:
            path.write_bytes(damage(path.read_bytes()))
        assert not run("p")[0]
        assert run("p")[0]
    for path in entries(tmp_path):
        path.unlink()
        path.mkdir()
    run("p")
    run("p")


def installed_digest(content):
    return result_cache.digest(content) + content


def test_a_folder_that_cannot_be_written(run, project, tmp_path):
    project("file", "")
    for _ in range(2):
        assert run("p", "--cache-dir", "file")[:2] == (False, 1)
    if os.name == "posix" and os.geteuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o500)
        assert run("p", "--cache-dir", "locked")[:2] == (False, 1)


@pytest.mark.skipif(os.name != "posix" or sys.platform == "darwin", reason="the folder is named otherwise")
def test_no_place_for_a_folder(alone, project, tmp_path):
    assert alone("p", env={"XDG_CACHE_HOME": "relative", "HOME": "nowhere"})[:2] == (False, 1)
    assert not (tmp_path / "relative").exists()
    assert not (tmp_path / "cache").exists()


def test_folder_of_its_own_and_clearing(once, project, tmp_path):
    project("c/mine.txt", "")
    once("p", "--cache-dir", "c")
    assert once("p", "--cache-dir", "c")[0]
    assert not (tmp_path / "cache").exists()
    assert sorted(os.listdir(tmp_path / "c")) == ["mine.txt", "results-2"]  # noqa: PTH208
    assert once("--clear-cache", "--cache-dir", "c")[1:] == (0, b"", "")
    assert not once("p", "--cache-dir", "c")[0]
    assert once("--clear-cache")[1] == 0
    assert (tmp_path / "c/mine.txt").exists()


def test_not_for_fixes_and_standard_input(once, run, project, tmp_path):
    for arguments in (("p", "--diff"), ("p", "--fix"), ("p", "--no-cache")):
        once(*arguments)
        assert not (tmp_path / "cache").exists()
    run("p")
    assert not once("p", "--diff")[0]
    assert b"DL3006" in run("p", "--select", "DL3006")[2]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_read_once(environment, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_text("FROM alpine\n"), daemon=True)
    writer.start()
    done = subprocess.run([sys.executable, "-m", "dflint", "--select", "DL3006", "pipe"], cwd=tmp_path, env=environment,
                          capture_output=True, timeout=60)  # fmt: skip
    assert b"DL3006" in done.stdout
    writer.join(10)


def test_processes_share_a_folder(environment, tmp_path, write):
    for number in range(120):
        write(f"d{number}/Dockerfile", DOCKERFILE + f"RUN echo {number}\n")
    env = {**environment, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for _ in range(2):
        command = [sys.executable, "-m", "dflint", "--format", "json"]
        running = [subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE) for _ in range(4)]
        outputs = {process.communicate(timeout=120)[0] for process in running}
        assert len(outputs) == 1
    fresh = subprocess.run([*command, "--no-cache"], cwd=tmp_path, env=env, capture_output=True, timeout=120).stdout
    assert outputs == {fresh}
    assert not [path for path in (tmp_path / "cache").rglob("*") if "." in path.name and path.name[0] not in ".C"]


def test_random_changes(run, tmp_path):
    """Whatever happens to the files, a run says what a fresh one says."""
    root = tmp_path / "r"
    root.mkdir()
    chance = random.Random(20)
    names = ("Dockerfile", "b.Dockerfile", ".dockerignore", "Dockerfile.dockerignore", "package.json", "yarn.lock",
             "package-lock.json", "requirements.txt", ".env", "src", "src/main.py", "src/package.json", ".git",
             "id_rsa", "dflint.toml", "src/Dockerfile", "src/.dockerignore", "go.mod", "node_modules/x")  # fmt: skip
    texts = {
        "Dockerfile": ["FROM node\nCOPY package.json yarn.loc? src ./\nRUN yarn install\nCOPY . .\n", DOCKERFILE,
                       "FROM python:3\nCOPY . .\nRUN pip install -r requirements.txt\nCOPY src/main.py /\n"],
        ".dockerignore": ["", "*\n!src\n", ".env\n", "src\n", "**/*.py\n", DOCKERIGNORE],
        "dflint.toml": ["", "ignore = ['DL3006']\n", "extend-select = ['all']\n", "context = '..'\n", "oops"],
        "package.json": ["{}", '{"workspaces": ["src"]}', "oops", '{"workspaces": ["sr?"]}'],
    }  # fmt: skip

    def change():
        path = root / chance.choice(names)
        kind = chance.random()
        if kind < 0.25 or path.is_dir() != (path.name == "src"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.is_symlink() or path.exists():
                path.unlink()
        if kind < 0.25:
            return
        if path.name in ("src", ".git"):
            path.mkdir(exist_ok=True)
        elif kind < 0.32 and not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.symlink_to(chance.choice(["src", "Dockerfile", "nowhere", "../r/src/main.py"]))
        elif not path.is_symlink():
            path.parent.mkdir(exist_ok=True)
            suffix = next((s for s in texts if path.name.endswith(s)), None)
            times = path.stat() if path.exists() else None
            path.write_text(chance.choice(texts[suffix]) if suffix else "x" * chance.choice((0, 1, 2, 2_000_000)))
            if times:
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    kept = 0
    for _ in range(250):
        with contextlib.suppress(OSError):  # a folder where a file is, and the like
            change()
        kept += run(".", "--format", "json", cwd=root)[0]
    assert 50 < kept < 200


def test_order_is_that_of_the_paths():
    """Whatever is kept and what has to be linted, and however far the linting reads ahead."""

    def linted(paths):
        ahead = []
        for path in paths:
            ahead.append(path)
            if len(ahead) == 30:
                yield from (FileOutcome(path, "", ()) for path in ahead)
                ahead = []
        yield from (FileOutcome(path, "", ()) for path in ahead)

    chance = random.Random(3)
    for size in (0, 1, 5, PAYS_FROM, WINDOW + 5, 2000):
        for share in (0, 0.01, 0.2, 0.9, 1):
            known = {f"{n}": FileOutcome(f"{n}", "kept", ()) for n in range(size) if chance.random() < share}
            found = list(with_kept((f"{n}" for n in range(size)), known.get, linted))
            assert [outcome.path for outcome in found] == [f"{n}" for n in range(size)]
            assert sum(outcome.text == "kept" for outcome in found) == len(known)


def test_bounds(tmp_path, monkeypatch):
    folder = tmp_path / "results-2" / ("a" * 40)
    folder.mkdir(parents=True)
    other = folder / "notes.txt"
    other.write_text("")
    (tmp_path / "results-2" / ("b" * 40)).mkdir()
    now = time.time()
    for number in range(20):
        path = folder / f"{number:040x}"
        path.write_bytes(b"x" * 100)
        os.utime(path, (now - number * 1000, now - number * 1000))
    old = folder / ("f" * 40 + ".12-34")
    old.write_bytes(b"")
    os.utime(old, (now - result_cache.MAX_AGE - 5,) * 2)
    monkeypatch.setattr(result_cache, "MAX_BYTES", 1500)
    result_cache.prune(str(tmp_path))
    left = sorted(path.name for path in folder.iterdir())
    assert left == [*(f"{number:040x}" for number in range(15)), "notes.txt"]
    assert not (tmp_path / "results-2" / ("b" * 40)).exists()
    monkeypatch.setattr(result_cache, "MAX_FILES", 3)
    result_cache.prune(str(tmp_path))  # done today
    assert len(list(folder.iterdir())) == 16
    result_cache.prune(str(tmp_path), is_due=True)
    assert len(list(folder.iterdir())) == 4
    result_cache.clear(str(tmp_path))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    result_cache.clear(str(tmp_path / "nowhere"))
    result_cache.prune(str(tmp_path / "nowhere"))


def test_all_of_a_configuration_counts():
    """What a configuration holds beside its data is made from it; a new attribute must become part of the data."""
    assert set(vars(Configuration())) == {
        "path", "folder", "_values", "levels", "options", "_rule_sets", "_excluded", "_ignores",
    }  # fmt: skip
