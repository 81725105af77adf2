from __future__ import annotations

from typing import TYPE_CHECKING

from dflint.findings import Edit, Fix
from dflint.linter.rule import Bad, Good, Rule
from dflint.rules._package_commands import unwrapped_commands
from dflint.syntax.tree import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dflint.findings import Finding
    from dflint.linter.rule import Ranged
    from dflint.model import Model
    from dflint.syntax.tree import Add

_DOWNLOADERS = frozenset(("curl", "wget", "aria2c", "axel"))
_CHECKERS = frozenset(
    ("sha256sum", "sha512sum", "sha1sum", "md5sum", "shasum", "sha384sum", "b2sum", "gpg", "gpgv", "gpg2", "cosign",
     "minisign", "openssl", "rpm", "rpmkeys", "apt-key")
)  # fmt: skip
_PLAIN = ("http://", "ftp://", "git://")
_LOCAL = ("localhost", "127.", "[::1]", "0.0.0.0", "10.", "192.168.", "169.254.", "host.docker.internal", "172.17.")

_MIRRORS = (".debian.org", ".ubuntu.com", ".alpinelinux.org", ".centos.org", ".fedoraproject.org")

# Hosts that give the same files by https; those with a leading dot with all below them.
_WITH_HTTPS = (
    "github.com", "githubusercontent.com", ".github.com", ".githubusercontent.com", ".github.io", "gitlab.com",
    "bitbucket.org", "sourceforge.net", ".sourceforge.net", ".apache.org", "ftp.gnu.org", "www.gnu.org",
    "git.savannah.gnu.org", "repo.continuum.io", "repo.anaconda.com", "dl.google.com", ".googleapis.com", "nodejs.org",
    "www.python.org", "bootstrap.pypa.io", "getcomposer.org", "cran.r-project.org", "repo1.maven.org", "nginx.org",
    "www.openssl.org", "download.redis.io", "download.oracle.com", ".kernel.org", "llvm.org", ".llvm.org",
    "packages.microsoft.com", "download.docker.com", "get.docker.com", "rubygems.org", "luarocks.org", "golang.org",
    "download.osgeo.org", ".elastic.co", "launchpad.net", "developer.download.nvidia.com", "repo.mysql.com",
    "dev.mysql.com", "rpms.remirepo.net", "rpm.nodesource.com", "deb.nodesource.com", "s3.amazonaws.com", "cpanmin.us",
    "pecl.php.net", "www.php.net", "packagecloud.io",
)  # fmt: skip


