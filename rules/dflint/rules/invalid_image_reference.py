from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model, Stage
    from dflint.syntax.tree import Copy, Instruction, Run


class InvalidImageReference(Rule):
    """FROM or `--from` names something that no image can be called.

    ## Why is this bad?

    The build stops when it gets there. A name is in lower case, may start with a registry (`ghcr.io/`), and may end in
    a tag (`:1.2`) and a digest (`@sha256:` and 64 digits).

    ## Exceptions

    Stages, named contexts, and placeholders of templates (`{{ base }}`, `%%TAG%%`, `REPLACE_ME`). Names with variables
    are not looked at, see invalid-default-base.

    ## Differs from BuildKit

    BuildKit warns of InvalidDefaultArgInFrom for these too, although no ARG is in them, and then stops with an error.
    """

    name = "invalid-image-reference"
    category = "base"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad("FROM Debian:12\n", at=("Debian:12",)),
        Bad("from debian:12: as build\n", at=("debian:12:",)),
        Bad("FROM https://example.com/app\n", at=("https://example.com/app",)),
        Bad("FROM debian@sha256:123\n", at=("debian@sha256:123",)),
        Bad("FROM debian:12 AS Build\nFROM Build\n", at=("Build",)),
        Bad("FROM debian:12\nCOPY --from=owner/App /a \\\n  /a\n", at=("owner/App",)),
    )
    good = (
        Good("FROM debian:12\n"),
        Good("FROM localhost:5000/a/b_c.d--e:X.y-z@sha256:" + "a" * 64 + "\n"),
        Good("ARG A\nFROM $A:\n"),
        Good("FROM scratch\n"),
        Good("FROM debian:12 AS build_\nFROM build_\nCOPY --from=BUILD_ /a /b\n"),
        Good("FROM {{ base }}\n"),
        Good("FROM <BASE>\n"),
        Good("FROM REPLACE_ME\nFROM balenalib/%%MACHINE%%-debian:12\n"),
    )

    def check_stage(self, stage: Stage, model: Model) -> Iterator[Finding]:
        word = stage.from_.image
        text = word.literal if word is not None else None
        if word is None or not text or stage.from_.problems:
            return
        parent = stage.parent
        if parent is not None:
            if parent.name != text:
                yield self.finding(word, f"FROM finds the stage {parent.name} only by its name in lower case")
        elif not _is_valid(text, model) and text != "scratch":
            yield self.finding(word, _message(text))

    def check_copy(self, instruction: Copy, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def check_run(self, instruction: Run, model: Model) -> Iterator[Finding]:
        return self._check_values(instruction, model)

    def _check_values(self, instruction: Instruction, model: Model) -> Iterator[Finding]:
        from dflint.rules._from_values import from_values

        for value in from_values(instruction):
            text = value.text
            if "$" in text or text.lstrip("+-").isdigit() or model.resolve_from(text, instruction) is not None:
                continue
            if not _is_valid(text, model):
                yield self.finding(value, _message(text))


def _is_valid(text: str, model: Model) -> bool:
    from dflint.model import ImageReference

    if text in model.named_contexts or ImageReference.parse(text) is not None:
        return True
    return text.partition(":")[0] == text.partition(":")[0].upper() or (
        any(char in text for char in "{}<>%@[]#") and "@sha" not in text
    )  # a template's placeholder


def _message(text: str) -> str:
    if "://" in text:
        return f"{text} is an address, not the name of an image"
    repository = text.partition("@")[0]
    head, colon, tail = repository.rpartition(":")
    name = head if colon and "/" not in tail else repository
    path = name.partition("/")[2] if "." in name.partition("/")[0] else name
    if path != path.lower():
        return f"{text} is no valid image: names are in lower case"
    return f"{text} is no valid image name"
