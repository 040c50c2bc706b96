"""Keep what is to be told, and how far it has got.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact
from ocop_sync.store.column_types import NUMBER

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_STANDS = sa.text("part = 'begun' AND ended_at IS NULL")
_WAITS = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the tables; nothing was told before."""
    op.create_table(
        "notice",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("message_id", exact(40), nullable=False),
        sa.Column("kind", exact(24), nullable=False),
        sa.Column("key", exact(160), nullable=False),
        sa.Column("part", exact(8), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("details", document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index(
        "ix_notice_standing",
        "notice",
        ["key"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )
    op.create_index("ix_notice_key_made_at", "notice", ["key", "made_at"])
    op.create_index("ix_notice_made_at", "notice", ["made_at"])
    op.create_table(
        "notice_delivery",
        sa.Column("notice_id", NUMBER, nullable=False),
        sa.Column("sender", exact(16), nullable=False),
        sa.Column("state", exact(8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", exact(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name="fk_notice_delivery_notice_id_notice"
        ),
        sa.PrimaryKeyConstraint("notice_id", "sender", name="pk_notice_delivery"),
    )
    op.create_index(
        "ix_notice_delivery_waiting",
        "notice_delivery",
        ["next_at"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("notice_delivery")
    op.drop_table("notice")
