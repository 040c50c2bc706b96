"""Words of the service as callers of the API are told them: without commands.

A text that says what to do says it in full, and names the command for it in brackets
behind: "xem lần chạy đó (`ocop-sync runs show 5a0f`)". At the command line it is shown
as it is. Over the API, and on pages, nobody has these commands: the brackets are left
out.
"""

import re
from typing import Final

_COMMAND: Final = r"`ocop-sync [^`]*`"
_IN_BRACKETS: Final = re.compile(rf" \({_COMMAND}(?:, {_COMMAND})*\)")


def without_commands(text: str) -> str:
    """Return *text* without the commands that it names in brackets."""
    return _IN_BRACKETS.sub("", text)
