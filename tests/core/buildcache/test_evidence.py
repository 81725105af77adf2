import pytest
from core.history.conftest import Repository

from dflint.buildcache.evidence import HistoryEvidence
from dflint.context import BuildContext
from dflint.model import Model
from dflint.syntax import parse

DOCKERFILE = "FROM a\nCOPY . /\nRUN x\n"


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path)
    made.commit(Dockerfile=DOCKERFILE, _dockerignore=".git\n*.md\n", a="1", docs__x="1")
    made.commit(a="2")
    made.commit(README_md="1")
    made.commit(docs__x="2", a="3")
    return made


def evidence(root, text=DOCKERFILE):
    path = str(root / "Dockerfile")
    model = Model(parse(text), BuildContext.for_dockerfile(path), path)
    return model, HistoryEvidence(model)


def test_what_a_history_says(repository):
    model, known = evidence(repository.root)
    assert [known.runs_of(i) for i in model.instructions] == [None, (2, 3), (2, 3)]
    assert known.changes_of(["a"]) == (2, 3)
    assert known.changes_of(["docs/"]) == (1, 3)
    assert known.changes_of(["doc", "b"]) == (0, 3)
    assert known.changes_of([]) == (0, 3)


def test_git_is_asked_once_for_a_context(repository, monkeypatch):
    model, known = evidence(repository.root)
    known.changes_of(["a"])
    monkeypatch.setattr("dflint.buildcache.evidence.read_history", lambda *given: pytest.fail("asked again"))
    other = Model(parse("FROM a\nRUN y\n"), model.context, model.path)
    assert HistoryEvidence(other).runs_of(other.instructions[1]) == (0, 3)


def test_nothing_is_known(tmp_path):
    model, known = evidence(tmp_path)
    assert known.runs_of(model.instructions[1]) is None
    assert known.changes_of(["a"]) is None
    bare = Model(parse(DOCKERFILE))
    assert HistoryEvidence(bare).runs_of(bare.instructions[1]) is None
    assert HistoryEvidence(bare).changes_of(["a"]) is None


def test_a_file_with_errors(repository):
    model, known = evidence(repository.root, "FROM a\nRUNN x\nRUN y\n")
    assert known.runs_of(model.instructions[-1]) is None
