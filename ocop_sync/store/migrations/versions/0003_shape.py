"""Say in the ledger of drift in which shape its values are.

The details of packs are told by name from now on. Rows that are there are read as they
are, and upgraded as they are read: `ocop_sync.engine.state.stored_shape`.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("drift", recreate="auto") as drift:
        drift.add_column(sa.Column("shape", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("drift") as drift:
        drift.drop_column("shape")
