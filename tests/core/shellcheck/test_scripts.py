"""Which scripts ShellCheck gets, for which shell, with which variables."""

import pytest

from dflint.model import Model
from dflint.shellcheck import ShellCheckScript, scripts_of
from dflint.source import MappedText
from dflint.syntax import parse


def scripts(*lines: str) -> list[ShellCheckScript]:
    return scripts_of(Model(parse("\n".join(lines) + "\n")))


def script(*lines: str) -> ShellCheckScript:
    (found,) = scripts("FROM a", *lines)
    return found


@pytest.mark.parametrize(
    ("shell", "shebang"),
    [
        ("", "#!/bin/sh"),
        ('["/bin/sh", "-e", "-c"]', "#!/bin/sh -e"),
        ('["/bin/bash", "-o", "pipefail", "-c"]', "#!/bin/bash"),
        ('["/bin/bash", "-euo", "pipefail", "-c"]', "#!/bin/bash -e"),
        ('["bash", "-o", "errexit", "-c"]', "#!/bin/bash -e"),
        ('["/bin/bash", "--noediting", "-c"]', "#!/bin/bash"),
        ('["/usr/bin/env", "bash", "-c"]', "#!/bin/bash"),
        ('["/bin/ash", "-c"]', "#!/bin/busybox sh"),
        ('["/bin/dash", "-c"]', "#!/bin/dash"),
        ('["/bin/ksh", "-c"]', "#!/bin/ksh"),
    ],
)
def test_the_shell_in_force(shell: str, shebang: str) -> None:
    lines = [f"SHELL {shell}"] if shell else []
    assert script(*lines, "RUN ls $x").shebang == shebang


@pytest.mark.parametrize(
    "shell", ["/bin/zsh", "powershell", "pwsh", "cmd", "/usr/bin/fish", "python3", "/bin/my-shell"]
)
def test_other_shells_are_left_alone(shell: str) -> None:
    assert scripts("FROM a", f'SHELL ["{shell}", "-c"]', "RUN ls $x", "CMD ls $x") == []


def test_the_shell_of_an_earlier_stage_goes_on() -> None:
    found = scripts("FROM a AS b", 'SHELL ["bash", "-c"]', "FROM b", "RUN ls $x", "FROM a", "RUN ls $x")
    assert [s.shebang for s in found] == ["#!/bin/bash", "#!/bin/sh"]


def test_windows_images_have_no_script() -> None:
    assert scripts("FROM mcr.microsoft.com/windows/servercore:ltsc2022", "RUN (ls $x)") == []


def test_a_broken_array_is_no_script() -> None:
    found = scripts("FROM a", 'CMD ["echo", "x]', "RUN ['ls', $x]", 'RUN ["ls" $x]', 'RUN [ "$x" = a ] && ls')
    assert [s.text.text for s in found] == ['[ "$x" = a ] && ls']


def test_every_instruction_that_runs_a_script() -> None:
    found = scripts(
        "FROM a",
        "RUN run $x",
        "CMD cmd $x",
        "ENTRYPOINT entry $x",
        "HEALTHCHECK --interval=5s CMD health $x",
        "HEALTHCHECK NONE",
        "ONBUILD RUN later $x",
        'RUN ["bash", "-ec", "exec $x"]',
        'RUN ["/bin/sh", "-c", "slash $x"]',
        'RUN ["ls", "$x"]',
        "RUN",
    )
    assert [(s.text.text, s.shebang) for s in found] == [
        ("run $x", "#!/bin/sh"),
        ("cmd $x", "#!/bin/sh"),
        ("entry $x", "#!/bin/sh"),
        ("health $x", "#!/bin/sh"),
        ("later $x", "#!/bin/sh"),
        ("exec $x", "#!/bin/bash -e"),
        ("slash $x", "#!/bin/sh"),
    ]
    assert [s.notation for s in found][-2:] == ["json", "json"]


def test_here_document_script() -> None:
    found = script("RUN <<EOF", "ls $x", "ls", "EOF")
    assert (found.shebang, found.text.text, found.takes_lines) == ("#!/bin/sh", "ls $x\nls\n", True)


@pytest.mark.parametrize(
    ("first", "shebang"),
    [
        ("#!/bin/bash", "#!/bin/bash"),
        ("#!/usr/bin/env bash", "#!/bin/bash"),
        ("#!/usr/bin/env -S bash -eux", "#!/bin/bash -e"),
        ("#!/bin/sh -e", "#!/bin/sh -e"),
        ("#!/bin/busybox sh", "#!/bin/busybox sh"),
        ("#! /bin/dash", "#!/bin/dash"),
    ],
)
def test_here_document_with_its_own_interpreter(first: str, shebang: str) -> None:
    found = script('SHELL ["zsh", "-c"]', "RUN <<EOF", first, "ls $x", "EOF")
    assert (found.shebang, found.text.text) == (shebang, "ls $x\n")
    assert found.text.offset(0) == len(f'FROM a\nSHELL ["zsh", "-c"]\nRUN <<EOF\n{first}\n')


@pytest.mark.parametrize("first", ["#!/usr/bin/env python3", "#!/usr/bin/perl", "#!/bin/zsh"])
def test_here_document_for_another_interpreter(first: str) -> None:
    assert scripts("FROM a", "RUN <<EOF", first, "ls $x", "EOF") == []


