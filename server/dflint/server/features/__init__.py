"""What the server can do: one module a feature, each with ``add(server)``."""
