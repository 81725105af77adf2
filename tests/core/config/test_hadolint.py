"""hadolint's configuration: what it means in dflint, where it is found, what is wrong with it."""

# ruff: noqa: PTH118
import os

import pytest
import tomli
from hypothesis import given, strategies

from dflint.cli.migrate import as_toml
from dflint.config import Configuration, ConfigurationError, ConfigurationFinder
from dflint.config.configuration import read_configuration
from dflint.config.hadolint import SEVERITIES, read_hadolint_configuration
from dflint.linter.registry import is_hadolint_code, registry


def read(text):
    return read_hadolint_configuration(".hadolint.yaml", text, registry())


def problems(text):
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def settings(made):
    """All that a configuration says, to compare two of them."""
    layer = made.layer()
    options = {rule: dict(table.items()) for rule, table in made.options.items()}
    return (
        sorted(layer.extend_select),
        sorted(layer.ignore),
        made["fail-level"],
        made["format"],
        dict(made.levels),
        options,
    )


def remarks(found):
    return [(remark.line, remark.text) for remark in found]


AS_STRICT = {"relative-workdir": {"every": True}, "shell-form-command": {"healthcheck": True}}
"""What makes rules as strict as hadolint's, with whatever file."""


@pytest.mark.parametrize("text", ["", "# nothing\n", "ignored:\noverride:\n", "other: 1\n", "no-fail: ~", "\ufeff{}"])
def test_says_nothing(text):
    made = read(text)
    assert not made.values and not made.ignored and not made.levels
    assert made.options == AS_STRICT
    assert set(made.selected) == {"unpinned-system-packages", "non-numeric-user"}  # what hadolint has on


def test_ignored():
    made = read("ignored:\n- DL3008 # apt\n# not now\n- dl3003\n- SC2086\n- DL9999\n- DL3061\n- style\n")
    assert {rule: [e.text for e in entries] for rule, entries in made.ignored.items()} == {
        "unpinned-system-packages": ["DL3008"],
        "cd-instead-of-workdir": ["dl3003"],
        "SC2086": ["SC2086"],
    }
    assert made.ignored["unpinned-system-packages"][0].behind == "apt"
    assert made.ignored["cd-instead-of-workdir"][0].above == ("not now",)
    assert "unpinned-system-packages" not in made.selected
    assert remarks(made.changed)[0] == (
        2,
        "DL3008: unpinned-system-packages is off, which is DL3018, DL3033, DL3037 and DL3041 too",
    )
    lost = remarks(made.lost)
    assert (7, "DL3061: part of syntax-error, which stays on: the builder refuses such a file") in lost
    assert (6, "DL9999 in ignored: not a code that dflint knows") in lost
    assert [line for line, _ in lost] == [7, 6, 8]


def test_override():
    text = (
        "override:\n  style: [DL3013, DL3015]\n  error: [DL3057, DL3016, DL3006]\n"
        "  warning: [DL3003]\nignored: [DL3006]"
    )
    made = read(text)
    assert made.levels == {
        "missing-healthcheck": "error",
        "unpinned-packages": "error",
        "cd-instead-of-workdir": "warning",
        "recommended-packages": "info",
    }
    assert made.selected["missing-healthcheck"] == ["DL3057"]  # naming it in an override turns it on in hadolint
    said = remarks(made.changed)
    assert (2, "DL3013: unpinned-packages is error, as another of its codes is") in said
    assert (2, "DL3015: style is info in dflint, whose findings fail the run") in said


def test_labels_and_registries():
    made = read(
        "label-schema:\n  a: text\n  b: ''\n  c: url\n  d: semver\n  e: url\nstrict-labels: true\n"
        "trustedRegistries: [hub.docker.com, '*.example.com']\n"
    )
    labels = ("a", "b", "c", "d", "e")
    assert made.options == {
        **AS_STRICT,
        "missing-label": {"required": labels},
        "empty-label": {"labels": labels},
        "invalid-label-value": {"url": ("c", "e"), "semver": ("d",)},
        "unknown-label": {"allowed": labels},
        "untrusted-registry": {"trusted-registries": ("hub.docker.com", "*.example.com", "docker.io")},
    }
    assert "unknown-label" not in read("label-schema: {a: text}\nstrict-labels: false").options
    alone = read("strict-labels: true")
    assert alone.options == AS_STRICT
    assert remarks(alone.lost) == [
        (1, "strict-labels: without label-schema it forbids all labels; unknown-label needs a list")
    ]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("failure-threshold: error", "error"),
        ("failure-threshold: warning", "warning"),
        ("failure-threshold: info", "info"),
        ("failure-threshold: style", "info"),
        ("failure-threshold: ignore", "info"),
        ("failure-threshold: none", "info"),  # in hadolint any finding fails the run then
        ("no-fail: true", "none"),
        ("no-fail: false", None),
        ("no-fail: true\nfailure-threshold: error", "none"),
    ],
)
def test_fail_level(text, level):
    assert read(text).values.get("fail-level") == level