@pytest.mark.parametrize(
    "line",
    [
        "<<EOF bash",
        "bash <<EOF",
        "bash -s <<EOF",
        "bash -s -- a b <<EOF",
        "bash - <<EOF",
        "sudo -u u bash -x <<'EOF'",
        "bash -o pipefail <<EOF",
        "true && bash <<EOF && false",
        "bash 0<<EOF",
    ],
)
def test_here_document_as_input_of_a_shell(line: str) -> None:
    outer, inner = scripts("FROM a", f"RUN {line}", "ls a*", "EOF")
    assert outer.shebang == "#!/bin/sh" and outer.text.text.startswith(line)
    assert (inner.shebang, inner.text.text) == ("#!/bin/bash", "ls a*\n")


@pytest.mark.parametrize(
    "line",
    [
        "cat <<EOF",
        "cat <<EOF | sh",
        "cat <<EOF > /x.sh",
        "bash x.sh <<EOF",
        "bash -c 'cat' <<EOF",
        "bash $x <<EOF",
        "bash 3<<EOF",
        "python3 <<EOF",
        "bash <<EOF < /other",
        "bash --rcfile a b <<EOF",
        'sh -c "bash <<EOF"',
    ],
)
def test_here_document_that_is_no_script(line: str) -> None:
    assert len(scripts("FROM a", f"RUN {line}", "ls a*", "EOF")) == 1


def test_what_the_outer_shell_leaves_of_a_here_document() -> None:
    _, inner = scripts("FROM a", "RUN <<EOF bash", r"ls \$a \\ \x", "b\\", "c", "EOF")
    assert (inner.text.text, inner.notation) == ("ls $a \\ \\x\nbc\n", "expanded")
    text = "FROM a\nRUN <<EOF bash\nls \\$a"
    assert inner.text.offset(inner.text.text.index("$a")) == text.index("$a")


@pytest.mark.parametrize("line", ["ls $a", "ls `a`", r"ls \\$a", "ls $(a)"])
def test_a_here_document_that_the_outer_shell_expands_is_not_known(line: str) -> None:
    assert len(scripts("FROM a", "RUN <<EOF bash", line, "EOF")) == 1
    assert len(scripts("FROM a", "RUN <<'EOF' bash", line, "EOF")) == 2


def test_tabs_of_a_here_document() -> None:
    _, inner = scripts("FROM a", "RUN bash <<-'EOF'", "\tls $x", "\t\tls", "\tEOF")
    assert inner.text.text == "ls $x\nls\n"
    assert inner.text.offset(6) == len("FROM a\nRUN bash <<-'EOF'\n\tls $x\n\t\t")


def test_variables_of_the_environment() -> None:
    found = script(
        "ARG one two=2",
        "ENV fixed=v1.2-3 spaces='a b' from=$two other=1",
        "RUN echo $one ${two} $fixed $spaces $from $http_proxy $mine $others",
    )
    assert found.known == (
        ("fixed", "v1.2-3"),
        ("from", "2"),
        ("http_proxy", None),
        ("one", None),
        ("spaces", None),
        ("two", "2"),
    )
    assert found.added_lines == (
        "read -r http_proxy one spaces",
        "export fixed=v1.2-3 from=2 http_proxy one spaces two=2",
    )


def test_variables_count_from_where_they_stand() -> None:
    before, after = scripts("FROM a", "RUN ls $x", "ENV x=1", "RUN ls $x")
    assert (before.known, after.known) == ((), (("x", "1"),))


def test_names_that_no_shell_knows_are_left_out() -> None:
    assert script("ENV a.b=1 1c=2", "RUN echo a.b 1c $d").known == ()


def test_a_container_gets_its_own_values() -> None:
    found = script("ENV x=1", "CMD ls $x $y")
    assert found.known == (("x", "1"),) and 2154 in found.ignored
    assert 2154 not in script("RUN ls $x").ignored


def test_triggers_see_the_image_and_earlier_triggers() -> None:
    found = script("ONBUILD ARG late", "ONBUILD RUN ls $late $env $unknown", "ENV env=1")
    assert [name for name, _ in found.known] == ["env", "late"]


def test_what_the_outer_script_sets_may_reach_the_inner_one() -> None:
    _, inner = scripts("FROM a", "RUN x=1 bash <<'EOF'", "ls $x", "EOF")
    assert inner.known == (("x", None),)


def test_added_lines_follow_the_directives_of_the_script() -> None:
    found = script("ARG x", "RUN <<EOF", "# shellcheck disable=SC2086", "", "ls $x", "EOF")
    assert found.program_text == "#!/bin/sh\n# shellcheck disable=SC2086\n\nread -r x\nexport x\nls $x\n\n"
    assert found.header_lines == 2


def plain(text: str) -> bool:
    return ShellCheckScript(MappedText.contiguous(text, 0), "#!/bin/sh").is_plain


@pytest.mark.parametrize(
    "text",
    [
        "apt-get update",
        "apt-get update && apt-get install -y curl=7.1 ",
        "  mkdir -p /a /b   && chmod 755 /a",
        "make\n",
        "pip install --no-cache-dir a==1.0 b@c,d",
        "make done-all",
    ],
)
def test_scripts_with_nothing_to_report(text: str) -> None:
    assert plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "cd /a",
        "rm -rf /usr",
        "make $x",
        "make; make",
        "make || make",
        "a=1 make",
        "mkdir -m 755 -p /a/b",
        "make *",
        "make ~",
        "chmod =755 /a",
        "make do",
        "make do && make",
        "echo a  b",
        "make &",
        "make &&",
        "make\nmake",
        "make 'a'",
        "make \\",
        "make >a",
        "",
    ],
)
def test_scripts_that_need_ShellCheck(text: str) -> None:  # noqa: N802
    assert not plain(text)
