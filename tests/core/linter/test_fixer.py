"""The fix loop and its guards, with rules that do right and rules that do wrong."""

import pytest

from dflint.findings import Edit, Finding, Fix
from dflint.linter.engine import RuleSet
from dflint.linter.examples import lint_example
from dflint.linter.fixer import apply_edits, compatible, fix_text, moved
from dflint.linter.registry import Registry
from dflint.linter.rule import Rule


def rule_of(check, name="made", level="info"):
    """A rule whose ``check_file`` yields (start, end, fix) for a text."""

    def check_file(self, model):
        for start, end, fix in check(model.tree.source.text, model.tree):
            yield Finding(self.name, f"{self.name} here", self.level, start, end, fix)

    attributes = {"name": name, "category": "style", "level": level, "check_file": check_file}
    return type("Made", (Rule,), attributes)


def replacing(old, new, applicability="safe", removes=(), title="Replace it", name="made"):
    """A rule that reports each ``old`` and replaces it by ``new``."""

    def check(text, tree):
        at = text.find(old)
        while at >= 0:
            yield at, at + len(old), Fix(title, applicability, (Edit(at, at + len(old), new),), tuple(removes))
            at = text.find(old, at + len(old))

    return rule_of(check, name)


def fix(text, *rules, unsafe=False):
    rule_set = RuleSet([r() for r in rules], registry=Registry(rules))
    return fix_text(text, "D", lambda t: lint_example(t, rule_set), unsafe)


def test_apply_edits():
    assert apply_edits("abcdef", (Edit(0, 1, "X"), Edit(2, 2, "-"), Edit(4, 6, ""))) == "Xb-cd"


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((0, 2), (2, 4), True),
        ((0, 3), (2, 4), False),
        ((0, 4), (1, 2), False),
        ((2, 2), (2, 2), False),
        ((2, 2), (2, 4), False),
        ((2, 2), (0, 2), False),
        ((1, 1), (0, 2), False),
        ((2, 2), (3, 3), True),
        ((1, 1), (2, 4), True),
    ],
)
def test_compatible(one, other, together):
    fixes = [Fix("a", "safe", (Edit(*one, "x"),)), Fix("b", "safe", (Edit(*other, "y"),))]
    assert len(compatible(fixes)) == 1 + together
    assert len(compatible(fixes[::-1])) == 1 + together


def test_a_fix_is_all_or_nothing():
    both = Fix("both", "safe", (Edit(0, 1, "x"), Edit(8, 9, "x")))
    blocked = Fix("blocked", "safe", (Edit(4, 5, "y"), Edit(8, 9, "y")))
    free = Fix("free", "safe", (Edit(4, 5, "z"),))
    assert compatible([both, blocked, free]) == [both, free]


def test_moved():
    edits = (Edit(2, 4, "xyz"), Edit(6, 6, "--"), Edit(8, 10, ""))
    assert [moved(i, edits) for i in range(12)] == [0, 1, 2, 2, 5, 6, 9, 10, 11, 11, 11, 12]
    assert moved(6, edits, before_insertions=True) == 7


def test_safe_and_unsafe_and_manual():
    rules = [
        replacing("a1", "b1", "safe", name="safe"),
        replacing("a2", "b2", "unsafe", name="unsafe"),
        replacing("a3", "b3", "manual", name="manual"),
    ]
    text = "FROM x\nRUN a1 a2 a3\n"
    done = fix(text, *rules)
    assert done.text == "FROM x\nRUN b1 a2 a3\n"
    assert [f.rule for f in done.applied] == ["safe"]
    assert [f.rule for f in done.result.findings] == ["unsafe", "manual"]
    done = fix(text, *rules, unsafe=True)
    assert done.text == "FROM x\nRUN b1 b2 a3\n"
    assert not done.withheld


def test_to_a_fixed_point_over_several_rules():
    done = fix("FROM x\nRUN a a\n", replacing("a", "bb", name="one"), replacing("bb", "c", name="two"))
    assert done.text == "FROM x\nRUN c c\n"
    assert [f.rule for f in done.applied] == ["one", "one", "two", "two"]


def test_overlapping_fixes_are_applied_in_later_rounds():
    done = fix("FROM x\nRUN aaa\n", replacing("aa", "b", name="one"), replacing("aaa", "c", name="two"))
    assert done.text == "FROM x\nRUN ba\n"
    done = fix("FROM x\nRUN abc\n", replacing("ab", "d", name="one"), replacing("bc", "x", name="two"))
    assert done.text == "FROM x\nRUN dc\n"


