"""Splitting a stage into one that builds and one that runs."""
