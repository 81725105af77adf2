"""Test the extension in a real VS Code: ``python test/run.py [--package VSIX] [--only NAME ...] [--write]``.

Installs what it needs (``environment.py``), builds the extension unless ``--package`` names one, and runs suites inside
the extension host and scenarios that are driven by mouse and keyboard. What cannot run on this machine is said with the
reason. The outcome is in ``test/results``; ``--write`` also puts the pictures into ``images/`` and the figures into
``README.md``. Exit codes: 0 all that ran passed, 1 something failed, 2 nothing could run.
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
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parent
ROOT = EXTENSION.parent
RESULTS = HERE / "results"
sys.path.insert(0, str(HERE))
from environment import MissingError, folder as home, prepare  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PICTURES = ("findings", "quick-fix", "optimize", "reasons", "stages", "cache", "preview", "no-python")
LIMIT = 15 * 60
"""Seconds for one scenario."""
MAX_SQUIGGLE = 3.0
"""Seconds from opening a file to the first squiggle, fresh profile, two idle processors."""
MAX_RATIO = 3.0
"""The same as a ratio to an empty extension, for a machine that is busy with other things."""
REPEATED = 4
COMMITS = 40
START, END = "<!-- generated: figures -->", "<!-- end: figures -->"


class Skipped(Exception):  # noqa: N818
    """Why a scenario does not run here."""


@dataclass
class Run:
    """The state of a whole run: where things are, and what came out."""

    package: Path
    helper: Path
    """The extension that runs suites in the extension host."""
    baseline: Path
    """The extension that is measured against."""
    environment: dict[str, str]
    work: Path
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def node(
        self, script: str, name: str, workspace: Path, packages: list[Path],
        options: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Run a script of this folder in a fresh profile. Gives its outcomes, which are noted as well."""
        profile = Path(tempfile.mkdtemp(dir=self.work))
        command = [shutil.which("node", path=self.environment["PATH"]) or "node", str(HERE / script), name]
        command += [str(workspace), str(profile), str(RESULTS), *map(str, packages)]
        env = {**self.environment, "DFLINT_TEST_OPTIONS": json.dumps(options or {}), **(environment or {})}
        (RESULTS / f"{script}-{name}.json").unlink(missing_ok=True)
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT)
        lines = done.stdout.strip().splitlines()
        try:
            found = json.loads(lines[-1])
        except (IndexError, ValueError):
            found = [{"name": name, "ok": False, "told": done.stdout + done.stderr}]
        return [{**outcome, "scenario": name} for outcome in found]


def main() -> int:
    parser = argparse.ArgumentParser(description="Test the extension in a real VS Code.")
    parser.add_argument("--package", type=Path, help="the .vsix to test (default: build one)")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[s.__name__ for s in SCENARIOS])
    parser.add_argument("--write", action="store_true", help="write pictures and figures into the extension's folder")
    given = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    try:
        environment = prepare()
        package = given.package.resolve() if given.package else _build()
    except MissingError as error:
        print(f"the tests of the extension cannot run: {error}")
        return 2
    with tempfile.TemporaryDirectory(prefix="dflint-vscode-") as work:
        helper, baseline = _helpers(environment)
        run = Run(package, helper, baseline, environment, Path(work))
        begun = time.monotonic()
        for scenario in SCENARIOS:
            if not given.only or scenario.__name__ in given.only:
                _carry_out(run, scenario)
        if not given.only:
            run.figures["seconds of the run"] = round(time.monotonic() - begun)
    return _report(run, given.write)


def _carry_out(run: Run, scenario: Callable[[Run], list[dict[str, Any]]]) -> None:
    begun = time.monotonic()
    try:
        found = scenario(run)
    except Skipped as reason:
        found = [{"name": scenario.__name__, "scenario": scenario.__name__, "ok": None, "told": str(reason)}]
    except subprocess.TimeoutExpired:
        found = [{"name": scenario.__name__, "scenario": scenario.__name__, "ok": False, "told": "took too long"}]
    run.outcomes += found
    for outcome in found:
        word = {True: "passed", False: "FAILED", None: "did not run"}[outcome["ok"]]
        told = "" if outcome["told"] is None else f": {outcome['told']}"
        print(f"{word}  {scenario.__name__}: {outcome['name']}{told}")
    print(f"        ({time.monotonic() - begun:.0f} s)", flush=True)


# The scenarios, in the order in which they run


