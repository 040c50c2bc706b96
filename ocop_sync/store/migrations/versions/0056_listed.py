"""Read keys, and the sessions of a person, page by page along an index.

Revision ID: 0056
Revises: 0055
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes; that of sessions takes the place of one that it begins with."""
    op.create_index("ix_api_key_made_at_id", "api_key", ["made_at", "id"])
    op.create_index("ix_session_person_id_id", "session", ["person_id", "id"])
    op.drop_index("ix_session_person_id", "session")


def downgrade() -> None:
    """Take the indexes away."""
    op.create_index("ix_session_person_id", "session", ["person_id"])
    op.drop_index("ix_session_person_id_id", "session")
    op.drop_index("ix_api_key_made_at_id", "api_key")
