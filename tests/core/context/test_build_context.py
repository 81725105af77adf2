from collections.abc import Mapping
from pathlib import Path

from hypothesis import given, strategies as st

from dflint.context import BuildContext, MemoryFileSystem, RememberingFileSystem
from dflint.context.dockerignore import parse_ignore


def context_of(files: Mapping[str, str], dockerfile: str = "Dockerfile", root: str | None = None) -> BuildContext:
    return BuildContext.for_dockerfile(dockerfile, MemoryFileSystem(files), root)


def paths(context: BuildContext, include_ignored: bool = False) -> list[str]:
    return [entry.path for entry in context.walk(include_ignored=include_ignored)]


def test_the_ignore_file_beside_the_dockerfile_wins() -> None:
    files = {"d/app.Dockerfile": "", "d/app.Dockerfile.dockerignore": "a", ".dockerignore": "b", "a": "", "b": ""}
    context = context_of(files, "d/app.Dockerfile", "")
    assert context.ignore_path == "d/app.Dockerfile.dockerignore"
    assert context.is_ignored("a") and not context.is_ignored("b")


def test_an_empty_one_counts() -> None:
    context = context_of({"Dockerfile.dockerignore": "", ".dockerignore": "b", "b": ""})
    assert context.ignore_path.endswith("/Dockerfile.dockerignore") and not context.is_ignored("b")


