import sys

import pytest
from hypothesis import given, settings, strategies as st

from dflint.model import Environment, Model
from dflint.model.environment import DEFAULT_PATH
from dflint.model.expansion import EXPANDS, expanded_words
from dflint.syntax import parse


def model(*lines: str) -> Model:
    return Model(parse("\n".join(lines) + "\n"))


def at_end(*lines: str) -> Environment:
    m = model(*lines)
    return m.environment_at_end(m.stages[-1])


def value(environment: Environment, name: str) -> object:
    variable = environment.lookup(name)
    return "undeclared" if variable is None else variable.value


def test_env_and_arg_write_the_same_variables() -> None:
    environment = at_end("FROM a", "ENV A=1 B=2", "ARG A=3", "ENV B=4", "ARG C=$A$B")
    assert [value(environment, name) for name in "ABCD"] == ["3", "4", "34", "undeclared"]
    assert environment.env == {"PATH": None, "A": "1", "B": "4"}
    assert environment.args == {"A": "3", "C": "34"}


def test_pairs_of_an_env_see_what_was_before() -> None:
    environment = at_end("FROM a", "ENV A=1", "ENV A=2 B=$A", "ARG C=1 D=$C")
    assert value(environment, "B") == "1" and value(environment, "D") == "1"


def test_global_args_are_for_from_unless_declared_again() -> None:
    m = model("ARG A=1", "ARG B=$A", "ARG N", "FROM a", "ARG B", "ARG N", "ARG TARGETARCH", "ARG A=own", "RUN x")
    before = m.environment_before(m.instructions[4])
    assert value(before, "A") == "undeclared"
    end = m.environment_at_end(m.stages[0])
    assert [value(end, name) for name in ("A", "B", "N", "TARGETARCH", "TARGETOS")] == [
        "own", "1", None, None, "undeclared",
    ]  # fmt: skip
    found = end.lookup("N")
    assert found is not None and not found.is_set and found.origin == "arg"
    found = end.lookup("TARGETARCH")
    assert found is not None and found.is_set and found.origin == "platform"
    of_from = m.environment_before(m.instructions[3])
    assert value(of_from, "A") == "1" and value(of_from, "TARGETOS") is None and of_from.is_complete
    assert value(of_from, "PATH") == "undeclared"


def test_an_arg_without_value_keeps_what_env_said() -> None:
    environment = at_end("FROM a", "ENV A=1", "ARG A")
    found = environment.lookup("A")
    assert found is not None and found.value == "1" and not found.is_fixed


def test_stages_go_on_with_the_variables_of_their_parent() -> None:
    environment = at_end(
        "FROM a AS b", "ARG X=1", "ENV Y=2", "USER me", "FROM c AS d", "ENV Y=9", "FROM b", "ENV Z=$X$Y"
    )
    assert value(environment, "Z") == "12" and environment.user == "me"
    assert list(environment.env) == ["PATH", "Y", "Z"]


def test_expand() -> None:
    m = model("FROM scratch", "ENV A=1", "ARG N", "COPY $A ${N:-d} $U ${N}x '$A' ${bad\\ /")
    copy = m.instructions[3]
    environment = m.environment_before(copy)
    expanded = [environment.expand(word) for word in expanded_words(copy)]
    assert expanded[:5] == ["1", "d", "", None, "$A"]
    assert environment.expand_text("$A/${N:+x}${A:+y}") == "1/y"
    assert environment.expand_text("${A:?}") == "1" and environment.expand_text("${") is None


def test_a_base_image_may_set_anything() -> None:
    environment = at_end("FROM a", "ENV A=1")
    assert environment.expand_text("$HOME") is None and environment.expand_text("${X:-d}") is None
    assert environment.expand_text("$PATH") is None and environment.expand_text("$A") == "1"
    assert environment.may_be_set("X") and not environment.is_complete
    scratch = at_end("FROM scratch")
    assert scratch.expand_text("$PATH") == DEFAULT_PATH and not scratch.may_be_set("X")


