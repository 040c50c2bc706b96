"""The department decides on certificates over the API."""

from typing import Any, Final
from urllib.parse import quote

import pytest

from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Door
from tests.api.served import Served
from tests.factories import make_certificate
from tests.world import entry, listed

PATH: Final = "/api/v1/certificates"
BOTH: Final = ["SP-00001", "SP-00002"]
REVOKED: Final = {"products": BOTH, "decision": "9/QĐ-UBND", "day": "2024-02-20"}
KNOWN: Final = {"decision": "001/QĐ-MẪU"}


async def decide(
    served: Served, act: str, body: Any, *, role: str = "operator", **headers: str
) -> tuple[int, Any]:
    answer = await served.call(
        "POST", f"{PATH}/{act}", role, json=body, headers=headers
    )
    return answer.status, await answer.json()


async def test_what_takes_from_buyers_is_told_first_and_then_withdrawn(
    served: Served,
) -> None:
    await listed(served.world, 2)
    status, held = await decide(served, "revoke", REVOKED)
    nothing = await acts_of(served.world.database)

    done, found = await decide(
        served, "revoke", {**REVOKED, "token": held["token"]}, Reason=quote("họp 12/11")
    )
    await served.world.sync()

    assert (status, held["code"], nothing) == (409, "certificates_held", [])
    assert "memory: gỡ 2 tin đang bán" in [each["vi"] for each in held["effects"]]
    assert (done, found["kind"], found["act"]) == (200, "revoke", 1)
    assert [each["product"] for each in found["products"]] == BOTH
    assert found["products"][0] == {
        "product": "SP-00001",
        "name": "Măng khô Mẫu 1",
        "changed": True,
        "listings": "withdrawn",
        "stars_before": 4,
        "stars": 0,
        "ends_on_before": "2026-05-10",
        "ends_on": "2026-05-10",
    }
    assert served.world.written() == ["withdraw", "withdraw"]


async def test_an_act_may_be_checked_and_asks_what_is_doubtful(served: Served) -> None:
    await listed(served.world, 1)
    body = {
        "products": ["SP-00001"],
        "decision": "12/QĐ-UBND",
        "day": "2024-03-01",
        "stars": 4,
        "level": "tỉnh",
    }

    status, checked = await decide(served, "reassess", {**body, "check": True})
    held = await decide(served, "reassess", body)

    assert (status, checked["act"]) == (200, None)
    assert held[0] == 409
    assert held[1]["doubts"] == checked["doubts"]
    assert held[1]["token"] == checked["token"]
    assert "trùng thời hạn" in checked["doubts"][0]["vi"]


async def test_a_repeated_call_enters_an_act_once(served: Served) -> None:
    await listed(served.world, 1)
    body = {"products": ["SP-00001"], "which": KNOWN, "decision": "7/QĐ-UBND"}
    key = {"Idempotency-Key": "k1"}

    first = await decide(served, "correct", body, **key)
    again = await decide(served, "correct", body, **key)

    assert first == again
    assert len(await acts_of(served.world.database)) == 1


@pytest.mark.parametrize(
    ("act", "body", "status", "code"),
    [
        ("revoke", {**REVOKED, "day": "2020-01-01"}, 422, "refused_by_catalog"),
        ("revoke", {**REVOKED, "products": ["SP-00009"]}, 404, "not_found"),
        ("revoke", {**REVOKED, "products": []}, 422, "invalid"),
        ("revoke", {**REVOKED, "decision": "họp"}, 422, "refused_by_catalog"),
        ("grant", {**REVOKED, "stars": 2}, 422, "invalid"),
        ("correct", {"products": BOTH, "which": KNOWN}, 422, "refused_by_catalog"),
    ],
)
async def test_what_cannot_be_is_refused_in_both_languages(
    served: Served, act: str, body: Any, status: int, code: str
) -> None:
    await listed(served.world, 2)

    found, problem = await decide(served, act, body)

    assert (found, problem["code"]) == (status, code)
    assert await acts_of(served.world.database) == []


async def test_who_took_a_decision_is_said_once_for_all_that_lack_it(
    served: Served,
) -> None:
    lacks = make_certificate(decision="5/QĐ-UBND", body="", stars=3)
    await served.world.save(*(entry(n, certificates=(lacks,)) for n in (1, 2)))
    body = {"decision": "05/QĐ-UBND", "day": "2023-05-10", "level": "huyện"}

    found = await decide(served, "authority", body)
    again = await decide(served, "authority", body)
    other = await decide(served, "authority", {**body, "day": "2023-05-11"})

    assert found == (200, {"products": BOTH})
    assert again == (200, {"products": []})
    assert other[0] == 404


async def test_who_acts_for_a_producer_decides_on_no_certificate(door: Door) -> None:
    key = await door.key(Role.ADMIN)
    headers = {"Acts-For": "CS-0001"}

    answer = await door.bearer(
        key, f"{PATH}/revoke", method="POST", json=REVOKED, headers=headers
    )

    assert (answer.status, (await answer.json())["code"]) == (403, "forbidden")
