"""Rules of other packages: found through their entry points, named when they fail, left out when not wanted."""

import json
import os
import shutil
import time

import pytest

RULE = '''
from dflint.linter.rule import Bad, Good, Rule


class {cls}(Rule):
    """An image is called after nobody.

    ## Why is this bad?

    It is.
    """

    name = "{name}"
    category = "style"
    level = "warning"
    since = "1.0.0"
    good = (Good("FROM acme/a:1\\n"),)
    bad = (Bad("FROM a:1\\n", at=("a:1",)),)

    def check_from(self, instruction, model):
        {check}
'''


def package(folder, name, source):
    """What an installer leaves of a package ``name`` with one module of rules."""
    module = name.replace("-", "_")
    (folder / f"{module}.py").write_text(source)
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[dflint.rules]\n{name} = {module}\n")


def with_site(environment, site):
    return {"PYTHONPATH": os.pathsep.join((environment["PYTHONPATH"], str(site)))}


def test_rules_of_a_plugin(dflint, environment, tmp_path):
    site, project = tmp_path / "site", tmp_path / "project"
    site.mkdir()
    project.mkdir()
    (project / "Dockerfile").write_text("FROM a:1\n")
    check = 'yield self.finding(instruction.image, "not of acme")'
    package(site, "acme", RULE.format(cls="AcmeImage", name="acme-image", check=check))
    package(site, "bang", RULE.format(cls="BangImage", name="bang-image", check="raise ValueError('bang')"))
    package(site, "crash", "raise RuntimeError('crash')\n")
    env = with_site(environment, site)
    code, out, err = dflint("--format", "concise", ".", env=env, cwd=project)
    assert "acme-image not of acme" in out
    assert "bang-image" in err and "crash" in err
    assert code == 2
    code, out, err = dflint("--format", "concise", "--no-plugins", ".", env=env, cwd=project)
    assert "acme-image" not in out and err == ""
    assert "acme-image" in dflint("rules", env=env, cwd=project)[1]


CHECK = 'yield self.finding(instruction.image, "not of acme")'


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM a:1\nUSER 1000\n")
    return folder


@pytest.fixture
def call(dflint, environment, tmp_path, project):
    """Call dflint in the project with the packages of ``site`` installed."""
    (tmp_path / "site").mkdir()
    env = {**with_site(environment, tmp_path / "site"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    return lambda *arguments, **more: dflint(*arguments, env=env, **{"cwd": project, **more})


def acme(site, check=CHECK, more=""):
    package(site, "acme", RULE.format(cls="AcmeImage", name="acme-image", check=check) + more)


def test_the_configuration_decides(call, tmp_path, project):
    acme(tmp_path / "site", more="\nimport sys\nsys.stderr.write('imported\\n')\n")
    told = {}
    for setting in ("true", "false", '["acme"]', "[]", '["acne"]', '"acme"'):
        (project / "dflint.toml").write_text(
            f'plugins = {setting}\nextend-select = ["acme"]\nignore = ["acme-other"]\n'
            '[rules.acme-image]\nlevel = "error"\n'
        )
        told[setting] = call("--format", "concise")
    # acme-other does not exist, which shows when the plug-in is whole
    for setting in ("true", '["acme"]'):
        code, _, err = told[setting]
        assert code == 2
        assert 'dflint.toml:3:11: unknown rule "acme-other"' in err
    for setting in ("false", "[]"):
        assert told[setting] == (0, "", "")
    assert 'unknown plug-in "acne" (did you mean "acme"?)' in told['["acne"]'][2]
    assert '"plugins" must be true, false or a list of strings, not a string' in told['"acme"'][2]
    (project / "dflint.toml").write_text('[rules.acme-image]\nlevel = "error"\n')
    code, out, err = call("--format", "concise")
    assert (code, out) == (1, "Dockerfile:1:6: error acme-image not of acme\n")
    assert err == "imported\n"
    assert call("--format", "concise", "--no-plugins") == (0, "", "")
    code, out, _ = call("--format", "concise", "--select", "acme-image")
    assert out
    (project / "dflint.toml").write_text("plugins = false\n")
    assert call("--format", "concise", "--no-config")[0] == 1
    assert call("--format", "concise", "--config", "dflint.toml") == (0, "", "")


def test_a_folder_may_do_without(call, tmp_path, project):
    acme(tmp_path / "site")
    (project / "sub").mkdir()
    (project / "sub" / "Dockerfile").write_text("FROM b:1\nUSER 1000\n")
    (project / "sub" / "dflint.toml").write_text("plugins = false\n")
    assert call("--format", "concise")[1] == "Dockerfile:1:6: warning acme-image not of acme\n"


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("yield None", "rule acme-image: TypeError: a check must yield what self.finding() gives, not None"),
        ("return 3", "rule acme-image: TypeError: 'int' object is not iterable"),
        ("yield self.finding(3, 'x')", "rule acme-image: AttributeError: 'int' object has no attribute 'start'"),
        ("yield self.finding(instruction, None)", "a check must yield what self.finding() gives"),
        ("yield self.finding(instruction, 'x', 'y')", "a check must yield what self.finding() gives"),
        ("yield self.finding(instruction, 'x')._replace(rule='untagged-base')", "a check must yield"),
        ("yield self.finding(instruction, 'x')._replace(end=1000)", "finding outside the text"),
        ("exec('import sys; sys.exit(0)'); yield", "rule acme-image: RuntimeError: a check must not end the program"),
    ],
)
def test_what_a_check_does_wrong_is_told(call, tmp_path, project, check, told):
    acme(tmp_path / "site", check)
    (project / "Dockerfile").write_text("FROM a\nUSER 1000\n")
    code, out, err = call("--format", "concise")
    assert code == 2
    assert "dflint: Dockerfile: " in err
    assert told in err
    assert "Traceback" not in err
    assert "untagged-base" in out, "the other rules run"


