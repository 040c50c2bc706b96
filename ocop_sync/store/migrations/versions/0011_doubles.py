"""Remember the values of second listings of ours."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import document

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listing") as table:
        table.add_column(sa.Column("doubles", document(), nullable=True))
    # Their content is not known yet: they are looked up in the next run.
    op.execute(
        "UPDATE listing SET look = 'last', look_at = sent_at"
        " WHERE doubled_ref <> '' AND doubled_ref NOT LIKE '%/%'"
        " AND sent_at IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("listing") as table:
        table.drop_column("doubles")
