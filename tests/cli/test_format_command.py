"""The command line of ``dflint format``."""

import pytest

UGLY = "from debian\nrun  a  \n"
NEAT = "FROM debian\nRUN a\n"


def test_lays_out_files_in_place(dflint, write, tmp_path):
    write("Dockerfile", UGLY)
    assert dflint("format", "Dockerfile") == (0, "", "")
    assert (tmp_path / "Dockerfile").read_text() == NEAT


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_only_tells(dflint, write, tmp_path, option):
    write("Dockerfile", UGLY)
    write("neat.Dockerfile", NEAT)
    code, output, _ = dflint("format", option, "Dockerfile", "neat.Dockerfile")
    assert code == 1 and "Dockerfile" in output and "neat" not in output
    assert (tmp_path / "Dockerfile").read_text() == UGLY
    assert dflint("format", option, "neat.Dockerfile") == (0, "", "")


def test_options(dflint, write, tmp_path):
    write("Dockerfile", "FROM debian\n\n\nRUN a \\\n b\n")
    assert dflint("format", "--keywords", "lower", "--indent", "2", "--blank-lines", "0", "Dockerfile")[0] == 0
    assert (tmp_path / "Dockerfile").read_text() == "from debian\nrun a \\\n  b\n"


def test_missing_file_is_trouble_and_the_others_are_done(dflint, write, tmp_path):
    write("Dockerfile", UGLY)
    code, _, errors = dflint("format", "missing", "Dockerfile")
    assert code == 2 and "missing" in errors
    assert (tmp_path / "Dockerfile").read_text() == NEAT
