"""Pairs of Dockerfiles on a real engine: what ``dflint.build.verify`` does, with the original built and run once."""

from collections import defaultdict
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from threading import Lock

from engine.bases import base_contexts, make

from dflint.build import BuildOptions, Session, SmokeOptions, driver_for, find_engine
from dflint.build.containers import Limits
from dflint.build.request import read_recipe
from dflint.build.smoke import SmokeRun
from dflint.build.verification import compare, exposed
from dflint.context import BuildContext
from dflint.images import ImageConfiguration, read_archive
from dflint.optimizer import Settings, optimize
from dflint.verify.configuration import Bases
from dflint.verify.verdict import Verdict

APPS = Path(__file__).resolve().parents[1] / "apps"
LIMITS = Limits(memory="512m", seconds=20.0, stop_seconds=3)
SMOKE = {
    "c-greeter": SmokeOptions(commands=("friend", "--help"), limits=LIMITS),
    "shell-report": SmokeOptions(limits=LIMITS),
}
"""What to run of an app; of the others the entry point."""


def pairs():
    """App and rewrite, by their names."""
    return [(file.parent.name, file.name.removesuffix(".Dockerfile")) for file in sorted(APPS.glob("*/*.Dockerfile"))]


OPTIMIZED = "what the optimizer makes of it"


def optimized(app):
    """What the optimizer makes of an app's Dockerfile, from its files alone."""
    recipe = read_recipe(APPS / app / "Dockerfile")
    context = BuildContext.for_dockerfile(str(APPS / app / "Dockerfile"))
    return recipe._replace(text=optimize(recipe.text, context, Settings(path=str(APPS / app / "Dockerfile"))).text)


def options_for(app, registry="", **more):
    """How an app is built here: its bases are stand-ins."""
    return BuildOptions(context=str(APPS / app), build_contexts=base_contexts(registry=registry), **more)


class Bench:
    """Originals that were built, compared with as many variants as wanted. Use it with ``with``."""

    def __init__(self, kind="docker", registry=""):
        if kind == "docker":
            make()
        self.registry = registry
        self.engine = find_engine(kind)
        self._stack = ExitStack()
        self._originals = {}
        self._bases = {}
        self._numbers = count()
        self._locks = defaultdict(Lock)

    def __enter__(self):
        self.session = self._stack.enter_context(Session(self.engine.program))
        self.driver = driver_for(self.engine, self.session)
        return self

    def __exit__(self, *error):
        self._stack.__exit__(*error)

    def rewrite(self, app, name):
        return optimized(app) if name == OPTIMIZED else read_recipe(APPS / app / f"{name}.Dockerfile")

    def verdict(self, app, recipe, with_control=True):
        """The verdict on a rewrite of an app."""
        original, control, run = self._original(app)
        name = f"{app}-{next(self._numbers)}"
        result = self.driver.build(name, recipe, options_for(app, self.registry))
        if result.failure:
            return Verdict.not_built(result.failure.message)
        result = self.driver.save(result, name)
        try:
            with read_archive(result.archive) as image:
                smoke = run.compare(original[0].tag, result.tag)
                bases = Bases(*(self._base(app, r) for r in (read_recipe(APPS / app / "Dockerfile"), recipe)))
                noise = control if with_control else None
                return compare(original[1], image, control=noise, run=smoke, bases=bases)
        finally:
            Path(result.archive).unlink()

    def _original(self, app):
        with self._locks[app]:
            if app not in self._originals:
                self._originals[app] = self._make_original(app)
            return self._originals[app]

    def _make_original(self, app):
        recipe = read_recipe(APPS / app / "Dockerfile")
        original, image = self._built(app, f"{app}-original", recipe, options_for(app, self.registry))
        _, control = self._built(app, f"{app}-control", recipe, options_for(app, self.registry, no_cache=True))
        options = SMOKE.get(app, SmokeOptions(limits=LIMITS))
        run = SmokeRun(self.engine, self.session, options, exposed(image.config))
        return (original, image), control, run

    def _built(self, app, name, recipe, options):
        result = self.driver.save(self.driver.build(name, recipe, options), name)
        assert result.failure is None, result.failure
        return result, self._stack.enter_context(read_archive(result.archive))

    def _base(self, app, recipe):
        base = recipe.of_base(None, {})
        if base is None:
            return ImageConfiguration()
        if base.text not in self._bases:
            result = self.driver.build(f"base-{next(self._numbers)}", base, options_for(app, self.registry))
            self._bases[base.text] = self.driver.configuration(result)
        return self._bases[base.text]