@pytest.mark.parametrize("threshold", ["warning", "error"])
def test_threshold_keeps_the_levels_that_decide(threshold):
    """The same findings fail the run as in hadolint, whatever level dflint gives a rule by default."""
    made = read(f"failure-threshold: {threshold}")
    order = ("ignore", "style", "info", "warning", "error")
    for name, rule in registry().classes.items():
        codes = [alias for alias in rule.aliases if is_hadolint_code(alias)]
        if codes and name != "syntax-error":
            theirs = max(order.index(SEVERITIES.get(code, "warning")) for code in codes)
            ours = order.index(made.levels.get(name, rule.level))
            assert (ours >= order.index(threshold)) == (theirs >= order.index(threshold)), name
    assert "sudo-in-run" not in read("failure-threshold: error\nignored: [DL3004]").levels
    assert read("failure-threshold: error\noverride: {info: [DL3004]}").levels["sudo-in-run"] == "info"


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("format: tty", "text"),
        ("format: gnu", "concise"),
        ("format: codeclimate", "gitlab"),
        ("format: sarif", "sarif"),
        ("formats: [checkstyle, json]", "checkstyle"),
    ],
)
def test_format(text, format):
    assert read(text).values["format"] == format


def test_no_counterpart():
    made = read("no-color: true\nverbose: true\nformats: [json, sarif]\n# why\nmine:\n  a: 1 # x\n\nignored: []\n")
    lost = [text for _, text in remarks(made.lost)]
    assert "format sarif: dflint writes one format, the first" in lost
    assert {text.partition(":")[0] for text in lost} == {"no-color", "verbose", "format sarif", "mine"}
    assert made.lost_text == ["# why", "mine:", "  a: 1"]


def test_disabled_pragmas():
    made = read("disable-ignore-pragma: true\nignored: [DL1001]")
    assert made.options == {**AS_STRICT, "inline-hadolint-pragma": {"void": True}}
    assert made.selected["inline-hadolint-pragma"] == ["DL1001"]
    assert made.ignored == {}
    assert "inline-hadolint-pragma" not in read("").selected  # off by default there too
    assert "inline-hadolint-pragma" in read("override: {info: [DL1001]}").selected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- DL3006\n", ["1:1: expected keys and values, got a list"]),
        ("ignored: DL3006\n", ['1:10: "ignored" must be a list of strings, not a string']),
        ("ignored:\n  - DL3006\n  - 12\n", ['3:5: "ignored" must be a list of strings, not of an integer']),
        ("trustedRegistries: {a: b}", ['1:20: "trustedRegistries" must be a list of strings, not keys and values']),
        ("override: [DL3006]\n", ['1:11: "override" must be keys and values, not a list']),
        ("override:\n  error: DL3006\n", ['2:10: "error" must be a list of strings, not a string']),
        ("ignored: []\nignored: []\n", ['2:1: key "ignored" stands here twice']),
        ("[a]: 1\n", ["1:1: a key must be a word, not a list"]),
        ("no-fail: 1\nstrict-labels: x", ['1:10: "no-fail" must be true or false, not an integer',
                                          '2:16: "strict-labels" must be true or false, not a string']),
        ("failure-threshold: eror", [('1:20: "failure-threshold" must be one of error, warning, info, style, ignore, '
                                     'none, not "eror" (did you mean "error"?)')]),
        ("label-schema:\n  a: URL\n", [('2:6: "a" must be one of email, hash, rfc3339, semver, spdx, url, text, '
                                       'not "URL"')]),
        ("label-schema:\n  a:\n", [('2:5: "a" must be one of email, hash, rfc3339, semver, spdx, url, text, '
                                     'not nothing')]),
        ("a: b: c\n", ["1:5: not valid YAML: mapping values are not allowed here"]),
        ("ignored: [\n", [("2:1: not valid YAML: while parsing a flow node: expected the node content, but found "
                         "'<stream end>'")]),
        ("a: 1\nb: \0\n", ["2:4: not valid YAML: character U+0000"]),
        ("a: 1\n---\nb: 1\n", [("2:1: not valid YAML: expected a single document in the stream: but found another "
                               "document")]),
        ("[" * 5000, [" not usable: nested too deeply"]),
    ],
)  # fmt: skip
def test_problems(text, expected):
    assert problems(text) == [f".hadolint.yaml:{line}" for line in expected]


