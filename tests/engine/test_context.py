"""What ``COPY . /`` brings, as the engine does it and as dflint says."""

from __future__ import annotations

import io
import os
import random
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dflint.context import BuildContext

if TYPE_CHECKING:
    from pathlib import Path

    from engine.conftest import Engine

SEEDS = range(200)
# Without ()|{}+, which patternmatcher has taken literally only since 2026.
NAMES = (
    "a", "b", "c.txt", "A", "node_modules", "x.py", ".hidden", "..x", "...", "x y", " lead", "trail ", "ü", "u\u0308",
    "日本", "new\nline", "tab\t", "#hash", "!bang", "[ab]", "st*r", "qu?", "back\\slash", "-dash", "$v",
    "~", "a.b.c", "\x7f", "\u2028", "@^", "README.md",
)  # fmt: skip


class Sent(NamedTuple):
    """What arrives at a path: its kind, and a file's content or a link's target."""

    kind: str
    content: str = ""


def make_context(random_: random.Random, root: Path) -> list[str]:
    """Fill a folder; gives the paths in it."""
    folders = [""]
    paths: list[str] = []
    for number in range(random_.randint(3, 14)):
        # Deep rather than wide now and then.
        folder = folders[-1] if random_.random() < 0.3 else random_.choice(folders)
        path = f"{folder}/{random_.choice(NAMES)}".lstrip("/")
        if path in paths:
            continue
        paths.append(path)
        place = root / path
        kind = random_.random()
        if kind < 0.4:
            place.mkdir()
            folders.append(path)
        elif kind < 0.55:
            targets = [random_.choice(paths), "..", "/", "gone", "/etc/passwd", path.rpartition("/")[2], "../" * 9]
            place.symlink_to(random_.choice(targets))
        elif kind < 0.6:
            os.mkfifo(place)
        else:
            place.write_text(str(number) * random_.randint(0, 3))
    return paths


def pattern(random_: random.Random, paths: list[str]) -> str:
    """A line of an ignore file that has something to do with the paths."""
    parts = random_.choice([*paths, random_.choice(NAMES)]).split("/")
    made = []
    for part in parts:
        chance = random_.random()
        if chance < 0.12:
            part = "*"
        elif chance < 0.2:
            part = "**"
        elif chance < 0.3:
            part = part[: random_.randint(0, len(part))] + "*"
        elif chance < 0.35:
            part = "?" + part[1:]
        elif chance < 0.38:
            part = "[" + part[:1] + "-z]*"
        elif chance < 0.4:
            part = "[^" + part[:1] + "]*"
        elif chance < 0.44:
            part = "\\" + part
        elif chance < 0.46:
            part = "**" + part[-2:]
        made.append(part)
    if random_.random() < 0.15:
        made.pop()
    text = "/".join(made)
    chance = random_.random()
    if chance < 0.1:
        text = f"**/{text}"
    elif chance < 0.2:
        text = f"{text}/**"
    elif chance < 0.25:
        text = f"/{text}"
    elif chance < 0.3:
        text = f"./{text}"
    elif chance < 0.33:
        text = f"../{text}"
    elif chance < 0.36:
        text = f"x/../{text}"
    if random_.random() < 0.15:
        text += random_.choice(("/", "//", "/.", "/*", "/x/.."))
    return text


def ignore_file(random_: random.Random, paths: list[str]) -> str:
    lines = []
    for _ in range(random_.randint(0, 7)):
        text = pattern(random_, paths)
        if random_.random() < 0.35:
            text = "!" + random_.choice(("", "", " ")) + text
        chance = random_.random()
        if chance < 0.06:
            text = "# " + text
        elif chance < 0.1:
            text = "  " + text + " \t"
        elif chance < 0.14:
            text = ""
        elif chance < 0.17:
            text = random_.choice(("*", "**", "/", ".", "..", "!*", "!**", "*/*", "**/*"))
        lines.append(text)
    ending = random_.choice(("\n", "\n", "\n", "\r\n"))
    start = "\ufeff" if random_.random() < 0.1 else ""
    return start + ending.join(lines) + random_.choice(("", ending))


def brought(engine: Engine, root: Path, dockerfile: str = "Dockerfile") -> dict[str, Sent] | str:
    """What the engine makes of a context, or its complaint."""
    target = root.parent / "image.tar"
    output = f"--output=type=tar,dest={target}"
    done = engine.docker("buildx", "build", "--progress=plain", output, "-f", root / dockerfile, root, check=False)
    if done.returncode != 0:
        return done.stderr
    found = {}
    with tarfile.open(fileobj=io.BytesIO(target.read_bytes()), encoding="utf-8", errors="surrogateescape") as image:
        for member in image:
            name = member.name.removeprefix("./").rstrip("/")
            if member.isdir():
                found[name] = Sent("dir")
            elif member.issym():
                found[name] = Sent("symlink", member.linkname)
            elif member.isreg() or member.islnk():
                file = image.extractfile(member)
                assert file is not None
                found[name] = Sent("file", file.read().decode())
            else:
                found[name] = Sent("other")
    return found