def squiggle(run: Run) -> list[dict[str, Any]]:
    """How long the first squiggle takes in a fresh profile, against an extension that does nothing else."""
    times: dict[str, list[float]] = {"dflint": [], "baseline": []}
    for _ in range(REPEATED):
        for name, package in (("dflint", run.package), ("baseline", run.baseline)):
            outcomes = run.node("ui.mjs", "squiggle", _project(run.work), [package])
            if not outcomes[0]["ok"]:
                return outcomes
            times[name].append(outcomes[0]["told"]["milliseconds"] / 1000)
    ours, least = (min(times[name]) for name in ("dflint", "baseline"))  # of a shared machine: the least disturbed
    run.figures["first squiggle, fresh profile, seconds"] = round(ours, 2)
    run.figures["the same with an empty extension, seconds"] = round(least, 2)
    run.figures["ratio of the two"] = round(ours / least, 2)
    is_quick = ours <= MAX_SQUIGGLE or ours <= MAX_RATIO * least
    return [{"name": "first squiggle", "scenario": "squiggle", "ok": is_quick, "told": times}]


def activation(run: Run) -> list[dict[str, Any]]:
    """What activation takes, against an extension that does nothing."""
    workspace = run.work / "without"
    workspace.mkdir()
    found = run.node("host.mjs", "activation", workspace, [run.package, run.helper, run.baseline])
    if found[0]["ok"]:
        run.figures["activation, milliseconds"] = round(found[0]["told"]["milliseconds"], 1)
        run.figures["activation of an empty extension, milliseconds"] = round(found[0]["told"]["empty"], 1)
    return found


def main_suite(run: Run) -> list[dict[str, Any]]:
    """What a user does, inside the extension host."""
    found = run.node("host.mjs", "main", _project(run.work), [run.package, run.helper])
    for outcome in found:
        if outcome["ok"] and outcome["name"] == "twenty Dockerfiles open":
            run.figures["20 Dockerfiles: all findings after the last is open, milliseconds"] = outcome["told"][
                "afterLast"
            ]
            run.figures["finding after an edit then, milliseconds"] = outcome["told"]["afterEdit"]
            run.figures["memory of the server then, MB"] = outcome["told"]["megabytes"]
        if outcome["ok"] and outcome["name"] == "the server comes back after a crash":
            run.figures["crash to the next finding, milliseconds"] = outcome["told"]["milliseconds"]
    return found


def untrusted(run: Run) -> list[dict[str, Any]]:
    """A workspace in restricted mode that tries to get its own programs run."""
    workspace = _project(run.work)
    sprung = workspace / "sprung"
    trap = workspace / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    programs = workspace / "programs"
    programs.mkdir()
    for name in ("python3", "python", "dflint", "shellcheck", "git", "docker"):
        shutil.copy(trap, programs / name)
    for module in ("json.py", "dflint/__init__.py", "sitecustomize.py", "lark.py"):
        path = workspace / module
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(sprung)!r}, 'w').close()\n")
    settings = workspace / ".vscode/settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"dflint.path": [str(trap)], "dflint.interpreter": str(programs / "python3")}))
    options = {"isTrusted": False, "settings": {"security.workspace.trust.enabled": True}}
    environment = {"PATH": f"{programs}{os.pathsep}{run.environment['PATH']}", "PYTHONPATH": str(workspace)}
    return run.node("host.mjs", "untrusted", workspace, [run.package, run.helper], options, environment)


def no_python(run: Run) -> list[dict[str, Any]]:
    """A machine without Python: a message with buttons."""
    programs = run.work / "programs"
    programs.mkdir()
    for folder in run.environment["PATH"].split(os.pathsep):
        for program in Path(folder).glob("*"):
            link = programs / program.name
            if not program.name.startswith(("python", "dflint")) and not link.is_symlink():
                link.symlink_to(program)
    environment = {"PATH": str(programs), "VSCODE_CLI": "1"}  # VS Code then asks no login shell for another PATH
    return run.node("ui.mjs", "no-python", _project(run.work), [run.package], None, environment)


def tour(run: Run) -> list[dict[str, Any]]:
    """Findings, a quick fix, the rewrite, its reasons, the stages and the cache, by mouse and keyboard."""
    return run.node("ui.mjs", "tour", _project(run.work), [run.package])


def preview(run: Run) -> list[dict[str, Any]]:
    """A preview on the real engine, inside the extension host and in sight."""
    workspace, settings = _engine_project(run)
    quick = {"settings": {**settings, "dflint.preview.measureRebuilds": False}, "seconds": 600}
    return [
        *run.node("host.mjs", "preview", workspace, [run.package, run.helper], quick),
        *run.node("ui.mjs", "preview", workspace, [run.package], {"settings": settings}),
    ]


def cancelled(run: Run) -> list[dict[str, Any]]:
    """A preview is cancelled; that nothing is left in the engine is a matter of dflint's own tests."""
    workspace, settings = _engine_project(run)
    (workspace / "build.js").write_text("setTimeout(() => {}, 60000)\n")
    return run.node("ui.mjs", "cancelled", workspace, [run.package], {"settings": settings})


