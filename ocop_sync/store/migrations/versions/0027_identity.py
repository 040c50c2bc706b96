"""Remember people, keys, sign-in links and sessions.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, exact

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody can sign in yet: `ocop-sync people add` adds the first one."""
    op.create_table(
        "person",
        sa.Column("id", exact(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sign_in_name", exact()),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", exact(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime()),
        sa.Column("erased_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_sign_in_name", "person", ["sign_in_name"], unique=True)
    op.create_table(
        "person_producer",
        sa.Column("person_id", exact(16), nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_person_producer_person_id_person"
        ),
        sa.PrimaryKeyConstraint("person_id", "producer_id", name="pk_person_producer"),
    )
    op.create_index(
        "ix_person_producer_producer_id", "person_producer", ["producer_id"]
    )
    _create_keys()
    _create_links()
    _create_sessions()


def _create_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", exact(16), nullable=False),
        sa.Column("name", exact(200), nullable=False),
        sa.Column("role", exact(16), nullable=False),
        sa.Column("digest", exact(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime()),
        sa.Column("used_at", UtcDateTime()),
        sa.Column("revoked_at", UtcDateTime()),
        sa.Column("replaced_by", exact(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_table(
        "key_producer",
        sa.Column("key_id", exact(16), nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name="fk_key_producer_key_id_api_key"
        ),
        sa.PrimaryKeyConstraint("key_id", "producer_id", name="pk_key_producer"),
    )


def _create_links() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("person_id", exact(16), nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.Column("digest", exact(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("voided_at", UtcDateTime()),
        sa.Column("used_at", UtcDateTime()),
        sa.Column("device", exact(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_sign_in_link_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_link"),
    )
    op.create_index("ix_sign_in_link_digest", "sign_in_link", ["digest"], unique=True)
    op.create_index("ix_sign_in_link_person_id", "sign_in_link", ["person_id"])
    op.create_index(
        "ix_sign_in_link_producer_id_id", "sign_in_link", ["producer_id", "id"]
    )


def _create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("person_id", exact(16), nullable=False),
        sa.Column("digest", exact(64), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("device", exact(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_session_person_id_person"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    op.create_index("ix_session_digest", "session", ["digest"], unique=True)
    op.create_index("ix_session_person_id", "session", ["person_id"])


def downgrade() -> None:
    """Forget them all."""
    for table in (
        "session",
        "sign_in_link",
        "key_producer",
        "api_key",
        "person_producer",
        "person",
    ):
        op.drop_table(table)
