from pathlib import Path

import pytest

from dflint.model import Model
from dflint.model.commutation import TABLE, commute, conflict, effects_of
from dflint.syntax import parse
from dflint.syntax.instructions import _SCANNERS


def between(first, second, before="", folders_are_there=False):
    model = Model(parse(f"FROM a\n{before}\n{first}\n{second}\n"))
    one, other = model.stages[0].instructions[-2:]
    found = conflict(one, other, model, folders_are_there)
    assert found == conflict(other, one, model, folders_are_there), "it is a relation of both"
    assert (found is None) == commute(one, other, model, folders_are_there)
    return found


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ("RUN a", "RUN b", "files in /"),
        ("RUN a", "COPY a /b", "files in /b"),
        ("RUN a", "ENV A=1", "variable A"),
        ("RUN a", "ARG A", "variable A"),
        ("RUN a", "USER b", "user"),
        ("RUN a", "WORKDIR /b", "working directory"),
        ("RUN a", 'SHELL ["x"]', "shell"),
        ("RUN a", "VOLUME /b", "files in /b"),
        ("RUN a", "LABEL a=b", None),
        ("RUN a", "EXPOSE 80", None),
        ("RUN a", "CMD b", None),
        ("RUN a", "ENTRYPOINT b", None),
        ("RUN a", "STOPSIGNAL 9", None),
        ("RUN a", "HEALTHCHECK NONE", None),
        ("RUN a", "ONBUILD RUN b", None),
        ("COPY a /a/", "COPY b /b/", None),
        ("COPY a /a/", "COPY b /a/b", "files in /a/b"),
        ("COPY a /a", "COPY b /ab", None),
        ("COPY a /bin/a", "COPY b /usr/bin/", "files in /usr/bin/a"),
        ("COPY a a", "COPY b /b", "files in /b"),
        ("COPY a a", "WORKDIR /w", "working directory"),
        ("COPY a /a", "WORKDIR /w", None),
        ("COPY a /w/a", "WORKDIR /w", "files in /w/a"),
        ("COPY $A /a", "ENV A=1", "variable A"),
        ("COPY $A /a", "ENV B=1", None),
        ("COPY a /a", "USER b", None),
        ("COPY --chown=b a /a", "COPY passwd /etc/passwd", "files in /etc/passwd"),
        ("COPY --chown=1:2 a /a", "COPY passwd /etc/passwd", None),
        ("COPY <<E /a\n$B\nE", "ENV B=1", "variable B"),
        ("COPY <<'E' /a\n$B\nE", "ENV B=1", None),
        ("ADD a /a", "ARG B", None),
        ("ENV A=1", "ENV B=2", None),
        ("ENV A=1", "ENV A=2", "variable A"),
        ("ENV A=1", "ENV B=$A", "variable A"),
        ("ARG A", "ENV B=${A:-1}", "variable A"),
        ("ENV A=1", "LABEL b=$A", "variable A"),
        ("ENV $A=1", "ENV B=1", "variable B"),
        ("ENV $A=1", "RUN b", "all variables"),
        ("LABEL a=1", "LABEL b=1", None),
        ("LABEL a=1", "LABEL a=2", "label a"),
        ("LABEL $A=1", "LABEL b=2", "label b"),
        ("EXPOSE 80", "EXPOSE 81", None),
        ("CMD a", "ENTRYPOINT b", "command"),
        ("CMD a", 'SHELL ["x"]', "shell"),
        ("CMD a", "HEALTHCHECK CMD b", None),
        ("USER a", "WORKDIR /w", "user"),
        ("WORKDIR a", "WORKDIR b", "working directory"),
        ("ONBUILD RUN a", "ONBUILD RUN b", "triggers"),
        ("MAINTAINER a", "MAINTAINER b", "author"),
        ("RUNN a", "LABEL a=b", "one of them is no step of a stage"),
    ],
)
def test_neighbours(first, second, reason):
    assert between(first, second) == reason


def test_known_places():
    assert between("COPY a a", "COPY b /b", "WORKDIR /w") is None
    assert between("COPY a a", "COPY b /w/a/b", "WORKDIR /w") == "files in /w/a/b"
    assert between("COPY $D/a /x", "COPY b /x/y", "ARG D=1") == "files in /x/y"
    assert between("COPY a $D/", "COPY b /y", "ENV D=/x") is None


def test_a_folder_that_is_there_anyway():
    assert between("COPY a /w/", "WORKDIR /w", folders_are_there=True) is None
    assert between("COPY a a", "WORKDIR /w", folders_are_there=True) == "working directory"
    assert between("RUN a", "WORKDIR /w", folders_are_there=True) == "working directory"


def test_every_instruction_but_from_is_in_the_table():
    assert set(TABLE) == set(_SCANNERS) - {"FROM"}


def test_the_page_has_the_table():
    page = (Path(__file__).parents[3] / "docs" / "cache.md").read_text(encoding="utf-8")
    for name, row in TABLE.items():
        assert f"| {name} | {', '.join(row.reads) or 'nothing'} | {', '.join(row.writes) or 'nothing'} |\n" in page


def test_from_commutes_with_nothing():
    model = Model(parse("FROM a\nLABEL a=b\nFROM c\n"))
    assert effects_of(model.instructions[-1], model) is None
    assert not commute(model.instructions[1], model.instructions[2], model)
