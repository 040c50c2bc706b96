"""Take certificates without a whole decision for published, and say so in the ledger.

They were evidence "decision" unless a sheet said otherwise, and sold with the claim.
The authority that number and day leave is left to the next import, and words in place
of a number go to the source. The form of a number is written here anew: later versions
may see it otherwise.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 1000
WHO = f"nâng cấp / upgrade {revision}"
NUMBER = re.compile(
    r"(?:[a-z]{1,10}-)?[0-9]{1,6}(?:/(?:19|20)[0-9]{2})?[/-]qd(?:[-/.&][a-z0-9]+)*\.?"
)
BEFORE = re.compile(r"\W*(?:quyet dinh|qd)?\s*(?:so)?\s*[:.]?\s*")

certificate = sa.table(
    "certificate",
    sa.column("product_id", sa.Text),
    sa.column("n", sa.Integer),
    sa.column("evidence", sa.Text),
    sa.column("decision", sa.Text),
    sa.column("body", sa.Text),
    sa.column("decided_on", sa.Date),
    sa.column("source", sa.Text),
)
attestation = sa.table(
    "attestation",
    sa.column("entered_at", UtcDateTime),
    sa.column("who", sa.Text),
    sa.column("subject", sa.Text),
    sa.column("what", sa.Text),
    sa.column("before", document()),
    sa.column("after", document()),
)
KEPT = ("evidence", "decision", "source")


def upgrade() -> None:
    now = datetime.now(UTC)
    for rows in _batches():
        changed = [(row, after) for row in rows if (after := _after(row)) != _kept(row)]
        if not changed:
            continue
        op.get_bind().execute(
            sa.update(certificate)
            .where(
                certificate.c.product_id == sa.bindparam("of_product"),
                certificate.c.n == sa.bindparam("of_n"),
            )
            .values({name: sa.bindparam(f"new_{name}") for name in KEPT}),
            [
                {"of_product": row["product_id"], "of_n": row["n"]}
                | {f"new_{name}": value for name, value in after.items()}
                for row, after in changed
            ],
        )
        op.get_bind().execute(
            sa.insert(attestation), [_said(row, after, now) for row, after in changed]
        )


def downgrade() -> None:
    """Leave the evidence as it is: less is claimed, and nothing is lost."""


def _batches() -> Iterator[list[Mapping[str, Any]]]:
    """Yield all certificates, by product and place."""
    key = sa.tuple_(certificate.c.product_id, certificate.c.n)
    query = sa.select(certificate).order_by(certificate.c.product_id, certificate.c.n)
    found = op.get_bind().execute(query.limit(BATCH)).mappings().all()
    while found:
        yield [dict(row) for row in found]
        last = sa.tuple_(
            sa.literal(found[-1]["product_id"]), sa.literal(found[-1]["n"])
        )
        rest = query.where(key > last).limit(BATCH)
        found = op.get_bind().execute(rest).mappings().all()


def _kept(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in KEPT}


def _after(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the evidence behind a certificate, its number, and its source."""
    said, source = row["decision"], row["source"]
    number = said if _is_number(said) else ""
    if said.strip() and not number:
        once = f"số quyết định từng ghi / number once given: {said.strip()}"
        source = f"{source}; {once}" if source else once
    whole = number and row["body"].strip() and row["decided_on"] is not None
    evidence = row["evidence"] if whole else "published"
    return {"evidence": evidence, "decision": number, "source": source}


def _is_number(said: str) -> bool:
    plain = "".join(
        each
        for each in unicodedata.normalize(
            "NFD", said.casefold().replace("đ", "d").replace("ð", "d")
        )
        if not unicodedata.combining(each)
    )
    text = re.sub(r"\s*([/-])\s*", r"\1", BEFORE.sub("", " ".join(plain.split()), 1))
    return NUMBER.fullmatch(text) is not None


def _said(
    row: Mapping[str, Any], after: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """Return the row for the ledger: the differing fields, before and after."""
    differs = [name for name in KEPT if row[name] != after[name]]
    return {
        "entered_at": now,
        "who": WHO,
        "subject": row["product_id"],
        "what": "certificate",
        "before": {name: row[name] for name in differs if row[name]},
        "after": {name: after[name] for name in differs if after[name]},
    }