def test_anchors_and_recursion():
    assert set(read("a: &a [DL3003]\nignored: *a\n").ignored) == {"cd-instead-of-workdir"}
    assert problems("ignored: &a [*a]\n") == ['.hadolint.yaml:1:10: "ignored" must be a list of strings, not of a list']
    assert read("mine: &a\n  b: *a\n").lost_text == ["mine: &a", "  b: *a"]
    assert read("ignored: &a []\nmine: *a # why\n# end\nyours:\n- &b 1\n- *b\n").lost_text == [
        "# why", "mine: *a", "# end", "yours:", "- &b 1", "- *b",
    ]  # fmt: skip


ITEMS = strategies.lists(strategies.sampled_from(["DL3006", "DL3008", "DL3020", "SC2086", "DL1001", "DL4006"]))
WORDS = strategies.text(strategies.characters(blacklist_categories=["Cs"]), max_size=8)


@given(
    ITEMS,
    strategies.dictionaries(strategies.sampled_from(["error", "warning", "info", "style"]), ITEMS),
    strategies.lists(WORDS),
    strategies.dictionaries(WORDS, strategies.sampled_from(["text", "url", "email"])),
    strategies.sampled_from(["error", "warning", "info", "none"]),
    WORDS,
)
def test_migrated_means_the_same(ignored, override, trusted, labels, threshold, unknown):
    import yaml

    written = {
        "ignored": ignored,
        "override": override,
        "trustedRegistries": trusted,
        "label-schema": labels,
        "failure-threshold": threshold,
        "disable-ignore-pragma": True,
        f"x-{unknown}": {unknown: [unknown]},
    }
    text = yaml.safe_dump(written, allow_unicode=True) + f"# {''.join(filter(str.isprintable, unknown))}\n"
    made = read(text)
    toml = as_toml(made, ".hadolint.yaml")
    tomli.loads(toml)
    there = read_configuration("/x/dflint.toml", toml, registry())
    assert settings(there) == settings(made.configuration("/x/.hadolint.yaml"))
    names, codes = registry().selected([there.layer()])
    assert not names & set(made.ignored) and names >= set(made.selected)
    assert codes.off == {name for name in made.ignored if name.startswith("SC")}


@given(strategies.text(alphabet="ab:-[]{}#\n ,'\"&*!|>%@?\t\r\x85é"))
def test_any_text(text):
    try:
        toml = as_toml(read(text), "x")
    except ConfigurationError as error:
        assert error.problems
    else:
        tomli.loads(toml)


# --- Where it is found


def finder(**arguments):
    return ConfigurationFinder(registry(), **arguments)


@pytest.mark.parametrize("name", [".hadolint.yaml", ".hadolint.yml"])
def test_nearest(tmp_path, monkeypatch, name):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / name).write_text("no-fail: true")
    (tmp_path / ".hadolint.yaml").write_text("failure-threshold: error")
    monkeypatch.chdir(tmp_path)
    found = finder()
    assert found.of_file("a/b/Dockerfile")["fail-level"] == "none"
    assert found.of_file("Dockerfile")["fail-level"] == "error"
    assert found.of_folder(str(tmp_path / "a")).path == str(tmp_path / "a" / name)
    assert found.hadolint_files == [os.path.join("a", name), ".hadolint.yaml"]


def test_ours_wins(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".hadolint.yaml").write_text("no-fail: [not read")
    (tmp_path / "dflint.toml").write_text("")
    monkeypatch.chdir(tmp_path / "a")
    found = finder()
    assert found.of_file("Dockerfile").path == str(tmp_path / "dflint.toml")
    assert found.hadolint_files == []
    fixed = Configuration()
    assert finder(fixed=fixed).of_file("Dockerfile") is fixed


def test_working_directory(tmp_path, monkeypatch):
    """hadolint looks into the working directory, wherever the Dockerfile is."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / ".hadolint.yaml").write_text("no-fail: true")
    monkeypatch.chdir(tmp_path / "here")
    assert finder().of_file("../there/Dockerfile")["fail-level"] == "none"
    (tmp_path / "here" / "dflint.toml").write_text("")
    assert finder().of_file("../there/Dockerfile").path == ""


def test_wrong_file_is_told_each_time(tmp_path, monkeypatch):
    (tmp_path / ".hadolint.yaml").write_bytes(b"a: \xff")
    monkeypatch.chdir(tmp_path)
    found = finder()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"\.hadolint\.yaml: not UTF-8: invalid start byte$"):
            found.of_file("x/Dockerfile")
