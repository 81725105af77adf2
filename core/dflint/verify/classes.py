"""What a path is, by its name: caches, documentation, version control, tests, sources, toolchains.

A class says that a program which does not name the path does not need it at run time. What the closure reaches is
needed whatever its class, and a start command that is itself a build tool makes caches and sources needed.
"""

from __future__ import annotations

import re
from typing import Literal

Group = Literal[
    "package cache",
    "temporary files",
    "logs",
    "version control",
    "documentation",
    "translations",
    "tests",
    "build files",
    "build output",
    "sources",
    "toolchain",
    "bytecode",
    "package database",
    "package manager configuration",
    "account backups",
    "written by the engine",
]

_HOME = r"/(?:root|home/[^/]+)"
_LIBRARIES = r"/usr/(?:local/)?(?:lib|lib64|share)"

# In these patterns a path that ends in "/**" stands for the folder and all in it.
_PATHS: dict[Group, tuple[str, ...]] = {
    "written by the engine": (
        r"/\.dockerenv", r"/etc/(?:hosts|hostname|resolv\.conf|mtab)", r"/dev/**", r"/proc/**", r"/sys/**",
    ),
    "temporary files": (r"/tmp/.*", r"/var/tmp/.*"),
    "logs": (r"/var/log/.*",),
    "package cache": (
        r"/var/lib/apt/(?:lists|mirrors|periodic)/**",
        r"/var/cache/(?:apt|apk|dnf|yum|man|debconf|ldconfig|fontconfig)/**",
        r"/etc/apk/cache/**", r"/lib/apk/db/(?:lock|scripts\.tar|triggers)", r"/usr/local/share/\.cache/**",
        r"/\.cache/(?:pip|uv|yarn)/**", _HOME + r"/\.cache",
        _HOME + r"/\.cache/(?:pip|uv|pipenv|yarn|node-gyp|go-build|bazel|composer|pre-commit|typescript)/**",
        _HOME + r"/\.cache/(?:ccache|sccache|coursier|hex|rebar3|mix|deno/gen|pnpm|node/corepack|zig)/**",
        _HOME + r"/\.cache/pypoetry/(?:cache|artifacts)/**",
        _HOME + r"/\.(?:npm|m2|gradle|ivy2|sbt|nuget|pnpm-store|composer|cpanm|node-gyp|hex|mix|stack|ccache)/**",
        _HOME + r"/\.(?:bun/install/cache|cargo/(?:registry|git)|bundle/cache|cabal/packages)/**",
        _HOME + r"/\.config/(?:configstore|yarn)/**",
        _HOME + r"/\.local/share/(?:pnpm/store|virtualenv|NuGet)/**",
        _HOME + r"/\.(?:wget-hsts|lesshst|bash_history|python_history|node_repl_history)",
        r"/usr/local/cargo/(?:registry|git|\.global-cache|\.package-cache.*)/**", r"/go/pkg/**",
        r"/home/gradle/\.gradle/**",
        r"/opt/conda/pkgs/**", r"/pnpm/store/**", r"/usr/local/bundle/cache/**", r"/usr/share/maven/ref/repository/**",
        r"(?:/.*)?/node_modules/(?:\.cache|\.vite|\.yarn-integrity|\.package-lock\.json)/**",
    ),
    "package database": (
        r"/var/lib/(?:dpkg|apt|ucf|update-rc\.d|systemd/deb-systemd-(?:user-)?helper-[a-z]+|pam|python)/**",
        r"/(?:usr/)?lib/apk/db/**",
        r"/etc/apk/world", r"/etc/ld\.so\.cache", r"/usr/share/info/dir", r"/usr/lib/sysimage/**",
    ),
    "package manager configuration": (
        r"/etc/(?:apt|dpkg|dnf|yum[^/]*)/**", r"/etc/apk/(?:repositories|keys|arch|protected_paths\.d)/**",
        r"/etc/pip\.conf",
    ),
    "account backups": (r"/etc/(?:passwd|group|shadow|gshadow|subuid|subgid)-",),
    "version control": (
        r"(?:/.*)?/\.(?:git|hg|svn|bzr|github|gitlab|circleci)/**",
        r"(?:/.*)?/\.(?:gitignore|gitattributes|gitmodules|gitkeep|hgignore|mailmap|gitlab-ci\.yml|travis\.yml)",
    ),
    "documentation": (
        r"/usr/(?:local/)?share/(?:doc|man|info|doc-base|lintian|bug|gtk-doc|help|reportbug|common-licenses|vim)/**",
        r"/usr/(?:local/)?share/(?:bash-completion|zsh|fish)/**", r"/usr/(?:local/)?(?:man|doc)/**",
    ),
    "translations": (r"/usr/(?:local/)?share/(?:locale|i18n/locales)/**",),
    "toolchain": (
        r"/usr/(?:local/)?include/**", _LIBRARIES + r"/(?:.*/)?(?:pkgconfig|cmake|aclocal)/**",
        r"(?:/.*)?/[^/]+\.(?:a|la|o)",
        r"/usr/(?:local/)?(?:lib|lib64|libexec)/(?:[^/]+/)?(?:gcc|gcc-cross)/**",
        r"/usr/(?:local/)?lib/(?:llvm|clang|go)[^/]*/**", r"/usr/local/(?:go|rustup|cargo(?!/bin/[^/]*$))/**",
        r"/usr/local/cargo/bin/(?:cargo|rust|clippy)[^/]*", _HOME + r"/\.(?:rustup|cargo|sdkman|konan)/**",
        r"/go(?:/(?:bin|src))?",
        r"/opt/(?:gradle|maven)[^/]*/**", r"/opt/yarn-[^/]*/**",
        r"/usr/share/(?:maven|gradle|ant|cmake|automake|autoconf|aclocal|bison|gcc|gdb)[^/]*/**",
        r"/usr/share/dotnet/(?:sdk|sdk-manifests|templates|packs)/**", r"/usr/share/powershell/**",
        r"/usr/local/lib/node_modules/(?:npm|corepack|yarn|pnpm|node-gyp)/**", r"/usr/local/share/systemtap/**",
        r"/usr/local/bin/(?:npm|npx|corepack|yarn|yarnpkg|pnpm|pnpx|node-gyp|mvn|gradle|composer)",
        r"/usr/local/lib/python3[^/]*/(?:config-[^/]*|ensurepip|idlelib|lib2to3|turtledemo)/**",
        r"/usr/local/bin/python3?[^/]*-config", r"/usr/local/bin/(?:idle|pydoc|2to3)[^/]*",
    ),
}  # fmt: skip

