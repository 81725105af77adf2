"""Fruit and what it costs."""
