"""How far the evaluation of all products is, for a run that sends meanwhile."""

import asyncio


class EvaluationProgress:
    """Whether more products may become due at an account without its doing.

    It is over unless it was begun: most runs begin to send when it is.
    """

    def __init__(self) -> None:
        self._some = asyncio.Event()
        self._is_over = True

    @property
    def is_over(self) -> bool:
        """Say whether everything was evaluated, or no more will be."""
        return self._is_over

    def begin(self) -> None:
        """Note that products are evaluated from now on."""
        self._is_over = False
        self._some.clear()

    def note_some(self) -> None:
        """Note that some more were evaluated, and that is stored."""
        self._some.set()

    def end(self) -> None:
        """Note that no more will be evaluated."""
        self._is_over = True
        self._some.set()

    async def some_more(self) -> None:
        """Wait until some more were evaluated since this was asked last, or all."""
        await self._some.wait()
        if not self._is_over:
            self._some.clear()
