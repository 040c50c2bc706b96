"""The department decides on certificates, for one product or for many at once."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import amendments_of
from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.correction import Correction, Restoring, Voiding
from catalog.commands.certify.grant import Grant
from catalog.commands.certify.revocation import Revocation
from catalog.commands.certify.which import Which
from catalog.commands.product_list import read_codes
from catalog.commands.update import pause
from catalog.db.reader import get
from catalog.errors import (
    AttestationError,
    CatalogError,
    FeedError,
    NotInCatalogError,
)
from catalog.feed.rows.row import ProblemKind
from catalog.model.certificate import Certificate
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.service.decisions.certificate_effects import ListingEffect
from ocop_sync.service.decisions.certificates import (
    CertificateDecision,
    CertificateEntry,
    UndoEntry,
    decide_certificates,
    undo_certificates,
)
from ocop_sync.service.queries.coverage_figures import coverage_of
from tests.acts import acts_of
from tests.catalog_database import import_rows
from tests.factories import make_certificate, person
from tests.held import list_held
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

COUNT = 3
"""So many products lose something; the budget allows two."""
IDS = [f"SP-{n:05}" for n in range(1, COUNT + 1)]
TODAY = date(2024, 3, 1)
KNOWN = Which(decision="001/QĐ-MẪU")
REVOKED = Revocation(decision="9/QĐ-UBND", day=date(2024, 2, 20), body="tỉnh")
RENEWED = Grant(
    decision="12/QĐ-UBND", day=TODAY, stars=5, body="trung ương", renews=True
)
LOWERED = replace(RENEWED, stars=3, body="huyện")


@pytest.fixture
async def shop(world: World) -> World:
    """Ten products on sale, and a budget of two."""
    world.deployment = replace(world.deployment, budget=Budget(min_changes=2))
    await world.save(*(entry(n) for n in range(1, 11)))
    await world.sync()
    world.time.pass_(minutes=5)
    return world


async def decide(
    world: World,
    act: CertificateAct,
    products: Sequence[str] = ("SP-00001",),
    token: str = "",
    **how: Any,
) -> CertificateDecision:
    entry_ = CertificateEntry(
        act=act, products=products, by=person("Bà Mẫu"), token=token, **how
    )
    return await decide_certificates(world.deployment, entry_)


async def told(
    world: World, act: CertificateAct, products: Sequence[str] = ("SP-00001",)
) -> HeldCertificatesError:
    """Return what an act does, which has to be confirmed."""
    with pytest.raises(HeldCertificatesError) as held:
        await decide(world, act, products)
    return held.value


async def decide_and_mean_it(
    world: World, act: CertificateAct, products: Sequence[str] = ("SP-00001",)
) -> CertificateDecision:
    held = await told(world, act, products)
    return await decide(world, act, products, held.token)


async def certificates_of(world: World, id_: str) -> tuple[Certificate, ...]:
    async with world.database.read() as conn:
        return (await get(conn, [id_]))[id_][0].certificates


async def causes(world: World) -> list[str]:
    return [group.cause for group, _ in await list_held(world.deployment)]


def in_vietnamese(told_: Sequence[tuple[str, str]]) -> str:
    return "\n".join(vi for vi, _ in told_)


# What is taken from buyers is told first, and passes once it is confirmed


@pytest.mark.parametrize(
    ("act", "effect", "sent"),
    [
        pytest.param(REVOKED, "memory: gỡ 3 tin đang bán", "withdraw", id="revoked"),
        pytest.param(
            Voiding(which=KNOWN, reason="ghi nhầm"),
            "memory: bỏ dấu hiệu OCOP ở 3 tin đang bán",
            "set_stars",
            id="voided",
        ),
        pytest.param(
            Correction(which=KNOWN, day=date(2021, 2, 10)),
            "hết hạn sớm hơn: 2026-05-10 → 2024-02-10: 3 sản phẩm",
            "set_stars",
            id="an earlier end",
        ),
        pytest.param(
            Correction(which=KNOWN, day=date(2024, 3, 20)),
            "memory: bỏ dấu hiệu OCOP ở 3 tin đang bán",
            "set_stars",
            id="not yet",
        ),
        pytest.param(
            Correction(which=KNOWN, stars=3),
            "memory: hạ hạng sao ở 3 tin đang bán",
            "set_stars",
            id="fewer stars",
        ),
        pytest.param(
            LOWERED, "memory: hạ hạng sao ở 3 tin đang bán", "set_stars", id="lowered"
        ),
        pytest.param(
            RENEWED, "hạng sao được tính: 4 → 5: 3 sản phẩm", "set_stars", id="raised"
        ),
    ],
)
async def test_what_an_act_does_is_told_and_passes_outside_the_budget_once_confirmed(
    shop: World, act: CertificateAct, effect: str, sent: str
) -> None:
    held = await told(shop, act, IDS)
    nothing = [await certificates_of(shop, id_) for id_ in IDS]
    acts = await acts_of(shop.database)
    await shop.sync()
    still = shop.written()

    found = await decide(shop, act, IDS, held.token)
    await shop.sync()

    assert effect in in_vietnamese(held.effects)
    assert nothing == [(make_certificate(),)] * COUNT
    assert (acts, still) == ([], [])
    assert [each.changed for each in found.products] == [True] * COUNT
    assert (shop.written(), await causes(shop)) == ([sent] * COUNT, [])


async def test_an_end_that_nobody_was_told_of_still_counts_in_the_budget(
    shop: World,
) -> None:
    ended = Correction(which=KNOWN, day=date(2021, 2, 10))
    await decide_and_mean_it(shop, ended, IDS)
    # Another end, by a sheet: the person stands for the first one alone.
    sheet = [
        {
            "product_id": id_,
            "decision": "001/QĐ-MẪU",
            "decided_on": "2021-02-20",
            "decision_is": "đính chính",
        }
        for id_ in IDS
    ]

    async def import_it(conn: AsyncConnection) -> None:
        report = await import_rows(conn, *sheet, now=shop.time(), source="bang.csv")
        assert report.problems == []

    await shop.database.write(import_it)
    await shop.sync()

    assert (shop.written(), await causes(shop)) == ([], ["E02@2024-02-20"])


async def test_who_did_it_and_why_stands_in_the_audit_once_for_all_products(
    shop: World,
) -> None:
    found = await decide_and_mean_it(
        shop, replace(REVOKED, reason="không tái đánh giá"), [*IDS, "SP-00001-1"]
    )

    assert await acts_of(shop.database) == [
        (
            "revoke",
            IDS,
            {"decision": "9/QĐ-UBND", "day": "2024-02-20", "authority": "tỉnh"},
        )
    ]
    assert found.act == 1
    async with shop.database.read() as conn:
        (change,) = await amendments_of(conn, "SP-00001")
    assert change.who == "Bà Mẫu"
    assert change.after == {"revoked_by": "9/QĐ-UBND", "revoked_on": "2024-02-20"}
    assert change.why == "không tái đánh giá"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(Correction(which=KNOWN, stars=3, body="huyện"), id="fewer stars"),
        pytest.param(
            Correction(which=KNOWN, decision="77/QĐ-MẪU", day=date(2023, 4, 10)),
            id="an earlier end",
        ),
    ],
)
async def test_what_takes_from_buyers_is_told_of_a_single_product_too(
    shop: World, act: CertificateAct
) -> None:
    held = await told(shop, act)

    assert held.doubts == ()


async def test_a_revocation_of_a_day_to_come_that_moves_nearer_is_told_of_a_single_one(
    shop: World,
) -> None:
    later = replace(REVOKED, day=date(2024, 6, 1))
    await decide_and_mean_it(shop, later)
    nearer = Correction(which=KNOWN, revoked_on=date(2024, 3, 5))

    held = await told(shop, nearer)
    moved = await decide(shop, nearer, token=held.token)
    put_back = await decide(shop, replace(nearer, revoked_on=date(2024, 6, 1)))
    with pytest.raises(HeldCertificatesError) as again:
        await undo(shop, put_back.act or 0)

    assert moved.act is not None
    for told_ in (held, again.value):
        assert "thu hồi sớm hơn: 2024-06-01 → 2024-03-05: 1 sản phẩm" in (
            in_vietnamese(told_.effects)
        )


async def test_a_revocation_that_is_undone_and_entered_again_by_undoing_is_told(
    shop: World,
) -> None:
    done = await decide_and_mean_it(shop, replace(REVOKED, day=date(2024, 6, 1)))
    undone = await undo(shop, done.act or 0)

    with pytest.raises(HeldCertificatesError) as held:
        await undo(shop, undone.act or 0)

    assert "thu hồi sớm hơn: - → 2024-06-01" in in_vietnamese(held.value.effects)


async def test_a_decision_that_is_corrected_for_some_is_asked_about_for_the_others(
    shop: World,
) -> None:
    act = Correction(which=KNOWN, day=date(2023, 6, 10))
    await decide_and_mean_it(shop, act, [f"SP-{n:05}" for n in range(4, 11)])

    rest = await told(shop, act, IDS)
    some = await told(shop, replace(act, day=date(2023, 6, 11)), IDS)

    assert rest.doubts == ()
    assert "cho 7 sản phẩm khác (SP-00004" in in_vietnamese(some.doubts)


async def test_a_token_confirms_only_what_was_told(shop: World) -> None:
    held = await told(shop, REVOKED)
    other = await told(shop, replace(REVOKED, day=date(2024, 2, 21)))
    await decide(shop, Correction(which=KNOWN, decision="2/QĐ-MẪU"))

    for token in (held.token, other.token):
        with pytest.raises(HeldCertificatesError) as again:
            await decide(shop, REVOKED, token=token)
        assert again.value.token not in (held.token, other.token)
    assert (await certificates_of(shop, "SP-00001"))[0].revoked_by == ""


async def test_a_slip_that_takes_nothing_is_corrected_at_once_and_both_are_kept(
    shop: World,
) -> None:
    found = await decide(shop, Correction(which=KNOWN, decision="10/QĐ-MẪU"))
    again = await decide(
        shop, Correction(which=Which(decision="10/QĐ-MẪU"), decision="10/QĐ-MẪU")
    )
    await shop.sync()

    assert (found.token, found.doubts, again.act) == ("", [], None)
    assert found.products[0].listings is ListingEffect.OTHER_CLAIM
    async with shop.database.read() as conn:
        (change,) = await amendments_of(conn, "SP-00001")
    assert (change.before, change.after) == (
        {"decision": "001/QĐ-MẪU"},
        {"decision": "10/QĐ-MẪU"},
    )
    assert shop.written() == ["set_stars"]


async def test_a_granted_product_is_listed_and_a_checked_act_enters_nothing(
    world: World,
) -> None:
    await world.save(entry(1, certificates=()), entry(2))
    await world.sync()
    act = Grant(decision="12/QĐ-UBND", day=date(2024, 2, 1), stars=4, body="tỉnh")

    checked = await decide(world, act, only_check=True)
    before = await certificates_of(world, "SP-00001")
    found = await decide(world, act)
    await world.sync()

    assert (checked.act, checked.products, before) == (None, found.products, ())
    assert found.products[0].stars == (0, 4)
    assert found.products[0].ends_on == ("", "2027-02-01")
    assert world.market.shelf.of("SP-00001")[0].shown.stars.stars == 4  # type: ignore[union-attr]


async def test_an_authority_that_number_and_day_leave_is_filled_in(
    world: World,
) -> None:
    await world.save(entry(1, certificates=()))

    await decide(world, Grant(decision="3/QĐ-BNN", day=date(2024, 2, 1), stars=5))

    (granted,) = await certificates_of(world, "SP-00001")
    assert (granted.body, granted.proven) == ("trung ương", True)


async def test_a_restored_certificate_counts_again(shop: World) -> None:
    await decide_and_mean_it(shop, Voiding(which=KNOWN, reason="nhầm"))
    found = await decide(shop, Restoring(which=KNOWN, reason="đúng ra"))
    async with shop.database.read() as conn:
        whys = [each.why for each in await amendments_of(conn, "SP-00001")]

    assert found.products[0].listings is ListingEffect.BACK
    assert "được đăng bán, hoặc có lại dấu hiệu OCOP" in found.effects[-1].vi
    assert whys == ["", "đúng ra"]
    assert await certificates_of(shop, "SP-00001") == (make_certificate(),)


# All or nothing


async def test_one_product_that_cannot_be_keeps_all_others_out(shop: World) -> None:
    await decide_and_mean_it(shop, replace(REVOKED, decision="8/QĐ-UBND"), IDS[1:2])

    with pytest.raises(CatalogError) as refused:
        await decide(shop, REVOKED, IDS)

    assert "SP-00002: đã bị thu hồi theo quyết định 8/QĐ-UBND" in str(refused.value)
    assert "SP-00001" not in str(refused.value)
    assert (await certificates_of(shop, "SP-00001"))[0].revoked_by == ""


async def test_a_product_that_is_so_already_is_named_and_left_as_it_is(
    shop: World,
) -> None:
    await decide_and_mean_it(shop, REVOKED, IDS[:1])

    found = await decide_and_mean_it(shop, REVOKED, IDS)
    again = await decide(shop, REVOKED, IDS)

    assert [each.changed for each in found.products] == [False, True, True]
    assert "đã đúng như vậy, giữ nguyên: 1 sản phẩm (SP-00001)" in "".join(
        each.vi for each in found.effects
    )
    assert (again.act, [each.changed for each in again.products]) == (
        None,
        [False] * COUNT,
    )


async def test_a_person_who_revokes_what_a_sheet_did_is_told_and_stands_for_it(
    shop: World,
) -> None:
    cells = {
        "decision": "001/QĐ-MẪU",
        "decided_on": "2023-05-10",
        "revoked_by": "9/QĐ-UBND",
        "revoked_on": "2024-02-20",
    }

    async def import_it(conn: AsyncConnection) -> None:
        sheet = [{"product_id": id_, **cells} for id_ in IDS]
        await import_rows(conn, *sheet, now=shop.time(), source="bang.csv")

    await shop.database.write(import_it)
    await shop.sync()
    waiting = await causes(shop)

    held = await told(shop, REVOKED, IDS)
    await decide(shop, REVOKED, IDS, held.token)
    await shop.sync()

    assert waiting == ["import:1"]
    assert "memory: gỡ 3 tin đang bán" in in_vietnamese(held.effects)
    assert (shop.written(), await causes(shop)) == (["withdraw"] * COUNT, [])


@pytest.mark.parametrize(
    ("act", "of_one", "of_two"),
    [
        (REVOKED, "listing is withdrawn", "listings are withdrawn"),
        (
            Correction(which=KNOWN, day=date(2024, 3, 20)),
            "listing loses the OCOP claim",
            "listings lose the OCOP claim",
        ),
        (
            Correction(which=KNOWN, stars=3),
            "listing shows fewer stars",
            "listings show fewer stars",
        ),
    ],
)
async def test_english_tells_of_one_listing_as_of_one(
    shop: World, act: CertificateAct, of_one: str, of_two: str
) -> None:
    one, two = [await told(shop, act, IDS[:n]) for n in (1, 2)]

    assert f"memory: 1 {of_one}" in [en for _, en in one.effects]
    assert f"memory: 2 {of_two}" in [en for _, en in two.effects]


async def test_unknown_products_and_too_many_are_refused(shop: World) -> None:
    with pytest.raises(NotInCatalogError, match="SP-99999"):
        await decide(shop, REVOKED, ["SP-00001", "SP-99999"])
    with pytest.raises(CatalogError, match="2000"):
        await decide(shop, REVOKED, [f"SP-{n:05}" for n in range(2001)])


# What cannot be, and what is doubtful

OLD = make_certificate(decision="7/QĐ-UBND", decided_on=date(2020, 5, 1), stars=3)
NOW_IN_FORCE = make_certificate()


@pytest.mark.parametrize(
    ("known", "act", "why"),
    [
        pytest.param(
            (NOW_IN_FORCE,),
            replace(RENEWED, renews=False),
            "đang có giấy chứng nhận còn hạn",
            id="a grant beside one in force",
        ),
        pytest.param(
            (OLD,),
            Grant(decision="07/QĐ-UBND", day=date(2020, 6, 1), stars=3, body="tỉnh"),
            "đã có quyết định này",
            id="the same decision again",
        ),
        pytest.param(
            (replace(OLD, voided_by="Ông Mẫu", void_reason="nhầm"),),
            Grant(decision="7/QĐ-UBND", day=date(2020, 5, 1), stars=3, body="tỉnh"),
            "đang hủy bỏ vì ghi nhầm",
            id="a voided decision again",
        ),
        pytest.param((), RENEWED, "dùng certificates grant", id="nothing to renew"),
        pytest.param(
            (NOW_IN_FORCE,),
            replace(RENEWED, day=date(2023, 5, 10)),
            "đánh giá lại phải sau ngày đó",
            id="renewed on the day of the last",
        ),
        pytest.param(
            (NOW_IN_FORCE,),
            replace(REVOKED, day=date(2023, 5, 9)),
            "trước ngày công nhận",
            id="revoked before it was granted",
        ),
        pytest.param((OLD,), REVOKED, "đã hết hạn ngày 01/05/2023", id="ended before"),
        pytest.param((), REVOKED, "không có giấy chứng nhận nào", id="none to revoke"),
        pytest.param(
            (replace(NOW_IN_FORCE, revoked_by="8/QĐ", revoked_on=TODAY),),
            REVOKED,
            "đã bị thu hồi theo quyết định 8/QĐ ngày 01/03/2024",
            id="revoked by another decision",
        ),
        pytest.param(
            (NOW_IN_FORCE,),
            Correction(which=KNOWN, revoked_on=TODAY),
            "không bị thu hồi",
            id="a revocation that is not there",
        ),
        pytest.param(
            (replace(NOW_IN_FORCE, revoked_by="8/QĐ", revoked_on=TODAY),),
            Correction(which=KNOWN, revoked_on=date(2023, 5, 9)),
            "trước ngày quyết định công nhận",
            id="corrected to a revocation before it was granted",
        ),
        pytest.param(
            (replace(NOW_IN_FORCE, revoked_by="8/QĐ", revoked_on=date(2024, 1, 1)),),
            Correction(which=KNOWN, day=date(2024, 2, 1)),
            "trước ngày quyết định công nhận",
            id="corrected to a grant after its revocation",
        ),
        pytest.param(
            (NOW_IN_FORCE, OLD),
            Correction(
                which=Which(decision="7/QĐ-UBND"),
                decision="001/QĐ-MẪU",
                day=date(2023, 6, 1),
            ),
            "đã có quyết định 001/QĐ-MẪU năm 2023",
            id="corrected to another one",
        ),
        pytest.param(
            (NOW_IN_FORCE,),
            Voiding(which=Which(decision="7/QĐ-UBND"), reason="nhầm"),
            "đúng một giấy",
            id="no such certificate",
        ),
        pytest.param(
            (NOW_IN_FORCE,),
            Restoring(which=KNOWN, reason="nhầm"),
            "không có gì để khôi phục",
            id="restored though not voided",
        ),
    ],
)
async def test_what_cannot_be_is_refused_with_the_product_and_the_reason(
    world: World, known: tuple[Certificate, ...], act: CertificateAct, why: str
) -> None:
    await world.save(entry(1, certificates=known))

    with pytest.raises(CatalogError) as refused:
        await decide(world, act)

    vi, between, en = str(refused.value).partition(" / ")
    assert (between, " / " in en) == (" / ", False)
    assert "SP-00001: " in vi
    assert why in vi
    assert "SP-00001: " in en
    assert await certificates_of(world, "SP-00001") == known


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(replace(REVOKED, decision="họp ngày 12/11"), id="no number"),
        pytest.param(replace(RENEWED, decision="12/TTr-SNN"), id="a proposal"),
        pytest.param(replace(RENEWED, stars=2), id="two stars"),
        pytest.param(replace(RENEWED, body="xã"), id="no such level"),
        pytest.param(
            replace(RENEWED, stars=3, body="", decision="1/QĐ-X"), id="level not known"
        ),
        pytest.param(Correction(which=KNOWN), id="nothing corrected"),
        pytest.param(Voiding(which=KNOWN, reason=""), id="no reason"),
    ],
)
async def test_what_no_act_can_do_without_is_asked_for(
    shop: World, act: CertificateAct
) -> None:
    with pytest.raises(AttestationError):
        await decide(shop, act)


@pytest.mark.parametrize(
    ("act", "doubt"),
    [
        pytest.param(
            RENEWED,
            "trùng thời hạn với 001/QĐ-MẪU, tỉnh, 10/05/2023 (còn hạn đến hết ngày"
            " 10/05/2026): từ ngày 01/03/2024",
            id="re-assessed before the old one ends",
        ),
        pytest.param(
            Grant(decision="5/QĐ-UBND", day=date(2021, 3, 1), stars=4, body="tỉnh"),
            "trùng thời hạn với 001/QĐ-MẪU",
            id="an earlier one that overlaps",
        ),
        pytest.param(
            replace(RENEWED, decision="20/QĐ-UBND"),
            "số 20/QĐ-UBND đã ghi với ngày 05/01/2024 cho 1 sản phẩm khác (SP-00009)",
            id="a number known with another day",
        ),
        pytest.param(
            replace(REVOKED, decision="30/QĐ-UBND"),
            "số 30/QĐ-UBND đã ghi với ngày 10/02/2024 cho 1 sản phẩm khác (SP-00010)",
            id="a revoking number known with another day",
        ),
        pytest.param(
            replace(RENEWED, stars=4, body="huyện"),
            "4 sao ngày 01/03/2024 thuộc cấp tỉnh, đang ghi cấp huyện",
            id="not theirs to decide",
        ),
        pytest.param(
            replace(RENEWED, day=date(2024, 3, 2)),
            "ngày quyết định 02/03/2024 chưa đến",
            id="a day to come",
        ),
        pytest.param(
            replace(RENEWED, decision="12/2023/QĐ-UBND"),
            "ghi năm 2023, ngày quyết định lại của năm 2024",
            id="a number of another year",
        ),
        pytest.param(
            Grant(decision="5/QĐ-UBND", day=date(2019, 9, 1), stars=4, body="tỉnh"),
            "đã hết hạn từ hết ngày 01/09/2022",
            id="ended already",
        ),
        pytest.param(
            replace(RENEWED, decision="001/QĐ-MẪU", body="tỉnh"),
            "đã có quyết định gần giống",
            id="much like a known one",
        ),
        pytest.param(
            replace(REVOKED, day=date(2024, 4, 1)),
            "ngày thu hồi 01/04/2024 chưa đến",
            id="revoked on a day to come",
        ),
        pytest.param(
            Correction(which=KNOWN, day=date(2024, 1, 5), decision="20/QĐ-X"),
            None,
            id="no doubt of another office's number",
        ),
    ],
)
async def test_what_is_doubtful_is_asked_and_taken_once_it_is_confirmed(
    world: World, act: CertificateAct, doubt: str | None
) -> None:
    there = make_certificate(decision="20/QĐ-UBND", decided_on=date(2024, 1, 5))
    gone = make_certificate(revoked_by="30/QĐ-UBND", revoked_on=date(2024, 2, 10))
    await world.save(
        entry(1), entry(9, certificates=(there,)), entry(10, certificates=(gone,))
    )
    if doubt is None:
        assert (await decide(world, act, only_check=True)).doubts == []
        return

    held = await told(world, act)
    found = await decide(world, act, token=held.token)

    assert doubt in in_vietnamese(held.doubts)
    assert found.act is not None


# An act is taken back


async def undo(world: World, act: int, token: str = "") -> CertificateDecision:
    entry_ = UndoEntry(act=act, by=person("Ông Mẫu"), reason="nhầm", token=token)
    return await undo_certificates(world.deployment, entry_)


async def undo_and_mean_it(world: World, act: int) -> CertificateDecision:
    with pytest.raises(HeldCertificatesError) as held:
        await undo(world, act)
    return await undo(world, act, held.value.token)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(REVOKED, id="revoked"),
        pytest.param(Voiding(which=KNOWN, reason="nhầm"), id="voided"),
        pytest.param(Correction(which=KNOWN, day=date(2021, 2, 10)), id="an end"),
        pytest.param(Correction(which=KNOWN, stars=3), id="fewer stars"),
        pytest.param(LOWERED, id="re-assessed"),
    ],
)
async def test_an_act_that_is_taken_back_leaves_buyers_what_they_had(
    shop: World, act: CertificateAct
) -> None:
    before = shop.market.shelf.of("SP-00001")[0].shown.stars
    done = await decide_and_mean_it(shop, act, IDS)
    await shop.sync()
    assert done.act == 1

    await undo_and_mean_it(shop, 1)
    await shop.sync()

    for id_ in IDS:
        first, *more = await certificates_of(shop, id_)
        assert first == make_certificate()
        assert [each.void_reason for each in more] == ["nhầm"] * len(more)
        assert shop.market.shelf.of(id_)[0].shown.stars == before
    assert (await acts_of(shop.database))[1:] == [
        ("undo_certificates", IDS, {"act": "1"})
    ]


async def test_an_undoing_can_be_taken_back_as_well(shop: World) -> None:
    await decide_and_mean_it(shop, LOWERED)
    granted = await certificates_of(shop, "SP-00001")
    await undo_and_mean_it(shop, 1)

    await undo_and_mean_it(shop, 2)

    assert await certificates_of(shop, "SP-00001") == granted


async def test_what_was_changed_since_keeps_the_whole_act(shop: World) -> None:
    await decide_and_mean_it(shop, REVOKED, IDS)
    await decide(shop, Correction(which=KNOWN, revoked_on=date(2024, 2, 21)), IDS[1:2])

    with pytest.raises(CatalogError) as refused:
        await undo(shop, 1)

    assert "SP-00002: giấy chứng nhận đã đổi lại sau việc số 1" in str(refused.value)
    assert "SP-00001" not in str(refused.value)
    assert (await certificates_of(shop, "SP-00001"))[0].revoked_by == "9/QĐ-UBND"


async def test_an_act_of_another_kind_is_not_taken_back_here(shop: World) -> None:
    await shop.database.write(
        lambda conn: pause(conn, "SP-00001", True, by=person("An"), now=shop.time())
    )

    for number in (1, 99):
        with pytest.raises(CatalogError, match=f"việc số {number} không phải"):
            await undo(shop, number)


# Past days


@pytest.mark.parametrize(
    "act",
    [
        REVOKED,
        RENEWED,
        LOWERED,
        Voiding(which=KNOWN, reason="nhầm"),
        Correction(which=KNOWN, day=date(2021, 2, 10)),
        Correction(which=KNOWN, stars=3),
    ],
    ids=["revoked", "raised", "lowered", "voided", "an earlier end", "fewer stars"],
)
async def test_figures_of_past_days_stay_as_they_were_known(
    shop: World, act: CertificateAct
) -> None:
    """A late word about an earlier day changes today's figures alone."""
    first = day_in_vietnam(shop.time())
    shop.time.pass_(days=2)
    await shop.sync()
    days = [first + timedelta(days=n) for n in range(2)]
    before = [(await coverage_of(shop.deployment, day=day)).cells for day in days]

    await decide_and_mean_it(shop, act, IDS)
    await shop.sync()
    shop.time.pass_(days=1)
    await shop.sync()

    after = [(await coverage_of(shop.deployment, day=day)).cells for day in days]
    assert after == before
    (now,) = (await coverage_of(shop.deployment)).cells
    takes = act.kind in ("revoke", "void_certificate") or getattr(act, "day", None) == (
        date(2021, 2, 10)
    )
    assert now.figures["certified"].value == 10 - (COUNT if takes else 0)


