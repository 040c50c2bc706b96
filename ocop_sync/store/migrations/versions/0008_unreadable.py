"""Remember which listings of ours a read has shown and could not read.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listing") as listing:
        listing.add_column(sa.Column("unreadable", exact(200), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("listing") as listing:
        listing.drop_column("unreadable")
