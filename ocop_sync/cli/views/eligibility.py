"""Which products may be listed, why, and by which rules, to people."""

from catalog.eligibility import Outcome, Rules, Standing
from ocop_sync.cli.views.not_on_sale import count_in_words, show_reasons
from ocop_sync.cli.views.quick_lines import QuickLines
from ocop_sync.cli.views.tables import SIMULATED, console, plain, rows_table
from ocop_sync.service.queries.eligibility import Eligibility

STANDINGS = {
    Standing.LISTED: "được bán, được ghi sao OCOP",
    Standing.WITHOUT_CLAIM: "không được ghi OCOP",
    Standing.NOT_LISTED: "không được bán",
    Standing.OUT_OF_SCOPE: "ngoài phạm vi",
    Standing.UNKNOWN: "chưa rõ, chờ người xác nhận",
}
"""The name of each standing."""
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
"""The effect of each rule on a product that fails it."""


async def show_eligibility(found: Eligibility) -> None:
    """Show each product as soon as it is evaluated, and how many are of each kind."""
    lines = QuickLines()
    if found.there is not None and found.there.simulated:
        lines.console.print(SIMULATED)
    async for each in found.entries:
        product, verdict = each.entry[0], each.verdict
        stars = f", {verdict.stars} sao" if verdict.stars else ""
        how = "" if each.counted is None else f"; {count_in_words(each.counted)}"
        after = f"{stars}: {STANDINGS[verdict.standing]}{how}"
        lines.say(f"{product.id} ", bold=product.name, after=after)
        show_reasons(each.reasons, lines)
    for standing in Standing:
        lines.say(
            f"{STANDINGS[standing]} / {_IN_ENGLISH[standing]}: {found.counts[standing]}"
        )


def show_rules(rules: Rules) -> None:
    """Show the rules, and their legal basis."""
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
