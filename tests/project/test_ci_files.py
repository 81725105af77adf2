"""``action.yml`` and the GitLab template: sound YAML, whose scripts do with the real command line what they promise."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from project.repository import PORTIONS, ROOT, cannot_run, run

from dflint.cli.lint import parser
from dflint.version import VERSION

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

CLEAN = 'FROM alpine:3\nUSER 1000\nCMD ["sh"]\n'
FAULTY = "FROM alpine\nUSER 1000\n"


def parsed(path: Path) -> Any:
    try:
        yaml = import_module("yaml")
    except ImportError:
        cannot_run("PyYAML is not installed")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def action() -> Any:
    return parsed(ROOT / "action.yml")


@pytest.fixture(scope="module")
def gitlab() -> Any:
    return parsed(ROOT / "templates" / "gitlab-ci.yml")


def step(action: Any, name: str) -> Any:
    (found,) = (step for step in action["runs"]["steps"] if step["name"] == name)
    return found


def commands(script: str) -> Iterator[list[str]]:
    """The arguments of the calls of dflint in a shell script; what a variable stands for is left out."""
    for line in script.splitlines():
        if re.match(r"\s*dflint\s", line):
            words = shlex.split(line.partition("||")[0])[1:]
            yield [re.sub(r"^\$.*FILE$", "file", word) for word in words if not re.match(r"\$(?!.*FILE$)", word)]


def check(script: str, expected: int) -> None:
    found = list(commands(script))
    assert len(found) == expected
    for arguments in found:
        parser().parse_intermixed_args(arguments)  # ends the program when it is wrong


def executable(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with ``dflint``, this checkout's."""
    path = os.pathsep.join(str(ROOT / portion) for portion in PORTIONS)
    folder = tmp_path / "programs"
    executable(folder, "dflint", f'PYTHONPATH={path} exec "{sys.executable}" -m dflint "$@"')
    return folder


# --- GitHub


def test_action_is_described(action: Any) -> None:
    assert action["runs"]["using"] == "composite"
    assert action["name"] and action["description"]
    for given in action["inputs"].values():
        assert given["description"]
        assert isinstance(given["default"], str)


def test_action_uses_what_there_is(action: Any) -> None:
    text = json.dumps(action["runs"])
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(action["inputs"])
    earlier: set[str] = set()
    for each in action["runs"]["steps"]:
        outputs = re.findall(r"steps\.([\w-]+)\.outputs\.([\w-]+)", json.dumps(each))
        assert {name for name, _ in outputs} <= earlier
        for name, output in outputs:
            (made,) = (s for s in action["runs"]["steps"] if s.get("id") == name)
            assert f'"{output}=' in made.get("run", "") or made.get("uses", "").startswith("actions/setup-python@")
        if "run" in each:
            assert each["shell"] == "bash", "a composite action must say it"
            assert "${{" not in each["run"], "what others write must come as variables, not as code"
        else:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", each["uses"])
        earlier |= {each["id"]} if "id" in each else set()
    for output in action["outputs"].values():
        assert re.fullmatch(r"\$\{\{ steps\.lint\.outputs\.[\w-]+ \}\}", output["value"])


def test_action_calls_dflint_as_it_can_be_called(action: Any) -> None:
    check(step(action, "Lint")["run"], 2)


