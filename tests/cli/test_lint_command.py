"""``dflint [lint]`` as a user calls it."""

# ruff: noqa: PTH123, PTH208
import json
import os
import signal
import subprocess
import sys
import time

import pytest

CLEAN = "FROM alpine:3.20\nUSER nobody\n"
BROKEN = "FROM alpine:3.20\nRUNN make\n"
UNUSED = "FROM alpine:3.20\n# dflint ignore=syntax-error no longer\nUSER nobody\n"
SELECT = ("--select", "syntax-error,unused-suppression")

is_root = hasattr(os, "geteuid") and os.geteuid() == 0


def test_clean(dflint, write):
    write("Dockerfile", CLEAN)
    for arguments in ((), (".",), ("Dockerfile",), ("lint",), ("lint", ".")):
        assert dflint(*arguments, *SELECT) == (0, "No findings in 1 file.\n", "")


def test_findings(dflint, write):
    write("Dockerfile", BROKEN)
    code, out, err = dflint(*SELECT)
    assert code == 1
    first, *lines = out.splitlines()
    assert first.startswith(
        "Dockerfile:2:1: error: unknown instruction 'RUNN' (did you mean RUN?) [syntax-error, DL1000"
    )
    assert lines[:2] == [" 2 | RUNN make", "   | ^^^^"]
    assert err == ""


def test_paths_and_options_in_any_order(dflint, write):
    write("a/Dockerfile", BROKEN)
    write("b/Dockerfile", BROKEN)
    code, out, _ = dflint("b", "--format", "concise", *SELECT, "a/Dockerfile", "b/Dockerfile")
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines()] == ["b/Dockerfile", "a/Dockerfile"]


def test_a_path_called_like_a_command(dflint, write):
    write("rules", CLEAN)
    assert dflint("lint", *SELECT, "rules")[0] == 0
    assert dflint(*SELECT, "./rules")[0] == 0
    write("rules", BROKEN)
    assert dflint(*SELECT, "rules")[0] == 1
    code, _, err = dflint("--no-config", "tree")
    assert code == 2
    assert "no such file or folder (`dflint tree` is a command; it must come first)" in err


def test_standard_input(dflint):
    code, out, err = dflint("-", "--format", "concise", *SELECT, stdin=BROKEN.encode())
    assert (code, err) == (1, "")
    assert out.startswith("<stdin>:2:1: error syntax-error ")
    code, out, _ = dflint("-", "--stdin-filename", "x/Dockerfile", "--format", "json", *SELECT, stdin=BROKEN.encode())
    assert code == 1
    assert json.loads(out)["findings"][0]["path"] == "x/Dockerfile"


def test_standard_input_fixed_goes_to_standard_output(dflint):
    text = UNUSED.replace("\n", "\r\n").encode() + b"RUN \xff\r\n"
    code, out, err = dflint("-", "--fix", *SELECT, stdin=text)
    assert code == 0
    assert out.encode("utf-8", "surrogateescape") == b"FROM alpine:3.20\r\nUSER nobody\r\nRUN \xff\r\n"
    assert err == "Fixed 1 finding in 1 file. Nothing left in 1 file.\n"
    code, out, err = dflint("-", "--fix", *SELECT, stdin=CLEAN.encode())
    assert (code, out) == (0, CLEAN)
    assert dflint("-", *SELECT, stdin=UNUSED.encode())[1].startswith("<stdin>:2:1")


def test_configuration_of_standard_input(dflint, write):
    write("x/dflint.toml", "ignore = ['syntax-error']\n")
    assert dflint("-", *SELECT, "--stdin-filename", "x/Dockerfile", stdin=BROKEN.encode())[0] == 1
    assert dflint("-", "--extend-select", "unused-suppression", "--ignore", "all", "--stdin-filename", "x/Dockerfile",
                  stdin=BROKEN.encode())[0] == 0  # fmt: skip


