"""Remember the kind of error in an account's last run.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import exact

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of runs before nothing is known of it."""
    op.add_column("last_run", sa.Column("cause", exact(16)))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("last_run") as table:
        table.drop_column("cause")
