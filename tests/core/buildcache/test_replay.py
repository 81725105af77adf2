"""What the engine does is told in ``tests/engine``; here is what it would, without one."""

import pytest
from core.buildcache.making import link, outcomes

from dflint.buildcache.steps import plan_of
from dflint.history.changes import EXECUTABLE, REGULAR, SUBMODULE
from dflint.model import Model
from dflint.syntax import parse


def test_a_change_runs_what_is_below():
    found = outcomes(
        "FROM a\nWORKDIR /w\nCOPY p .\nRUN i\nCOPY . .\nRUN b\n",
        {"p": "1", "a": "1"}, {"a": "2"}, {"p": "2"}, {}, {"x": "1"},
    )  # fmt: skip
    assert found == {"WORKDIR /w": "cccc", "COPY p .": "crcc", "RUN i": "crcc", "COPY . .": "rrcr", "RUN b": "rrcr"}


def test_what_was_there_before_comes_from_the_cache():
    assert outcomes("FROM a\nCOPY . /\n", {"a": "1"}, {"a": "2"}, {"a": "1"}, {"b": ""}, {"b": None}) == {
        "COPY . /": "rcrc"
    }


def test_modes_count_and_times_do_not():
    found = outcomes("FROM a\nCOPY a /\n", {"a": "1"}, {"a": (EXECUTABLE, "1")}, {"a": (REGULAR, "1")}, {"a": "1"})
    assert found == {"COPY a /": "rcc"}


def test_a_renamed_file_is_another():
    assert outcomes("FROM a\nCOPY . /\n", {"a": "1"}, {"a": None, "b": "1"})["COPY . /"] == "r"
    assert outcomes("FROM a\nCOPY ?.txt /\n", {"a.txt": "1"}, {"a.txt": None, "b.txt": "1"})["COPY ?.txt /"] == "r"


@pytest.mark.parametrize(
    ("source", "changed", "letter"),
    [
        ("*.c", "b.c", "r"), ("*.c", "s/b.c", "c"), ("s*", "s/b", "r"), ("*/b", "s/b", "r"), ("*/b", "s/t/b", "c"),
        ("s/*/x", "s/t/x/deep", "r"), ("[ab].c", "b.c", "r"), ("[!ab].c", "c.c", "c"), ("[^ab].c", "c.c", "r"),
        ("./s/", "s/b", "r"), ("s/../s", "s/b", "r"), ("/s", "s/b", "r"), ("s", "sb", "c"), ("*", ".hidden", "r"),
    ],
)  # fmt: skip
def test_sources(source, changed, letter):
    found = outcomes(f"FROM a\nCOPY {source} /d/\n", {"s/t/a": "1", "k": ""}, {changed: "1"})
    assert list(found.values()) == [letter]


def test_ignored_files_do_not_count():
    base = {".dockerignore": "*.md\nnode_modules\n.dockerignore\n!keep.md\n", "a": "", "docs/a.md": ""}
    found = outcomes(
        "FROM a\nCOPY . /\n", base,
        {"b.md": "1"}, {"node_modules/x/y": "1"}, {"keep.md": "1"}, {"docs/b.md": "1"}, {"new/c.md": "1"},
    )  # fmt: skip
    assert found["COPY . /"] == "ccrrr", "*.md is not **/*.md"
    base[".dockerignore"] = "**/*.md\n"
    assert outcomes("FROM a\nCOPY . /\n", base, {"docs/b.md": "1"}, {"new/c.md": "1"})["COPY . /"] == "cr", (
        "a new folder is sent although all that is in it is ignored"
    )


def test_the_ignore_file_itself():
    found = outcomes(
        "FROM a\nCOPY s /s\nCOPY . /\n", {".dockerignore": "", "s/a": "", "s/b": ""},
        {".dockerignore": "x\n"}, {".dockerignore": "s/b\n"}, {"s/b": "2"}, {".dockerignore": None}, {"s/b": ""},
    )  # fmt: skip
    assert found == {"COPY s /s": "crcrc", "COPY . /": "rrcrr"}


def test_folders_that_become_files():
    found = outcomes("FROM a\nCOPY x /x\n", {"x/a": "1"}, {"x/a": None, "x": "1"}, {"x": None, "x/a": "1"})
    assert found["COPY x /x"] == "rc"


