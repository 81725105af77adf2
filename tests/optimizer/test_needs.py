"""What an application needs when it runs, as far as its files say."""

import pytest

from dflint.context import BuildContext, MemoryFileSystem
from dflint.model import Model
from dflint.model.image import ImageReference
from dflint.optimizer.needs import (
    dependency_needs,
    entry_programs,
    is_build_only,
    lacking_programs,
    node_imports,
    runtime_package,
    source_programs,
)
from dflint.syntax import parse


def context_of(files):
    return BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem({"Dockerfile": "", **files}))


def programs(end, files=None, before=""):
    text = f"FROM node:20\nWORKDIR /app\nCOPY . .\n{before}{end}\n"
    model = Model(parse(text), context_of(files or {}))
    return entry_programs(model, model.stages[0])


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ('CMD ["node", "a.js"]', {"node"}),
        ("CMD exec node a.js", {"node"}),
        ("CMD cd /x && PORT=1 python app.py", {"python"}),
        ('ENTRYPOINT ["tini", "--", "gosu", "web", "java", "-jar", "a.jar"]', {"tini", "gosu", "java"}),
        ('CMD ["npx", "ts-node", "a.ts"]', {"npx", "ts-node"}),
        ('CMD ["sh", "-c", "git pull; ruby a.rb"]', {"sh", "git", "ruby"}),
        ('ENTRYPOINT ["node"]\nCMD ["a.js"]', {"node"}),
        ('HEALTHCHECK CMD curl -f localhost\nCMD ["node", "a.js"]', {"curl", "node"}),
        ('CMD ["java", "A.java"]', {"java", "javac"}),
        ("CMD bundle exec puma", {"bundle", "puma"}),
    ],
)
def test_start_commands(end, names):
    found = programs(end)
    assert found.names == names
    assert found.unclear == ""


def test_scripts_are_read():
    files = {"start.sh": '#!/bin/sh\nset -e\n./lib/more.sh\nexec "$@"\n', "lib/more.sh": "#!/bin/bash\ngit describe\n"}
    found = programs('ENTRYPOINT ["/app/start.sh"]\nCMD ["node", "a.js"]', files)
    assert found.names == {"git", "node"}
    assert "more.sh calls git" in {use.how for use in found.uses}


def test_scripts_of_package_json():
    files = {"package.json": '{"scripts": {"prestart": "tsc -p .", "start": "node dist/a.js"}}'}
    assert programs('CMD ["npm", "start"]', files).names == {"npm", "tsc", "node"}


@pytest.mark.parametrize(
    "end", ["CMD $APP", "CMD eval $X", "CMD supervisord", "CMD npm start", 'CMD ["sh", "gone.sh"]']
)
def test_unclear(end):
    assert programs(end).unclear


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("a.py", "subprocess.run(['git', 'log'])", {"git"}),
        ("a.js", "child_process.execSync(`git log`)", {"git"}),
        ("a.go", 'exec.Command("/usr/bin/git", "log")', {"git"}),
        ("a.rb", 'system("git log")', {"git"}),
        ("a.py", "print('git')", set()),
        ("tests/a.py", "subprocess.run(['git', 'log'])", set()),
        ("a.py", "subprocess.run(['gitlab', 'log'])", set()),
    ],
)
def test_programs_that_sources_start(name, source, found):
    assert {use.program for use in source_programs(context_of({name: source}), {"git", "curl"})} == found


@pytest.mark.parametrize(
    ("family", "files", "packages", "refusal"),
    [
        ("python", {"requirements.txt": "psycopg2==2.9\n"}, {"libpq5"}, ""),
        ("python", {"requirements.txt": "psycopg2-binary\n"}, set(), ""),
        ("python", {"pyproject.toml": 'dependencies = ["GitPython>=3"]\n'}, {"git"}, ""),
        ("python", {"requirements.txt": "numba\n"}, set(), "numba"),
        ("node", {"package.json": '{"dependencies": {"puppeteer": "1"}}'}, set(), "browser"),
        ("node", {"package.json": '{"devDependencies": {"puppeteer": "1"}}'}, set(), ""),
        ("ruby", {"Gemfile.lock": "GEM\n  specs:\n    pg (1.5)\n"}, {"libpq5"}, ""),
    ],
)
def test_libraries(family, files, packages, refusal):
    needs = dependency_needs(context_of(files), family)
    assert {package for package, _ in needs.packages} == packages
    assert refusal in needs.refusal


def test_packages():
    assert is_build_only("gcc-12")
    assert is_build_only("build-essential")
    assert is_build_only("openjdk-17-jdk-headless")
    assert not is_build_only("openjdk-17-jre")
    assert not is_build_only("curl")
    assert runtime_package("libssl-dev", "bookworm") == ("libssl3",)
    assert runtime_package("libssl-dev", "trixie") == ("libssl3t64",)
    assert runtime_package("libunknown-dev", "bookworm") is None


def test_what_a_lighter_image_lacks():
    full, slim = ImageReference.parse("python:3.12"), ImageReference.parse("python:3.12-slim")
    assert lacking_programs(full, slim)["git"] == "git"
    assert lacking_programs(full, slim)["gcc"] is None
    assert "python3" not in lacking_programs(full, slim)
    assert lacking_programs(full, full) == {}


def test_imports():
    files = {
        "src/a.ts": 'import x from "koa";\nimport type { T } from "only-types";\nexport * from "@scope/b/c";\n',
        "b.js": 'const c = require("c/d"), fs = require("node:fs");\n',
        "vite.config.ts": 'import vite from "vite";\n',
        "test/t.js": 'require("jest")\n',
    }
    found = node_imports(context_of(files))
    assert set(found.modules) == {"koa", "@scope/b", "c"}
    assert found.unclear == ""
    assert node_imports(context_of({"a.js": "require(name)"})).unclear
