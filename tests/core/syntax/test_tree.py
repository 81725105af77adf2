"""The tree on every construct of the language: structure, exact ranges, the way back to the text."""

from __future__ import annotations

import pytest

from dflint.syntax import parse, tree as nodes


def only(text: str) -> nodes.Instruction:
    tree = parse(text)
    assert tree.get_code() == text
    return tree.instructions[-1]


def source_of(text: str, node: object) -> str:
    return text[node.start : node.end]  # type: ignore[attr-defined]


def test_directives_end_at_the_first_other_line() -> None:
    tree = parse("# Syntax = docker/dockerfile:1 \n#escape=`\n# a comment\n# check=skip=all\nFROM a\n")
    assert [(d.name, d.value) for d in tree.directives] == [("syntax", "docker/dockerfile:1"), ("escape", "`")]
    assert tree.escape == "`"
    assert [c.text for c in tree.comments] == [" a comment", " check=skip=all"]


def test_unknown_directive_is_a_comment_and_ends_them() -> None:
    tree = parse("# foo=bar\n# escape=`\nFROM a\n")
    assert tree.directives == ()
    assert tree.escape == "\\"


def test_blank_line_ends_directives() -> None:
    assert parse("\n# escape=`\nFROM a").escape == "\\"


@pytest.mark.parametrize(
    ("directive", "code"), [("# escape=x", "invalid-escape"), ("# escape=`\n#escape=`", "duplicate-directive")]
)
def test_bad_directive(directive: str, code: str) -> None:
    assert [p.code for p in parse(f"{directive}\nFROM a").problems] == [code]


def test_byte_order_mark_and_crlf() -> None:
    text = "\ufeff# syntax=x\r\nFROM a \\\r\n  AS b\r\nRUN x\r\n"
    tree = parse(text)
    assert tree.get_code() == text
    assert tree.problems == ()
    first = tree.instructions[0]
    assert isinstance(first, nodes.From)
    assert first.stage_name is not None and first.stage_name.text == "b"
    assert tree.source.newline == "\r\n"


def test_comments_and_blank_lines_inside_a_continuation() -> None:
    text = "FROM a\nRUN one && \\\n  # why\n\n   \\\n  two\nUSER x\n"
    run = parse(text).instructions[1]
    assert isinstance(run, nodes.Run) and run.shell_text is not None
    assert run.shell_text.text == "one &&      two"
    assert [c.text for c in run.comments] == [" why"]
    assert [text[a:b] for a, b in run.blank_lines] == ["\n"]
    start = run.shell_text.text.index("two")
    assert text[run.shell_text.mapped.offset(start) :].startswith("two")


def test_a_doubled_escape_does_not_continue() -> None:
    assert len(parse("FROM a\nRUN x \\\\\nUSER y\n").instructions) == 3


def test_backtick_escape_and_windows_paths() -> None:
    copy = only("# escape=`\nFROM a\nCOPY a `\n  C:\\dir\\\n")
    assert isinstance(copy, nodes.Copy)
    assert [w.text for w in copy.words] == ["a", "C:\\dir\\"]


def test_a_word_and_a_keyword_may_be_split_by_a_continuation() -> None:
    text = "FR\\\nOM al\\\npine\n"
    from_ = only(text)
    assert isinstance(from_, nodes.From) and from_.image is not None
    assert from_.name == "FROM"
    assert from_.image.text == "alpine"
    assert from_.image.value == "al\\\npine"
    assert source_of(text, from_.image) == "al\\\npine"


def test_flags() -> None:
    text = 'FROM a\nCOPY --from=b --chown="1:1" --link x y\n'
    copy = only(text)
    assert [(f.name, f.text, f.value is not None) for f in copy.flags] == [
        ("from", "b", True),
        ("chown", "1:1", True),
        ("link", "", False),
    ]
    assert [source_of(text, f) for f in copy.flags] == ["--from=b", '--chown="1:1"', "--link"]


