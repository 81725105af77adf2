"""Comments that silence findings, ours and other tools'."""

import pytest

from dflint.linter.engine import RuleSet
from dflint.linter.examples import lint_example
from dflint.linter.fixer import fix_text
from dflint.linter.registry import Registry, registry
from dflint.linter.rule import Rule


class BadRun(Rule):
    name = "bad-run"
    category = "shell"
    level = "warning"
    aliases = ("DL3003", "RunIsBad")

    def check_run(self, run, model):
        yield self.finding(run, "run")


class BadCopy(Rule):
    name = "bad-copy"
    category = "cache"
    level = "warning"
    aliases = ("DL3004",)

    def check_copy(self, copy, model):
        yield self.finding(copy, "copy")


class Never(Rule):
    name = "never"
    category = "cache"
    level = "warning"


class Idle(Rule):
    name = "idle"
    category = "size"
    level = "warning"
    status = "preview"


KNOWN = Registry([BadRun, BadCopy, Never, Idle, registry().classes["unused-suppression"]])
ACTIVE = ("bad-run", "bad-copy", "never", "unused-suppression")


def check(text, active=ACTIVE):
    result = lint_example(text, RuleSet([KNOWN.classes[name]() for name in active], registry=KNOWN))
    assert not result.internal_errors
    return result


def lines(findings, result):
    return [(result.tree.source.line_of(f.start), f.rule) for f in findings]


@pytest.mark.parametrize(
    "comment",
    [
        "# dflint ignore=bad-run",
        "# dflint ignore=bad-run the reason, with = and #",
        "#dflint ignore=BAD-RUN",
        "#   dflint   ignore = bad-run",
        "# dflint ignore=DL3003",
        "# dflint ignore=RunIsBad why not",
        "# dflint ignore=shell",
        "# dflint ignore=all",
        "# dflint ignore=bad-run\n# another comment\n",
        "# hadolint ignore=DL3003",
        "# hadolint ignore=SC2086,DL3003 # because",
        "# hadolint ignore=SC2086, DL3003",
        "# check=skip=RunIsBad",
        "# check=skip=JSONArgsRecommended,RunIsBad",
        "# check=skip=all",
        "# check=skip=RunIsBad because it is",
        "# check=skip=RunIsBad\n\n# another comment",
        "# check=skip=Other\n#\n# check=skip=RunIsBad",
    ],
)
def test_next_instruction(comment):
    result = check(f"FROM a\nRUN x\n{comment}\nRUN y\nRUN z\n")
    silenced = lines(result.suppressed, result)
    assert [rule for _, rule in silenced] == ["bad-run"]
    assert len(result.findings) == 2
    assert result.tree.source.text[result.suppressed[0].start :].startswith("RUN y")


@pytest.mark.parametrize(
    "comment",
    ["# dflint global ignore=bad-run", "# hadolint global ignore=DL3003", "# dflint global ignore=cache,shell"],
)
@pytest.mark.parametrize("at", [0, 2, 4])
def test_global(comment, at):
    parts = ["FROM a", "RUN x", "COPY a b", "RUN y"]
    result = check("\n".join([*parts[:at], comment, *parts[at:]]) + "\n")
    assert [f.rule for f in result.suppressed].count("bad-run") == 2
    assert "bad-run" not in {f.rule for f in result.findings}


@pytest.mark.parametrize(
    "top", ["# check=skip=RunIsBad", "# syntax=docker/dockerfile:1\n# check=skip=RunIsBad;error=true"]
)
def test_check_directive_holds_for_the_file(top):
    result = check(f"{top}\nFROM a\nRUN x\nCOPY a b\nRUN y\n")
    assert len(result.suppressed) == 2
    assert [f.rule for f in result.findings] == ["bad-copy"]


@pytest.mark.parametrize(
    "comment",
    [
        "# check=skip=runisbad",
        "# check=Skip=RunIsBad",
        "# check=skip=All",
        "# check=skip=Other, RunIsBad",
        "# check=skip=RunIsBad;warn=no",
        "# check=skip=RunIsBad\n#",
        "# check=skip=Other\n# check=skip=RunIsBad",
    ],
)
def test_what_buildkit_does_not_take_for_an_option(comment):
    assert not check(f"FROM a\n{comment}\nRUN y\n").suppressed


def test_a_check_comment_between_lines_is_none():
    assert not check("FROM a\nRUN y \\\n# check=skip=RunIsBad\n  z\n").suppressed


def test_check_error_raises_what_buildkit_checks():
    result = check("# check=error=true\nFROM a\nRUN x\nCOPY a b\n")
    assert [(f.rule, f.level) for f in result.findings] == [("bad-run", "error"), ("bad-copy", "warning")]


def test_hadolint_stage():
    text = "FROM a\nRUN x\n{}FROM b\nRUN y\n{}RUN z\nFROM c\nRUN w\n"
    pragma = "# hadolint stage ignore=DL3003\n"
    for before, inside in ((pragma, ""), ("", pragma)):
        result = check(text.format(before, inside))
        assert [result.tree.source.text[f.start : f.end] for f in result.suppressed] == ["RUN y", "RUN z"]


