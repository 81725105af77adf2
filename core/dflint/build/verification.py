"""The word on a rewrite: both built, compared, run and measured by one engine."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol

from dflint.build.docker import DockerDriver
from dflint.build.errors import EngineError
from dflint.build.measures import Measures, Size, measure, size_of
from dflint.build.podman import PodmanDriver
from dflint.build.request import BuildOptions, BuildResult, Recipe
from dflint.build.smoke import Exposed, SmokeOptions, SmokeRun
from dflint.images import ArchiveError, ImageConfiguration, LayerReader, read_archive, read_configuration
from dflint.record import NamedTuple
from dflint.verify import Bases, Level, Verdict, compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.build.engines import Engine
    from dflint.build.session import Session
    from dflint.build.tasks import Task
    from dflint.images import Image
    from dflint.verify import SmokeComparison


class Driver(Protocol):
    """What builds images."""

    engine: Engine
    session: Session

    def network(self, options: BuildOptions) -> tuple[str, str]: ...
    def build(self, name: str, recipe: Recipe, options: BuildOptions) -> BuildResult: ...
    def save(self, result: BuildResult, name: str) -> BuildResult: ...
    def load(self, result: BuildResult, name: str) -> BuildResult: ...
    def keep(self, result: BuildResult, tag: str) -> None: ...
    def configuration(self, result: BuildResult) -> ImageConfiguration: ...


def driver_for(engine: Engine, session: Session, on_event: Callable[[str], None] | None = None) -> Driver:
    """The driver of an engine."""
    made = DockerDriver if engine.kind == "docker" else PodmanDriver
    return made(engine, session, on_event)


@dataclass(frozen=True)
class VerifyOptions:
    """What is asked for besides two builds and a comparison."""

    build: BuildOptions = field(default_factory=BuildOptions)
    smoke: SmokeOptions | None = field(default_factory=SmokeOptions)
    """None: nothing is run."""
    control: Literal["auto", "always", "never"] = "auto"
    """Whether the original is built again without cache, to know what any two builds of it differ in. ``auto``: if the
    comparison leaves something that such noise may explain."""
    repeats: int = 0
    """Of each build that is measured; 0: nothing is measured."""
    keep: str | None = None
    """Name under which the rewrite's image stays in the engine."""


class Verification(NamedTuple):
    """What came of it."""

    verdict: Verdict
    original: BuildResult
    rewrite: BuildResult | None
    """None if the original did not build."""
    control: BuildResult | None
    smoke: SmokeComparison | None
    sizes: tuple[Size, Size] | None
    measures: tuple[Measures, ...]
    network: str
    """Of RUN."""
    notes: tuple[str, ...]
    """What was not done or done differently, and why."""
    build_seconds: float
    """Wall time of the builds of original, rewrite and control."""
    check_seconds: float
    """Wall time that everything else took besides, measuring left out: much of it is done while the rewrite builds."""


def verify(
    driver: Driver,
    original: Recipe,
    rewrite: Recipe,
    options: VerifyOptions,
    on_event: Callable[[str], None] | None = None,
) -> Verification:
    """Build both Dockerfiles and say how far the rewrite is shown to be the same.

    Raises EngineError when the engine cannot say.
    """
    with Verifier(driver, original, options, on_event) as verifier:
        return verifier.verify(rewrite)


