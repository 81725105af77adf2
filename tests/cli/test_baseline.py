"""``--write-baseline`` and ``--baseline``."""

import json
import os

import pytest

from dflint.findings import Finding
from dflint.report.base import FileOutcome
from dflint.report.baseline import Baseline, BaselineError, BaselineWriter

OLD = "FROM alpine\nFROM debian\n"
SELECT = ("--select", "DL3006,DL3002,DL3008", "--format", "concise")


def lines(out):
    return [line.split(":")[1] for line in out.splitlines()]


def test_only_new_findings(dflint, write):
    write("api/Dockerfile", OLD)
    write("web/Dockerfile", "FROM nginx\n")
    code, out, err = dflint(*SELECT, "--write-baseline", "known.json")
    assert (code, out, err) == (0, "3 findings in 2 files written to known.json.\n", "")
    code, out, err = dflint(*SELECT, "--baseline", "known.json")
    assert (code, out, err) == (0, "", "dflint: 3 more in the baseline.\n")
    assert dflint(*SELECT, "--baseline", "known.json", "--quiet") == (0, "", "")
    assert dflint(*SELECT[:2], "--baseline", "known.json")[1] == "No findings in 2 files. 3 more in the baseline.\n"
    write("api/Dockerfile", "# now with\n\n  FROM   alpine AS a\nRUN true\nFROM busybox\nFROM debian\n")
    code, out, err = dflint(*SELECT, "--baseline", "known.json")
    assert code == 1
    assert lines(out) == ["5"]
    assert err == "dflint: 3 more in the baseline.\n"
    for folder, path in (("api", "../known.json"), ("web", "../known.json")):
        assert dflint(*SELECT, "--baseline", path, cwd=write(f"{folder}/x", "").parent)[0] == (folder == "api")


def test_which_of_equal_ones_is_new(dflint, write):
    write("Dockerfile", "FROM alpine AS a\nFROM alpine AS b\n")
    dflint(*SELECT, "--write-baseline", "known.json")
    write("Dockerfile", "FROM alpine AS first\nFROM alpine AS a\nFROM alpine AS other\nFROM alpine AS b\n")
    assert lines(dflint(*SELECT, "--baseline", "known.json")[1]) == ["1", "3"]
    write("Dockerfile", "FROM alpine AS c\nFROM alpine AS d\n")
    assert dflint(*SELECT, "--baseline", "known.json")[0] == 0
    write("Dockerfile", "FROM alpine AS c\nFROM alpine AS d\nFROM alpine AS e\n")
    assert lines(dflint(*SELECT, "--baseline", "known.json")[1]) == ["3"]


def test_fixed_entries(dflint, write, tmp_path):
    file = write("api/Dockerfile", OLD)
    gone = write("old/Dockerfile", OLD)
    write("web/Dockerfile", "FROM nginx\n")
    dflint(*SELECT, "--write-baseline", "known.json")
    assert len(json.loads((tmp_path / "known.json").read_text())["files"]) == 3
    file.write_text("FROM alpine\n")
    gone.unlink()
    code, out, _ = dflint(*SELECT[:2], "--baseline", "known.json")
    assert code == 0
    assert "2 more in the baseline, 3 findings of the baseline fixed" in out
    assert "2 findings of the baseline fixed" in dflint(*SELECT[:2], "web", "--baseline", "known.json")[1]
    dflint(*SELECT, "--write-baseline", "known.json")
    assert sorted(json.loads((tmp_path / "known.json").read_text())["files"]) == ["api/Dockerfile", "web/Dockerfile"]
    assert "fixed" not in dflint(*SELECT[:2], "--baseline", "known.json")[1]


def test_written_the_same_again(dflint, write, tmp_path):
    write("b/Dockerfile", b"FROM alp\xff\xc3\xa9\nUSER root\n")
    write("a/Dockerfile", OLD)
    dflint(*SELECT, "--write-baseline", "known.json")
    first = (tmp_path / "known.json").read_bytes()
    dflint(*SELECT, "b", "a", "./b/Dockerfile", "--write-baseline", str(tmp_path / "known.json"), "--no-cache")
    assert (tmp_path / "known.json").read_bytes() == first
    assert b"\r" not in first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "known.json"]


