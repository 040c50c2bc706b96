"""The runs as a file: a row for each run at an account, or for each that was asked for.

It goes as far back as the list on the page does.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.runs import RunForm, RunRequestForm, request_form, run_form
from ocop_sync.pages.figure_words import marketplace_name
from ocop_sync.pages.sent_words import ANSWERS, ENDINGS, standing_of, work_words
from ocop_sync.pages.written_list import CHUNK, Column, ListFile, ListRow
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import is_simulated
from ocop_sync.service.queries.requests import requests_page
from ocop_sync.service.queries.run_list import RunFilter, syncs_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRuns:
    """Which runs.

    Attributes:
        only_asked: Those that somebody has asked for, whatever they have found.
        which: Which of the others.
    """

    only_asked: bool
    which: RunFilter


def _columns(_: Deployment) -> Sequence[Column]:
    return (
        (Text("Lúc (giờ Việt Nam)", "At (Vietnam's time)"), 18),
        (Text("Xong lúc", "Ended at"), 18),
        (Text("Việc", "Work"), 30),
        (Text("Ai yêu cầu", "Asked for by"), 24),
        (Text("Sàn", "Marketplace"), 20),
        (Text("Tài khoản", "Account"), 20),
        (Text("Kết quả", "Outcome"), 24),
        *((words, 12) for words, _ in ANSWERS.values()),
        (Text("Kế hoạch", "Plan"), 10),
        (Text("Mã lần chạy", "Run"), 40),
    )


async def _rows(
    deployment: Deployment, chosen: ChosenRuns
) -> AsyncIterator[Sequence[ListRow]]:
    reading = _asked(deployment) if chosen.only_asked else _sent(deployment, chosen)
    async for rows in reading:
        yield rows


async def _asked(deployment: Deployment) -> AsyncIterator[Sequence[ListRow]]:
    last = None
    while True:
        found = await requests_page(deployment, after=last, size=CHUNK)
        yield [_of_request(deployment, request_form(each)) for each in found.requests]
        last = found.last
        if last is None:
            return


async def _sent(
    deployment: Deployment, chosen: ChosenRuns
) -> AsyncIterator[Sequence[ListRow]]:
    last = None
    while True:
        found = await syncs_page(deployment, chosen.which, after=last, size=CHUNK)
        yield [
            _of_run(
                deployment,
                run_form(run, shows_error=False),
                request_form(sync.request) if sync.request else None,
            )
            for sync in found.syncs
            for run in sync.runs
        ]
        last = found.last
        if last is None:
            return


def _of_request(deployment: Deployment, form: RunRequestForm) -> ListRow:
    names = form.marketplaces or tuple(site.name for site in deployment.sites)
    cells = (
        form.asked_at,
        form.ended_at,
        work_words(form),
        form.asked_by or None,
        ", ".join(map(marketplace_name, names)),
        None,
        ENDINGS[standing_of(form)][0],
        *_counts({}),
        form.plan,
        form.run,
    )
    return ListRow(cells, any(is_simulated(deployment, each, ()) for each in names))


def _of_run(
    deployment: Deployment, run: RunForm, form: RunRequestForm | None
) -> ListRow:
    cells = (
        run.started_at,
        run.ended_at,
        _BY_ITSELF if form is None else work_words(form),
        form.asked_by if form else None,
        marketplace_name(run.marketplace),
        run.account,
        ENDINGS[run.outcome][0],
        *_counts(run.changes),
        form.plan if form else None,
        run.run,
    )
    return ListRow(cells, is_simulated(deployment, run.marketplace, ()))


def _counts(outcomes: Mapping[str, int]) -> Iterator[int | None]:
    return (outcomes.get(name) for name in ANSWERS)


_BY_ITSELF: Final = Text("Tự chạy", "By itself")

RUNS_FILE: Final = ListFile(
    name="lan-chay", title=Text("Lần chạy", "Runs"), columns=_columns, rows=_rows
)
"""The runs; chosen by `ChosenRuns`."""
