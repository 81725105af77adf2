"""What ShellCheck says, in places and edits of the Dockerfile; with the real program."""

import pytest

from dflint.findings import Finding
from dflint.model import Model
from dflint.shellcheck import Comment, ShellCheck, findings_of, scripts_of
from dflint.shellcheck.process import Replacement
from dflint.syntax import parse


def reports(text: str) -> list[Finding]:
    checker = ShellCheck()
    found, failures = checker.findings(Model(parse(text)))
    assert failures == [] and checker.problem is None
    return found


def places(text: str) -> list[tuple[str, str]]:
    """Code and marked text of each report."""
    return [(report.code, text[report.start : report.end]) for report in reports(text)]


def applied(text: str, code: str) -> str:
    """The text after the fixes of the reports with a code."""
    edits = [edit for r in reports(text) if r.code == code and r.fix is not None for edit in r.fix.edits]
    assert edits
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def test_places_behind_continuations_comments_tabs_and_wide_characters() -> None:
    text = "FROM a\nRUN echo '😀é' && \\\n\t# comment\n\n \tls\t$A && \\\r\n\techo \\\n\t\t$B\n"
    assert places(text) == [("SC2086", "$A"), ("SC2086", "$B")]
    assert [report.start for report in reports(text)] == [text.index("$A"), text.index("$B")]


def test_a_place_may_hold_a_continuation() -> None:
    text = "FROM a\nRUN ls $(echo \\\n  a b)\n"
    assert ("SC2046", "$(echo \\\n  a b)") in places(text)


def test_bytes_that_are_not_utf8() -> None:
    text = b"FROM a\nRUN echo '\xff\xe2\x82 \xf0\x9f' $A $A\n".decode("utf-8", "surrogateescape")
    assert [report.start for report in reports(text)] == [text.index("$A"), text.rindex("$A")]


def test_here_documents_and_exec_forms() -> None:
    text = 'FROM a\nRUN <<-EOF\n\t\tls $A\n\t\techo "é" $B\n\tEOF\nRUN ["sh", "-c", "echo \\"\\u00e9\\" $C"]\n'
    assert places(text) == [("SC2086", "$A"), ("SC2086", "$B"), ("SC2086", "$C")]


def test_a_here_document_as_input_is_checked_for_its_own_shell() -> None:
    assert places("FROM a\nRUN <<EOF bash\nset -o pipefail\n[[ -f a ]]\nls a\nEOF\n") == []
    assert places("FROM a\nRUN <<EOF sh\n[[ -f a ]]\nEOF\n") == [("SC3010", "[[ -f a ]]")]
    assert places("FROM a\nRUN <<EOF bash\nls \\$A\nEOF\n") == [("SC2086", "$A")]


def test_ash_is_busybox() -> None:
    shell = 'FROM a\nSHELL ["/bin/ash", "-o", "pipefail", "-c"]\n'
    assert places(shell + "RUN [[ -f a ]] && set -o pipefail\n") == []
    assert places("FROM a\nRUN [[ -f a ]]\n") == [("SC3010", "[[ -f a ]]")]


def test_a_shell_that_stops_at_errors() -> None:
    assert places("FROM a\nRUN <<EOF\ncd a\nls\nEOF\n") == [("SC2164", "cd a")]
    assert places("FROM a\nRUN <<EOF\n#!/bin/sh -e\ncd a\nls\nEOF\n") == []


def test_variables_of_the_file_are_assigned() -> None:
    text = 'FROM a\nARG one two=b\nENV three=c four=d\nRUN echo "$one" "$two" "$three" "$four" "$five"\n'
    assert places(text) == [("SC2154", "$five")]


def test_an_assignment_to_a_variable_of_the_environment_is_of_use() -> None:
    assert places("FROM a\nENV a=1\nRUN a=2\nRUN b=2\n") == [("SC2034", "b")]


def test_a_value_that_is_not_known_may_be_split() -> None:
    text = "FROM a\nARG TARGETARCH\nARG DEFAULT=b NONE\nENV SET=c DERIVED=$DEFAULT\n"
    assert places(text + "RUN ls $DEFAULT $SET $DERIVED $TARGETARCH $NONE $HOME\n") == [
        ("SC2086", "$NONE"),
        ("SC2086", "$HOME"),
    ]
    assert ("SC2086", "$JAR") in places("FROM a\nCMD java -jar $JAR\n")
    assert places("FROM a\nENV JAR=x.jar\nCMD java -jar $JAR\n") == []


