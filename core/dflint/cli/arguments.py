"""What the subcommands' argument parsers share."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter

from dflint.cli.output import columns


def help_formatter(prog: str) -> RawDescriptionHelpFormatter:
    """Help texts with line breaks as written. argparse makes one for each option; told no width it imports shutil."""
    return RawDescriptionHelpFormatter(prog, width=min(columns(sys.stdout), 120))
