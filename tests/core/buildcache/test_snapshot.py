"""A context kept up to date must be the same as one made anew."""

import pytest
from hypothesis import given, settings, strategies as st

from dflint.buildcache.snapshot import Snapshot, Source
from dflint.context.dockerignore import parse_ignore
from dflint.history.changes import EXECUTABLE, REGULAR, SUBMODULE, Change, File

NAMES = st.sampled_from(["a", "b", "c.md", "d"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
FILES = st.one_of(
    st.none(), st.builds(File, st.sampled_from([REGULAR, EXECUTABLE, SUBMODULE]), st.sampled_from(["x", "y"]))
)
IGNORES = st.lists(st.sampled_from(["a", "!a/b", "**/c.md", "!d", "*", "d/*", "b/c.md", "!**/b"]), max_size=4).map(
    "\n".join
)
SOURCES = [
    Source.of("."), Source.of("a"), Source.of("a/b"), Source.of("*"), Source.of("*/b"), Source.of("*.md"),
    Source.of("a", ("*.md",)), Source.of("a/./*/b", (), True), Source.of("d/c.md", is_literal=True),
]  # fmt: skip


def applied(files, changes):
    """The files after changes; what git allows: no file below a file."""
    made = dict(files)
    for path, file in changes:
        if file is None:
            made.pop(path, None)
            continue
        for other in list(made):
            if other.startswith(path + "/") or path.startswith(other + "/"):
                del made[other]
        made[path] = file
    return made


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(IGNORES, st.lists(st.tuples(PATHS, FILES), max_size=5)), min_size=2, max_size=5))
def test_kept_up_to_date(steps):
    files = {}
    snapshot = Snapshot({}, None, lambda name: None)
    for source in SOURCES:
        snapshot.content(source)
    text = ""
    for ignore, changes in steps:
        after = applied(files, changes)
        snapshot.apply(
            [Change(path, after.get(path)) for path in sorted({*files, *after}) if files.get(path) != after.get(path)]
        )
        if ignore != text:
            snapshot.set_ignore(parse_ignore(ignore))
            text = ignore
        files = after
        fresh = Snapshot(files, parse_ignore(text) if text else None, lambda name: None)
        for source in SOURCES:
            assert snapshot.content(source) == fresh.content(source), source


@pytest.mark.parametrize("target", ["loop", "./loop", "../../..", "/", "x" * 10_000, ""])
def test_links_to_nowhere(target):
    files = {"loop": File(0o120000, "t"), "a": File(REGULAR, "x")}
    snapshot = Snapshot(files, None, {"t": target.encode()}.get)
    content = snapshot.content(Source.of("loop"))
    assert (content.entries > 0) == (target in ("../../..", "/", ""))
    assert snapshot.content(Source.of("loop/a/b")).entries == 0


def test_a_missing_link_target_is_nothing():
    snapshot = Snapshot({"l": File(0o120000, "gone")}, None, lambda name: None)
    assert snapshot.content(Source.of("l")).entries == 0
    assert snapshot.content(Source.of("l*")).entries == 1
