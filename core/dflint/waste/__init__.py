"""What a build context holds that no image needs, what it costs, and an ignore file that leaves it out."""

from dflint.waste.finder import Waste, find_waste
from dflint.waste.sizes import Amount, amount_below, amount_sent

__all__ = ["Amount", "Waste", "amount_below", "amount_sent", "find_waste"]
