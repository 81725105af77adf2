from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Env, Pair


class EnvSelfReference(Rule):
    """An ENV uses a variable that is only set in the same ENV.

    ## Why is this bad?

    All values of an ENV are made from the variables as they were before it. In `ENV A=/a B=$A/b` the variable B is
    `/b`, as if A were not there.

    ## Exceptions

    A variable that an earlier instruction sets too, or an ARG declares; one that only its own value uses
    (`LD_LIBRARY_PATH=/lib:$LD_LIBRARY_PATH`): the base image may have set it; PATH; `${A:-x}` and the like.

    ## Fix safety

    The fix starts a new ENV where the variable is used. The value then becomes what it looks like, another one than
    now, so the fix is unsafe.

    ## Differs from hadolint

    hadolint also reports an escaped variable (`\\${A}`) and PATH, which every image sets, and does not look at ENVs
    behind ONBUILD.
    """

    name = "env-self-reference"
    category = "correctness"
    level = "warning"
    aliases = ("DL3044",)
    since = "0.1.0"

    bad = (
        Bad("FROM debian:12\nENV A=/a B=$A/b\n", at=("$A",), fixed="FROM debian:12\nENV A=/a\nENV B=$A/b\n"),
        Bad(
            'FROM debian:12\nenv HOME_DIR=/a \\\n    BIN="${HOME_DIR}/bin" \\\n    LIB=${HOME_DIR}/lib\n',
            at=("${HOME_DIR}", "${HOME_DIR}"),
            fixed='FROM debian:12\nenv HOME_DIR=/a\nenv BIN="${HOME_DIR}/bin" \\\n    LIB=${HOME_DIR}/lib\n',
        ),
        Bad(
            "FROM debian:12\r\nENV A=1 \\\r\n    B=2 \\\r\n    C=$A\r\n",
            at=("$A",),
            fixed="FROM debian:12\r\nENV A=1 \\\r\n    B=2\r\nENV C=$A\r\n",
        ),
        Bad("FROM debian:12\nENV B=$A A=1\n", at=("$A",)),
        Bad("FROM debian:12\nENV A=1 \\\n    # why\n    B=$A\n", at=("$A",)),
        Bad("FROM debian:12\nONBUILD ENV A=1 B=$A\n", at=("$A",)),
    )
    good = (
        Good("FROM debian:12\nENV A=/a\nENV B=$A/b\n"),
        Good("FROM debian:12\nENV A=1\nENV A=2 B=$A\n"),
        Good("FROM debian:12\nARG A\nENV A=$A B=$A\n"),
        Good('FROM debian:12\nENV A=rw \\\n    B="\\${A}_more"\n'),
        Good("FROM debian:12\nENV A=rw B='$A'\n"),
        Good("FROM debian:12\nENV PATH=/a/bin:$PATH B=$PATH\n"),
        Good("FROM debian:12\nENV LD_LIBRARY_PATH=/lib:$LD_LIBRARY_PATH B=1\n"),
        Good("FROM debian:12\nENV A=1 B=${A:-2}\n"),
    )

    def check_env(self, instruction: Env, model: Model) -> Iterator[Finding]:
        pairs = instruction.pairs
        if len(pairs) < 2:
            return
        with_variables = [pair for pair in pairs if pair.value is not None and "$" in pair.value.text]
        if not with_variables:
            return
        names = [pair.key.literal for pair in pairs]
        environment = model.environment_before(instruction)
        fixable = not instruction.is_onbuild_trigger
        for pair in with_variables:
            at = pairs.index(pair)
            for use in pair.value.variables if pair.value is not None else ():
                if use.modifier[-1:] in ("-", "+", "?") or use.name not in names or use.name == names[at]:
                    continue
                if environment.lookup(use.name) is not None:
                    continue
                fix = None
                if fixable and use.name in names[:at] and use.name not in names[at:]:
                    fix = _split(pairs[at - 1], pair, instruction, model)
                    fixable = False  # after the first cut the others may be right
                yield self.finding(
                    use, f"{use.name} is empty here, this ENV sets it only after all its values are made", fix
                )


def _split(before: Pair, pair: Pair, instruction: Env, model: Model) -> Fix | None:
    if "#" in model.source.text[before.end : pair.start] or instruction.is_legacy:
        return None
    at = instruction.pairs.index(pair)
    earlier = {other.key.literal for other in instruction.pairs[:at]}
    environment = model.environment_before(instruction)
    for later in instruction.pairs[at:]:
        for use in later.value.variables if later.value is not None else ():
            if use.name in earlier and environment.lookup(use.name) is not None:
                return None  # that one means the value before this ENV
    text = f"\n{instruction.keyword.text} "
    return Fix.of("Start a new ENV here", "unsafe", [Edit(before.end, pair.start, text)])
