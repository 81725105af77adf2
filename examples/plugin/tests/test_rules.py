"""The rules' examples are their tests: the findings at the right places, the fixed text to the letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acme_dflint.rules import UnmirroredImage

from dflint.linter.examples import check_bad, check_good, check_rule

if TYPE_CHECKING:
    from dflint.linter.rule import Bad, Good, Rule

RULES = (UnmirroredImage,)


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: type[Rule]) -> None:
    assert check_rule(rule) == []


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.bad])
def test_bad(rule: type[Rule], example: Bad) -> None:
    assert check_bad(rule, example) == []


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.good])
def test_good(rule: type[Rule], example: Good) -> None:
    assert check_good(rule, example) == []
