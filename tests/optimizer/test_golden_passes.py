"""Each pass alone: ``golden_passes/PASS/NAME/`` is a build context with a Dockerfile and what becomes of it.

``expected.Dockerfile`` is not there if it leaves the file as it is: the name then says why, after ``kept-``.
``expected.dockerignore`` is the ignore file that it proposes. ``python tests/optimizer/test_golden_passes.py
PASS/NAME...`` writes what becomes of a file now, to be read before it is committed.
"""

import sys
from collections import Counter
from pathlib import Path

import pytest

from dflint.context import BuildContext, MemoryFileSystem
from dflint.linter.engine import RuleSet, lint
from dflint.linter.registry import registry
from dflint.model import Model
from dflint.optimizer import Settings, optimize
from dflint.syntax import parse
from dflint.verify import Level, compare_models

GOLDEN = Path(__file__).parent / "golden_passes"
NAMES = sorted(f"{path.parent.name}/{path.name}" for path in GOLDEN.glob("*/*"))
RULES = RuleSet(
    [rule() for rule in registry().classes.values() if rule.status == "stable" and rule.name != "shellcheck"]
)


def context_of(name):
    folder = GOLDEN / name
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("expected.")]
    return BuildContext.for_dockerfile(
        "Dockerfile", MemoryFileSystem({path.relative_to(folder).as_posix(): path.read_text() for path in files})
    )


def original(name):
    return (GOLDEN / name / "Dockerfile").read_text()


def expected(name):
    file = GOLDEN / name / "expected.Dockerfile"
    return file.read_text() if file.exists() else original(name)


def optimized(name, text):
    return optimize(text, context_of(name), Settings(), only=[name.partition("/")[0]])


@pytest.mark.parametrize("name", NAMES)
def test_result(name):
    rewrite = optimized(name, original(name))
    assert rewrite.text == expected(name)
    assert ("kept" in name) == (not rewrite.is_changed)
    assert bool(rewrite.changes) == rewrite.is_changed
    ignore = GOLDEN / name / "expected.dockerignore"
    assert rewrite.dockerignore == (ignore.read_text() if ignore.exists() else None)


@pytest.mark.parametrize("name", NAMES)
def test_second_time_changes_nothing(name):
    assert optimized(name, expected(name)).text == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_configuration_stays(name):
    trees = [parse(original(name)), parse(expected(name))]
    assert not trees[1].problems
    reasons = compare_models(*[Model(tree, context_of(name)) for tree in trees]).reasons
    assert [reason for reason in reasons if reason.level == Level.CONFIGURATION_EQUAL] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_has_more_to_say(name):
    before, after = (
        Counter(finding.name for finding in lint(Model(parse(text), context_of(name)), RULES).findings)
        for text in (original(name), expected(name))
    )
    assert after - before == Counter()


if __name__ == "__main__":
    for given in sys.argv[1:] or NAMES:
        made = optimized(given, original(given))
        for file, content, old in (
            ("expected.Dockerfile", made.text, original(given)),
            ("expected.dockerignore", made.dockerignore, None),
        ):
            if content == old:
                (GOLDEN / given / file).unlink(missing_ok=True)
            else:
                (GOLDEN / given / file).write_text(content)
