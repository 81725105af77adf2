"""``dflint.record.NamedTuple`` against ``typing.NamedTuple``, whose place it takes."""

from __future__ import annotations

import copy
import pickle
import typing

import pytest

from dflint.record import NamedTuple


class Ours(NamedTuple):
    """Doc."""

    one: int
    two: str = "2"
    """What a docstring of a field looks like."""
    three: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.one}{self.two}"


class Theirs(typing.NamedTuple):
    """Doc."""

    one: int
    two: str = "2"
    three: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        return f"{self.one}{self.two}"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((1,), {}),
        ((1, "b"), {}),
        ((1, "b", (3,)), {}),
        ((), {"one": 1}),
        ((1,), {"three": (4,)}),
        ((), {"two": "x", "one": 5}),
    ],
)
def test_the_same_values(values, named):
    ours, theirs = Ours(*values, **named), Theirs(*values, **named)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert (ours.one, ours.two, ours.three, ours.both) == (theirs.one, theirs.two, theirs.three, theirs.both)
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(two="new") == theirs._replace(two="new")
    assert type(ours._replace(two="new")) is Ours
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    for copied in (pickle.loads(pickle.dumps(ours)), copy.copy(ours), copy.deepcopy(ours), Ours._make(ours)):
        assert copied == ours
        assert type(copied) is Ours


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"four": 4}), ((1,), {"one": 1}), ((), {"two": 2})]
)
def test_the_same_mistakes(values, named):
    for made in (Ours, Theirs):
        with pytest.raises(TypeError):
            made(*values, **named)


@pytest.mark.parametrize("made", [Ours, Theirs])
def test_frozen_and_small(made):
    record = made(1)
    with pytest.raises(AttributeError):
        record.one = 2
    with pytest.raises(AttributeError):
        record.four = 2
    assert not hasattr(record, "__dict__")
    with pytest.raises(ValueError, match="four"):
        record._replace(four=4)


def test_the_same_class():
    assert Ours._fields == Theirs._fields
    assert Ours._field_defaults == Theirs._field_defaults
    assert Ours.__match_args__ == Theirs.__match_args__
    assert Ours.__doc__ == "Doc."
    match Ours(7, "x"):
        case Ours(one, two, three):
            assert (one, two, three) == (7, "x", ())


def test_inheritance():
    class More(Ours):
        def shout(self) -> str:
            return self.two.upper()

    assert More(1, "a").shout() == "A"
    assert More(1, "a") == Ours(1, "a")
