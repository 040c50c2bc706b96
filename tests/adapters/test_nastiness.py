"""Both adapters come through every fault that their mocks can play.

For each fault and each call of the port: the outcome is a value or an error that the
port allows, it is true by the mock's own log of applied changes, and nothing of it
shows a secret. Whole syncs under faults are tested in `tests/e2e/test_nastiness.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    FatalError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    TransientError,
    UnavailableError,
)
from ocop_sync.marketplace.port import (
    Applied,
    Events,
    Page,
    Refused,
    Submitted,
    Unknown,
)
from ocop_sync.testing.mocks.mock import mocked_adapters
from tests.adapters.calls import (
    READS,
    WRITES,
    Market,
    Open,
    ensure_no_secret,
    last_call,
    offered,
    outcome_of,
    writes_after,
)
from tests.adapters.traits import NAMES, traits_of

Kinds = tuple[type, ...]

DOCS: Final = Path(__file__).parents[2] / "docs" / "mocks"

DONE: Kinds = (Applied, Submitted)
LOST: Kinds = (OutcomeUnknownError, Unknown)
NOT_APPLIED: Kinds = (TransientError, CallRefusedError, FatalError, Refused)
UNREADABLE: Kinds = (ProtocolError,)
GONE: Kinds = (UnavailableError,)
VALUE: Kinds = (tuple, list, Page, Events)

# What each fault comes to: for a write, for a read.
EXPECTED: Final[Mapping[str, tuple[Kinds, Kinds]]] = {
    "drop": (LOST, GONE),
    "lose_answer": (LOST, GONE),
    "late": (LOST, GONE),
    "error": (LOST, GONE),
    "error_after": (LOST, GONE),
    "too_long": ((CallRefusedError,), (*VALUE, *UNREADABLE)),
    "redirect": (LOST, UNREADABLE),
    "twice": ((*DONE, Refused), VALUE),
    "stale": (DONE, VALUE),
    "slow": (LOST, GONE),
    "skew": (DONE, VALUE),
    "small_pages": (DONE, VALUE),
    "act_before": (DONE, VALUE),
    "act_after": (DONE, VALUE),
    "garbage": (LOST, UNREADABLE),
    "empty": (LOST, UNREADABLE),
    "html": (LOST, UNREADABLE),
    "not_utf8": (LOST, UNREADABLE),
    "other_json": (LOST, UNREADABLE),
    "deep_json": (LOST, UNREADABLE),
    "gzip_bomb": (LOST, UNREADABLE),
    "huge": (LOST, UNREADABLE),
    "cut_body": (LOST, GONE),
    "trickle": (LOST, GONE),
    "answer_twice": (DONE, VALUE),
    "not_http": (LOST, UNREADABLE),
    "long_header": (LOST, UNREADABLE),
    "wrong_type": (DONE, VALUE),
    "unknown_field": (DONE, VALUE),
    "missing_field": ((*DONE, *LOST), (*VALUE, *UNREADABLE)),
    "wrong_values": ((*DONE, *LOST, Refused, MarketplaceError), (*VALUE, *UNREADABLE)),
    "odd_item": ((*DONE, Unknown), VALUE),
    "rate_limited": ((RateLimitedError,), (RateLimitedError,)),
    "unauthorized": ((AuthenticationError,), (AuthenticationError,)),
    "maintenance": ((*LOST, *GONE), GONE),
    "refuse": ((Refused,), UNREADABLE),
    "ignored": (DONE, VALUE),
    "refuse_call": ((CallRefusedError,), UNREADABLE),
    "token_ends_inside": (DONE, VALUE),
    "missing_results": (DONE, VALUE),
    "shuffled_results": (DONE, VALUE),
    "doubled_results": ((*DONE, Unknown), VALUE),
}
OWN: Final = frozenset().union(*(traits_of(name).faults for name in NAMES))
"""Faults that only some mocks have."""
HOW: Final[Mapping[str, Mapping[str, Any]]] = {
    "slow": {"seconds": 1.0},
    "trickle": {"seconds": 0.05},
    "late": {"seconds": 100},
    "skew": {"seconds": 200},
    "act_before": {"act": {"act": "end_tokens"}},
    "act_after": {"act": {"act": "end_tokens"}},
    "missing_field": {"field": "data"},
}
IMPATIENT: Final = frozenset({"slow", "trickle"})


BY_THE_KIT: Final = frozenset(
    {
        *("drop", "lose_answer", "error", "error_after", "redirect", "slow", "garbage"),
        *("empty", "html", "not_utf8", "other_json", "huge", "cut_body", "not_http"),
        "answer_twice",
    }
)
"""Faults of HTTP itself, with which the conformance kit breaks every call by its own
means (`tests/contract`). Here one call of each sort shows that the mock plays them."""


def cases(calls: Iterable[str]) -> Sequence[Any]:
    return [
        pytest.param(name, fault, call, id=f"{name}-{fault}-{call}")
        for name in NAMES
        for fault in EXPECTED
        if fault not in OWN - traits_of(name).faults
        for call in offered(mocked_adapters()[name], calls)
        if fault not in BY_THE_KIT or call in {"page", "create"}
    ]


@pytest.mark.parametrize(("name", "fault", "call"), cases(WRITES))
async def test_what_comes_of_a_write_is_allowed_and_true(
    opened: Open, name: str, fault: str, call: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    if fault in IMPATIENT:
        market.make_hasty(0.3)
        await market.adapter.page(None)
    last = last_call(market)
    times = 1 if fault == "act_before" else 2
    market.bench.fault(market.traits.calls, fault, count=times, **HOW.get(fault, {}))

    came = await outcome_of(WRITES[call], market)

    found = came if isinstance(came, Exception) else came[0]
    assert isinstance(found, EXPECTED[fault][0]), found
    market.bench.no_faults()
    calls = await writes_after(market, last)
    applied = [each for each in calls if each["applied"]]
    if isinstance(found, NOT_APPLIED):
        assert not applied or fault == "twice"
    if isinstance(found, DONE):
        assert applied or (fault == "ignored" and tells_its_state(found))
    signs_in = market.traits.token_of(market.adapter) != ""
    assert len(calls) == 1 + (signs_in and fault in {"unauthorized", "act_before"})
    ensure_no_secret(market, came)


def tells_its_state(found: object) -> bool:
    """Say whether an answer passes on which state the listing has."""
    if isinstance(found, Applied):
        return found.state is not None
    return isinstance(found, Submitted)


@pytest.mark.parametrize(("name", "fault", "call"), cases(READS))
async def test_what_comes_of_a_read_is_allowed(
    opened: Open, name: str, fault: str, call: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    if fault in IMPATIENT:
        market.make_hasty(0.3)
        market.bench.no_faults()
        await market.adapter.page(None)
    last = last_call(market)
    # What is too long is asked for in smaller pages: as long as all of them are.
    times = {"act_before": 1, "huge": None}.get(fault, 2)
    market.bench.fault(market.traits.calls, fault, count=times, **HOW.get(fault, {}))

    came = await outcome_of(READS[call], market)

    assert isinstance(came, EXPECTED[fault][1]), came
    market.bench.no_faults()
    assert await writes_after(market, last) == []
    ensure_no_secret(market, came)


@pytest.mark.parametrize("name", NAMES)
async def test_no_fault_of_a_mock_is_left_out(opened: Open, name: str) -> None:
    market = await opened(name)

    faults = (await market.bench.look("faults"))["faults"]

    assert set(faults) == set(EXPECTED) - (OWN - market.traits.faults)
    documented = (DOCS / "control.md").read_text("utf-8")
    for fault, about in faults.items():
        assert f"| `{fault}` | {about}" in documented


at_both = pytest.mark.parametrize("name", NAMES)


def fields_of(name: str) -> Sequence[str]:
    """Return every field that a marketplace's document names."""
    return traits_of(name).fields