def test_what_is_constant() -> None:
    m = model("FROM scratch", "ARG A=1", "ENV B=$A C=2", "COPY a$B b$C c /")
    copy = m.instructions[3]
    environment = m.environment_before(copy)
    assert [environment.is_constant(word) for word in expanded_words(copy)] == [False, True, True, True]


def test_workdir() -> None:
    m = model(
        "FROM a", "WORKDIR b", "WORKDIR /x//y/", "WORKDIR ../z", "ENV D=/d", "WORKDIR $D", "WORKDIR $U", "WORKDIR /e"
    )
    found = [m.environment_before(instruction).workdir for instruction in m.instructions[1:]]
    assert found == [None, None, "/x/y", "/x/z", "/x/z", "/d", None]
    assert at_end("FROM scratch", "WORKDIR a").workdir == "/a"
    assert at_end("FROM a", "WORKDIR /b").resolve_path("../c") == "/c" and at_end("FROM a").resolve_path("c") is None


def test_workdir_on_windows() -> None:
    lines = ("FROM mcr.microsoft.com/windows/nanoserver", "WORKDIR C:\\app", "WORKDIR sub\\x")
    assert at_end("# escape=`", *lines).workdir == "/app/sub/x"


def test_user() -> None:
    assert at_end("FROM a").user is None and at_end("FROM scratch").user == ""
    assert at_end("FROM a", "ARG U=me", "USER $U:grp").user == "me:grp"
    assert at_end("FROM a", "USER $UNKNOWN").user is None


def test_shell() -> None:
    m = model("FROM a AS b", 'SHELL ["/bin/bash", "-c"]', "RUN x", "FROM b", "RUN y", "FROM c", "SHELL bad")
    shells = [m.environment_before(instruction).shell for instruction in m.instructions]
    bash, default = ("/bin/bash", "-c"), ("/bin/sh", "-c")
    assert shells == [default, default, bash, default, bash, default, default]
    end = m.environment_at_end(m.stages[1])
    assert end.is_shell_set and end.shell == bash and not m.environment_at_end(m.stages[2]).is_shell_set
    assert at_end("FROM golang:nanoserver").shell == ("cmd", "/S", "/C")


def test_possible_parents_agree_or_nothing_is_known() -> None:
    lines = ["FROM a AS p-x", 'SHELL ["bash", "-c"]', "WORKDIR /w", "USER u", "FROM b AS p-y"]
    lines += ['SHELL ["bash", "-c"]', "WORKDIR /w", "USER v", "FROM p-$TARGETARCH"]
    environment = at_end(*lines)
    assert (environment.shell, environment.workdir, environment.user) == (("bash", "-c"), "/w", None)


def test_triggers_act_on_the_stage_below_and_not_on_their_own() -> None:
    m = model("FROM a AS b", "ONBUILD ENV A=1", "ONBUILD WORKDIR /t", "FROM b AS c", "WORKDIR x", "FROM c")
    assert value(m.environment_at_end(m.stages[0]), "A") == "undeclared"
    for stage in m.stages[1:]:
        assert value(m.environment_at_end(stage), "A") == "1"
        assert m.environment_at_end(stage).workdir == "/t/x"
    before = m.environment_before(m.instructions[4])
    assert before.workdir == "/t" and value(before, "A") == "1"


def test_values_do_not_grow_without_bounds() -> None:
    environment = at_end("FROM scratch", "ENV A=xxxxxxxxxx", *["ENV A=$A$A$A"] * 60)
    found = environment.lookup("A")
    assert found is not None and found.value is None


def test_the_table_and_the_words() -> None:
    m = model(
        "FROM --platform=$P $I AS $N",
        "ENV $K=$V",
        "COPY --chown=$O --from=$F --exclude=$E $S $D",
        "RUN --mount=type=cache,target=$T $C",
        "CMD $X",
        "ONBUILD USER $U",
        "EXPOSE $Q",
        "ARG A=$B",
    )
    words = [[word.text for word in expanded_words(instruction)] for instruction in m.instructions]
    assert words == [["$P", "$I"], ["$K", "$V"], ["$O", "$S", "$D"], ["type=cache,target=$T"], [], [], ["$Q"], ["$B"]]
    assert "CMD" not in EXPANDS and "ONBUILD" not in EXPANDS


