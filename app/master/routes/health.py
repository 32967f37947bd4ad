"""Is the master there, and is it ready?"""

from typing import Literal

from app import __version__
from app.db.engine import Database
from app.db.repositories.hosts import HostRepository
from app.web.router import Api
from app.web.wire import Out


class HealthOut(Out):
    """The master is there."""

    status: Literal["ok"]
    version: str


def add_health(api: Api, database: Database) -> None:
    """`/api/health` and `/readyz`."""

    @api.route("GET", "/api/health", access="public")
    def get_health() -> HealthOut:
        """Is the master there?"""
        return HealthOut(status="ok", version=__version__)

    @api.route("GET", "/readyz", access="public", errors=(503,))
    def get_readiness() -> HealthOut:
        """Is the master ready to answer? It is when its database answers."""
        with database.read() as connection:
            HostRepository(connection).find("")
        return HealthOut(status="ok", version=__version__)