class PlainHttpDownload(Rule):
    """A download has no transport security and nobody checks what comes.

    ## Why is this bad?

    Anyone between the build and the server can put something else into the image: `http`, `ftp` and `git` addresses
    prove nothing about who answers. Nearly all servers speak `https` today. Where one does not, compare a checksum that
    stands in the file.

    Looked at are ADD, curl, wget, aria2c, axel, and `git clone`.

    ## Exceptions

    Silent where the same RUN or the next one checks a checksum or signature (sha256sum, gpg...), or ADD has
    `--checksum`; on the build's own machine and private networks (`localhost`, `10.x`, names without a dot); on the
    mirrors of distributions, some of which speak no https; and for package managers, which check signatures themselves.

    ## Fix safety

    Unsafe: the image may have no certificates yet, or be too old for the server's https. There is a fix for well-known
    hosts alone, of which it is sure that they give the same files by https.
    """

    name = "plain-http-download"
    category = "security"
    level = "info"
    since = "0.1.0"
    status = "preview"

    bad = (
        Bad("FROM debian:12\nRUN curl -fsSLO http://acme.io/a.tgz\n", at=("http://acme.io/a.tgz",)),
        Bad(
            "FROM debian:12\nrun apt-get update \\\n && sudo wget -q ftp://acme.io/a && sh a\n",
            at=("ftp://acme.io/a",),
        ),
        Bad(
            "FROM debian:12\nADD http://github.com/a/b /a\nRUN git clone 'git://github.com/$A/b' && \\\n"
            '  wget -q "http://archive.apache.org/a"\n',
            at=("http://github.com/a/b", "'git://github.com/$A/b'", '"http://archive.apache.org/a"'),
            fixed="FROM debian:12\nADD https://github.com/a/b /a\nRUN git clone 'https://github.com/$A/b' && \\\n"
            '  wget -q "https://archive.apache.org/a"\n',
        ),
        Bad("FROM debian:12\nADD http://acme.io/a.tgz /a\n", at=("http://acme.io/a.tgz",)),
        Bad("FROM debian:12\nRUN git clone --depth 1 git://acme.io/a.git\n", at=("git://acme.io/a.git",)),
        Bad('FROM debian:12\nENV V=1\nRUN <<EOF\nwget "http://acme.io/$V.tgz"\nEOF\n', at=('"http://acme.io/$V.tgz"',)),
    )
    good = (
        Good("FROM debian:12\nRUN curl -fsSLO https://acme.io/a.tgz && curl -x http://proxy.acme.io https://acme.io\n"),
        Good("FROM debian:12\nRUN curl http://localhost:80/ && wget http://10.0.0.1/a http://mirror/a\n"),
        Good("FROM debian:12\nRUN wget http://acme.io/a && echo '0a  a' | sha256sum -c -\n"),
        Good("FROM debian:12\nADD --checksum=sha256:" + "0a" * 32 + " http://acme.io/a /a\n"),
        Good("FROM debian:12\nRUN wget http://mirrors.acme.io/debian/pool/main/a/a.deb\n"),
        Good("FROM debian:12\nRUN echo http://acme.io/a && wget $URL\nADD $URL /a\n"),
        Good("FROM debian:12\nRUN curl -d http://acme.io/a https://acme.io/b -e http://acme.io\n"),
    )

    def check_add(self, add: Add, model: Model) -> Iterator[Finding]:
        if add.flag("checksum") is not None:
            return
        for word in add.sources:
            if _is_plain(word.text.strip("\"'")):
                yield self.finding(
                    word, "the download has no transport security and no checksum: use https", _fix(word, model)
                )

    def check_run(self, run: Run, model: Model) -> Iterator[Finding]:
        text = model.source.text
        if not any(text.find(scheme, run.start, run.end) >= 0 for scheme in _PLAIN):
            return
        commands = unwrapped_commands(run, model)
        if any(command.program in _CHECKERS for command in commands) or _is_checked_later(run, model):
            return
        for command in commands:
            program = command.program
            if program == "git":
                if not command.arguments or "clone" not in [word.value for word in command.arguments[:4]]:
                    continue
            elif program not in _DOWNLOADERS:
                continue
            before = ""
            for word in command.arguments:
                value = word.literal_prefix
                if _is_plain(value) and (not before.startswith("-") or before in _FLAGS or _ends_in_flag(before)):
                    yield self.finding(
                        word, "the download has no transport security: use https or check a checksum", _fix(word, model)
                    )
                before = value


def _fix(word: Ranged, model: Model) -> Fix | None:
    """``https`` in place of the scheme, where the host is known for it."""
    text = model.source.text
    start = word.start + (text[word.start : word.start + 1] in ("'", '"'))
    scheme = next((scheme for scheme in _PLAIN if text.startswith(scheme, start)), None)
    if scheme is None or scheme == "ftp://":
        return None
    host = text[start + len(scheme) : word.end].partition("/")[0].lower()
    if scheme == "git://" and host not in ("github.com", "gitlab.com", "bitbucket.org"):
        return None
    if host not in _WITH_HTTPS and not host.endswith(tuple(name for name in _WITH_HTTPS if name[0] == ".")):
        return None
    return Fix.of("Use https", "unsafe", [Edit(start, start + len(scheme), "https://")])


def _is_checked_later(run: Run, model: Model) -> bool:
    """Whether the next RUN checks something: the steps of a download are often split."""
    after = model.instructions[run.index + 1] if run.index + 1 < len(model.instructions) else None
    return isinstance(after, Run) and any(command.program in _CHECKERS for command in unwrapped_commands(after, model))


# Options of the downloaders that take no value, so that an address behind them is the operand.
_FLAGS = frozenset(
    ("--location", "--silent", "--fail", "--show-error", "--remote-name", "--compressed", "--insecure", "--url", "--",
     "--quiet", "--no-check-certificate", "--no-verbose", "--content-disposition", "--no-cookies", "--no-clobber",
     "--continue", "--recursive", "--remote-header-name", "--progress-bar", "--ipv4", "--no-hsts",
     "--show-progress", "--trust-server-names", "--mirror", "--no-parent", "--recurse-submodules", "--single-branch",
     "--bare", "--timestamping", "--verbose", "-nv", "-nc", "-np", "-nd", "-nH")
)  # fmt: skip


def _ends_in_flag(option: str) -> bool:
    """Whether a group of short options ends in one that takes no value in any of the programs, or holds its value."""
    if option.startswith("--"):
        return "=" in option
    return len(option) > 1 and option[-1] in "LfsSOgikJqcNnv46#r-"


def _is_plain(text: str) -> bool:
    if not text.startswith(_PLAIN):
        return False
    host = text.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower()
    if host.startswith("mirror") or host.endswith(_MIRRORS):
        return False
    return (
        "." in host and not host.startswith(_LOCAL) and not host.endswith((".local", ".internal", ".lan", ".localhost"))
    )