_DOCUMENTS = re.compile(
    r"(?i:readme|changelog|changes|contributing|contributors|authors|maintainers|code_of_conduct|licen[cs]es?|copying|notice|"
    r"codeowners)(?:[-_.][A-Za-z0-9_-]+)?(?:\.(?i:md|rst|txt|markdown|adoc|org))?|"
    r"(?:HISTORY|NEWS|TODO|INSTALL|SECURITY|UPGRADING|ROADMAP|GOVERNANCE)(?:\.(?i:md|rst|adoc|org))?"
)
_BUILD_FILES = re.compile(
    r"(?i)(?:.*\.)?(?:dockerfile|containerfile)(?:[.-].*)?|(?:docker-)?compose[^/]*\.ya?ml|docker-bake\.(?:hcl|json)|"
    r"\.dockerignore|(?:.*\.)?dockerignore|makefile|gnumakefile|justfile|taskfile\.ya?ml|procfile|"
    r"\.editorconfig|\.pre-commit-config\.yaml|\.(?:es|style|markdown)lint(?:rc|ignore|\.)[^/]*|\.prettier(?:rc|ignore)[^/]*|"
    r"eslint\.config\.[cm]?[jt]s|\.nvmrc|\.node-version|\.python-version|\.ruby-version|\.tool-versions|\.npmrc|\.yarnrc[^/]*|"
    r"tsconfig[^/]*\.json|jsconfig\.json|jest\.config\.[^/]*|vitest\.config\.[^/]*|babel\.config\.[^/]*|\.babelrc[^/]*|"
    r"webpack\.[^/]*\.?[cm]?[jt]s|rollup\.config\.[^/]*|vite\.config\.[^/]*|postcss\.config\.[^/]*|tailwind\.config\.[^/]*|"
    r"karma\.conf\.[^/]*|cypress\.config\.[^/]*|playwright\.config\.[^/]*|\.swcrc|nodemon\.json|lerna\.json|turbo\.json|nx\.json|"
    r"package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|"
    r"requirements[^/]*\.(?:txt|in)|constraints[^/]*\.txt|setup\.py|setup\.cfg|pyproject\.toml|poetry\.lock|uv\.lock|pdm\.lock|"
    r"pipfile(?:\.lock)?|manifest\.in|tox\.ini|noxfile\.py|pytest\.ini|conftest\.py|\.coveragerc|\.flake8|mypy\.ini|ruff\.toml|"
    r"\.isort\.cfg|\.pylintrc|go\.(?:mod|sum|work|work\.sum)|cargo\.(?:toml|lock)|rust-toolchain[^/]*|build\.rs|"
    r"pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle\.properties|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|maven-wrapper\.[^/]*|"
    r"build\.sbt|cmakelists\.txt|cmakecache\.txt|cmake_install\.cmake|[^/]*\.cmake|configure(?:\.ac|\.in)?|meson\.build|"
    r"meson_options\.txt|ninja\.build|build\.ninja|autogen\.sh|config\.(?:log|status|guess|sub)|aclocal\.m4|"
    r"[^/]*\.(?:csproj|fsproj|vbproj|sln|slnx)|directory\.[^/]*\.(?:props|targets)|nuget\.config|global\.json|"
    r"composer\.(?:json|lock)|phpunit\.xml[^/]*|phpstan\.neon[^/]*|renovate\.json|dependabot\.yml|sonar-project\.properties|"
    r"mix\.lock|rebar\.lock|stack\.yaml[^/]*|[^/]*\.cabal|vagrantfile|jenkinsfile|\.travis\.yml|azure-pipelines\.yml"
)
_TEST_FOLDER = re.compile(
    r"(?:/.*)?/(?:tests?|__tests__|__mocks__|testdata|e2e|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.nyc_output)(?:/.*)?"
)
_BUILD_OUTPUT = re.compile(
    r"(?:/.*)?/(?:build/(?:lib|temp|bdist)\.[^/]+|target/(?:classes|test-classes|generated-[^/]*|maven-[^/]*|surefire-reports|failsafe-reports|site|debug|"
    r"(?:[^/]+/)?(?:release|debug)/(?:deps|build|incremental|examples|\.fingerprint|\.cargo-lock|[^/]*\.d)|\.rustc_info\.json|"
    r"CACHEDIR\.TAG|[^/]+\.jar\.original)|CMakeFiles|\.next/cache|\.gradle|\.turbo|\.parcel-cache|\.eslintcache|"
    r"[^/]*\.tsbuildinfo)(?:/.*)?"
)
_TEST_FILE = re.compile(
    r"(?:test_.*\.py|.*_test\.(?:py|go|rb|dart|exs)|.*\.(?:test|spec)\.[cm]?[jt]sx?|.*Tests?\.(?:java|cs|kt|php))"
)

