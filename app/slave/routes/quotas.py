"""Routes that read quotas: all of them, or one id's."""

from collections.abc import Sequence

from app.quota.values import QuotaType
from app.slave.render import DeviceReading, list_etag, list_pieces
from app.slave.services import SlaveServices
from app.slave.wire import DeviceFilter, QuotasQuery
from app.web.etag import matches
from app.web.quota_rows import DeviceOut
from app.web.router import Api, Reply
from app.web.wire import Uid


def declare_quotas(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("GET", "/remote-api/quotas", access="read", errors=[404, 503], answer=list[DeviceOut], cache="content")
    def list_quotas(query: QuotasQuery) -> Reply:
        """Every device with its quotas.

        A device that cannot be read stays in the list as failed, with the reason; one that does not answer with usage
        and rows of its last good reading, and the instant of that. Figures are at most as old as the
        slave's READ_INTERVAL_SECONDS, `measured_at` says how old; a change shows at once. The row of an id without
        limits of its own shows the device's default limits, in place already or not, and `limits_source` "default".
        """
        return _reply(services.reader.read_all(query.device), query.quota_type)

    @api.route(
        "GET",
        "/remote-api/quotas/users/{uid}",
        access="read",
        errors=[404, 503],
        answer=list[DeviceOut],
        cache="content",
    )
    def get_user_quotas(uid: Uid, query: DeviceFilter) -> Reply:
        """Every device with this user's row alone, read from the backend now."""
        return _reply(services.reader.read_one(QuotaType.USER, uid, query.device), QuotaType.USER)

    @api.route(
        "GET",
        "/remote-api/quotas/users/by-name/{name}",
        access="read",
        errors=[404, 503],
        answer=list[DeviceOut],
        cache="content",
    )
    def get_user_quotas_by_name(name: str, query: DeviceFilter) -> Reply:
        """As by uid, for the user whom the host knows by this name."""
        uid = services.names.resolve(name)
        return _reply(services.reader.read_one(QuotaType.USER, uid, query.device), QuotaType.USER)

    @api.route(
        "GET",
        "/remote-api/quotas/groups/{gid}",
        access="read",
        errors=[404, 503],
        answer=list[DeviceOut],
        cache="content",
    )
    def get_group_quotas(gid: Uid, query: DeviceFilter) -> Reply:
        """Every device with this group's row alone, read from the backend now; no row where groups have no quotas."""
        return _reply(services.reader.read_one(QuotaType.GROUP, gid, query.device), QuotaType.GROUP)

    @api.route(
        "GET",
        "/remote-api/quotas/projects/{project_id}",
        access="read",
        errors=[404, 503],
        answer=list[DeviceOut],
        cache="content",
    )
    def get_project_quotas(project_id: Uid, query: DeviceFilter) -> Reply:
        """Every device with this project's row alone, read from the backend now; no row where there are no projects."""
        return _reply(services.reader.read_one(QuotaType.PROJECT, project_id, query.device), QuotaType.PROJECT)


def _reply(readings: Sequence[DeviceReading], quota_type: QuotaType | None) -> Reply:
    etag = list_etag(readings, quota_type)
    return Reply(b"" if matches(etag) else list_pieces(readings, quota_type), etag=etag)
