"""The folders in which package managers and compilers keep what they need not fetch or make again.

Where they lie is what each program's documentation says; the home is that of the user of the RUN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.record import NamedTuple

if TYPE_CHECKING:
    from dflint.model import Environment, ImageReference, Model, Stage
    from dflint.packages.command import PackageCommand
    from dflint.syntax.tree import Run


class Cache(NamedTuple):
    """A folder that a program keeps between runs."""

    manager: str
    folder: str
    """Below the home; an absolute path if it starts with ``/``."""
    variables: tuple[tuple[str, str], ...] = ()
    """Variables that move it, the first one that is set wins, each with what comes below its value."""
    fixed: tuple[str, str] = ("", "")
    """The last name of the images that set one of the variables, and where it is in them."""
    forbidding: tuple[str, ...] = ()
    """Variables that switch it off or make its place unknown."""
    options: tuple[str, ...] = ()
    """Options that move it."""
    off: tuple[str, ...] = ()
    """Options that switch it off."""
    is_store: bool = False
    """Whether later commands need what is in it: then all of them get the mount, or none."""
    is_native: bool = False
    """Whether it keeps what was compiled here, without a mark of the distribution that it was compiled for."""
    is_linked: bool = False
    """Whether equal files of what is installed are one file, linked to it: with a mount they are apart."""
    spared: tuple[str, ...] = ()
    """Subcommands that do not touch it."""
    sharing: str = ""
    """``locked`` for programs that cannot share it with another build; empty for the default, shared."""


_XDG = "XDG_CACHE_HOME"
CACHES: tuple[Cache, ...] = (
    Cache("npm", ".npm", (("NPM_CONFIG_CACHE", ""), ("npm_config_cache", "")), options=("--cache",)),
    Cache("yarn", "/usr/local/share/.cache/yarn", ((_XDG, "/yarn"),), forbidding=("YARN_CACHE_FOLDER",),
          options=("--cache-folder",)),
    Cache("yarn", ".yarn/berry/cache", forbidding=("YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER",
          "YARN_ENABLE_GLOBAL_CACHE")),
    Cache("pnpm", ".local/share/pnpm/store", (("PNPM_HOME", "/store"), ("XDG_DATA_HOME", "/pnpm/store")),
          forbidding=("npm_config_store_dir", "NPM_CONFIG_STORE_DIR"), options=("--store-dir",), is_store=True,
          is_native=True, is_linked=True),
    Cache("bun", ".bun/install/cache", (("BUN_INSTALL_CACHE_DIR", ""), ("BUN_INSTALL", "/install/cache")),
          options=("--cache-dir",), off=("--no-cache",)),
    Cache("pip", ".cache/pip", (("PIP_CACHE_DIR", ""), (_XDG, "/pip")), forbidding=("PIP_NO_CACHE_DIR",
          "PIP_CONFIG_FILE"), options=("--cache-dir",), off=("--no-cache-dir",), is_native=True),
    Cache("uv", ".cache/uv", (("UV_CACHE_DIR", ""), (_XDG, "/uv")), forbidding=("UV_NO_CACHE", "UV_OFFLINE"),
          options=("--cache-dir",), off=("--no-cache", "--no-cache-dir", "-n"), is_native=True),
    # The folder above them holds the virtual environments.
    Cache("poetry", ".cache/pypoetry/cache", (("POETRY_CACHE_DIR", "/cache"), (_XDG, "/pypoetry/cache")),
          off=("--no-cache",)),
    Cache("poetry", ".cache/pypoetry/artifacts", (("POETRY_CACHE_DIR", "/artifacts"), (_XDG, "/pypoetry/artifacts")),
          off=("--no-cache",), is_native=True),
    Cache("pipenv", ".cache/pipenv", (("PIPENV_CACHE_DIR", ""), (_XDG, "/pipenv")), is_native=True),
    Cache("go", "go/pkg/mod", (("GOMODCACHE", ""), ("GOPATH", "/pkg/mod")), ("golang", "/go/pkg/mod"),
          forbidding=("GO111MODULE", "GOENV"), options=("-modcacherw",), is_store=True),
    Cache("go", ".cache/go-build", (("GOCACHE", ""), (_XDG, "/go-build")), forbidding=("GOENV",),
          spared=("mod download", "mod tidy", "mod verify", "mod vendor")),
    Cache("cargo", ".cargo/registry", (("CARGO_HOME", "/registry"),), ("rust", "/usr/local/cargo/registry"),
          forbidding=("CARGO_NET_OFFLINE",), is_store=True, sharing="locked"),
    Cache("cargo", ".cargo/git", (("CARGO_HOME", "/git"),), ("rust", "/usr/local/cargo/git"),
          forbidding=("CARGO_NET_OFFLINE",), is_store=True,
          sharing="locked"),
    Cache("mvn", ".m2/repository", forbidding=("MAVEN_OPTS", "MAVEN_ARGS"), is_store=True, sharing="locked"),
    Cache("gradle", ".gradle", (("GRADLE_USER_HOME", ""),), ("gradle", "/home/gradle/.gradle"),
          options=("-g", "--gradle-user-home"), is_store=True, sharing="locked"),
    Cache("dotnet", ".nuget/packages", (("NUGET_PACKAGES", ""),), options=("--packages",), is_store=True),
    Cache("bundle", "", (), ("ruby", "/usr/local/bundle/cache"),
          forbidding=("GEM_HOME", "BUNDLE_PATH", "BUNDLE_DEPLOYMENT", "BUNDLE_APP_CONFIG", "BUNDLE_USER_CONFIG"),
          options=("--path", "--deployment")),
    Cache("gem", "", (), ("ruby", "/usr/local/bundle/cache"), forbidding=("GEM_HOME",),
          options=("-i", "--install-dir")),
    Cache("composer", ".composer/cache", (("COMPOSER_CACHE_DIR", ""), ("COMPOSER_HOME", "/cache")),
          ("composer", "/tmp/cache"), forbidding=(_XDG, "XDG_CONFIG_HOME"), off=("--no-cache",)),
)  # fmt: skip
MANAGERS = frozenset(cache.manager for cache in CACHES)

BASES = frozenset((
    "node", "python", "golang", "rust", "maven", "gradle", "eclipse-temurin", "openjdk", "amazoncorretto", "php",
    "composer", "ruby", "sdk", "bun", "uv", "debian", "ubuntu", "alpine", "fedora", "rockylinux", "almalinux",
    "amazonlinux", "buildpack-deps", "gcc", "pypy",
))  # fmt: skip
"""Last names of images that start as root and set none of the variables but those of ``Cache.fixed``."""
_USERS = {
    ("node", "node"): ("1000", "/home/node"), ("node", "1000"): ("1000", "/home/node"),
    ("gradle", "gradle"): ("1000", "/home/gradle"), ("bun", "bun"): ("1000", "/home/bun"),
}  # fmt: skip
_ROOT = frozenset(("", "0", "root"))
_NEUTRAL = frozenset(("env", "version", "help", "--version", "-v", "config", "config get", "config list", "config set"))


class Caller(NamedTuple):
    """Who runs a RUN: the numeric user, empty for root, and its home; ``image`` is the base's last name."""

    image: str
    uid: str
    home: str
    release: str
    """Names the distribution's release, or the image with its tag: what is compiled for one is not for another."""

    def mount(self, cache: Cache, place: str) -> str:
        """The flag that mounts a cache."""
        fields = [f"id={cache.manager}-{self.release}"] if cache.is_native else []
        fields.append(f"target={place}")
        fields += [f"sharing={cache.sharing}"] if cache.sharing else []
        fields += [f"uid={self.uid},gid={self.uid}"] if self.uid else []
        return ",".join(("--mount=type=cache", *fields))


