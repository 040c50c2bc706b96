"""Keep for which ends of certificates a person stands; find revocations by their day.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; until now an end was confirmed with its import alone."""
    op.create_table(
        "confirmed_end",
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("ends_on", exact(10), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_confirmed_end_product_id_product"
        ),
        sa.PrimaryKeyConstraint("product_id", name="pk_confirmed_end"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_certificate_revoked_on", "certificate", ["revoked_on"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_certificate_revoked_on", "certificate")
    op.drop_table("confirmed_end")
