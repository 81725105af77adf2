from __future__ import annotations

from dflint.linter.rule import Bad, Good, Rule


class UnusedSuppression(Rule):
    """A `# dflint ignore=` comment silences nothing.

    ## Why is this bad?

    The problem that it was written for is gone, or the name in it is misspelt. Left in place it hides the next finding
    of that rule, which nobody then decided to accept.

    A comment counts for the instruction below it, or for the one whose lines it stands between; `# dflint global
    ignore=` counts for the whole file. Comments for other tools (`# hadolint ignore=`, `# check=skip=`) are honoured
    but never reported. A name of a rule that is switched off is not reported either: this run cannot know.

    ## Fix safety

    The fix removes a name, or the comment with its reason when no name is left; no instruction changes. A name that
    looks misspelt is corrected instead, which silences findings that are reported now, so that fix is unsafe.
    """

    name = "unused-suppression"
    category = "style"
    level = "warning"
    since = "0.1.0"
    tag = "unnecessary"

    bad = (
        Bad(
            "FROM alpine:3.20\n# dflint ignore=syntax-error the mirror needs it\nUSER app\n",
            at=("# dflint ignore=syntax-error the mirror needs it",),
            fixed="FROM alpine:3.20\nUSER app\n",
        ),
        Bad(
            "# dflint global ignore=no-such-thing-at-all\nFROM alpine:3.20\n",
            at=("no-such-thing-at-all",),
            fixed="FROM alpine:3.20\n",
        ),
    )
    good = (
        Good("FROM alpine:3.20\n# dflint ignore=syntax-error\nRUNN make\n"),
        Good("# hadolint ignore=DL3006,SC2086\nFROM alpine:3.20\n"),
    )
