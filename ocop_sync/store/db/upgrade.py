"""Carry an upgrade out with Alembic.

Apart from `ocop_sync.store.db.schema`, as loading Alembic takes longer than most
commands do, and hardly any has something to upgrade.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent.parent / "migrations"


def configuration() -> Config:
    """Return the configuration of Alembic."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def upgrade_on(connection: Connection) -> None:
    """Bring the tables up to date, in the transaction of *connection*."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
