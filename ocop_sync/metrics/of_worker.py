"""The metrics of the worker beside the API, as it hands them over to be told.

Those that each process has are called as the worker's there: two of one name would be
one.
"""

from dataclasses import dataclass
from typing import Final

from prometheus_client.core import Metric

from ocop_sync.metrics.families import calls_made
from ocop_sync.metrics.names import PREFIX
from ocop_sync.metrics.of_process import LAG, ProcessMetrics
from ocop_sync.service.deployment import Deployment

_PROCESS: Final = "process_"
_WORKERS: Final = f"{PREFIX}worker_"


@dataclass(frozen=True, slots=True)
class AtWorker:
    """What a worker tells of.

    Attributes:
        deployment: That of its process.
        process: What its process counts.
    """

    deployment: Deployment
    process: ProcessMetrics


async def told_by_worker(at: AtWorker) -> list[Metric]:
    """Return the metrics of the worker's process: calls, lag, processor, memory."""
    return [*await calls_made(at.deployment), *of_worker(at.process)]


def of_worker(process: ProcessMetrics) -> list[Metric]:
    """Return the metrics of a process, called as those of a worker."""
    return [
        _called(each, _WORKERS + each.name.removeprefix(PREFIX))
        for each in process.registry.collect()
        if each.name == LAG or each.name.startswith(_PROCESS)
    ]


def _called(metric: Metric, name: str) -> Metric:
    made = Metric(name, metric.documentation, metric.type)
    made.samples = [
        each._replace(name=name + each.name.removeprefix(metric.name))
        for each in metric.samples
    ]
    return made
