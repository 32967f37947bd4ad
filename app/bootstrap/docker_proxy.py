"""Builds the socket proxy of this host."""

from dataclasses import dataclass
from pathlib import Path

from app.bootstrap.doctor import read_slave_settings
from app.db.engine import Database
from app.docker_quota.ledger import Ledger
from app.docker_quota.proxy.journal import DatabaseJournal
from app.docker_quota.proxy.names import UserNames
from app.docker_quota.proxy.quotas import LedgerOverQuota
from app.docker_quota.proxy.sessions import Session
from app.quota.clock import utc_now
from app.settings.files import SettingsError
from app.settings.slave import SlaveSettings

DEFAULT_UPSTREAM = "unix:///run/docker.sock"


@dataclass(frozen=True, slots=True)
class ProxyPaths:
    """The socket of the proxy with its group, and that of dockerd."""

    listen: Path
    group: str
    upstream: Path


def read_proxy_settings(
    config: Path | None, listen: Path | None, upstream: Path | None
) -> tuple[SlaveSettings, ProxyPaths]:
    """The slave's settings, and the paths by these arguments, else by the settings. Raises SettingsError."""
    file, settings = read_slave_settings(config)
    host = settings.DOCKER_HOST or DEFAULT_UPSTREAM
    if upstream is None:
        if not host.startswith("unix:///"):
            raise SettingsError(f'{file}: DOCKER_HOST: found "{host}", expected unix:///PATH, or --upstream PATH')
        upstream = Path(host.removeprefix("unix://"))
    paths = ProxyPaths(listen or Path(settings.DOCKER_PROXY_SOCKET), settings.DOCKER_PROXY_SOCKET_GROUP, upstream)
    if paths.listen.resolve() == paths.upstream.resolve():
        raise SettingsError(f"{file}: DOCKER_HOST: found the proxy's own socket, expected dockerd's")
    return settings, paths


def proxy_session(settings: SlaveSettings, upstream: Path) -> Session:
    """What serves a client. It journals into the slave's database."""
    database = Database(settings.database_url)
    return Session(
        upstream,
        DatabaseJournal(database),
        UserNames().name_of,
        utc_now,
        label_images=settings.DOCKER_PROXY_LABEL_IMAGES,
        over_quota=LedgerOverQuota(Ledger(database)) if settings.DOCKER_PROXY_REFUSE_OVER_QUOTA else None,
    )
