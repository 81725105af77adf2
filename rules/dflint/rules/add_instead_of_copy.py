from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.model import Model
    from dflint.syntax.tree import Add, Word

_PACKED = (
    ".gz", ".tgz", ".tpz", ".bz2", ".tbz", ".tbz2", ".tb2", ".xz", ".txz", ".lz", ".lzma", ".tlz", ".zst", ".tzst",
    ".tz", ".z", ".tar",
)  # fmt: skip
_TAR_INSIDE = frozenset(("apk", "gem", "crate", "ova", "box", "pax", "cbt", "img", "image", "oci", "rootfs", "layer"))
_SCHEMES = ("https://", "http://", "git://", "git@", "ssh://")
_ADD_ONLY = ("checksum", "keep-git-dir", "unpack")


class AddInsteadOfCopy(Rule):
    """ADD copies local files, for which COPY is there.

    ## Why is this bad?

    ADD also downloads URLs, clones repositories and unpacks tar archives, whatever their names. Where none of that is
    wanted COPY says so, and a file that turns out to be an archive arrives as it is.

    ## Exceptions

    Silent when one of the sources is a URL, a git repository, an archive by its name, or a variable without a known
    value; with `--checksum`, `--keep-git-dir` or `--unpack`; and for here-documents.

    ## Fix safety

    Safe when each source is certainly no tar archive: a folder, or a name with the ending of another kind of file. For
    other names (`ADD app /`, `ADD dist/* /`) and for variables it is unsafe, as ADD would have unpacked an archive.

    ## Differs from hadolint

    DL3020 also reports git repositories and variables that hold URLs, and takes single packed files such as `a.gz` for
    plain ones.
    """

    name = "add-instead-of-copy"
    category = "style"
    level = "warning"
    aliases = ("DL3020",)
    since = "0.1.0"

    bad = (
        Bad("FROM alpine:3.20\nADD app.jar /\n", at=("ADD",), fixed="FROM alpine:3.20\nCOPY app.jar /\n"),
        Bad(
            "FROM alpine:3.20\nadd --chown=1:1 a.sh \\\n  b/ /srv/\n",
            at=("add",),
            fixed="FROM alpine:3.20\ncopy --chown=1:1 a.sh \\\n  b/ /srv/\n",
        ),
        Bad('FROM alpine:3.20\nADD [".", "/app"]\n', at=("ADD",), fixed='FROM alpine:3.20\nCOPY [".", "/app"]\n'),
        Bad("FROM alpine:3.20\nADD app /\n", at=("ADD",), fixed="FROM alpine:3.20\nCOPY app /\n"),
        Bad(
            "FROM alpine:3.20\nARG JAR=target/*.jar\nADD ${JAR} app.jar\n",
            at=("ADD",),
            fixed="FROM alpine:3.20\nARG JAR=target/*.jar\nCOPY ${JAR} app.jar\n",
        ),
        Bad(
            "FROM alpine:3.20\nARG V\nADD conf/app-${V}.cfg /app.cfg\nADD app-$V.txt /\n",
            at=("ADD", "ADD"),
            fixed="FROM alpine:3.20\nARG V\nCOPY conf/app-${V}.cfg /app.cfg\nCOPY app-$V.txt /\n",
        ),
        Bad(
            "FROM alpine:3.20\nONBUILD ADD ./ /app\n",
            at=("ADD",),
            fixed="FROM alpine:3.20\nONBUILD COPY ./ /app\n",
        ),
    )
    good = (
        Good("FROM alpine:3.20\nCOPY app.jar /\nADD https://example.com/a.sh /\n"),
        Good("FROM alpine:3.20\nADD rootfs.tar.xz /\nADD ${NAME}.tar /\nADD ${NAME} /\n"),
        Good("FROM alpine:3.20\nADD git@github.com:owner/app.git#v1 /src\nADD git://example.com/a /src\n"),
        Good("FROM alpine:3.20\nADD a.txt b.tgz /srv/\nADD --unpack=false a /b\nADD <<EOF /a\nx\nEOF\n"),
        Good("FROM alpine:3.20\nENV URL=https://example.com\nADD $URL/app.jar /\n"),
        Good("FROM alpine:3.20\nARG V\nADD h${V}.jar /\nADD app-$V.tar.gz app-$V /\nADD https://a.org/b-$V.jar /\n"),
    )

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        if add.heredocs or len(add.words) < 2 or any(flag.name in _ADD_ONLY for flag in add.flags):
            return
        environment = model.environment_before(add)
        is_certain = True
        for word in add.sources:
            source = environment.expand(word) or _with_unknown_middle(word)
            if not source or _may_need_add(source):
                return
            is_certain = is_certain and _is_no_archive(word, source, model)
        keyword = add.keyword
        text = "copy" if keyword.value.islower() else "COPY"
        fix = Fix.of("Use COPY", "safe" if is_certain else "unsafe", [Edit(keyword.start, keyword.end, text)])
        yield self.finding(keyword, "ADD may also download and unpack: COPY does no more than is meant here", fix)


def _with_unknown_middle(word: Word) -> str | None:
    """A path of which variables without a value hide only a part of the last name: ``conf/app-${VERSION}.cfg``."""
    text, uses = word.value, word.variables
    if not uses or "\\" in text or "`" in text or any(use.modifier for use in uses):
        return None
    before = text[: uses[0].start - word.start].strip("\"'")
    after = text[uses[-1].end - word.start :].strip("\"'")
    if not before or before.endswith("/") or any(scheme.startswith(before.lower()) for scheme in _SCHEMES):
        return None
    is_file = after.rpartition(".")[2].isalpha() and not set("$/") & set(after) and "." in after
    return before + after if is_file else None


def _may_need_add(source: str) -> bool:
    if "://" in source or ("@" in source and ":" in source):
        return True
    name = source.lower()
    return name.endswith(_PACKED) or ".tar." in name


def _is_no_archive(word: Word, source: str, model: Model) -> bool:
    """Whether a source is certainly no tar archive: a folder, or a file with the ending of another kind."""
    if "$" in word.text:
        return False
    path = source.rstrip("/")
    last = path.rpartition("/")[2]
    if source.endswith("/") or last in ("", ".", ".."):
        return True
    ending = last[1:].rpartition(".")[2].lower()
    if "." in last[1:] and ending.isalnum() and not ending.isdigit() and ending not in _TAR_INSIDE:
        return True
    if model.context is None or "*" in path or "?" in path or "[" in path:
        return False
    entry = model.context.resolve(path)
    return entry is not None and entry.kind == "dir"