def ensure_true(found: Any, applied: bool) -> None:
    """Ensure that what a write came to says nothing that the mock contradicts."""
    if isinstance(found, NOT_APPLIED):
        assert not applied, found
    elif isinstance(found, DONE):
        assert applied, found
    else:
        assert isinstance(found, LOST), found


async def make_every_call(market: Market, rule: Mapping[str, Any]) -> None:
    """Make every call of the port while *rule* hits, and check each by the log."""
    for name in offered(type(market.adapter), {**READS, **WRITES}):
        last = last_call(market)
        market.bench.fault("*", count=None, **rule)

        came = await outcome_of({**READS, **WRITES}[name], market)

        market.bench.no_faults()
        calls = await writes_after(market, last)
        if name in WRITES:
            found = came if isinstance(came, Exception) else came[0]
            ensure_true(found, any(each["applied"] for each in calls))
        elif isinstance(came, Exception):
            assert isinstance(came, (TransientError, FatalError)), came
        assert len(calls) <= 1 + (name in WRITES), "writes are not sent again"
        ensure_no_secret(market, came)
        await market.bench.open_seller_again()


@pytest.mark.parametrize("seed", range(40))
@at_both
async def test_a_value_of_another_kind_is_survived(
    opened: Open, name: str, seed: int
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()

    await make_every_call(market, {"fault": "wrong_values", "seed": seed})


@pytest.mark.parametrize(
    ("name", "field"), [(name, each) for name in NAMES for each in fields_of(name)]
)
async def test_a_documented_field_that_is_missing_is_survived(
    opened: Open, name: str, field: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()

    await make_every_call(market, {"fault": "missing_field", "field": field})
