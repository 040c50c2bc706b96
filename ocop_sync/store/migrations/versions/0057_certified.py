"""Find how certificates were changed without reading all that changed of a product.

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    of_certificates = sa.text("entity = 'certificate'")
    op.create_index(
        "ix_field_change_certified",
        "field_change",
        ["subject"],
        sqlite_where=of_certificates,
        postgresql_where=of_certificates,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_field_change_certified", "field_change")