SOURCE_LANGUAGES: dict[str, tuple[str, ...]] = {
    "go": (".go",),
    "rust": (".rs",),
    "c": (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".s", ".asm", ".m4", ".am"),
    "java": (".java", ".kt", ".kts", ".scala", ".groovy", ".clj"),
    "dotnet": (".cs", ".fs", ".vb", ".cshtml", ".razor", ".resx"),
    "typescript": (
        ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".jsx", ".coffee", ".scss", ".sass", ".less", ".map",
    ),
    "elixir": (".ex", ".exs", ".erl", ".hrl"),
    "haskell": (".hs", ".lhs"),
    "other": (".swift", ".zig", ".nim", ".cr", ".ml", ".mli", ".pyx", ".pxd", ".f", ".f90", ".proto"),
}  # fmt: skip
"""Compiled languages and the endings of their sources."""
_RUNNERS = {
    "go": "go", "rust": "cargo rustc", "dotnet": "dotnet", "elixir": "mix iex elixir", "haskell": "stack cabal runghc",
    "c": "make cmake gcc cc tcc", "java": "mvn mvnw gradle gradlew sbt lein clojure jshell",
    "typescript": "ts-node ts-node-dev tsx bun deno vite next nuxt nuxi ng vue-cli-service react-scripts webpack "
                  "webpack-dev-server parcel esbuild nodemon astro remix svelte-kit gulp grunt nest swc-node",
}  # fmt: skip
RUNS_SOURCES = {name: language for language, names in _RUNNERS.items() for name in names.split()}
"""Programs that build or run sources when the container starts, and whose sources."""

