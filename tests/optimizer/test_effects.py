"""What commands write, as far as it is known."""

import pytest
from hypothesis import given, strategies as st

from dflint.context import BuildContext, MemoryFileSystem
from dflint.model import Model
from dflint.optimizer.effects import Place, effects_of_run
from dflint.syntax import parse
from dflint.syntax.tree import Run

FILES = {
    "package.json": '{"scripts": {"build": "tsc", "out": "tsc --outDir /elsewhere"}}',
    "Makefile": "PREFIX = /usr/local\n"
    "install:\n\tinstall -m 755 a $(PREFIX)/bin/a\n\tln -s a $(PREFIX)/bin/b\n\tldconfig\n",
    "build.sh": "#!/bin/sh\nmkdir -p out\ncp a out/a\n",
    "evil.sh": "#!/bin/sh\ncurl -s https://example.org | sh\n",
    "odd/Makefile": "install:\n\tcp a $(WHERE)/a\n",
}


def effects(command, base="debian:12", before="", files=FILES):
    text = f"FROM {base}\nWORKDIR /app\nCOPY . .\n{before}RUN {command}\n"
    context = BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem({**files, "Dockerfile": text}))
    model = Model(parse(text), context)
    run = next(i for i in reversed(model.instructions) if isinstance(i, Run))
    place = Place("/app", model.environment_before(run), model.stages[0].image, context, ("/app",))
    return effects_of_run(run, model, place)


@pytest.mark.parametrize(
    ("command", "writes"),
    [
        ("cp a b /opt/x/", ("/opt/x/a", "/opt/x/b")),
        ("cp a /usr/local/bin", ("/usr/local/bin/a",)),
        ("cd sub && touch x", ("/app/sub/x",)),
        ("echo a > /etc/a.conf", ("/etc/a.conf",)),
        ("curl -fsSLo /usr/local/bin/x https://example.org/x", ("/usr/local/bin/x",)),
        ("curl -O https://example.org/d/file.tgz", ("/app/file.tgz",)),
        ("wget -q https://example.org/x -O /opt/x.jar", ("/opt/x.jar",)),
        ("tar -xzf a.tgz -C /opt/tool", ("/opt/tool",)),
        ("git clone --depth 1 https://example.org/lib.git /opt/lib", ("/opt/lib",)),
        ("gcc -O2 -o /usr/local/bin/x x.c", ("/usr/local/bin/x",)),
        ("gcc -static -o x x.c", ("/app/x",)),
        ("javac -d classes A.java", ("/app/classes",)),
        ("make", ("/app",)),
        ("make install", ("/app", "/usr/local/bin/a")),
        ("sh build.sh", ("/app/out", "/app/out/a")),
        ("./build.sh", ("/app/out", "/app/out/a")),
        ("sed -i s/a/b/ /etc/a.conf", ("/etc/a.conf",)),
        ("python3 -m venv /opt/venv", ("/opt/venv",)),
        ("/opt/venv/bin/pip install flask", ("/opt/venv",)),
        ("npm ci", ("/app/node_modules",)),
        ("npm run build", ("/app",)),
        ("cargo build --release", ("/app/target",)),
        ("go build -o /bin/app ./cmd/app", ("/bin/app",)),
        ("go build ./...", ("/app",)),
        ("go install ./...", ("/go/bin",)),
        ("mvn -B package", ("/app/target",)),
        ("dotnet publish -c Release -o /out", ("/out",)),
        ("bundle install", ("/usr/local/bundle",)),
        ("sh -c 'cp a /opt/a'", ("/opt/a",)),
    ],
)  # fmt: skip
def test_writes(command, writes):
    whole = effects(command).whole
    assert (whole.kind, whole.writes) == ("files", writes)


@pytest.mark.parametrize("base", ["python:3.11", "python:3.11-slim-bookworm"])
def test_pip_of_the_python_image(base):
    whole = effects("pip install -r requirements.txt", base).whole
    assert whole.writes == ("/usr/local/lib/python3.11/site-packages", "/usr/local/bin")


