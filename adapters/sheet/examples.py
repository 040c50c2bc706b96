"""The marketplaces without an API that ship, as examples of templates.

No real template of either was found: each says so in its file, and on every sheet.
"""

from typing import ClassVar

from adapters.sheet.adapter import Sheet


class PostmartSheet(Sheet):
    """Postmart, worked by people."""

    name: ClassVar[str] = "postmart_sheet"


class VosoSheet(Sheet):
    """Voso, worked by people."""

    name: ClassVar[str] = "voso_sheet"
