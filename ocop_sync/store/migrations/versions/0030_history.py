"""Keep each changed field in one history, whoever has changed it.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_PLACE = "entity, subject, key, field"
_STAYS = """(
    entity IN ('naming', 'effect', 'variant')
    OR (entity = 'producer' AND field = 'kind')
    OR (entity = 'certificate' AND field IN ('recognition', 'revocation'))
    OR (entity = 'product' AND field IN (
        '', 'name', 'producer_id', 'set_code', 'ocop_code', 'alcohol_percent',
        'stock_policy', 'paused', 'source', 'undone_import'
    ))
)"""
"""No person is known by these values; those of all others are erased when promised."""

_CARRY_OVER = f"""
INSERT INTO field_change (
    import_id, changed_at, changed_by, {_PLACE}, before, after,
    personal_before, personal_after, personal_until, touched_at, touched_by
)
SELECT import_id, imported_at, '', {_PLACE},
    CASE WHEN {_STAYS} THEN before END, CASE WHEN {_STAYS} THEN after END,
    CASE WHEN {_STAYS} THEN NULL ELSE before END,
    CASE WHEN {_STAYS} THEN NULL ELSE after END,
    CASE WHEN {_STAYS} THEN NULL ELSE changes_until END,
    touched_at, touched_by
FROM import_change JOIN catalog_import ON catalog_import.id = import_id
ORDER BY import_id, {_PLACE}
"""  # noqa: S608  (names of our own)
_BACK = f"""
INSERT INTO import_change (
    import_id, {_PLACE}, before, after, touched_at, touched_by
)
SELECT import_id, {_PLACE}, COALESCE(before, personal_before),
    COALESCE(after, personal_after), touched_at, touched_by
FROM field_change WHERE import_id IS NOT NULL AND erased_at IS NULL
"""  # noqa: S608  (likewise)


def upgrade() -> None:
    """Begin the history with what imports have changed, as far as it is kept."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "field_change",
        sa.Column("n", number, autoincrement=True, nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("entity", exact(16), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("key", exact(200), nullable=False),
        sa.Column("field", exact(32), nullable=False),
        sa.Column("before", document(), nullable=True),
        sa.Column("after", document(), nullable=True),
        sa.Column("personal_before", document(), nullable=True),
        sa.Column("personal_after", document(), nullable=True),
        sa.Column("personal_until", UtcDateTime(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("touched_at", UtcDateTime(), nullable=True),
        sa.Column("touched_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_field_change"),
        sa.ForeignKeyConstraint(["act"], ["act.n"], name="fk_field_change_act_act"),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalog_import.id"],
            name="fk_field_change_import_id_catalog_import",
        ),
    )
    op.execute(_CARRY_OVER)
    _index("ix_field_change_import", "import_id", *_PLACE.split(", "))
    _index("ix_field_change_personal", "personal_until")
    op.create_index("ix_field_change_subject", "field_change", ["subject", "n"])
    op.drop_table("import_change")


def downgrade() -> None:
    """Keep the changes of imports alone."""
    op.create_table(
        "import_change",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", exact(16), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("key", exact(200), nullable=False),
        sa.Column("field", exact(32), nullable=False),
        sa.Column("before", document(), nullable=True),
        sa.Column("after", document(), nullable=True),
        sa.Column("touched_at", UtcDateTime(), nullable=True),
        sa.Column("touched_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalog_import.id"],
            name="fk_import_change_import_id_catalog_import",
        ),
        sa.PrimaryKeyConstraint(
            *("import_id", "entity", "subject", "key", "field"),
            name="pk_import_change",
        ),
        sqlite_with_rowid=False,
    )
    op.execute(_BACK)
    op.create_index("ix_import_change_subject", "import_change", ["subject"])
    op.drop_table("field_change")


def _index(name: str, *columns: str) -> None:
    first = columns[0]
    where = sa.text(f"{first} IS NOT NULL")
    op.create_index(
        name,
        "field_change",
        list(columns),
        sqlite_where=where,
        postgresql_where=where,
    )
