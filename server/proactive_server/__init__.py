"""The language server, its surfaces and the command line."""
