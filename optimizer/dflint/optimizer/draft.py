"""A rewrite in the making: the text so far, its model, and what the passes may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.fixer import apply_edits
from dflint.model import Model
from dflint.record import NamedTuple
from dflint.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from dflint.context import BuildContext
    from dflint.findings import Edit
    from dflint.optimizer.evidence import BuildEvidence
    from dflint.optimizer.rewrite import Change, Level, Refusal

    class Pass(Protocol):
        """One kind of rewriting. Its module is called after it; it keeps no state between calls."""

        name: str
        """Kebab-case: ``manifest-first``."""
        level: Level
        """From which level on it runs."""
        description: str
        """One sentence for ``--explain`` and the documentation."""

        def run(self, draft: Draft) -> Outcome: ...


class Outcome(NamedTuple):
    """What a pass wants: edits of the draft's text, in order and apart, with the changes that they make."""

    edits: tuple[Edit, ...] = ()
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    text: str | None = None
    """The whole new text, in place of edits."""
    dockerignore: str | None = None


class Settings(NamedTuple):
    """What holds for the whole rewrite."""

    level: Level = "multi-stage"
    path: str = "Dockerfile"
    named_contexts: tuple[str, ...] = ()
    target: str | None = None
    build_args: Mapping[str, str] = {}
    has_siblings: bool = False
    """Whether something else (compose, bake) may build other stages of the file."""


class Draft:
    """The text so far. Passes read ``model`` and give edits; the pipeline makes the next draft of them."""

    __slots__ = ("_model", "context", "evidence", "settings", "text")

    def __init__(
        self, text: str, context: BuildContext | None, settings: Settings, evidence: BuildEvidence | None = None
    ) -> None:
        self.text = text
        self.context = context
        self.settings = settings
        self.evidence = evidence
        """What a build of the original showed; None if nothing was built."""
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """The model of the text, made once."""
        if self._model is None:
            settings = self.settings
            self._model = Model(
                parse(self.text),
                self.context,
                settings.path,
                named_contexts=settings.named_contexts,
                target=settings.target,
                build_args=settings.build_args,
            )
        return self._model

    def edited(self, edits: Iterable[Edit]) -> Draft:
        """The draft after some edits that are in order and do not overlap."""
        return self.with_text(apply_edits(self.text, edits))

    def with_text(self, text: str) -> Draft:
        """The draft with another text."""
        return Draft(text, self.context, self.settings, self.evidence)

    def line_of(self, offset: int) -> int:
        """The line, from 1, of an offset of the text."""
        return self.model.source.line_of(offset)
