"""The exit code for each way in which a run has ended.

Apart from `exits`, which every command loads.
"""

from collections.abc import Mapping
from typing import Final

from ocop_sync.cli.app.exits import Exit
from ocop_sync.service.run.run_outcome import RunOutcome

EXITS: Final[Mapping[RunOutcome, Exit]] = {
    RunOutcome.DONE: Exit.DONE,
    RunOutcome.FAILED: Exit.FAILED,
    RunOutcome.MISCONFIGURED: Exit.WRONG,
    RunOutcome.HELD: Exit.HELD,
}
