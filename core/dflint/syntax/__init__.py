"""The lossless syntax tree of Dockerfiles."""

from dflint.syntax.parse import parse
from dflint.syntax.tree import Dockerfile, Instruction, Problem

__all__ = ["Dockerfile", "Instruction", "Problem", "parse"]
