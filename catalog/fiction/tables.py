"""The tables of made-up catalogs: shares, kinds of products, papers, texts."""

import tomllib
from importlib.resources import files
from typing import Any, Final

TABLES: Final[dict[str, Any]] = tomllib.loads(
    files("catalog.fiction").joinpath("fiction.toml").read_text("utf-8")
)
"""The content of `fiction.toml`, which says what each table means."""
