"""Keep the changes of each import, for a while.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The changes of earlier imports were not kept."""
    op.add_column("catalog_import", sa.Column("created", sa.Integer()))
    op.add_column("catalog_import", sa.Column("changed", sa.Integer()))
    op.add_column("catalog_import", sa.Column("changes_until", UtcDateTime()))
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
    op.create_index("ix_import_change_subject", "import_change", ["subject"])


def downgrade() -> None:
    """Forget it."""
    op.drop_table("import_change")
    with op.batch_alter_table("catalog_import") as catalog_import:
        for name in ("changes_until", "changed", "created"):
            catalog_import.drop_column(name)
