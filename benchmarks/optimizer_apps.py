"""What the optimizer makes of the applications of ``tests/apps``, built and compared on a Docker engine.

    python benchmarks/optimizer_apps.py [APP ...] [--only-files | --originals] [--guided] [--no-measure]
                                        [--results FILE] [--write docs]

Without an engine (``--only-files``) it says what is offered and why the rest is not. With one, each offered rewrite is
built beside its original, and ``dflint.build.verify`` gives its verdict; the original has to pass the smoke test of
``tests/apps/NAME.toml`` and so has the rewrite. Measured are sizes, builds without cache (once each) and builds after
an edit of the file that ``NAME.toml`` names (median of ``--repeats``, in turn). ``--guided`` takes the rewrite of
``dflint optimize --verify``, not the one from the files alone. ``--originals`` only builds and runs the originals.
``--results`` keeps what is finished in a file, and does not do again what is there. ``--write`` writes
``optimizer-results.md``.

Exit code 1: an original fails its smoke test, or an offered rewrite does not build or has a verdict below 3.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from dflint.build import (
    BuildOptions,
    Recipe,
    Session,
    SmokeOptions,
    VerifyOptions,
    driver_for,
    find_engine,
    read_recipe,
    signals_raise,
    verify,
)
from dflint.build.containers import Limits
from dflint.build.context_copy import touch
from dflint.build.probe import Target
from dflint.build.smoke import SmokeRun
from dflint.build.verification import exposed
from dflint.context import BuildContext
from dflint.images import read_archive
from dflint.optimizer import Settings, optimize
from dflint.optimizer.guided import optimize_with_builds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dflint.build import BuildResult, Engine
    from dflint.build.verification import Driver
    from dflint.optimizer import Rewrite

ROOT = Path(__file__).resolve().parents[1]
APPS = ROOT / "tests" / "apps"
LIMITS = Limits(memory="512m", seconds=30.0, stop_seconds=3)
WANTED_LEVEL = 3
SPLIT_PASS = "split-stages"


class App(NamedTuple):
    """An application, as its ``NAME.toml`` describes it."""

    name: str
    ecosystem: str
    eligible: bool
    """Whether a person who knows the ecosystem would give it several stages."""
    why: str
    breaks: str
    """For traps: what the obvious rewrite breaks; else empty."""
    touch: str
    """The file that is edited for the rebuild."""
    command: str | None
    """What to run in place of CMD."""
    port: int
    """0: the output is looked at, not an answer."""
    path: str
    expect: str

    @property
    def smoke(self) -> SmokeOptions:
        targets = (Target(self.port, self.path),) if self.port else ()
        return SmokeOptions((self.command,) if self.command is not None else (), targets=targets, limits=LIMITS)


class Result(NamedTuple):
    """What came of an app. Sizes in bytes of files, times in seconds of wall time."""

    app: str
    offer: str
    """``multi-stage``, ``one stage`` (changed, but still one) or ``none``."""
    reason: str = ""
    """Why it was not made multi-stage."""
    level: int | None = None
    """Of the verdict, -1 if the rewrite does not build; None if nothing was built."""
    shortfall: str = ""
    """Why the verdict is no higher."""
    smoke: str = ""
    """``passed``, or what was seen in place of what was expected."""
    sizes: tuple[int, int] | None = None
    cold: tuple[float, float] | None = None
    rebuild: tuple[float, float] | None = None
    rebuilds: tuple[tuple[float, ...], tuple[float, ...]] | None = None


def read_app(file: Path) -> App:
    """Raises KeyError if something is missing."""
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    smoke = told["smoke"]
    return App(
        file.stem, told["ecosystem"], told["eligible"], told["why"], told["breaks"] if told["trap"] else "",
        told["touch"], smoke.get("command"), smoke.get("port", 0), smoke.get("path", "/"), smoke["expect"],
    )  # fmt: skip


def apps(names: Sequence[str] = ()) -> list[App]:
    """All apps, or those that are named."""
    found = [read_app(file) for file in sorted(APPS.glob("*.toml"))]
    return [app for app in found if not names or app.name in names]


def copy_app(app: App, folder: Path) -> Path:
    """The app as a person has it, without what is there for tests; the path of its Dockerfile."""
    shutil.copytree(APPS / app.name, folder, ignore=shutil.ignore_patterns("*.Dockerfile", "__pycache__"))
    return folder / "Dockerfile"


def offered(app: App) -> tuple[Rewrite, Result]:
    """What the files alone lead to."""
    with tempfile.TemporaryDirectory() as folder:
        file = copy_app(app, Path(folder, "app"))
        recipe = read_recipe(file)
        rewrite = optimize(recipe.text, BuildContext.for_dockerfile(str(file)), Settings(path=str(file)))
    return rewrite, _described(app, rewrite)


def _described(app: App, rewrite: Rewrite) -> Result:
    if any(change.pass_name == SPLIT_PASS for change in rewrite.changes):
        return Result(app.name, "multi-stage")
    reasons = [refusal.reason for refusal in rewrite.refusals if refusal.pass_name in (SPLIT_PASS, "")]
    offer = "one stage" if rewrite.text != rewrite.original else "none"
    return Result(app.name, offer, "; ".join(dict.fromkeys(reasons)) or "no reason given")


class Bench:
    """Builds apps on the engine."""

    def __init__(self, guided: bool, repeats: int) -> None:
        sys.path.insert(0, str(ROOT / "tests"))
        official_bases = import_module("engine.official_bases")
        official_bases.make()
        self.contexts = official_bases.base_contexts()
        self.engine: Engine = find_engine("docker")
        self.guided = guided
        self.repeats = repeats

    def original(self, app: App) -> str:
        """Build and run the original; ``passed`` or what was seen."""
        with tempfile.TemporaryDirectory() as folder, Session(self.engine.program) as session:
            recipe = read_recipe(copy_app(app, Path(folder, "app")))
            driver = driver_for(self.engine, session)
            result = driver.build("original", recipe, self._options(Path(folder, "app")))
            return f"does not build: {_failure(result)}" if result.failure else self._smoke(app, driver, result)

    def result(self, app: App) -> Result:
        """Everything about an app."""
        with tempfile.TemporaryDirectory() as name, Session(self.engine.program) as session:
            folder = Path(name, "app")
            recipe = read_recipe(copy_app(app, folder))
            driver = driver_for(self.engine, session)
            rewrite = self._rewrite(app, driver, folder, recipe)
            made = _described(app, rewrite)
            if rewrite.text == rewrite.original:
                return made
            changed = recipe._replace(text=rewrite.text)
            found = verify(driver, recipe, changed, VerifyOptions(self._options(folder), app.smoke))
            reasons = "; ".join(f"{reason.subject}: {reason.message}" for reason in found.verdict.reasons[:6])
            made = made._replace(level=int(found.verdict.level), shortfall=reasons)
            if found.rewrite is None or found.rewrite.failure or found.sizes is None:
                failure = _failure(found.rewrite or found.original)
                return made._replace(level=-1, shortfall=failure, smoke="not built")
            made = made._replace(sizes=(found.sizes[0].files, found.sizes[1].files))
            made = made._replace(smoke=self._smoke(app, driver, found.rewrite))
            return self._measured(app, driver, folder, (recipe, changed), made) if self.repeats else made

    def _options(self, folder: Path, no_cache: bool = False) -> BuildOptions:
        return BuildOptions(str(folder), build_contexts=self.contexts, no_cache=no_cache)

    def _rewrite(self, app: App, driver: Driver, folder: Path, recipe: Recipe) -> Rewrite:
        path = str(folder / "Dockerfile")
        context, settings = BuildContext.for_dockerfile(path), Settings(path=path)
        if not self.guided:
            return optimize(recipe.text, context, settings)
        options = VerifyOptions(self._options(folder), app.smoke)
        return optimize_with_builds(driver, recipe, context, settings, options).rewrite

    def _smoke(self, app: App, driver: Driver, result: BuildResult) -> str:
        saved = driver.save(result, "smoke")
        with read_archive(saved.archive) as image:
            shown = exposed(image.config)
        loaded = driver.load(saved, "smoke")
        seen = SmokeRun(self.engine, driver.session, app.smoke, shown).observe(loaded.tag, app.command)
        if app.port:
            text = "\n".join(f"{answer.status} {answer.beginning}" for answer in seen.responses)
        else:
            text = seen.output
        if app.expect in text and not seen.exit_code:
            return "passed"
        return f"expected {app.expect!r}, got {text[:300]!r} {seen.started}{seen.errors[-400:]} (exit {seen.exit_code})"

    def _measured(self, app: App, driver: Driver, folder: Path, recipes: tuple[Recipe, Recipe], made: Result) -> Result:
        nonce = secrets.token_hex(4)
        cold = [
            self._seconds(driver, recipe.with_fresh_caches(nonce), self._options(folder, no_cache=True))
            for recipe in recipes
        ]
        for recipe in recipes:
            self._seconds(driver, recipe, self._options(folder))
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(self.repeats):
            touch(folder, app.touch)
            for index in (0, 1) if number % 2 == 0 else (1, 0):
                times[index].append(self._seconds(driver, recipes[index], self._options(folder)))
        return made._replace(
            cold=(cold[0], cold[1]),
            rebuild=(median(times[0]), median(times[1])),
            rebuilds=(tuple(times[0]), tuple(times[1])),
        )

    def _seconds(self, driver: Driver, recipe: Recipe, options: BuildOptions) -> float:
        result = driver.build(f"measure-{secrets.token_hex(3)}", recipe, options)
        if result.failure:
            raise RuntimeError(f"does not build when it is measured: {_failure(result)}")
        return round(result.seconds, 3)


def _failure(result: BuildResult) -> str:
    if result.failure is None:
        return ""
    return f"line {result.failure.line}: {result.failure.message} | {' / '.join(result.log[-8:])}"[:900]


def main() -> int:
    given = _parser().parse_args()
    chosen = apps(given.apps)
    if given.only_files:
        return _tell_offers(chosen)
    with signals_raise():
        bench = Bench(given.guided, 0 if given.no_measure else given.repeats)
        if given.originals:
            return _tell_originals(bench, chosen)
        results = list(_results(bench, chosen, given.results))
    page = _page(chosen, results, bench.engine, given.guided)
    print(page)
    if given.write:
        (given.write / "optimizer-results.md").write_text(page, encoding="utf-8")
    return 1 if any(_is_bad(result) for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("apps", nargs="*", metavar="APP")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--only-files", action="store_true", help="no engine: say what is offered")
    mode.add_argument("--originals", action="store_true", help="build and run the originals alone")
    parser.add_argument("--guided", action="store_true", help="take the rewrites that builds have guided")
    parser.add_argument("--no-measure", action="store_true", help="verdicts and sizes, no times")
    parser.add_argument("--repeats", type=int, default=3, help="of the rebuild after an edit")
    parser.add_argument("--results", type=Path, metavar="FILE", help="JSON lines of what is finished")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write optimizer-results.md there")
    return parser


def _tell_offers(chosen: Sequence[App]) -> int:
    for app in chosen:
        _, made = offered(app)
        print(f"{app.name:<26}{made.offer:<13}{'' if app.eligible else '(not eligible) '}{made.reason}")
    return 0


def _tell_originals(bench: Bench, chosen: Sequence[App]) -> int:
    failed = 0
    for app in chosen:
        told = bench.original(app)
        failed += told != "passed"
        print(f"{app.name}: {told}", flush=True)
    return 1 if failed else 0


def _results(bench: Bench, chosen: Sequence[App], file: Path | None) -> Iterator[Result]:
    """Of each app, those that the file has from there; the file gets each of the others when it is finished."""
    lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.exists() else []
    known = {row["app"]: Result(**row) for row in map(json.loads, lines)}
    for app in chosen:
        result = known.get(app.name)
        if result is None:
            result = bench.result(app)
            print(_line(result), file=sys.stderr, flush=True)
            if file is not None:
                with file.open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(result._asdict()) + "\n")
        yield result


def _line(result: Result) -> str:
    if result.level is None:
        return f"{result.app}: {result.offer}: {result.reason}"
    told = f"{result.app}: {result.offer}, level {result.level}, smoke {result.smoke}"
    if result.sizes is not None:
        told += f", size {_share(result.sizes):.2f}"
    if result.rebuild is not None and result.cold is not None:
        told += f", rebuild {_share(result.rebuild):.2f}, cold {_share(result.cold):.2f}"
    return told + (f"\n    {result.shortfall}" if result.shortfall else "")


def _is_bad(result: Result) -> bool:
    return result.level is not None and (result.level < WANTED_LEVEL or result.smoke != "passed")


def _share(pair: tuple[float, float] | tuple[int, int]) -> float:
    return pair[1] / pair[0] if pair[0] else 1.0


def _page(chosen: Sequence[App], results: Sequence[Result], engine: Engine, guided: bool) -> str:
    return "\n".join(_lines(chosen, results, engine, guided)) + "\n"


def _lines(chosen: Sequence[App], results: Sequence[Result], engine: Engine, guided: bool) -> Iterator[str]:
    by_name = {result.app: result for result in results}
    way = "`dflint optimize --verify`" if guided else "`dflint optimize`, from the files alone"
    yield "# What the optimizer makes of small applications"
    yield ""
    yield "Written by `python benchmarks/optimizer_apps.py --write docs`; do not edit."
    yield ""
    yield (
        f"Each application of `tests/apps` has a naive Dockerfile with one stage. The rewrites are those of {way}. "
        "Each is built beside its original; its verdict is that of `dflint verify` (0 to 5, [verify](verify.md))."
    )
    yield (
        "Base images are stand-ins made of Debian packages, so that sizes are not those of the official images. Sizes "
        "are those of all files in the image. Times are wall times of one machine that did other work, too: the build "
        "without cache, and the build after an edit of one source file; where none is given, they were not measured."
    )
    yield f"Engine: {engine.kind} {getattr(engine, 'version', '')}".rstrip()
    yield ""
    yield from _summary(chosen, by_name)
    yield ""
    yield "| application | ecosystem | trap | offered | verdict | size MB | less | cold s | rebuild s | ratio |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for app in chosen:
        yield _row(app, by_name[app.name])
    kept = [app for app in chosen if by_name[app.name].offer != "multi-stage"]
    if kept:
        yield ""
        yield "## Kept in one stage"
        yield ""
        yield "| application | reason | about the application |"
        yield "| --- | --- | --- |"
        for app in kept:
            about = app.why if app.eligible else f"not eligible: {app.why}"
            yield f"| {app.name} | {_cell(by_name[app.name].reason)} | {_cell(about)} |"
    low = [result for result in results if result.level is not None and (result.level < 4 or _is_bad(result))]
    if low:
        yield ""
        yield "## Verdicts below 4"
        yield ""
        for result in low:
            smoke = "" if result.smoke == "passed" else f" smoke test: {result.smoke}."
            yield f"- {result.app}, level {result.level}:{smoke} {_cell(result.shortfall)}"
    yield ""
    yield "## Traps"
    yield ""
    yield "| application | what the obvious rewrite breaks |"
    yield "| --- | --- |"
    for app in chosen:
        if app.breaks:
            yield f"| {app.name} | {_cell(app.breaks)} |"


def _summary(chosen: Sequence[App], by_name: dict[str, Result]) -> Iterator[str]:
    eligible = [by_name[app.name] for app in chosen if app.eligible]
    split = [result for result in eligible if result.offer == "multi-stage"]
    built = [result for result in by_name.values() if result.level is not None]
    traps = [by_name[app.name] for app in chosen if app.breaks]
    yield "| | |"
    yield "| --- | --- |"
    yield f"| applications, of them eligible | {len(chosen)}, {len(eligible)} |"
    yield f"| eligible ones made multi-stage | {len(split)} ({_percent(len(split), len(eligible))}) |"
    yield f"| changed at all | {len(built)} |"
    for level in (3, 4, 5):
        reached = sum((result.level or 0) >= level for result in built)
        yield f"| of these, verdict {level} or more | {reached} ({_percent(reached, len(built))}) |"
    yield f"| traps, of them broken | {len(traps)}, {sum(_is_bad(result) for result in traps)} |"
    sizes = [1 - _share(result.sizes) for result in split if result.sizes]
    if sizes:
        yield f"| median size reduction (multi-stage) | {100 * median(sizes):.0f} % |"
    rebuilds = [_share(result.rebuild) for result in split if result.rebuild]
    colds = [_share(result.cold) for result in split if result.cold]
    if rebuilds:
        many = f"of the original's ({len(rebuilds)} measured)"
        yield f"| median rebuild time after an edit, {many} | {median(rebuilds):.2f} |"
        yield f"| median build time without cache, {many} | {median(colds):.2f} |"


def _row(app: App, result: Result) -> str:
    cells: list[Any] = [app.name, app.ecosystem, "yes" if app.breaks else "", result.offer]
    cells.append({None: "", -1: "does not build"}.get(result.level, result.level))
    if result.sizes is None:
        cells += ["", ""]
    else:
        before, after = result.sizes
        cells += [f"{before / 1e6:.0f} → {after / 1e6:.0f}", f"{100 * (1 - _share(result.sizes)):.0f} %"]
    cells.append("" if result.cold is None else f"{result.cold[0]:.1f} → {result.cold[1]:.1f}")
    if result.rebuild is None:
        cells += ["", ""]
    else:
        cells += [f"{result.rebuild[0]:.1f} → {result.rebuild[1]:.1f}", f"{_share(result.rebuild):.2f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
