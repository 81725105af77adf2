"""What the commands of package managers mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from dflint.packages import PROGRAMS, parse_package_command
from dflint.shell import parse_shell
from dflint.source import MappedText

if TYPE_CHECKING:
    from dflint.packages.command import PackageCommand


def read(text: str) -> PackageCommand:
    found = maybe(text)
    assert found is not None
    return found


def maybe(text: str) -> PackageCommand | None:
    script = parse_shell(MappedText.contiguous(text, 0))
    assert script.errors == ()
    return parse_package_command(next(script.commands()))


def packages(text: str) -> list[tuple[str, str | None, str | None, str]]:
    return [(p.name, p.operator, p.version, p.source) for p in read(text).packages]


def options(text: str) -> list[tuple[str, str | None]]:
    return [(option.name, None if option.value is None else option.value.value) for option in read(text).options]


@pytest.mark.parametrize(
    ("text", "manager", "action"),
    [
        ("apt-get -y install x", "apt-get", "install"),
        ("sudo apt-get update -qq", "apt-get", "update"),
        ("/usr/bin/apt full-upgrade", "apt", "upgrade"),
        ("aptitude purge x", "aptitude", "remove"),
        ("apt-get autoremove --purge -y", "apt-get", "remove"),
        ("apt-get clean", "apt-get", "clean"),
        ("apt-get source x", "apt-get", "other"),
        ("apk --no-cache add x", "apk", "install"),
        ("apk del x", "apk", "remove"),
        ("apk cache clean", "apk", "clean"),
        ("yum -y groupinstall x", "yum", "install"),
        ("yum clean all", "yum", "clean"),
        ("dnf --setopt=a=b module install x:1", "dnf", "install"),
        ("dnf module enable x:1", "dnf", "other"),
        ("dnf makecache", "dnf", "update"),
        ("microdnf update", "microdnf", "upgrade"),
        ("zypper -n in x", "zypper", "install"),
        ("zypper --root /x dup", "zypper", "upgrade"),
        ("zypper cc -a", "zypper", "clean"),
        ("pip3.11 install x", "pip", "install"),
        ("python -m pip install x", "pip", "install"),
        ("/v/bin/python3.11 -Im pip download x", "pip", "download"),
        ("python3 -u -W ignore -m poetry install", "poetry", "install"),
        ("$V/bin/pip install x", "pip", "install"),
        ("pip cache purge", "pip", "clean"),
        ("pip wheel -r x", "pip", "build"),
        ("pipenv sync", "pipenv", "install"),
        ("poetry run pip install x", "poetry", "run"),
        ("poetry cache clear --all pypi", "poetry", "clean"),
        ("uv --quiet pip install x", "uv", "install"),
        ("uv sync --frozen", "uv", "install"),
        ("uv run --with x y install", "uv", "run"),
        ("uv cache prune", "uv", "clean"),
        ("conda create -n x y", "conda", "install"),
        ("mamba env update -f e.yml", "mamba", "install"),
        ("micromamba clean -afy", "micromamba", "clean"),
        ("npm --prefix x ci", "npm", "install"),
        ("npm i", "npm", "install"),
        ("npm clean-install", "npm", "install"),
        ("npm cache clean --force", "npm", "clean"),
        ("npm run build", "npm", "run"),
        ("npx x", "npm", "run"),
        ("yarn", "yarn", "install"),
        ("yarn --cwd x", "yarn", "install"),
        ("yarn --frozen-lockfile", "yarn", "install"),
        ("yarn build", "yarn", "run"),
        ("yarn config set a b", "yarn", "other"),
        ("yarn cache clean", "yarn", "clean"),
        ("corepack yarn@3 install", "yarn", "install"),
        ("corepack enable", "corepack", "other"),
        ("pnpm -F x i", "pnpm", "install"),
        ("pnpm fetch", "pnpm", "restore"),
        ("pnpm store prune", "pnpm", "clean"),
        ("bun install", "bun", "install"),
        ("gem install x", "gem", "install"),
        ("bundle", "bundle", "install"),
        ("bundle exec rake install", "bundle", "run"),
        ("go mod download -x", "go", "restore"),
        ("go build -o /x .", "go", "build"),
        ("go mod tidy", "go", "other"),
        ("cargo +nightly build --release", "cargo", "build"),
        ("cargo fetch", "cargo", "restore"),
        ("cargo chef cook --recipe-path r.json", "cargo", "build"),
        ("composer install --no-dev", "composer", "install"),
        ("php -d memory_limit=-1 composer.phar update", "composer", "upgrade"),
        ("composer clear-cache", "composer", "clean"),
        ("dotnet restore x.csproj", "dotnet", "restore"),
        ("dotnet publish -c Release", "dotnet", "publish"),
        ("dotnet nuget locals all --clear", "dotnet", "clean"),
        ("mvn -B -f x dependency:go-offline", "mvn", "restore"),
        ("./mvnw clean package -DskipTests", "mvn", "build"),
        ("mvn clean", "mvn", "clean"),
        ("mvn deploy", "mvn", "publish"),
        ("./gradlew --no-daemon :app:bootJar -x test", "gradle", "build"),
        ("gradle dependencies", "gradle", "restore"),
        ("apt-get $action", "apt-get", "other"),
        ("apt-get", "apt-get", "other"),
    ],
)
def test_manager_and_action(text: str, manager: str, action: str) -> None:
    found = read(text)
    assert (found.manager, found.action) == (manager, action)


@pytest.mark.parametrize(
    "text",
    [
        "echo apt-get install",
        "python x.py",
        "python -c 'import pip'",
        "python -m http.server",
        "php x.php",
        "$x install y",
        "a=b",
        "pipeline x",
    ],
)
def test_other_commands(text: str) -> None:
    assert maybe(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "apt-get install a=1.2 b:i386=3 c/sid ./d.deb",
            [
                ("a", "=", "1.2", "index"),
                ("b", "=", "3", "index"),
                ("c", "/", "sid", "index"),
                ("./d.deb", None, None, "file"),
            ],
        ),
        (
            'apt-get install "a=$V" $PKGS "b-${V}" $(cat x)',
            [
                ("a", "=", "$V", "index"),
                ("$PKGS", None, None, "variable"),
                ("b-${V}", None, None, "variable"),
                ("$(cat x)", None, None, "variable"),
            ],
        ),
        (
            "apk add a=1-r0 'b>2' c~3 d~=4 e@edge -t .x f",
            [
                ("a", "=", "1-r0", "index"),
                ("b", ">", "2", "index"),
                ("c", "~", "3", "index"),
                ("d", "~=", "4", "index"),
                ("e", None, None, "index"),
                ("f", None, None, "index"),
            ],
        ),
        (
            "yum install a-1.2-3.el8.x86_64 java-1.8.0-openjdk c-$V gcc-12 @g https://x/y.rpm z.rpm",
            [
                ("a", "-", "1.2-3.el8.x86_64", "index"),
                ("java-1.8.0-openjdk", None, None, "index"),
                ("c", "-", "$V", "index"),
                ("gcc-12", None, None, "index"),
                ("@g", None, None, "index"),
                ("https://x/y.rpm", None, None, "url"),
                ("z.rpm", None, None, "file"),
            ],
        ),
        ("dnf module install nodejs:18", [("nodejs", ":", "18", "index")]),
        ("zypper in 'a>=1' b=2", [("a", ">=", "1", "index"), ("b", "=", "2", "index")]),
        (
            "pip install 'a[x]==1' 'b>=1,<2' c~=3 'd; os_name==\"nt\"' . ./e f.whl -r r.txt",
            [
                ("a", "==", "1", "index"),
                ("b", ">=", "1,<2", "index"),
                ("c", "~=", "3", "index"),
                ("d", None, None, "index"),
                (".", None, None, "path"),
                ("./e", None, None, "path"),
                ("f.whl", None, None, "file"),
            ],
        ),
        (
            "pip install git+https://x/y@v1#egg=z git+https://u@h/y -e ./p 'n @ https://x/n.whl'",
            [
                ("git+https://x/y@v1#egg=z", "@", "v1", "vcs"),
                ("git+https://u@h/y", None, None, "vcs"),
                ("./p", None, None, "path"),
                ("n", None, None, "url"),
            ],
        ),
        ("poetry add a@^1 b", [("a", "@", "^1", "index"), ("b", None, None, "index")]),
        ("uv pip install --system a==1 -e .", [("a", "==", "1", "index"), (".", None, None, "path")]),
        ("uvx a@1 install", [("a", "@", "1", "index")]),
        (
            "conda install -c x a=1.2 'b>=1' y::c",
            [("a", "=", "1.2", "index"), ("b", ">=", "1", "index"), ("c", None, None, "index")],
        ),
        (
            "npm i -g a@1 @s/b@2 @s/c d/e#f ./g x.tgz https://h/i git+ssh://j#k l@npm:m@1",
            [
                ("a", "@", "1", "index"),
                ("@s/b", "@", "2", "index"),
                ("@s/c", None, None, "index"),
                ("d/e#f", "#", "f", "vcs"),
                ("./g", None, None, "path"),
                ("x.tgz", None, None, "file"),
                ("https://h/i", None, None, "url"),
                ("git+ssh://j#k", "#", "k", "vcs"),
                ("l", "@", "npm:m@1", "index"),
            ],
        ),
        ("npx -y a@5 b", [("a", "@", "5", "index")]),
        ("yarn global add a@1", [("a", "@", "1", "index")]),
        ("gem install a:1 b -v 2 -- --with-x", [("a", ":", "1", "index"), ("b", "-v", "2", "index")]),
        ("bundle install --without dev test", []),
        (
            "go install a/b@v1 ./c ./...",
            [("a/b", "@", "v1", "index"), ("./c", None, None, "path"), ("./...", None, None, "path")],
        ),
        ("go run a/b@latest install", [("a/b", "@", "latest", "index")]),
        ("cargo install a@1 b --version 2", [("a", "@", "1", "index"), ("b", "--version", "2", "index")]),
        ("cargo install --git https://x --tag v1", [("https://x", "--tag", "v1", "vcs")]),
        ("cargo install --path .", [(".", None, None, "path")]),
        (
            "composer require a/b:1 'c/d 2' e/f",
            [("a/b", ":", "1", "index"), ("c/d", " ", "2", "index"), ("e/f", None, None, "index")],
        ),
        ("dotnet tool install -g a --version 1", [("a", "--version", "1", "index")]),
        ("dotnet add x.csproj package a", [("a", None, None, "index")]),
        ("npm run a", []),
        ("apt-get remove a", []),
    ],
)
def test_packages(text: str, expected: list[tuple[str, str | None, str | None, str]]) -> None:
    assert packages(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "apt-get install -yqt sid -o A::B=c --no-install-recommends",
            [("-y", None), ("-q", None), ("-t", "sid"), ("-o", "A::B=c"), ("--no-install-recommends", None)],
        ),
        ("apt-get -oA=b -q=2 install", [("-o", "A=b"), ("-q", "2")]),
        ("apk add --virtual=.x --virtual .y", [("--virtual", ".x"), ("--virtual", ".y")]),
        ("pip install -rreq.txt --index-url 'http://x y'", [("-r", "req.txt"), ("--index-url", "http://x y")]),
        ("go build -ldflags '-s -w' -tags=a -o x", [("-ldflags", "-s -w"), ("-tags", "a"), ("-o", "x")]),
        ("mvn -DskipTests -pl a,b -am package", [("-DskipTests", None), ("-pl", "a,b"), ("-am", None)]),
        ("dotnet restore /p:A=b -r linux-x64", [("/p:A", "b"), ("-r", "linux-x64")]),
        ("npm ci --omit=dev --prefix", [("--omit", "dev"), ("--prefix", None)]),
    ],
)
def test_options(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert options(text) == expected


def test_has() -> None:
    assert read("apt-get install -yq x").has("-y")
    assert read("apt-get install -yq x").has("--yes", "-q")
    assert not read("apt-get install -yq x").has("-qq")
    assert read("apt-get install -qq x").has("-qq")
    assert read("apt-get install -q -q x").has("-qq")
    assert read("apt-get install -q=2 x").has("-qq")
    assert not read("apt-get install x -- -y").has("-y")
    assert read("apt-get -qqy install x").count("-q") == 2


def test_files_of_pip() -> None:
    found = read("pip install -r a -c b --requirement=c x")
    assert [word.value for word in found.requirement_files] == ["a", "c"]
    assert [word.value for word in found.constraint_files] == ["b"]
    assert [word.value for word in read("conda env create -f e.yml").requirement_files] == ["e.yml"]
    assert [word.value for word in read("uv pip sync r.txt").requirement_files] == ["r.txt"]


def test_subcommand_and_operands() -> None:
    found = read("yarn --cwd x global add a b")
    assert found.subcommand is not None
    assert (found.subcommand.raw, found.subcommand_name) == ("add", "global add")
    assert [word.raw for word in found.operands] == ["a", "b"]
    assert read("yarn").subcommand is None
    assert read("mvn clean package").subcommand_name == "clean"


def test_variable_before_the_subcommand() -> None:
    command = read("apt-get ${OPTIONS} install curl")
    assert (command.action, command.subcommand_name) == ("install", "install")
    assert [option.name for option in command.options] == ["${OPTIONS}"]
    assert [package.name for package in command.packages] == ["curl"]
    assert read("apt-get $ACTION curl").subcommand_name == "$ACTION"
    assert read("apt-get $ACTION").subcommand_name == "$ACTION"


def test_spans() -> None:
    text = "sudo apt-get install -y --target-release \"sid\" 'a'=1 -o=x"
    found = read(text)
    assert [text[option.span.start : option.span.end] for option in found.options] == [
        "-y",
        '--target-release "sid"',
        "-o=x",
    ]
    assert text[found.packages[0].word.start : found.packages[0].word.end] == "'a'=1"
    value = found.options[2].value
    assert value is not None
    assert text[value.start : value.end] == "x"


@pytest.mark.parametrize(
    ("text", "value", "raw"),
    [
        ("apk add --virtual='a b'", "a b", "'a b'"),
        ("apk add '--virtual=a b'", "a b", "a b"),
        ("apk add --virtual=$x", None, "$x"),
        ('apk add --virtual="a $x"', None, '"a $x"'),
        ('apk add "--virtual="a', "a", "a"),
        ("apk add '--virtual='a", "a", "a"),
        ('apk add "--virtual="', "", ""),
        ("apk add --virtual=", "", ""),
        ("apk add --vir\"tual=a\"'b'", "ab", "a\"'b'"),
    ],
)
def test_value_in_the_same_word(text: str, value: str | None, raw: str) -> None:
    found = read(text).option("--virtual")
    assert found is not None
    assert found.value is not None
    assert (found.value.value, found.value.raw) == (value, raw)


WORDS = [
    "install", "add", "-y", "-qq", "--x=y", "-o", "--", "a=1", "$x", "''", '""', "-", "--=a", "=", "@", "a@b", "/",
    "./x", "-e", "'-r'", "pip", "global", "mod", "download", "cache", "clean", "--version", "-v", "--git", "+n",
    "run", "exec", "'$('", "a:b", "::", "==1", "git+x@y", "-t$x", '-"y"q', "$(a)", "\\", "~", "-\xe9", "--\xe9=\xe9",
    '\'--tag=\'"x"', '"--rev="x', "'-v'=",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*PROGRAMS, "python -m pip", "php composer.phar", "corepack pnpm"]),
    st.lists(
        st.sampled_from(WORDS),
        max_size=7,
    ),
)
def test_every_command_can_be_read(program: str, words: list[str]) -> None:
    script = parse_shell(MappedText.contiguous(" ".join([program, *words]), 0))
    for command in script.commands():
        found = parse_package_command(command)
        if found is None:
            continue
        for option in found.options:
            assert option.span.end >= option.span.start
            assert option.value is None or option.value.start >= option.word.start
        assert all(package.word.end >= package.word.start for package in found.packages)
        assert isinstance(found.has("-y", "-qq"), bool)
