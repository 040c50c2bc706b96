"""Find the imports of some days that have changed a product.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The history is kept for good: none of it that is older is to be read."""
    where = sa.text("import_id IS NOT NULL")
    op.create_index(
        "ix_field_change_sheets",
        "field_change",
        ["subject", "changed_at"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_field_change_sheets", "field_change")