def test_a_plugin_that_cannot_be_loaded(call, tmp_path, project):
    package(tmp_path / "site", "crash", "raise RuntimeError('crash')\n")
    (project / "Dockerfile").write_text("# dflint ignore=crash-one why\nFROM a\nUSER 1000\n")
    (project / "dflint.toml").write_text('ignore = ["crash-two"]\n[rules.crash-three]\nlevel = "error"\n')
    code, out, err = call("--format", "concise")
    assert code == 2
    told = "dflint: plug-in crash (crash 1.0): cannot be loaded: RuntimeError: crash (crash.py:1 in <module> < "
    assert err.startswith(told)
    assert err.count("\n") == 1
    assert out == "Dockerfile:2:6: warning untagged-base a has no tag, so the build takes whatever is the latest\n"
    code, out, err = call("rules")
    assert code == 2
    assert err.count("cannot be loaded") == 1
    assert "untagged-base" in out


def test_where_a_rule_comes_from(call, tmp_path):
    acme(tmp_path / "site")
    code, out, err = call("rules", "acme", "DL3006")
    assert (code, err) == (0, "")
    assert "An image is called after nobody. [acme 1.0]\n" in out
    assert out.count("[") == 1
    code, out, err = call("rules", "acme", "DL3006", "--format", "json")
    by_name = {rule["name"]: rule for rule in json.loads(out)}
    assert by_name["acme-image"]["plugin"] == {"name": "acme", "package": "acme", "version": "1.0"}
    assert by_name["acme-image"]["url"] is None
    assert by_name["untagged-base"]["plugin"] is None
    assert by_name["untagged-base"]["url"].endswith("/untagged-base.md")
    out = call("rule", "acme-image")[1]
    assert "from the plug-in acme: acme 1.0\n" in out
    assert "http" not in out
    code, _, err = call("rule", "acme-image", "--no-plugins")
    assert (code, err) == (2, 'dflint: no rule "acme-image"\n')


@pytest.mark.parametrize("url", [None, "https://example.com/image"])
def test_links_come_from_the_class(call, tmp_path, url):
    acme(tmp_path / "site", more=f"    url = {url!r}\n")
    (finding,) = json.loads(call("--format", "json")[1])["findings"]
    assert finding["url"] == url
    (rule,) = json.loads(call("--format", "sarif")[1])["runs"][0]["tool"]["driver"]["rules"]
    assert rule.get("helpUri") == url
    assert rule["help"]["text"] == "An image is called after nobody." + (f"\n{url}" if url else "")
    (issue,) = json.loads(call("--format", "gitlab")[1])
    assert issue["content"]["body"] == "style" + (f": {url}" if url else "")
    assert (url or "from the plug-in") in call("rule", "acme-image")[1]


def test_the_linted_project_brings_no_rules(call, project):
    acme(project)
    assert call("--format", "concise") == (0, "", "")


def test_what_was_kept_is_not_given_without_the_plugin(call, tmp_path):
    """Neither results nor what was found in the folder outlive the package."""
    site = tmp_path / "site"
    acme(site)
    old = time.time() - 1000
    for path in (*site.rglob("*"), site):
        os.utime(path, (old, old))
    for _ in range(3):
        assert call("--format", "concise")[0] == 1
    shutil.rmtree(site / "acme-1.0.dist-info")
    assert call("--format", "concise") == (0, "", "")
    acme_again = site / "acme-1.0.dist-info"
    acme_again.mkdir()
    (acme_again / "entry_points.txt").write_text("[dflint.rules]\nacme = acme\n")
    assert call("--format", "concise")[0] == 1
    (site / "acme.py").write_text("1 / 0\n")
    assert "ZeroDivisionError" in call("--format", "concise")[2]


def test_processes_have_the_plugins_too(call, tmp_path, project):
    acme(tmp_path / "site")
    for number in range(30):
        (project / f"Dockerfile.{number}").write_text("FROM a:1\nUSER 1000\n")
    code, out, err = call("--format", "concise", "--jobs", "2", "--no-cache")
    assert (code, err) == (1, "")
    assert out.count("acme-image") == 31
