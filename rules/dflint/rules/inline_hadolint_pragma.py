from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Option, Rule
from dflint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import ClassVar

    from dflint.findings import Finding, Fix
    from dflint.model import Model
    from dflint.syntax.tree import Comment


class InlineHadolintPragma(Rule):
    """A comment tells hadolint to ignore a rule.

    ## Why is this bad?

    It need not be. Where exceptions are to be decided in one place, the configuration, each `# hadolint ignore=` gets
    round that decision. And who has moved to dflint may want comments that dflint checks: one for hadolint silences as
    well, but nobody is told when it no longer silences anything.

    With the option `void` such comments silence nothing, as with hadolint's `disable-ignore-pragma`.

    ## Exceptions

    `# hadolint shell=`, which ignores nothing, and dflint's own comments.

    ## Fix safety

    The comment is addressed to dflint instead; the image is the same. hadolint, if it still runs, no longer sees it, so
    the fix is unsafe. There is none for a comment that counts for a stage, which dflint does not have, for one with
    names other than `DL` codes, or with the option `void`.

    ## Differs from hadolint

    DL1001 passes over `# hadolint global ignore=` and `# hadolint stage ignore=`, though they ignore more.
    """

    name = "inline-hadolint-pragma"
    category = "style"
    level = "info"
    aliases = ("DL1001",)
    since = "0.1.0"
    status = "off"
    options: ClassVar[Mapping[str, Option]] = {"void": Option(False, "Whether the comments silence nothing.")}

    bad = (
        Bad(
            "FROM alpine:3.20\n# hadolint ignore=DL3018,DL3019 # the mirror has one version\nRUN apk add curl\n",
            at=("hadolint ignore=DL3018,DL3019",),
            fixed="FROM alpine:3.20\n# dflint ignore=DL3018,DL3019 # the mirror has one version\nRUN apk add curl\n",
        ),
        Bad(
            "#hadolint  global  ignore = DL3018 , DL3059\r\nfrom alpine:3.20\r\n",
            at=("hadolint  global  ignore = DL3018 , DL3059",),
            fixed="#dflint  global  ignore = DL3018 , DL3059\r\nfrom alpine:3.20\r\n",
        ),
        Bad(
            "# hadolint stage ignore=DL3018\nFROM alpine:3.20\nRUN apk add \\\n  # hadolint ignore=SC2086\n  curl\n",
            at=("hadolint stage ignore=DL3018", "hadolint ignore=SC2086"),
        ),
        Bad(
            "FROM alpine:3.20\n# hadolint ignore=DL3018\nRUN apk add curl\n",
            at=("hadolint ignore=DL3018",),
            options={"void": True},
        ),
    )
    good = (
        Good("FROM alpine:3.20\n# dflint ignore=DL3018\nRUN apk add curl\n"),
        Good("# hadolint shell=bash\nFROM alpine:3.20\n# hadolint would ignore = this\n# hadolint ignore=\nUSER 1\n"),
        Good("FROM alpine:3.20\nRUN <<EOF\n# hadolint ignore=DL3018\nEOF\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        for comment in model.tree.comments:
            if "hadolint" in comment.text and "ignore" in comment.text:
                yield from self._check(comment)

    def _check(self, comment: Comment) -> Iterator[Finding]:
        import re

        names = r"[^\s,#=]+(?:[ \t]*,[ \t]*[^\s,#=]+)*"
        pragma = re.match(rf"\s*(hadolint)\s+((?:global|stage)\s+)?ignore\s*=\s*({names})", comment.text)
        if pragma is None:
            return
        at = comment.start + 1
        place = Span(at + pragma.start(1), at + pragma.end())
        listed = [name.strip() for name in pragma[3].split(",")]
        is_for_stage = (pragma[2] or "").startswith("stage")
        yield self.finding(
            place,
            f"comment ignores {', '.join(listed)} here, not in the configuration",
            None if is_for_stage else self._fix(at + pragma.start(1), listed),
        )

    def _fix(self, start: int, names: list[str]) -> Fix | None:
        if self.setting("void") or not all(n[:2] == "DL" and n[2:].isdigit() for n in names):
            return None
        from dflint.findings import Edit, Fix

        return Fix("Address it to dflint", "unsafe", (Edit(start, start + len("hadolint"), "dflint"),))