_patterns: list[tuple[Group, re.Pattern[str]]] = []


def system_group(path: str) -> Group | None:
    """The class of a path anywhere in the system; None if its name says nothing."""
    if not _patterns:
        for group, found in _PATHS.items():
            spelled = (f"{pattern[:-3]}(?:/.*)?" if pattern.endswith("/**") else pattern for pattern in found)
            _patterns.append((group, re.compile("|".join(f"(?:{pattern})" for pattern in spelled))))
    return next((group for group, pattern in _patterns if pattern.fullmatch(path)), None)


def project_group(path: str, is_dir: bool, sources_run: frozenset[str]) -> Group | None:
    """The class of a path among the application's own files, or in its libraries.

    ``sources_run``: languages whose sources are used at run time. Sources of interpreted languages have no class:
    whether their interpreter runs cannot be told for certain.
    """
    name = path.rpartition("/")[2]
    if _TEST_FOLDER.fullmatch(path):
        return "tests"
    if is_dir:
        return "build output" if _BUILD_OUTPUT.fullmatch(path) else None
    if _DOCUMENTS.fullmatch(name):
        return "documentation"
    if _TEST_FILE.fullmatch(name):
        return "tests"
    if _BUILD_FILES.fullmatch(name):
        return "build files"
    if _BUILD_OUTPUT.fullmatch(path):
        return "build output"
    stem, dot, ending = name.rpartition(".")
    extension = f".{ending}" if dot and stem else ""
    for language, extensions in SOURCE_LANGUAGES.items():
        if extension in extensions and language not in sources_run:
            return "sources"
    return None


TOOLCHAIN_PACKAGES = re.compile(
    r".+-dev|.+-dbg|.+-dbgsym|(?:gcc|g\+\+|cpp|gfortran|gnat|gdc|gccgo)(?:-[0-9.]+)?(?:-base)?(?:-[a-z0-9_-]+)?|build-essential|build-base|"
    r"make|cmake(?:-data)?|ninja-build|meson|binutils(?:-.+)?|libbinutils|dpkg-dev|fakeroot|libfakeroot|patch|patchutils|"
    r"autoconf|automake|autotools-dev|libtool|libtool-bin|m4|bison|flex|pkg-config|pkgconf(?:-bin)?|libpkgconf3|"
    r"gdb|strace|ltrace|valgrind|(?:llvm|clang|lld|lldb)(?:-.+)?|(?:lib)?(?:asan|tsan|ubsan|lsan|hwasan|itm|cc1|ctf|ctf-nobfd|gprofng|"
    r"gcc|isl|mpc|mpfr|crypt|quadmath|sframe|atomic|gomp|jansson)[0-9a-z]*-(?:dev|devel)|"
    r"lib(?:asan|tsan|ubsan|lsan|hwasan|itm|cc1|ctf|ctf-nobfd|gprofng|isl|mpc|quadmath|sframe)-?[0-9]*|"
    r"golang.*|rustc|cargo|ghc|ocaml.*|maven|libmaven.+|gradle|ant|sbt|openjdk-[0-9]+-jdk(?:-headless)?|default-jdk(?:-headless)?|"
    r"nasm|yasm|swig[0-9.]*|cython3?|python3-(?:setuptools|wheel|pip|venv|dev|distutils|lib2to3|pkg-resources)|python3?[0-9.]*-(?:dev|venv)|"
    r"npm|node-gyp|git|git-man|mercurial(?:-common)?|subversion|cvs|bzr|breezy|quilt|debhelper|devscripts|ccache|distcc|"
    r"linux-headers|linux-libc-dev|manpages(?:-dev)?|man-db|groff-base|info|install-info|texinfo|gettext|"
    r"libc-dev-bin|libc-devtools|rpcsvc-proto|libstdc\+\+-[0-9]+-dev|libgcc-[0-9]+-dev|libgirepository1\.0-dev|icu-devtools|"
    r"musl-dev|libc-dev|abuild"
)  # fmt: skip
"""Names of packages for building, and for people at a shell."""


def is_toolchain_package(name: str) -> bool:
    """Whether a package serves building alone."""
    return TOOLCHAIN_PACKAGES.fullmatch(name) is not None
