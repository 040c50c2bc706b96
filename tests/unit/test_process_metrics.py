"""What a process measures of itself: the time of its answers, the lag of its loop."""

import asyncio
import pickle

from ocop_sync.metrics.of_process import LOOK_S, ProcessMetrics
from ocop_sync.metrics.of_worker import of_worker


def value(metrics: ProcessMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"ocop_sync_{name}", labels)


def test_an_answer_counts_for_its_route_its_method_and_its_status() -> None:
    metrics = ProcessMetrics()
    for took_s in (0.004, 0.2):
        metrics.count_answer("/api/v1/products/{code}", "GET", 200, took_s)

    of = {"route": "/api/v1/products/{code}", "method": "GET", "status": "200"}
    assert value(metrics, "http_request_duration_seconds_count", **of) == 2
    quick = of | {"le": "0.005"}
    assert value(metrics, "http_request_duration_seconds_bucket", **quick) == 1


def test_methods_that_somebody_makes_up_are_one_metric() -> None:
    metrics = ProcessMetrics()
    for n in range(100):
        metrics.count_answer("-", f"X{n}", 405, 0.001)

    of = {"route": "-", "method": "other", "status": "405"}
    assert value(metrics, "http_request_duration_seconds_count", **of) == 100


async def test_the_lag_of_the_loop_is_what_it_comes_later_than_due() -> None:
    metrics, now = ProcessMetrics(), 0.0
    late = iter((0.0, 2.0))
    done = asyncio.Event()

    async def sleep(seconds: float) -> None:
        nonlocal now
        assert seconds == LOOK_S
        lag = next(late, None)
        if lag is None:
            done.set()
            await asyncio.Event().wait()
            return
        now += seconds + lag

    async with metrics.looking_at_lag(lambda: now, sleep):
        await done.wait()

    assert value(metrics, "event_loop_lag_seconds_count") == 2
    assert value(metrics, "event_loop_lag_seconds_sum") == 2.0
    assert value(metrics, "event_loop_lag_seconds_bucket", le="0.001") == 1


def test_a_worker_tells_its_process_by_names_of_its_own_and_no_calls_of_an_api() -> (
    None
):
    metrics = ProcessMetrics()
    metrics.count_answer("/a", "GET", 200, 0.001)

    told = of_worker(metrics)

    names = {sample.name for each in told for sample in each.samples}
    assert "ocop_sync_worker_event_loop_lag_seconds_bucket" in names
    assert all(name.startswith("ocop_sync_worker_") for name in names)
    assert not any("http" in name for name in names)
    assert pickle.loads(pickle.dumps(told)) == told  # noqa: S301  (its own words)