def naive(lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for line in lines:
        _, _, pair = line.partition(" ")
        name, _, text = pair.partition("=")
        parts = text.split("-")
        values[name] = "".join(values.get(part.strip("${}"), "") if "$" in part else part for part in parts)
    return values


TEXTS = st.sampled_from(["x", "${a}-y", "${b}-${c}", "$a"])
LINES = st.lists(st.tuples(st.sampled_from(["ENV", "ARG"]), st.sampled_from("abc"), TEXTS), max_size=12)


@given(LINES, st.integers(0, 12))
@settings(max_examples=60)
def test_any_point_is_what_the_lines_before_say(triples: list[tuple[str, str, str]], cut: int) -> None:
    lines = [f"{kind} {name}={text}" for kind, name, text in triples]
    written = [line.replace("-", "") for line in lines]
    cut = min(cut, len(lines))
    # The same lines, half of them in a stage that the other half goes on from.
    m = model("FROM scratch AS s", *written[:cut], "FROM s", *written[cut:], "CMD x")
    for place, instruction in enumerate(m.instructions[1 : cut + 1]):
        expected = naive(lines[:place])
        environment = m.environment_before(instruction)
        assert {name: value(environment, name) for name in "abc" if environment.lookup(name)} == expected
    end = m.environment_at_end(m.stages[1])
    assert {name: variable.value for name, variable in end.variables.items() if name != "PATH"} == naive(lines)


def calls_for(count: int, text: str) -> int:
    """How many functions are called to know the environment before each instruction."""
    m = Model(parse("FROM scratch\n" + "".join(text.replace("@", str(number)) for number in range(count))))
    calls = 0

    def count_call(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        for instruction in m.instructions:
            environment = m.environment_before(instruction)
            environment.lookup("A1")
            assert environment.workdir is None or environment.shell
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    "text", ["ENV A@=$A1\n", "ENV A=$A1\nWORKDIR d@\n", "FROM scratch AS s@\nENV A@=1\n", "FROM s AS s\nARG A@=$A1\n"]
)
def test_all_points_of_a_file_take_linear_time(text: str) -> None:
    assert calls_for(800, text) < 8 * calls_for(100, text) * 1.3


def test_a_long_chain_of_stages_is_no_recursion() -> None:
    lines = ["FROM scratch AS s0"] + [f"FROM s{number} AS s{number + 1}\nENV V{number}=1" for number in range(3000)]
    m = model(*lines)
    environment = m.environment_at_end(m.stages[-1])
    assert value(environment, "V0") == "1" and environment.workdir == "/"
    assert m.stages[0].is_shipped and m.stages[0].is_reachable


@pytest.mark.parametrize(
    ("comment", "shell"),
    [
        ("# hadolint shell=powershell", ("powershell", "-Command")),
        ("#hadolint shell = /bin/bash", ("/bin/bash", "-c")),
        ("# hadolint shell=cmd.exe", ("cmd", "/S", "/C")),
        ("# hadolint ignore=DL3006", ("/bin/sh", "-c")),
        ("# shell=bash", ("/bin/sh", "-c")),
    ],
)
def test_shells_told_by_comments(comment: str, shell: tuple[str, ...]) -> None:
    m = model("FROM a AS a", "RUN 1", comment, "RUN 2", 'SHELL ["/bin/ash", "-c"]', "RUN 3", "FROM b", "RUN 4")
    runs = [i for i in m.instructions if i.name == "RUN"]
    default = ("/bin/sh", "-c")
    assert [m.environment_before(run).shell for run in runs] == [default, shell, ("/bin/ash", "-c"), default]
