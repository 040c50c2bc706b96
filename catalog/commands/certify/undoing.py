"""An act on certificates is taken back, by what the history keeps of it.

What the act changed goes back value by value, unless somebody has changed it since. A
certificate that it added is voided, and stays to be read: rows that go would take the
places of others with them, and a sheet that names it again is to be asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certify.acts import Applied
from catalog.commands.certify.doubts import Ground, RefusedActError
from catalog.db.decided import certificate_act, changes_of_act, changes_since
from catalog.db.field_changes import WHOLE, Change
from catalog.db.product_rows import ProductRows
from catalog.db.writer import lock
from catalog.eligibility.verdict import Text
from catalog.errors import CatalogError
from catalog.model.certificate import Certificate
from catalog.model.product import Product
from catalog.values import replace

UNDOING: Final = "undo_certificates"
KINDS: Final = frozenset(
    {
        *("grant_certificate", "reassess_certificate", "correct_certificate"),
        *("void_certificate", "restore_certificate", "revoke", UNDOING),
    }
)
"""The acts that can be taken back, as the audit names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """An act on certificates is taken back.

    Attributes:
        act: Its number in the audit.
        changes: Its changes, by product.
        since: The products whose certificates have changed since, in the same places.
        reason: Why.
    """

    act: int
    changes: Mapping[str, Sequence[Change]]
    since: frozenset[str]
    reason: str

    kind: str = field(default=UNDOING, init=False)
    takes: bool = field(default=False, init=False)
    needs_reason: bool = field(default=True, init=False)
    decided: None = field(default=None, init=False)

    @property
    def refs(self) -> Mapping[str, str]:
        """Return what the audit keeps of it, by name."""
        return {"act": str(self.act)}

    @property
    def words(self) -> Text:
        """Return what it does, as a person is told."""
        return Text(f"hoàn tác việc số {self.act}", f"taken back: act {self.act}")

    def apply(self, product: Product, ground: Ground) -> Applied:
        """Put back what the act has changed of *product*."""
        if product.id in self.since:
            raise RefusedActError(
                vi=f"giấy chứng nhận đã đổi lại sau việc số {self.act}: xem"
                " certificates show, rồi đính chính",
                en=f"its certificate was changed after act {self.act}: see certificates"
                " show, and correct it",
            )
        rows, granted = ProductRows(product), list[int]()
        for each in self.changes[product.id]:
            if each.where.field == WHOLE and each.before is None:
                granted.append(int(each.where.key))
            elif each.erased:
                raise RefusedActError(
                    vi=f"quá 30 ngày, điều ghi trước việc số {self.act} đã xóa",
                    en=f"what stood before act {self.act} was erased after 30 days",
                )
            else:
                rows.put(each.where, each.before)
        history = rows.product().certificates
        return Applied(
            tuple(
                self._voided(each, ground) if place in granted else each
                for place, each in enumerate(history)
            )
        )

    def _voided(self, known: Certificate, ground: Ground) -> Certificate:
        return replace(
            known,
            voided_by=ground.who,
            voided_on=ground.today,
            void_reason=self.reason,
        )


async def undoing_of(conn: AsyncConnection, act: int, reason: str) -> Undoing:
    """Return the act that takes *act* back; lock all other writers out.

    Raises:
        CatalogError: There is no act on certificates of that number.
    """
    await lock(conn)
    found = await certificate_act(conn, act)
    if found is None or found.kind not in KINDS:
        message = (
            f"việc số {act} không phải quyết định về giấy chứng nhận: xem sổ các việc"
            f" (`ocop-sync audit list`) / act {act} is none on certificates: see the"
            " list of acts (`ocop-sync audit list`)"
        )
        raise CatalogError(message)
    changes = await changes_of_act(conn, act, found.subjects)
    last = max((n for each in changes.values() for n, _ in each), default=0)
    places = {
        (id_, change.where.key) for id_, each in changes.items() for _, change in each
    }
    since = await changes_since(conn, last, sorted(changes))
    return Undoing(
        act=act,
        changes={id_: [each for _, each in made] for id_, made in changes.items()},
        since=frozenset(id_ for id_, key in since if (id_, key) in places),
        reason=reason,
    )
