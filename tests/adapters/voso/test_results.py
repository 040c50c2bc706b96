"""Envelopes, results of items and events, without any call."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from adapters.voso.results import (
    read_envelope,
    read_events,
    read_results,
    read_token,
    to_result,
)
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.port import (
    Applied,
    Event,
    EventKind,
    Refused,
    Result,
    Submitted,
    Unknown,
)
from tests.adapters.voso.support import sample
from tests.adapters.voso.test_convert import JSON


def results(**expected: Any) -> list[Result]:
    """Return the results of the sample, five items having been sent."""
    answers = read_results(read_envelope(sample("saved")).data, 5)
    expected = {"ref": None, "reviewed": True, **expected}
    return [to_result(answer, **expected) for answer in answers]


def test_each_item_of_a_call_has_its_own_result() -> None:
    first, second, third, fourth, fifth = results(client_ref="SP-00001")

    assert first == Submitted("700201", "700201")
    assert second == Refused(
        (
            Problem(
                code="NAME_TOO_LONG",
                message="Tên dài quá 120 ký tự.",
                field="NAME",
            ),
        )
    )
    assert isinstance(third, Unknown), "its answer cannot be read"
    assert isinstance(fourth, Unknown), "it has no answer"
    assert isinstance(fifth, Unknown), "it is the answer to another product"


def test_what_is_on_sale_at_once_needs_no_review() -> None:
    assert results(client_ref="SP-00005")[4] == Applied("700205", "1", RemoteState.LIVE)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param({"OK": True, "ID": 7, "STATUS": 2}, Applied, id="as sent"),
        pytest.param({"OK": True, "ID": 8, "STATUS": 2}, Unknown, id="another one"),
        pytest.param({"OK": True, "STATUS": 2}, Unknown, id="no number"),
        pytest.param({"OK": True, "ID": 7, "STATUS": 1}, Submitted, id="reviewed"),
        pytest.param({"OK": False}, Refused, id="refused without a reason"),
    ],
)
def test_an_answer_must_name_the_listing_that_was_written_to(
    answer: dict[str, Any], kind: type[Result]
) -> None:
    [item] = read_results({"RESULTS": [{"INDEX": 0, **answer}]}, 1)

    assert isinstance(to_result(item, ref="7", reviewed=True), kind)


def test_two_answers_for_one_item_are_none() -> None:
    item = {"INDEX": 0, "OK": True, "ID": 7, "STATUS": 2}

    assert read_results({"RESULTS": [item, item, item]}, 1) == [None]


def test_an_answer_for_an_item_that_was_not_sent_is_nobodys() -> None:
    item = {"INDEX": 1, "OK": True, "ID": 7, "STATUS": 2}

    assert read_results({"RESULTS": [item]}, 1) == [None]


def test_a_refusal_without_a_reason_says_so() -> None:
    [item] = read_results({"RESULTS": [{"INDEX": 0, "OK": False}]}, 1)

    result = to_result(item, ref="7", reviewed=False)

    assert isinstance(result, Refused)
    assert "không nêu lý do" in result.problems[0].message


def test_a_long_reason_is_cut() -> None:
    error = {"CODE": "X", "MESSAGE": "á" * 2_000}
    answer = {"INDEX": 0, "OK": False, "ERRORS": [error]}

    [item] = read_results({"RESULTS": [answer]}, 1)

    assert item is not None
    assert len(item.problems[0].message) == 500


def test_events_are_read_as_the_documents_show() -> None:
    events = read_events(sample("events"), None)

    kinds = [each.kind for each in events.items]
    assert kinds == [
        EventKind.APPROVED,
        EventKind.SOLD,
        EventKind.BANNED,
        EventKind.OTHER,
    ]
    assert events.next == "c2F1OjQ="
    assert events.items[1] == Event(
        kind=EventKind.SOLD,
        ref="700101",
        at=datetime(2026, 11, 24, 0, 0, tzinfo=UTC),
        sku="SP-00001-1",
        quantity=2,
        order_line="DH00000001",
    )


@pytest.mark.parametrize(
    ("spoilt", "may_be_sale", "ref"),
    [
        pytest.param({"AT": None}, False, "700101", id="a null"),
        pytest.param({"AT": "2026-11-24"}, False, "700101", id="a date"),
        pytest.param({"PRODUCT_ID": "x"}, False, "", id="no product"),
        pytest.param({"TYPE": "RELOCATED", "AT": 7}, False, "700101", id="other"),
        pytest.param({"TYPE": None}, True, "700101", id="of no type"),
        pytest.param({"TYPE": "SOLD", "QUANTITY": "2"}, True, "700101", id="a sale"),
    ],
)
def test_an_event_that_is_not_as_documented_keeps_no_other_back(
    spoilt: dict[str, Any], may_be_sale: bool, ref: str
) -> None:
    data, whole = sample("events"), read_events(sample("events"), None)
    data["EVENTS"][0] |= spoilt

    told = read_events(data, None)

    assert (told.items, told.next) == (whole.items[1:], whole.next)
    [odd] = told.unreadable
    assert (odd.may_be_sale, odd.ref) == (may_be_sale, ref)


@pytest.mark.parametrize("value", [None, 7, [], {}])
def test_what_is_no_event_at_all_may_be_a_sale(value: object) -> None:
    told = read_events({"EVENTS": [value]}, None)

    assert [each.may_be_sale for each in told.unreadable] == [True]


@pytest.mark.parametrize("odd", [None, {"INDEX": 0}, {"INDEX": 0, "OK": None}])
def test_a_result_that_cannot_be_read_leaves_that_item_alone_unknown(
    odd: object,
) -> None:
    second = {"INDEX": 1, "OK": True, "ID": 5, "STATUS": 2}

    [first, other] = read_results({"RESULTS": [odd, second]}, 2)

    assert isinstance(to_result(first, ref="4", reviewed=False), Unknown)
    assert to_result(other, ref="5", reviewed=False) == Applied(
        "5", "", RemoteState.LIVE
    )


def test_an_answer_without_events_keeps_the_cursor() -> None:
    assert read_events({"EVENTS": [], "NEXT_TOKEN": ""}, "abc").next == "abc"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param(7, 7.0, id="whole"),
        pytest.param(0.25, 0.25, id="a fraction"),
        pytest.param(10**400, 3_600.0, id="endless"),
        pytest.param(-3, 0.0, id="past"),
        pytest.param(float("nan"), None, id="no number"),
        pytest.param("mai", None, id="a word"),
        pytest.param(True, None, id="a truth"),
    ],
)
def test_the_wait_that_is_asked_for_is_capped_and_junk_is_none(
    value: object, seconds: float | None
) -> None:
    envelope = read_envelope(
        {"status": 429, "error": True, "data": {"RETRY_AFTER": value}}
    )

    assert envelope.retry_after == seconds


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="none"),
        pytest.param({"token": ""}, id="empty"),
        pytest.param({"token": "a\r\nX: b"}, id="two lines"),
        pytest.param({"token": "mã"}, id="not ASCII"),
    ],
)
def test_a_token_that_no_header_could_carry_is_a_protocol_error(data: object) -> None:
    with pytest.raises(ProtocolError):
        read_token(data)


@given(JSON)
def test_any_json_is_read_or_is_a_protocol_error(value: object) -> None:
    with suppress(ProtocolError):
        envelope = read_envelope(value)
        _ = (envelope.code, envelope.retry_after, envelope.is_ok)
    with suppress(ProtocolError):
        read_results(value, 3)
    with suppress(ProtocolError):
        read_results({"RESULTS": [value]}, 3)
    with suppress(ProtocolError):
        read_events(value, None)
    with suppress(ProtocolError):
        read_events({"EVENTS": [{"TYPE": "SOLD", "PRODUCT_ID": 1, "AT": value}]}, None)
