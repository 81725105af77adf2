"""Finding the plug-ins, and what of them is taken into the registry."""

import os
import sys
import time

import pytest

from dflint.linter import plugins
from dflint.linter.examples import check_good, check_rule
from dflint.linter.plugins import installed, with_plugins
from dflint.linter.registry import Layer, Plugin, Registry, UnknownSelectorError
from dflint.linter.rule import Good, Rule

OLD = time.time() - 1000


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An empty folder for packages, the only one on the path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", ["", str(folder)])
    monkeypatch.setattr(plugins, "_cache", lambda: str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


def announce(site, package, text, version="1.0", metadata=True):
    folder = site / f"{package.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "entry_points.txt").write_text(text)
    if metadata:
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n\nName: no\n")
    return folder


def found(site):
    return [(plugin.name, plugin.package, plugin.version, plugin.target) for plugin in installed()]


def test_nothing_installed(site):
    assert installed() == []
    own = Registry([])
    assert with_plugins(own, []) is own


def test_entry_points_are_read_as_they_are_specified(site):
    announce(site, "acme-dflint", "[dflint.rules]\nacme = acme.rules\n", "1.2")
    announce(
        site,
        "other",
        "# [dflint.rules]\n[console_scripts]\nno=no:no\n\n[ dflint.rules ]\r\n; x = y\n # z = y\n"
        "one-rule=other . rules : Sub.Rule [extra]\n\n[more]\nno = no\n",
        metadata=False,
    )
    announce(site, "unrelated", "[console_scripts]\na = b:c\n")
    (site / "nothing-1.0.dist-info").mkdir()
    (site / "file-1.0.dist-info").write_text("")
    assert found(site) == [
        ("acme", "acme-dflint", "1.2", "acme.rules"),
        ("one-rule", "other", "1.0", "other.rules:Sub.Rule"),
    ]


def test_the_first_folder_of_the_path_wins(site, tmp_path, monkeypatch):
    other = tmp_path / "other"
    announce(site, "acme-dflint", "[dflint.rules]\nacme = acme.new\n", "2.0")
    announce(other, "Acme_dflint", "[dflint.rules]\nacme = acme.old\nolder = acme.old\n", "1.0")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "gone"), str(site), str(other), str(site)])
    assert found(site) == [("acme", "acme-dflint", "2.0", "acme.new")]


def test_the_working_directory_is_left_out(site, tmp_path, monkeypatch):
    announce(tmp_path, "evil", "[dflint.rules]\nevil = evil\n")
    monkeypatch.chdir(tmp_path)
    for first in ("", str(tmp_path)):
        monkeypatch.setattr(sys, "path", [first, str(site)])
        assert installed() == []
    monkeypatch.setattr(sys, "path", [str(site), str(tmp_path)])  # named on purpose
    assert [plugin.name for plugin in installed()] == ["evil"]


def test_what_was_found_is_kept_until_the_folder_changes(site, tmp_path, monkeypatch):
    announce(site, "acme", "[dflint.rules]\nacme = acme\n")
    os.utime(site, (OLD, OLD))
    first = installed()
    assert (tmp_path / "kept").exists()
    with monkeypatch.context() as patched:
        patched.setattr(plugins, "_announced", lambda folder: pytest.fail(f"{folder} is listed again"))
        assert installed() == first
    announce(site, "new", "[dflint.rules]\nnew = new\n")
    assert [plugin.name for plugin in installed()] == ["acme", "new"]


def test_a_folder_that_changed_just_now_is_not_kept(site, tmp_path):
    """An installer may be between making ``.dist-info`` and filling it."""
    folder = site / "acme-1.0.dist-info"
    folder.mkdir()
    assert installed() == []
    (folder / "entry_points.txt").write_text("[dflint.rules]\nacme = acme\n")
    assert [plugin.name for plugin in installed()] == ["acme"]
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("content", [b"", b"\0", b"nonsense", b"i\1\0\0\0", None])
def test_a_damaged_note_is_made_again(site, tmp_path, content):
    announce(site, "acme", "[dflint.rules]\nacme = acme\n")
    os.utime(site, (OLD, OLD))
    if content is None:
        installed()
        content = (tmp_path / "kept").read_bytes()[:-7]
    (tmp_path / "kept").write_bytes(content)
    assert [plugin.name for plugin in installed()] == ["acme"]
    assert (tmp_path / "kept").read_bytes() != content


