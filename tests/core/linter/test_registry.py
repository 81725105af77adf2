"""Selectors, layers and the listing of the rule files."""

import pytest

from dflint.linter.registry import ALL_CODES, Layer, Registry, UnknownSelectorError, module_stems, registry
from dflint.linter.rule import Rule


def rule(name, category="style", aliases=(), status="stable"):
    return type(
        "Made", (Rule,), {"name": name, "category": category, "level": "info", "aliases": aliases, "status": status}
    )


@pytest.fixture
def known():
    return Registry(
        [
            rule("untagged-base", "base", ("DL3006",)),
            rule("stage-name-casing", "style", ("StageNameCasing",)),
            rule("both", "style", ("DL3025", "JSONArgsRecommended")),
            rule("fresh", "base", status="preview"),
            rule("strict", "labels", ("DL3048",), status="off"),
        ]
    )


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("untagged-base", {"untagged-base"}),
        ("UNTAGGED-BASE", {"untagged-base"}),
        ("dl3006", {"untagged-base"}),
        ("stagenamecasing", {"stage-name-casing"}),
        ("base", {"untagged-base", "fresh"}),
        ("cache", set()),
        ("hadolint", {"untagged-base", "both", "strict"}),
        ("buildkit", {"stage-name-casing", "both"}),
        ("all", {"untagged-base", "stage-name-casing", "both", "fresh", "strict"}),
    ],
)
def test_resolve(known, selector, names):
    assert known.resolve(selector) == names


def test_unknown_selector_names_the_nearest(known):
    with pytest.raises(UnknownSelectorError) as caught:
        known.resolve("untaged-base")
    assert caught.value.suggestion == "untagged-base"
    assert str(caught.value) == 'unknown rule "untaged-base" (did you mean "untagged-base"?)'
    with pytest.raises(UnknownSelectorError) as caught:
        known.resolve("DL3007")
    assert caught.value.suggestion == "DL3006"
    with pytest.raises(UnknownSelectorError) as caught:
        known.resolve("qqqqqq")
    assert caught.value.suggestion is None


STABLE = {"untagged-base", "stage-name-casing", "both"}


@pytest.mark.parametrize(
    ("layers", "preview", "names"),
    [
        ((), False, STABLE),
        ((), True, STABLE | {"fresh"}),
        ((Layer(select=["base"]),), False, {"untagged-base"}),
        ((Layer(select=["base"]),), True, {"untagged-base", "fresh"}),
        ((Layer(select=["fresh"]),), False, {"fresh"}),
        ((Layer(select=["all"]),), False, STABLE | {"strict"}),
        ((Layer(select=["hadolint"]),), False, {"untagged-base", "both", "strict"}),
        ((Layer(extend_select=["strict"]),), False, STABLE | {"strict"}),
        ((Layer(ignore=["style"]),), False, {"untagged-base"}),
        # the more exact one wins, whatever the order
        ((Layer(ignore=["style"], extend_select=["both"]),), False, {"untagged-base", "both"}),
        ((Layer(select=["all"], ignore=["base"]),), False, {"stage-name-casing", "both", "strict"}),
        ((Layer(select=["both"], ignore=["both"]),), False, set()),
        # the command line over the configuration
        ((Layer(select=["base"], extend_select=["both"]), Layer(select=["stage-name-casing"])), False,
         {"stage-name-casing"}),
        ((Layer(ignore=["both"]), Layer(select=["both", "untagged-base"])), False, {"both", "untagged-base"}),
        ((Layer(ignore=["both"]), Layer(select=["style"])), False, {"stage-name-casing"}),
        ((Layer(select=["base"]), Layer(extend_select=["both"])), False, {"untagged-base", "both"}),
        ((Layer(), Layer(), Layer(ignore=["both"])), False, STABLE - {"both"}),
    ],
)  # fmt: skip
def test_selected(known, layers, preview, names):
    assert known.selected(layers, preview=preview) == (names, ALL_CODES)


@pytest.mark.parametrize(
    ("layers", "runs", "off", "only"),
    [
        ((), True, [], None),
        ((Layer(ignore=["sc2086"]),), True, ["SC2086"], None),
        ((Layer(select=["SC2086", "sc2046"]),), True, [], ["SC2046", "SC2086"]),
        ((Layer(select=["base", "SC2086"]), Layer(ignore=["SC2086"])), False, ["SC2086"], None),
        ((Layer(ignore=["SC2086"]), Layer(select=["SC2086"])), True, [], ["SC2086"]),
        ((Layer(ignore=["SC2086"]), Layer(select=["shell"])), True, ["SC2086"], None),
        ((Layer(ignore=["SC2086"]), Layer(select=["hadolint"])), True, ["SC2086"], None),
        # a code is more exact than its rule
        ((Layer(ignore=["shellcheck"], extend_select=["SC2086"]),), True, [], ["SC2086"]),
        ((Layer(select=["shellcheck"], ignore=["SC2086", "SC1000"]),), True, ["SC1000", "SC2086"], None),
        ((Layer(extend_select=["SC2086"]),), True, [], None),
        ((Layer(ignore=["shellcheck"]),), False, [], None),
    ],
)  # fmt: skip
def test_selected_codes(layers, runs, off, only):
    names, codes = registry().selected(layers)
    assert ("shellcheck" in names) is runs
    assert codes == (frozenset(off), None if only is None else frozenset(only))
    assert codes.has("SC2086") is ("SC2086" not in off and (only is None or "SC2086" in only))


def test_codes_ignored_for_a_file():
    selection = registry().selected([Layer(select=["SC2086", "SC2046", "untagged-base"])])
    names, codes = selection.without(["sc2086", "untagged-base"], registry())
    assert names == {"shellcheck"}
    assert codes.has("SC2046") and not codes.has("SC2086") and not codes.has("SC2006")


def test_sets_of_others_mean_what_is_on_there():
    by_hadolint, by_buildkit = (registry().selected([Layer(select=[name])]).names for name in ("hadolint", "buildkit"))
    assert {"unpinned-system-packages", "non-numeric-user", "shellcheck", "untagged-base"} <= by_hadolint
    assert not {"inline-hadolint-pragma", "missing-healthcheck", "malformed-description"} & (by_hadolint | by_buildkit)
    assert "as-keyword-casing" in by_buildkit and "shellcheck" not in by_buildkit


def test_the_rules_are_the_files_of_the_folder():
    known = registry()
    assert not known.broken
    assert [name.replace("-", "_") for name in known.classes] == sorted(
        module_stems(), key=lambda stem: stem.replace("_", "-")
    )
    assert {"syntax-error", "unused-suppression"} <= set(known.classes)


def test_a_file_that_cannot_be_imported_is_named_and_the_others_stay(tmp_path, monkeypatch):
    import dflint.linter.registry as module
    import dflint.rules

    (tmp_path / "crashing_rule.py").write_text("1 / 0\n")
    (tmp_path / "nameless_rule.py").write_text("from dflint.linter.rule import Rule\n")
    monkeypatch.setattr(dflint.rules, "__path__", [*dflint.rules.__path__, str(tmp_path)])
    monkeypatch.setattr(module, "_default", None)
    known = module.registry()
    assert known.broken["crashing-rule"] == "ZeroDivisionError: division by zero"
    assert "holds no Rule" in known.broken["nameless-rule"]
    assert "syntax-error" in known.classes
