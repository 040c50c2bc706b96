"""Keep uploaded pictures.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; no picture was uploaded before."""
    op.create_table(
        "picture",
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_picture"),
    )
    op.create_table(
        "picture_use",
        sa.Column("hash", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name="fk_picture_use_product_id_product"
        ),
        sa.PrimaryKeyConstraint("hash", "product_id", name="pk_picture_use"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_picture_use_product_id", "picture_use", ["product_id"])
    op.create_index(
        "ix_picture_use_removed",
        "picture_use",
        ["removed_at"],
        sqlite_where=sa.text("removed_at IS NOT NULL"),
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_sent",
        "listing",
        ["product_id"],
        sqlite_where=sa.text("sent_at IS NOT NULL"),
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them, with the pictures."""
    op.drop_index("ix_listing_sent", "listing")
    op.drop_table("picture_use")
    op.drop_table("picture")
