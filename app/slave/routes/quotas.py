"""Routes of quotas: read all, read one id's, set one id's limits."""

from collections.abc import Sequence

import orjson
from flask import request
from werkzeug.http import quote_etag

from app.quota.values import QuotaType
from app.slave.changes import Expectation
from app.slave.render import DeviceReading, list_etag, list_json
from app.slave.services import SlaveServices
from app.slave.wire import DeviceFilter, DeviceQuery, QuotasQuery
from app.web.etag import matches
from app.web.quota_rows import DeviceOut, LimitsIn, UserRowOut
from app.web.router import Api, Reply
from app.web.wire import Uid


def declare_quotas(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("GET", "/remote-api/quotas", access="read", errors=[404, 503], answer=list[DeviceOut], cache="content")
    def list_quotas(query: QuotasQuery) -> Reply:
        """Every device with its quotas.

        A device that cannot be read stays in the list as failed, with the reason. Figures are at most as old as the
        slave's READ_INTERVAL_SECONDS, `measured_at` says how old; a change by PUT shows at once.
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
        "PUT",
        "/remote-api/quotas/users/{uid}",
        access="write",
        errors=[404, 409, 503, 507],
        answer=UserRowOut,
    )
    def set_user_limits(uid: Uid, query: DeviceQuery, body: LimitsIn) -> Reply:
        """Set a user's limits on a device; a missing one stays as it is. Answers the row as read back.

        With `If-Match` (the ETag of an earlier answer to this call, or to the user's quotas with `device=`): 409 when
        the limits were changed since.
        """
        changed = services.changer.set_limits(query.device, QuotaType.USER, uid, body, _expectation())
        return Reply(orjson.dumps(changed.row), headers={"ETag": quote_etag(changed.etag)})


def _reply(readings: Sequence[DeviceReading], quota_type: QuotaType | None) -> Reply:
    etag = list_etag(readings, quota_type)
    return Reply(b"" if matches(etag) else list_json(readings, quota_type), etag=etag)


def _expectation() -> Expectation | None:
    """What the If-Match of this request expects, None where there is none or it is `*`."""
    expected = request.if_match
    if not expected or expected.star_tag:
        return None
    known = {tag.split(":", 1)[0] for tag in expected.as_set(include_weak=True)}
    return lambda etag: etag in known