def test_fix(dflint, write):
    file = write("Dockerfile", UNUSED)
    clean = write("sub/Dockerfile", CLEAN)
    before = clean.stat()
    assert dflint(*SELECT)[0] == 1
    assert file.read_text() == UNUSED
    code, out, _ = dflint("--fix", *SELECT)
    assert (code, out) == (0, "Fixed 1 finding in 1 file. Nothing left in 2 files.\n")
    assert file.read_text() == CLEAN
    after = clean.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert sorted(os.listdir(file.parent)) == ["Dockerfile", "sub"]


def test_what_is_left_after_fix_decides_the_exit_code(dflint, write):
    file = write("Dockerfile", UNUSED.replace("syntax-error", "syntax-eror"))
    code, out, _ = dflint("--fix", *SELECT)
    assert code == 1
    assert "--unsafe-fixes would settle 1." in out
    code, out, _ = dflint("--unsafe-fixes", *SELECT)
    assert (code, file.read_text()) == (0, CLEAN)


def test_no_fix_in_a_file_with_syntax_errors(dflint, write):
    file = write("Dockerfile", UNUSED.replace("syntax-error", "DL9999") + "RUNN x\n")
    before = file.read_text()
    code, out, _ = dflint("--fix", *SELECT)
    assert code == 1
    assert file.read_text() == before
    assert "1 fix not applied: the file has syntax errors" in out
    assert "would settle" not in out


def test_diff(dflint, write, tmp_path):
    file = write("a b/Dockerfile", UNUSED.rstrip("\n").replace("alpine", "é"))
    write("Dockerfile", BROKEN)
    code, out, err = dflint("--diff", *SELECT)
    assert code == 1
    assert err == "1 file would change, 1 finding would be fixed.\n"
    assert out == (
        "--- a/a b/Dockerfile\n+++ b/a b/Dockerfile\n@@ -1,3 +1,2 @@\n FROM é:3.20\n"
        "-# dflint ignore=syntax-error no longer\n USER nobody\n\\ No newline at end of file\n"
    )
    before = file.read_text()
    subprocess.run(["git", "apply", "--unsafe-paths", "-"], input=out.encode(), cwd=tmp_path, check=True)
    assert file.read_text() == before.replace("# dflint ignore=syntax-error no longer\n", "")
    code, out, err = dflint("--diff", *SELECT)
    assert (code, out, err) == (0, "", "Nothing would change.\n")


def test_diff_of_bytes_and_line_ends(dflint, write, tmp_path):
    file = write("Dockerfile", UNUSED.encode().replace(b"\n", b"\r\n") + b"RUN \xff\x80\r\n")
    done = dflint("--diff", *SELECT)[1].encode("utf-8", "surrogateescape")
    subprocess.run(["git", "apply", "-"], input=done, cwd=tmp_path, check=True)
    assert file.read_bytes() == CLEAN.encode().replace(b"\n", b"\r\n") + b"RUN \xff\x80\r\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-level", "error"), 0),
        (("--fail-level", "warning"), 1),
        (("--fail-level", "none"), 0),
    ],
)
def test_fail_level(dflint, write, arguments, code):
    write("Dockerfile", UNUSED)
    assert dflint(*SELECT, *arguments)[0] == code


def test_fail_level_of_the_configuration(dflint, write):
    write("Dockerfile", UNUSED)
    write("dflint.toml", "fail-level = 'error'\nselect = ['unused-suppression', 'syntax-error']\n")
    assert dflint()[0] == 0
    assert dflint("--fail-level", "info")[0] == 1
    assert dflint("--no-config", *SELECT)[0] == 1


def test_selectors(dflint, write):
    write("Dockerfile", UNUSED + "RUNN x\n")

    def rules(*arguments):
        out = dflint("--format", "concise", *arguments)[1]
        return {line.split()[2] for line in out.splitlines()}

    assert rules("--select", "DL1000") == {"syntax-error"}
    assert rules("--select", "syntax,unused-suppression", "--ignore", "DL1000") == set()
    assert rules("--select", "syntax", "--extend-select", "unused-suppression") >= {"syntax-error"}
    assert "syntax-error" not in rules("--ignore", "syntax")
    code, _, err = dflint("--select", "DL1000,unused-supression")
    assert code == 2
    assert err == 'dflint: unknown rule "unused-supression" (did you mean "unused-suppression"?)\n'


