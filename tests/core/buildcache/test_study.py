import pytest
from core.buildcache.making import studied

from dflint.buildcache.steps import PlanError
from dflint.buildcache.study import Setup, study_classes
from dflint.context import BuildContext, MemoryFileSystem

NODE = "FROM node\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\n"


def counts(found):
    return {study.step.text: (study.ran, study.maybe, study.own) for study in found.steps}


def test_counts_and_causes():
    found = studied(
        NODE, {"package.json": "1", "src/a": "1", ".dockerignore": "*.md"},
        {"src/a": "2"}, {"README.md": "1"}, {"src/b": "1"}, {"package.json": "2"}, {"src/a": "1"},
    )  # fmt: skip
    assert (found.builds, found.compared, found.missing) == (5, 5, ())
    assert counts(found) == {
        "WORKDIR /app": (0, 0, 0),
        "COPY . .": (4, 0, 4),
        "RUN npm ci": (4, 0, 0),
        "RUN npm run build": (4, 0, 0),
    }
    assert [study.cause for study in found.steps] == [None, None, 1, 1]
    assert found.steps[1].outcomes == "rcrrr"
    (source,) = found.steps[1].sources
    assert (source.text, source.commits) == (".", 4)
    assert source.parts == (("src", 3), ("package.json", 1))


def test_the_cause_is_the_step_that_had_something_new():
    dockerfile = "FROM a AS s\nCOPY x /x\nRUN one\nFROM s\nCOPY y /y\nRUN two\nCOPY --from=s /x /z\n"
    found = studied(dockerfile, {"x": "1", "y": "1"}, {"x": "2"}, {"x": "3"}, {"y": "2"})
    causes = {study.step.text: study.cause for study in found.steps}
    assert causes == {"COPY x /x": None, "RUN one": 0, "COPY y /y": 0, "RUN two": 0, "COPY --from=s /x /z": 0}


def test_commits_that_cannot_be_built():
    found = studied("FROM a\nCOPY new /\n", {"old": "1"}, {"old": "2"}, {"new": "1"}, {"new": "2"}, {"old": "3"})
    assert (found.builds, found.compared) == (4, 3)
    assert found.missing == (("new", 1),)
    assert found.steps[0].outcomes == "-rrc"


def test_what_is_not_in_git_counts_as_unchanged():
    found = studied("FROM a\nCOPY dist /\nCOPY a /\n", {"a": "1"}, {"a": "2"}, files={"dist/x": "", "a": "2"})
    assert counts(found) == {"COPY dist /": (0, 0, 0), "COPY a /": (1, 0, 1)}
    assert "not in git, and taken to be always the same: dist" in found.remarks
    assert studied("FROM a\nCOPY dist /\n", {"a": "1"}, {"a": "2"}).compared == 0


def test_past_dockerfiles():
    old, new = "FROM a\nCOPY . /\nRUN x\n", "FROM a\nCOPY p /\nRUN x\nCOPY . /\n"
    commits = ({"Dockerfile": old, "p": "1"}, {"b": "1"}, {"b": "2"}, {"Dockerfile": new}, {"b": "3"}, {"p": "2"})
    as_it_was = studied(new, *commits, others=("Dockerfile",), past_dockerfiles=True)
    assert {s.step.text: s.outcomes for s in as_it_was.steps} == {
        "COPY p /": "--rcr",
        "RUN x": "rrrcr",
        "COPY . /": "rrrrr",
    }
    assert {s.step.text: s.outcomes for s in studied(new, *commits).steps}["RUN x"] == "ccccr"


def test_what_is_taken_for_granted():
    remarks = studied("FROM a\nADD https://x.example/y /\nCOPY --from=b / /\nCOPY ${X}/c /\n", {"c": "1"}, {}).remarks
    assert len(remarks) == 4
    assert studied("FROM scratch\nCOPY c /\n", {"c": "1"}, {}).remarks == ()


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [("FROM a\nRUNN x\n", "line 2"), ("", "no instructions"), ("ARG a\n", "no FROM"), ("FROM a\n", "no such stage")],
)
def test_nothing_to_plan(dockerfile, message):
    with pytest.raises(PlanError, match=message):
        studied(dockerfile, {}, {}, target="nope" if message == "no such stage" else None)


def test_without_a_history():
    files = {"package.json": "{}", "package-lock.json": "{}", "src/a.js": "", "Dockerfile": NODE}
    context = BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem(files))

    def told(dockerfile):
        return [
            {s.step.text: s.outcomes for s in found.steps}
            for found in study_classes(Setup("Dockerfile", context), dockerfile)
        ]

    source, manifest = told(NODE)
    assert source["RUN npm ci"] == manifest["RUN npm ci"] == "r"
    source, manifest = told("FROM node\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n")
    assert (source["RUN npm ci"], manifest["RUN npm ci"], source["COPY . ."]) == ("c", "r", "r")
