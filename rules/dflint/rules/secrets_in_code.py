from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model

# Text that stands in every secret of a kind, what it is, its exact form.
_FORMATS = (
    ("AKIA", "an AWS access key", r"AKIA[A-Z2-7]{16}"),
    ("ghp_", "a GitHub token", r"ghp_[A-Za-z0-9]{36}"),
    ("gho_", "a GitHub token", r"gho_[A-Za-z0-9]{36}"),
    ("ghu_", "a GitHub token", r"ghu_[A-Za-z0-9]{36}"),
    ("ghs_", "a GitHub token", r"ghs_[A-Za-z0-9]{36}"),
    ("ghr_", "a GitHub token", r"ghr_[A-Za-z0-9]{36}"),
    ("github_pat_", "a GitHub token", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("glpat-", "a GitLab token", r"glpat-[A-Za-z0-9_-]{20}"),
    ("xox", "a Slack token", r"xox[abprs]-[0-9]{10,13}-[A-Za-z0-9-]{20,}"),
    ("hooks.slack.com", "a Slack webhook", r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}"),
    ("AIza", "a Google API key", r"AIza[A-Za-z0-9_-]{35}"),
    ("npm_", "an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("_authToken", "an npm token", r"_authToken[ =]['\"]?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ("pypi-AgE", "a PyPI token", r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    ("sk_live_", "a Stripe key", r"sk_live_[A-Za-z0-9]{24,}"),
    ("SG.", "a SendGrid key", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    ("dckr_pat_", "a Docker Hub token", r"dckr_pat_[A-Za-z0-9_-]{27}"),
    ("hf_", "a Hugging Face token", r"hf_[A-Za-z]{34}"),
    ("sk-ant-", "an Anthropic key", r"sk-ant-[a-z]+[0-9]{2}-[A-Za-z0-9_-]{80,}"),
    ("sk-proj-", "an OpenAI key", r"sk-proj-[A-Za-z0-9_-]{40,}"),
    (" PRIVATE KEY-----", "a private key", r"-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY-----"),
)
_MARKS = tuple(mark for mark, _, _ in _FORMATS)
_PLACEHOLDERS = ("example", "xxxx", "0000", "1234", "abcd", "your", "redacted", "placeholder", "dummy", "fake")

# The secrets of the examples are put together here so that scanners do not take them for real ones.
_AWS, _GITHUB = "AKIA" + "QYLPMN5HHHFPZAM2", "ghp_" + "r4ndVALUEw9thL3ttersAndD1g1tsOkQzTuW"
_NPM = "npm_" + "kZ8mQ2vT6yN4bX1cR9wL3sD7fG5hJ0pAuEiO"


class SecretsInCode(Rule):
    """A secret of a well-known form is written into the file.

    ## Why is this bad?

    Whoever reads the repository, or the history of the image (`docker history`), has the secret, and it stays in both
    when the line is deleted. Revoke it, then mount its successor only for the command that needs it:
    `RUN --mount=type=secret,id=...`.

    Found by their exact form, not by guessing from the look: access keys of AWS, tokens of GitHub, GitLab, Slack, npm,
    PyPI, Docker Hub and Hugging Face, keys of Google, Stripe, SendGrid, OpenAI and Anthropic, and private keys, in all
    instructions and their here-documents.

    ## Exceptions

    Silent in comments, and on placeholders: with EXAMPLE, XXXX, 1234 and the like in it, or of few different
    characters. A private key must have lines of its own: the mark alone, in a `grep` for it, is none.
    """

    name = "secrets-in-code"
    category = "security"
    level = "error"
    since = "0.1.0"

    bad = (
        Bad(f"FROM debian:12\nENV KEY={_AWS}\n", at=(_AWS,)),
        Bad(f"FROM debian:12\nrun git clone \\\n  https://{_GITHUB}@github.com/a/b\n", at=(_GITHUB,)),
        Bad(f"FROM debian:12\nRUN <<EOF\nexport T={_NPM}\nEOF\n", at=(_NPM,)),
        Bad(
            "FROM debian:12\nCOPY <<EOF /root/.ssh/id_rsa\n-----BEGIN RSA PRIVATE KEY-----\n"
            "MIIEowIBAAKCAQEAx3T9qLkfPzr8mK2bHvQe\nEOF\n",
            at=("-----BEGIN RSA PRIVATE KEY-----",),
        ),
        Bad(
            "FROM debian:12\nRUN echo "
            "'//registry.example/:_authToken=3f9c2b71-8e4d-4a60-b5d7-91c2e8f04a36' >~/.npmrc\n",
            at=("_authToken=3f9c2b71-8e4d-4a60-b5d7-91c2e8f04a36",),
        ),
    )
    good = (
        Good("FROM debian:12\nENV KEY=" + "AKIA" + "IOSFODNN7EXAMPLE\n"),
        Good("FROM debian:12\nENV TOKEN=ghp_" + "x" * 36 + "\n"),
        Good("FROM debian:12\nENV TOKEN=ghp_short npm_config_cache=/c AIza=1\n"),
        Good("FROM debian:12\n# " + _AWS + "\nRUN make\n"),
        Good("FROM debian:12\nRUN grep -q -- '-----BEGIN PRIVATE KEY-----' /key\n"),
        Good("FROM debian:12\nRUN echo //registry.example/:_authToken=${NPM_TOKEN} >~/.npmrc\n"),
    )

    def check_file(self, model: Model) -> Iterator[Finding]:
        text = model.source.text
        if not any(mark in text for mark in _MARKS):
            return
        import re

        for mark, what, form in _FORMATS:
            if mark not in text:
                continue
            for match in re.finditer(f"(?<![A-Za-z0-9]){form}(?![A-Za-z0-9_])", text):
                start, end = match.span()
                if _is_placeholder(match[0].removeprefix(mark)):
                    continue
                if what == "a private key" and not _has_key_lines(text, end):
                    continue
                instruction = model.tree.instruction_at(start)
                if instruction is None or not instruction.start <= start < instruction.end:
                    continue
                if any(comment.start <= start < comment.end for comment in model.tree.comments):
                    continue
                yield self.finding(_Range(start, end), f"this is {what}: revoke it, and use a secret mount instead")


class _Range:
    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


def _is_placeholder(text: str) -> bool:
    lower = text.lower()
    return any(part in lower for part in _PLACEHOLDERS) or len(set(text)) < 7


def _has_key_lines(text: str, end: int) -> bool:
    """Whether key data follows the first line: at least 20 characters of Base64, after ``\\n`` or a line break."""
    rest = text[end : end + 200].replace("\\n", "\n").replace("\\", " ").lstrip("\"' \t\r\n")
    count = 0
    for char in rest:
        if not (char.isalnum() or char in "+/="):
            break
        count += 1
    return count >= 20
