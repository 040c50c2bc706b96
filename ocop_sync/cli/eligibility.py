"""Say which products may be listed and why: `ocop-sync eligibility`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import repository
from catalog.assembly import Entry
from catalog.calendar import start_of
from catalog.eligibility import Rule, Rules, Standing, Verdict, evaluate
from catalog.errors import NotInCatalogError
from ocop_sync.bootstrap import open_database, rules_of
from ocop_sync.cli.program import run, settings_of
from ocop_sync.cli.screen import console, indented, plain, rows_table, say_json
from ocop_sync.cli.values import Day
from ocop_sync.clock import system_clock
from ocop_sync.settings import Settings

STANDINGS = {
    Standing.LISTED: "được bán, được ghi sao OCOP",
    Standing.WITHOUT_CLAIM: "không được ghi OCOP",
    Standing.NOT_LISTED: "không được bán",
    Standing.OUT_OF_SCOPE: "ngoài phạm vi",
    Standing.UNKNOWN: "chưa rõ, chờ người xác nhận",
}
"""What each standing is called."""

Judged = tuple[Entry, Verdict]


@click.command(
    short_help="Sản phẩm nào được lên sàn, vì sao / Which products may be listed.",
    epilog="Ví dụ / Example: ocop-sync eligibility --sku SP-00001 --as-of 2026-12-31",
)
@click.option(
    "--as-of",
    type=Day(),
    metavar="YYYY-MM-DD",
    help="Ngày xét, giờ Việt Nam; bỏ trống: bây giờ / day in Vietnam; now if left out.",
)
@click.option(
    "--sku",
    "codes",
    metavar="CODE",
    multiple=True,
    help="Chỉ sản phẩm có mã hàng hoặc mã sản phẩm này; lặp lại được"
    " / only the product with this SKU or product id; may be repeated.",
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
    explain_rules: bool,
    as_json: bool,
) -> None:
    """Xét từng sản phẩm theo các điều kiện E00 đến E15 / judge by the rules.

    Nêu mọi lý do, thấy gì và phải làm gì. Names every reason, what was seen and
    what to do.
    """
    settings = settings_of(ctx)
    at = start_of(as_of.date()) if as_of else system_clock()
    rules = rules_of(settings)
    if explain_rules:
        _explain(rules, as_json=as_json)
        return
    judged = run(_judge(settings, rules, at, codes))
    if as_json:
        say_json(_as_value(judged, rules, at))
    else:
        _show(judged)


async def _judge(
    settings: Settings, rules: Rules, at: datetime, codes: Sequence[str]
) -> list[Judged]:
    async with open_database(settings) as database, database.read() as conn:
        if codes:
            entries = await _named(conn, codes)
        else:
            entries = [e async for page in repository.pages(conn) for e in page]
    return [(entry, evaluate(*entry, at, rules)) for entry in entries]


async def _named(conn: AsyncConnection, codes: Sequence[str]) -> list[Entry]:
    """Return the products with these SKUs or product ids, each once, as asked.

    Raises:
        NotInCatalogError: Some codes are neither; all of them are named.
    """
    owners = await repository.products_by_sku(conn, codes)
    ids = {code: owners.get(code, code) for code in codes}
    found = await repository.get(conn, list(dict.fromkeys(ids.values())))
    if unknown := [code for code, id_ in ids.items() if id_ not in found]:
        raise NotInCatalogError(unknown)
    return [found[id_] for id_ in dict.fromkeys(ids.values())]


def _show(judged: Iterable[Judged]) -> None:
    out, counted = console(), Counter[Standing]()
    for (product, _), verdict in judged:
        counted[verdict.standing] += 1
        stars = f", {verdict.stars} sao" if verdict.stars else ""
        out.print(
            f"{plain(product.id)} [b]{plain(product.name)}[/b]{stars}:"
            f" {STANDINGS[verdict.standing]}"
        )
        for reason in verdict.reasons:
            out.print(indented(f"{reason.code}: {reason.seen.vi}. {reason.todo.vi}"))
    for standing in Standing:
        out.print(f"{STANDINGS[standing]} / {standing.value}: {counted[standing]}")


def _as_value(judged: Iterable[Judged], rules: Rules, at: datetime) -> Any:
    products = [_verdict_value(entry, verdict) for entry, verdict in judged]
    return {
        "as_of": at,
        "rules": rules.version,
        "accept_published": rules.accept_published,
        "counts": Counter(each["standing"] for each in products),
        "products": products,
    }


def _verdict_value(entry: Entry, verdict: Verdict) -> dict[str, Any]:
    product, producer = entry
    return {
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
        "reasons": [
            {
                "code": reason.code,
                "outcome": reason.outcome.value,
                "known": reason.known,
                "seen": {"vi": reason.seen.vi, "en": reason.seen.en},
                "todo": {"vi": reason.todo.vi, "en": reason.todo.en},
            }
            for reason in verdict.reasons
        ],
    }


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
        since = f"\ntừ / since {rule.in_force_from}" if rule.in_force_from else ""
        table.add_row(
            rule.code,
            plain(title + note),
            rule.outcome.value,
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
