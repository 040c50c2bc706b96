"""Find the runs that go on without going through all that ever were.

Revision ID: 0064
Revises: 0063
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index: it has a row for each run that goes on."""
    goes_on = sa.text("outcome = 'running'")
    op.create_index(
        "ix_run_running",
        "run",
        ["account"],
        sqlite_where=goes_on,
        postgresql_where=goes_on,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_run_running", "run")
