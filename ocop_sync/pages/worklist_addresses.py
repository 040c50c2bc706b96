"""The addresses below the worklist, at which single matters are seen and decided."""

from typing import Final

from ocop_sync.pages.navigation import WORKLIST

GROUPS: Final = f"{WORKLIST}/groups"
"""The address below which held groups are seen and decided."""
DRIFT: Final = f"{WORKLIST}/drift"
"""The address below which differences at a marketplace are seen and decided."""
DOUBLES: Final = f"{WORKLIST}/doubles"
"""The address below which products with several listings are seen and decided."""
PRICES: Final = f"{WORKLIST}/prices"
"""The address below which prices of sheets are taken or left."""
REFUSED: Final = f"{WORKLIST}/refused"
"""The address at which refused listings are seen and sent again."""
TWINS: Final = f"{WORKLIST}/twins"
"""The address below which possible twins are seen and decided."""
PAPERS: Final = f"{WORKLIST}/papers"
"""The address of the papers that are missing."""
ATTEST: Final = f"{PAPERS}/attest"
"""The address at which papers of many products are attested."""

MAPPING: Final = "/marketplaces/{marketplace}/mapping"
"""The address of what a marketplace calls our sets and fields."""
IMPORTS: Final = "/imports"
"""The address below which imports are seen and their questions answered."""
