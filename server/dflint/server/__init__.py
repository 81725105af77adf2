"""The language server; not there yet."""