def caller_of(model: Model, stage: Stage, run: Run) -> Caller | None:
    """Who runs a RUN; None if the base or the user is none of those that are known."""
    image = stage.root.image or stage.root.image_name
    if image is None:
        return None
    name = image.family.rpartition("/")[2]
    if name not in BASES or _starts_as_user(image):
        return None
    environment = model.environment_before(run)
    if environment.user is None and _sets_user(stage, run):
        return None
    user = (environment.user or "").partition(":")[0]
    uid, home = ("", "/root") if user in _ROOT else _USERS.get((name, user), ("", ""))
    variable = environment.lookup("HOME")
    if variable is not None:
        home = variable.value or "" if user in _ROOT else ""
    return Caller(name, uid, home, _release(stage.root, image)) if _is_plain_path(home) else None


def place_of(cache: Cache, caller: Caller, environment: Environment) -> str | None:
    """The absolute path of a cache for someone; None if it is not known, is off, or would get in the user's way.

    The folders above a mount belong to root as long as the RUN runs: another user gets only what lies in its home.
    """
    if any(environment.lookup(name) is not None for name in cache.forbidding):
        return None
    if cache.is_native and not caller.release:
        return None
    for name, below in cache.variables:
        variable = environment.lookup(name)
        if variable is None:
            continue
        value = (variable.value or "").rstrip("/")
        return value + below if _is_plain_path(value) and not caller.uid else None
    image, place = cache.fixed
    if caller.image != image:
        if not cache.folder:
            return None
        place = cache.folder if cache.folder.startswith("/") else f"{caller.home.rstrip('/')}/{cache.folder}"
    if caller.uid and place.rpartition("/")[0] != caller.home:
        return None
    return place


