"""Keep the changes of attested facts in the one history.

Revision ID: 0043
Revises: 0042
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_BATCH = 1000
_KEPT_FOR = timedelta(days=30)
_PERSONAL = frozenset(
    {"held_by", "consent_by", "identity_ready_by", "voided_by", "void_reason", "reason"}
)
"""Values that are erased in time."""
_OF_PRODUCERS = frozenset({"consent", "identity_ready"})
_OF_CERTIFICATES = frozenset({"certificate", "restored", "revoked"})

_said = sa.table(
    "attestation",
    sa.column("id", sa.BigInteger),
    sa.column("entered_at", UtcDateTime),
    sa.column("who", sa.Text),
    sa.column("subject", sa.Text),
    sa.column("what", sa.Text),
    sa.column("before", document()),
    sa.column("after", document()),
)
_kept = sa.table(
    "field_change",
    sa.column("n", sa.BigInteger),
    sa.column("changed_at", UtcDateTime),
    sa.column("changed_by", sa.Text),
    sa.column("entity", sa.Text),
    sa.column("subject", sa.Text),
    sa.column("key", sa.Text),
    sa.column("field", sa.Text),
    sa.column("before", document()),
    sa.column("after", document()),
    sa.column("personal_before", document()),
    sa.column("personal_after", document()),
    sa.column("personal_until", UtcDateTime),
    sa.column("stands", sa.Boolean),
)
_certificate = sa.table(
    "certificate",
    sa.column("product_id", sa.Text),
    sa.column("n", sa.Integer),
    sa.column("decision", sa.Text),
    sa.column("decided_on", sa.Date),
)
_Row = Mapping[str, Any]

# As of 0038: numbers follow the order of the changes. Danger: all move below the
# lowest first, which is negative by then, or one would meet another on its way.
_ORDER = """
CREATE TEMPORARY TABLE numbered AS
SELECT n AS was, ROW_NUMBER() OVER (ORDER BY changed_at, n) AS place,
    COUNT(*) OVER () + 1 - MIN(n) OVER () AS below
FROM field_change
"""
_INDEX = "CREATE UNIQUE INDEX ix_numbered ON numbered (was)"
_MOVE = """
UPDATE field_change SET
    n = (SELECT place - below FROM numbered WHERE was = field_change.n),
    supersedes = (SELECT place FROM numbered WHERE was = field_change.supersedes)
"""
_RISE = """
UPDATE field_change SET n = n + (SELECT MAX(below) FROM numbered)
"""
_NEXT = """
SELECT setval(pg_get_serial_sequence('field_change', 'n'), MAX(n))
FROM field_change HAVING MAX(n) IS NOT NULL
"""


def upgrade() -> None:
    """Carry over all that the history does not know yet, and forget the table."""
    found = _carry_over()
    if found:
        for statement in (_ORDER, _INDEX, _MOVE, _RISE):
            op.execute(statement)
        op.execute("DROP TABLE numbered")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(_NEXT)
    op.drop_index("ix_attestation_subject_what", "attestation")
    op.drop_table("attestation")


def downgrade() -> None:
    """Make the table anew; what the history knows stays there."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "attestation",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("what", exact(32), nullable=False),
        sa.Column("before", document(), nullable=True),
        sa.Column("after", document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attestation"),
    )
    op.create_index("ix_attestation_subject_what", "attestation", ["subject", "what"])


def _carry_over() -> int:
    """Insert rows below all others, in their order; return how many."""
    connection, count = op.get_bind(), 0
    last = connection.scalar(sa.select(sa.func.max(_said.c.id))) or 0
    lowest = connection.scalar(sa.select(sa.func.min(_kept.c.n))) or 1
    for rows in _batches():
        subjects = sorted({row["subject"] for row in rows})
        known, places = _known(subjects), _places(subjects)
        changed = {
            (row["subject"], row["entered_at"])
            for row in rows
            if row["what"] == "certificate"
        }
        new = [
            {"n": min(lowest, 1) - 1 - last + row["id"], **_change(row, places)}
            for row in rows
            if not _is_known(row, known, changed)
        ]
        if new:
            connection.execute(sa.insert(_kept), new)
        count += len(new)
    return count


def _batches() -> Iterator[Sequence[_Row]]:
    query = sa.select(_said).order_by(_said.c.id).limit(_BATCH)
    after = 0
    while True:
        behind = query.where(_said.c.id > after)
        rows = op.get_bind().execute(behind).mappings().all()
        if not rows:
            return
        after = rows[-1]["id"]
        yield [dict(row) for row in rows]