def test_wrong_configuration(dflint, write):
    write("Dockerfile", BROKEN)
    write("other/Dockerfile", BROKEN)
    write("other/sub/Dockerfile", BROKEN)
    write("other/dflint.toml", "preview = true\nselct = ['all']\n")
    code, out, err = dflint("--format", "concise", *SELECT)
    assert code == 2
    assert err == 'dflint: other/dflint.toml:2:1: unknown key "selct" (did you mean "select"?)\n'
    assert [line.split(":")[0] for line in out.splitlines()] == ["Dockerfile"]
    code, _, err = dflint("--config", "other/dflint.toml")
    assert (code, err) == (2, 'dflint: other/dflint.toml:2:1: unknown key "selct" (did you mean "select"?)\n')
    code, _, err = dflint("--config", "missing.toml")
    assert (code, err) == (2, "dflint: missing.toml: No such file or directory\n")


def test_config_option(dflint, write):
    write("Dockerfile", BROKEN)
    write("dflint.toml", "nonsense = 1")
    write("good.toml", "ignore = ['all']\n")
    assert dflint("--config", "good.toml")[0] == 0
    assert dflint("--no-config", *SELECT)[0] == 1
    assert dflint()[0] == 2


def test_per_file_ignores_and_exclude(dflint, write):
    write("test/Dockerfile", BROKEN)
    write("old/Dockerfile", BROKEN)
    write("Dockerfile.dev", BROKEN)
    write("dflint.toml", "exclude = ['old']\n[per-file-ignores]\n'test/' = ['syntax']\n")
    names = [line.split(":")[0] for line in dflint("--format", "concise", "--select", "syntax")[1].splitlines()]
    assert names == ["Dockerfile.dev"]
    names = [line.split(":")[0] for line in dflint("--format", "concise", "--exclude", "*.dev")[1].splitlines()]
    assert "Dockerfile.dev" not in names
    assert "old/Dockerfile" not in names
    assert dflint("--select", "syntax", "old/Dockerfile")[0] == 1  # a file that is named is linted


def test_troubles_are_told_and_the_rest_is_linted(dflint, write):
    write("Dockerfile", BROKEN)
    write("sub/Dockerfile", BROKEN)
    code, out, err = dflint("missing", "Dockerfile", "no/such", "sub", "--format", "json", *SELECT)
    assert code == 2
    assert err == "dflint: missing: no such file or folder\ndflint: no/such: no such file or folder\n"
    told = json.loads(out)
    assert [f["path"] for f in told["findings"]] == ["Dockerfile", "sub/Dockerfile"]
    assert [e["path"] for e in told["errors"]] == ["missing", "no/such"]


@pytest.mark.skipif(is_root, reason="root reads everything")
def test_unreadable_file_and_folder(dflint, write):
    file = write("Dockerfile", BROKEN)
    folder = write("sub/Dockerfile", BROKEN).parent
    write("z/Dockerfile", BROKEN)
    file.chmod(0)
    folder.chmod(0)
    try:
        code, out, err = dflint("--format", "concise", *SELECT)
    finally:
        file.chmod(0o644)
        folder.chmod(0o755)
    assert code == 2
    assert [line.split(":")[0] for line in out.splitlines()] == ["z/Dockerfile"]
    assert "dflint: Dockerfile: Permission denied" in err
    assert "dflint: sub: cannot be searched: Permission denied" in err


def test_a_link_that_leads_nowhere(dflint, tmp_path):
    (tmp_path / "Dockerfile").symlink_to("nowhere")
    code, _, err = dflint("Dockerfile")
    assert code == 2
    assert err == "dflint: Dockerfile: No such file or directory\n"


