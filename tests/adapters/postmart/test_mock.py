"""The mock's own acts, asked for in plain HTTP and through `/_mock/`.

`test_adapter` rests on the mock's answers being those of its document.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET
from adapters.postmart.mock.refusal import problem
from ocop_sync.marketplace.change import SetStars
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import Applied, EventKind
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.support import Bench, make_listing, make_withdraw

SUBMISSION = json.loads((Path(__file__).parent / "samples/submission.json").read_text())


async def ask(
    bench: Bench, method: str, path: str, **options: Any
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Make one signed-in call; return status, body and headers."""
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    url = bench.server.make_url
    async with bench.session.post(url("/oauth2/token"), data=form) as response:
        token = (await response.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
    async with bench.session.request(
        method, url(path), headers=headers, **options
    ) as response:
        return response.status, await response.json(), dict(response.headers)


async def test_a_restarted_mock_knows_what_it_knew(
    opened: OpenBench, tmp_path: Path
) -> None:
    file = tmp_path / "postmart.json"
    first = await opened(data=file, seed=5)
    live, ticket = await first.publish(1), await first.submit(2)
    await first.postmart.events("1")
    before = await first.look("state")
    await first.server.close()
    keys = [json.loads(line)[:2] for line in file.read_text().splitlines()]

    second = await opened(data=file, seed=5)
    after = await second.look("state")
    second.clock.advance(5)

    assert len(keys) == len(set(map(tuple, keys)))
    assert after["listings"] == before["listings"]
    assert after["sellers"] == before["sellers"]
    assert (await second.shown(live)).state is RemoteState.LIVE
    [result] = await second.postmart.follow([ticket])
    assert isinstance(result, Applied)
    events = (await second.postmart.events("1")).items
    assert [event.ref for event in events] == [result.ref]


async def test_a_mock_that_was_killed_has_lost_nothing_it_acknowledged(
    opened: OpenBench, tmp_path: Path
) -> None:
    file, copy = tmp_path / "postmart.json", tmp_path / "copy.json"
    ref = await (first := await opened(data=file)).publish()
    # What another process finds while the first is still running, with the
    # beginning of a line that was never finished.
    copy.write_bytes(file.read_bytes() + b'["products","4')

    second = await opened(data=copy)

    assert (await second.look("state"))["listings"] == [await first.row(ref)]


async def test_ids_are_not_given_twice(opened: OpenBench, tmp_path: Path) -> None:
    first = await opened(data=tmp_path / "p.json")
    ref = await first.publish()
    await first.control("delete", ref=ref)
    await first.server.close()

    second = await opened(data=tmp_path / "p.json")

    assert await second.publish() != ref


async def test_equal_seeds_give_equal_shops(opened: OpenBench) -> None:
    shops = [(await opened(seed=seed), seed) for seed in (1, 1, 2)]

    one, same, other = [(await b.look("state"))["listings"] for b, _ in shops]

    assert one == same
    assert one != other


async def test_the_seed_holds_the_trouble_of_real_shops(opened: OpenBench) -> None:
    rows = (await (await opened(seed=1)).look("state"))["listings"]

    names = [row["title"] for row in rows]
    assert len(rows) == 40
    assert len(set(names)) < len(names)
    assert any("5 sao" in row["title"] and row["ocop"]["stars"] == 3 for row in rows)
    assert any(row["ocop"] and not row["ocop"]["decision"] for row in rows)
    assert {row["client_ref"] for row in rows} == {""}
    assert {row["state"] for row in rows} == {"live", "down", "banned"}


@pytest.mark.parametrize(
    ("passed_s", "state"),
    [
        (0, "queuing"),
        (30, "processing"),
        (60, "bot_awaiting_approve"),
        (90, "awaiting_approve"),
        (101, "approved"),
    ],
)
async def test_a_review_goes_through_its_states(
    opened: OpenBench, passed_s: int, state: str
) -> None:
    bench = await opened(moderation_s=100)
    ticket = await bench.submit()
    bench.clock.advance(passed_s)

    _, track, _ = await ask(bench, "GET", f"/v1/tracking/{ticket}")

    assert track["state"] == state
    assert (track["product_id"] is None) == (state != "approved")


async def test_a_claim_without_a_decision_waits_for_documents(
    opened: OpenBench,
) -> None:
    bench = await opened(moderation_s=100)
    await bench.open_seller()
    claim = {"stars": 3, "decision": "", "valid_to": None}
    body = {**SUBMISSION, "ocop_claim": claim}
    _, answer, _ = await ask(bench, "POST", "/v1/product-requests", json=body)
    bench.clock.advance(90)

    _, track, _ = await ask(bench, "GET", f"/v1/tracking/{answer['track_id']}")

    assert track["state"] == "md_awaiting_approve"


async def test_pages_are_cut_at_fifty_in_silence(opened: OpenBench) -> None:
    bench = await opened()
    for number in range(1, 52):
        await bench.submit(number)

    status, page, _ = await ask(bench, "GET", "/v1/products?per_page=200&page=2")

    assert status == 200
    assert page["paging"] == {
        "total": 51,
        "current_page": 2,
        "from": 51,
        "to": 51,
        "per_page": 50,
        "last_page": 2,
    }


async def test_an_empty_filter_asks_for_everything(opened: OpenBench) -> None:
    bench = await opened(seed=1)

    _, page, _ = await ask(bench, "GET", "/v1/products?skus=")

    assert page["paging"]["total"] == 40


async def test_the_quota_is_told_and_kept(opened: OpenBench) -> None:
    bench = await opened(quota_per_s=0.001, quota_burst=3)

    answers = [
        await bench.session.get(bench.server.make_url("/v1/products")) for _ in range(4)
    ]

    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    limits = [answer.headers["X-Postmart-Call-Limit"] for answer in answers]
    assert limits == ["1/3", "2/3", "3/3", "3/3"]
    assert float(answers[3].headers["Retry-After"]) == pytest.approx(1_000, rel=0.01)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "http_404"),
        ("DELETE", "/v1/products", 405, "http_405"),
        ("GET", "/v1/tracking/TR1", 404, "not_found"),
        ("POST", "/v1/product-requests/TR1/cancel", 404, "not_found"),
        ("POST", "/v1/products/7/publish", 404, "not_found"),
        ("GET", "/v1/products?page=x", 422, "invalid_type"),
        ("GET", "/v1/products?ids=" + "1," * 51, 422, "too_many"),
        ("POST", "/v1/product-requests", 400, "bad_json"),
    ],
)
async def test_errors_have_honest_codes_and_one_shape(
    bench: Bench, method: str, path: str, status: int, code: str
) -> None:
    found, body, _ = await ask(bench, method, path)

    assert found == status
    assert body["errors"][0]["code"] == code
    assert body["errors"][0]["message"]


