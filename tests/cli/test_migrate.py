"""``dflint migrate``, and linting by hadolint's file where there is none of ours."""

import json
from pathlib import Path

import pytest
import tomli

NOTE = "dflint: using .hadolint.yaml, as there is no dflint.toml (`dflint migrate` makes one)\n"
HADOLINT = """\
# What we agreed on

ignored:
  - DL3003  # cd is fine
  # the mirror holds one version
  - DL3008
  - SC2086  # quoting
override:
  error: [DL3025]
label-schema:
  author: text  # who
trustedRegistries:
  - ghcr.io
failure-threshold: warning
format: gnu
# ours alone
x-team:
  - a
# the end
"""
DFLINT = """\
# Made by `dflint migrate` from .hadolint.yaml.

# Off in dflint unless they are selected.
extend-select = [
    "non-numeric-user",  # DL3066
]

# What we agreed on
ignore = [
    "cd-instead-of-workdir",  # DL3003: cd is fine
    # the mirror holds one version
    "unpinned-system-packages",  # DL3008
    "SC2086",  # quoting
]

fail-level = "warning"

format = "concise"

[rules.empty-label]
labels = ["author"]

# author: who
[rules.missing-label]
required = ["author"]

[rules.redundant-platform]
level = "warning"  # DL3065, as hadolint has it

[rules.relative-workdir]
every = true

[rules.shell-form-command]
level = "error"  # DL3025
healthcheck = true

[rules.untrusted-registry]
trusted-registries = ["ghcr.io"]

# the end

# Without counterpart in dflint:
# - x-team: hadolint does not know it either

# # ours alone
# x-team:
#   - a
"""
DOCKERFILE = "FROM ghcr.io/a/b:1\nLABEL author=me\nRUN cd /opt && make\nCMD make\n"


@pytest.fixture
def project(write):
    write(".hadolint.yaml", HADOLINT)
    write("Dockerfile", DOCKERFILE)


def test_migrate(dflint, project, tmp_path):
    code, out, err = dflint("migrate")
    assert (code, err) == (0, "")
    assert (tmp_path / "dflint.toml").read_bytes() == DFLINT.encode()
    lines = out.splitlines()
    assert lines[0] == ".hadolint.yaml -> dflint.toml"
    assert (
        "  .hadolint.yaml:6: DL3008: unpinned-system-packages is off, which is DL3018, DL3033, DL3037 and DL3041 too"
        in lines
    )
    assert lines[-2:] == [
        "Without counterpart:",
        "  .hadolint.yaml:17: x-team: hadolint does not know it either",
    ]
    # The result is read, and says the same as what it comes from.
    by_ours = dflint("lint", "-q")
    (tmp_path / "dflint.toml").unlink()
    assert dflint("lint", "-q") == by_ours
    assert by_ours[0] == 1
    assert by_ours[1].startswith("Dockerfile:4:5: error shell-form-command")
    assert len(by_ours[1].splitlines()) == 1


def test_standard_output(dflint, project, tmp_path):
    code, out, err = dflint("migrate", "-o", "-")
    assert (code, out) == (0, DFLINT)
    assert err.startswith("\nChanged:\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hadolint.yaml", "Dockerfile"]


def test_beside_the_file(dflint, write, tmp_path):
    write("a/hadolint.yml", "ignored: [DL3006]")
    assert dflint("migrate", "a/hadolint.yml")[0] == 0
    assert tomli.loads((tmp_path / "a" / "dflint.toml").read_text())["ignore"] == ["untagged-base"]
    assert dflint("migrate", "a/hadolint.yml", "--output", "b.toml")[0] == 0
    assert (tmp_path / "b.toml").exists()


def test_nothing_to_say(dflint, write):
    write(".hadolint.yml", "ignored: [DL3006, DL3066, DL3008, DL3018, DL3033, DL3037, DL3041]")
    assert dflint("migrate") == (0, ".hadolint.yml -> dflint.toml\nAll of it means the same in dflint.\n", "")


def test_does_not_overwrite(dflint, project, write, tmp_path):
    write("dflint.toml", "preview = true\n")
    assert dflint("migrate") == (2, "", "dflint: dflint.toml: is there already (--force writes all the same)\n")
    assert (tmp_path / "dflint.toml").read_text() == "preview = true\n"
    assert dflint("migrate", "--force")[0] == 0
    assert (tmp_path / "dflint.toml").read_text() == DFLINT
    (tmp_path / "dflint.toml").unlink()
    write("pyproject.toml", "[tool.dflint]\n")
    code, out, err = dflint("migrate")
    assert (code, out) == (2, "")
    assert err.startswith("dflint: pyproject.toml: has [tool.dflint], which would no longer count")
    assert not (tmp_path / "dflint.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no .hadolint.yaml or .hadolint.yml in this folder"),
        (("none.yaml",), "none.yaml: No such file or directory"),
        (("bad.yaml",), 'bad.yaml:2:3: "ignored" must be a list of strings, not of an integer'),
        (("latin.yaml",), "latin.yaml: not UTF-8: invalid continuation byte"),
        (("good.yaml", "-o", "none/dflint.toml"), "none/dflint.toml: No such file or directory"),
    ],
)
def test_trouble(dflint, write, arguments, said):
    write("bad.yaml", "ignored:\n- 1\n")
    write("latin.yaml", b"# \xe9t\xe9\n")
    write("good.yaml", "no-fail: true\n")
    assert dflint("migrate", *arguments) == (2, "", f"dflint: {said}\n")


# --- Linting by hadolint's file


