"""Rewrites, whole: ``golden/NAME/`` is a build context with a Dockerfile and with what becomes of it.

``python tests/optimizer/test_golden.py NAME...`` writes what becomes of it now, to be read before it is committed.
"""

import sys
from pathlib import Path

import pytest

from dflint.context import BuildContext
from dflint.model import Model
from dflint.optimizer import Settings, optimize
from dflint.syntax import parse
from dflint.verify import Level, compare_models

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.name for path in GOLDEN.iterdir())


def optimized(name, text=None):
    folder = GOLDEN / name
    path = str(folder / "Dockerfile")
    original = (folder / "Dockerfile").read_text() if text is None else text
    return optimize(original, BuildContext.for_dockerfile(path), Settings(path=path))


@pytest.mark.parametrize("name", NAMES)
def test_rewrite(name):
    assert optimized(name).text == (GOLDEN / name / "expected.Dockerfile").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_second_time_changes_nothing(name):
    expected = (GOLDEN / name / "expected.Dockerfile").read_text()
    assert optimized(name, expected).text == expected


@pytest.mark.parametrize("name", NAMES)
def test_result_starts_the_same(name):
    folder = GOLDEN / name
    trees = [parse((folder / file).read_text()) for file in ("Dockerfile", "expected.Dockerfile")]
    assert not trees[1].problems
    models = [Model(tree, BuildContext.for_dockerfile(str(folder / "Dockerfile"))) for tree in trees]
    reasons = [r for r in compare_models(*models).reasons if r.level == Level.CONFIGURATION_EQUAL]
    # What the first base image says of these is spelled out on the other one.
    assert [r for r in reasons if r.subject not in ("config.WorkingDir", "config.Env.PATH")] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_change_has_a_reason(name):
    rewrite = optimized(name)
    assert all(change.title[0].isupper() and change.reason for change in rewrite.changes)
    assert bool(rewrite.changes) == (rewrite.text != rewrite.original)


if __name__ == "__main__":
    for given in sys.argv[1:] or NAMES:
        (GOLDEN / given / "expected.Dockerfile").write_text(optimized(given).text)
