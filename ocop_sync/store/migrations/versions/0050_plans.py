"""Keep plans, and which run carries one out.

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER, ForeignText

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables: plans were files before."""
    op.create_table(
        "plan",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", exact(16), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", ForeignText(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("marketplaces", document(), nullable=False),
        sa.Column("unusable", document(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("takes", sa.Integer(), nullable=False),
        sa.Column("checksum", exact(32), nullable=False),
        sa.Column("decided_by", ForeignText(), nullable=False),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("reason", ForeignText(), nullable=False),
        sa.Column("run", exact(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
    )
    op.create_index("ix_plan_expires_at", "plan", ["expires_at"])
    op.create_table(
        "plan_change",
        sa.Column("plan_id", NUMBER, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("name", ForeignText(), nullable=False),
        sa.Column("listing", ForeignText(100), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("urgency", exact(24), nullable=False),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("is_double", sa.Boolean(), nullable=False),
        sa.Column("counted_as", exact(64), nullable=False),
        sa.Column("cause", exact(80), nullable=False),
        sa.Column("why", document(), nullable=False),
        sa.Column("before", document()),
        sa.Column("after", document()),
        sa.Column("fingerprint", exact(24), nullable=False),
        sa.Column("outcome", exact(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name="fk_plan_change_plan_id_plan"
        ),
        sa.PrimaryKeyConstraint("plan_id", "n", name="pk_plan_change"),
    )
    op.create_index("ix_plan_change_subject", "plan_change", ["plan_id", "subject"])
    with op.batch_alter_table("run_request") as request:
        request.add_column(sa.Column("plan_id", NUMBER, nullable=True))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("run_request") as request:
        request.drop_column("plan_id")
    op.drop_table("plan_change")
    op.drop_table("plan")
