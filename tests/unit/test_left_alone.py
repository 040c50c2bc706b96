"""People's view of what a run leaves alone."""

import pytest

from ocop_sync.cli.views.left_alone import show_unlike, show_unreadable
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.unlike import AllUnlike
from ocop_sync.store.decisions.possible_twins import Unlike


def test_a_title_with_brackets_is_shown_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listing = Unlike(
        marketplace="postmart",
        account="postmart",
        product_id="SP-00001",
        ref="401",
        title="[combo] Măng khô",
    )

    show_unlike(AllUnlike(listings=(listing,)))

    said = capsys.readouterr().out
    assert "postmart: SP-00001 ↔ 401: [combo] Măng khô" in said


def test_unreadable_listings_beyond_the_first_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = {str(n): "state: unknown" for n in range(23)}

    show_unreadable(Report(unreadable={"postmart": odd}))

    said = capsys.readouterr().out
    assert "postmart: 23 tin không đọc được" in said
    assert said.count("state: unknown") == 20
    assert "… +3 (--json)" in said
