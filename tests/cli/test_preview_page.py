"""The page of ``dflint preview``, and reports that are kept."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from dflint.build import BuildOptions, BuildResult, Measures, Rebuild, Recipe, Size, Spread, Verification, VerifyOptions
from dflint.cli import kept_verdicts
from dflint.cli.preview import Preview
from dflint.cli.preview_page import page
from dflint.context import BuildContext
from dflint.verify.level import Level
from dflint.verify.verdict import Difference, Reason, Verdict

SIZES = (Size(300, 320, 200, 2, (("RUN a", 300), ("COPY <b>", 20))), Size(100, 100, 80, 1, (("COPY b", 100),)))


def preview():
    spread = Spread(2.0, 1.0, 3.0)
    measures = tuple(
        Measures(size, (Rebuild("cold", "", spread, spread, ("RUN a",)), Rebuild("source", "a.py", spread, spread, ())))
        for size in SIZES
    )
    verdict = Verdict(
        Level.BEHAVES_SAME,
        (Reason(Level.CLOSURE_EQUAL, "/a<b>", "missing & gone"),),
        (Difference("/usr/bin/gcc", "only in original", "toolchain", True, "", 5),
         Difference("/a<b>", "only in original", "unexplained", False, "x")),
        ("a note",),
    )  # fmt: skip
    result = BuildResult(None, "", "", "", (), 1.0, (), "")
    found = Verification(verdict, result, result, None, None, SIZES, measures, "default", (), 1.0, 1.0)
    return Preview("Dockerfile", "FROM a\nRUN x\n", "FROM a AS build\nRUN <y>\n", ("Title: reason",), found, "docker")


class Checker(HTMLParser):
    """Finds what would be loaded, and tags that are not closed."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.loads = []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.loads += [value for name, value in attributes if name in ("src", "href", "action", "data")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_is_whole_and_loads_nothing():
    text = page(preview(), lambda shown: shown)
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert checker.loads == []
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_page_shows_all_there_is():
    text = page(preview(), lambda shown: shown)
    for words in ("Level 3 of 5", "toolchain: 1 paths", "unexplained: 1 paths", "/a&lt;b&gt;", "a note",
                  "RUN &lt;y&gt;", "Title: reason", "67&nbsp;% less", "COPY &lt;b&gt;",
                  "a change of a.py"):  # fmt: skip
        assert words in text
    assert "<b>" not in text


def test_page_takes_secrets_out():
    assert "FROM" not in page(preview(), lambda shown: shown.replace("FROM", "***"))


class FakeDriver:
    """Knows base images by their names."""

    def __init__(self, image="sha256:1"):
        self.image = image
        self.engine = SimpleNamespace(description="docker 1")

    def build(self, name, recipe, options):
        return BuildResult(None, "", f"{self.image}{recipe.text}", "", (), 0.0, (), "")


@pytest.fixture
def key(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "a").write_text("1")

    def make(texts=("FROM a\n", "FROM b\n"), options=None, image="sha256:1", form=None):
        context = BuildContext.for_dockerfile(str(folder / "Dockerfile"))
        recipes = tuple(map(Recipe, texts))
        options = options or VerifyOptions(BuildOptions(str(folder)))
        return kept_verdicts.key_of(FakeDriver(image), recipes, context, options, form or {"level": 3})

    make.folder = folder
    return make


def test_a_report_is_kept_by_all_it_came_from(key):
    first = key()
    assert first == key()
    others = [
        key(("FROM a\n# x\n", "FROM b\n")),
        key(image="sha256:2"),
        key(form={"level": 4}),
        key(options=VerifyOptions(BuildOptions(str(key.folder), target="x"))),
    ]
    (key.folder / "a").write_text("2")
    others.append(key())
    (key.folder / "a").chmod(0o755)
    others.append(key())
    (key.folder / "b").symlink_to("a")
    others.append(key())
    assert len({first, *others}) == len(others) + 1


def test_with_secrets_and_measures_nothing_is_kept(key):
    assert key(options=VerifyOptions(BuildOptions(str(key.folder), secrets=("id=a,src=b",)))) is None
    assert key(options=VerifyOptions(BuildOptions(str(key.folder)), repeats=3)) is None


def test_keeping_and_getting(key):
    assert kept_verdicts.get("k") is None
    kept_verdicts.put("k", 4, "report\n")
    found = kept_verdicts.get("k")
    assert (found.level, found.report) == (4, "report\n")


def test_a_damaged_report_counts_as_none(key):
    kept_verdicts.put("k", 4, "report\n")
    with open(f"{kept_verdicts.folder()}/k.json", "w") as file:  # noqa: PTH123
        file.write('{"level": 4')
    assert kept_verdicts.get("k") is None


def test_old_reports_go(key, monkeypatch):
    monkeypatch.setattr(kept_verdicts, "KEPT", 2)
    for name in "abc":
        kept_verdicts.put(name, 1, "")
    assert [kept_verdicts.get(name) is not None for name in "abc"].count(True) == 2