def test_inside_a_continued_instruction_and_above_a_heredoc():
    result = check("FROM a\nRUN x \\\n  # dflint ignore=bad-run\n  && y\nRUN z\n")
    assert lines(result.findings, result) == [(5, "bad-run")]
    result = check("FROM a\n# dflint ignore=bad-run\nRUN <<EOF\n# dflint ignore=bad-copy\nx\nEOF\nRUN z\n")
    assert lines(result.findings, result) == [(7, "bad-run")]


def test_onbuild_trigger():
    result = check("FROM a\n# dflint ignore=bad-run\nONBUILD RUN x\n")
    assert result.findings == ()
    assert len(result.suppressed) == 1


UNUSED = "unused-suppression"


@pytest.mark.parametrize(
    ("comment", "at", "message"),
    [
        ("# dflint ignore=never", "# dflint ignore=never", "nothing to suppress here for `never`"),
        ("# dflint ignore=bad-copy,never why",) * 2 + ("nothing to suppress here for `bad-copy` and `never`",),
        ("# dflint ignore=bad-run,never", "never", "nothing to suppress here for `never`"),
        ("# dflint ignore=never, bad-run", "never", "nothing to suppress here for `never`"),
        ("# dflint ignore=nevr", "nevr", "unknown rule `nevr`; did you mean `never`?"),
        ("# dflint ignore=bad-run,qqqq", "qqqq", "unknown rule `qqqq`"),
        ("# dflint ignore",) * 2 + ("suppression names no rule; write `# dflint ignore=RULE reason`",),
        ("# dflint: ignore=bad-copy",) * 2 + ("suppression names no rule; write `# dflint ignore=RULE reason`",),
        ("# dflint global ignore=never", "# dflint global ignore=never", "nothing to suppress here for `never`"),
        ("# dflint ignore=unused-suppression",) * 2 + ("nothing to suppress here for `unused-suppression`",),
    ],
)
def test_unused(comment, at, message):
    result = check(f"FROM a\n{comment}\nRUN x\n")
    (finding,) = [f for f in result.findings if f.rule == UNUSED]
    assert result.tree.source.text[finding.start : finding.end] == at
    assert finding.message == message


@pytest.mark.parametrize(
    "comment",
    [
        "# dflint ignore=bad-run",
        "# dflint ignore=idle a rule that does not run",
        "# dflint ignore=size",
        "# hadolint ignore=DL3004",
        "# hadolint ignore=DL9999",
        "# check=skip=Nonsense",
        "# see dflint ignore=never in the handbook",
        "# to ignore=never",
    ],
)
def test_not_reported(comment):
    assert UNUSED not in {f.rule for f in check(f"FROM a\n{comment}\nRUN x\n").findings}


def test_a_name_is_undecided_when_a_rule_of_it_did_not_run():
    text = "FROM a\n# dflint ignore=never\nRUN x\n# dflint ignore=cache\nRUN y\n"
    assert len([f for f in check(text).findings if f.rule == UNUSED]) == 2
    without = tuple(name for name in ACTIVE if name != "never")
    assert [f.rule for f in check(text, without).findings if f.rule == UNUSED] == []


def test_the_report_itself_can_be_suppressed():
    result = check("# dflint global ignore=unused-suppression\nFROM a\n# dflint ignore=never\nRUN x\n")
    assert [f.rule for f in result.findings] == ["bad-run"]
    assert [f.rule for f in result.suppressed] == [UNUSED]


def test_no_report_when_the_rule_is_off():
    result = check("FROM a\n# dflint ignore=never\nRUN x\n", ("bad-run", "never"))
    assert [f.rule for f in result.findings] == ["bad-run"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# dflint ignore=never,bad-run why\nRUN x\n", "# dflint ignore=bad-run why\nRUN x\n"),
        ("# dflint ignore=bad-run, never why\nRUN x\n", "# dflint ignore=bad-run why\nRUN x\n"),
        ("# dflint ignore=never,qqqq,bad-run,bad-copy\nRUN x\n", "# dflint ignore=bad-run\nRUN x\n"),
        ("# dflint ignore=never\r\nRUN x\r\n", "RUN x\r\n"),
        ("RUN x \\\n # dflint ignore=never\n y\n", "RUN x \\\n y\n"),
        ("RUN x\n# dflint ignore=never", "RUN x\n"),
        ("# dflint ignore=nevr\nRUN x\n", "# dflint ignore=nevr\nRUN x\n"),  # a slip: only with unsafe fixes
    ],
)
def test_fix(before, after):
    rule_set = RuleSet([KNOWN.classes[name]() for name in ACTIVE], registry=KNOWN)
    fixed = fix_text("FROM a\n" + before, "D", lambda text: lint_example(text, rule_set))
    assert fixed.text == "FROM a\n" + after
    assert not fixed.internal_errors


def test_byte_order_mark_stays():
    rule_set = RuleSet([KNOWN.classes[name]() for name in ACTIVE], registry=KNOWN)
    fixed = fix_text("\ufeff# dflint ignore=never\nFROM a\n", "D", lambda text: lint_example(text, rule_set))
    assert fixed.text == "\ufeffFROM a\n"
