"""The command line of ``dflint verify``, without an engine; ``tests/engine`` has one."""

import json
import sys

import pytest

ORIGINAL = "FROM debian:12\nCOPY a /a\nENV KEY=value\nUSER nobody\n"


@pytest.fixture
def files(write):
    write("Dockerfile", ORIGINAL)
    write("Rewrite", ORIGINAL.replace("ENV KEY=value\n", ""))
    write("a", "text")


def test_without_an_engine_there_is_the_static_verdict(dflint, files, tmp_path):
    code, output, errors = dflint("verify", "Dockerfile", "Rewrite", env={"PATH": str(tmp_path)})
    assert code == 2
    assert "Level 0 of 5: not built." in output
    assert "KEY" in output
    assert "no build engine is installed: neither docker nor podman nor buildah; start or install" in errors


def test_no_engine_asked_for(dflint, files):
    code, output, errors = dflint("verify", "Dockerfile", "Rewrite", "--engine", "none", "--format", "json")
    assert code == 1
    assert errors == ""
    report = json.loads(output)
    assert report["verdict"]["level"] == 0
    assert report["asked_level"] == 3
    assert report["is_reached"] is False
    assert dflint("verify", "Dockerfile", "Rewrite", "--engine", "none", "--level", "0")[0] == 0


def test_the_rewrite_from_standard_input(dflint, files):
    code, output, _ = dflint("verify", "Dockerfile", "-", "--engine", "none", stdin=ORIGINAL.encode())
    assert code == 1
    assert "KEY" not in output


def test_values_of_build_arguments_and_secrets_are_not_shown(dflint, write):
    write("token", "hunter2hunter2\n")
    write("Dockerfile", "FROM debian:12\nARG WORD\nENV KEY=$WORD OTHER=hunter2hunter2\n")
    write("Rewrite", "FROM debian:12\nARG WORD\nENV KEY=x\n")
    for form in ("text", "json"):
        _, output, errors = dflint(
            "verify", "Dockerfile", "Rewrite", "--engine", "none", "--format", form,
            "--build-arg", "WORD=opensesame", "--secret", "id=t,src=token",
        )  # fmt: skip
        assert "***" in output
        assert "opensesame" not in output + errors
        assert "hunter2" not in output + errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Dockerfile",), "required: REWRITE"),
        (("Dockerfile", "Rewrite", "--level", "7"), "7 is no level from 0 to 5"),
        (("Dockerfile", "Rewrite", "--timeout", "0"), "0 is no number of seconds"),
        (("Dockerfile", "Rewrite", "--http", "x/y"), "x/y is not of the form PORT/PATH"),
        (("Dockerfile", "Rewrite", "--repeat", "0"), "0 is no number from 1 to 100"),
        (("Dockerfile", "Rewrite", "--engine", "lxc"), "invalid choice"),
        (("Dockerfile", "Missing"), "Missing: No such file"),
        (("Dockerfile", "Rewrite", "--context", "nowhere"), "nowhere is no folder"),
        (("Dockerfile", "Rewrite", "--secret", "id=x,src=nowhere"), "the secret x cannot be read"),
    ],
)
def test_wrong_usage(dflint, files, arguments, words):
    code, output, errors = dflint("verify", *arguments)
    assert code == 2
    assert output == ""
    assert words in errors


@pytest.mark.skipif(sys.platform == "win32", reason="the client is played by a shell script")
def test_an_engine_that_does_not_run(dflint, files, write, tmp_path):
    client = write("bin/docker", '#!/bin/sh\necho \'{"ServerErrors": ["Cannot connect to the Docker daemon"]}\'\n')
    client.chmod(0o755)
    path = {"PATH": f"{client.parent}:/usr/bin:/bin"}
    code, output, errors = dflint("verify", "Dockerfile", "Rewrite", "--engine", "docker", env=path)
    assert code == 2
    assert "Level 0 of 5" in output
    assert "its engine cannot be used: Cannot connect to the Docker daemon; start it (systemctl start docker" in errors
