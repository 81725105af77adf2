from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import From


class AsKeywordCasing(Rule):
    """The `AS` of a FROM is not written in the case of its `FROM`.

    ## Why is this bad?

    `FROM debian as build` mixes two styles in one line; the eye takes `as` for a part of the image's name.

    ## Exceptions

    A `From` that is neither upper nor lower case: the rule inconsistent-instruction-casing has that.

    ## Fix safety

    The fix changes the case of the keyword, which the builder does not look at.
    """

    name = "as-keyword-casing"
    category = "style"
    level = "info"
    aliases = ("FromAsCasing",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12 as build\n", at=("as",), fixed="FROM debian:12 AS build\n"),
        Bad("from debian:12 AS build\n", at=("AS",), fixed="from debian:12 as build\n"),
        Bad("FROM debian:12 \\\n  As build\n", at=("As",), fixed="FROM debian:12 \\\n  AS build\n"),
    )
    good = (
        Good("FROM debian:12 AS build\n"),
        Good("from debian:12 as build\n"),
        Good("From debian:12 as build\n"),
        Good("FROM debian:12\n"),
    )

    def check_from(self, instruction: From, model: Model) -> Iterator[Finding]:
        word = instruction.as_keyword
        keyword = instruction.keyword.text
        if word is None:
            return
        wanted = "as" if keyword.islower() else "AS"
        if word.text == wanted or not (keyword.islower() or keyword.isupper()):
            return
        fix = Fix.of(f"Write {wanted}", "safe", [Edit(word.start, word.end, wanted)])
        yield self.finding(word, f"{word.text} is not in the case of its {keyword}", fix)
