"""Say which products may be listed and why: `ocop-sync eligibility`."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.eligibility import Outcome, Rule, Rules, Standing, Verdict
from catalog.entry import Entry
from catalog.errors import NotInCatalogError
from catalog.vietnam_time import start_of
from ocop_sync.bootstrap import open_database, rules_of
from ocop_sync.cli.app.app import run, settings_of
from ocop_sync.cli.app.deployed import open_deployment
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import CODE, Day
from ocop_sync.cli.views.not_on_sale import reason_value, show_reasons, word
from ocop_sync.cli.views.progress import counting
from ocop_sync.cli.views.quick_lines import QuickLines
from ocop_sync.cli.views.tables import (
    SIMULATED,
    console,
    plain,
    rows_table,
    said_json,
    say_json,
)
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.service.decisions.mappings import with_mappings
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import explain, verdict_and_reasons
from ocop_sync.settings import Settings

STANDINGS = {
    Standing.LISTED: "được bán, được ghi sao OCOP",
    Standing.WITHOUT_CLAIM: "không được ghi OCOP",
    Standing.NOT_LISTED: "không được bán",
    Standing.OUT_OF_SCOPE: "ngoài phạm vi",
    Standing.UNKNOWN: "chưa rõ, chờ người xác nhận",
}
"""What each standing is called."""
_IN_ENGLISH = {
    Standing.LISTED: "may be on sale, with its stars",
    Standing.WITHOUT_CLAIM: "without any OCOP claim",
    Standing.NOT_LISTED: "may not be on sale",
    Standing.OUT_OF_SCOPE: "out of scope",
    Standing.UNKNOWN: "not known, waits for a person",
}
_OUTCOMES = {
    Outcome.OUT_OF_SCOPE: "ngoài phạm vi / out of scope",
    Outcome.BLOCK: "không được bán / may not be on sale",
    Outcome.NO_OCOP_CLAIM: "không được ghi OCOP / no OCOP claim",
    Outcome.WARN: "nhắc người xem lại / a person looks",
}
"""What each rule does to a product that it finds wanting."""


class EvaluatedEntry(NamedTuple):
    """A product with its verdict and every reason.

    Attributes:
        entry: The product and its producer.
        verdict: The catalog's verdict.
        reasons: The verdict's reasons, and those of a marketplace if asked for.
        counted: How it is counted at that marketplace; None if not asked for.
    """

    entry: Entry
    verdict: Verdict
    reasons: tuple[Reason, ...]
    counted: str | None = None


@click.command(
    epilog="Ví dụ / Example: ocop-sync eligibility --sku SP-00001 --as-of 31/12/2026",
)
@click.option(
    "--as-of",
    type=Day(),
    metavar="DD/MM/YYYY",
    help="Ngày xét, giờ Việt Nam; bỏ trống: bây giờ / day in Vietnam; now if left out.",
)
@click.option(
    "--sku",
    "codes",
    type=CODE,
    metavar="CODE",
    multiple=True,
    help="Chỉ sản phẩm có mã hàng hoặc mã sản phẩm này; lặp lại được"
    " / only the product with this SKU or product id; may be repeated.",
)
@click.option(
    "--marketplace",
    type=CODE,
    metavar="MARKETPLACE",
    help="Cả lý do của sàn này, trong cùng danh sách / also this marketplace's reasons,"
    " in the same list.",
)
@click.option(
    "--explain-rules",
    is_flag=True,
    help="Giải thích các điều kiện và căn cứ / the rules and what they stand on.",
)
@click.option("--json", "as_json", is_flag=True, help="Cho máy đọc / for machines.")
@click.pass_context
def eligibility(
    ctx: click.Context,
    *,
    as_of: datetime | None,
    codes: Sequence[str],
    marketplace: str | None,
    explain_rules: bool,
    as_json: bool,
) -> None:
    """Xét từng sản phẩm theo các điều kiện / evaluate by the rules.

    Nêu mọi lý do, thấy gì và phải làm gì. Names every reason, what was seen and
    what to do.

    Với --marketplace: vì sao chưa bán ở sàn đó. Ngày khác thì chỉ xét danh mục và
    bảng quy đổi. With --marketplace: why it is not on sale there; of another day,
    only what catalog and mapping say.
    """
    settings = settings_of(ctx)
    at = start_of(as_of.date()) if as_of else present()
    rules = rules_of(settings)
    if explain_rules:
        _explain(rules, as_json=as_json)
        return
    run(_tell(settings, rules, at, codes, marketplace, now=as_of is None, json=as_json))


async def _tell(
    settings: Settings,
    rules: Rules,
    at: datetime,
    codes: Sequence[str],
    marketplace: str | None,
    *,
    now: bool,
    json: bool,
) -> None:
    """Evaluate page by page, and say each product as soon as it is evaluated."""
    if marketplace is None:
        async with open_database(settings) as database, database.read() as conn:
            evaluated = evaluate_pages(_entries(conn, codes), rules, at)
            await _say_evaluated(evaluated, _head(rules, at), json=json)
        return
    async with open_deployment(settings) as opened:
        deployment = await with_mappings(opened)
        simulated = deployment.site(marketplace).adapter.capabilities.simulated
        there = {"marketplace": marketplace, "simulated": simulated}
        async with deployment.database.read() as conn:
            entries = _entries(conn, codes)
            evaluated = _evaluate_at(
                deployment, marketplace, entries, None if now else at
            )
            await _say_evaluated(evaluated, _head(rules, at) | there, json=json)


def _head(rules: Rules, at: datetime) -> dict[str, Any]:
    return {
        "as_of": at,
        "rules": rules.version,
        "accept_published": rules.accept_published,
    }


async def evaluate_pages(
    pages: AsyncIterator[Sequence[Entry]], rules: Rules, at: datetime
) -> AsyncIterator[EvaluatedEntry]:
    """Evaluate *pages*, each when the one before has been taken."""
    async for page in pages:
        for entry in page:
            yield EvaluatedEntry(entry, *verdict_and_reasons(entry, at, rules))


async def _evaluate_at(
    deployment: Deployment,
    marketplace: str,
    pages: AsyncIterator[Sequence[Entry]],
    at: datetime | None,
) -> AsyncIterator[EvaluatedEntry]:
    async for page in pages:
        for each in await explain(deployment, marketplace, page, at):
            yield EvaluatedEntry(each.entry, each.verdict, each.reasons, each.counted)


async def _entries(
    conn: AsyncConnection, codes: Sequence[str]
) -> AsyncIterator[Sequence[Entry]]:
    if codes:
        yield await _named(conn, codes)
        return
    with counting("sản phẩm / products", beside_output=True) as count:
        async for page in reader.pages(conn):
            yield page
            count(len(page))


async def _named(conn: AsyncConnection, codes: Sequence[str]) -> list[Entry]:
    """Return the products with these SKUs or product ids, each once, as asked.

    Raises:
        NotInCatalogError: Some codes are neither; all of them are named.
    """
    owners = await reader.products_by_sku(conn, codes)
    ids = {code: owners.get(code, code) for code in codes}
    found = await reader.get(conn, list(dict.fromkeys(ids.values())))
    if unknown := [code for code, id_ in ids.items() if id_ not in found]:
        raise NotInCatalogError(unknown)
    return [found[id_] for id_ in dict.fromkeys(ids.values())]


async def _say_evaluated(
    evaluated: AsyncIterator[EvaluatedEntry], head: Mapping[str, Any], *, json: bool
) -> None:
    # Wrong use is told before anything is written.
    first = await anext(evaluated, None)
    everything = _after(first, evaluated)
    if json:
        await _write_json(everything, head)
    else:
        await _show(everything, simulated=head.get("simulated", False))


async def _after(
    first: EvaluatedEntry | None, others: AsyncIterator[EvaluatedEntry]
) -> AsyncIterator[EvaluatedEntry]:
    if first is not None:
        yield first
    async for each in others:
        yield each


async def _show(evaluated: AsyncIterator[EvaluatedEntry], *, simulated: bool) -> None:
    lines, counted = QuickLines(), Counter[Standing]()
    if simulated:
        lines.console.print(SIMULATED)
    async for (product, _), verdict, reasons, there in evaluated:
        counted[verdict.standing] += 1
        stars = f", {verdict.stars} sao" if verdict.stars else ""
        how = "" if there is None else f"; {word(there)}"
        after = f"{stars}: {STANDINGS[verdict.standing]}{how}"
        lines.say(f"{product.id} ", bold=product.name, after=after)
        show_reasons(reasons, lines)
    for standing in Standing:
        lines.say(
            f"{STANDINGS[standing]} / {_IN_ENGLISH[standing]}: {counted[standing]}"
        )


async def _write_json(
    evaluated: AsyncIterator[EvaluatedEntry], head: Mapping[str, Any]
) -> None:
    counted = Counter[Standing]()
    with said_json() as document:
        for key, value in head.items():
            document.put(key, value)
        with document.rows("products") as say:
            async for each in evaluated:
                counted[each.verdict.standing] += 1
                say(_verdict_value(each))
        document.put("counts", counted)


def _verdict_value(evaluated: EvaluatedEntry) -> dict[str, Any]:
    (product, producer), verdict, reasons, counted = evaluated
    value = {
        "product": product.id,
        "name": product.name,
        "producer": producer.name if producer else None,
        "skus": [each.sku for each in product.variants],
        "standing": verdict.standing.value,
        "certified": verdict.certified.value,
        "validity_unknown": verdict.validity_unknown,
        "stars": verdict.stars,
        "claim_ends_on": verdict.claim_ends_on,
        "changes_at": verdict.changes_at,
        "reasons": [reason_value(reason) for reason in reasons],
    }
    return value if counted is None else value | {"counted": counted or None}


def _explain(rules: Rules, *, as_json: bool) -> None:
    if as_json:
        values = [_rule_value(rule) for rule in rules.rules.values()]
        say_json({"version": rules.version, "rules": values})
        return
    columns = ["mã", "điều kiện / rule", "hệ quả", "căn cứ / basis", "đã xác nhận?"]
    table = rows_table("Các điều kiện / The rules", columns)
    for rule in rules.rules.values():
        title = f"{rule.title.vi}\n{rule.title.en}"
        note = f"\n({rule.note.vi})" if rule.note else ""
        day = rule.in_force_from
        since = f"\ntừ / since {day:%d/%m/%Y}" if day else ""
        table.add_row(
            rule.code,
            plain(title + note),
            _OUTCOMES[rule.outcome],
            plain("\n".join(rule.basis) + since),
            "rồi / yes" if rule.confirmed else "chưa / no",
        )
    console().print(table)


def _rule_value(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "title": {"vi": rule.title.vi, "en": rule.title.en},
        "outcome": rule.outcome.value,
        "basis": rule.basis,
        "confirmed": rule.confirmed,
        "in_force_from": rule.in_force_from,
        "note": {"vi": rule.note.vi, "en": rule.note.en} if rule.note else None,
        "sets": sorted(rule.sets),
    }
