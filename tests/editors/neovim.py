"""Real Neovim, of Debian's packages: the old programming interface (0.7) and the new one (0.10).

The packages are unpacked in the cache of ``engine.bases``, nothing is installed. ``NVIM`` names another program, which
is then used alone.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from engine import bases

PACKAGES = {
    "bookworm": (
        "neovim", "neovim-runtime", "libluajit-5.1-2", "libluajit-5.1-common", "libmsgpackc2", "libtermkey1",
        "libtree-sitter0", "libunibilium4", "libuv1", "libvterm0", "lua-luv", "libc6", "libgcc-s1",
    ),
    "trixie": (
        "neovim", "neovim-runtime", "libluajit-5.1-2", "libluajit-5.1-common", "libmsgpack-c2", "libtree-sitter0.22",
        "libunibilium4", "libuv1t64", "libvterm0", "lua-lpeg", "lua-luv", "libc6", "libgcc-s1",
    ),
}  # fmt: skip
"""Debian's release to what Neovim needs of it."""


def find(release):
    """The command line that starts the Neovim of a release, with its environment; RuntimeError if it cannot be had."""
    if os.environ.get("NVIM"):
        return [os.environ["NVIM"]], dict(os.environ)
    if shutil.which("apt-get") is None:
        raise RuntimeError("Neovim is taken from Debian's packages, and there is no apt-get here")
    root = bases.cache() / f"neovim-{release}"
    if not (root / "usr/bin/nvim").exists():
        _unpack(release, root)
    library = root / "usr/lib/x86_64-linux-gnu"
    libraries = os.pathsep.join(str(path) for path in (library, root / "lib/x86_64-linux-gnu") if path.exists())
    loader = next(path for path in (root / "lib64", root / "usr/lib64") if path.exists()) / "ld-linux-x86-64.so.2"
    if not loader.resolve().exists():  # the link is to an absolute path
        loader = next(path for path in root.rglob("ld-linux-x86-64.so.2") if path.is_file())
    environment = {
        **os.environ,
        "VIMRUNTIME": str(root / "usr/share/nvim/runtime"),
        "LUA_CPATH": f"{library}/lua/5.1/?.so",
        "NVIM_LOG_FILE": os.devnull,
    }
    return [str(loader), "--library-path", libraries, str(root / "usr/bin/nvim")], environment


def _unpack(release, root):
    part = root.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "lists/partial").mkdir(parents=True)
    mirror, options = bases._mirror()
    key = re.sub(r"^--keyring=", "signed-by=", options[0]) if options else "trusted=yes"
    (part / "sources.list").write_text(f"deb [{key}] {mirror} {release} main\n")
    apt = [
        "apt-get", "-qq", "-o", "APT::Sandbox::User=root", "-o", f"Dir::Etc::SourceList={part}/sources.list",
        "-o", "Dir::Etc::SourceParts=/dev/null", "-o", f"Dir::State::Lists={part}/lists",
        "-o", f"Dir::Cache={part}", "-o", "Dir::State::Status=/dev/null",
    ]  # fmt: skip
    subprocess.run([*apt, "update"], check=True, timeout=300, stdin=subprocess.DEVNULL)
    subprocess.run([*apt, "download", *PACKAGES[release]], check=True, timeout=300, cwd=part, stdin=subprocess.DEVNULL)
    for package in Path(part).glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, part], check=True, timeout=60)
        package.unlink()
    part.rename(root)
