"""What a rewrite gains: sizes, bytes to push again, and the time of builds, cold and after edits.

Times come from the builder's own progress. Builds of the original and the rewrite alternate, so that a slow moment of
the machine meets both; each is repeated, and a median is told with its lowest and highest value.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from dflint.build.context_copy import copy_context, plan_touches, touch
from dflint.build.errors import EngineError
from dflint.images import read_archive
from dflint.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dflint.build.request import BuildOptions, BuildResult, Recipe
    from dflint.build.verification import Driver
    from dflint.images import Image

REPEATS = 3


class Spread(NamedTuple):
    """Seconds of several builds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(round(median(values), 3), round(min(values), 3), round(max(values), 3))


class Size(NamedTuple):
    """How big an image is, in bytes."""

    files: int
    """Of the flattened file system, every file once."""
    layers: int
    """Of all layers, uncompressed."""
    compressed: int | None
    """Of all layers as pushed; None if the engine's archive has them uncompressed."""
    layer_count: int
    parts: tuple[tuple[str, int], ...] = ()
    """The layers from the lowest: the instruction that made it, empty if the image does not say, and its bytes."""


class Rebuild(NamedTuple):
    """Builds after one kind of edit."""

    edit: str
    """cold, nothing, source, manifest or readme."""
    path: str
    """The file that was edited; empty for cold and nothing."""
    wall: Spread
    work: Spread
    """Seconds of the steps that were carried out, added up: what several cores do at once counts in full."""
    steps: tuple[str, ...]
    """The instructions that were carried out, in the last of the builds."""
    pushed: int | None = None
    """Bytes of the layers that a registry with the image from before the edit does not have; None if not compressed."""


class Measures(NamedTuple):
    """Of one Dockerfile."""

    size: Size
    rebuilds: tuple[Rebuild, ...]


class _Kept(NamedTuple):
    """The builds of one recipe after one kind of edit."""

    edit: str
    path: str
    walls: list[float]
    works: list[float]
    steps: list[tuple[str, ...]]
    pushed: list[int]


def size_of(image: Image) -> Size:
    """How big an image is."""
    stored, layers = sum(layer.compressed_size for layer in image.layers), sum(layer.size for layer in image.layers)
    is_compressed = not image.layers or any(layer.compressed_size != layer.size for layer in image.layers)
    parts = tuple((layer.history.created_by if layer.history else "", layer.size) for layer in image.layers)
    return Size(image.size, layers, stored if is_compressed else None, len(image.layers), parts)


def measure(
    driver: Driver,
    recipes: Sequence[Recipe],
    options: BuildOptions,
    folder: Path,
    repeats: int = REPEATS,
    on_event: Callable[[str], None] | None = None,
) -> tuple[Measures, ...]:
    """Measure recipes against each other, in a copy of the context below ``folder``.

    Raises EngineError, also when one of them does not build.
    """
    return _Measuring(driver, recipes, options, folder, repeats, on_event or (lambda text: None)).run()


class _Measuring:
    def __init__(
        self, driver: Driver, recipes: Sequence[Recipe], options: BuildOptions, folder: Path, repeats: int,
        on_event: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.driver = driver
        self.recipes = recipes
        self.folder = folder / "context"
        self.repeats = repeats
        self.on_event = on_event
        self.context = copy_context(options.context, recipes, self.folder)
        self.options = options.with_context(str(self.folder))
        self.kept: dict[tuple[str, int], _Kept] = {}
        self.layers: list[dict[str, int] | None] = []
        """Of each recipe's latest image: digest to stored bytes; None if the archive has layers uncompressed."""
        self.number = 0

    def run(self) -> tuple[Measures, ...]:
        plan = plan_touches(self.context)
        self._repeat("cold", "")
        sizes = []
        for index, recipe in enumerate(self.recipes):
            image = self._read(self._build(recipe, self.options), index)
            sizes.append(image[0])
            self.layers.append(image[1])
        self._repeat("nothing", "")
        for edit, path in (("readme", plan.readme), ("source", plan.source), ("manifest", plan.manifest)):
            if path is not None:
                self._repeat(edit, path)
        return tuple(
            Measures(size, tuple(_rebuild(kept) for (_, number), kept in self.kept.items() if number == index))
            for index, size in enumerate(sizes)
        )

    def _repeat(self, edit: str, path: str) -> None:
        """Builds of each recipe in turn, in an order that alternates."""
        order = list(enumerate(self.recipes))
        for round_number in range(self.repeats):
            self.on_event(f"measuring: {edit}, {round_number + 1} of {self.repeats}")
            if path:
                touch(self.folder, path)
            nonce = secrets.token_hex(4)
            for index, recipe in order if round_number % 2 == 0 else reversed(order):
                kept = self.kept.setdefault((edit, index), _Kept(edit, path, [], [], [], []))
                if edit == "cold":
                    result = self._build(recipe.with_fresh_caches(nonce), self.options.with_cache_off())
                else:
                    result = self._build(recipe, self.options)
                    self._note_pushed(kept, result, index)
                kept.walls.append(result.seconds)
                kept.works.append(sum(step.seconds for step in result.ran))
                kept.steps.append(tuple(step.name for step in result.ran))

    def _note_pushed(self, kept: _Kept, result: BuildResult, index: int) -> None:
        _, after = self._read(result, index)
        before = self.layers[index]
        if after is not None and before is not None:
            kept.pushed.append(sum(size for digest, size in after.items() if digest not in before))
        self.layers[index] = after

    def _build(self, recipe: Recipe, options: BuildOptions) -> BuildResult:
        self.number += 1
        result = self.driver.build(f"measure-{self.number}", recipe, options)
        if result.failure:
            raise EngineError(f"it did not build when it was measured: {result.failure.message}")
        return result

    def _read(self, result: BuildResult, index: int) -> tuple[Size, dict[str, int] | None]:
        """Size and layers of an image that was built."""
        saved = self.driver.save(result, f"measure-{index}")
        try:
            with read_archive(saved.archive) as image:
                size = size_of(image)
                layers = {layer.digest: layer.compressed_size for layer in image.layers}
                return size, None if size.compressed is None else layers
        finally:
            Path(saved.archive).unlink(missing_ok=True)


def _rebuild(kept: _Kept) -> Rebuild:
    pushed = round(median(kept.pushed)) if kept.pushed else None
    return Rebuild(kept.edit, kept.path, Spread.of(kept.walls), Spread.of(kept.works), kept.steps[-1], pushed)
