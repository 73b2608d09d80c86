"""The version of Genquota; pyproject.toml says the same."""

VERSION = "0.1.0"
