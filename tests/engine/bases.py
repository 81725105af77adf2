"""Stand-ins for base images, made of the machine's own Debian packages: no image registry can be reached in CI.

They are called ``dflint-test/NAME:TAG``, so that nothing official is hidden. ``BASES`` says which official reference
each stands for; builds get them with ``--build-context OFFICIAL=docker-image://STAND-IN`` (``base_contexts``). What
they share with the originals is what rewrites depend on: ``-slim`` ones have the run time and no compilers, full ones
have both. ``python tests/engine/bases.py NAME ...`` makes some (all without names).
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = "bookworm"
PREFIX = "dflint-test/"
PLAIN = "debian:12"
"""The one that all others are made of."""

BASES = {
    "debian": ("debian:12", "debian:bookworm"),
    "debian-slim": ("debian:12-slim", "debian:bookworm-slim"),
    "gcc": ("gcc:12",),
    "python-slim": ("python:3.11-slim",),
    "python": ("python:3.11",),
    "node-slim": ("node:18-slim",),
    "node": ("node:18",),
    "golang": ("golang:1.19",),
    "jre": ("eclipse-temurin:17-jre",),
    "jdk": ("eclipse-temurin:17-jdk", "eclipse-temurin:17"),
    "ruby-slim": ("ruby:3.1-slim",),
    "ruby": ("ruby:3.1",),
    "php": ("php:8.2-cli",),
    "perl-slim": ("perl:5.36-slim",),
    "perl": ("perl:5.36",),
    "nginx": ("nginx:1.22",),
    "busybox": ("busybox:1.35",),
    "musl": ("busybox:1.35-musl",),
    "static": ("gcr.io/distroless/static-debian12:latest",),
}
"""Stage of ``DOCKERFILE`` to the references that it stands for."""

DOCKERFILE = r"""
ARG PLAIN
FROM ${PLAIN} AS debian

