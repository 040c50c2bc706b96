"""The doubt about our own clock, and the changes that wait until it is over.

A clock that jumps forward ends every certificate at once, and each of them is an end
that has been known for long; one that jumps back puts ended products on sale. So
changes that hang on the day are not made while the clock is doubted: nothing is
withdrawn, put up, or has its text or its claim changed. Prices and stock go on: they
hang on no date. The words are in `texts/clock.toml`. Pure.
"""

from datetime import datetime, timedelta

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, read_texts
from ocop_sync.marketplace.change import Kind

FARTHEST = timedelta(hours=1)
"""So far our clock may be from those of the marketplaces: no clock that is set by the
network is a minute off, and nothing ends by the minute."""

BEHIND = timedelta(minutes=5)
"""So far it may be behind the last stored instant, when no marketplace has answered."""

_GO_ON = frozenset({Kind.SET_PRICE, Kind.SET_STOCK, Kind.PUT_SELLER, Kind.STOP_SELLER})


class _Words(TextTable):
    """The file: why it is not believed, and the advice."""

    todo: Worded
    behind: Worded
    differs: Worded


_WORDS = read_texts("clock.toml", _Words, values=("now", "there", "stored"))

TODO = _WORDS.todo
"""The advice for a person."""


def doubt_of(
    now: datetime, *, ahead: timedelta | None, stored_at: datetime | None
) -> Text | None:
    """Return why the clock is not believed; None if it is.

    It is *ahead* of the marketplaces' clocks, as far as one has answered, and an
    earlier run has stored *stored_at* last.
    """
    if ahead is not None:
        return _far(now, ahead) if abs(ahead) > FARTHEST else None
    if stored_at is not None and now < stored_at - BEHIND:
        times = (("now", _minute(now)), ("stored", _minute(stored_at)))
        return _WORDS.behind.filled(times)
    return None


def hangs_on_the_day(kind: Kind) -> bool:
    """Say whether changes of *kind* hang on the present day."""
    return kind not in _GO_ON


def _far(now: datetime, ahead: timedelta) -> Text:
    times = (("now", _minute(now)), ("there", _minute(now - ahead)))
    return _WORDS.differs.filled(times)


def _minute(moment: datetime) -> Text:
    return Text(f"{moment:%d/%m/%Y %H:%M}", f"{moment:%Y-%m-%d %H:%M}")