def test_setting(dflint, write):
    write("x/dflint.toml", "baseline = 'lists/known.json'\nselect = ['DL3006']\nformat = 'concise'\n")
    folder = write("x/Dockerfile", OLD).parent
    write("x/lists/.keep", "")
    write("y/Dockerfile", OLD)
    code, _, err = dflint(cwd=folder)
    assert code == 2
    assert "known.json: cannot read the baseline" in err
    assert "make it with --write-baseline" in err
    assert dflint("--write-baseline", "lists/known.json", cwd=folder)[0] == 0
    assert dflint(cwd=folder)[0] == 0
    assert dflint("--no-baseline", cwd=folder)[0] == 1
    code, out, _ = dflint("--format", "concise")  # from above: each file's own
    assert code == 1
    assert {line.split(":")[0] for line in out.splitlines()} == {"y/Dockerfile"}


def test_same_with_kept_results(dflint, write):
    write("Dockerfile", OLD)
    dflint(*SELECT)
    dflint(*SELECT, "--write-baseline", "known.json")
    write("Dockerfile", OLD + "FROM nginx\n")
    for _ in range(2):
        assert (
            dflint(*SELECT, "--baseline", "known.json")[:2]
            == dflint(*SELECT, "--baseline", "known.json", "--no-cache")[:2]
        )
        assert lines(dflint(*SELECT, "--baseline", "known.json")[1]) == ["3"]
        assert dflint(*SELECT, "--baseline", "known.json", "--fail-level", "error")[0] == 0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"version": 1}',
        '{"version": 1, "files": []}',
        '{"version": 1, "files": {"a": {}}}',
        '{"version": 1, "files": {"a": [["r", "m"]]}}',
        '{"version": 1, "files": {"a": [["r", "m", [1]]]}}',
        '{"version": 1, "files": {"a": [[null, "m", []]]}}',
        '{"version": 2, "files": {}}',
        b"\xff\xfe",
        "[" * 100_000,
        "<<<<<<< ours\n{}",
    ],
)
def test_corrupt(write, content):
    path = write("known.json", content)
    with pytest.raises(BaselineError, match=r"known\.json: "):
        Baseline.read(str(path))


def test_troubles(dflint, write, tmp_path):
    write("Dockerfile", OLD)
    write("bad.json", "{")
    code, out, err = dflint(*SELECT, "--baseline", "bad.json")
    assert (code, out) == (2, "")
    assert err.startswith("dflint: bad.json: not a baseline: ")
    assert dflint("--baseline", "none.json")[0] == 2
    assert dflint("--baseline", ".")[0] == 2
    assert dflint("--write-baseline", "no/such/folder.json")[0] == 2
    (tmp_path / "kept.json").write_text("old")
    code, _, err = dflint(*SELECT, ".", "nowhere", "--write-baseline", "kept.json")
    assert code == 2
    assert "not written" in err
    assert (tmp_path / "kept.json").read_text() == "old"
    for wrong in (("--baseline", "bad.json"), ("--diff",), ("-o", "x"), ("--no-baseline",), ("--statistics",)):
        assert dflint("--write-baseline", "k.json", *wrong)[0] == 2
    assert dflint("-", "--write-baseline", "k.json")[0] == 2
    assert sorted(os.listdir(tmp_path)) == ["Dockerfile", "bad.json", "kept.json"]  # noqa: PTH208


def test_marks_of_odd_places(tmp_path):
    text = "FROM a\r\n\r\nRUN b \\\r\n  c\r\n"
    findings = tuple(
        Finding("r", "m", "info", start, end)
        for start, end in ((0, 0), (0, len(text)), (len(text), len(text)), (8, 8), (10, 20))
    )
    writer = BaselineWriter(str(tmp_path / "k.json"))
    writer.add(FileOutcome(str(tmp_path / "D"), text, findings))
    writer.write()
    baseline = Baseline.read(str(tmp_path / "k.json"))
    other = "# x\n\nFROM   a\n\nRUN b \\\n c\n\n"
    moved = tuple(
        Finding("r", "other words", "error", start, end)
        for start, end in ((5, 5), (5, len(other)), (len(other), len(other)), (3, 3), (15, 24))
    )
    outcome = baseline.without_known(FileOutcome(str(tmp_path / "D"), other, moved, fails=True))
    assert (outcome.findings, outcome.hidden, outcome.fails) == ((), 5, False)
    assert baseline.settled() == 0