def bash(script: str, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does; what it writes to ``GITHUB_OUTPUT`` is in the file ``output``."""
    if sys.platform == "win32" or shutil.which("bash") is None:
        cannot_run("bash is not installed")
    (folder / "script").write_text(script, encoding="utf-8")
    outputs = {"GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(folder)}
    environment = {**os.environ, **outputs, "XDG_CACHE_HOME": str(folder / "cache"), **variables}
    return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", folder / "script"], folder, environment)


def lint(action: Any, folder: Path, programs: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    given = {"PROGRAMS": str(programs), "PATHS": ".", "ARGUMENTS": "", "SARIF_FILE": "", "UPLOAD": "false"}
    assert set(given) == set(step(action, "Lint")["env"])
    return bash(step(action, "Lint")["run"], folder, {**given, **variables})


def test_action_annotates(action: Any, tmp_path: Path, programs: Path) -> None:
    (tmp_path / "Dockerfile").write_text(FAULTY, encoding="utf-8")
    process = lint(action, tmp_path, programs)
    assert process.returncode == 1, process.stderr
    assert process.stdout.startswith("::warning file=Dockerfile,line=1,")
    assert (tmp_path / "output").read_text(encoding="utf-8") == "exit-code=1\n"


def test_action_is_content(action: Any, tmp_path: Path, programs: Path) -> None:
    (tmp_path / "Dockerfile").write_text(CLEAN, encoding="utf-8")
    process = lint(action, tmp_path, programs)
    assert (process.returncode, process.stdout) == (0, ""), process.stderr


def test_action_takes_paths_and_arguments(action: Any, tmp_path: Path, programs: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "Dockerfile").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "$(echo)").write_text(FAULTY, encoding="utf-8")
    arguments = "--select untagged-base\n--fail-level   error"
    process = lint(action, tmp_path, programs, PATHS="a b\n\n$(echo)\n", ARGUMENTS=arguments)
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("::warning") == 2
    process = lint(action, tmp_path, programs, PATHS="a b", ARGUMENTS="--no-such-option")
    assert process.returncode == 2
    assert "--no-such-option" in process.stderr


@pytest.mark.parametrize(("file", "upload"), [("out.sarif", "false"), ("", "true"), ("out.sarif", "true")])
def test_action_writes_sarif(action: Any, tmp_path: Path, programs: Path, file: str, upload: str) -> None:
    (tmp_path / "Dockerfile").write_text(FAULTY, encoding="utf-8")
    process = lint(action, tmp_path, programs, SARIF_FILE=file, UPLOAD=upload)
    assert process.returncode == 1, process.stderr
    assert "::warning" in process.stdout
    outputs = dict(line.split("=") for line in (tmp_path / "output").read_text(encoding="utf-8").splitlines())
    assert outputs == {"exit-code": "1", "sarif-file": file or str(tmp_path / "dflint.sarif")}
    written = json.loads((tmp_path / outputs["sarif-file"]).read_text(encoding="utf-8"))
    assert written["runs"][0]["results"]


def test_action_uploads_when_asked_also_after_findings(action: Any) -> None:
    upload = step(action, "Upload to code scanning")
    assert "!cancelled()" in upload["if"]
    assert "inputs.upload-sarif == 'true'" in upload["if"]
    assert upload["uses"].startswith("github/codeql-action/upload-sarif@")


def test_action_installs_its_own_checkout(action: Any, tmp_path: Path) -> None:
    """With a Python that only notes what it is told."""
    note = f'printf "%s|" "$@" >> "{tmp_path}/told"; echo >> "{tmp_path}/told"'
    executable(tmp_path, "python", f'{note}\nmkdir -p "$3/bin" && cp "$0" "$3/bin/python"')
    variables = {"PYTHON": str(tmp_path / "python"), "CHECKOUT": "/the/action", "PLUGINS": "acme-dflint==1.0\n  other"}
    install = step(action, "Install dflint")
    assert set(variables) == set(install["env"])
    assert install["env"]["CHECKOUT"] == "${{ github.action_path }}"
    process = bash(install["run"], tmp_path, variables)
    assert process.returncode == 0, process.stderr
    venv, pip = (tmp_path / "told").read_text(encoding="utf-8").splitlines()
    assert venv == f"-m|venv|{tmp_path}/dflint|"
    assert pip.startswith("-m|pip|install|")
    assert pip.endswith("|/the/action|acme-dflint==1.0|other|")
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"programs={tmp_path}/dflint/bin\n"


# --- GitLab


def test_gitlab_job(gitlab: Any) -> None:
    (job,) = gitlab.values()
    assert job["artifacts"]["when"] == "always", "also when there are findings"
    text = "\n".join(job["script"])
    assert set(re.findall(r"\$(DFLINT_\w+)", text)) == set(job["variables"])
    assert job["artifacts"]["reports"]["codequality"] in text
    check(text, 2)


def test_gitlab_example_names_the_version() -> None:
    assert f"/v{VERSION}/" in (ROOT / "templates" / "gitlab-ci.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "arguments", "code"), [(FAULTY, "", 1), (FAULTY, "--fail-level none", 0), (CLEAN, "", 0)]
)
def test_gitlab_script(gitlab: Any, tmp_path: Path, programs: Path, content: str, arguments: str, code: int) -> None:
    if shutil.which("sh") is None:
        cannot_run("sh is not installed")
    (job,) = gitlab.values()
    (tmp_path / "Dockerfile").write_text(content, encoding="utf-8")
    executable(programs, "python", f'echo "$@" > "{tmp_path}/told"')
    variables = {**job["variables"], "DFLINT_ARGUMENTS": arguments, "DFLINT_PACKAGES": "dflint==0.1.0 acme-dflint"}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), **variables, "PATH": path}
    process = run(["sh", "-ec", "\n".join(job["script"])], tmp_path, environment)
    assert process.returncode == code, process.stderr
    assert (tmp_path / "told").read_text(encoding="utf-8").endswith("ignore dflint==0.1.0 acme-dflint\n")
    report = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert bool(report) == (content == FAULTY)
    assert ("untagged-base" in process.stdout) == (content == FAULTY), "people see the findings in the log"
