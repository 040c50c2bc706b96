"""The exit code of each rating of a run.

Apart from `exits`, which every command loads.
"""

from collections.abc import Mapping
from typing import Final

from ocop_sync.cli.app.exits import Exit
from ocop_sync.service.run.run_rating import RunRating

EXITS: Final[Mapping[RunRating, Exit]] = {
    RunRating.DONE: Exit.DONE,
    RunRating.FAILED: Exit.FAILED,
    RunRating.MISCONFIGURED: Exit.WRONG,
    RunRating.HELD: Exit.HELD,
}
