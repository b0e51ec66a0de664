"""The version of Temas, as in pyproject.toml."""

VERSION = "0.1.0"
