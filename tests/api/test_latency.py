"""How long calls take, by route: never by an address, which may hold what signs in."""

from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import make_app
from ocop_sync.metrics.of_process import ProcessMetrics
from ocop_sync.metrics.port import PATH
from tests.api.served import PACE, StandInAccess
from tests.world import World, listed


async def test_calls_are_counted_by_the_route_that_answered_them(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    metrics = ProcessMetrics()
    app = make_app(
        world.deployment,
        StandInAccess(),
        pace=PACE,
        on_answered=metrics.count_answer,
    )
    client = await aiohttp_client(app)
    await listed(world, 1)
    admin = {"Authorization": "Bearer admin"}

    await client.get("/api/v1/products/SP-00001", headers=admin)
    await client.get("/api/v1/products/SP-00002", headers=admin)
    await client.get("/khong-co/SP-00001")

    count = "ocop_sync_http_request_duration_seconds_count"
    told = {
        tuple(sample.labels.values())
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == count
    }
    assert told == {
        ("/api/v1/products/{code}", "GET", "200"),
        ("/api/v1/products/{code}", "GET", "404"),
        ("-", "GET", "404"),
    }


async def test_the_port_of_the_api_tells_no_metrics(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    client = await aiohttp_client(make_app(world.deployment, StandInAccess()))

    assert (await client.get(PATH)).status == 404


async def test_no_call_waits_for_the_log_of_the_database(world: World) -> None:
    assert world.database._writing_back is None

    make_app(world.deployment, StandInAccess())

    assert world.database._writing_back is not None
