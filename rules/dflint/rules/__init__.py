"""The rules of dflint: one file each, found by its name."""
