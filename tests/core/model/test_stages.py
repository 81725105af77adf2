from dflint.model import ImageReference, Model, NamedContext, Stage
from dflint.syntax import parse
from dflint.syntax.tree import Run


def model(*lines: str, **arguments: object) -> Model:
    return Model(parse("\n".join(lines) + "\n"), **arguments)  # type: ignore[arg-type]


def indexes(stages: tuple[Stage, ...]) -> list[int]:
    return [stage.index for stage in stages]


def test_stages_and_their_instructions() -> None:
    m = model("ARG A", "FROM x AS One", "RUN a", "FROM y", "COPY a b", "ENV a=b")
    assert [(stage.name, len(stage.instructions)) for stage in m.stages] == [("one", 1), (None, 2)]
    assert [argument.name for argument in m.global_args] == ["ARG"]
    assert m.target is m.stages[1]
    assert m.stage_of(m.instructions[0]) is None
    assert [stage and stage.index for stage in map(m.stage_of, m.instructions)] == [None, 0, 0, 1, 1, 1]


def test_an_empty_file_has_nothing() -> None:
    m = model("# nothing")
    assert m.stages == () and m.target is None and m.global_args == ()


def test_base_text_uses_the_defaults_of_global_args() -> None:
    m = model(
        "ARG V=3.12",
        "ARG N",
        "FROM python:${V}-slim",
        "ARG V=4",
        "FROM python:$V",
        "FROM python:$N",
        "FROM ${N:-debian}",
        "FROM $UNDECLARED",
        "FROM a-$TARGETARCH",
    )
    texts = [stage.base_text for stage in m.stages]
    assert texts == ["python:3.12-slim", "python:3.12", None, "debian", None, None]
    images = [stage.image_name for stage in m.stages]
    assert [image.name if image else None for image in images] == ["python", "python", "python", "debian", None, None]
    assert m.stages[2].image is None


def test_parent_is_the_last_stage_of_that_name_before() -> None:
    m = model("FROM a AS b", "FROM x AS b", "FROM b AS b", "FROM B", "FROM later", "FROM z AS later")
    assert [stage.parent and stage.parent.index for stage in m.stages] == [None, None, 1, 2, None, None]
    assert m.stages[4].image == ImageReference.parse("later")
    assert m.stages[3].root is m.stages[1] and indexes(m.stages[1].children) == [2]


def test_scratch() -> None:
    m = model("FROM scratch", "FROM scratch AS base", "FROM base")
    assert [stage.is_scratch for stage in m.stages] == [True, True, False]
    assert all(stage.image is None for stage in m.stages)


def test_dynamic_parents() -> None:
    m = model(
        "ARG KIND=full",
        "FROM a AS base-amd64",
        "FROM b AS base-arm64",
        "FROM c AS other",
        "FROM base-${TARGETARCH} AS x",
        "FROM base-$KIND",
    )
    assert indexes(m.stages[3].parents) == [0, 1] and m.stages[3].parent is None
    assert indexes(m.stages[4].parents) == [0, 1]
    assert [stage.is_reachable for stage in m.stages] == [True, True, False, False, True]


def test_a_bare_variable_may_be_any_stage_only_without_a_plain_image_as_default() -> None:
    m = model("ARG A=debian", "ARG B", "ARG C=one", "FROM x AS one", "FROM y AS two", "FROM $A", "FROM $B", "FROM ${C}")
    assert [indexes(stage.parents) for stage in m.stages] == [[], [], [], [0, 1], [0, 1]]
    assert m.stages[4].parent is m.stages[0]


def test_uses_and_reachability() -> None:
    m = model(
        "FROM a AS one",
        "FROM b AS two",
        "FROM c AS three",
        "FROM one AS four",
        "FROM d",
        "COPY --from=four /a /b",
        "COPY --from=1 /a /b",
        "RUN --mount=type=bind,from=THREE,target=/x ls",
        "COPY --from=alpine:3 /a /b",
    )
    assert indexes(m.stages[4].uses) == [3, 1, 2]
    assert all(stage.is_reachable for stage in m.stages)
    assert [stage.is_shipped for stage in m.stages] == [False, False, False, False, True]
    assert indexes(m.stages[0].children) == [3] and indexes(m.stages[3].users) == [4]


def test_shipped_is_the_from_chain() -> None:
    m = model("FROM a AS base", "FROM base AS mid", "FROM x AS unused", "FROM mid")
    assert [stage.is_shipped for stage in m.stages] == [True, True, False, True]
    assert [stage.is_reachable for stage in m.stages] == [True, True, False, True]
    assert [stage.used_as_base for stage in m.stages] == [True, True, False, False]


def test_another_target() -> None:
    m = model("FROM a AS one", "FROM b AS two", target="ONE")
    assert m.target is m.stages[0]
    assert [stage.is_reachable for stage in m.stages] == [True, False]
    assert model("FROM a", target="x").target is None


def test_resolve_from() -> None:
    m = model("FROM a AS x", "RUN true", "FROM b AS x", "FROM c", named_contexts=["docs"])
    run = m.instructions[1]
    assert isinstance(run, Run)
    assert m.resolve_from("X") is m.stages[1]
    assert m.resolve_from("0") is m.stages[0] and m.resolve_from("+2") is m.stages[2]
    assert m.resolve_from("3") is None and m.resolve_from("-1") is None
    assert isinstance(m.resolve_from("0", run), ImageReference)
    assert isinstance(m.resolve_from("docs"), NamedContext)
    assert m.resolve_from("alpine:3") == ImageReference.parse("alpine:3")
    assert m.resolve_from("$X") is None and m.resolve_from("No Image") is None and m.resolve_from("") is None


def test_circles_end() -> None:
    m = model(
        "FROM a AS one", "COPY --from=two /a /b", "FROM b AS two", "COPY --from=one /a /b", "COPY --from=two /c /d"
    )
    assert indexes(m.stages[0].uses) == [1] and indexes(m.stages[1].uses) == [0, 1]
    assert all(stage.is_reachable for stage in m.stages)
    assert model("FROM self AS self").stages[0].parent is None


def test_triggers_run_in_the_stage_below() -> None:
    m = model("FROM x AS tools", "FROM a AS base", "ONBUILD COPY --from=tools /t /t", "FROM base AS app", "FROM app")
    assert [indexes(stage.uses) for stage in m.stages] == [[], [], [0], []]
    assert m.stages[0].is_reachable


def test_a_dynamic_from_of_copy_keeps_stages_in_use() -> None:
    m = model("FROM a AS build-x", "FROM b AS other", "FROM c", "COPY --from=build-$K /a /b")
    assert [stage.is_reachable for stage in m.stages] == [True, False, True]


def test_malformed_froms_do_no_harm() -> None:
    m = model("FROM", "RUN a", "FROM a AS", "FROM ${", "FROM a b c d")
    assert len(m.stages) == 4
    assert [stage.base_text for stage in m.stages][::2] == [None, None]
    assert all(stage.parents == () for stage in m.stages)


def test_windows_is_guessed() -> None:
    m = model(
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS w",
        "FROM w",
        "FROM --platform=windows/amd64 x",
        "FROM golang:1-windowsservercore",
        "FROM golang",
    )
    assert [stage.looks_like_windows for stage in m.stages] == [True, True, True, True, False]
