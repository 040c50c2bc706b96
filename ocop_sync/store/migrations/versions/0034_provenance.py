"""Read from the history who has changed a field last.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_FIELD = """CASE
    WHEN field = 'on_hand' THEN 'count'
    WHEN field LIKE 'label.%' THEN 'label_' || SUBSTR(field, 7)
    ELSE field
END"""
_TOUCHES = f"""
CREATE TEMPORARY TABLE touch AS
SELECT product_id AS subject, sku AS key, {_FIELD} AS field, changed_at, changed_by
FROM provenance
"""  # noqa: S608  (names of our own)
_SAME = """
    import_id IS NOT NULL AND entity IN ('product', 'variant')
    AND field_change.subject = touch.subject AND field_change.key = touch.key
    AND field_change.field = touch.field
    AND field_change.changed_at = touch.changed_at
"""
_TOUCH_OF_CHANGE = f"SELECT MAX(changed_by) FROM touch WHERE {_SAME}"  # noqa: S608
_MARK = f"""
UPDATE field_change SET stands = true, changed_by = ({_TOUCH_OF_CHANGE})
WHERE EXISTS (SELECT 1 FROM touch WHERE {_SAME})
"""  # noqa: S608
# Earlier ones come before all that the history has: their numbers are negative. A pack
# that came with its product was changed with it.
_EARLIER = f"""
INSERT INTO field_change (
    n, changed_at, changed_by, entity, subject, key, field, stands
)
SELECT -ROW_NUMBER() OVER (ORDER BY changed_at DESC, subject, key, field),
    changed_at, changed_by, CASE WHEN key = '' THEN 'product' ELSE 'variant' END,
    subject, key, field, true
FROM touch WHERE NOT EXISTS (SELECT 1 FROM field_change WHERE {_SAME})
AND NOT (key <> '' AND field = '' AND EXISTS (
    SELECT 1 FROM touch made WHERE made.subject = touch.subject AND made.key = ''
    AND made.field = '' AND made.changed_at = touch.changed_at
))
"""  # noqa: S608
_LAST = "(SELECT COALESCE(MIN(n), 0) FROM field_change WHERE n < 0)"
_BEFORE = """
    before.entity = later.entity AND before.subject = later.subject
    AND before.key = later.key AND before.field = later.field
    AND before.changed_at = later.touched_at AND before.n <> later.n
"""
_SUPERSEDED = f"""
INSERT INTO field_change (
    n, changed_at, changed_by, entity, subject, key, field, stands
)
SELECT {_LAST} - ROW_NUMBER() OVER (ORDER BY touched_at DESC, subject, key, field),
    touched_at, touched_by, entity, subject, key, field, false
FROM (
    SELECT DISTINCT touched_at, touched_by, entity, subject, key, field
    FROM field_change later WHERE touched_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM field_change before WHERE {_BEFORE}
    )
) AS missing
"""  # noqa: S608
_LINK = f"""
UPDATE field_change SET supersedes = (
    SELECT MAX(before.n) FROM field_change before, field_change later
    WHERE later.n = field_change.n AND {_BEFORE}
)
WHERE touched_at IS NOT NULL
"""  # noqa: S608
_BACK = """
INSERT INTO provenance (product_id, sku, field, changed_at, changed_by)
SELECT subject, field_change.key, CASE
        WHEN field IN ('count', 'adjustment') THEN 'on_hand'
        WHEN field LIKE 'label%' THEN 'label.' || SUBSTR(field, 7)
        ELSE field
    END, MAX(changed_at), MAX(COALESCE(
        NULLIF(changed_by, ''), 'import ' || source, actor.name, ''
    ))
FROM field_change
LEFT JOIN catalog_import ON catalog_import.id = import_id
LEFT JOIN act ON act.n = act
LEFT JOIN actor ON actor.id = actor_id
WHERE stands AND subject IN (SELECT id FROM product)
GROUP BY 1, 2, 3
"""
_TOUCHED_BACK = """
UPDATE field_change SET
    touched_at = (SELECT b.changed_at FROM field_change b WHERE b.n = supersedes_),
    touched_by = (SELECT b.changed_by FROM field_change b WHERE b.n = supersedes_)
WHERE import_id IS NOT NULL AND supersedes IS NOT NULL
""".replace("supersedes_", "field_change.supersedes")


def upgrade() -> None:
    """Carry over who has changed which field last, and who before each import."""
    with op.batch_alter_table("field_change") as changes:
        default = sa.text("false")
        changes.add_column(
            sa.Column("stands", sa.Boolean(), nullable=False, server_default=default)
        )
        changes.add_column(sa.Column("supersedes", sa.BigInteger(), nullable=True))
    op.add_column("catalog_import", sa.Column("exported_at", UtcDateTime()))
    for statement in (_TOUCHES, _MARK, _EARLIER, _SUPERSEDED, _LINK):
        op.execute(statement)
    op.execute("DROP TABLE touch")
    op.drop_table("provenance")
    with op.batch_alter_table("field_change") as changes:
        changes.alter_column("stands", server_default=None)
        changes.drop_column("touched_at")
        changes.drop_column("touched_by")
    where = sa.text("stands")
    op.create_index(
        "ix_field_change_stands",
        "field_change",
        ["subject"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Keep the last changes in a table of their own; those without a value go."""
    op.create_table(
        "provenance",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("sku", exact(48), nullable=False),
        sa.Column("field", exact(32), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_provenance_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", "sku", "field", name="pk_provenance"),
        sqlite_with_rowid=False,
    )
    op.execute(_BACK)
    op.drop_index("ix_field_change_stands", "field_change")
    with op.batch_alter_table("field_change") as changes:
        changes.add_column(sa.Column("touched_at", UtcDateTime(), nullable=True))
        changes.add_column(sa.Column("touched_by", sa.Text(), nullable=True))
    op.execute(_TOUCHED_BACK)
    op.execute("DELETE FROM field_change WHERE n < 0")
    with op.batch_alter_table("field_change") as changes:
        changes.drop_column("supersedes")
        changes.drop_column("stands")
    with op.batch_alter_table("catalog_import") as imports:
        imports.drop_column("exported_at")
