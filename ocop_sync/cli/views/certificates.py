"""The certificates of a product, and their changes, to people."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date

from catalog.commands.certificate_history import CertificateHistory, CertificateState
from catalog.feed.headings.display import author_in_words, stored_in_words
from catalog.feed.headings.heading import heading_of
from catalog.model.certificate import Certificate
from catalog.queries.certificates import ListedCertificate
from catalog.vietnam_time import moment
from ocop_sync.cli.views.import_changes import ERASED
from ocop_sync.cli.views.tables import (
    NOTHING_TO_DO,
    console,
    indented,
    plain,
    rows_table,
    show_line,
    write_json,
)
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.service.decisions.certificates import CertificateDecision

_STATES = {
    CertificateState.VALID: "còn hạn / valid",
    CertificateState.NOT_YET: "chưa đến ngày / not yet",
    CertificateState.ENDED: "hết hạn / ended",
    CertificateState.REVOKED: "bị thu hồi / revoked",
    CertificateState.VOIDED: "đã hủy bỏ / voided",
    CertificateState.UNKNOWN: "chưa rõ / unknown",
}
_COLUMNS = (
    "quyết định, cơ quan\ndecision, body",
    "ngày, hết hạn\nday, ends on",
    "sao\nstars",
    "tình trạng\nstate",
)


def show_certificates(found: CertificateHistory) -> None:
    """Show the certificates of a product, then each change."""
    product = found.product
    table = rows_table(f"{plain(product.id)} {plain(product.name)}", _COLUMNS)
    for each in found.lines:
        one = each.certificate
        report = "" if one.proven else "chưa đủ căn cứ / published only"
        names = ", ".join(filter(None, (one.decision, one.body, report)))
        table.add_row(
            plain(names),
            f"{_day(one.decided_on or one.year)}\n{_day(each.ends_on)}",
            str(one.stars or "?"),
            plain("\n".join([_STATES[each.state], *_void_of(one)])),
        )
    console().print(table)
    for change in found.changes:
        when = moment(change.at)
        before, after = _fields(change.before), _fields(change.after)
        said = f"{before or '-'} → {after or '-'}"
        why = f" ({change.why})" if change.why else ""
        why += f" ({ERASED})" if change.erased else ""
        show_line(plain(f"{when}, {author_in_words(change.who)}: {said}{why}"))


async def show_all_certificates(found: AsyncIterator[ListedCertificate]) -> None:
    """Show certificates one by one, a line each, and how many there are."""
    count = 0
    async for each in found:
        count += 1
        one, line = each.line.certificate, each.line
        names = ", ".join(filter(None, (one.decision or "-", one.body)))
        stars = f"{one.stars or '?'} sao / stars"
        days = f"{_day(one.decided_on or one.year)} - {_day(line.ends_on)}"
        said = f"{each.product_id} {each.name}: {names}, {stars}, {days}"
        show_line(plain(f"{said}, {_STATES[line.state]}"))
    show_line(f"Tổng cộng / total: {count}")


def show_certificate_decision(found: CertificateDecision) -> None:
    """Show what came of a decision on certificates, or what would."""
    _show_told((each.vi, each.en) for each in (*found.doubts, *found.effects))
    if found.act is not None:
        show_line(f"đã ghi, sổ số / entered, audit number: {found.act}")
    elif found.token:
        show_line(f"chưa ghi gì / nothing is entered. --confirm {found.token}")
    elif any(each.changed for each in found.products):
        show_line("chưa ghi gì / nothing is entered")
    else:
        show_line(NOTHING_TO_DO)


def show_held(error: HeldCertificatesError, *, as_json: bool) -> None:
    """Show what a decision on certificates does, which nobody has confirmed yet."""
    if as_json:
        told = {
            name: [{"vi": vi, "en": en} for vi, en in texts]
            for name, texts in (("effects", error.effects), ("doubts", error.doubts))
        }
        write_json({"held": {**told, "token": error.token}})
        return
    show_line("chưa ghi gì, hãy xem / nothing is entered yet, look at it:")
    _show_told((*error.doubts, *error.effects))
    show_line(f"đúng ý thì thêm / if it is meant, add: --confirm {error.token}")


def _show_told(texts: Iterable[tuple[str, str]]) -> None:
    out = console()
    for vi, en in texts:
        out.print(indented(plain(f"{vi} / {en}")))


def _void_of(certificate: Certificate) -> list[str]:
    """Return who has voided *certificate*, and why."""
    if not certificate.voided:
        return []
    on = _day(certificate.voided_on)
    return [f"{certificate.voided_by}, {on}", certificate.void_reason]


def _day(value: date | int | None) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value or "-")


def _fields(values: Mapping[str, str]) -> str:
    """Return the known fields of a certificate under the headings of a sheet."""
    return ", ".join(f"{heading_of(n)} {_value(n, v)}" for n, v in values.items())


def _value(column: str, text: str) -> str:
    """Return a value of the history as people write it."""
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return stored_in_words(column, text)