def test_flags_end_at_two_dashes() -> None:
    run = only("FROM a\nRUN --network=none -- --mount=x\n")
    assert isinstance(run, nodes.Run) and run.shell_text is not None
    assert [f.name for f in run.flags] == ["network"]
    assert run.shell_text.text == "--mount=x"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("FROM a\nCOPY --form=x a b", "unknown-flag", "--form"),
        ("FROM a\nCOPY --from a b", "flag-value", "--from"),
        ("FROM a\nCOPY --link=maybe a b", "flag-value", "maybe"),
        ("FROM a\nCOPY --chown=1 --chown=2 a b", "duplicate-flag", "--chown=2"),
        ("FROM a\nRUN --network=all x", "flag-value", "all"),
        ("FROM a\nRUN --mount=type=cash,target=/x x", "flag-value", "type=cash,target=/x"),
        ("FROM a\nRUN --mount=type=secret,from=b,id=x x", "flag-value", "type=secret,from=b,id=x"),
        ("FROM a\nHEALTHCHECK --interval=3x CMD y", "flag-value", "3x"),
        ("FROM a\nHEALTHCHECK --interval=1us CMD y", "flag-value", "1us"),
        ("FROM a\nHEALTHCHECK --retries=-1 CMD y", "flag-value", "-1"),
        ("FROM a\nENV --x=1 a=b", "unknown-flag", "--x"),
        ("FROM a b", "argument-count", "b"),
        ("FROM a AS 1x", "invalid-stage-name", "1x"),
        ("FROM a\nCOPY x", "argument-count", "x"),
        ("FROM a\nEXPOSE", "argument-count", "EXPOSE"),
        ("FROM a\nENV x", "missing-value", "x"),
        ("FROM a\nENV a=b c", "missing-equals", "c"),
        ("FROM a\nENV =b", "blank-name", "="),
        ("FROM a\nSHELL sh -c", "shell-not-json", "sh -c"),
        ("FROM a\nHEALTHCHECK NONE x", "healthcheck-none", "x"),
        ("FROM a\nHEALTHCHECK CMD", "argument-count", "CMD"),
        ("FROM a\nHEALTHCHECK TEST x", "healthcheck-kind", "TEST"),
        ("FROM a\nONBUILD ONBUILD RUN x", "onbuild-trigger", "ONBUILD"),
        ("FROM a\nONBUILD FROM b", "onbuild-trigger", "FROM"),
        ("FROM a\nCMD [1]", "json-not-strings", "[1]"),
        ('FROM a\nVOLUME [""]', "empty-volume", '""'),
        ("FROM a\nRUNN x", "unknown-instruction", "RUNN"),
        ("FROM a\nRUN cat <<EOF\nx\n", "unterminated-heredoc", "<<EOF"),
        ("FROM a\nCOPY x <<EOF\nEOF\n", "heredoc-destination", "<<EOF"),
        ("FROM a\nENV a=${b", "bad-word", "${b"),
        ("FROM a\nENV a=${b:x}", "bad-word", "${b:"),
        ("FROM a\nLABEL a='b", "bad-word", "'b"),
        ('FROM a\nENV a="b', "bad-word", '"b'),
        ("RUN x\nFROM a", "no-stage", "RUN"),
        ("ARG a\n", "no-stage", "ARG a"),
        ("# nothing\n", "no-instructions", ""),
    ],
)
def test_problem_has_its_exact_place(text: str, code: str, place: str) -> None:
    tree = parse(text)
    assert [(p.code, text[p.start : p.end]) for p in tree.problems] == [(code, place)]
    assert tree.get_code() == text


def test_unknown_instruction_suggests() -> None:
    assert "did you mean RUN?" in parse("FROM a\nRUNN x").problems[0].message


def test_exec_form_strings_have_their_places() -> None:
    text = 'FROM a\nCMD [ "a b" ,"c\\nd", "\\u0041\\\\" ]\n'
    cmd = only(text)
    assert isinstance(cmd, nodes.Cmd)
    assert cmd.exec_form
    assert [w.text for w in cmd.words] == ["a b", "c\nd", "A\\"]
    assert source_of(text, cmd.words[1]) == '"c\\nd"'
    assert text[cmd.words[2].mapped.offset(1) :].startswith("\\\\")


def test_broken_json_falls_back_to_the_shell_form_and_says_why() -> None:
    text = "FROM a\nRUN [\"echo\" 'x']\n"
    run = only(text)
    assert isinstance(run, nodes.Run)
    assert not run.exec_form
    assert run.json_problem is not None
    assert text[run.json_problem.start : run.json_problem.end] == "'"


def test_shell_test_is_not_broken_json() -> None:
    run = only("FROM a\nRUN [ -f x ] && y\n")
    assert isinstance(run, nodes.Run)
    assert run.json_problem is None


def test_pairs() -> None:
    text = 'FROM a\nENV A=b "c d"=\'e f\' G="h i" J=\n'
    env = only(text)
    assert isinstance(env, nodes.Env)
    assert [(p.key.literal, p.value.literal if p.value else None) for p in env.pairs] == [
        ("A", "b"),
        ("c d", "e f"),
        ("G", "h i"),
        ("J", ""),
    ]


def test_legacy_pair_takes_the_rest_of_the_line() -> None:
    env = only("FROM a\nENV A b  c=d\n")
    assert isinstance(env, nodes.Env)
    assert env.is_legacy
    assert env.pairs[0].value is not None and env.pairs[0].value.text == "b  c=d"


