"""Keep in which place a database belongs, so that a copy elsewhere is noticed.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table: whoever first works on the database notes its place."""
    op.create_table(
        "installation",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", exact(200), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_installation"),
    )


def downgrade() -> None:
    """Forget the place."""
    op.drop_table("installation")
