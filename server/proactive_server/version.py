"""The version, where the start of the server can have it without asking the package index."""

VERSION = "0.1.0"