def test_what_is_split_on_purpose_shall_not_be_quoted() -> None:
    text = "FROM a\nENV SPACES='-q --fast' EMPTY= CFLAGS=$NO\nARG LISTED='c d'\n"
    assert places(text + "RUN ls $SPACES $EMPTY $LISTED $CFLAGS $MY_OPTS && x=a && apk add $x $(cat names)\n") == []
    assert places(text + "RUN ls x=$SPACES\n") == [("SC2086", "$SPACES")]
    assert places(text + "RUN [ -n $LISTED ]\n") != []
    script = "a='b c' && ls $a && b=$(ls -l) && ls $b && apt-mark manual $b"
    assert places(f"FROM debian\nRUN {script}\n") == [("SC2086", "$b")]
    assert places('FROM debian\nRUN ./configure $(test -n "$A" && echo --b) $(ls)\n') == []
    assert places("FROM debian\nRUN make -j $(nproc) $(cat targets)\n") == [("SC2046", "$(nproc)")]
    script = "cp $(if true; then ls; fi) $(test -f a && echo a) $(ls a) b"
    assert places(f"FROM debian\nRUN {script}\n") == [("SC2046", "$(ls a)")]


def test_text_in_single_quotes_expands_later() -> None:
    assert places("FROM a\nRUN echo 'export PATH=$HOME/bin:$PATH' >> ~/.profile && sed -i 's/a/$b/' c\n") == []


@pytest.mark.parametrize(
    ("base", "codes"),
    [
        ("debian:12", ["SC3037", "SC3046", "SC3010"]),
        ("alpine:3.20", []),
        ("oraclelinux:9", []),
        ("example.org/tools", ["SC3037", "SC3046", "SC3010", "SC3043"]),
        ("debian:12\nRUN ln -sf /bin/bash /bin/sh", []),
        ("debian:12 AS a\nRUN dpkg-reconfigure dash\nFROM a", []),
    ],
)
def test_sh_is_that_of_the_base_image(base: str, codes: list[str]) -> None:
    script = "echo -n a; /bin/echo -e b; echo -e 'a'; source ./x; if [[ -f a ]]; then ls; fi; "
    script += 'f() { local a=1; echo "$a"; }; f'
    found = [code for code, _ in places(f"FROM {base}\nRUN {script}\n") if code != "SC1091"]
    assert found == codes
    assert [code for code, _ in places(f"FROM {base}\nRUN <<'EOF' sh\n{script}\nEOF\n")] == codes


def test_what_a_container_gets_from_outside() -> None:
    assert places('FROM a\nCMD echo "$x"\nENTRYPOINT echo "$x"\nHEALTHCHECK CMD echo "$x"\n') == []
    assert places("FROM a\nCMD ls $x\n") == [("SC2086", "$x")]


def test_codes_that_are_no_use_in_a_dockerfile() -> None:
    assert places('FROM a\nSHELL ["ash", "-c"]\nRUN . /etc/profile && . "$FILE" && ls\n') == []


def test_indentation_is_not_repeated_space() -> None:
    assert places("FROM a\nRUN echo a \\\n    b\n") == []
    assert [code for code, _ in places("FROM a\nRUN echo a    b\n")] == ["SC2291"]


def test_empty_values_in_a_row() -> None:
    assert places('FROM a\nRUN A= B= && C= D=1 && echo "$A$B$C$D"\n') == []
    assert [code for code, _ in places("FROM a\nRUN A= ls && B=  c\n")] == ["SC1007", "SC1007"]


def test_words_of_a_command_of_its_own() -> None:
    assert places("FROM a\nRUN chmod =2775 /a && mix do deps.get, compile\n") == []
    assert [code for code, _ in places("FROM a\nRUN x =1 && echo do\n")] == ["SC2283", "SC1010"]


def test_order_of_strings() -> None:
    script = r'if [ "$HOME" \< "/b" ]; then ls; fi'
    assert [code for code, _ in places(f"FROM a\nRUN {script}\n")] == ["SC3012"]
    assert places(f"FROM debian:12\nRUN {script}\n") == []


def test_levels_and_messages() -> None:
    found = reports('FROM a\nRUN ls `ls -l` "$x" && local a=1; b = 1\n')
    assert {report.code: report.level for report in found} == {
        "SC2006": "info", "SC2046": "warning", "SC2154": "warning", "SC3043": "warning", "SC2034": "warning",
        "SC2283": "error",
    }  # fmt: skip
    assert not any(report.message.endswith(".") and not report.message.endswith("...") for report in found)
    assert {report.rule for report in found} == {"shellcheck"}


def test_a_parse_error_has_a_visible_place() -> None:
    for text in ("FROM a\nRUN if true; then\n", "FROM a\nRUN echo 'a\n", "FROM a\nRUN )\n"):
        found = reports(text)
        assert found
        assert all(len("FROM a\nRUN ") <= r.start < r.end <= len(text) for r in found)


def test_a_carriage_return_is_reported_once() -> None:
    text = "FROM a\r\nRUN <<EOF\r\nls\r\nls\r\nls\r\nEOF\r\n"
    assert len(places(text)) <= 1


# Fixes


def test_quotes_hug_their_word() -> None:
    text = "FROM a\nRUN ls \\\n  $A \\\n  # note\n  $B\\\n && ls\n"
    assert applied(text, "SC2086") == 'FROM a\nRUN ls \\\n  "$A" \\\n  # note\n  "$B"\\\n && ls\n'