def test_formats_from_the_command_line_and_the_configuration(dflint, write):
    write("Dockerfile", BROKEN)
    write("dflint.toml", "format = 'concise'\n")
    assert dflint(*SELECT)[1].startswith("Dockerfile:2:1: error syntax-error")
    assert json.loads(dflint(*SELECT, "--format", "json")[1])["findings"]
    assert dflint(*SELECT, "--format", "github")[1].startswith("::error file=Dockerfile,line=2,")
    assert dflint(*SELECT, "--format", "nonsense")[0] == 2


def test_output_file(dflint, write, tmp_path):
    write("Dockerfile", BROKEN)
    code, out, _ = dflint("--format", "json", "-o", "report.json", *SELECT)
    assert (code, out) == (1, "")
    assert len(json.loads((tmp_path / "report.json").read_text())["findings"]) == 1
    code, _, err = dflint("-o", "no/such/report.json")
    assert code == 2
    assert err.startswith("dflint: no/such/report.json: ")


def test_color(dflint, write):
    write("Dockerfile", BROKEN)
    assert "\x1b[" not in dflint(*SELECT)[1]
    assert "\x1b[1;31merror" in dflint(*SELECT, "--color", "always")[1]
    assert "\x1b[" in dflint(*SELECT, "--color", "always", env={"NO_COLOR": "1"})[1]


def test_statistics(dflint, write):
    write("Dockerfile", UNUSED + "RUNN a\nRUNN b\n")
    write("a/Dockerfile", UNUSED.replace("syntax-error", "DL9999"))
    code, out, _ = dflint("--statistics", "--quiet", *SELECT)
    assert (code, out) == (1, "2  [ ]  syntax-error\n2  [*]  unused-suppression\n")
    assert dflint("--statistics", "--format", "json")[0] == 2


def test_bytes_that_are_not_text(dflint, write):
    write("Dockerfile", b"\xef\xbb\xbfFROM a\xff\x00\r\nRUNN \xfe\x1b[31m\r\n")
    for name in ("text", "concise", "json", "sarif", "github", "gitlab", "checkstyle", "junit"):
        code, out, err = dflint("--format", name, *SELECT, env={"PYTHONIOENCODING": "ascii"})
        assert (code, err) == (1, ""), name
        assert "\x1b" not in out


def test_a_name_that_is_not_text(dflint, tmp_path):
    path = os.fsencode(tmp_path) + b"/Dockerfile.\xff"
    try:
        with open(path, "wb") as file:
            file.write(BROKEN.encode())
    except OSError:
        pytest.skip("the file system takes no such names")
    assert dflint("--format", "concise", *SELECT)[1].startswith("Dockerfile.\\xff:2:1")
    assert json.loads(dflint("--format", "json", *SELECT)[1])["findings"][0]["path"] == "Dockerfile.\\xff"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-", "Dockerfile"),
        ("--stdin-filename", "x"),
        ("--config", "x", "--no-config"),
        ("--context", "no/such/folder"),
        ("--jobs", "0"),
        ("--jobs", "many"),
        ("--nonsense",),
        ("--color", "sometimes"),
        ("--fail-level", "fatal"),
    ],
)
def test_wrong_usage(dflint, arguments):
    code, out, err = dflint(*arguments)
    assert (code, out) == (2, "")
    assert "dflint: error:" in err


def test_version_and_help(dflint):
    from dflint.version import VERSION

    for arguments in (("--version",), ("-V",), ("lint", "--version"), ("--quiet", "--version")):
        assert dflint(*arguments) == (0, f"dflint {VERSION}\n", "")
    code, out, _ = dflint("--help")
    assert code == 0
    for command in ("lint", "rule", "rules", "tree"):
        assert f"\n  {command} " in out


