"""Positions of the protocol and offsets of the library."""

import pytest
from hypothesis import given, strategies as st
from lsprotocol import types

from dflint.server.text import Text

TEXTS = st.text(alphabet=st.sampled_from("a\n\r\u2028é😀\x0b"), max_size=30)
ENCODINGS = st.sampled_from(("utf-8", "utf-16", "utf-32"))


@given(TEXTS, ENCODINGS, st.data())
def test_round_trip(content, encoding, data):
    text = Text(content, encoding)
    offset = data.draw(st.integers(0, len(content)))
    back = text.offset(text.position(offset))
    assert back == offset or content[offset - 1 : offset + 1] == "\r\n"


@given(TEXTS, ENCODINGS, st.integers(0, 40), st.integers(0, 40))
def test_any_position_is_somewhere(content, encoding, line, character):
    assert 0 <= Text(content, encoding).offset(types.Position(line, character)) <= len(content)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_units(encoding, character):
    assert Text("😀b", encoding).position(1) == types.Position(0, character)


@given(TEXTS, TEXTS, ENCODINGS, st.data())
def test_a_change_is_what_the_client_made(content, new, encoding, data):
    text = Text(content, encoding)
    start, end = sorted(data.draw(st.lists(st.integers(0, len(content)), min_size=2, max_size=2)))
    place = text.range(start, end)
    start, end = text.offset(place.start), text.offset(place.end)
    changed = text.changed([types.TextDocumentContentChangePartial(place, new)])
    assert changed.text == content[:start] + new + content[end:]
