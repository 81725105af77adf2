"""Rules of other packages: found through their entry points, named when they fail, left out when not wanted."""

import os

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
