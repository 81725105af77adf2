"""The optimizer, which rewrites Dockerfiles into multi-stage form; not there yet."""
