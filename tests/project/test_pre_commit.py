"""The hooks of ``.pre-commit-hooks.yaml``: which files they take, and a run of the real pre-commit."""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from project.repository import ROOT, UNTRACKED, cannot_run, run, says_no_network, without_python_path

from dflint.discovery.search import OTHER_KINDS, is_dockerfile_name

CLEAN = 'FROM alpine:3\nUSER 1000\nCMD ["sh"]\n'
FIXABLE = "FROM alpine:3\n# dflint ignore=syntax-error no longer needed\nUSER 1000\n"
BROKEN = "FROM alpine:3\nRUNN make\n"


def patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """``files`` and ``exclude`` of the first hook (the second has the same by reference)."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    included = re.search(r"^  files: &files (.*)$", text, re.MULTILINE)
    excluded = re.search(r"^  exclude: &exclude >-\n((?:    .*\n)+)", text, re.MULTILINE)
    assert included is not None
    assert excluded is not None
    return re.compile(included.group(1)), re.compile(" ".join(excluded.group(1).split()))


NAMES = (
    *("Dockerfile", "dockerfile", "DOCKERFILE", "Containerfile", "Dockerfile.dev", "Dockerfile.dev.alpine"),
    *("web.Dockerfile", "web.dockerfile", ".dockerfile", "Containerfile.prod", "Dockerfile.", "Dockerfile.3.12"),
    *("Dockerfile-dev", "Dockerfile~", "Dockerfile.dev~", "MyDockerfile", "Dockerfiles", "dockerfile.txt"),
    *("docker-compose.yml", "Makefile", "web.Dockerfile.bak", "Dockerfile.md", "Dockerfile.dockerignore"),
    *(f"Dockerfile.{kind}" for kind in sorted(OTHER_KINDS)),
    *(f"Containerfile.x.{kind.upper()}" for kind in sorted(OTHER_KINDS)),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", ["", "some.md/folder/"])
def test_hooks_take_the_files_that_a_search_finds(folder: str, name: str) -> None:
    included, excluded = patterns()
    path = folder + name
    assert bool(included.search(path) and not excluded.search(path)) == is_dockerfile_name(name)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with the files of this checkout."""
    if shutil.which("git") is None:
        cannot_run("git is not installed")
    if find_spec("pre_commit") is None:
        cannot_run("pre-commit is not installed")
    folder = tmp_path_factory.mktemp("hooks") / "dflint"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*UNTRACKED, "*.pyc"), symlinks=True)
    repository(folder)
    return folder


def repository(folder: Path) -> None:
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        process = run([*git, *arguments], folder)
        assert process.returncode == 0, process.stderr


@pytest.fixture(scope="module")
def pre_commit_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


def try_hook(hook: str, hooks: Path, project: Path, home: Path) -> tuple[int, str]:
    """Run a hook over a project; exit code and output."""
    environment = {
        name: value
        for name, value in without_python_path().items()
        if not name.startswith("GIT_") and name not in ("SKIP", "PRE_COMMIT")
    }
    environment["PRE_COMMIT_HOME"] = str(home)
    command = [sys.executable, "-m", "pre_commit", "try-repo", hooks, hook, "--all-files", "--verbose"]
    process = run(command, project, environment)
    output = process.stdout + process.stderr
    if says_no_network(output):
        cannot_run(f"pre-commit cannot install the hook: {output.strip()[-300:]}")
    return process.returncode, output


def test_hooks_in_the_real_pre_commit(hooks: Path, pre_commit_home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "web").mkdir(parents=True)
    (project / "Dockerfile").write_text(CLEAN, encoding="utf-8")
    (project / "web" / "app.Dockerfile").write_text(FIXABLE, encoding="utf-8")
    (project / "Dockerfile.md").write_text("# not a Dockerfile\n", encoding="utf-8")
    (project / "dflint.toml").write_text('select = ["syntax-error", "unused-suppression"]\n', encoding="utf-8")
    repository(project)

    code, output = try_hook("dflint", hooks, project, pre_commit_home)
    assert code == 1, output
    assert "unused-suppression" in output
    assert "1 finding" in output
    assert "in 1 file of 2" in output, "both Dockerfiles and nothing else"
    assert (project / "web" / "app.Dockerfile").read_text(encoding="utf-8") == FIXABLE

    code, output = try_hook("dflint-fix", hooks, project, pre_commit_home)
    assert code == 1, output
    assert "files were modified by this hook" in output
    assert "ignore" not in (project / "web" / "app.Dockerfile").read_text(encoding="utf-8")

    run(["git", "add", "--all"], project)
    for hook in ("dflint", "dflint-fix"):
        code, output = try_hook(hook, hooks, project, pre_commit_home)
        assert code == 0, output
        assert "Passed" in output

    (project / "Dockerfile").write_text(BROKEN, encoding="utf-8")
    run(["git", "add", "--all"], project)
    for hook in ("dflint", "dflint-fix"):
        code, output = try_hook(hook, hooks, project, pre_commit_home)
        assert code == 1, output
        assert os.fspath(Path("Dockerfile")) + ":2:1" in output
