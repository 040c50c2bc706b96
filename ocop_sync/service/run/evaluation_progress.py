"""How far the evaluation of all products is, for a run that sends meanwhile."""

import asyncio


class EvaluationProgress:
    """Whether more products may become due at an account without its doing.

    It is over unless it was begun: most runs begin to send when it is.
    """

    def __init__(self) -> None:
        self._enough = asyncio.Event()
        self._is_over = True
        self._at_least = 1
        self._due = 0  # since this was asked last

    @property
    def is_over(self) -> bool:
        """Say whether everything was evaluated, or no more will be."""
        return self._is_over

    @property
    def has_enough(self) -> bool:
        """Say whether enough is due to be sent before everything was evaluated."""
        return self._due >= self._at_least

    def begin(self, at_least: int) -> None:
        """Note that products are evaluated from now on.

        Fewer than *at_least* that are due are no reason to look: they would go in calls
        of few.
        """
        self._is_over = False
        self._at_least = at_least
        self._due = 0
        self._enough.clear()

    def note_due(self, count: int) -> None:
        """Note that *count* more are due here, and that is stored."""
        self._due += count
        if self.has_enough:
            self._enough.set()

    def end(self) -> None:
        """Note that no more will be evaluated."""
        self._is_over = True
        self._enough.set()

    async def some_more(self) -> None:
        """Wait until enough are due since this was asked last, or all is evaluated."""
        await self._enough.wait()
        if not self._is_over:
            self._due = 0
            self._enough.clear()
