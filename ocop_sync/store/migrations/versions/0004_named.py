"""Keep which listings an event named, until they have been read."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "named",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("shows_from", UtcDateTime(), nullable=False),
        sa.Column("looked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "ref", name="pk_named"),
    )


def downgrade() -> None:
    op.drop_table("named")