def listed(root: Path, dockerfile: str = "Dockerfile") -> dict[str, Sent]:
    """What dflint says of it."""
    context = BuildContext.for_dockerfile(f"{root}/{dockerfile}", root=str(root))
    found = {}
    for entry in context.walk():
        content = ""
        if entry.kind == "file" and not (context.ignore and context.ignore.empties(entry.path)):
            content = context.read(entry.path)
        elif entry.kind == "symlink":
            content = context.filesystem.read_link(f"{root}/{entry.path}")
        found[entry.path] = Sent(entry.kind, content)
        folder = entry.path.rpartition("/")[0]
        while folder:
            found.setdefault(folder, Sent("dir"))
            folder = folder.rpartition("/")[0]
    assert context.unreadable == []
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_copy_brings_what_is_listed(engine: Engine, tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    root = tmp_path / "context"
    root.mkdir()
    paths = make_context(random_, root)
    beside = random_.random()
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    if beside < 0.8:
        (root / ".dockerignore").write_bytes(ignore_file(random_, paths).encode())
    if 0.7 < beside < 0.95:
        other = ignore_file(random_, paths) if beside < 0.9 else ""
        (root / "Dockerfile.dockerignore").write_bytes(other.encode())
    ignore = BuildContext.for_dockerfile(f"{root}/Dockerfile").ignore
    found = brought(engine, root)
    if ignore is not None and ignore.problems:
        # An exception with nothing to take back is never tried, so nobody notices what is wrong with it.
        lines = ignore.text.split("\n")
        is_tried = any(not lines[problem.line - 1].startswith("!") for problem in ignore.problems)
        assert isinstance(found, str) or not is_tried, (ignore.text, ignore.problems)
    else:
        assert found == listed(root), ignore and ignore.text


def test_a_proposed_ignore_file_leaves_the_rest(engine: Engine, tmp_path: Path) -> None:
    from dflint.model import Model
    from dflint.syntax import parse
    from dflint.waste.proposal import propose

    root = tmp_path / "context"
    for path in ("src/a.py", "src/__pycache__/a.pyc", ".git/HEAD", "x y/b", "x y/__pycache__/b", "[v]/pyvenv.cfg", "c"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    dockerfile = "FROM scratch\nCOPY src/*.py /\nCOPY . /\n"
    (root / "Dockerfile").write_text(dockerfile)
    before = brought(engine, root)
    context = BuildContext.for_dockerfile(f"{root}/Dockerfile")
    made = propose(context, [Model(parse(dockerfile), context)])
    (root / ".dockerignore").write_text(made.new)
    after = brought(engine, root)
    assert isinstance(before, dict) and isinstance(after, dict)
    gone = ("__pycache__", ".git", "[v]", "Dockerfile")
    assert after == {path: sent for path, sent in before.items() if not any(name in path for name in gone)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\n", "control character"),
        ("a[\n", "not closed"),
        ("!\n", "no path"),
        ("x" * 65536 + "\n", "64 KiB"),
        ("".join(f"{'x' * 200}{n}\n" for n in range(4500)), "1 MiB"),
    ],
    ids=["tab", "class", "nothing", "long", "large"],
)
def test_what_breaks_the_build(engine: Engine, tmp_path: Path, text: str, message: str) -> None:
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (root / ".dockerignore").write_text(text)
    ignore = BuildContext.for_dockerfile(f"{root}/Dockerfile").ignore
    assert ignore is not None and message in ignore.problems[0].message
    assert isinstance(brought(engine, root), str)


def test_just_not_too_large(engine: Engine, tmp_path: Path) -> None:
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (root / ".dockerignore").write_text("".join(f"{'x' * 200}{n}\n" for n in range(4000)))
    ignore = BuildContext.for_dockerfile(f"{root}/Dockerfile").ignore
    assert ignore is not None and not ignore.problems
    assert isinstance(brought(engine, root), dict)


@pytest.mark.parametrize(
    ("target", "counts"), [("real", True), ("sub/real", True), ("../outside", False), ("gone", False), ("sub", False)]
)
def test_an_ignore_file_that_is_a_link(engine: Engine, tmp_path: Path, target: str, counts: bool) -> None:
    root = tmp_path / "context"
    (root / "sub").mkdir(parents=True)
    for path in (root / "real", root / "sub" / "real", tmp_path / "outside"):
        path.write_text("x\n")
    (root / "x").write_text("")
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (root / ".dockerignore").symlink_to(target)
    found = brought(engine, root)
    assert found == listed(root)
    assert ("x" in found) is not counts