def test_links_are_followed_where_copy_follows_them():
    base = {"l": link("d"), "d/a": "1", "e/a": "1", "o": "1", "f.txt": link("o")}
    found = outcomes(
        "FROM a\nCOPY l/a /1\nCOPY l /2\nCOPY *.txt /3\nCOPY . /4\n", base,
        {"d/a": "2"}, {"l": link("e")}, {"o": "2"}, {"d/b": "1"}, {"l": link("gone")},
    )  # fmt: skip
    assert {step: letters[:4] for step, letters in found.items()} == {
        "COPY l/a /1": "rccc",  # e/a is the d/a of before
        "COPY l /2": "rccc",
        "COPY *.txt /3": "rcrc",
        "COPY . /4": "rrrr",
    }
    assert {letters[4] for letters in found.values()} == {"-"}


def test_submodules():
    base = {"lib": (SUBMODULE, "a"), "b": ""}
    found = outcomes("FROM a\nCOPY lib /1\nCOPY lib/x/y /2\nCOPY l*/x /3\nCOPY b /4\n", base, {"lib": (SUBMODULE, "c")})
    assert "".join(found.values()) == "rrrr"
    assert outcomes("FROM a\nCOPY b /4\n", base, {"lib": (SUBMODULE, "c")}) == {"COPY b /4": "c"}


def test_a_missing_source_breaks_that_commit_alone():
    found = outcomes("FROM a\nCOPY a /\nRUN b\n", {"a": "1"}, {"a": None}, {"a": "1"}, {"a": "2"})
    assert found == {"COPY a /": "-cr", "RUN b": "-cr"}
    assert outcomes("FROM a\nCOPY *.x /\n", {"a": "1"}, {"a": "2"}) == {"COPY *.x /": "c"}, "no match is no error"


def test_gits_own_folder_changes_with_every_commit():
    dockerfile = "FROM a\nCOPY a /\nCOPY . /\nCOPY .git/HEAD /\n"
    found = outcomes(dockerfile, {"a": "", ".dockerignore": "x"}, {}, {".dockerignore": ".git"}, has_git_folder=True)
    assert found == {"COPY a /": "c-", "COPY . /": "r-", "COPY .git/HEAD /": "r-"}
    assert outcomes("FROM a\nCOPY . /\n", {"a": ""}, {}, has_git_folder=False) == {"COPY . /": "c"}
    ignored = {"a": "", ".dockerignore": ".git/*"}
    assert outcomes("FROM a\nCOPY . /\n", ignored, {}, has_git_folder=True) == {"COPY . /": "c"}


def test_excluded_and_parents():
    dockerfile = "FROM a\nCOPY --exclude=*.md --exclude=d s /s\nCOPY --parents p/./q/* r/*/x ./\n"
    base = {"s/a": "", "s/d/x": "", "p/q/1": "", "p/z": "", "r/a/x": "", "r/a/y": ""}
    copy, parents = outcomes(
        dockerfile, base, {"s/b.md": ""}, {"s/d/y": ""}, {"s/e/b.md": ""}, {"p/z": "2"}, {"p/q/2": ""}, {"r/b/x": ""},
        {"r/a/y": "2"},
    ).values()  # fmt: skip
    assert copy == "ccrcccc"
    assert parents == "ccrcrrc", "the third one for the COPY above"


def test_mounts():
    dockerfile = (
        "FROM a AS t\nCOPY t /t\nCOPY u /u\nFROM a\nRUN --mount=type=bind,source=s,target=/s x\n"
        "RUN --mount=type=bind,from=t,source=/t,target=/t y\nRUN --mount=type=cache,target=/c z\n"
    )
    found = outcomes(
        dockerfile, {"s/a": "", "t/a": "", "u/a": "", "o": ""}, {"o": "1"}, {"u/a": "1"}, {"t/a": "1"}, {"s/a": "1"}
    )
    bind, stage, cache = list(found.values())[-3:]
    assert (bind, stage, cache) == ("cccr", "ccrr", "ccrr")


def test_arguments():
    dockerfile = "ARG D=a\nFROM x\nRUN one\nARG D\nCOPY $D /d\nRUN two\nARG E=1\nCOPY a /e\nRUN three\n"
    base = {"a/x": "", "b/x": ""}
    assert outcomes(dockerfile, base, {"b/x": "1"})["COPY $D /d"] == "c"
    assert outcomes(dockerfile, base, {"b/x": "1"}, build_args={"D": "b"})["COPY $D /d"] == "r"
    assert outcomes("FROM x\nARG N\nCOPY ${N}a /d\n", base, {"a/x": "1"}) == {"COPY ${N}a /d": "r"}


