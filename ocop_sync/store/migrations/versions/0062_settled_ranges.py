"""Remember ranges of products that were all settled, with a digest of the data.

Revision ID: 0062
Revises: 0061
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the first sync fills it."""
    op.create_table(
        "settled_range",
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("after_id", exact(32), nullable=False),
        sa.Column("end_id", exact(32), nullable=True),
        sa.Column("digest", exact(64), nullable=False),
        sa.Column("walked_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint(
            "marketplace", "after_id", name=op.f("pk_settled_range")
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("settled_range")
