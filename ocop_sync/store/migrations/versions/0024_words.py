"""Call columns by the words of the code.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_RENAMED = {
    "listing": {
        "settled_print": "settled_fingerprint",
        "stale": "must_reread",
    },
    "drift": {
        "said": "decision",
        "said_by": "decided_by",
        "said_at": "decided_at",
        "said_print": "decision_fingerprint",
    },
    "seller": {
        "sent_print": "sent_fingerprint",
        "confirmed_print": "confirmed_fingerprint",
        "refused_print": "refused_fingerprint",
        "submitted_print": "submitted_fingerprint",
    },
    "held_member": {"print": "fingerprint", "anew": "reask_reason"},
    "account": {"heard_at": "sales_known_at"},
    "retry": {"heard_at": "read_at"},
    "last_run": {"unheard": "sales_unread"},
    "change": {"takes": "removes"},
}


def upgrade() -> None:
    """Rename them in place: no row is written, and values stay as they are."""
    op.drop_index("ix_retry_unheard", "retry")
    op.drop_index("ix_change_taken", "change")
    for table, columns in _RENAMED.items():
        for before, after in columns.items():
            _rename(table, before, after)
    _index("ix_retry_unread", "retry", ["marketplace"], "read_at IS NULL")
    _index("ix_change_removes", "change", ["marketplace", "sent_at"], "removes")


def downgrade() -> None:
    """Call them as before."""
    op.drop_index("ix_retry_unread", "retry")
    op.drop_index("ix_change_removes", "change")
    for table, columns in _RENAMED.items():
        for before, after in columns.items():
            _rename(table, after, before)
    _index("ix_retry_unheard", "retry", ["marketplace"], "heard_at IS NULL")
    _index("ix_change_taken", "change", ["marketplace", "sent_at"], "takes")


def _rename(table: str, before: str, after: str) -> None:
    # Batch mode would copy the whole table on SQLite.
    op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{before}" TO "{after}"')


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
