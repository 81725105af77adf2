# Names that are no text are made with os.
# ruff: noqa: PTH103, PTH118, PTH123
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from core.history.conftest import Repository

from dflint.history import HistoryError, git, read_history
from dflint.history.changes import EXECUTABLE, LINK, REGULAR, SUBMODULE
from dflint.history.log import path_in_repository
from dflint.history.store import Store


def changed(history):
    """For each commit its changed paths, a deleted one with a minus."""
    return [[("" if c.file else "-") + c.path for c in commit.changes] for commit in history.commits]


def test_commits_oldest_first(repository):
    first = repository.commit(a_txt="1", b="x")
    second = repository.commit(a_txt="2")
    third = repository.commit(b=None, sub__c="3")
    history = read_history(str(repository.root))
    assert (history.base, history.head) == (first, third)
    assert [commit.name for commit in history.commits] == [second, third]
    assert changed(history) == [["a.txt"], ["-b", "sub/c"]]
    assert set(history.files) == {"a.txt", "b"}
    assert (history.is_whole, history.is_shallow, history.folder) == (True, False, "")
    assert history.read(history.files["a.txt"].content) == b"1"
    assert history.changed(lambda path: path.startswith("sub/")) == 1


def test_only_the_last_commits(repository):
    names = [repository.commit(a=str(number)) for number in range(6)]
    history = read_history(str(repository.root), 2)
    assert [commit.name for commit in history.commits] == names[-2:]
    assert (history.base, history.is_whole) == (names[-3], False)
    assert history.read(history.files["a"].content) == b"3"
    assert read_history(str(repository.root), 5).is_whole
    assert not read_history(str(repository.root), 4).is_whole


def test_a_merge_is_what_it_brought(repository):
    repository.commit(a="1")
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(b="1")
    repository.commit(b="2", c="1")
    repository.git("checkout", "-q", "main")
    repository.commit(d="1")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert changed(read_history(str(repository.root))) == [["d"], ["b", "c"]]


def test_renames_modes_and_links(repository):
    repository.commit(a="the same content in both places")
    repository.git("mv", "a", "b")
    repository.commit()
    repository.git("update-index", "--chmod=+x", "b")
    repository.git("commit", "-q", "-m", "executable")
    (repository.root / "l").symlink_to("b")
    repository.git("add", "l")
    repository.git("commit", "-q", "-m", "link")
    history = read_history(str(repository.root))
    assert changed(history) == [["-a", "b"], ["b"], ["l"]]
    modes = [commit.changes[-1].file.mode for commit in history.commits]
    assert modes == [REGULAR, EXECUTABLE, LINK]


def test_context_in_a_folder(repository):
    repository.commit(app__a="1", other="1", docker__Dockerfile="FROM a")
    repository.commit(other="2")
    repository.commit(app__a="2", docker__Dockerfile="FROM b")
    dockerfile = str(repository.root / "docker" / "Dockerfile")
    history = read_history(str(repository.root / "app"), 200, [dockerfile, "/etc/passwd"])
    assert changed(history) == [[], ["a"]]
    assert history.folder == "app"
    own = path_in_repository(history, str(repository.root / "app"), dockerfile)
    assert own == "docker/Dockerfile"
    assert set(history.other_files) == {own}
    assert [len(commit.other_changes) for commit in history.commits] == [0, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names(repository):
    names = [b"a b\n\tc", "ü".encode(), b"\xff\xfe", b'"quoted"', b"-dash", b":(glob)*"]
    for name in names:
        folder = os.path.join(os.fsencode(repository.root), b"x")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"1")
    repository.commit()
    with open(os.path.join(os.fsencode(repository.root), b"x", b"\xff\xfe"), "wb") as file:
        file.write(b"2")
    repository.commit()
    for folder, prefix in ((repository.root, "x/"), (repository.root / "x", "")):
        history = read_history(str(folder))
        assert set(history.files) == {prefix + os.fsdecode(name) for name in names}
        assert changed(history) == [[prefix + "\udcff\udcfe"]]


@pytest.mark.parametrize("name", [":(glob)*", "-x", "a\nb", "*"])
def test_context_with_an_odd_name(repository, name):
    repository.commit_files({f"{name}/a": "1", "b": "1"})
    repository.commit_files({"b": "2"})
    repository.commit_files({f"{name}/a": "2"})
    assert changed(read_history(str(repository.root / name))) == [[], ["a"]]


