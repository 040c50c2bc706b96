"""Remember who has asked for a run by the entry of the audit.

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index by which requests are listed."""
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.add_column("run_request", sa.Column("act", number, nullable=True))
    op.create_index("ix_run_request_asked_at_id", "run_request", ["asked_at", "id"])


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_run_request_asked_at_id", "run_request")
    op.drop_column("run_request", "act")
