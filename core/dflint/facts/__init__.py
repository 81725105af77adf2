"""Facts about base images, collected in ``DATE``: tags, ends of life, variants, what is in them.

Loaded when asked for: importing this costs little, the data files are read at the first question.
"""

from dflint.facts.cycles import Cycle, canonical_name, cycles_of, distribution_cycle, end_of_life
from dflint.facts.data import DATE
from dflint.facts.families import ImageFacts, facts_of, system_shell
from dflint.facts.sizes import typical_size
from dflint.facts.tags import (
    is_known_official,
    known_tag,
    nearest_official,
    nearest_tag,
    official_names,
    tags_of,
)
from dflint.facts.variants import Variant, lighter_variants

__all__ = [
    "DATE",
    "Cycle",
    "ImageFacts",
    "Variant",
    "canonical_name",
    "cycles_of",
    "distribution_cycle",
    "end_of_life",
    "facts_of",
    "is_known_official",
    "known_tag",
    "lighter_variants",
    "nearest_official",
    "nearest_tag",
    "official_names",
    "system_shell",
    "tags_of",
    "typical_size",
]