# Lists of products


@pytest.mark.parametrize(
    ("sheet", "codes"),
    [
        pytest.param("SP-00001\n\nSP-00002\n", ["SP-00001", "SP-00002"], id="bare"),
        pytest.param(
            "Tên sản phẩm;Mã sản phẩm\nChè Mẫu;SP-00001\n", ["SP-00001"], id="a heading"
        ),
        pytest.param("sku,x\nSP-00001-1,2\n", ["SP-00001-1"], id="by SKU"),
    ],
)
def test_a_file_lists_products_under_a_heading_or_in_its_first_column(
    sheet: str, codes: list[str]
) -> None:
    assert read_codes(io.BytesIO(sheet.encode())) == codes


@pytest.mark.parametrize("sheet", ["", "Mã sản phẩm\n", "id,name\n,Chè\n"])
def test_a_file_that_lists_nothing_or_skips_a_code_is_refused(sheet: str) -> None:
    with pytest.raises(FeedError):
        read_codes(io.BytesIO(sheet.encode()))


# Sheets that say otherwise afterwards


async def test_an_older_sheet_does_not_bring_back_what_was_corrected_by_hand(
    shop: World,
) -> None:
    await decide_and_mean_it(shop, Correction(which=KNOWN, stars=3, body="huyện"))
    shop.time.pass_(hours=1)
    row = {
        "product_id": "SP-00001",
        "decision": "001/QĐ-MẪU",
        "decided_on": "2023-05-10",
        "stars": 4,
        "body": "tỉnh",
    }

    async def import_it(stamp: datetime | None) -> list[str]:
        report = await shop.database.write(
            lambda conn: import_rows(
                conn, row, now=shop.time(), source="cu.csv", stamp=stamp
            )
        )
        kinds = {each.kind for each in report.problems}
        assert kinds <= {ProblemKind.CONFLICT}
        return sorted(each.column for each in report.problems)

    before = shop.time() - timedelta(hours=2)
    told_of = [await import_it(None), await import_it(before)]
    kept = await certificates_of(shop, "SP-00001")
    newer = await import_it(shop.time() - timedelta(minutes=5))
    after = await certificates_of(shop, "SP-00001")

    assert told_of == [["body", "stars"]] * 2
    assert [(each.stars, each.body) for each in kept] == [(3, "huyện")]
    assert newer == []
    assert [(each.stars, each.body) for each in after] == [(4, "tỉnh")]