SCENARIOS = (squiggle, activation, main_suite, untrusted, no_python, tour, preview, cancelled)


# What they run on


def _project(work: Path) -> Path:
    """A folder with Dockerfiles of all kinds, and a history."""
    workspace = Path(tempfile.mkdtemp(dir=work, prefix="workspace-"))
    shutil.copytree(ROOT / "examples/node-api", workspace, dirs_exist_ok=True)
    shutil.copytree(HERE / "workspace", workspace, dirs_exist_ok=True)
    for number in range(20):
        copy = workspace / "many" / str(number)
        shutil.copytree(ROOT / "examples/node-api", copy)
    _write_history(workspace)
    return workspace


def _write_history(workspace: Path) -> None:
    """Commits as a project has them: sources often, manifests seldom."""
    _git(workspace, "init", "--quiet")
    for number in range(COMMITS):
        edited = workspace / ("package.json" if number % 12 == 5 else f"src/feature{number % 7}.js")
        text = edited.read_text() if edited.exists() else ""
        edited.write_text(text + ("\n" if edited.suffix == ".json" else f"// {number}\n"))
        _git(workspace, "add", ".")
        _git(workspace, "commit", "--quiet", "--message", f"change {number}")


def _git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _engine_project(run: Run) -> tuple[Path, dict[str, Any]]:
    """An application that is built by Node itself, and settings that give it base images without a registry."""
    if shutil.which("docker") is None:
        raise Skipped("there is no program docker")
    told = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True)
    if told.returncode:
        raise Skipped(f"no engine answers: {told.stderr.strip()}")
    sys.path.insert(0, str(ROOT / "tests/engine"))
    import bases  # type: ignore[import-not-found]

    names = ("node:18", "node:18-slim")
    missing = [name for name in names if not bases._exists(bases.stand_in(name))]
    if missing:
        print(f"making stand-ins for {', '.join(missing)} ...", flush=True)
        bases.make("node-slim", "node")
    workspace = Path(tempfile.mkdtemp(dir=run.work, prefix="built-"))
    shutil.copytree(ROOT / "tests/apps/node-api", workspace, dirs_exist_ok=True)
    given = [word for context in bases.base_contexts(*names) for word in ("--build-context", context)]
    return workspace, {"dflint.preview.arguments": given}


# Building and reporting


def _build() -> Path:
    done = subprocess.run([sys.executable, str(EXTENSION / "scripts/build.py")], text=True, capture_output=True)
    if done.returncode:
        raise MissingError(f"the extension is not built:\n{done.stdout}{done.stderr}")
    print(done.stdout.strip(), flush=True)
    return max(EXTENSION.glob("*.vsix"), key=lambda path: path.stat().st_mtime)


def _helpers(environment: dict[str, str]) -> Iterator[Path]:
    """The two small extensions of the tests, packed."""
    vsce = EXTENSION / "node_modules/.bin/vsce"
    for name in ("extension", "baseline"):
        made = home() / f"test-{name}.vsix"
        command = [str(vsce), "package", "--no-dependencies", "--skip-license", "--out", str(made)]
        done = subprocess.run(command, cwd=HERE / "host" / name, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise MissingError(f"the tests' extension is not packed: {done.stdout}{done.stderr}")
        yield made


def _report(run: Run, is_written: bool) -> int:
    run.figures["size of the .vsix, MB"] = round(run.package.stat().st_size / 1e6, 2)
    outcome = {"figures": run.figures, "outcomes": run.outcomes, "at": time.strftime("%Y-%m-%d %H:%M", time.gmtime())}
    (RESULTS / "last.json").write_text(json.dumps(outcome, indent=1))
    for name, value in run.figures.items():
        print(f"{name}: {value}")
    failed = [one for one in run.outcomes if one["ok"] is False]
    skipped = [one for one in run.outcomes if one["ok"] is None]
    passed = len(run.outcomes) - len(failed) - len(skipped)
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} did not run")
    if is_written:
        _write(run)
    return 1 if failed else 0


def _write(run: Run) -> None:
    """Put pictures and figures where the README and the walkthrough have them."""
    for name in PICTURES:
        made = RESULTS / f"{name}.png"
        if made.exists():
            shutil.copy(made, EXTENSION / "images")
    readme = EXTENSION / "README.md"
    before, _, rest = readme.read_text().partition(START)
    kept, _, after = rest.partition(END)
    found = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", kept, re.MULTILINE))  # of scenarios that did not run now
    found.pop("---", None)
    rows = "\n".join(f"| {name} | {value} |" for name, value in {**found, **run.figures}.items())
    readme.write_text(f"{before}{START}\n\n| | |\n| --- | --- |\n{rows}\n\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