FROM debian AS slimmed
RUN cd /usr/share && rm -rf doc/* man/* info/* locale/* lintian/* groff/* linda/* && \
    printf 'path-exclude /usr/share/%s/*\n' doc man info locale lintian groff linda > /etc/dpkg/dpkg.cfg.d/no-documents

FROM scratch AS debian-slim
COPY --from=slimmed / /
CMD ["bash"]

FROM debian AS lists
RUN apt-get update

FROM debian AS gcc
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends gcc g++ libc6-dev make

FROM debian-slim AS python-slim
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends python3 && ln -s python3 /usr/bin/python
ENV PYTHON_VERSION=3.11
CMD ["python3"]

FROM gcc AS python
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends python3 python3-dev python3-setuptools && ln -s python3 /usr/bin/python
ENV PYTHON_VERSION=3.11
CMD ["python3"]

FROM debian-slim AS node-slim
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends nodejs
ENV NODE_VERSION=18
CMD ["node"]

FROM gcc AS node
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends nodejs
ENV NODE_VERSION=18
CMD ["node"]

FROM gcc AS golang
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends golang-go && \
    CGO_ENABLED=0 go build -trimpath net/http crypto/x509
ENV GOPATH=/go GOPROXY=off GOFLAGS=-trimpath PATH=/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /go

FROM debian AS jre
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    mkdir -p /usr/share/man/man1 && apt-get install -y --no-install-recommends openjdk-17-jre-headless
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64

FROM jre AS jdk
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends openjdk-17-jdk-headless

FROM debian-slim AS ruby-slim
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends ruby
ENV RUBY_VERSION=3.1
CMD ["irb"]

FROM gcc AS ruby
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends ruby
ENV RUBY_VERSION=3.1
CMD ["irb"]

FROM debian-slim AS php
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends php-cli
ENV PHP_VERSION=8.2
CMD ["php", "-a"]

FROM debian-slim AS perl-slim
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends perl
CMD ["perl"]

FROM gcc AS perl
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends perl
CMD ["perl"]

FROM debian-slim AS nginx
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends nginx-light && rm -rf /var/www/html /etc/nginx/sites-enabled/default && \
    printf 'server { listen 80; root /usr/share/nginx/html; }\n' > /etc/nginx/conf.d/default.conf && \
    ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]

FROM debian AS busyboxes
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends busybox-static musl && \
    mkdir -p /root-fs/bin /root-fs/etc /root-fs/tmp /root-fs/root /musl/lib && chmod 1777 /root-fs/tmp && \
    cp /bin/busybox /root-fs/bin/ && for name in $(busybox --list); do ln -s busybox /root-fs/bin/$name; done; \
    head -1 /etc/passwd > /root-fs/etc/passwd; head -1 /etc/group > /root-fs/etc/group; \
    cp -L /lib/ld-musl-x86_64.so.1 /musl/lib/

FROM scratch AS busybox
COPY --from=busyboxes /root-fs /
CMD ["sh"]

FROM busybox AS musl
COPY --from=busyboxes /musl /

FROM scratch AS static
COPY --from=debian /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=debian /etc/passwd /etc/group /etc/
COPY --from=debian /usr/share/zoneinfo /usr/share/zoneinfo
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


def stand_in(reference):
    """The name of the image that stands for an official reference; KeyError if there is none."""
    for stage, references in BASES.items():
        if reference in references:
            return f"{PREFIX}{stage}:{revision()}"
    raise KeyError(reference)


def revision():
    """Changes when the images would come out differently, so that old ones are not used."""
    return hashlib.sha256(DOCKERFILE.encode() + SUITE.encode()).hexdigest()[:12]


def base_contexts(*references, registry=""):
    """``NAME=docker-image://STAND-IN`` for ``--build-context``, of all references or the named ones."""
    named = references or [reference for group in BASES.values() for reference in group]
    return tuple(f"{reference}=docker-image://{registry}{stand_in(reference)}" for reference in named)


def make(*stages):
    """Make those of the images that the engine does not have; gives the seconds of nothing if all are there."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes side by side make them once
        wanted = [stage for stage in stages or BASES if not _exists(f"{PREFIX}{stage}:{revision()}")]
        if not wanted:
            return
        plain = f"{PREFIX}plain:{SUITE}"
        if not _exists(plain):
            _docker("import", "--change", 'CMD ["bash"]', root_file_system(), plain)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Dockerfile").write_text(DOCKERFILE)
            for stage in wanted:
                tag = f"{PREFIX}{stage}:{revision()}"
                arguments = ("--build-arg", f"PLAIN={plain}", "--provenance=false", "--target", stage, "-t", tag)
                _docker("buildx", "build", "--load", *arguments, folder)


def cache():
    """Where downloads are kept; ``scripts/docker_engine.py`` has the same."""
    return Path(os.environ.get("DFLINT_ENGINE_CACHE") or Path.home() / ".cache" / "dflint-engine")


def root_file_system():
    """A Debian minbase root file system as a tar archive, made once on a machine."""
    made = cache() / f"{SUITE}-minbase.tar"
    if made.exists():
        return made
    program, hooks = _mmdebstrap()
    mirror, options = _mirror()
    part = made.with_suffix(".part")
    command = [
        "perl", program, "--quiet", "--variant=minbase", "--include=ca-certificates", "--dpkgopt=force-unsafe-io",
        "--format=tar", *options, f"--hook-dir={hooks}/merged-usr",
        '--customize-hook=echo force-unsafe-io > "$1/etc/dpkg/dpkg.cfg.d/unsafe-io"',
        # What apt inside a build needs to reach the same archive: this machine's certificates.
        '--customize-hook=cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"',
        SUITE, str(part), mirror,
    ]  # fmt: skip
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=900)
    part.rename(made)
    return made


def _mmdebstrap():
    """The program and its hooks: the installed one, or the package unpacked in the cache."""
    if found := shutil.which("mmdebstrap"):
        return found, "/usr/share/mmdebstrap/hooks"
    folder = cache() / "mmdebstrap"
    if not (folder / "usr/bin/mmdebstrap").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "update"], check=True, timeout=300)
        options = ["-qq", "-o", "APT::Sandbox::User=root"]
        subprocess.run(["apt-get", *options, "download", "mmdebstrap"], check=True, cwd=folder, timeout=300)
        subprocess.run(["dpkg", "-x", next(folder.glob("*.deb")), folder], check=True, timeout=60)
    return str(folder / "usr/bin/mmdebstrap"), str(folder / "usr/share/mmdebstrap/hooks")


def _mirror():
    """The archive that this machine's apt uses, and the option that names its key."""
    for file in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"(?m)^([\w-]+):[ \t]*(.+)$", stanza))
            uri = fields.get("URIs", "").split()[:1]
            if uri and uri[0].rstrip("/").endswith("/debian") and fields.get("Enabled", "yes") != "no":
                key = fields.get("Signed-By", "")
                return uri[0], [f"--keyring={key}"] if key.startswith("/") else []
    for file in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))]:
        text = file.read_text() if file.exists() else ""
        if found := re.search(r"(?m)^deb +(?:\[[^]]*\] +)?(\S+/debian/?) ", text):
            return found[1], []
    raise RuntimeError("no Debian archive in this machine's apt sources")


def _exists(tag):
    done = subprocess.run(["docker", "image", "inspect", tag], capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def _docker(*arguments):
    done = subprocess.run(
        ["docker", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise RuntimeError(f"docker {' '.join(map(str, arguments))}\n{done.stderr[-4000:]}")


if __name__ == "__main__":
    make(*sys.argv[1:])
