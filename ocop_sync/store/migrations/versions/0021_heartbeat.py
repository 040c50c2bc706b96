"""Remember the heartbeats of workers.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has kept any yet: a worker has its first one as it starts."""
    op.create_table(
        "heartbeat",
        sa.Column("name", exact(200), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("doing", exact(16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("active_at", UtcDateTime(), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("heartbeat")