def test_only_what_means_the_same_is_safe() -> None:
    text = 'FROM a\nRUN x=`ls -l $A` && echo "$x"\n'
    assert applied(text, "SC2006") == 'FROM a\nRUN x=$(ls -l $A) && echo "$x"\n'
    assert [r.fix.applicability for r in reports(text) if r.fix and r.code == "SC2006"] == ["safe"]
    for inner in (r"echo \$a", "(ls)", "echo 'a'", 'echo "a"', "ls # a"):
        fixes = [r.fix for r in reports(f'FROM a\nRUN x=`{inner}` && echo "$x"\n') if r.code == "SC2006"]
        assert all(fix is None or fix.applicability == "unsafe" for fix in fixes), inner
    assert [r.fix.applicability for r in reports("FROM a\nRUN ls $A\n") if r.fix] == ["unsafe"]


def test_a_fix_in_an_exec_form_is_written_as_json() -> None:
    text = 'FROM a\nRUN ["sh", "-c", "ls $A"]\n'
    assert applied(text, "SC2086") == 'FROM a\nRUN ["sh", "-c", "ls \\"$A\\""]\n'
    assert places('FROM a\nRUN ["sh", "-c", "ls \\"$A\\""]\n') == []


def test_no_fix_next_to_an_escape() -> None:
    (report,) = reports('FROM a\nRUN ["sh", "-c", "ls \\u0024A"]\n')
    assert report.code == "SC2086" and report.fix is None
    (report,) = reports("FROM a\nRUN <<EOF bash\nls \\$A\nEOF\n")
    assert report.code == "SC2086" and report.fix is None


def replaced(text: str, *replacements: Replacement) -> Finding:
    (script,) = scripts_of(Model(parse(text)))
    first = replacements[0]
    comment = Comment(first.line, first.column, first.line, first.column + 1, "info", 9999, "M.", replacements)
    (report,) = findings_of(script, [comment], text)
    return report


def test_a_replacement_over_a_continuation_is_withheld() -> None:
    text = "FROM a\nRUN a \\\nb\n"
    assert replaced(text, Replacement(2, 1, 2, 2, "x", False)).fix is not None
    assert replaced(text, Replacement(2, 1, 2, 4, "x", False)).fix is None


def test_a_line_break_only_goes_into_a_here_document() -> None:
    insertion = Replacement(2, 1, 2, 1, "x\n", False)
    assert replaced("FROM a\nRUN a $b\n", insertion).fix is None
    assert replaced("FROM a\nRUN <<EOF\na $b\nEOF\n", insertion).fix is not None


def test_two_insertions_at_one_place_are_withheld() -> None:
    one, other = Replacement(2, 2, 2, 2, "x", False), Replacement(2, 2, 2, 2, "y", False)
    assert replaced("FROM a\nRUN ab $c\n", one).fix is not None
    assert replaced("FROM a\nRUN ab $c\n", one, other).fix is None


@pytest.mark.parametrize("line", [2, 3])
def test_what_is_said_of_added_lines_is_dropped(line: int) -> None:
    text = "FROM a\nARG x\nRUN ls $x\n"
    (script,) = scripts_of(Model(parse(text)))
    assert script.program_text.splitlines()[line - 1].startswith(("read", "export"))
    assert findings_of(script, [Comment(line, 1, line, 2, "error", 1, "M")], text) == []
    (report,) = findings_of(script, [Comment(4, 1, 4, 3, "error", 1, "M")], text)
    assert text[report.start : report.end] == "ls" and report.code == "SC0001"


def test_echo_of_dash_expands() -> None:
    assert places('FROM debian:12\nRUN echo "a\\nb"\n') == []
    assert places('FROM fedora\nRUN echo "a\\nb"\n') == places('FROM a\nRUN echo "a\\nb"\n') == [("SC2028", '"a\\nb"')]
    assert places('FROM debian:12\nSHELL ["/bin/bash", "-c"]\nRUN echo "a\\nb"\n') == [("SC2028", '"a\\nb"')]


def test_backquotes_with_escapes_have_no_fix() -> None:
    text = 'FROM a\nRUN x=`grep "a\\\\"" b` && echo "$x"\n'
    assert [(r.code, r.fix) for r in reports(text) if r.code == "SC2006"] == [("SC2006", None)]
    assert applied("FROM a\nRUN x=`ls \\\n b`; ls $x\n", "SC2006") == "FROM a\nRUN x=$(ls \\\n b); ls $x\n"


def test_quotes_around_a_substitution_of_one_word() -> None:
    text = "FROM a\nRUN tool -j$(nproc) --at=$(date +%F) $( uname -m ;)/x\n"
    new = 'FROM a\nRUN tool -j"$(nproc)" --at="$(date +%F)" "$( uname -m ;)"/x\n'
    assert applied(text, "SC2046") == new
    assert places(new) == []
    for several in ("ls", "find . -name x", "nproc; ls", "git ls-files", "date", "pkg-config --libs x"):
        found = reports(f"FROM a\nRUN tool $({several})\n")
        assert [(r.code, r.fix) for r in found if r.code == "SC2046"] == [("SC2046", None)]