def test_what_is_in_a_definition():
    """Variables are in those of all RUNs below, of COPYs only if they name them."""

    def definitions(dockerfile, **build_args):
        plan = plan_of(Model(parse(dockerfile), build_args=build_args))
        return {step.text: step.definition for step in plan.steps}

    dockerfile = "FROM x\nRUN a\nARG V=1\nCOPY a /\nCOPY $V /\nRUN b\nENV E=$V\nRUN c\nWORKDIR /w\nCOPY d .\nRUN e\n"

    def differ(other, **build_args):
        one, two = definitions(dockerfile), definitions(other, **build_args)
        return [text for text in one if one[text] != two[text]]

    assert differ(dockerfile, V="2") == ["COPY $V /", "RUN b", "RUN c", "RUN e"]
    assert differ(dockerfile, W="2") == []
    assert differ(dockerfile.replace("ENV E=$V", "ENV E=3")) == ["RUN c", "RUN e"]
    moved = {text.replace("/v", "/w"): d for text, d in definitions(dockerfile.replace("/w", "/v")).items()}
    assert [text for text, d in definitions(dockerfile).items() if moved[text] != d] == [
        "WORKDIR /w",
        "COPY d .",
        "RUN e",
    ]
    assert differ(dockerfile.replace("RUN a\n", "RUN a\nUSER u\nLABEL a=b\n")) == [
        "RUN b",
        "RUN c",
        "WORKDIR /w",
        "RUN e",
    ]


def test_stages_that_are_not_built_do_not_count():
    dockerfile = "FROM a AS base\nCOPY c /\nFROM base AS test\nCOPY t /\nFROM base\nCOPY p /\n"
    base = {"c": "", "t": "", "p": ""}
    assert outcomes(dockerfile, base, {"t": "1"}) == {"COPY c /": "c", "COPY p /": "c"}
    assert outcomes(dockerfile, base, {"t": "1"}, target="test") == {"COPY c /": "c", "COPY t /": "r"}


def test_equal_content_of_another_stage():
    dockerfile = (
        "FROM scratch AS s\nCOPY a /a\nCOPY d/ /d/\n"
        "FROM x\nCOPY --from=s /d/k /k\nCOPY --from=s / /all\nCOPY --from=s /a /a2\n"
    )
    found = outcomes(dockerfile, {"a": "", "d/k": "", "d/l": ""}, {"a": "1"}, {"d/l": "1"}, {"d/k": "1"})
    assert list(found.values())[2:] == ["ccr", "rrr", "rrr"]
    several = outcomes(
        "FROM scratch AS s\nCOPY a b /d/\nFROM x\nCOPY --from=s /d /d\n", {"a": "", "b": ""}, {"b": "1"}, {"a": "1"}
    )
    assert list(several.values())[1:] == ["rr"]


def test_what_a_run_wrote_is_not_known():
    dockerfile = (
        "FROM a AS b\nCOPY s /s\nRUN make\nCOPY t /t\nFROM a\nCOPY --from=b /out /out\nRUN use\nCOPY --from=b /t /t\n"
    )
    found = outcomes(dockerfile, {"s": "", "t": ""}, {"s": "1"}, {"t": "1"}, {"s": ""}, {"t": ""})
    assert found == {
        "COPY s /s": "rccc", "RUN make": "rccc", "COPY t /t": "rrrc",
        "COPY --from=b /out /out": "mccc", "RUN use": "mccc", "COPY --from=b /t /t": "mrmc",
    }  # fmt: skip


def test_linked_copies_do_not_wait_for_what_is_above():
    found = outcomes(
        "FROM a\nCOPY a /\nCOPY --link b /\nRUN x\nCOPY --link c /\n",
        {"a": "", "b": "", "c": ""},
        {"a": "1"},
        {"b": "1"},
    )
    assert found == {"COPY a /": "rc", "COPY --link b /": "cr", "RUN x": "rr", "COPY --link c /": "cc"}


def test_triggers_of_another_stage():
    dockerfile = "FROM a AS b\nONBUILD COPY s /s\nONBUILD RUN x\nFROM b\nRUN y\n"
    assert outcomes(dockerfile, {"s": "", "t": ""}, {"t": "1"}, {"s": "1"}) == {
        "COPY s /s": "cr", "RUN x": "cr", "RUN y": "cr"
    }  # fmt: skip
