"""What ``verify``, ``optimize`` and ``preview`` are told of builds and smoke runs on the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from dflint.build import VerifyOptions
    from dflint.build.probe import Target

ENGINES = ("docker", "podman", "buildah")


def add_reuse_option(made: ArgumentParser) -> None:
    """Whether what an earlier run showed of the very same will do."""
    made.add_argument(
        "--no-reuse", dest="reuse", action="store_false",
        help="build anew, even if the same Dockerfiles, context and base images were compared before",
    )  # fmt: skip


def add_engine_options(made: ArgumentParser) -> None:
    """Which engine, which builder, how long a build may take."""
    engine = made.add_argument_group("Engine")
    engine.add_argument("--engine", choices=("auto", *ENGINES, "none"), default="auto", help="default: the first found")
    engine.add_argument("--builder", metavar="NAME", help="a builder of docker buildx")
    engine.add_argument("--timeout", type=seconds, default=3600.0, metavar="SECONDS", help="for one build (3600)")
    engine.add_argument("--keep", metavar="TAG", help="keep the rewrite's image under this name")


def add_build_options(made: ArgumentParser) -> None:
    build = made.add_argument_group(
        "Builds", "as docker build has them; values of secrets and build arguments are never shown"
    )
    build.add_argument("--context", metavar="DIR", help="the build context (default: the folder of ORIGINAL)")
    build.add_argument("--target", metavar="STAGE")
    build.add_argument("--platform", metavar="PLATFORM")
    for name, metavar in (
        ("build-arg", "NAME=VALUE"), ("secret", "id=ID,src=FILE"), ("ssh", "SOCKET"), ("build-context", "NAME=VALUE"),
        ("cache-from", "CACHE"), ("cache-to", "CACHE"),
    ):  # fmt: skip
        build.add_argument(f"--{name}", action="append", default=[], metavar=metavar)
    build.add_argument("--no-cache", action="store_true")
    build.add_argument("--pull", action="store_true")
    build.add_argument(
        "--network",
        choices=("auto", "default", "host", "none"),
        default="auto",
        help="of RUN (auto: what the engine has)",
    )
    build.add_argument(
        "--frontend", choices=("auto", "image", "builtin"), default="auto",
        help="what reads the Dockerfile: the image that # syntax= names, or the engine itself (auto: the engine if "
        "that image cannot be had)",
    )  # fmt: skip


def add_run_options(made: ArgumentParser) -> None:
    smoke = made.add_argument_group("Smoke run")
    smoke.add_argument("--no-run", action="store_true", help="run nothing; the verdict then ends at level 2")
    smoke.add_argument(
        "--run", action="append", default=[], metavar="ARGUMENTS",
        help="run this in place of CMD, quoted as in a shell; repeatable (default: the entry point as it is)",
    )  # fmt: skip
    smoke.add_argument(
        "--http", action="append", default=[], type=target, metavar="PORT/PATH",
        help="what to ask a running service for; repeatable (default: / on each exposed port)",
    )  # fmt: skip
    smoke.add_argument(
        "--run-env", action="append", default=[], metavar="NAME=VALUE", help="a variable for the containers"
    )
    smoke.add_argument("--run-network", default="auto", metavar="NETWORK", help="of the containers (default: none)")
    smoke.add_argument("--run-timeout", type=seconds, default=30.0, metavar="SECONDS", help="for one container (30)")
    smoke.add_argument("--memory", default="1g", metavar="SIZE", help="of a container (1g)")


def verify_options(given: Any, path: str) -> VerifyOptions:
    """The options as given for the Dockerfile at ``path``. Raises EngineError for a context that is no folder."""
    from dflint.build import BuildOptions, EngineError, SmokeOptions, VerifyOptions
    from dflint.build.containers import Limits

    context = given.context or str(Path(path).parent)
    if not Path(context).is_dir():
        raise EngineError(f"{context} is no folder, so there is no build context")
    arguments = tuple((name, value if equals else None) for name, equals, value in (
        argument.partition("=") for argument in given.build_arg
    ))  # fmt: skip
    build = BuildOptions(
        context, given.target, given.platform, arguments, tuple(given.secret), tuple(given.ssh),
        tuple(given.build_context), tuple(given.cache_from), tuple(given.cache_to), given.network, given.frontend,
        given.no_cache, given.pull, given.timeout,
    )  # fmt: skip
    limits = Limits(memory=given.memory, seconds=given.run_timeout)
    smoke = SmokeOptions(tuple(given.run), tuple(given.run_env), tuple(given.http), given.run_network, limits)
    return VerifyOptions(
        build, None if given.no_run else smoke, given.control, given.repeat if given.measure else 0, given.keep
    )


def level(text: str) -> int:
    from dflint.verify.level import Level

    try:
        return int(Level(int(text)))
    except ValueError:
        raise ArgumentTypeError(f"{text} is no level from 0 to 5") from None


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e7:
        raise ArgumentTypeError(f"{text} is no number of seconds")
    return value


def count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise ArgumentTypeError(f"{text} is no number from 1 to 100")
    return int(text)


def target(text: str) -> Target:
    port, _, path = text.removeprefix(":").partition("/")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ArgumentTypeError(f"{text} is not of the form PORT/PATH")
    from dflint.build.probe import Target

    return Target(int(port), f"/{path}")
