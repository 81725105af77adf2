"""What the rules about ignore files say, held against what is sent."""

from __future__ import annotations

from hypothesis import example, given, settings, strategies as st

from dflint.context import BuildContext, MemoryFileSystem
from dflint.context.dockerignore import parse_ignore
from dflint.context.ignore_document import IgnoreDocument
from dflint.linter.engine import RuleSet, lint_dockerignore
from dflint.linter.fixer import apply_edits
from dflint.rules.dockerignore_dead_line import DockerignoreDeadLine

NAMES = st.sampled_from(["a", "b", "c", "a.x", "b.x", "home"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PATTERNS = st.one_of(
    PATHS,
    PATHS.map(lambda path: f"**/{path}"),
    PATHS.map(lambda path: f"{path}/**"),
    PATHS.map(lambda path: f"{path}/*"),
    PATHS.map(lambda path: f"/{path}/"),
    st.sampled_from(
        ["*", "**", "*.x", "**/*.x", "a*", "?", "*/b", "[ab]", "..", "../a", ".", "/", "**/a/*", "**/a/**"]
    ),
)
LINES = st.lists(st.tuples(st.booleans(), PATTERNS).map(lambda line: ("!" if line[0] else "") + line[1]), max_size=6)


def sent(text: str, files: MemoryFileSystem) -> dict[str, bool]:
    """Path of what is sent to whether it arrives empty."""
    ignore = parse_ignore(text)
    return {entry.path: ignore.empties(entry.path) for entry in BuildContext("", files, ignore).walk()}


@settings(max_examples=2000, deadline=None)
@example(["a", "!a/b", "a", "a/b"], ["a/b"])
@example(["*", "!a", "a/b", "!a/b/c", "a/b/c"], ["a/b/c"])
@given(LINES, st.lists(PATHS, max_size=10))
def test_a_dead_line_makes_no_difference(lines: list[str], names: list[str]) -> None:
    text = "\n".join(lines)
    files = MemoryFileSystem({n: "" for n in names if not any(other.startswith(f"{n}/") for other in names)})
    document = IgnoreDocument(text, context=BuildContext("", files))
    for finding in lint_dockerignore(document, RuleSet([DockerignoreDeadLine()])).findings:
        assert finding.fix is not None
        assert sent(apply_edits(text, finding.fix.edits), files) == sent(text, files), finding.message