_INSTALLERS = frozenset(("npm", "yarn", "bun", "pip", "pipenv", "poetry", "composer", "bundle", "gem"))
_OFFLINE = {
    "cargo": ("--offline", "--frozen"), "dotnet": ("--no-restore", "--no-build"), "bundle": ("--local",),
    "gem": ("--local",), "mvn": ("--offline", "-o"),
}  # fmt: skip


def is_use(package: PackageCommand) -> bool:
    """Whether a command may read or fill the caches of its manager."""
    manager, name = package.manager, package.subcommand_name
    if package.has("--version", "--help", "-h") or (not name and package.has("-v", "-V")):
        return manager == "gradle"  # ./gradlew --version fetches Gradle
    if manager in _INSTALLERS:
        return package.action in ("install", "upgrade", "download", "restore") or name == "wheel"
    if manager == "pnpm":
        return package.action in ("install", "upgrade", "restore") or name in ("deploy", "prune")
    if manager == "gradle":
        return True
    if manager == "uv":
        return package.action in ("install", "run", "build") and name != "tool run"
    return bool(name) and name not in _NEUTRAL and not is_cleaning(package)


def is_cleaning(package: PackageCommand) -> bool:
    """Whether a command empties the cache of its manager; ``mvn clean`` and the like clean the project."""
    if package.manager in ("mvn", "gradle", "cargo", "gem", "bundle"):
        return False
    if package.manager == "dotnet":
        return package.subcommand_name == "nuget locals"
    return package.action == "clean"


def is_offline(package: PackageCommand) -> bool:
    """Whether a command takes what it needs from a cache alone.

    The layer of the step that filled it may be there when the cache is not: on another machine, after a clean-up.
    """
    return package.has(*_OFFLINE.get(package.manager, ("--offline",)))


def _is_plain_path(path: str) -> bool:
    """Whether an absolute path can stand in a mount, and in a shell, as it is."""
    return path.startswith("/") and ".." not in path and all(char.isalnum() or char in "/._-+@" for char in path)


def _sets_user(stage: Stage | None, run: Run) -> bool:
    """Whether there is a USER above a RUN, in its stage or one that this starts from."""
    while stage is not None:
        if any(instruction.name == "USER" and instruction.start < run.start for instruction in stage.instructions):
            return True
        stage = stage.parent
    return False


def _starts_as_user(image: ImageReference) -> bool:
    from dflint.facts import facts_of
    from dflint.optimizer.base_images import version_of

    version = version_of(image)
    is_old_gradle = image.family.endswith("gradle") and version is not None and version < (6,)
    return is_old_gradle or facts_of(image).user is not None


def _release(root: Stage, image: ImageReference) -> str:
    """A name for the distribution's release; empty if build arguments may choose another one.

    A version that an ARG gives does not matter: what is compiled is kept by the version that it was compiled for.
    """
    from dflint.facts import distribution_cycle

    name = image.family.rpartition("/")[2]
    text = root.from_.image.text if root.from_.image is not None else ""
    if "$" in text:
        tag = text.rpartition(":")[2]
        version, _, rest = (image.tag or "").partition("-")
        is_only_version = tag.startswith("$") and "$" not in tag[1:] and tag.partition("-")[2] == rest
        is_number = version.replace(".", "").isdigit() and ":" in text and "$" not in text.rpartition(":")[0]
        return f"{name}-{rest}".rstrip("-") if is_only_version and is_number else ""
    cycle = distribution_cycle(image)
    if cycle is not None:
        return f"{cycle.image}-{cycle.codename or cycle.name}"
    return f"{name}-{image.effective_tag or (image.digest or '')[-12:]}"
