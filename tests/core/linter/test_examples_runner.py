"""That the runner of the rules' examples notices what is wrong with them."""

import pytest

from dflint.findings import Edit, Fix
from dflint.linter.examples import check_aliases, check_bad, check_good, check_page, check_rule
from dflint.linter.registry import Registry
from dflint.linter.rule import Bad, Good, Option, Rule


class ShoutedUser(Rule):
    """A user is written in capitals.

    More of it.

    ## Why is this bad?

    It is loud.

    ## Fix safety

    Names do not change.
    """

    __module__ = "dflint.rules.shouted_user"
    name = "shouted-user"
    category = "style"
    level = "info"
    since = "0.1.0"
    options = {"loud": Option(True, "whether loud users count")}
    bad = (Bad("FROM a\nUSER ME\nUSER YOU\n", at=("ME", "YOU"), fixed="FROM a\nUSER me\nUSER you\n"),)
    good = (Good("FROM a\nUSER me\n"), Good("FROM a\nUSER ME\n", options={"loud": False}))

    def check_user(self, user, model):
        text = user.value.text
        if text.isupper() and self.setting("loud"):
            yield self.finding(
                user.value, "loud", Fix("Say it", "safe", (Edit(user.value.start, user.value.end, text.lower()),))
            )


KNOWN = Registry([ShoutedUser])


def test_all_is_well():
    assert check_rule(ShoutedUser) == []
    assert [check_good(ShoutedUser, good, KNOWN) for good in ShoutedUser.good] == [[], []]
    assert check_bad(ShoutedUser, ShoutedUser.bad[0], KNOWN) == []


def changed(example, **values):
    return Bad(**{name: getattr(example, name) for name in Bad.__slots__} | values)


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        (changed(ShoutedUser.bad[0], at=("ME",)), "found at ('ME', 'YOU'), expected ('ME',)"),
        (changed(ShoutedUser.bad[0], fixed=None), "has a fix, but the example has no fixed text"),
        (changed(ShoutedUser.bad[0], fixed="FROM a\nUSER me\nUSER YOU\n"), "fixed to"),
        (Bad("FROM a\nUSER me\n", at=("me",)), "found at ()"),
    ],
)
def test_wrong_bad_examples(example, complaint):
    (told,) = check_bad(ShoutedUser, example, KNOWN)
    assert complaint in told


def test_wrong_good_example():
    assert check_good(ShoutedUser, Good("FROM a\nUSER ME\n"), KNOWN) == ["reported 'ME': loud"]


def test_a_fix_that_does_not_settle_its_finding_is_noticed():
    class Growing(ShoutedUser):
        def check_user(self, user, model):
            end = user.value.end
            yield self.finding(user.value, "loud", Fix("Say it", "safe", (Edit(end, end, "x"),)))

    told = check_bad(Growing, Bad("FROM a\nUSER me\n", at=("me",), fixed="FROM a\nUSER mex\n"), Registry([Growing]))
    assert any("does not settle" in line for line in told)


def test_a_rule_that_raises_is_noticed():
    class Failing(ShoutedUser):
        def check_user(self, user, model):
            raise ValueError("no")

    (told,) = check_good(Failing, Good("FROM a\nUSER me\n"), Registry([Failing]))
    assert "ValueError: no" in told


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "other"}, "the file is called"),
        ({"category": "nice"}, "unknown category"),
        ({"level": "fatal"}, "unknown level"),
        ({"status": "odd"}, "unknown status"),
        ({"since": "1.0"}, "not a version"),
        ({"aliases": ("nonsense",)}, "neither a hadolint code"),
        ({"check_usr": lambda self: ()}, "no such method: check_usr"),
        ({"good": ()}, "no good example"),
        ({"bad": ()}, "no bad example"),
        ({"options": {"Loud_One": Option(1, "x")}}, "kebab-case"),
        ({"options": {"loud": Option(1, "")}}, "description"),
        ({"__doc__": None}, "no docstring"),
        ({"__doc__": "No full stop\n\n## Why is this bad?\n\nx\n\n## Fix safety\n\nx"}, "full stop"),
        ({"__doc__": "Fine.\n\n## Fix safety\n\nx"}, "Why is this bad"),
        ({"__doc__": "Fine.\n\n## Why is this bad?\n\nx"}, "Fix safety"),
    ],
)
def test_what_a_rule_says_of_itself(changes, complaint):
    made = type(
        "Changed", (ShoutedUser,), {"__module__": ShoutedUser.__module__, "__doc__": ShoutedUser.__doc__, **changes}
    )
    told = check_rule(made)
    assert len(told) == 1
    assert complaint in told[0]


def test_no_section_on_fix_safety_is_needed_without_fixes():
    made = type("Plain", (ShoutedUser,), {"__doc__": "Fine.\n\n## Why is this bad?\n\nx", "bad": (Bad("x", ()),)})
    assert check_page(made) == []


def test_aliases_belong_to_one_rule():
    one = type("One", (Rule,), {"name": "one", "aliases": ("DL3000",)})
    two = type("Two", (Rule,), {"name": "two", "aliases": ("DL3000", "One", "Cache")})
    style = type("Style", (Rule,), {"name": "style"})
    told = check_aliases(Registry([one, two, style]))
    assert told == [
        'alias "dl3000" belongs to one and two',
        'alias "one" is the name of a rule or category',
        'alias "cache" is the name of a rule or category',
        'rule "style" is called like a category or set',
    ]
