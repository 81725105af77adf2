"""``make new-rule NAME=some-name``: write the file of a new rule."""

# ruff: noqa: T201
from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "rules" / "dflint" / "rules"
VERSION_FILE = ROOT / "core" / "dflint" / "version.py"

TEMPLATE = '''\
from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.shell import Command
    from dflint.syntax.tree import Run


class CLASS_NAME(Rule):
    """TODO: what is wrong, in one sentence.

    ## Why is this bad?

    TODO: what goes wrong for whom, and when it does not matter.
    """

    name = "RULE_NAME"
    category = "correctness"  # or another of Category in dflint/findings.py
    level = "warning"  # error: the build or the image breaks; warning: it gets worse; info: could be better
    aliases = ()  # the same check elsewhere: "DL3006" (hadolint), "StageNameCasing" (BuildKit)
    since = "VERSION"
    status = "preview"
    programs = frozenset(("todo",))

    bad = (Bad("FROM alpine:3.20\\nRUN todo --now\\n", at=("todo --now",)),)
    good = (Good("FROM alpine:3.20\\nRUN make\\n"),)

    def check_command(self, command: Command, run: Run, model: Model) -> Iterator[Finding]:
        yield self.finding(command, "TODO: one sentence without a full stop")
'''

NEXT = """\
wrote {path}

1. Say in it what the rule is, give examples (they are its tests) and write its check; CONTRIBUTING.md shows how.
2. make test PYTEST="tests/rules -k {name}"
3. make docs
4. Add a line to CHANGELOG.md.

Nothing else has to be touched: rules are found by their file names."""


def main() -> int:
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", name):
        print("usage: make new-rule NAME=some-name (kebab-case, at least two words, naming the problem)")
        return 2
    path = RULES / (name.replace("-", "_") + ".py")
    if path.exists():
        print(f"there is already a rule {name}: {path.relative_to(ROOT)}")
        return 2
    version = re.search(r'VERSION = "(\d+\.\d+\.\d+)', VERSION_FILE.read_text(encoding="utf-8"))
    assert version is not None
    class_name = "".join(word.capitalize() for word in name.split("-"))
    text = TEMPLATE
    for placeholder, value in (("CLASS_NAME", class_name), ("RULE_NAME", name), ("VERSION", version.group(1))):
        text = text.replace(placeholder, value)
    path.write_text(text, encoding="utf-8", newline="\n")
    print(NEXT.format(path=path.relative_to(ROOT), name=name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
