"""``dflint optimize --verify``: rewrites that builds have guided and shown to do the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dflint.build import EngineError, Session, Terminated, driver_for, find_engine, read_recipe, signals_raise
from dflint.build.request import Recipe
from dflint.cli import FINDINGS, INTERRUPTED, TROUBLE, complain
from dflint.cli.build_options import verify_options
from dflint.optimizer.guided import optimize_with_builds
from dflint.verify import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from dflint.context import BuildContext
    from dflint.optimizer import Rewrite, Settings
    from dflint.optimizer.guided import Guided


def run_verified(
    given: Any,
    text: str,
    context: BuildContext | None,
    settings: Settings,
    finish: Callable[[Any, Rewrite, BuildContext | None], int],
) -> int:
    """Find a rewrite that reaches the level, tell what builds showed, and go on with ``finish``."""
    if context is None:
        complain("--verify needs the build context: name it with --context")
        return TROUBLE
    try:
        with signals_raise():
            guided = _guided(given, text, context, settings)
    except EngineError as error:
        complain(str(error))
        return TROUBLE
    except KeyError as error:
        complain(f"no pass is called {error.args[0]}")
        return TROUBLE
    except Terminated as error:
        complain("ended by a signal; nothing of this run is left in the engine, and no file was changed")
        return 128 + error.signal
    except KeyboardInterrupt:
        complain("interrupted; nothing of this run is left in the engine, and no file was changed")
        return INTERRUPTED
    code = finish(given, guided.rewrite, context)
    if given.format == "text" and given.output != "-":
        _tell(guided, Level(given.verify))
    return FINDINGS if guided.trials and not guided.rewrite.is_changed else code


def _guided(given: Any, text: str, context: BuildContext, settings: Settings) -> Guided:
    options = verify_options(given, settings.path)
    recipe = Recipe(text, "Dockerfile") if given.file == "-" else read_recipe(given.file)._replace(text=text)
    engine = find_engine(given.engine, given.builder)
    with Session(engine.program) as session:
        guided = optimize_with_builds(
            driver_for(engine, session), recipe, context, settings, options, Level(given.verify),
            only=given.only, skip=given.skip, on_event=_teller(),
        )  # fmt: skip
    for name in session.left:
        complain(f"could not be removed from the engine: {name}")
    return guided


def _teller() -> Callable[[str], None]:
    if not sys.stderr.isatty():
        return lambda text: None

    def tell(text: str) -> None:
        sys.stderr.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stderr.flush()

    return tell


def _tell(guided: Guided, wanted: Level) -> None:
    """What the builds showed, after the rewrite itself."""
    found = guided.verification
    if found is None:
        return
    if guided.rewrite.is_changed:
        sys.stdout.write(f"Built and compared: level {int(found.verdict.level)} of 5, {found.verdict.level.title}\n")
        for reason in found.verdict.reasons[:5]:
            sys.stdout.write(f"  no higher because of {reason.subject}: {reason.message}\n")
        if found.sizes is not None:
            before, after = found.sizes[0].files, found.sizes[1].files
            less = 100 * (before - after) / before if before else 0.0
            sys.stdout.write(f"Size: {before / 1e6:.1f} MB -> {after / 1e6:.1f} MB of files ({less:.0f} % less)\n")
    else:
        sys.stdout.write(f"No rewrite reached level {int(wanted)}, {wanted.title}; nothing was written\n")