def test_links_to_an_ignore_file_stay_in_their_folder(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for path in (root / "inside", tmp_path / "outside"):
        path.write_text("x\n")
    dockerfile = f"{root.as_posix()}/Dockerfile"
    (root / ".dockerignore").symlink_to("../inside")  # nothing is above the root
    assert BuildContext.for_dockerfile(dockerfile).is_ignored("x")
    (root / "Dockerfile.dockerignore").symlink_to("../outside")
    assert BuildContext.for_dockerfile(dockerfile).ignore_path.endswith("/.dockerignore")
    (root / ".dockerignore").unlink()
    assert BuildContext.for_dockerfile(dockerfile).ignore is None


def test_another_ignore_file_over_the_same_files() -> None:
    asked = []

    class Counting(MemoryFileSystem):
        def list_dir(self, path: str):  # type: ignore[no-untyped-def]
            asked.append(path)
            return super().list_dir(path)

    files = RememberingFileSystem(Counting({"a/b": "", "c": ""}))
    first = BuildContext("", files)
    assert paths(first) == ["a", "c", "a/b"]
    assert paths(first.with_ignore(parse_ignore("a"))) == ["c"]
    assert paths(first.with_ignore(parse_ignore("a\n!a/b"))) == ["c", "a/b"]
    assert asked == ["", "a"]


def test_no_ignore_file() -> None:
    context = context_of({"a/b": "", "Dockerfile": ""})
    assert context.ignore is None and context.ignore_path == ""
    assert not context.is_ignored("a") and context.is_sent("a/b")
    assert context_of({"x/Dockerfile": "", "x/a": "", "b": ""}, "x/Dockerfile").exists("a")


def test_exists_sent_ignored() -> None:
    context = context_of({".dockerignore": "a\n!a/keep\nc", "a/keep": "", "a/drop": "", "b": "", "c/d": ""})
    assert context.exists("./a/drop") and not context.is_sent("a/drop")
    assert context.is_ignored("a") and context.is_sent("a") and context.is_sent("a/keep")
    assert not context.is_sent("c") and not context.is_sent("c/d") and not context.is_sent("nothing")
    assert context.is_sent(".") and context.exists("/../b") and not context.exists("b/x")
    assert context.is_ignored("c/not/there")


def test_walk_enters_ignored_folders_only_for_exceptions() -> None:
    context = context_of({".dockerignore": "*\n!src/*.py", "src/a.py": "", "src/b.txt": "", "big/x": "", "z": ""})
    assert paths(context) == ["src/a.py"]
    assert "big" not in context._folders
    assert sorted(paths(context, True)) == [".dockerignore", "big", "big/x", "src", "src/a.py", "src/b.txt", "z"]


def test_match_as_copy_does() -> None:
    files = {"a.txt": "1", "b.txt": "", ".c.txt": "", "d/a.txt": "", "e/f/g.txt": "", ".dockerignore": "b*", "[x]": ""}
    context = context_of(files)

    def matched(source: str) -> list[str]:
        return [entry.path for entry in context.match(source)]

    assert matched("*.txt") == [".c.txt", "a.txt"]
    assert matched("/*/a.txt") == ["d/a.txt"]
    assert matched("e/*/*.txt") == ["e/f/g.txt"]
    assert matched("**/g.txt") == [] and matched("**/f") == ["e/f"]
    assert matched("[a-b].txt") == ["a.txt"]
    assert matched("../d/./a.txt") == ["d/a.txt"]
    assert matched(".") == [""] and matched("b.txt") == [] and matched("x*") == [] and matched("[") == []
    assert [entry.path for entry in context.match("b.txt", include_ignored=True)] == ["b.txt"]


def test_files_and_sizes() -> None:
    context = context_of({"a/x.py": "12", "a/b/y.py": "3", "c": "4567", "d.pyc": "", ".dockerignore": "d*"})
    assert [entry.path for entry in context.files("**/*.py")] == ["a/x.py", "a/b/y.py"]
    assert context.sizes() == {".dockerignore": 2, "a": 3, "c": 4}
    assert context.sizes(include_ignored=True)["d.pyc"] == 0
    assert context.read("a/../c") == "4567"


def test_the_number_of_entries_is_bounded() -> None:
    files = MemoryFileSystem({f"d{n}/f": "" for n in range(50)})
    context = BuildContext("", files, max_entries=60)
    assert len(paths(context)) == 60 and not context.is_complete
    assert len(paths(BuildContext("", files))) == 100 and BuildContext("", files).is_complete


def test_links_are_followed_by_copy_alone(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "deep" / "f").write_text("x")
    links = {"abs": "/real", "rel": "real/deep", "up": "../../real", "loop": "loop", "gone": "no"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    context = BuildContext.for_dockerfile(f"{tmp_path.as_posix()}/Dockerfile")
    for path in ("abs/deep/f", "rel/f", "up/deep/f"):
        found = context.resolve(path)
        assert found is not None and found.path == "real/deep/f"
    assert not context.exists("loop") and not context.exists("gone")
    entry = context.entry("abs")
    assert entry is not None and entry.kind == "symlink"
    assert "abs/deep" not in paths(context) and "abs" in paths(context)


def test_unreadable_folders_are_recorded() -> None:
    class Broken(MemoryFileSystem):
        def list_dir(self, path: str):  # type: ignore[no-untyped-def]
            if path == "secret":
                raise PermissionError(13, "Permission denied")
            return super().list_dir(path)

    context = BuildContext("", Broken({"secret/a": "", "b": ""}))
    assert paths(context) == ["b", "secret"]
    assert context.unreadable == [("secret", "Permission denied")]


def test_a_newline_in_a_name() -> None:
    context = context_of({"a\nb": "", ".dockerignore": "a*"})
    assert context.is_ignored("a\nb")


NAMES = st.sampled_from(["a", "b", "c.txt", "d"])
TREES = st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=8)
LINES = st.lists(st.sampled_from(["a", "!a/b", "*", "**/d", "!**/c.txt", "a/b", "!a", "b/*", "!b/d/**"]), max_size=5)


@given(TREES, LINES)
def test_walk_gives_what_each_path_says(names: list[str], lines: list[str]) -> None:
    # A name that is a file and a folder is only the folder.
    files = {name: "" for name in names if not any(other.startswith(f"{name}/") for other in names)}
    context = BuildContext("", MemoryFileSystem(files), parse_ignore("\n".join(lines)))
    everything = paths(context, True)
    sent = set(paths(context))
    assert sent == {path for path in everything if not context.is_ignored(path)}
    fresh = BuildContext("", MemoryFileSystem(files), context.ignore)
    for path in everything:
        assert fresh.is_ignored(path) is context.is_ignored(path)
        below = any(other == path or other.startswith(f"{path}/") for other in sent)
        assert fresh.is_sent(path) is below


def test_neighbours_share_what_was_listed() -> None:
    files = MemoryFileSystem({"p/a.Dockerfile": "", "p/b.Dockerfile": "", "p/c.Dockerfile": "", "p/x": "1"})
    first = BuildContext.for_dockerfile("p/a.Dockerfile", files)
    assert first.exists("x")
    second = first.for_neighbour("p/b.Dockerfile")
    assert second is not None
    assert second.dockerfile == "p/b.Dockerfile"
    assert second.entries() is not None and second._folders is first._folders


def test_no_neighbour_with_another_folder_or_ignore_file() -> None:
    files = MemoryFileSystem({"p/a.Dockerfile": "", "q/b.Dockerfile": "", "p/c.Dockerfile.dockerignore": "x\n"})
    first = BuildContext.for_dockerfile("p/a.Dockerfile", files)
    assert first.for_neighbour("q/b.Dockerfile") is None
    assert first.for_neighbour("p/c.Dockerfile") is None
    own = BuildContext.for_dockerfile("p/c.Dockerfile", files)
    assert own.for_neighbour("p/a.Dockerfile") is None
