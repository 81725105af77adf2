"""The verdict without an engine."""

from __future__ import annotations

import pytest

from dflint.model import Model
from dflint.syntax import parse
from dflint.verify import Level, Verdict, compare_models

ORIGINAL = """\
FROM python:3.12
ENV A=1 B="x y"
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq5 libpq-dev && useradd -m app
COPY . .
RUN pip install -r requirements.txt
LABEL team=a
EXPOSE 80
VOLUME /data
USER app
HEALTHCHECK --interval=5s CMD curl -f localhost
STOPSIGNAL SIGINT
CMD ["python", "app/main.py"]
"""
REWRITE = """\
FROM python:3.12 AS build
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev
COPY . .
RUN pip install --prefix=/install -r requirements.txt
FROM python:3.12
ENV A=1
ENV B="x y"
WORKDIR /app
RUN apt-get update && apt-get install -y libpq5 && useradd -m app
COPY --from=build /install /usr/local
COPY --from=build /app /app
LABEL team=a
EXPOSE 80/tcp
VOLUME ["/data"]
USER app
HEALTHCHECK --interval=5s CMD curl -f localhost
STOPSIGNAL SIGINT
CMD ["python", "app/main.py"]
"""


def verdict(original: str, rewrite: str) -> Verdict:
    return compare_models(Model(parse(original)), Model(parse(rewrite)))


def subjects(found: Verdict) -> list[str]:
    return [reason.subject for reason in found.reasons if reason.subject != "build"]


def test_a_faithful_rewrite_has_nothing_against_it_but_is_not_built() -> None:
    found = verdict(ORIGINAL, REWRITE)
    assert found.level == Level.NOT_BUILT and subjects(found) == [] and found.notes == ()
    assert found.is_closure_equal is None


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ("ENV A=1\n", "", "config.Env.A"),
        ('B="x y"', "B=x", "config.Env.B"),
        ("LABEL team=a\n", "", "config.Labels.team"),
        ("EXPOSE 80/tcp\n", "", "config.ExposedPorts.80/tcp"),
        ('VOLUME ["/data"]\n', "", "config.Volumes./data"),
        ("USER app\n", "", "config.User"),
        ("--interval=5s", "--interval=6s", "config.Healthcheck"),
        ("STOPSIGNAL SIGINT\n", "", "config.StopSignal"),
        ('CMD ["python", "app/main.py"]', "CMD python app/main.py", "config.Cmd"),
        ("WORKDIR /app\nRUN apt-get update", "RUN apt-get update", "config.WorkingDir"),
        ("install -y libpq5 &&", "install -y curl &&", "package libpq5"),
        (" && useradd -m app", "", "RUN useradd"),
        ("STOPSIGNAL", "ONBUILD RUN x\nSTOPSIGNAL", "config.OnBuild"),
        ("STOPSIGNAL", 'ENTRYPOINT ["x"]\nSTOPSIGNAL', "config.Entrypoint"),
        ("STOPSIGNAL", 'SHELL ["bash", "-c"]\nSTOPSIGNAL', "config.Shell"),
    ],
)  # fmt: skip
def test_what_is_lost_is_named(old: str, new: str, subject: str) -> None:
    changed = REWRITE[::-1].replace(old[::-1], new[::-1], 1)[::-1]  # the last one: that of the final stage
    assert changed != REWRITE
    assert subject in subjects(verdict(ORIGINAL, changed))


def test_inherited_settings_of_another_base_are_not_known() -> None:
    found = verdict("FROM a:1\nCOPY x /x\n", "FROM a:1-slim\nCOPY x /x\n")
    assert subjects(found) == []
    assert any(note.startswith("config.Cmd is that of the base image") for note in found.notes)
    assert verdict("FROM a:1\nCOPY x /x\n", "FROM a:1\nCOPY x /x\n").notes == ()


def test_a_setting_that_the_base_may_have_is_no_equal_of_one_in_the_file() -> None:
    assert subjects(verdict('FROM a\nCMD ["x"]\n', "FROM b\n")) == ["config.Cmd"]


def test_shell_form_and_the_same_exec_form_are_one_configuration() -> None:
    assert subjects(verdict("FROM a\nCMD x\n", 'FROM a\nCMD ["/bin/sh", "-c", "x"]\n')) == []


def test_values_that_no_file_tells() -> None:
    found = verdict("FROM a\nARG V\nENV A=$V\n", "FROM a\nARG V\nENV A=$V\n")
    assert subjects(found) == [] and found.notes == ("config.Env.A: its value is not known from the files",)


def test_an_artifact_lost_to_a_cache_mount() -> None:
    build = (
        "FROM rust:1 AS build\nWORKDIR /s\nCOPY . .\nRUN --mount=type=cache,target=/s/target cargo build --release{}\n"
    )
    copy = "FROM debian:12\nCOPY --from=build {} /bin/app\n"
    original = "FROM debian:12\nCOPY app /bin/app\n"
    lost = verdict(original, build.format("") + copy.format("/s/target/release/app"))
    assert subjects(lost) == []  # COPY . . may have brought it: nothing is claimed
    narrow = build.replace("COPY . .", "COPY src src")
    lost = verdict(original, narrow.format("") + copy.format("/s/target/release/app"))
    assert [(reason.level, reason.subject) for reason in lost.reasons[1:]] == [(Level.BUILDS, "/s/target/release/app")]
    kept = verdict(original, narrow.format(" && cp target/release/app /out") + copy.format("/out"))
    assert subjects(kept) == []


def test_a_path_that_nothing_puts_into_a_stage_from_scratch() -> None:
    text = "FROM scratch AS files\nCOPY a /a\nFROM b\nCOPY --from=files {} /x\n"
    original = "FROM b\nCOPY a /x\n"
    assert subjects(verdict(original, text.format("/a"))) == []
    assert subjects(verdict(original, text.format("/c"))) == ["/c"]


def test_a_file_that_the_start_command_names() -> None:
    original = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm run build\nCMD ["node", "dist/index.js"]\n'
    rewrite = (
        "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM node:22\nWORKDIR /app\n"
        'COPY --from=build /app/{} /app/{}\nCMD ["node", "dist/index.js"]\n'
    )
    assert subjects(verdict(original, rewrite.format("dist", "dist"))) == []
    assert subjects(verdict(original, rewrite.format("lib", "lib"))) == ["/app/dist/index.js"]


def test_files_without_stages() -> None:
    assert verdict("ARG A\n", "FROM a\n").level == Level.NOT_BUILT
    assert subjects(verdict("ARG A\n", "FROM a\n")) == []