def test_line_ends_are_those_of_the_file():
    done = fix("FROM x\r\nRUN a\r\n", replacing("RUN a", "USER me\nRUN b"))
    assert done.text == "FROM x\r\nUSER me\r\nRUN b\r\n"
    done = fix("FROM x\nRUN a\n", replacing("RUN a", "USER me\r\nRUN b"))
    assert done.text == "FROM x\nUSER me\r\nRUN b\n"


def test_nothing_is_done_to_a_file_with_syntax_errors():
    done = fix("FROM x\nRUNN y\nRUN a\n", replacing("a", "b"))
    assert done.text == "FROM x\nRUNN y\nRUN a\n"
    assert [w.reason for w in done.withheld] == ["the file has syntax errors"]
    assert not done.internal_errors
    assert not done.applied


def withheld(done, good="b1"):
    """That the bad fix of a pair was withheld with a note, and the good one applied."""
    (note,) = done.internal_errors
    assert note.rule == "bad"
    assert note.path == "D"
    assert [w.finding.rule for w in done.withheld] == ["bad"]
    assert [f.rule for f in done.applied] == ["good"]
    assert good in done.text
    return note.message


GOOD = replacing("a1", "b1", name="good")
TEXT = "FROM x\nRUN a1\nRUN old\nCOPY p q\n"


def test_a_result_that_does_not_parse_is_withheld():
    done = fix(TEXT, GOOD, replacing("COPY p", "COPYY p", name="bad"))
    assert done.text == TEXT.replace("a1", "b1")
    message = withheld(done)
    assert message.startswith('line 4: fix "Replace it" withheld, the result has a syntax error in line 4')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RUN old\n", ""),  # deletes an instruction
        ("RUN old\nCOPY", "RUN old \\\n  COPY"),  # swallows the next one
        ("old\nCOPY", "old # COPY"),
        ("RUN old", "# RUN old"),
        ("RUN old\nCOPY p q", "RUN old && cp p q"),  # merges two, and does not say so
        ("x\n", "x \\\n"),
        ("q\n", "q\nFROM y\nRUN <<E\n"),
    ],
)
def test_a_lost_instruction_is_withheld(old, new):
    bad = replacing(old, new, name="bad")
    done = fix(TEXT, GOOD, bad)
    assert done.text == TEXT.replace("a1", "b1")
    withheld(done)


@pytest.mark.parametrize(
    ("old", "new", "removed"),
    [
        ("RUN old\n", "", ["RUN old"]),
        ("RUN old\nCOPY p q", "RUN old && cp p q", ["COPY p q"]),
        ("RUN a1\nRUN old", "RUN b1 && new", ["RUN old"]),
    ],
)
def test_what_a_fix_says_it_removes_may_go(old, new, removed):
    done = fix(TEXT, replacing(old, new, removes=[TEXT.index(r) for r in removed]))
    assert done.text == TEXT.replace(old, new)
    assert not done.internal_errors


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("COPY p q", "ADD p q"),
        ("RUN old", 'CMD ["old"]'),
        ("COPY", "copy"),
        ("OPY", "opy"),
        ("RUN old", "USER me\nRUN new"),
        ("RUN old", "RUN new\nUSER me"),
        ("COPY p q\n", "COPY p \\\n  q\n"),
        (" q\n", " q"),
    ],
)
def test_a_change_within_an_instruction_is_allowed(old, new):
    done = fix(TEXT, replacing(old, new))
    assert done.text == TEXT.replace(old, new)
    assert not done.internal_errors


def inserting(before, text, name="made"):
    def check(source, tree):
        if text not in source:
            at = source.index(before)
            yield at, at + 1, Fix("Insert", "safe", (Edit(at, at, text),))

    return rule_of(check, name)


def test_insertions():
    assert fix(TEXT, inserting("RUN old", "USER me\n")).text == TEXT.replace("RUN old", "USER me\nRUN old")
    assert fix(TEXT, inserting("RUN old", "ONBUILD ")).text == TEXT.replace("RUN old", "ONBUILD RUN old")
    assert fix(TEXT, inserting("FROM", "# comment\n")).text == "# comment\n" + TEXT
    done = fix(TEXT, GOOD, inserting("RUN old", "# ", name="bad"))
    withheld(done)


