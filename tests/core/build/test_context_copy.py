from dflint.build import Recipe
from dflint.build.context_copy import copy_context, plan_touches, touch


def context(tmp_path):
    root = tmp_path / "context"
    for path, text in {
        "main.py": "print(1)\n", "tests/test_main.py": "x\n", "requirements.txt": "a\n", "README.md": "read\n",
        "node_modules/x/index.js": "x\n", ".dockerignore": "node_modules\n", "src/deep.py": "y\n",
    }.items():  # fmt: skip
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "link").symlink_to("main.py")
    (root / "dangling").symlink_to("nowhere")
    return root


def everything(root):
    return {
        str(path.relative_to(root)): path.readlink() if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_what_is_sent_is_copied_and_the_original_never_changes(tmp_path):
    root = context(tmp_path)
    before = everything(root)
    made = copy_context(str(root), [Recipe("FROM a\n")], tmp_path / "copy")
    copied = everything(tmp_path / "copy")
    assert copied == {name: content for name, content in before.items() if not name.startswith("node_modules")}
    for path in plan_touches(made):
        touch(tmp_path / "copy", path)
        assert (tmp_path / "copy" / path).read_bytes() != before[path]
    assert everything(root) == before


def test_touches_are_never_the_same(tmp_path):
    root = context(tmp_path)
    texts = set()
    for _ in range(5):
        touch(root, "main.py")
        texts.add((root / "main.py").read_text())
    assert len(texts) == 5
    assert all(text.rstrip() == "print(1)" for text in texts)


def test_the_mode_stays(tmp_path):
    root = context(tmp_path)
    (root / "main.py").chmod(0o751)
    touch(root, "main.py")
    assert (root / "main.py").stat().st_mode & 0o777 == 0o751


def test_plan(tmp_path):
    root = context(tmp_path)
    made = copy_context(str(root), [Recipe("FROM a\n")], tmp_path / "copy")
    assert plan_touches(made) == ("main.py", "requirements.txt", "README.md")


def test_a_recipes_own_ignore_file_counts(tmp_path):
    root = context(tmp_path)
    copy_context(str(root), [Recipe("FROM a\n", ignore="*\n!main.py\n")], tmp_path / "copy")
    assert list(everything(tmp_path / "copy")) == ["main.py"]


def test_all_is_copied_when_ignore_files_differ(tmp_path):
    root = context(tmp_path)
    recipes = [Recipe("FROM a\n", ignore="*\n"), Recipe("FROM a\n")]
    copy_context(str(root), recipes, tmp_path / "copy")
    assert "node_modules/x/index.js" in everything(tmp_path / "copy")