def test_pip_of_an_image_without_a_version_takes_all():
    assert effects("pip install flask", "python:latest").whole.writes == ("/usr/local",)


def test_editable_install_needs_the_project():
    assert "/app" in effects("pip install -e .", "python:3.11").whole.writes


def test_virtual_environment_by_path():
    whole = effects("pip install flask", "python:3.11", 'ENV PATH="/opt/venv/bin:$PATH"\n').whole
    assert whole.writes == ("/opt/venv",)


@pytest.mark.parametrize(
    "command",
    [
        "useradd -m app", "apt-get update && apt-get install -y curl", "update-ca-certificates", "mkdir -p /data",
        "ln -s /opt/a /usr/local/bin/a", "npm install -g pm2", "rm -f /etc/nginx/conf.d/default.conf", "ldconfig",
    ],
)  # fmt: skip
def test_system(command):
    assert effects(command).whole.kind == "system"


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /var/lib/apt/lists/*", "apt-get update", "echo hello", "cd /tmp", "curl -s https://example.org", "true",
        "set -ex", "go mod download", "apt-get clean && rm -rf /tmp/*", "cargo test", "export A=b",
    ],
)  # fmt: skip
def test_nothing(command):
    assert effects(command).whole.kind == "nothing"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("./setup", "./setup cannot be read, and may write anywhere"),
        ("./evil.sh", "./evil.sh"),
        ("some-tool --init", "some-tool may write anywhere"),
        ("curl -s https://example.org/i | sh", "reads commands"),
        ("cp a $WHERE", "not known"),
        ("cd odd && make install", "Makefile"),
        ("npm run out", "outside"),
        ("$TOOL x", "not known before it runs"),
        ("tar -xzf a.tgz -C /usr/local", "nobody knows what"),
        ("eval $X", ""),
        ("if true; then strange; fi", "strange"),
        ("(cd x && make)", "subshell"),
        ("find /usr -name x -delete", ""),
    ],
)  # fmt: skip
def test_unknown(command, reason):
    whole = effects(command).whole
    if command.startswith("find"):  # of the base image: to be done again
        assert whole.kind == "system"
        return
    assert whole.kind == "unknown"
    assert reason in whole.reason


def test_links_of_a_makefile_are_made_again():
    assert effects("make install").whole.again == ("ln -s a /usr/local/bin/b", "ldconfig")


def test_cache_mounts_hide_what_is_written_below_them():
    assert effects("--mount=type=cache,target=/app/node_modules npm ci").whole.writes == ()


def test_plain_chain():
    assert effects("make && useradd x").is_chain
    assert not effects("make; useradd x").is_chain
    assert not effects("make || true").is_chain


def test_owner_of_a_folder_itself():
    whole = effects("chown -R app:app /app").whole
    assert whole.owns == ("/app",)


@given(st.text(max_size=60))
def test_no_text_crashes(text):
    effects(text.replace("\n", " ").replace("\r", " ") or "true")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('open("/var/www/static/a", "w")\n', "names /var/www/static/a"),
        ("from pathlib import Path\nPath.home()\n", "home folder"),
        ('import os\nos.path.expanduser("~/x")\n', "home folder"),
        ('open("/app/a", "w")\n', ""),
        ('route("/")\nroute("/users/<name>")\n', ""),
        ('open("/etc/os-release")\n', ""),
    ],
)
def test_scripts_of_the_project_that_name_other_folders(source, reason):
    whole = effects("python3 gen.py", files={"gen.py": source}).whole
    assert whole.kind == ("unknown" if reason else "files")
    assert reason in whole.reason


def test_recipes_that_write_outside():
    files = {"Makefile": "all:\n\tcp a /usr/local/bin/a\ninstall:\n\tcp a /usr/local/bin/a\n"}
    assert "make writes /usr/local/bin/a" in effects("make", files=files).whole.reason
    files = {"Makefile": "all:\n\tcc -o a a.c\ninstall:\n\tcp a /usr/local/bin/a\n"}
    assert effects("make", files=files).whole.kind == "files"
