"""ShellCheck over the shell scripts of Dockerfiles: which scripts, one run for many, and the way back to the file.

ShellCheck (GPL) is a program that is started, never a part of dflint. ``scripts_of`` finds the scripts of a file,
``check`` has ShellCheck read those of many files at once, ``findings_of`` turns what it says into places and edits of
the Dockerfile. ``ShellCheck`` does all three and remembers what it has seen.
"""

from dflint.shellcheck.checker import ShellCheck
from dflint.shellcheck.process import Comment, Outcome, check
from dflint.shellcheck.program import MISSING, Program, find_program
from dflint.shellcheck.reports import findings_of
from dflint.shellcheck.scripts import ShellCheckScript, scripts_of

__all__ = [
    "MISSING",
    "Comment",
    "Outcome",
    "Program",
    "ShellCheck",
    "ShellCheckScript",
    "check",
    "find_program",
    "findings_of",
    "scripts_of",
]
