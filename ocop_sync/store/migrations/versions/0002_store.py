"""Make the tables of our runs and their changes."""

import sqlalchemy as sa
from alembic import op

from catalog.columns import UtcDateTime, document, exact

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _account()
    _change()
    _drift()
    _held()
    _held_member()
    _listing()
    _mapping()
    _remote()
    _remote_key()
    _retry()
    _run()
    _seller()
    _snapshot()
    _twin()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


TABLES = (
    "twin",
    "snapshot",
    "seller",
    "run",
    "retry",
    "remote_key",
    "remote",
    "mapping",
    "listing",
    "held_member",
    "held",
    "drift",
    "change",
    "account",
)


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("key", exact(64), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("read_whole_at", UtcDateTime(), nullable=True),
        sa.Column("down_since", UtcDateTime(), nullable=True),
        sa.Column("event_cursor", sa.Text(), nullable=True),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", exact(64), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_account"),
    )


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("run_id", exact(100), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("subject", exact(32), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("before", document(), nullable=True),
        sa.Column("after", document(), nullable=True),
        sa.Column("takes", sa.Boolean(), nullable=False),
        sa.Column("in_budget", sa.Boolean(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", exact(16), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "n", name="pk_change"),
    )
    op.create_index(
        "ix_change_open",
        "change",
        ["account"],
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index(
        "ix_change_subject_marketplace", "change", ["subject", "marketplace"]
    )
    op.create_index(
        "ix_change_taken",
        "change",
        ["marketplace", "sent_at"],
        sqlite_where=sa.text("takes"),
        postgresql_where=sa.text("takes"),
    )


def _drift() -> None:
    op.create_table(
        "drift",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("kind", exact(16), nullable=False),
        sa.Column("field", exact(40), nullable=False),
        sa.Column("expected", document(), nullable=True),
        sa.Column("found", document(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("recurred", sa.Integer(), nullable=False),
        sa.Column("healed_at", UtcDateTime(), nullable=True),
        sa.Column("healed_by", sa.Text(), nullable=False),
        sa.Column("said", exact(8), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=True),
        sa.Column("said_print", exact(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drift"),
    )
    op.create_index("ix_drift_healed", "drift", ["marketplace", "healed_at"])
    op.create_index(
        "ix_drift_open",
        "drift",
        ["marketplace", "id"],
        sqlite_where=sa.text("healed_at IS NULL"),
        postgresql_where=sa.text("healed_at IS NULL"),
    )
    op.create_index("ix_drift_product", "drift", ["marketplace", "product_id"])


def _held() -> None:
    op.create_table(
        "held",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("cause", exact(64), nullable=False),
        sa.Column("hold", exact(24), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("checksum", exact(24), nullable=False),
        sa.Column("state", exact(16), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_held"),
    )
    op.create_index("ix_held_marketplace_state", "held", ["marketplace", "state"])
    op.create_index(
        "ix_held_open",
        "held",
        ["marketplace", "cause"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _held_member() -> None:
    op.create_table(
        "held_member",
        sa.Column("group_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("kinds", exact(100), nullable=False),
        sa.Column("why", exact(24), nullable=False),
        sa.Column("seen_vi", sa.Text(), nullable=False),
        sa.Column("seen_en", sa.Text(), nullable=False),
        sa.Column("print", exact(24), nullable=False),
        sa.Column("anew", exact(16), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "product_id", name="pk_held_member"),
    )


def _listing() -> None:
    op.create_table(
        "listing",
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("seller_ref", exact(32), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("ticket", exact(100), nullable=False),
        sa.Column("version", exact(100), nullable=False),
        sa.Column("found", exact(16), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("absent_reads", sa.Integer(), nullable=False),
        sa.Column("awaiting", exact(16), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("sent", document(), nullable=True),
        sa.Column("confirmed", document(), nullable=True),
        sa.Column("edited", document(), nullable=True),
        sa.Column("problems", document(), nullable=False),
        sa.Column("refused", document(), nullable=False),
        sa.Column("failures", document(), nullable=True),
        sa.Column("doubled_ref", exact(100), nullable=False),
        sa.Column("twin", exact(16), nullable=False),
        sa.Column("twin_ref", exact(100), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("stock_at", document(), nullable=False),
        sa.Column("sales_seen", sa.BigInteger(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("settled_print", exact(24), nullable=False),
        sa.Column("counted", exact(24), nullable=False),
        sa.Column("decision", exact(24), nullable=False),
        sa.Column("hold", exact(24), nullable=True),
        sa.Column("held_group", NUMBER, nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=True),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("ends_on", exact(10), nullable=False),
        sa.Column("ends_seen_at", UtcDateTime(), nullable=True),
        sa.Column("stock_shown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("marketplace", "product_id", name="pk_listing"),
    )
    op.create_index(
        "ix_listing_awaiting",
        "listing",
        ["account"],
        sqlite_where=sa.text("awaiting IS NOT NULL"),
        postgresql_where=sa.text("awaiting IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_doubled",
        "listing",
        ["doubled_ref"],
        sqlite_where=sa.text("doubled_ref <> ''"),
        postgresql_where=sa.text("doubled_ref <> ''"),
    )
    op.create_index(
        "ix_listing_due",
        "listing",
        ["account", "urgency", "waiting_since", "product_id"],
        sqlite_where=sa.text("urgency IS NOT NULL"),
        postgresql_where=sa.text("urgency IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_failing",
        "listing",
        ["account"],
        sqlite_where=sa.text("failures IS NOT NULL"),
        postgresql_where=sa.text("failures IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_held",
        "listing",
        ["held_group"],
        sqlite_where=sa.text("held_group IS NOT NULL"),
        postgresql_where=sa.text("held_group IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_in_review",
        "listing",
        ["account"],
        sqlite_where=sa.text("found = 'in_review'"),
        postgresql_where=sa.text("found = 'in_review'"),
    )
    op.create_index("ix_listing_ref", "listing", ["account", "ref"])
    op.create_index(
        "ix_listing_stuck",
        "listing",
        ["marketplace", "product_id"],
        sqlite_where=sa.text("decision = 'withdraw' AND hold IS NOT NULL"),
        postgresql_where=sa.text("decision = 'withdraw' AND hold IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_unread",
        "listing",
        ["account"],
        sqlite_where=sa.text("read_at IS NULL AND ref <> ''"),
        postgresql_where=sa.text("read_at IS NULL AND ref <> ''"),
    )
    op.create_index(
        "ix_listing_until",
        "listing",
        ["account", "until"],
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )
    op.create_index(
        "ix_listing_waiting",
        "listing",
        ["account", "waiting_since", "product_id"],
        sqlite_where=sa.text("urgency IS NOT NULL"),
        postgresql_where=sa.text("urgency IS NOT NULL"),
    )


def _mapping() -> None:
    op.create_table(
        "mapping",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("mapping", document(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mapping"),
    )
    op.create_index("ix_mapping_marketplace_id", "mapping", ["marketplace", "id"])


def _remote() -> None:
    op.create_table(
        "remote",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("client_ref", exact(200), nullable=False),
        sa.Column("state", exact(16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("seller_name", sa.Text(), nullable=False),
        sa.Column("seller_ref", exact(200), nullable=False),
        sa.Column("packs", document(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "ref", name="pk_remote"),
    )


def _remote_key() -> None:
    op.create_table(
        "remote_key",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("key", exact(400), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", "ref", name="pk_remote_key"),
    )


def _retry() -> None:
    op.create_table(
        "retry",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("heard_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_retry"),
    )
    op.create_index(
        "ix_retry_unheard",
        "retry",
        ["marketplace"],
        sqlite_where=sa.text("heard_at IS NULL"),
        postgresql_where=sa.text("heard_at IS NULL"),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", exact(100), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", exact(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_account_started_at", "run", ["account", "started_at"])


def _seller() -> None:
    op.create_table(
        "seller",
        sa.Column("account", exact(64), nullable=False),
        sa.Column("producer_id", exact(32), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("sent_print", exact(24), nullable=False),
        sa.Column("confirmed_print", exact(24), nullable=False),
        sa.Column("refused_print", exact(24), nullable=False),
        sa.Column("submitted_print", exact(24), nullable=False),
        sa.Column("problems", document(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "producer_id", name="pk_seller"),
    )


def _snapshot() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("counts", document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
    )
    op.create_index("ix_snapshot_marketplace_at", "snapshot", ["marketplace", "at"])


def _twin() -> None:
    op.create_table(
        "twin",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("marketplace", exact(64), nullable=False),
        sa.Column("product_id", exact(32), nullable=False),
        sa.Column("account", exact(64), nullable=False),
        sa.Column("ref", exact(100), nullable=False),
        sa.Column("agrees_on", document(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("state", exact(16), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_twin"),
    )
    op.create_index(
        "ix_twin_account_product_id_ref",
        "twin",
        ["account", "product_id", "ref"],
        unique=True,
    )
