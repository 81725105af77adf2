"""Stages: what each is built from, what it uses, and whether it ends up in the image.

Behaviour: dockerfile2llb/convert.go (buildDispatchStates, addState, findStateByName, findStateByIndex, toCommand,
detectRunMount, initOnBuildTriggers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.model.image import ImageReference
from dflint.syntax.tree import Copy, Onbuild, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.model.model import Model
    from dflint.syntax.tree import From, Instruction, Word

_UNSET = object()


class Stage:
    """One FROM and what follows it."""

    __slots__ = (
        "_base_text",
        "_image",
        "_model",
        "_parent",
        "_parents",
        "_uses",
        "from_",
        "index",
        "instructions",
        "name",
    )

    def __init__(self, model: Model, index: int, from_: From, instructions: tuple[Instruction, ...]) -> None:
        self._model = model
        self.index = index
        """From 0; the number that ``COPY --from`` may use."""
        self.from_ = from_
        self.instructions = instructions
        """Without the FROM."""
        name = from_.stage_name
        self.name = name.text.lower() if name is not None else None
        """In lower case, as BuildKit compares it."""
        self._base_text: object = _UNSET
        self._image: object = _UNSET
        self._parent: object = _UNSET
        self._parents: tuple[Stage, ...] | None = None
        self._uses: tuple[Stage, ...] | None = None

    def __repr__(self) -> str:
        return f"Stage({self.index}, {self.name!r})"

    @property
    def start(self) -> int:
        """Offset of its FROM."""
        return self.from_.start

    @property
    def end(self) -> int:
        """Offset of the end of its last instruction."""
        return self.instructions[-1].end if self.instructions else self.from_.end

    @property
    def base_text(self) -> str | None:
        """What FROM names with the defaults of the global ARGs; None if one has no default or it is the platform's."""
        if self._base_text is _UNSET:
            word = self.from_.image
            environment = self._model.environment_before(self.from_)
            self._base_text = (environment.expand(word) or None) if word is not None else None
        return self._base_text  # type: ignore[return-value]

    @property
    def parent(self) -> Stage | None:
        """The stage it starts from: the last one before it with that name.

        BuildKit looks for the name as written, and stage names are in lower case: ``FROM Base`` fails for a stage
        ``base``. It counts as meant here, being no valid image either.
        """
        if self._parent is _UNSET:
            text = self.base_text
            self._parent = self._model._stage_before(text.lower(), self.index) if text else None
        return self._parent  # type: ignore[return-value]

    @property
    def parents(self) -> tuple[Stage, ...]:
        """All earlier stages that FROM may mean, whatever the build arguments and the platform; ``parent`` first.

        For ``FROM base-${TARGETARCH}`` all whose name fits ``base-*``. A FROM that is nothing but a variable may mean
        any earlier stage, but only if it has no default or the default is a stage.
        """
        if self._parents is None:
            self._parents = self._find_parents()
        return self._parents

    @property
    def image(self) -> ImageReference | None:
        """The image it starts from; None for a stage, scratch, an unknown or a malformed name."""
        if self._image is _UNSET:
            text = self.base_text
            known = text is not None and self.parent is None and not self.is_scratch
            self._image = ImageReference.parse(text) if known and text is not None else None
        return self._image  # type: ignore[return-value]

    @property
    def image_name(self) -> ImageReference | None:
        """``image``, or if only the tag is unknown (``FROM python:${VERSION}``) the image without tag and digest."""
        if self.image is not None or self.base_text is not None or self.from_.image is None:
            return self.image
        head, dollar, _ = self.from_.image.text.partition("$")
        name, colon, tag = head.rpartition(":")
        if not dollar or not colon or "/" in tag or self.parents:
            return None
        return ImageReference.parse(name)

    @property
    def root(self) -> Stage:
        """The first stage of its FROM chain, itself if it starts from no stage."""
        stage = self
        while stage.parent is not None:
            stage = stage.parent
        return stage

    @property
    def is_scratch(self) -> bool:
        """Whether FROM says ``scratch`` (and no stage has that name)."""
        return self.base_text == "scratch" and self.parent is None

    @property
    def platform(self) -> Word | None:
        """The value of ``--platform``."""
        flag = self.from_.flag("platform")
        return flag.value if flag is not None else None

    @property
    def looks_like_windows(self) -> bool:
        """Whether platform or image name say Windows; for a stage's child what is said of the chain's first stage."""
        root = self.root
        platform = root.platform
        if platform is not None and platform.text.lower().strip("\"'").startswith("windows"):
            return True
        word = root.from_.image
        text = (root.base_text or (word.text if word is not None else "")).lower()
        return any(part in text for part in ("nanoserver", "windowsservercore", "mcr.microsoft.com/windows", "ltsc20"))

    @property
    def uses(self) -> tuple[Stage, ...]:
        """The stages that it copies or mounts from, also by triggers it inherits and by dynamic names, each once."""
        if self._uses is None:
            found: dict[int, Stage] = {}
            for instruction in self._executed():
                for stage in self._model._stages_used_by(instruction, self.index):
                    found[stage.index] = stage
            self._uses = tuple(found.values())
        return self._uses

    @property
    def is_reachable(self) -> bool:
        """Whether building the target may build it."""
        return self.index in self._model._reachable

    @property
    def is_shipped(self) -> bool:
        """Whether its layers are in the image: it is the target or in the target's FROM chain."""
        return self.index in self._model._shipped

    @property
    def children(self) -> tuple[Stage, ...]:
        """The stages whose FROM names it (or may)."""
        return self._model._children.get(self.index, ())

    @property
    def used_as_base(self) -> bool:
        """Whether a stage starts from it (or may)."""
        return bool(self.children)

    @property
    def users(self) -> tuple[Stage, ...]:
        """The stages that copy or mount from it."""
        return self._model._users.get(self.index, ())

    def _executed(self) -> Iterator[Instruction]:
        """Its instructions, after the triggers of its parents."""
        for parent in self.parents:
            for instruction in parent.instructions:
                if isinstance(instruction, Onbuild) and isinstance(instruction.trigger, (Copy, Run)):
                    yield instruction.trigger
        yield from self.instructions

    def _find_parents(self) -> tuple[Stage, ...]:
        parent = self.parent
        word = self.from_.image
        if word is None or "$" not in word.text:
            return () if parent is None else (parent,)
        from dflint.model.wildcards import name_pattern

        pattern, is_open = name_pattern(word, self._model.tree.escape)
        if pattern is None or (is_open and self.base_text is not None and parent is None):
            return () if parent is None else (parent,)
        found = [] if parent is None else [parent]
        found += [
            stage
            for stage in self._model._named_before(self.index)
            if stage is not parent and stage.name and pattern.fullmatch(stage.name)
        ]
        return tuple(found)