class Verifier:
    """Verifies rewrites of one original, which is built, read and run once: while the first rewrite is built."""

    def __init__(
        self, driver: Driver, original: Recipe, options: VerifyOptions, on_event: Callable[[str], None] | None = None
    ) -> None:
        self.driver = driver
        self.recipe = original
        self.options = options
        self.on_event = on_event or (lambda text: None)
        self._layers = LayerReader(options.build.platform)
        self._images = ExitStack()
        self._built: BuildResult | None = None
        self._saved: Task[BuildResult] | None = None
        self._read: Task[Image] | None = None
        self._seen: Task[_Seen] | None = None

    def __enter__(self) -> Verifier:
        return self

    def __exit__(self, *error: object) -> None:
        for task in (self._saved, self._read, self._seen):
            if task is not None:
                task.drop()
        self._images.close()

    @property
    def is_built(self) -> bool:
        """Whether the original was built already, so that it takes no more time."""
        return self._built is not None

    def original(self) -> BuildResult:
        """The original, built. Raises EngineError."""
        if self._built is None:
            self.on_event("building original")
            self._built = built = self.driver.build("original", self.recipe, self.options.build)
            if not built.failure:
                self._look_at(built)
        return self._built

    def image(self) -> Image:
        """The original's image; only if it did build. Raises EngineError."""
        self.original()
        assert self._read is not None, "it was not built"
        return self._read.result()

    def verify(self, rewrite: Recipe) -> Verification:
        """As the function of this name."""
        return _Verifying(self, rewrite).run()

    def _look_at(self, built: BuildResult) -> None:
        """Save, read and run what was built, beside whatever comes next."""
        session = self.driver.session
        saved = session.beside(lambda: self.driver.save(built, "original"))
        self._saved = saved
        self._read = session.beside(lambda: self.read(saved.result()))
        if self.options.smoke is not None and self.driver.engine.can_run:
            smoke = self.options.smoke
            self._seen = session.beside(lambda: self._run(saved.result(), smoke))

    def _run(self, saved: BuildResult, options: SmokeOptions) -> _Seen:
        shown = exposed(read_configuration(saved.archive, self.options.build.platform))
        loaded = self.driver.load(saved, "original")
        run = SmokeRun(self.driver.engine, self.driver.session, options, shown)
        run.look_at_original(loaded.tag)
        return _Seen(loaded, run)

    def read(self, saved: BuildResult) -> Image:
        """An image of this run; it is closed at the end. Raises EngineError."""
        try:
            return self._images.enter_context(self._layers.read(saved.archive)[0])
        except ArchiveError as error:
            raise EngineError(f"the engine's archive cannot be read: {error}") from None

    def saved_original(self) -> BuildResult:
        """The original with its archive. Raises EngineError."""
        assert self._saved is not None, "it was not built"
        return self._saved.result()

    def seen_original(self) -> _Seen | None:
        """The original in the engine, and what runs of it showed; None if nothing is run. Raises EngineError."""
        return None if self._seen is None else self._seen.result()


class _Seen(NamedTuple):
    original: BuildResult
    """With the image in the engine."""
    run: SmokeRun