def _known(subjects: Sequence[str]) -> set[tuple[str, datetime, str]]:
    """Return what the history knows of facts: subject, time, and which fact."""
    columns = _kept.c["subject", "changed_at", "entity", "key", "field"]
    rows = op.get_bind().execute(
        sa.select(*columns).where(
            _kept.c.subject.in_(subjects),
            _kept.c.entity.in_(("paper", "certificate", "producer", "product")),
        )
    )
    found: set[tuple[str, datetime, str]] = set()
    for subject, at, entity, key, field in rows:
        fact = {"paper": key, "certificate": "certificate"}.get(entity, field)
        found.add((subject, at, fact))
    return found


def _is_known(
    row: _Row,
    known: Collection[tuple[str, datetime, str]],
    changed: Collection[tuple[str, datetime]],
) -> bool:
    """Say whether the history knows a word, or that of its subject being new."""
    where = row["subject"], row["entered_at"]
    what = "certificate" if row["what"] in _OF_CERTIFICATES else row["what"]
    if (*where, what) in known or (*where, "") in known:
        return True
    return row["what"] == "revoked" and where in changed


def _places(subjects: Sequence[str]) -> dict[tuple[str, str, str], list[int]]:
    """Return where certificates stand now, by product, decision and day."""
    query = sa.select(_certificate).where(_certificate.c.product_id.in_(subjects))
    found: dict[tuple[str, str, str], list[int]] = {}
    for id_, n, decision, day in op.get_bind().execute(query):
        key = id_, decision, "" if day is None else day.isoformat()
        found.setdefault(key, []).append(n)
    return found


def _change(row: _Row, places: Mapping[tuple[str, str, str], list[int]]) -> _Row:
    before, after = row["before"], row["after"]
    what = row["what"]
    where = {"entity": "paper", "key": what, "field": ""}
    if what in _OF_PRODUCERS:
        where = {"entity": "producer", "key": "", "field": what}
        before, after = _attested(before, what), _attested(after, what)
    elif what == "paused":
        where = {"entity": "product", "key": "", "field": what}
        before, after = _is_yes(before), _is_yes(after)
    elif what in _OF_CERTIFICATES:
        key = "" if what == "revoked" else _place(row, places)
        field = {"revoked": "revocation", "restored": "restored"}.get(what, "")
        where = {"entity": "certificate", "key": key, "field": field}
        before, after = _of_certificate(what, before), _of_certificate(what, after)
        before = after if what == "revoked" else before
    else:
        before, after = _paper(before), _paper(after)
    stays_before, goes_before = _parted(before)
    stays_after, goes_after = _parted(after)
    goes = goes_before is not None or goes_after is not None
    return {
        **where,
        "subject": row["subject"],
        "changed_at": row["entered_at"],
        "changed_by": row["who"],
        "before": stays_before,
        "after": stays_after,
        "personal_before": goes_before,
        "personal_after": goes_after,
        "personal_until": row["entered_at"] + _KEPT_FOR if goes else None,
        # Nobody asks who was the last to change one of these.
        "stands": False,
    }


def _attested(said: _Row | None, what: str) -> _Row:
    said = said or {"value": "unknown"}
    by, on = said.get("by") or "", said.get("on")
    return {what: said["value"], f"{what}_by": by, f"{what}_on": on}


def _paper(said: _Row | None) -> _Row | None:
    if said is None:
        return None
    ends = {"expires_on": said.get("expires_on")}
    return {**_attested(said, "held"), **ends}


def _is_yes(said: _Row | None) -> bool | None:
    return None if said is None else said["value"] == "yes"


def _of_certificate(what: str, said: _Row | None) -> _Row | None:
    if what == "revoked" and said is not None:
        return {"revoked_by": said["value"], "revoked_on": said.get("on")}
    if not said or what == "restored":
        return said or None
    typed = dict[str, Any](said)
    for name in ("stars", "year"):
        if name in typed:
            typed[name] = int(typed[name])
    for name in ("revocation_proposed", "potential_5"):
        if name in typed:
            typed[name] = typed[name] == "yes"
    return typed


def _place(row: _Row, places: Mapping[tuple[str, str, str], list[int]]) -> str:
    """Return where the certificate of a word stands now, if only one can be meant."""
    for said in (row["after"], row["before"]):
        if said:
            key = said.get("decision") or "", said.get("decided_on") or ""
            found = places.get((row["subject"], *key), [])
            if len(found) == 1:
                return str(found[0])
    return ""


def _parted(value: Any) -> tuple[Any, Any]:
    """Return what of a value stays for good, and what is erased in time."""
    if not isinstance(value, dict):
        return value, None
    goes = {k: v for k, v in value.items() if k in _PERSONAL and v}
    if not goes:
        return value, None
    return {k: v for k, v in value.items() if k not in goes} or None, goes
