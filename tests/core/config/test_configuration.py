"""Reading, checking and finding configuration files."""

# ruff: noqa: PTH118
import os

import pytest

from dflint.config import Configuration, ConfigurationError, ConfigurationFinder, load_configuration
from dflint.config.configuration import read_configuration
from dflint.config.settings import FORMATS, SETTINGS
from dflint.linter.registry import Layer, Registry
from dflint.linter.rule import Option, Rule


class TaggedBase(Rule):
    name = "tagged-base"
    category = "base"
    level = "warning"
    aliases = ("DL3006",)
    options = {
        "strict": Option(False, "d"),
        "depth": Option(3, "d"),
        "word": Option("w", "d"),
        "names": Option(("a",), "d"),
    }


class OtherRule(Rule):
    name = "other-rule"
    category = "style"
    level = "info"


KNOWN = Registry([TaggedBase, OtherRule], {"broken-rule": "of no use"})


def read(text, path="/x/dflint.toml"):
    return read_configuration(path, text, KNOWN)


def problems(text, path="/x/dflint.toml"):
    with pytest.raises(ConfigurationError) as caught:
        read(text, path)
    return [str(problem) for problem in caught.value.problems]


FULL = """\
select = ["base", "all"]
extend-select = ["DL3006"]
ignore = ["style", "broken-rule"]
preview = true
exclude = ["build/", "*.old"]
fail-level = "warning"
context = "ctx"
format = "json"

[per-file-ignores]
"test/**" = ["all"]

[rules.tagged-base]
level = "error"
strict = true
depth = 0
word = ""
names = ["x", "y"]

[rules.other-rule]
level = "off"
"""


def test_everything():
    found = read(FULL)
    assert found["select"] == ("base", "all")
    assert found["preview"] is True
    assert found["fail-level"] == "warning"
    assert found["format"] == "json"
    assert found.context == os.path.join("/x", "ctx")
    assert found.levels == {"tagged-base": "error", "other-rule": "off"}
    assert found.options == {"tagged-base": {"strict": True, "depth": 0, "word": "", "names": ("x", "y")}}
    assert found.layer() == Layer(("base", "all"), ("DL3006",), ("style", "broken-rule", "other-rule"))
    rule_set = found.rule_set(KNOWN, "/x/Dockerfile")
    assert list(rule_set.rules) == ["tagged-base"]
    assert rule_set.rules["tagged-base"].setting("names") == ("x", "y")
    assert rule_set.levels == {"tagged-base": "error"}
    assert list(found.rule_set(KNOWN, "/x/test/a/Dockerfile").rules) == []


def test_pyproject():
    table = FULL.replace("[per-file", "[tool.dflint.per-file").replace("[rules.", "[tool.dflint.rules.")
    found = read(f"[project]\nname = 'x'\n[tool.dflint]\n{table}", "/x/pyproject.toml")
    assert found["fail-level"] == "warning"
    assert found.levels["other-rule"] == "off"
    assert read("[tool.other]\nx = 1\n", "/x/pyproject.toml") is None


def test_defaults():
    found = Configuration()
    assert found["fail-level"] == "info"
    assert found["select"] is None
    assert found.context is None
    assert set(found.rule_set(KNOWN, "Dockerfile").rules) == {"tagged-base", "other-rule"}
    assert read("")["exclude"] == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('selct = ["all"]', '/x/dflint.toml:1:1: unknown key "selct" (did you mean "select"?)'),
        (
            '\n\n  extend_select = ["all"]',
            '/x/dflint.toml:3:3: unknown key "extend_select" (did you mean "extend-select"?)',
        ),
        ("zzz = 1", '/x/dflint.toml:1:1: unknown key "zzz"'),
        ("preview = 1", '/x/dflint.toml:1:1: "preview" must be true or false, not an integer'),
        ('select = "all"', '/x/dflint.toml:1:1: "select" must be a list of strings, not a string'),
        ('select = ["all", 3]', '/x/dflint.toml:1:18: "select" must be a list of strings, not of an integer'),
        (
            'select = [\n  "all", # comment, with "quotes"\n  "tagedbase",\n]',
            '/x/dflint.toml:3:3: unknown rule "tagedbase" (did you mean "tagged-base"?)',
        ),
        (
            'fail-level = "fatal"',
            '/x/dflint.toml:1:1: "fail-level" must be one of "error", "warning", "info", "none", not "fatal"',
        ),
        ("context = []", '/x/dflint.toml:1:1: "context" must be a string, not a list'),
        ("exclude = [1.5]", '/x/dflint.toml:1:12: "exclude" must be a list of strings, not of a float'),
        ("per-file-ignores = 1", '/x/dflint.toml:1:1: "per-file-ignores" must be a table, not an integer'),
        (
            '[per-file-ignores]\n"a" = ["all"]\n"b" = ["nonsense"]',
            '/x/dflint.toml:3:8: unknown rule "nonsense"',
        ),
        ("rules = true", '/x/dflint.toml:1:1: "rules" must be a table, not a boolean'),
        (
            "[rules.tagged-bas]\nlevel = 'off'",
            '/x/dflint.toml:1:8: unknown rule "tagged-bas" (did you mean "tagged-base"?)',
        ),
        (
            "[rules]\ntagged-base = 1979-05-27",
            '/x/dflint.toml:2:1: "rules.tagged-base" must be a table, not a date or time',
        ),
        (
            '[rules.DL3006]\nlevel = "fatal"',
            '/x/dflint.toml:2:1: "level" must be one of "error", "warning", "info", "off", not "fatal"',
        ),
        (
            "rules.tagged-base = { strict = false, strikt = true }",
            '/x/dflint.toml:1:39: unknown option of tagged-base "strikt" (did you mean "strict"?)',
        ),
        ("rules.tagged-base.depth = true", '/x/dflint.toml:1:19: "depth" must be an integer, not a boolean'),
        ("rules.tagged-base.strict = 1", '/x/dflint.toml:1:19: "strict" must be true or false, not an integer'),
        ("rules.tagged-base.names = 'a'", '/x/dflint.toml:1:19: "names" must be a list of strings, not a string'),
        ("preview = tru", "/x/dflint.toml:1:11: not valid TOML: Invalid value"),
    ],
)
def test_wrong_files(text, expected):
    assert problems(text) == [expected]


