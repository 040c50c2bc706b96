"""Words of the service as callers of the API are told them: without commands.

A text that says what to do says it in full, and names the command for it in brackets
behind: "xem lần chạy đó (`ocop-sync runs show 5a0f`)". At the command line it is shown
as it is. Over the API, and on pages, nobody has these commands: the brackets are left
out. What is said of sheets names commands and their options in clauses as well: of
these the options are parameters of a call, and a clause with anything else is left out.
"""

import re
from typing import Final

_COMMAND: Final = r"`ocop-sync [^`]*`"
_IN_BRACKETS: Final = re.compile(rf" \({_COMMAND}(?:, {_COMMAND})*\)")
_NAMED: Final = re.compile(r"--[a-z]|ocop-sync")
_NAMED_IN_BRACKETS: Final = re.compile(r"\s*\([^()]*(?:--[a-z]|ocop-sync)[^()]*\)")
_CLAUSES: Final = re.compile(r"(?<=[.;,])\s+")
_BETWEEN: Final = " / "
_PARAMETERS: Final = {"column": "columns", "sheet": "sheets", "source": "source"}
"""What a call of the API names as options of the import do at the command line."""
_OPTION: Final = re.compile(rf"--({'|'.join(_PARAMETERS)})\b")


def without_commands(text: str) -> str:
    """Return *text* without the commands that it names in brackets."""
    return _IN_BRACKETS.sub("", text)


def without_clauses_of_commands(text: str) -> str:
    """Return *text* without the clauses that name a command or an option."""
    if not _NAMED.search(text):
        return text
    clauses = _CLAUSES.split(_NAMED_IN_BRACKETS.sub("", text))
    left = [each for each in clauses if not _NAMED.search(each)]
    return " ".join(left).rstrip(" ;:,")


def of_sheets(text: str) -> str:
    """Return what is said of a sheet: options as parameters, without any command.

    It may be said in both languages.
    """
    named = _OPTION.sub(lambda found: f"`{_PARAMETERS[found[1]]}`", text)
    return _BETWEEN.join(map(without_clauses_of_commands, named.split(_BETWEEN)))