def test_shallow_clone(repository, tmp_path):
    names = [repository.commit(a=str(number)) for number in range(5)]
    repository.git("clone", "-q", "--depth", "3", f"file://{repository.root}", tmp_path / "clone")
    history = read_history(str(tmp_path / "clone"))
    assert [commit.name for commit in history.commits] == names[-2:]
    assert (history.base, history.is_shallow) == (names[2], True)
    assert not read_history(str(tmp_path / "clone"), 1).is_shallow, "the cut lies before what was asked for"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", tmp_path / "one")
    history = read_history(str(tmp_path / "one"))
    assert (history.commits, history.is_shallow, history.base) == ((), True, names[-1])


def test_work_tree(repository, tmp_path):
    repository.commit(a="1")
    repository.commit(a="2")
    repository.git("worktree", "add", "-q", tmp_path / "other", "-b", "other")
    assert changed(read_history(str(tmp_path / "other"))) == [["a"]]


def test_submodule(repository, tmp_path):
    inner = Repository(tmp_path / "inner")
    inner.commit(x="1")
    repository.commit(a="1")
    repository.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "lib")
    repository.commit()
    second = inner.commit(x="2")
    repository.git("-c", "protocol.file.allow=always", "submodule", "update", "--remote", "-q")
    repository.commit()
    history = read_history(str(repository.root))
    assert changed(history)[-1] == ["lib"]
    assert history.commits[-1].changes[0].file == (SUBMODULE, second)
    assert changed(read_history(str(repository.root / "lib"))) == [["x"]]


def test_no_history(tmp_path, repository, monkeypatch):
    (tmp_path / "plain").mkdir()
    with pytest.raises(HistoryError, match="in no git repository"):
        read_history(str(tmp_path / "plain"))
    with pytest.raises(HistoryError, match="no commit yet"):
        read_history(str(repository.root))
    monkeypatch.setattr(git, "_found", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HistoryError, match="not installed"):
        read_history(str(repository.root))


def test_missing_objects_are_no_crash(repository):
    repository.commit(a="1")
    repository.commit(a="2")
    tree = repository.git("rev-parse", "HEAD~1^{tree}")
    (repository.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(HistoryError):
        read_history(str(repository.root))


def test_nothing_of_the_repository_is_run(repository, tmp_path):
    """Whatever a repository's configuration and hooks name, and whatever a caller's environment says."""
    repository.commit(a="1\n", _gitattributes="* diff=evil filter=evil\n")
    repository.commit(a="2\n")
    marker = tmp_path / "was-run"
    evil = tmp_path / "evil.sh"
    evil.write_text(f'#!/bin/sh\necho "$0 $@" >>{marker}\ncat\n')
    evil.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command", "core.sshCommand",
        "filter.evil.clean", "filter.evil.smudge", "core.editor", "gpg.program", "core.askPass", "pager.log",
        "core.alternateRefsCommand", "remote.origin.uploadpack", "log.showSignature", "pager.diff-tree",
    ):  # fmt: skip
        repository.git("config", key, "true" if key == "log.showSignature" else str(evil))
    repository.git("config", "core.hooksPath", str(tmp_path))
    repository.git("config", "alias.rev-list", f"!{evil}")
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        (tmp_path / hook).symlink_to(evil)
    index = (repository.root / ".git" / "index").read_bytes()
    history = read_history(str(repository.root), 200, [], str(tmp_path / "store"))
    assert changed(history) == [["a"]]
    assert history.read(history.commits[0].changes[0].file.content) == b"2\n"
    assert not marker.exists(), marker.read_text()
    assert (repository.root / ".git" / "index").read_bytes() == index
    repository.git("status")
    assert marker.exists(), "git run without care does run them"


def test_environment_of_a_hook_does_not_lead_astray(repository, tmp_path, monkeypatch):
    other = Repository(tmp_path / "other")
    other.commit(z="1")
    repository.commit(a="1")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_INDEX_FILE", "nowhere")
    assert set(read_history(str(repository.root)).files) == {"a"}


def test_lazy_clones_fetch_nothing(repository, tmp_path):
    """A clone without trees would ask its origin for them."""
    repository.commit(a="1")
    repository.commit(a="2")
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--filter=tree:0", "--no-checkout", f"file://{repository.root}", clone)
    packs = sorted((clone / ".git" / "objects").rglob("*"))
    with pytest.raises(HistoryError):
        read_history(str(clone))
    assert sorted((clone / ".git" / "objects").rglob("*")) == packs


def test_too_many_changes_cut_the_history(repository, monkeypatch):
    for number in range(5):
        repository.commit(a=str(number), b=str(number))
    monkeypatch.setattr("dflint.history.log.MAX_CHANGES", 5)
    history = read_history(str(repository.root))
    assert len(history.commits) == 2
    assert (history.is_whole, history.base) == (False, repository.git("rev-parse", "HEAD~2"))


