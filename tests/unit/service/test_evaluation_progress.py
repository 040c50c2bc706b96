"""How far the evaluation of all products is, for a run that sends meanwhile."""

import asyncio

from ocop_sync.service.run.evaluation_progress import EvaluationProgress


async def test_fewer_than_asked_for_are_no_reason_to_look() -> None:
    progress = EvaluationProgress()
    progress.begin(at_least=3)
    progress.note_due(2)
    looking = asyncio.ensure_future(progress.some_more())
    await asyncio.sleep(0)
    assert not looking.done()

    progress.note_due(1)
    await looking

    assert not progress.has_enough  # since it was asked
    assert not progress.is_over


async def test_the_end_is_one_however_few_are_due() -> None:
    progress = EvaluationProgress()
    progress.begin(at_least=3)
    progress.note_due(1)

    progress.end()

    await progress.some_more()
    assert progress.is_over
