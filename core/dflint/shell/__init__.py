"""Shell scripts in Dockerfiles: a total, position-exact parser for POSIX sh and bash.

``parse_shell(text)`` gives a ``Script``; see ``dflint.shell.nodes`` for the tree.
"""

from __future__ import annotations

from dflint.shell.dialect import dialect_of, quote
from dflint.shell.nodes import (
    Assignment,
    Command,
    CommandList,
    Compound,
    HereDocument,
    ListItem,
    Node,
    Pipeline,
    Redirect,
    Script,
    ShellError,
    VariableUse,
    Word,
)
from dflint.shell.parser import parse_shell

__all__ = [
    "Assignment",
    "Command",
    "CommandList",
    "Compound",
    "HereDocument",
    "ListItem",
    "Node",
    "Pipeline",
    "Redirect",
    "Script",
    "ShellError",
    "VariableUse",
    "Word",
    "dialect_of",
    "parse_shell",
    "quote",
]
