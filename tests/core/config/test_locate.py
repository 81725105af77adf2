"""Places of keys and array elements in TOML texts."""

import pytest
from hypothesis import given, strategies as st

from dflint.config.locate import locations

TEXT = '''\
# comment = 1
top = "a # b = c" # d = e
"quoted key" = 'x'
multi = """
[not.a.table]
key = 1 \\""" still
"""
literal = \'\'\'
a = 'b\'\'\'\'
dotted . key = [1, [2, 3], { x = "}" }, # ] no
  "]",
]
[table."with . dot"] # ]
inner = { a.b = 1, c = [ "," ] }
[[array]]
first = 1
last = 1979-05-27T07:32:00Z
'''


def place(key):
    offset = locations(TEXT)[key]
    line = TEXT.count("\n", 0, offset) + 1
    return line, offset - TEXT.rfind("\n", 0, offset)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("top",), (2, 1)),
        (("quoted key",), (3, 1)),
        (("multi",), (4, 1)),
        (("literal",), (8, 1)),
        (("dotted",), (10, 1)),
        (("dotted", "key"), (10, 10)),
        (("dotted", "key", 0), (10, 17)),
        (("dotted", "key", 1, 1), (10, 24)),
        (("dotted", "key", 2, "x"), (10, 30)),
        (("dotted", "key", 3), (11, 3)),
        (("table", "with . dot"), (13, 8)),
        (("table", "with . dot", "inner"), (14, 1)),
        (("table", "with . dot", "inner", "a", "b"), (14, 13)),
        (("table", "with . dot", "inner", "c", 0), (14, 26)),
        (("array", "first"), (16, 1)),
        (("array", "last"), (17, 1)),
    ],
)
def test_places(key, expected):
    assert place(key) == expected


def test_nothing_else_is_found():
    assert len(locations(TEXT)) == 23


KEYS = st.text("abcXYZ09_-", min_size=1, max_size=6)
SCALARS = st.one_of(st.integers(), st.booleans(), st.text("ab\"\\'#[]{}=,. \n", max_size=8))
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=3), max_leaves=8)


def keys_of(value, key=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*key, name)
            yield from keys_of(inner, (*key, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*key, index)
            yield from keys_of(inner, (*key, index))


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return "{ " + ", ".join(f"{name} = {written(inner)}" for name, inner in value.items()) + " }"


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_of_any_document_is_found(document):
    text = "".join(f"{name} = {written(value)} # comment\n" for name, value in document.items())
    found = locations(text)
    assert set(found) == set(keys_of(document))
    for key, offset in found.items():
        if isinstance(key[-1], str):
            assert text.startswith(key[-1], offset)
