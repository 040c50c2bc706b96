"""Keep the keys of calls of the API that may be repeated, with their answers.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("scope", exact(80), nullable=False),
        sa.Column("key", exact(128), nullable=False),
        sa.Column("fingerprint", exact(64), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("state", exact(16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", document(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(
        op.f("ix_idempotency_key_begun_at"), "idempotency_key", ["begun_at"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_idempotency_key_begun_at"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
