"""Evidence for rules: the study of a model's file over its history, made when a rule asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.buildcache.steps import PlanError
from dflint.buildcache.study import Setup, study
from dflint.history import History, HistoryError, read_history
from dflint.history.log import COMMITS, path_in_repository
from dflint.history.store import default_folder
from dflint.model.evidence import Frequency

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dflint.buildcache.study import Study
    from dflint.context import BuildContext
    from dflint.model import Model
    from dflint.syntax.tree import Instruction

_KEY = "history"


class HistoryEvidence:
    """What the git history of the context says about one model; the history is read once for a context.

    ``store`` is the folder where it is kept for the next run: ``""`` for the user's cache folder, None for none.
    """

    def __init__(self, model: Model, store: str | None = None) -> None:
        self._model = model
        self._store = store
        self._study: Study | None = None
        self._is_studied = False

    def runs_of(self, instruction: Instruction) -> Frequency | None:
        found = self._studied()
        if found is None or not found.compared:
            return None
        for one in found.steps:
            if one.step.instruction.start == instruction.start:
                return Frequency(one.ran + one.maybe, found.compared)
        return None

    def changes_of(self, paths: Iterable[str]) -> Frequency | None:
        context = self._model.context
        history = self._history(context) if context is not None else None
        if history is None:
            return None
        names = frozenset(paths)
        folders = tuple(name for name in names if name.endswith("/"))
        count = history.changed(lambda path: path in names or (bool(folders) and path.startswith(folders)))
        return Frequency(count, len(history.commits))

    def _studied(self) -> Study | None:
        if not self._is_studied:
            self._is_studied = True
            self._study = self._made()
        return self._study

    def _made(self) -> Study | None:
        model = self._model
        context = model.context
        history = self._history(context) if context is not None else None
        if context is None or history is None:
            return None
        own = path_in_repository(history, context.root, model.path)
        try:
            return study(Setup(model.path, context), model.source.text, history, own)
        except PlanError:
            return None

    def _history(self, context: BuildContext) -> History | None:
        if _KEY not in context.remembered:
            path = self._model.path
            store = default_folder() if self._store == "" else self._store
            try:
                found: History | None = read_history(context.root, COMMITS, [path, f"{path}.dockerignore"], store)
            except HistoryError:
                found = None
            context.remembered[_KEY] = found
        known = context.remembered[_KEY]
        return known if isinstance(known, History) else None
