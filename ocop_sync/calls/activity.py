"""Signs of work, for whoever watches over a worker."""

from dataclasses import dataclass


@dataclass(slots=True)
class Activity:
    """That something goes on: counted with each call, pause and page of products.

    Whoever looks at times whether it has grown sees a sync that is stuck.
    """

    count: int = 0

    def note(self) -> None:
        """Count one more sign of work."""
        self.count += 1