async def test_all_problems_of_a_body_are_told_at_once(bench: Bench) -> None:
    variant = {"sku": "có dấu", "price": "5", "quantity": -1, "weight_g": True}
    body = {**SUBMISSION, "name": "x" * 151, "variants": [variant], "images": [1]}

    status, answer, _ = await ask(bench, "POST", "/v1/product-requests", json=body)

    assert status == 422
    assert {each["field"] for each in answer["errors"]} == {
        "name",
        "images[0]",
        "variants[0].sku",
        "variants[0].price",
        "variants[0].quantity",
        "variants[0].weight_g",
    }
    assert problem("too_long", "name dài quá 150 ký tự.", "name") in answer["errors"]


async def test_text_that_is_no_unicode_is_refused(bench: Bench) -> None:
    body = json.dumps({**SUBMISSION, "description": "\ud83c"})

    status, answer, _ = await ask(bench, "POST", "/v1/product-requests", data=body)

    assert (status, answer["errors"][0]["field"]) == (422, "description")


async def test_a_key_belongs_to_one_body(bench: Bench) -> None:
    await bench.open_seller()
    key = {"Idempotency-Key": "k"}
    path = "/v1/product-requests"
    _, first, _ = await ask(bench, "POST", path, json=SUBMISSION, headers=key)

    _, same, _ = await ask(bench, "POST", path, json=SUBMISSION, headers=key)
    other = {**SUBMISSION, "name": "Khác"}
    status, answer, _ = await ask(bench, "POST", path, json=other, headers=key)

    assert same == first
    assert (status, answer["errors"][0]["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize("path", ["/v1/products", "/v1/nothing"])
async def test_nothing_is_told_without_a_token(bench: Bench, path: str) -> None:
    async with bench.session.get(bench.server.make_url(path)) as response:
        assert response.status == 401


async def test_staff_ends_reviews_that_never_end_by_themselves(
    opened: OpenBench,
) -> None:
    bench = await opened(moderation_s=math.inf)
    ticket = await bench.submit(1)
    await bench.submit(2)
    bench.clock.advance(10**7)

    await bench.control("approve", ref=ticket)
    await bench.control("refuse", ref="SP-00002", reason="Ảnh mờ")

    assert (await bench.found(1)).state is RemoteState.LIVE
    assert (await bench.found(2)).problems[0].message == "Ảnh mờ"


async def test_what_staff_does_is_seen_and_told(bench: Bench) -> None:
    ref = await bench.publish()
    start = (await bench.postmart.events(None)).next
    changes = {"name": "Sửa tay", "variants": [{"sku": "SP-00001-1", "price": 1}]}

    await bench.control("edit", ref=ref, changes=changes)
    await bench.control("take_down", ref=ref)
    shown = await bench.shown(ref)
    await bench.control("ban", ref=ref, reason="Hàng giả")
    await bench.control("delete", ref=ref)

    assert (shown.shown.title, shown.shown.variants[0].price_vnd) == ("Sửa tay", 1)
    assert shown.state is RemoteState.DOWN
    assert await bench.postmart.read([ref]) == [None]
    events = (await bench.postmart.events(start)).items
    kinds = [event.kind for event in events]
    assert kinds == [
        EventKind.EDITED,
        EventKind.DOWN,
        EventKind.BANNED,
        EventKind.DOWN,
    ]


async def test_an_edit_by_hand_frees_the_old_reference(bench: Bench) -> None:
    ref = await bench.publish()
    path = "/v1/products?client_refs="

    await bench.control("edit", ref=ref, changes={"client_ref": "SP-NEW"})

    _, old, _ = await ask(bench, "GET", path + "SP-00001")
    _, new, _ = await ask(bench, "GET", path + "SP-NEW")
    assert (old["paging"]["total"], new["paging"]["total"]) == (0, 1)


async def test_pages_in_a_browser_cannot_play_staff(bench: Bench) -> None:
    url = bench.server.make_url("/_mock/state")

    async with bench.session.get(url, headers={"Origin": "http://x"}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("approve", {"ref": "404"}, 404),
        ("approve", {}, 422),
        ("edit", {"ref": "SP-00001", "changes": {"id": 1}}, 422),
        ("edit", {"ref": "SP-00001", "changes": 1}, 422),
        ("edit", {"ref": "SP-00001", "changes": {"variants": {"A": {}}}}, 422),
        ("edit", {"ref": "SP-00001", "changes": {"variants": ["A"]}}, 422),
        ("sell", {"ref": "SP-00001", "sku": "SP-00001-1", "quantity": 13}, 422),
        ("sell", {"ref": "SP-00001", "sku": "khac"}, 404),
        ("faults", {"fault": "magic"}, 422),
        ("clock", {"now": "2026-11-24"}, 422),
    ],
)
async def test_senseless_acts_are_refused(
    bench: Bench, act: str, body: dict[str, Any], status: int
) -> None:
    await bench.publish()
    url = bench.server.make_url(f"/_mock/{act}")

    async with bench.session.post(url, json=body) as response:
        assert response.status == status
        assert (await response.json())["error"]


async def test_its_own_count_says_what_clients_did(opened: OpenBench) -> None:
    bench = await opened(seed=1)
    await bench.publish()
    [by_hand, *_] = (await bench.postmart.page(None)).items

    await bench.postmart.withdraw([make_withdraw(by_hand.ref)])
    counts = await bench.look("counts")

    assert counts["listings"] == 41
    assert counts["ours_by_state"] == {"live": 1}
    assert counts["live_with_stars"] == {"4": 1}
    assert counts["touched"] == [by_hand.ref]
    assert counts["writes"] == 3
    call = (await bench.look("log"))["calls"][-1]
    assert (call["operation"], call["applied"]) == ("unpublish", [by_hand.ref])


async def test_reads_are_no_writes(bench: Bench) -> None:
    ref = await bench.publish()
    before = (await bench.look("counts"))["writes"]

    await bench.shown(ref)
    await bench.postmart.follow(["TR1"])
    await bench.postmart.events(None)

    assert (await bench.look("counts"))["writes"] == before


async def test_two_of_ours_are_counted_as_doubled(bench: Bench) -> None:
    first, second = await bench.publish(1), await bench.publish(2)
    await bench.control("edit", ref=second, changes={"client_ref": "SP-00001"})

    counts = await bench.look("counts")

    assert first != second
    assert counts["doubled"] == ["SP-00001"]


async def test_a_refused_listing_and_its_successor_are_not_doubled(
    bench: Bench,
) -> None:
    await bench.submit(1, title="")
    bench.clock.advance(3)
    await bench.submit(2, variants=make_listing(1).variants)

    counts = await bench.look("counts")

    assert counts["ours_by_state"] == {"refused": 1, "in_review": 1}
    assert counts["doubled"] == []


async def test_its_clock_can_be_set_to_another_year(bench: Bench) -> None:
    await bench.control("clock", now="2024-03-01T00:00:00+07:00")
    await bench.submit()

    answer = await bench.control("clock", advance_s=3)

    assert answer["now"] == "2024-02-29T17:00:03+00:00"
    [event] = (await bench.postmart.events(None)).items
    assert event.at.isoformat() == "2024-02-29T17:00:02+00:00"


async def test_a_claim_that_is_cleared_twice_stays_cleared(bench: Bench) -> None:
    ref = await bench.publish()
    change = SetStars(client_ref="", ref=ref, stars=None)

    results = await bench.postmart.set_stars([change, change])

    assert all(isinstance(result, Applied) for result in results)
    assert (await bench.row(ref))["ocop"] is None
