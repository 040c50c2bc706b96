"""What is held, drifts or may be there twice: seen and decided over the API."""

from typing import Any

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Door
from tests.api.served import Served
from tests.factories import NOT_SO, make_paper, make_variant
from tests.world import World, entry, listed

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
WHY = {"reason": "Đã kiểm tra"}


async def post(served: Served, path: str, body: Any) -> tuple[int, Any]:
    """Call as an operator; return the status and the JSON."""
    answer = await served.call("POST", f"/api/v1/{path}", "operator", json=body)
    return answer.status, await answer.json()


async def read(served: Served, path: str, **query: str) -> Any:
    return await served.get(f"/api/v1/{path}", "operator", params=query)


async def hold_a_group(world: World) -> None:
    """Have eight withdrawals wait, as they are above the budget."""
    await listed(world, 8)
    unsafe = (entry(n) for n in range(1, 9))
    await world.save(*((replace(p, papers=UNSAFE), maker) for p, maker in unsafe))
    await world.sync()


async def test_a_group_is_approved_as_it_was_seen_and_sent(served: Served) -> None:
    await hold_a_group(served.world)
    (group,) = (await read(served, "held"))["groups"]
    seen = {"checksum": group["checksum"], **WHY}

    stale = await post(served, "held/1/approval", {**seen, "checksum": "abc0"})
    status, approved = await post(served, "held/1/approval", seen)
    again = await post(served, "held/1/approval", seen)
    await served.world.sync()

    assert (stale[0], stale[1]["code"]) == (409, "stale")
    assert (status, approved["state"], approved["decided_by"]) == (
        200,
        "approved",
        "operator",
    )
    assert again[0] == 409
    assert served.world.written() == ["withdraw"] * 8
    acts = await acts_of(served.world.database)
    assert [kind for kind, _, _ in acts] == ["approve_group"]


async def test_an_approval_that_is_repeated_with_its_key_is_given_once(
    served: Served,
) -> None:
    await hold_a_group(served.world)
    (group,) = (await read(served, "held"))["groups"]
    seen, key = {"checksum": group["checksum"], **WHY}, {"Idempotency-Key": "duyet-1"}

    first, again = [
        await served.call(
            "POST", "/api/v1/held/1/approval", "operator", json=seen, headers=key
        )
        for _ in range(2)
    ]

    assert (first.status, again.status) == (200, 200)
    assert await again.read() == await first.read()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await acts_of(served.world.database)) == 1


async def test_a_refused_group_is_not_sent(served: Served) -> None:
    await hold_a_group(served.world)

    status, refused = await post(served, "held/1/refusal", WHY)
    await served.world.sync()

    assert (status, refused["state"], refused["reason"]) == (
        200,
        "refused",
        WHY["reason"],
    )
    assert served.world.written() == []


async def test_the_members_of_a_group_come_in_pages(served: Served) -> None:
    await hold_a_group(served.world)
    whole = await read(served, "held/1")
    first = await read(served, "held/1", limit="5")
    second = await read(served, "held/1", limit="5", cursor=first["next"])

    assert first["members"] + second["members"] == whole["members"]
    assert [len(first["members"]), len(second["members"])] == [5, 3]
    assert second["next"] is None
    assert whole["group"]["size"] == 8
    assert whole["members"][0]["name"] == "Măng khô Mẫu 1"


async def test_held_products_come_in_pages(served: Served) -> None:
    unpriced = [make_variant(sku=f"S-{n}", gtin="", price_vnd=None) for n in range(5)]
    await served.world.save(
        *(entry(n, variants=(each,)) for n, each in enumerate(unpriced, 1)), entry(6)
    )
    await served.world.sync()

    whole = await read(served, "held")
    first = await read(served, "held", limit="3")
    second = await read(served, "held", limit="3", cursor=first["next"])

    assert [each["product"] for each in whole["products"]] == [
        f"SP-{n:05}" for n in range(1, 6)
    ]
    assert first["products"] + second["products"] == whole["products"]
    assert second["next"] is None


async def test_what_was_refused_is_sent_again_by_a_persons_word(
    served: Served,
) -> None:
    world = served.world
    problem = Problem(code="locked", message="Đang khóa")
    world.market.script("create", Refused((problem,)), times=99)
    await listed(world, 1)
    world.market.forget_scripts()

    body = {"marketplace": "memory", "products": ["SP-00001"]}
    status, told = await post(served, "held/retries", body)
    nothing = await post(served, "held/retries", {**body, "products": ["SP-00009"]})
    nowhere = await post(served, "held/retries", {**body, "marketplace": "x"})
    await world.sync()

    assert (status, told) == (200, body)
    assert (nothing[0], nowhere[0]) == (409, 404)
    assert world.written() == ["create"]


async def test_drift_is_decided_and_left_so(served: Served) -> None:
    world = served.world
    await listed(world, 1)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(found.ref, title="Người khác sửa")
    world.time.pass_(hours=25)
    await world.sync()
    (seen,) = (await read(served, "drift"))["items"]

    status, decided = await post(served, "drift/1/decision", {"stays": "theirs"})
    await world.sync()

    assert (seen["field"], seen["found"]) == ("content.title", "Người khác sửa")
    assert (status, decided["said"], decided["said_by"]) == (200, "theirs", "operator")
    assert world.written() == []
    assert world.market.shelf.of("SP-00001")[0].shown.title == "Người khác sửa"