def test_a_note_that_cannot_be_written_is_done_without(site, tmp_path, monkeypatch):
    announce(site, "acme", "[dflint.rules]\nacme = acme\n")
    os.utime(site, (OLD, OLD))
    for place in (str(tmp_path / "no" / "folder"), None):
        monkeypatch.setattr(plugins, "_cache", lambda place=place: place)
        assert [plugin.name for plugin in installed()] == ["acme"]
    monkeypatch.setattr(plugins, "_cache", lambda: str(tmp_path / "kept"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [plugin.name for plugin in installed()] == ["acme"]
    assert not (tmp_path / "kept").exists()


# --- Loading


def own_rule(name, **more):
    return type("Own", (Rule,), {"name": name, "category": "base", "level": "info", "since": "0.1.0", **more})


OWN = Registry([own_rule("untagged-base", aliases=("DL3006",))], {"broken-one": "of no use"})
HEAD = "from dflint.linter.rule import Rule\n"


def source(cls, name, **more):
    values = {"name": name, "category": "style", "level": "warning", "since": "1.0.0", **more}
    lines = [f"    {key} = {value!r}\n" for key, value in values.items() if value is not None]
    return f"\n\nclass {cls}(Rule):\n    '''One.'''\n{''.join(lines)}"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Make modules, name to source, and load plug-ins, name to target."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def loaded(modules, targets, wanted=True):
        for name, text in modules.items():
            path = tmp_path / (name.replace(".", "/") + ".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            monkeypatch.delitem(sys.modules, name, raising=False)
        announced = [Plugin(name, f"{name}-dflint", "1.0", target) for name, target in targets.items()]
        return with_plugins(OWN, sorted(announced), wanted)

    yield loaded
    for name in [n for n in sys.modules if n.partition(".")[0].startswith("plug_")]:
        del sys.modules[name]


def test_the_rules_of_a_module(load):
    known = load(
        {
            "plug_a.__init__": "",
            "plug_a.base": HEAD + "class Base(Rule):\n    category = 'style'\n" + source("One", "acme-one"),
            "plug_a.rules": "from plug_a.base import Base, One\nfrom dflint.linter.rule import Rule\n"
            "from dflint.rules.untagged_base import UntaggedBase\n"
            "class Two(Base):\n    '''Two.'''\n    name, level, since = 'acme-two', 'info', '1.0.0'\nAlias = Two\n",
        },
        {"acme": "plug_a.rules"},
    )
    assert known.problems == []
    assert set(known.classes) == {"acme-one", "acme-two", "untagged-base"}
    assert {name: str(plugin) for name, plugin in known.origins.items()} == dict.fromkeys(
        ("acme-one", "acme-two"), "plug-in acme (acme-dflint 1.0)"
    )
    assert known.broken == OWN.broken
    assert not known.incomplete


def test_a_class(load):
    known = load({"plug_b": HEAD + source("One", "acme-one") + source("Two", "acme-two")}, {"acme-one": "plug_b:One"})
    assert known.problems == []
    assert set(known.origins) == {"acme-one"}


@pytest.mark.parametrize(
    ("text", "target", "told"),
    [
        ("1 / 0\n", "plug_c", "cannot be loaded: ZeroDivisionError: division by zero (plug_c.py:1 in <module>"),
        (
            "import no_such_module\n",
            "plug_c",
            "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("def (\n", "plug_c", "cannot be loaded: SyntaxError"),
        ("raise SystemExit(3)\n", "plug_c", "cannot be loaded: SystemExit: 3"),
        ("", "plug_nowhere", "cannot be loaded: ModuleNotFoundError"),
        ("", "plug_c:Rule", "cannot be loaded: AttributeError"),
        ("", "", "cannot be loaded: ValueError"),
        ("", "plug_c", "cannot be loaded: ImportError: plug_c holds no rule"),
        ("from dflint.linter.rule import Rule\n", "plug_c", "holds no rule"),
        ("Rule = 3\n", "plug_c:Rule", "neither a module nor a class of a rule"),
        (HEAD + source("A", None), "plug_c:A", 'rule "A" refused: it has no name'),
        (HEAD + source("A", "acme-a", level=None, since=None), "plug_c", "it has no level, no since"),
        (HEAD + source("A", "acme-A"), "plug_c", 'rule "acme-A" refused: its name must be in kebab-case'),
        (HEAD + source("A", "other-a"), "plug_c", 'its name must start with "acme-"'),
        (HEAD + source("A", "acmea"), "plug_c", 'its name must start with "acme-"'),
        (HEAD + source("A", "acme-a", category="taste"), "plug_c", 'no such category: "taste" (syntax, base, '),
        (HEAD + source("A", "acme-a", level="fatal"), "plug_c", 'no such level: "fatal"'),
        (HEAD + source("A", "acme-a", status="new"), "plug_c", 'no such status: "new"'),
        (HEAD + source("A", "acme-a", aliases=("dl3006",)), "plug_c", 'its alias "dl3006" is taken by dflint'),
        (HEAD + source("A", "acme-a", aliases=("Cache",)), "plug_c", 'its alias "Cache" is taken by dflint'),
        (HEAD + source("A", "acme-a", aliases=["X1"]), "plug_c", "its aliases are no tuple"),
        (HEAD + source("A", "acme-a", aliases=(1,)), "plug_c", "AttributeError"),
        (HEAD + source("A", "acme-a", options={"x": 1}), "plug_c", "its options are not of the class Option"),
        (HEAD + source("A", "acme-a", programs=3) + "    check_command = print\n", "plug_c", "TypeError"),
        (
            HEAD
            + source("A", "acme-a")
            + "    def __init__(self, settings=None):\n        raise ValueError('never')\n",
            "plug_c",
            'rule "acme-a" refused: ValueError: never',
        ),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_there(load, text, target, told):
    sound = HEAD + source("B", "good-b")
    known = load({"plug_c": text, "plug_d": sound}, {"acme": target, "good": "plug_d"})
    assert set(known.origins) == {"good-b"}
    (problem,) = known.problems
    assert problem.startswith("plug-in acme (acme-dflint 1.0): ")
    assert told in problem
    assert known.incomplete == {"acme"}


def test_a_refused_rule_leaves_the_others_of_its_plugin(load):
    known = load({"plug_e": HEAD + source("A", "acme-a") + source("B", "b")}, {"acme": "plug_e"})
    assert set(known.origins) == {"acme-a"}
    assert len(known.problems) == 1


def test_names_are_given_once(load):
    text = HEAD + source("A", "untagged-base")
    known = load({"plug_f": text}, {"untagged": "plug_f", "base": "plug_f", "All": "plug_f", "untagged-base": "plug_f"})
    assert known.classes == OWN.classes
    assert [problem.partition(": ")[2] for problem in known.problems] == [
        "not loaded: its name must be in kebab-case",
        'not loaded: "base" means something else in dflint',
        'rule "untagged-base" refused: dflint has a rule of that name',
        'not loaded: "untagged-base" means something else in dflint',
    ]
    both = HEAD + source("A", "acme-one-a", aliases=("ACME1",))
    known = load({"plug_g": both, "plug_h": both}, {"acme": "plug_g", "acme-one": "plug_h"})
    (problem,) = known.problems
    assert problem.startswith('plug-in acme-one (acme-one-dflint 1.0): rule "acme-one-a" refused: ')
    assert problem.endswith("plug-in acme (acme-dflint 1.0) has a rule of that name")
    twice = [Plugin("acme", package, "1.0", "plug_g") for package in ("one", "two")]
    assert with_plugins(OWN, twice).problems == [
        "plug-in acme (two 1.0): not loaded: plug-in acme (one 1.0) has the same name"
    ]


def test_selectors(load):
    text = HEAD + source("A", "acme-a", aliases=("DL9999",)) + source("B", "acme-b", status="off", aliases=("Bee",))
    known = load({"plug_i": text}, {"acme": "plug_i"})
    assert known.resolve("ACME") == {"acme-a", "acme-b"}
    assert known.resolve("dl9999") == {"acme-a"}
    assert known.resolve("style") == {"acme-a", "acme-b"}
    assert known.resolve("hadolint") == {"untagged-base"}, "dflint's own only"
    assert known.resolve("buildkit") == set()
    assert known.selected().names == {"untagged-base", "acme-a"}
    assert known.selected([Layer(select=["acme"])]).names == {"acme-a"}
    assert known.selected([Layer(ignore=["acme"], extend_select=["acme-b"])]).names == {"untagged-base", "acme-b"}
    assert known.suggestion("acmee") == "acme"
    assert known.from_plugins_but(True) == known.from_plugins_but(["acme"]) == set()
    assert known.from_plugins_but(False) == known.from_plugins_but(["other"]) == {"acme-a", "acme-b"}


def test_rules_that_are_not_loaded_may_be_named(load):
    text = HEAD + source("A", "acme-a")
    for wanted in (False, ["other"]):
        known = load({"plug_j": text}, {"acme": "plug_j"}, wanted)
        assert "plug_j" not in sys.modules
        assert known.classes == OWN.classes
        assert known.problems == []
        assert known.has_plugin("acme")
        assert known.resolve("acme-a") == known.resolve("acme") == set()
        with pytest.raises(UnknownSelectorError):
            known.resolve("acme_a")
    known = load({"plug_j": text}, {"acme": "plug_j"}, ["acme"])
    assert known.resolve("acme-a")
    with pytest.raises(UnknownSelectorError, match="acme-a"):
        known.resolve("acme-aa")


def test_examples_know_the_rule_that_they_belong_to():
    class Tagged(Rule):
        """An image has a tag.

        ## Why is this bad?

        It is not.
        """

        name = "acme-tagged"
        category = "base"
        level = "info"
        since = "1.0.0"
        aliases = ("ACME001",)

        def check_from(self, instruction, model):
            yield self.finding(instruction.image, "tagged")

    assert check_good(Tagged, Good("# dflint ignore=acme-tagged no\nFROM a:1\n")) == []
    assert check_good(Tagged, Good("FROM a:1\n")) == ["reported 'a:1': tagged"]
    assert check_rule(Tagged) == ["no good example", "no bad example"], "neither the file nor the code is told of"