def test_a_new_error_is_withheld():
    def no_shout(text, tree):
        at = text.find("SHOUT")
        if at >= 0:
            yield at, at + 5, None

    done = fix(TEXT, GOOD, replacing("old", "SHOUT", name="bad"), rule_of(no_shout, "no-shout", "error"))
    assert done.text == TEXT.replace("a1", "b1")
    assert "the result has a new error of rule no-shout" in withheld(done)


def test_a_new_warning_is_not():
    def no_shout(text, tree):
        at = text.find("SHOUT")
        if at >= 0:
            yield at, at + 5, None

    done = fix(TEXT, replacing("old", "SHOUT"), rule_of(no_shout, "no-shout", "warning"))
    assert "SHOUT" in done.text
    assert [f.rule for f in done.result.findings] == ["no-shout"]


def test_rules_that_undo_each_other_leave_the_file_alone():
    done = fix("FROM x\nRUN a\n", replacing("a", "b", name="one"), replacing("b", "a", name="two"))
    assert done.text == "FROM x\nRUN a\n"
    assert not done.applied
    (note,) = done.internal_errors
    assert "no end" in note.message
    assert "one, two" in note.message


def test_a_fix_without_end_leaves_the_file_alone():
    def check(text, tree):
        yield 0, 4, Fix(f"Add line {len(text)}", "safe", (Edit(len(text), len(text), f"# {len(text)}\n"),))

    done = fix("FROM x\n", rule_of(check))
    assert done.text == "FROM x\n"
    assert "no end" in done.internal_errors[0].message


def test_fixes_that_feed_each_other_are_stopped_in_time():
    rules = [replacing("one", "two two two two", name="one"), replacing("two", "one one one one", name="two")]
    done = fix("FROM x\nRUN one\n", *rules)
    assert done.text == "FROM x\nRUN one\n"
    assert "no end" in done.internal_errors[0].message
    assert len(done.internal_errors) == 1


def test_a_fix_that_settles_nothing_is_withheld():
    done = fix(TEXT, GOOD, replacing("old", "old old", name="bad"))
    assert done.text == TEXT.replace("a1", "b1")
    assert "does not settle" in withheld(done)
    assert "changes nothing" in withheld(fix(TEXT, GOOD, replacing("old", "old", name="bad")))


def test_equal_findings_in_a_row_are_settled_one_after_the_other():
    def check(text, tree):
        at = text.find("#\n")
        if at >= 0:
            yield at, at + 1, Fix("Remove", "safe", (Edit(at, at + 2, ""),))

    def all_of_them(text, tree):
        for at in range(len(text)):
            if text.startswith("#\n", at):
                yield at, at + 1, None

    counted = rule_of(lambda t, tree: [*check(t, tree), *all_of_them(t, tree)])
    done = fix("FROM x\n#\n#\n#\nRUN y\n", counted)
    assert done.text == "FROM x\nRUN y\n"
    assert not done.internal_errors


def test_a_fix_around_a_guilty_one_gets_its_turn():
    def check(text, tree):
        if "RUN a1" in text:
            first, last = text.index("a1"), text.index("q")
            yield first, first + 2, Fix("Wide", "safe", (Edit(first, first + 2, "b1"), Edit(last, last + 1, "r")))

    done = fix(
        TEXT, rule_of(check, "good"), replacing("RUN old\n", "", name="bad"), replacing(" p ", " longer ", name="x")
    )
    assert done.text == "FROM x\nRUN b1\nRUN old\nCOPY longer r\n"
    assert [w.finding.rule for w in done.withheld] == ["bad"]


def test_a_withheld_fix_stays_withheld_when_its_place_moves():
    bad = replacing("RUN old\n", "", name="bad")
    done = fix(TEXT, replacing("a1", "longer", name="one"), replacing("longer", "longest of all", name="two"), bad)
    assert done.text == TEXT.replace("a1", "longest of all")
    assert len(done.internal_errors) == 1


def test_the_same_slip_in_two_places():
    text = "FROM x\nRUN old\nRUN old\nRUN a1\n"
    done = fix(text, replacing("RUN old\n", "", name="bad"), GOOD)
    assert done.text == text.replace("a1", "b1")
    assert len(done.withheld) == 2
    assert sorted(w.line for w in done.withheld) == [2, 3]


def test_a_rule_that_raised_on_the_original_is_told():
    def check(text, tree):
        if "a1" in text:
            raise ValueError("a1")
        return ()

    done = fix(TEXT, GOOD, rule_of(check, "failing"))
    assert done.text == TEXT.replace("a1", "b1")
    assert [e.rule for e in done.internal_errors] == ["failing"]
