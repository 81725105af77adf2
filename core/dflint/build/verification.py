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
from dflint.images import ArchiveError, ImageConfiguration, read_archive, read_archives
from dflint.record import NamedTuple
from dflint.verify import Bases, Level, Verdict, compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.build.engines import Engine
    from dflint.build.session import Session
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
    """Wall time of everything else, measuring left out."""


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
    return _Verifying(driver, original, rewrite, options, on_event or (lambda text: None)).run()


class _Verifying:
    def __init__(
        self, driver: Driver, original: Recipe, rewrite: Recipe, options: VerifyOptions,
        on_event: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.driver = driver
        self.recipes = original, rewrite
        self.options = options
        self.on_event = on_event
        self.notes: list[str] = []
        self.begun = monotonic()
        self.measuring = 0.0

    def run(self) -> Verification:
        network, reason = self.driver.network(self.options.build)
        if reason:
            self.notes.append(f"RUN had the network {network}: {reason}")
        original = self._build("original", self.recipes[0], self.options.build)
        if original.failure:
            return self._failed(original, None, network)
        rewrite = self._build("rewrite", self.recipes[1], self.options.build)
        if rewrite.failure:
            return self._failed(original, rewrite, network)
        original, rewrite = self.driver.save(original, "original"), self.driver.save(rewrite, "rewrite")
        with ExitStack() as open_images:
            try:
                images = read_archives([original.archive, rewrite.archive], self.options.build.platform)
            except ArchiveError as error:
                raise EngineError(f"the engine's archive cannot be read: {error}") from None
            for image in images:
                open_images.enter_context(image)
            sizes = (size_of(images[0]), size_of(images[1]))
            original, rewrite, smoke = self._smoke(original, rewrite, images[0])
            verdict, control = self._verdict(images[0], images[1], smoke)
        if self.options.keep:
            rewrite = self.driver.load(rewrite, "rewrite")
            self.driver.keep(rewrite, self.options.keep)
        measures = self._measure()
        return self._result(verdict, original, rewrite, control, smoke, sizes, measures, network)

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

    def _smoke(
        self, original: BuildResult, rewrite: BuildResult, image: Image
    ) -> tuple[BuildResult, BuildResult, SmokeComparison | None]:
        """Run both, if that is asked for and possible; the results come back with the images in the engine."""
        if self.options.smoke is None:
            self.notes.append("nothing was run: not asked for")
            return original, rewrite, None
        if not self.driver.engine.can_run:
            self.notes.append(f"nothing was run: {self.driver.engine.kind} alone does not run containers")
            return original, rewrite, None
        self.on_event("running both")
        try:
            original, rewrite = self.driver.load(original, "original"), self.driver.load(rewrite, "rewrite")
            run = SmokeRun(self.driver.engine, self.driver.session, self.options.smoke, exposed(image))
            return original, rewrite, run.compare(original.tag, rewrite.tag)
        except EngineError as error:
            self.notes.append(f"nothing was run: {error}")
            return original, rewrite, None

    def _verdict(
        self, original: Image, rewrite: Image, smoke: SmokeComparison | None
    ) -> tuple[Verdict, BuildResult | None]:
        self.on_event("comparing")
        verdict = compare(original, rewrite, run=smoke)
        bases = self._bases() if may_come_from_base(verdict) else None
        if bases is not None:
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
        checks = monotonic() - self.begun - builds - self.measuring
        return Verification(
            verdict, original, rewrite, control, smoke, sizes, measures, network, tuple(self.notes),
            round(builds, 3), round(checks, 3),
        )  # fmt: skip


def may_be_noise(verdict: Verdict) -> bool:
    """Whether a second build of the original may explain what keeps a verdict low: contents that differ."""
    if verdict.level >= Level.FILE_SYSTEM_EQUAL:
        return False
    return any(difference.kind in ("content", "modification time") for difference in verdict.unexplained)


def may_come_from_base(verdict: Verdict) -> bool:
    """Whether the base images may explain why the configurations differ."""
    return any(reason.subject.startswith(("config.Env.", "config.Labels.")) for reason in verdict.reasons)


def exposed(image: Image) -> Exposed:
    """What an image's configuration says that a smoke run depends on."""
    config = image.config
    ports = []
    for text in config.exposed_ports:
        number, _, protocol = text.partition("/")
        if number.isdigit() and protocol in ("", "tcp"):
            ports.append(int(number))
    healthcheck = config.healthcheck
    has_healthcheck = healthcheck is not None and healthcheck.test[:1] not in ((), ("NONE",))
    return Exposed(tuple(ports), has_healthcheck, bool(config.arguments))
