"""The tables of made-up catalogs: shares, kinds of products, papers, texts."""

import tomllib
from pathlib import Path
from typing import Any, Final

TABLES: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("fiction.toml").read_text("utf-8")
)
"""The content of `fiction.toml`, which says what each table means."""
