"""Every rule against its own examples, and what every rule must say of itself."""

import pytest

from dflint.linter.examples import check_aliases, check_bad, check_good, check_rule, run_example
from dflint.linter.registry import registry

RULES = registry().classes


def examples(which):
    return [
        pytest.param(rule_class, example, id=f"{name}-{number}")
        for name, rule_class in RULES.items()
        for number, example in enumerate(getattr(rule_class, which))
    ]


def test_every_file_holds_its_rule():
    assert registry().broken == {}


@pytest.mark.parametrize(("rule_class", "example"), examples("good"))
def test_good(rule_class, example):
    assert check_good(rule_class, example) == []


@pytest.mark.parametrize(("rule_class", "example"), examples("bad"))
def test_bad(rule_class, example):
    assert check_bad(rule_class, example) == []


@pytest.mark.parametrize("name", RULES)
def test_rule(name):
    assert check_rule(RULES[name]) == []


def test_aliases():
    assert check_aliases(registry()) == []


@pytest.mark.parametrize(("rule_class", "example"), examples("bad"))
def test_messages_start_in_lower_case_and_have_no_full_stop(rule_class, example):
    for finding in run_example(rule_class, example).findings:
        if finding.code:
            continue  # ShellCheck's own words
        first = finding.message.split()[0].strip("\"'`:,")
        is_name = first.upper() == first or first.lower() in example.code.lower() or first in (example.files or ())
        assert is_name or not first[0].isupper(), finding.message
        assert finding.message.endswith("...") or not finding.message.endswith("."), finding.message
