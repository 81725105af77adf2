import pytest

from dflint.context import BuildContext, MemoryFileSystem
from dflint.context.manifests import BY_NAME, ECOSYSTEMS, ecosystems_of, is_lock, is_manifest, local_parts, manifests_in


def found(files: dict[str, str]) -> dict[str, tuple[str, ...]]:
    context = BuildContext.for_dockerfile("Dockerfile", MemoryFileSystem(files))
    return {item.ecosystem.name: item.paths for item in manifests_in(context)}


def parts(name: str, text: str) -> list[tuple[str, str]]:
    context = BuildContext("", MemoryFileSystem({name: text}))
    return [(part.path, part.reason) for part in local_parts(context, name)]


def test_names() -> None:
    assert is_manifest("requirements-dev.txt") and is_manifest("App.csproj") and not is_manifest("main.py")
    assert is_lock("yarn.lock") and not is_lock("package.json")
    assert [ecosystem.name for ecosystem in ecosystems_of("package.json")] == ["npm", "yarn", "pnpm", "bun"]
    assert [ecosystem.name for ecosystem in ecosystems_of("uv.lock")] == ["uv"]
    assert len(BY_NAME) == len(ECOSYSTEMS) == 15


def test_the_lock_file_decides() -> None:
    assert found({"package.json": "", "yarn.lock": "", ".yarnrc.yml": "", "src/package.json": ""}) == {
        "yarn": ("package.json", "yarn.lock", ".yarnrc.yml")
    }
    assert found({"package.json": "", ".npmrc": ""}) == {"npm": ("package.json", ".npmrc")}
    assert found({"pyproject.toml": "[project]"}) == {}
    assert found({"pyproject.toml": "[tool.poetry]\n"}) == {"poetry": ("pyproject.toml",)}
    assert found({"pyproject.toml": "", "uv.lock": ""}) == {"uv": ("pyproject.toml", "uv.lock")}


def test_what_is_not_sent_does_not_count() -> None:
    assert found({"go.mod": "", "go.sum": "", ".dockerignore": "go.sum"}) == {"go": ("go.mod",)}


def test_folders_and_several_ecosystems() -> None:
    files = {"api/Gemfile": "", "api/Gemfile.lock": "", "api/package.json": "", "api/package-lock.json": "", "x": ""}
    context = BuildContext("", MemoryFileSystem(files))
    assert [item.ecosystem.name for item in manifests_in(context, "api")] == ["npm", "bundler"]
    assert manifests_in(context) == ()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("package.json", '{"dependencies": {"a": "1"}}', []),
        ("package.json", '{"workspaces": ["p/*"]}', ["p/*"]),
        ("package.json", '{"workspaces": {"packages": ["x"]}, "dependencies": {"l": "file:../l"}}', ["x", "../l"]),
        ("package.json", '{"scripts": {"postinstall": "node build.js", "test": "x"}}', ["."]),
        ("requirements.txt", "flask==1\n# -r no.txt\n", []),
        (
            "requirements.txt",
            "-r base.txt\n-c con.txt # why\n-e ./lib[x]\n./pkg.whl ; a\n-e git+https://x/y\nz @ file:./z\n",
            ["base.txt", "con.txt", "./lib", "./pkg.whl", "./z"],
        ),
        ("pyproject.toml", 'x = {path = "../x", develop = true}\nreadme = "README.md"\n', ["../x", "README.md"]),
        ("go.mod", "module m\nreplace a => ./a\nreplace (\n\tb => ../b\n\tc => github.com/c v1\n)\n", ["./a", "../b"]),
        ("Cargo.toml", '[workspace]\nmembers = ["a", "b"]\n[dependencies]\nx = { path = "x" }\n', ["a", "b", "x"]),
        ("pom.xml", "<modules><module>core</module></modules>", ["core"]),
        ("build.gradle", "dependencies { implementation project(':lib:core') }", ["lib/core"]),
        ("Gemfile", "gem 'x', path: 'engines/x'\ngemspec\n", ["engines/x", "*.gemspec"]),
        ("composer.json", '{"repositories": [{"type": "path", "url": "../p"}]}', ["../p"]),
        ("App.csproj", '<ProjectReference Include="..\\Lib\\Lib.csproj" />', ["../Lib/Lib.csproj"]),
        ("all.sln", 'Project("{F}") = "A", "A\\A.csproj", "{1}"\n', ["A/A.csproj"]),
    ],
)
def test_local_parts(name: str, text: str, expected: list[str]) -> None:
    assert [path for path, _ in parts(name, text)] == expected


def test_what_cannot_be_read_is_unsafe() -> None:
    assert parts("package.json", "{") == [("package.json", "cannot be understood")]
    context = BuildContext("", MemoryFileSystem({}))
    assert local_parts(context, "package.json")[0].path == "package.json"
