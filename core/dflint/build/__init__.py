"""Engines, builds, smoke runs and measures: what it takes to see that a rewrite does the same.

``find_engine`` finds Docker, Podman or Buildah; a ``Session`` holds all that a run makes and takes it away at its end;
``verify`` builds two Dockerfiles and says how far the second is shown to be the same as the first.

    engine = find_engine()
    with signals_raise(), Session(engine.program) as session:
        driver = driver_for(engine, session)
        found = verify(driver, read_recipe("Dockerfile"), read_recipe("Dockerfile.new"), VerifyOptions())
    print(found.verdict.to_text())
"""

from dflint.build.engines import Engine, find_engine
from dflint.build.errors import EngineError, Terminated
from dflint.build.measures import Measures, Rebuild, Size, Spread
from dflint.build.processes import signals_raise
from dflint.build.rawjson import Step
from dflint.build.request import BuildOptions, BuildResult, Failure, Recipe, read_recipe
from dflint.build.session import Session
from dflint.build.smoke import SmokeOptions
from dflint.build.verification import Verification, Verifier, VerifyOptions, driver_for, verify

__all__ = [
    "BuildOptions",
    "BuildResult",
    "Engine",
    "EngineError",
    "Failure",
    "Measures",
    "Rebuild",
    "Recipe",
    "Session",
    "Size",
    "SmokeOptions",
    "Spread",
    "Step",
    "Terminated",
    "Verification",
    "Verifier",
    "VerifyOptions",
    "driver_for",
    "find_engine",
    "read_recipe",
    "signals_raise",
    "verify",
]