# What is kept


def spied(monkeypatch):
    """Counts the commits that git is asked to compare."""
    asked = []
    real = git.chunks

    def chunks(folder, arguments, data):
        if arguments[0] == "diff-tree":
            asked.append(data.count(b"\n"))
        return real(folder, arguments, data)

    monkeypatch.setattr("dflint.history.log.chunks", chunks)
    return asked


def test_only_new_commits_are_read(repository, tmp_path, monkeypatch):
    store = str(tmp_path / "store")
    for number in range(4):
        repository.commit(a=str(number))
    asked = spied(monkeypatch)
    first = read_history(str(repository.root), 200, [], store)
    again = read_history(str(repository.root), 200, [], store)
    assert asked == [3]
    assert again.commits == first.commits
    repository.commit(b="1")
    assert changed(read_history(str(repository.root), 200, [], store))[-1] == ["b"]
    assert asked == [3, 1]
    assert read_history(str(repository.root), 200).commits == read_history(str(repository.root), 200, [], store).commits


@pytest.mark.parametrize("damage", [b"", b"dflint-history-1", b"\0" * 100, b"half"])
def test_damaged_store_counts_as_none(repository, tmp_path, damage):
    store = tmp_path / "store"
    repository.commit(a="1")
    repository.commit(a="2")
    whole = read_history(str(repository.root), 200, [], str(store))
    (file,) = (path for path in (store / "history").iterdir() if path.name != ".gitignore")
    content = file.read_bytes()
    if damage == b"half":
        damage = content[: len(content) // 2]
    file.write_bytes(damage)
    assert read_history(str(repository.root), 200, [], str(store)).commits == whole.commits
    assert file.read_bytes() == content
    for at in range(0, len(content), 5):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert Store(str(store), str(repository.root / ".git"), "", ()).load() == {}


def test_unwritable_store_is_no_error(repository, tmp_path):
    repository.commit(a="1")
    repository.commit(a="2")
    (tmp_path / "file").write_text("")
    assert changed(read_history(str(repository.root), 200, [], str(tmp_path / "file"))) == [["a"]]


def test_rewritten_history_is_read_anew(repository, tmp_path):
    store = str(tmp_path / "store")
    repository.commit(a="1")
    repository.commit(b="1")
    assert changed(read_history(str(repository.root), 200, [], store)) == [["b"]]
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.commit(c="1")
    assert changed(read_history(str(repository.root), 200, [], store)) == [["c"]]


def test_shallow_then_whole(repository, tmp_path):
    """The same commit has a parent only when the clone knows it."""
    for number in range(4):
        repository.commit(a=str(number))
    store, clone = str(tmp_path / "store"), tmp_path / "clone"
    repository.git("clone", "-q", "--depth", "2", f"file://{repository.root}", clone)
    assert len(read_history(str(clone), 200, [], store).commits) == 1
    repository.git("fetch", "-q", "--unshallow", cwd=clone)
    assert len(read_history(str(clone), 200, [], store).commits) == 3


def test_a_commit_with_another_parent(repository, tmp_path):
    """As ``git replace`` makes it: the name is the same."""
    store = str(tmp_path / "store")
    first = repository.commit(a="1")
    repository.commit(b="1")
    last = repository.commit(c="1")
    assert changed(read_history(str(repository.root), 200, [], store)) == [["b"], ["c"]]
    repository.git("replace", "--graft", last, first)
    assert changed(read_history(str(repository.root), 200, [], store)) == [["b", "c"]]


def test_several_at_once(repository, tmp_path):
    store = str(tmp_path / "store")
    for number in range(20):
        repository.commit(a=str(number))
    with ThreadPoolExecutor(8) as pool:
        counts = [10, 19, 5, 19, 12, 3, 19, 7] * 3
        found = list(pool.map(lambda n: read_history(str(repository.root), n, [], store), counts))
    assert [len(history.commits) for history in found] == counts
    files = sorted(path.name for path in (tmp_path / "store" / "history").iterdir())
    assert len(files) == 2, "one file and .gitignore; none left over"


def test_a_repository_of_somebody_else(repository, monkeypatch):
    repository.commit(a="1")
    monkeypatch.setitem(git._FORCED_VARIABLES, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    told = subprocess.run(
        ["git", "-C", str(repository.root), "rev-parse"],
        env={**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
    )
    if told.returncode == 0:
        pytest.skip("this git trusts every repository")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(HistoryError, match="belongs to somebody else"):
        read_history(str(repository.root))
