"""Keep the reports of imports, with their problems and files.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables: of earlier imports no report was kept."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "import_report",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("source", exact(200), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("content_hash", exact(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("told", document(), nullable=True),
        sa.Column("kept_until", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_report")),
    )
    for columns in (["import_id"], ["content_hash"], ["erased_at", "kept_until"]):
        name = f"ix_import_report_{'_'.join(columns)}"
        op.create_index(op.f(name), "import_report", columns)
    op.create_table(
        "import_problem",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("told", document(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["import_report.id"],
            name=op.f("fk_import_problem_report_id_import_report"),
        ),
        sa.PrimaryKeyConstraint("report_id", "n", name=op.f("pk_import_problem")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_file",
        sa.Column("content_hash", exact(64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("part", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", "n", name=op.f("pk_import_file")),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("import_file")
    op.drop_table("import_problem")
    op.drop_table("import_report")