def test_honoured(dflint, project):
    code, out, err = dflint("--format", "json")
    assert code == 1
    assert err == NOTE
    found = {finding["rule"]: finding["level"] for finding in json.loads(out)["findings"]}
    assert found == {"shell-form-command": "error"}
    assert dflint("-q", "--format", "json")[2] == ""
    assert dflint("-", stdin=DOCKERFILE.encode())[2] == NOTE
    plain = dflint("--no-config", "--format", "json")
    assert plain[2] == ""
    assert {f["rule"] for f in json.loads(plain[1])["findings"]} >= {"shell-form-command", "cd-instead-of-workdir"}


def test_ours_wins(dflint, project, write):
    write("dflint.toml", 'select = ["cd-instead-of-workdir"]\nformat = "concise"\n')
    code, out, err = dflint()
    assert (code, err) == (1, "")
    assert "cd-instead-of-workdir" in out
    assert "shell-form-command" not in out


def test_one_note_for_many(dflint, write):
    for name in "abc":
        write(f"{name}/.hadolint.yaml", f"failure-threshold: {'error' if name == 'a' else 'info'}\n")
        write(f"{name}/Dockerfile", "FROM alpine\n")
    said = " and 2 more, as there is no dflint.toml (`dflint migrate` makes one)\n"
    for arguments in ([], ["-j", "2"], ["-j", "2", "a/Dockerfile", "b/Dockerfile", "c/Dockerfile"]):
        code, out, err = dflint("--format", "concise", *arguments)
        assert code == 1
        assert err.startswith("dflint: using ") and err.endswith(said) and err.count("\n") == 1
        assert out.count("untagged-base") == 3
    assert dflint("a/Dockerfile")[0] == 0  # a warning, below its own threshold


def test_errors_name_the_place(dflint, write):
    write(".hadolint.yaml", "ignored:\n  - DL3006\n  - 12\nfailure-threshold: high\n")
    write("Dockerfile", "FROM alpine\n")
    code, _out, err = dflint("Dockerfile")
    assert code == 2
    assert err.splitlines() == [
        'dflint: .hadolint.yaml:3:5: "ignored" must be a list of strings, not of an integer',
        (
            'dflint: .hadolint.yaml:4:20: "failure-threshold" must be one of error, warning, info, style, ignore, '
            'none, not "high"'
        ),
    ]
    assert dflint("--no-config", "-q", "Dockerfile")[0] == 1


def test_disabled_pragmas(dflint, write):
    write("Dockerfile", "# hadolint ignore=DL3006\nFROM alpine\n# hadolint ignore=DL1001\nUSER 1\n")
    assert dflint("Dockerfile")[0] == 0
    write(".hadolint.yaml", "disable-ignore-pragma: true\nformat: gnu\n")
    code, out, _ = dflint("-q", "Dockerfile")
    assert code == 1
    assert [line.split()[2] for line in out.splitlines()] == [
        "inline-hadolint-pragma", "untagged-base", "inline-hadolint-pragma",
    ]  # fmt: skip
    # The rule alone reports the comments, which go on to silence; also itself.
    write(".hadolint.yaml", "override: {info: [DL1001]}\nformat: gnu\n")
    code, out, _ = dflint("-q", "Dockerfile")
    assert [line.split()[2] for line in out.splitlines()] == ["inline-hadolint-pragma"]


def test_yaml_is_imported_only_for_such_a_file(dflint, write, environment):
    write("Dockerfile", "FROM alpine:3.20\n")
    traced = {"PYTHONPROFILEIMPORTTIME": "1"}
    assert " yaml" not in dflint("Dockerfile", env=traced)[2]
    write(".hadolint.yaml", "no-fail: true\n")
    assert " yaml" in dflint("Dockerfile", env=traced)[2]


def test_configuration_of_hadolint_by_name(dflint, write):
    """``hadolint -c FILE`` has its counterpart; who names the file needs no note."""
    write("ci/lint.yml", "override: {error: [DL3006]}\nformat: gnu\nignored: [DL3066, SC2086]\n")
    write("Dockerfile", "FROM alpine\n")
    code, out, err = dflint("-q", "--config", "ci/lint.yml", "--format", "concise", "Dockerfile")
    assert (code, err) == (1, "")
    assert out.startswith("Dockerfile:1:6: error untagged-base")
    assert dflint("--config", "ci/lint.yml", "Dockerfile")[2] == ""
    write("ci/bad.yaml", "ignored: 1\n")
    assert dflint("--config", "ci/bad.yaml", "Dockerfile") == (
        2, "", 'dflint: ci/bad.yaml:1:10: "ignored" must be a list of strings, not an integer\n',
    )  # fmt: skip


def test_documented_example(dflint, write):
    page = (Path(__file__).parents[2] / "docs" / "coming-from-hadolint.md").read_text(encoding="utf-8")
    before, after = (page.split(f"```{language}\n")[1].split("```\n")[0] for language in ("yaml", "toml"))
    write(".hadolint.yaml", before)
    assert dflint("migrate", "--output", "-")[:2] == (0, after)


def test_documented_rewriting_of_comments(dflint, write):
    file = write("Dockerfile", "# hadolint global ignore=DL3057\nFROM alpine\n# hadolint ignore=DL3018 # why\nUSER 1\n")
    assert dflint("--select", "inline-hadolint-pragma", "--unsafe-fixes", "Dockerfile")[0] == 0
    assert file.read_text() == "# dflint global ignore=DL3057\nFROM alpine\n# dflint ignore=DL3018 # why\nUSER 1\n"
