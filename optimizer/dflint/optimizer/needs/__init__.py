"""What an application needs when it runs, as far as its files say."""

from dflint.optimizer.needs.contents import lacking_programs, package_for
from dflint.optimizer.needs.dependencies import DependencyNeeds, dependency_needs
from dflint.optimizer.needs.entry import Programs, ProgramUse, entry_programs
from dflint.optimizer.needs.node_sources import NodeImports, node_imports
from dflint.optimizer.needs.packages import is_build_only, runtime_package
from dflint.optimizer.needs.sources import source_programs

__all__ = [
    "DependencyNeeds",
    "NodeImports",
    "ProgramUse",
    "Programs",
    "dependency_needs",
    "entry_programs",
    "is_build_only",
    "lacking_programs",
    "node_imports",
    "package_for",
    "runtime_package",
    "source_programs",
]