def test_all_that_is_wrong_is_told_in_order():
    told = problems('[rules.tagged-base]\ndepth = "x"\nwrong = 1\n\n[per-file-ignores]\nx = 1\n')
    assert [line.split(":")[1] for line in told] == ["2", "3", "6"]


def test_places_in_pyproject():
    text = '[project]\nselect = 1\n[tool.dflint]\nselect = ["all"]\nselekt = ["all"]\n'
    assert problems(text, "pyproject.toml") == ['pyproject.toml:5:1: unknown key "selekt" (did you mean "select"?)']
    assert problems("tool.dflint = 3\n", "pyproject.toml") == ["pyproject.toml:1:6: expected a table, got an integer"]


def test_crlf_and_byte_order_mark():
    assert read("\ufeffpreview = true\r\n")["preview"] is True
    assert problems("preview = true\r\n\r\nprevew = true\r\n")[0].startswith("/x/dflint.toml:3:1: ")


def test_nearest_file_wins(tmp_path):
    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("dflint.toml", "preview = true\n")
    write("a/pyproject.toml", "[tool.dflint]\nfail-level = 'error'\n")
    write("a/b/pyproject.toml", "[project]\nname = 'dflint'\n")
    write("a/c/dflint.toml", "")
    write("a/c/pyproject.toml", "[tool.dflint]\npreview = true\n")
    write("a/d/dflint.toml", "nonsense = 1\n")
    finder = ConfigurationFinder(KNOWN)

    def of(path):
        return finder.of_file(str(tmp_path / path))

    assert of("Dockerfile")["preview"] is True
    assert of("a/Dockerfile")["preview"] is False
    assert of("a/Dockerfile")["fail-level"] == "error"
    assert of("a/b/deep/Dockerfile") is of("a/Dockerfile")
    assert of("a/c/Dockerfile").path == str(tmp_path / "a/c/dflint.toml")
    for _ in range(2):
        with pytest.raises(ConfigurationError):
            of("a/d/Dockerfile")
        with pytest.raises(ConfigurationError):
            of("a/d/e/Dockerfile")


def test_a_fixed_configuration_holds_everywhere(tmp_path):
    (tmp_path / "dflint.toml").write_text("nonsense = 1")
    fixed = Configuration()
    assert ConfigurationFinder(KNOWN, fixed).of_file(str(tmp_path / "Dockerfile")) is fixed


def test_load(tmp_path):
    path = tmp_path / "any-name.toml"
    path.write_text("preview = true\n")
    assert load_configuration(str(path), KNOWN)["preview"] is True
    for name, content, message in [
        ("missing.toml", None, "No such file"),
        ("bytes.toml", b"preview = true # \xff\n", "not UTF-8"),
        ("pyproject.toml", b"[project]\n", "has no table [tool.dflint]"),
    ]:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ConfigurationError, match=message.replace("[", r"\[")):
            load_configuration(str(tmp_path / name), KNOWN)


def test_excludes(tmp_path):
    (tmp_path / "dflint.toml").write_text("exclude = ['build/', '/top', '*.old', '!keep.old']\n")
    found = load_configuration(str(tmp_path / "dflint.toml"), KNOWN)

    def says(path, is_folder=False):
        return found.excludes(str(tmp_path / path), is_folder)

    assert says("build", True)
    assert says("a/build", True)
    assert not says("build")
    assert says("top")
    assert not says("a/top")
    assert says("a/Dockerfile.old")
    assert not says("keep.old")
    assert not found.excludes("/elsewhere/build", True)


def test_per_file_ignores_by_folder(tmp_path):
    path = str(tmp_path / "dflint.toml")
    found = read_configuration(path, "per-file-ignores = { 'test/' = ['base'], '*.dev' = ['style'] }", KNOWN)
    assert found.ignored_in(str(tmp_path / "test/x/Dockerfile.dev")) == ("base", "style")
    assert list(found.rule_set(KNOWN, str(tmp_path / "test/Dockerfile")).rules) == ["other-rule"]
    assert list(found.rule_set(KNOWN, str(tmp_path / "Dockerfile.dev")).rules) == ["tagged-base"]
    assert found.ignored_in("/elsewhere/test/Dockerfile") == ()


def test_the_settings_are_documented():
    for setting in SETTINGS:
        assert setting.description.endswith(".")
        assert setting.kind != "choice" or setting.default in setting.choices


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_a_module(name):
    from dflint.report import report
    from dflint.report.base import Options

    assert report(name, print, KNOWN, Options()) is not None