class _Verifying:
    def __init__(self, verifier: Verifier, rewrite: Recipe) -> None:
        self.verifier = verifier
        self.driver = verifier.driver
        self.recipes = verifier.recipe, rewrite
        self.options = verifier.options
        self.on_event = verifier.on_event
        self.notes: list[str] = []
        self.begun = monotonic()
        self.measuring = 0.0
        self.built_before = verifier.is_built

    def run(self) -> Verification:
        network, reason = self.driver.network(self.options.build)
        if reason:
            self.notes.append(f"RUN had the network {network}: {reason}")
        original = self.verifier.original()
        self.notes += [f"original: {note}" for note in original.notes]
        if original.failure:
            return self._failed(original, None, network)
        rewrite = self._build("rewrite", self.recipes[1], self.options.build)
        if rewrite.failure:
            return self._failed(original, rewrite, network)
        rewrite, image, smoke = self._look_at(rewrite)
        original, before = self.verifier.saved_original(), self.verifier.image()
        sizes = (size_of(before), size_of(image))
        verdict, control = self._verdict(before, image, smoke)
        if self.options.keep:
            rewrite = self.driver.load(rewrite, "rewrite")
            self.driver.keep(rewrite, self.options.keep)
        measures = self._measure()
        return self._result(verdict, original, rewrite, control, smoke, sizes, measures, network)

    def _look_at(self, rewrite: BuildResult) -> tuple[BuildResult, Image, SmokeComparison | None]:
        """Save, read and run the rewrite. What the engine has already is run while it is saved."""
        if not rewrite.tag:
            rewrite = self.driver.save(rewrite, "rewrite")
        run = self.driver.session.beside(lambda: self._smoke(rewrite))
        saved = self.driver.save(rewrite, "rewrite")
        image = self.verifier.read(saved)
        loaded, smoke = run.result()
        return saved._replace(tag=loaded.tag), image, smoke

    def _build(self, name: str, recipe: Recipe, options: BuildOptions) -> BuildResult:
        self.on_event(f"building {name}")
        result = self.driver.build(name, recipe, options)
        self.notes += [f"{name}: {note}" for note in result.notes]
        return result

    def _failed(self, original: BuildResult, rewrite: BuildResult | None, network: str) -> Verification:
        result = rewrite or original
        assert result.failure is not None
        name = "rewrite" if rewrite else "original"
        place = f"{self.recipes[bool(rewrite)].name}:{result.failure.line}: " if result.failure.line else ""
        verdict = Verdict.not_built(f"the {name} does not build: {place}{result.failure.message}")
        return self._result(verdict, original, rewrite, None, None, None, (), network)

    def _smoke(self, rewrite: BuildResult) -> tuple[BuildResult, SmokeComparison | None]:
        """Run both, if that is asked for and possible; the rewrite comes back with its image in the engine."""
        if self.options.smoke is None:
            self.notes.append("nothing was run: not asked for")
            return rewrite, None
        if not self.driver.engine.can_run:
            self.notes.append(f"nothing was run: {self.driver.engine.kind} alone does not run containers")
            return rewrite, None
        self.on_event("running both")
        try:
            rewrite = self.driver.load(rewrite, "rewrite")
            seen = self.verifier.seen_original()
            assert seen is not None, "engines that run containers have run it"
            return rewrite, seen.run.compare(seen.original.tag, rewrite.tag)
        except EngineError as error:
            self.notes.append(f"nothing was run: {error}")
            return rewrite, None

    def _verdict(
        self, original: Image, rewrite: Image, smoke: SmokeComparison | None
    ) -> tuple[Verdict, BuildResult | None]:
        self.on_event("comparing")
        bases = self._bases() if may_come_from_base(original.config, rewrite.config) else None
        verdict = compare(original, rewrite, run=smoke, bases=bases)
        is_wanted = self.options.control == "always" or (self.options.control == "auto" and may_be_noise(verdict))
        if not is_wanted:
            return verdict, None
        control = self.driver.save(
            self._build("control", self.recipes[0], replace(self.options.build, no_cache=True, pull=False)), "control"
        )
        if control.failure:
            self.notes.append(f"the original did not build a second time: {control.failure.message}")
            return verdict, control
        with read_archive(control.archive, self.options.build.platform) as image:
            return compare(original, rewrite, control=image, run=smoke, bases=bases), control

    def _bases(self) -> Bases | None:
        """The configurations of the base images, if they are not the same; a build without steps fetches each."""
        found = []
        options = self.options.build
        for name, recipe in zip(("original", "rewrite"), self.recipes, strict=True):
            base = recipe.of_base(options.target, options.arguments())
            if base is None:
                found.append(ImageConfiguration())
                continue
            try:
                result = self.driver.build(f"{name}-base", base, replace(options, target=None, cache_to=()))
                if result.failure:
                    return None
                found.append(self.driver.configuration(self.driver.load(result, f"{name}-base")))
            except EngineError as error:
                self.notes.append(f"the base images were not compared: {error}")
                return None
        return Bases(*found) if found[0] != found[1] else None

    def _measure(self) -> tuple[Measures, ...]:
        if not self.options.repeats:
            return ()
        begun = monotonic()
        try:
            return measure(
                self.driver, self.recipes, self.options.build, self.driver.session.folder, self.options.repeats,
                self.on_event,
            )  # fmt: skip
        finally:
            self.measuring = monotonic() - begun

    def _result(
        self, verdict: Verdict, original: BuildResult, rewrite: BuildResult | None, control: BuildResult | None,
        smoke: SmokeComparison | None, sizes: tuple[Size, Size] | None, measures: tuple[Measures, ...], network: str,
    ) -> Verification:  # fmt: skip
        builds = sum(result.seconds for result in (original, rewrite, control) if result)
        elsewhere = original.seconds if self.built_before else 0.0
        checks = max(0.0, monotonic() - self.begun - (builds - elsewhere) - self.measuring)
        return Verification(
            verdict, original, rewrite, control, smoke, sizes, measures, network, tuple(self.notes),
            round(builds, 3), round(checks, 3),
        )  # fmt: skip


def may_be_noise(verdict: Verdict) -> bool:
    """Whether a second build of the original may explain what keeps a verdict low: contents that differ."""
    if verdict.level >= Level.FILE_SYSTEM_EQUAL:
        return False
    return any(difference.kind in ("content", "modification time") for difference in verdict.unexplained)


def may_come_from_base(original: ImageConfiguration, rewrite: ImageConfiguration) -> bool:
    """Whether the base images may explain why the configurations differ."""
    return (original.environment, original.labels) != (rewrite.environment, rewrite.labels)


def exposed(config: ImageConfiguration) -> Exposed:
    """What an image's configuration says that a smoke run depends on."""
    ports = []
    for text in config.exposed_ports:
        number, _, protocol = text.partition("/")
        if number.isdigit() and protocol in ("", "tcp"):
            ports.append(int(number))
    healthcheck = config.healthcheck
    has_healthcheck = healthcheck is not None and healthcheck.test[:1] not in ((), ("NONE",))
    return Exposed(tuple(ports), has_healthcheck, bool(config.arguments))
