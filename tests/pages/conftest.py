"""Pages of one small world, as browsers get them."""

from tests.api.conftest import door, kept_files, world

__all__ = ["door", "kept_files", "world"]
