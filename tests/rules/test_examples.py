"""Every rule against its own examples, and what every rule must say of itself."""

import pytest

from dflint.linter.examples import check_aliases, check_bad, check_good, check_rule
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
