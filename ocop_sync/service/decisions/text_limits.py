"""How long the words of a person who decides may be.

They stand in tables and lists, and commands refuse longer ones before anything else.
"""

from typing import Final

LONGEST_NAME: Final = 200
"""Characters of the name of a person who decides; it is shown in tables."""
LONGEST_REASON: Final = 1_000
"""Characters of why a person decides so: some sentences, shown in lists."""
