"""Keep the policies that people have set.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER, ForeignText

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; until now settings alone have said them."""
    op.create_table(
        "policy",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("name", exact(40), nullable=False),
        sa.Column("value", document(), nullable=True),
        sa.Column("set_by", ForeignText(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("reason", ForeignText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
    )
    op.create_index(
        "ix_policy_marketplace_account_name_id",
        "policy",
        ["marketplace", "account", "name", "id"],
    )


def downgrade() -> None:
    """Go back to what settings say."""
    op.drop_table("policy")