def test_several_heredocs_in_one_instruction() -> None:
    text = 'FROM a\nCOPY <<-"X" 3<<Y /d/\n\tone\n\tX\ntwo\nY\nRUN z\n'
    tree = parse(text)
    copy = tree.instructions[1]
    assert isinstance(copy, nodes.Copy)
    assert [(h.delimiter, h.strips_tabs, h.expands, h.fd, h.content.text) for h in copy.heredocs] == [
        ("X", True, False, None, "one\n"),
        ("Y", False, True, 3, "two\n"),
    ]
    assert copy.sources == ()
    assert copy.destination is not None and copy.destination.text == "/d/"
    assert tree.instructions[2].name == "RUN"
    assert text[copy.heredocs[0].content.offset(0) :].startswith("one")


@pytest.mark.parametrize("delimiter", ["EOF", '"EOF"', "'EOF'", "\\EOF", "E'O'F"])
def test_delimiter_quotes(delimiter: str) -> None:
    tree = parse(f"FROM a\nRUN <<-{delimiter}\n\tx\n\tEOF\nUSER y\n")
    run = tree.instructions[1]
    assert tree.problems == ()
    assert run.heredocs[0].delimiter == "EOF"
    assert run.heredocs[0].expands == (delimiter in ("EOF", "\\EOF"))


def test_heredoc_script_and_line_with_heredoc() -> None:
    script = parse("FROM a\nRUN <<EOF\necho $x\nEOF\n").instructions[1]
    line = parse("FROM a\nRUN cat <<EOF >f && y\nx\nEOF\n").instructions[1]
    assert isinstance(script, nodes.Run) and isinstance(line, nodes.Run)
    assert script.is_heredoc_script and script.script is not None
    assert script.script.text == "echo $x\n"
    assert not line.is_heredoc_script and line.script is not None
    assert line.script.text == "cat <<EOF >f && y\nx\nEOF"


def test_no_heredoc_where_buildkit_sees_none() -> None:
    for line in ("RUN cat<<EOF", "RUN echo it's <<EOF", "RUN cat <<<word", 'RUN ["cat", "<<EOF"]', "CMD cat <<EOF"):
        assert parse(f"FROM a\n{line}\n").instructions[1].heredocs == ()


def test_instruction_and_comment_right_after_a_heredoc() -> None:
    tree = parse("FROM a\nRUN <<EOF\nx\nEOF\n# comment\nCOPY <<EOF /a\nEOF\nCOPY b c\n")
    assert [i.name for i in tree.instructions] == ["FROM", "RUN", "COPY", "COPY"]
    assert tree.problems == ()


def test_onbuild_trigger_is_an_instruction() -> None:
    text = "FROM a\nONBUILD RUN --mount=type=cache,target=/x cat <<E\ny\nE\n"
    onbuild = only(text)
    assert isinstance(onbuild, nodes.Onbuild) and isinstance(onbuild.trigger, nodes.Run)
    assert onbuild.trigger.is_onbuild_trigger
    assert onbuild.trigger.index == onbuild.index == 1
    assert onbuild.trigger.mounts[0].target == "/x"
    assert onbuild.trigger.script is not None and onbuild.trigger.script.text == "cat <<E\ny\nE"
    assert source_of(text, onbuild.trigger) == "RUN --mount=type=cache,target=/x cat <<E"


def test_mount_fields() -> None:
    run = only("FROM a\nRUN --mount='type=cache,\"target=/a,b\",sharing=locked,ro' --mount=from=x,dst=/y z\n")
    assert isinstance(run, nodes.Run)
    first, second = run.mounts
    assert (first.type, first.target, first.sharing, first.read_only) == ("cache", "/a,b", "locked", True)
    assert (second.type, second.target, second.from_, second.read_only) == ("bind", "/y", "x", True)


def test_lone_surrogates_and_nul_are_kept() -> None:
    text = b"FROM a\x00\nRUN \xff\xfe x\n".decode("utf-8", "surrogateescape")
    assert parse(text).get_code() == text


def test_parso_positions() -> None:
    tree = parse("FROM a\nRUN x \\\n  y\n")
    run = tree.instructions[1]
    assert run.keyword.start_pos == (2, 0)
    assert run.children[1].start_pos == (2, 4)
    assert run.children[1].end_pos == (3, 3)
    assert tree.get_leaf_for_position((2, 1)) is run.keyword


def test_leaf_at() -> None:
    text = "FROM a\nCOPY --from=b c d\n"
    tree = parse(text)
    leaf = tree.leaf_at(text.index("b c"))
    assert leaf is not None and leaf.value == "b"
    assert tree.leaf_at(0) is tree.instructions[0].keyword


def test_real_parso_is_there_for_others() -> None:
    import parso
    import parso.tree

    assert parso.parse("x = 1").get_code() == "x = 1"
    assert issubclass(nodes.Leaf, parso.tree.Leaf)
    assert issubclass(nodes.Node, parso.tree.BaseNode)
