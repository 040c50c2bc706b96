"""Keep the runs that people ask for, and the claims of them.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import ForeignText

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody could ask for a run before."""
    op.create_table(
        "run_request",
        sa.Column("id", exact(16), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("marketplaces", document(), nullable=False),
        sa.Column("report_only", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime()),
        sa.Column("began_at", UtcDateTime()),
        sa.Column("holder", ForeignText(), nullable=False),
        sa.Column("token", exact(64), nullable=False),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("reason", ForeignText(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_request"),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_run_request_open",
        "run_request",
        ["asked_at", "id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    has_ended = sa.text("ended_at IS NOT NULL")
    op.create_index(
        "ix_run_request_ended",
        "run_request",
        ["ended_at"],
        sqlite_where=has_ended,
        postgresql_where=has_ended,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("run_request")
