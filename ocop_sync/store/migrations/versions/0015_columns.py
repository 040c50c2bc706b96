"""Remember people's answers on the columns of a source.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was asked before."""
    op.create_table(
        "column_answer",
        sa.Column("source", exact(200), nullable=False),
        sa.Column("heading", exact(200), nullable=False),
        sa.Column("means", exact(64), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "heading", name="pk_column_answer"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Forget it; it is asked again."""
    op.drop_table("column_answer")
