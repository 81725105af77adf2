"""The version of dflint, as published."""

VERSION = "0.1.0"
