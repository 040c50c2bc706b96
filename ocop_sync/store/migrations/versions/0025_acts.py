"""Record each act, in a chain.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin the audit: earlier acts stand in no entry."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "actor",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("ref", exact(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("os_user", sa.Text(), nullable=False),
        sa.Column("salt", exact(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_actor"),
    )
    op.create_index("ix_actor_ref_kind", "actor", ["ref", "kind"])
    op.create_table(
        "act",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_digest", exact(64), nullable=False),
        sa.Column("acts_for", exact(32), nullable=False),
        sa.Column("kind", exact(32), nullable=False),
        sa.Column("subjects", document(), nullable=False),
        sa.Column("refs", document(), nullable=False),
        sa.Column("note_digest", exact(64), nullable=False),
        sa.Column("previous", exact(64), nullable=False),
        sa.Column("hash", exact(64), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_act"),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["actor.id"], name="fk_act_actor_id_actor"
        ),
    )
    op.create_index("ix_act_hash", "act", ["hash"])
    op.create_index("ix_act_actor_id", "act", ["actor_id"])
    op.create_table(
        "act_note",
        sa.Column("act", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("salt", exact(32), nullable=False),
        sa.PrimaryKeyConstraint("act", name="pk_act_note"),
        sa.ForeignKeyConstraint(["act"], ["act.n"], name="fk_act_note_act_act"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("act_note")
    op.drop_table("act")
    op.drop_table("actor")
