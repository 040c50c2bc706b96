"""Find unreadable listings at once, and count those that are not ours.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_IS_ODD = sa.text("unreadable IS NOT NULL")


def upgrade() -> None:
    """Nobody has counted the others yet: the next whole read does."""
    op.add_column("account", sa.Column("unreadable", sa.Integer()))
    op.create_index(
        "ix_listing_unreadable",
        "listing",
        ["marketplace", "product_id"],
        sqlite_where=_IS_ODD,
        postgresql_where=_IS_ODD,
    )


def downgrade() -> None:
    """Forget the count."""
    op.drop_index("ix_listing_unreadable", "listing")
    with op.batch_alter_table("account") as account:
        account.drop_column("unreadable")
