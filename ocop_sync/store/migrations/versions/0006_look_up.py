"""Remember when each listing is looked up again, and its possible late values."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listing") as table:
        table.add_column(sa.Column("look", exact(8), nullable=True))
        table.add_column(sa.Column("look_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("lost", document(), nullable=True))
    op.create_index(
        "ix_listing_look",
        "listing",
        ["account", "look_at"],
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    _index_doubled("marketplace", "product_id")


def _index_doubled(*columns: str) -> None:
    op.drop_index("ix_listing_doubled", "listing")
    op.create_index(
        "ix_listing_doubled",
        "listing",
        list(columns),
        sqlite_where=sa.text("doubled_ref <> ''"),
        postgresql_where=sa.text("doubled_ref <> ''"),
    )


def downgrade() -> None:
    _index_doubled("doubled_ref")
    op.drop_index("ix_listing_look", "listing")
    with op.batch_alter_table("listing") as table:
        for name in ("lost", "look_at", "look"):
            table.drop_column(name)
