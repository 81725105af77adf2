"""The language server: thin, one module a feature, each translating between the protocol and the library."""
