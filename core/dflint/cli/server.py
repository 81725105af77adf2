"""``dflint server``: the language server, over standard input and output or a socket."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module

from dflint.cli import CLEAN, TROUBLE, complain
from dflint.cli.arguments import help_formatter


def run(arguments: list[str]) -> int:
    """Serve until the client says that it ends."""
    given = parser().parse_args(arguments)
    if given.tcp is None:
        handshake = import_module("dflint.server.handshake").Handshake(sys.stdin.buffer, sys.stdout.buffer)
        handshake.answer()
        import_module("dflint.server.process").serve_stdio(handshake)
        return CLEAN
    host, colon, port = given.tcp.rpartition(":")
    if not colon or not port.isdigit():
        complain(f"--tcp: {given.tcp} is not of the form HOST:PORT")
        return TROUBLE
    import_module("dflint.server.process").serve_tcp(host, int(port))
    return CLEAN


def parser() -> ArgumentParser:
    made = ArgumentParser(
        prog="dflint server",
        description="Serve an editor by the Language Server Protocol. It executes nothing, and uses no network.",
        formatter_class=help_formatter,
        allow_abbrev=False,
    )
    made.add_argument("--stdio", action="store_true", help="over standard input and output (default)")
    made.add_argument("--tcp", metavar="HOST:PORT", help="listen there")
    return made
