"""Which sellers one run knows to be ready or refused, and whether some must stop."""

from collections.abc import Mapping

from catalog.model.producer import Producer


class SellerWork:
    """The sellers of one run's account; only its methods change it."""

    def __init__(self) -> None:
        self._ready: dict[str, Producer] = {}
        self._refused: set[str] = set()
        self._must_stop = False

    @property
    def must_stop(self) -> bool:
        """Say whether a seller may have to be stopped."""
        return self._must_stop

    def is_ready(self, producer_id: str) -> bool:
        """Say whether a producer's seller is known to be ready."""
        return producer_id in self._ready

    def is_refused(self, producer_id: str | None) -> bool:
        """Say whether the marketplace has refused a producer's profile."""
        return producer_id in self._refused

    def unsure(self, producers: Mapping[str, Producer]) -> dict[str, Producer]:
        """Return those of *producers* that were not ready as they are now."""
        return {i: p for i, p in producers.items() if self._ready.get(i) != p}

    def note_ready(self, producer: Producer) -> None:
        """Remember that a producer's seller is ready as the producer is now."""
        self._ready[producer.id] = producer

    def note_not_ready(self, producer_id: str, *, is_refused: bool) -> None:
        """Remember that a producer's seller is not ready."""
        self._ready.pop(producer_id, None)
        if is_refused:
            self._refused.add(producer_id)

    def expect_stops(self, *, are_due: bool) -> None:
        """Remember whether sellers are to be stopped right after withdrawals."""
        self._must_stop = are_due

    def pop_must_stop(self) -> bool:
        """Say whether sellers are to be stopped; it is done once in a run."""
        must_stop, self._must_stop = self._must_stop, False
        return must_stop
