"""Know sources by name, and which files are theirs.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KNOWN = """
INSERT INTO source (name, imported_at)
SELECT known.source, (
    SELECT MAX(catalog_import.imported_at) FROM catalog_import
    WHERE catalog_import.source = known.source
)
FROM (SELECT source FROM naming UNION SELECT source FROM catalog_import) AS known
"""
_FILES = """
INSERT INTO source_file (file, source)
SELECT catalog_import.file, catalog_import.source FROM catalog_import
WHERE catalog_import.id IN (SELECT MAX(id) FROM catalog_import GROUP BY file)
"""


def upgrade() -> None:
    """Take over the products of imports so far: a source had the name of its file."""
    op.create_table(
        "source",
        sa.Column("name", exact(200), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_source"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source_file",
        sa.Column("file", exact(), nullable=False),
        sa.Column("source", exact(200), nullable=False),
        sa.PrimaryKeyConstraint("file", name="pk_source_file"),
        sqlite_with_rowid=False,
    )
    op.execute(_KNOWN)
    op.execute(_FILES)


def downgrade() -> None:
    """Forget them."""
    op.drop_table("source_file")
    op.drop_table("source")
