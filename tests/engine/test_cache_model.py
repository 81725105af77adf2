"""The cache model against the engine: which steps of which builds come from the cache."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from engine.histories import Link, Mode, all_pasts

from dflint.buildcache import Cache, plan_of
from dflint.buildcache.past import Past as PastContexts
from dflint.context import BuildContext
from dflint.history import read_history
from dflint.history.log import path_in_repository
from dflint.model import Model
from dflint.syntax import parse

if TYPE_CHECKING:
    from engine.conftest import Engine
    from engine.histories import Commit, Past

PROGRAMS = ("sh", "cat")
PASTS = {past.name: past for past in all_pasts()}


@pytest.fixture(scope="session")
def base(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A base image with a shell and ``cat`` of this machine, and what they are linked with; a new one each time."""
    files = {f"/bin/{name}": Path(shutil.which(name) or pytest.fail(f"there is no {name}")) for name in PROGRAMS}
    for program in list(files.values()):
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(?:=> )?(/\S+)", listed):
            files.setdefault(library, Path(library))
    archive = tmp_path_factory.mktemp("base") / "base.tar"
    with tarfile.open(archive, "w") as tar:
        for name, path in files.items():
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.size = path.stat().st_size
            entry.mode = 0o755
            with path.open("rb") as content:
                tar.addfile(entry, content)
        entry = tarfile.TarInfo("only-here")
        number = token_hex(8).encode()
        entry.size = len(number)
        tar.addfile(entry, io.BytesIO(number))
    tag = f"{engine.prefix}base:1"
    engine.docker("import", archive, tag)
    return tag


class Repository:
    """A git repository, changed commit by commit."""

    def __init__(self, root: Path, base: str) -> None:
        self.root = root
        self.base = base
        self.number = token_hex(6)
        self.git("init", "-q", ".")

    def git(self, *arguments: str) -> str:
        settings = ("user.name=a", "user.email=a@b", "commit.gpgsign=false", "core.autocrlf=false", "gc.auto=0")
        given = [part for setting in settings for part in ("-c", setting)]
        return subprocess.run(
            ["git", *given, *arguments], cwd=self.root, capture_output=True, text=True, check=True
        ).stdout

    def commit(self, commit: Commit) -> str:
        for path, content in sorted(commit.changes.items(), key=lambda item: item[1] is not None):
            self.write(path, content)
        for path in commit.touched:
            os.utime(self.root / path, (1_000_000_000, 1_000_000_000))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD").strip()

    def write(self, path: str, content: str | None) -> None:
        file = self.root / path
        if content is None:
            file.unlink()
            for folder in file.parents:
                if folder == self.root or any(folder.iterdir()):
                    return
                folder.rmdir()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink():
            file.unlink()
        if isinstance(content, Link):
            file.unlink(missing_ok=True)
            file.symlink_to(content)
            return
        file.write_text(content.replace("{n}", self.number).replace("BASE", self.base), encoding="utf-8")
        file.chmod(0o755 if isinstance(content, Mode) else 0o644)


def built(engine: Engine, repository: Repository, past: Past, commit: Commit) -> dict[tuple[str, int], bool]:
    """Build, and tell for each step whether it came from the cache."""
    arguments = ["buildx", "build", "--progress=rawjson", "--network=none", "--output=type=cacheonly"]
    arguments += [f"--build-arg={name}={value}" for name, value in commit.build_args.items()]
    arguments += [f"--target={past.target}"] if past.target else []
    done = engine.docker(
        *arguments, "-f", repository.root / past.dockerfile_path, repository.root / past.context, check=False
    )
    if "unknown flag" in done.stderr:
        pytest.skip("this engine's Dockerfile frontend does not know a flag yet")
    assert done.returncode == 0, done.stderr[-2000:]
    # The only stage has no name in the progress, or one: if images or mounts count as stages.
    is_alone = (repository.root / past.dockerfile_path).read_text().count("FROM ") == 1
    steps: dict[tuple[str, int], bool] = {}
    for line in done.stderr.splitlines():
        for vertex in json.loads(line).get("vertexes") or ():
            named = re.match(r"\[(?:(\S+) +)?(\d+)/\d+\] (?!FROM )", vertex["name"])
            if named and vertex.get("completed"):
                label = "" if named[1] is None or is_alone else named[1]
                place = (label, int(named[2]))
                steps[place] = steps.get(place, False) or bool(vertex.get("cached"))
    return steps


@pytest.mark.parametrize("name", PASTS)
def test_model_agrees_with_engine(name: str, engine: Engine, base: str, tmp_path: Path) -> None:
    past = PASTS[name]
    repository = Repository(tmp_path, base)
    wanted: list[dict[tuple[str, int], bool]] = []
    names = []
    for commit in past.commits:
        names.append(repository.commit(commit))
        wanted.append(built(engine, repository, past, commit))
    assert len(past.commits) > 5

    context = str(tmp_path / past.context)
    dockerfile = str(tmp_path / past.dockerfile_path)
    history = read_history(context, len(names) - 1, [dockerfile, f"{dockerfile}.dockerignore"])
    assert [history.base, *(commit.name for commit in history.commits)] == names
    own = path_in_repository(history, context, dockerfile)
    contexts = PastContexts(
        history,
        f"{own}.dockerignore",
        BuildContext.for_dockerfile(dockerfile, root=context).ignore,
        has_git_folder=(Path(context) / ".git").is_dir(),
    )
    cache = Cache()
    compared = 0
    for number, (commit_name, snapshot, others) in enumerate(contexts.states()):
        file = others[own]
        text = (history.read(file.content) or b"").decode()
        plan = plan_of(Model(parse(text), target=past.target, build_args=past.commits[number].build_args))
        build = cache.build(commit_name, plan, snapshot)
        assert build.missing is None
        if number == 0:
            continue
        steps = plan.steps
        assert len(steps) == len(build.results)
        # Of steps that are the same in two stages the engine tells one.
        told = {step.text for step in steps if step.place in wanted[number]}
        assert set(wanted[number]) <= {step.place for step in steps}
        assert {step.text for step in steps} == told
        for step, result in zip(steps, build.results, strict=True):
            if step.place not in wanted[number]:
                continue
            where = f"commit {number + 1}, [{step.place[0]} {step.place[1]}] {step.text}"
            if result.outcome == "maybe":
                assert step.text in past.unsure, f"{where}: the model should be sure"
                continue
            assert (result.outcome == "cached") == wanted[number][step.place], f"{where}: {result.outcome}"
            compared += 1
    assert compared > 5