async def test_a_twin_is_taken_over_or_is_another_product(served: Served) -> None:
    world = served.world
    await listed(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    for n in (2, 3):
        pack = replace(shown.variants[0], sku=f"TAY-{n}", gtin="")
        world.market.shelf.add(
            replace(
                shown,
                title=f"Măng khô Mẫu {n}",
                client_ref="",
                seller_ref="",
                variants=(pack,),
            ),
            seller_name=f"Cơ sở Mẫu {n:03}",
        )
    world.time.pass_(hours=25)
    await world.sync()
    await world.save(entry(2))
    await world.sync()
    twins = (await read(served, "twins"))["items"]

    status, ours = await post(
        served, f"twins/{twins[0]['id']}/decision", {"is_ours": True}
    )
    again = await post(served, f"twins/{twins[0]['id']}/decision", {"is_ours": False})

    assert {each["product_id"] for each in twins} == {"SP-00002"}
    assert (status, ours["state"], ours["ref"]) == (200, "adopted", twins[0]["ref"])
    assert again[0] == 404
    assert (await read(served, "twins"))["items"] == []
    every = (await read(served, "twins", all="true"))["items"]
    assert len(every) == len(twins)


async def test_of_two_listings_of_ours_one_stays(served: Served) -> None:
    world = served.world
    world.market.deliver_twice()
    await listed(world, 1)
    (doubled,) = (await read(served, "twins"))["doubled"]
    stays = doubled["others"][0]["ref"]

    status, entry_ = await post(
        served, "products/SP-00001/kept-listing", {"ref": stays}
    )
    nothing = await post(served, "products/SP-00001/kept-listing", {"ref": "X"})

    assert (status, entry_["said"], entry_["said_by"]) == (200, "ours", "operator")
    (kept,) = (await read(served, "twins"))["doubled"]
    assert (kept["stays"]["ref"], kept["kept_by"]) == (stays, "operator")
    assert nothing[0] == 404


async def test_runs_and_their_changes_come_in_pages(served: Served) -> None:
    world = served.world
    await listed(world, 3)
    await world.change("SP-00002", name="Măng khô Mẫu hai")
    await world.sync()

    runs = await read(served, "runs")
    changes = (await read(served, "ledger"))["items"]
    pages: list[Any] = []
    cursor = ""
    while True:
        page = await read(served, "ledger", limit="2", cursor=cursor)
        pages += page["items"]
        if not (cursor := page["next"] or ""):
            break
    first = await read(served, "runs", limit="1")
    second = await read(served, "runs", limit="1", cursor=first["next"])

    assert pages == changes
    assert first["items"] + second["items"] == runs["items"]
    assert runs["items"][0]["changes"] == {"applied": 1}
    assert (changes[0]["kind"], changes[0]["subject"]) == ("update", "SP-00002")
    assert changes[0]["outcome"] == "applied"


async def test_the_ledger_is_asked_by_account_kind_outcome_time_and_product(
    served: Served,
) -> None:
    world = served.world
    world.market.script("create", Refused((Problem(code="a", message="b"),)))
    await listed(world, 2)
    at = world.time()

    async def found(**query: str) -> list[str]:
        page = await read(served, "ledger", **query)
        return sorted(each["subject"] for each in page["items"])

    creates = {"kind": "create"}
    assert await found(**creates) == ["SP-00001", "SP-00002"]
    assert len(await found(**creates, outcome="failed")) == 1
    assert len(await found(**creates, outcome="applied")) == 1
    assert await found(**creates, product="SP-00002-1") == ["SP-00002"]
    assert await found(since=at.replace(year=2025).isoformat()) == []
    assert await found(**creates, account="memory") == ["SP-00001", "SP-00002"]
    (run,) = (await read(served, "runs"))["items"]
    told = await read(served, f"runs/{run['run']}")
    assert [each["outcome"] for each in told["failed"]] == ["refused"]
    assert run["error"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "held/7"),
        ("POST", "held/7/approval"),
        ("POST", "held/7/refusal"),
        ("POST", "drift/7/decision"),
        ("POST", "twins/7/decision"),
        ("GET", "runs/7"),
        ("GET", "ledger?account=khong"),
        ("GET", "ledger?product=SP-00099"),
        ("GET", "runs?account=khong"),
    ],
)
async def test_what_is_not_there_is_not_found(
    served: Served, method: str, path: str
) -> None:
    bodies: dict[str, Any] = {
        "held/7/approval": {"checksum": "ab", **WHY},
        "held/7/refusal": WHY,
        "drift/7/decision": {"stays": "ours"},
        "twins/7/decision": {"is_ours": True},
    }
    more = {"json": bodies[path]} if path in bodies else {}

    answer = await served.call(method, f"/api/v1/{path}", "operator", **more)

    assert answer.status == 404


@pytest.mark.parametrize(
    "path",
    [
        "held",
        "drift",
        "twins",
        "runs",
        "ledger",
        "expiring",
        "missing-papers",
        "eligibility",
    ],
)
async def test_whoever_acts_for_a_producer_sees_nothing_of_all(
    door: Door, path: str
) -> None:
    key = await door.key(Role.OPERATOR)
    headers = {"Acts-For": "CS-0001"}

    answer = await door.bearer(key, f"/api/v1/{path}", headers=headers)

    assert answer.status == 403
    assert (await door.bearer(key, f"/api/v1/{path}")).status == 200