LOUD = """
class Loud(Rule):
    name, category, level, since = "loud", "style", "info", "0.1.0"
    def check_user(self, user, model):
        if "boom" in user.value.text:
            raise ValueError("boom")
        if "die" in user.value.text:
            import os
            os._exit(9)
        yield self.finding(user, "loud")

class Bad(Rule):
    name, category, level, since = "bad", "style", "info", "0.1.0"
    def check_workdir(self, workdir, model):
        yield self.finding(workdir, "bad", Fix("Break it", "safe", (Edit(workdir.start, workdir.start, "# "),)))
"""


def test_a_rule_that_fails_costs_nothing_else(dflint_with, write):
    write("Dockerfile", "FROM a\nUSER x\nUSER boom\n")
    code, out, err = dflint_with(LOUD, "--format", "concise")
    assert code == 2
    assert out == "Dockerfile:2:1: info loud loud\n"
    assert err.startswith("dflint: Dockerfile: rule loud: ValueError: boom (with_rules.py:")


def test_a_rule_that_fails_everywhere_is_told_once(dflint_with, write):
    for name in "abc":
        write(f"{name}/Dockerfile", "FROM a\nUSER boom\n")
    code, out, err = dflint_with(LOUD, "--format", "json")
    assert code == 2
    assert len(json.loads(out)["errors"]) == 3
    first, second = err.splitlines()
    assert first.startswith("dflint: a/Dockerfile: rule loud: ValueError: boom")
    assert second == "dflint: rule loud: the same in 2 more files"


def test_a_fix_that_breaks_the_file_is_withheld(dflint_with, write):
    file = write("Dockerfile", "FROM a\nWORKDIR /x\n")
    code, out, err = dflint_with(LOUD, "--fix")
    assert code == 2
    assert file.read_text() == "FROM a\nWORKDIR /x\n"
    assert err == (
        'dflint: Dockerfile: rule bad: line 2: fix "Break it" withheld, '
        "the WORKDIR of line 2 would be lost or changed\n"
    )
    assert "1 fix not applied" in out


def test_many_files_in_processes(dflint, write):
    for number in range(120):
        write(f"{number:03}/Dockerfile", UNUSED if number % 3 else BROKEN)
    alone = dflint("--jobs", "1", "--format", "concise", *SELECT)
    assert alone[0] == 1
    assert len(alone[1].splitlines()) == 120
    for jobs in (("--jobs", "2"), ("--jobs", "7"), ()):
        assert dflint(*jobs, "--format", "concise", *SELECT) == alone
    code, out, _ = dflint("--jobs", "3", "--fix", "--quiet", "--format", "concise", *SELECT)
    assert code == 1
    assert len(out.splitlines()) == 40


def test_a_process_that_dies_is_told_with_its_file(dflint_with, write):
    for number in range(70):
        write(f"{number:02}/Dockerfile", f"FROM a\nUSER {'die' if number in (3, 45) else 'x'}\n")
    code, out, err = dflint_with(LOUD, "--jobs", "2", "--format", "concise")
    assert code == 2
    assert err == "".join(f"dflint: {number:02}/Dockerfile: the process that linted it died\n" for number in (3, 45))
    assert [line[:2] for line in out.splitlines()] == [f"{n:02}" for n in range(70) if n not in (3, 45)]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_reader_that_goes_away(environment, write, tmp_path):
    for number in range(60):
        write(f"{number}/Dockerfile", "FROM a\n" + "RUNN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * 200)
    process = subprocess.Popen(
        [sys.executable, "-m", "dflint", "--jobs", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment,
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 141


SLOW = """
import time
class Slow(Rule):
    name, category, level, since = "slow", "style", "info", "0.1.0"
    def check_file(self, model):
        time.sleep(0.2)
        return ()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupted(dflint_with, environment, write, tmp_path, jobs):
    for number in range(100):
        write(f"{number}/Dockerfile", CLEAN)
    dflint_with(SLOW, "--version")  # writes the script
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "with_rules.py"), "--jobs", jobs],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment, start_new_session=True,
    )  # fmt: skip
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    started = time.monotonic()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == b""
    assert time.monotonic() - started < 15
