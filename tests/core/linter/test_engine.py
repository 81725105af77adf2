"""The walk: who is called with what, and what happens when a rule fails."""

import pytest

from dflint.findings import Edit, Finding, Fix, InternalError
from dflint.linter.engine import KINDS, RuleSet, lint
from dflint.linter.examples import lint_example
from dflint.linter.registry import Registry
from dflint.linter.rule import Rule

EVERY_KIND = """\
ARG A=1
FROM alpine:3.20 AS one
RUN apk add curl && echo hi
CMD ["a"]
ENTRYPOINT ["a"]
SHELL ["/bin/sh", "-c"]
HEALTHCHECK NONE
ENV A=b
LABEL a=b
EXPOSE 80
VOLUME /a
ADD a b
COPY a b
USER me
WORKDIR /a
STOPSIGNAL 9
MAINTAINER me
ONBUILD RUN apk update
FROM one
"""


class Made(Rule):
    name = "made"
    category = "style"
    level = "info"
    since = "0.1.0"


def run(rule_class, text, levels=None, **attributes):
    rules = [type(rule_class.__name__, (rule_class,), attributes)()] if attributes else [rule_class()]
    return lint_example(text, RuleSet(rules, levels, Registry([type(r) for r in rules])))


def texts(result):
    return [result.tree.source.text[f.start : f.end] for f in result.findings]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_method(kind):
    def check(self, instruction, model):
        yield self.finding(instruction.keyword, "seen")

    result = run(Made, EVERY_KIND, **{f"check_{kind}": check})
    expected = [kind.upper()] * {"from": 2, "run": 2}.get(kind, 1)
    assert texts(result) == expected


def test_check_instruction_sees_all_with_triggers_and_unknown_ones():
    class All(Made):
        def check_instruction(self, instruction, model):
            yield self.finding(instruction.keyword, "seen")

    result = run(All, EVERY_KIND + "RUNN x\n")
    assert len(result.findings) == len(result.tree.instructions) + 1  # the trigger
    assert texts(result)[-1] == "RUNN"


def test_file_and_stage():
    class Both(Made):
        def check_file(self, model):
            yield self.finding(model.tree, "file")

        def check_stage(self, stage, model):
            yield self.finding(model.tree.instructions[1 + 17 * (stage is model.stages[1])], "stage")

    result = run(Both, EVERY_KIND)
    assert sorted(f.message for f in result.findings) == ["file", "stage", "stage"]


def test_commands_by_program_and_all():
    class Apk(Made):
        programs = frozenset(("apk",))

        def check_command(self, command, run, model):
            yield self.finding(command, command.program)

    class Any(Made):
        name = "any"

        def check_command(self, command, run, model):
            yield self.finding(command, command.program)

    result = run(Apk, EVERY_KIND)
    assert texts(result) == ["apk add curl", "apk update"]
    assert texts(run(Any, EVERY_KIND)) == ["apk add curl", "echo hi", "apk update"]


def test_commands_are_not_asked_for_without_need():
    class Broken:
        def __init__(self, model):
            self.tree, self.path, self.stages = model.tree, "D", ()

        def commands_of(self, run):
            raise AssertionError("nobody wants commands")

    class Runs(Made):
        def check_run(self, run, model):
            yield self.finding(run, "run")

    model = run(Runs, EVERY_KIND)
    result = lint(Broken(model), RuleSet([Runs()], registry=Registry([Runs])))
    assert not result.internal_errors
    assert len(result.findings) == 2


def test_commands_that_cannot_be_had_are_one_internal_error():
    class Broken:
        def __init__(self, model):
            self.tree, self.path, self.stages = model.tree, "D", ()

        def commands_of(self, run):
            raise RecursionError("too deep")

    class Commands(Made):
        def check_run(self, run, model):
            yield self.finding(run, "run")

        def check_command(self, command, run, model):
            yield self.finding(command, "command")

    model = run(Made, "FROM a\nRUN x\n")
    result = lint(Broken(model), RuleSet([Commands()], registry=Registry([Commands])))
    assert texts(result) == ["RUN x"]
    (error,) = result.internal_errors
    assert error.rule is None
    assert error.message.startswith("the commands of line 2: RecursionError: too deep (")


def test_a_rule_that_raises_is_named_once_and_the_others_go_on():
    class Failing(Made):
        name = "failing"

        def check_run(self, run, model):
            yield self.finding(run.keyword, "before it failed")
            raise KeyError("oops")

    class Fine(Made):
        name = "fine"

        def check_run(self, run, model):
            yield self.finding(run.keyword, "fine")

    rules = [Failing(), Fine()]
    result = lint_example("FROM a\nRUN x\nRUN y\n", RuleSet(rules, registry=Registry([Failing, Fine])))
    assert [f.message for f in result.findings] == ["before it failed", "fine"] * 2
    (error,) = result.internal_errors
    assert (error.path, error.rule) == ("Dockerfile", "failing")
    assert error.message.startswith("KeyError: 'oops' (test_engine.py:")
    assert "/" not in error.message


def test_findings_are_in_order_and_without_duplicates():
    class Twice(Made):
        def check_file(self, model):
            for start, end in [(7, 9), (0, 4), (7, 9), (0, 2)]:
                yield Finding(self.name, "m", self.level, start, end)

    result = run(Twice, "FROM a\nRUN x\n")
    assert [(f.start, f.end) for f in result.findings] == [(0, 2), (0, 4), (7, 9)]


def test_levels_are_replaced():
    class Report(Made):
        def check_file(self, model):
            yield self.finding(model.tree, "m", Fix("T", "safe", (Edit(0, 0, "x"),)))

    (finding,) = run(Report, "FROM a\n", {"made": "error"}).findings
    assert finding.level == "error"
    assert finding.fix is not None


@pytest.mark.parametrize("place", [(-1, 2), (3, 2), (0, 99)])
def test_a_finding_outside_the_text_is_an_internal_error(place):
    class Outside(Made):
        def check_file(self, model):
            yield Finding(self.name, "m", self.level, *place)

    result = run(Outside, "FROM a\n")
    assert result.findings == ()
    assert isinstance(result.internal_errors[0], InternalError)


@pytest.mark.parametrize("edits", [[(5, 3)], [(0, 99)], [(3, 5), (4, 6)], [(4, 6), (0, 1)]])
def test_a_fix_with_impossible_edits_is_taken_off(edits):
    class Wrong(Made):
        def check_file(self, model):
            fix = Fix("T", "safe", tuple(Edit(a, b, "") for a, b in edits))
            yield self.finding(model.tree, "m", fix)

    result = run(Wrong, "FROM a\n")
    assert result.findings[0].fix is None
    assert result.internal_errors[0].rule == "made"


def test_syntax_problems_are_findings():
    from dflint.linter.registry import registry

    rule_set = RuleSet([registry().classes["syntax-error"]()])
    result = lint_example("FROM alpine\nRUNN x\nCOPY a b\n", rule_set)
    assert [(f.rule, f.level) for f in result.findings] == [("syntax-error", "error")]
    assert texts(result) == ["RUNN"]
