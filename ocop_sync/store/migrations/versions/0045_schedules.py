"""Keep schedules, and the claims of their runs.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact
from ocop_sync.store.column_types import NUMBER, ForeignText

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; there were no schedules before."""
    op.create_table(
        "schedule",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("name", exact(40), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("cron", exact(200), nullable=False),
        sa.Column("every_s", sa.Integer()),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("paused_at", UtcDateTime()),
        sa.Column("due_until", UtcDateTime(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
    )
    op.create_index("ix_schedule_name", "schedule", ["name"], unique=True)
    op.create_table(
        "schedule_run",
        sa.Column("schedule_id", NUMBER, nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime()),
        sa.Column("holder", ForeignText(), nullable=False),
        sa.Column("token", exact(64), nullable=False),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("reason", ForeignText(500), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedule.id"],
            name="fk_schedule_run_schedule_id_schedule",
        ),
        sa.PrimaryKeyConstraint("schedule_id", "due_at", name="pk_schedule_run"),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_schedule_run_open",
        "schedule_run",
        ["schedule_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("schedule_run")
    op.drop_table("schedule")
