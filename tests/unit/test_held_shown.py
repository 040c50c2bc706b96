"""People's view of single products that wait: the holds that keep them."""

import pytest

from catalog.eligibility import Outcome, Text
from ocop_sync.cli.views.not_on_sale import WARNING, show_held
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.reason import HOLD, Reason
from ocop_sync.service.queries.held import HeldProduct


def reason(code: str, outcome: str) -> Reason:
    text = Text(f"thấy {code}", f"seen {code}")
    return Reason(code=code, outcome=outcome, known=True, seen=text, todo=text)


def held(n: int, counted: str, marketplace: str = "postmart") -> HeldProduct:
    return HeldProduct(
        product_id=f"SP-{n:05}",
        name="Chè mẫu",
        producer=None,
        marketplace=marketplace,
        counted=counted,
        hold=Hold.CHANGE_REFUSED,
        reasons=(
            reason("change_refused", HOLD),
            reason("E07", Outcome.WARN.value),
        ),
    )


def test_a_warning_is_told_from_what_keeps_a_product_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_held([held(1, "listed")], simulated=False)

    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert f"{WARNING}: E07: thấy E07. thấy E07" in said
    assert "change_refused: thấy change_refused. thấy change_refused" in said


def test_the_list_says_how_status_counts_its_products(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [held(1, "listed"), held(2, "listed"), held(3, "held"), held(4, "refused")]
    show_held([*rows, held(1, "held", "voso")], simulated=False)

    said = " ".join(capsys.readouterr().out.split())
    assert "postmart: 4, `status`: sàn từ chối 1, tạm giữ 1, đang bán 2" in said
    assert "voso: 1, `status`: tạm giữ 1" in said
    assert "in the table of `status` each counts once" in said


def test_where_nothing_waits_nothing_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_held([], simulated=False)

    assert "`status`" not in capsys.readouterr().out
