"""Keep of which producers a report is.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import document

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: all sheets so far were the department's."""
    op.add_column("import_report", sa.Column("producers", document(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    with op.batch_alter_table("import_report") as table:
        table.drop_column("producers")
