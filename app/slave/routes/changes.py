"""Routes that set limits: one id's, or many at once."""

import orjson
from flask import request
from werkzeug.http import quote_etag

from app.quota.values import QuotaType
from app.slave.changes import Expectation
from app.slave.services import SlaveServices
from app.slave.wire import DeviceQuery
from app.web.etag import etags_in
from app.web.quota_changes import BatchIn, BatchOut, ChangedGroupRowOut, ChangedProjectRowOut, ChangedUserRowOut
from app.web.quota_rows import LimitsIn
from app.web.router import Api, Reply
from app.web.wire import Uid

REFUSALS = (404, 409, 503, 507)


def declare_changes(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    def change(quota_type: QuotaType, quota_id: int, query: DeviceQuery, body: LimitsIn) -> Reply:
        changed = services.changer.set_limits(query.device, quota_type, quota_id, body, _expectation())
        return Reply(orjson.dumps(changed.row), headers={"ETag": quote_etag(changed.etag)})

    @api.route(
        "PUT",
        "/remote-api/quotas/users/{uid}",
        access="write",
        errors=REFUSALS,
        answer=ChangedUserRowOut,
        if_match=True,
    )
    def set_user_limits(uid: Uid, query: DeviceQuery, body: LimitsIn) -> Reply:
        """Set a user's limits on a device; a missing one stays as it is. Answers the row as read back.

        With `If-Match` (the ETag of an earlier answer to this call, or to the user's quotas with `device=`): 409 when
        the limits were changed since. A limit below usage is set, and `warnings` says so. Somebody on default limits
        has limits of their own from then on; with all four set to 0, the defaults hold again.
        """
        return change(QuotaType.USER, uid, query, body)

    @api.route(
        "PUT",
        "/remote-api/quotas/groups/{gid}",
        access="write",
        errors=REFUSALS,
        answer=ChangedGroupRowOut,
        if_match=True,
    )
    def set_group_limits(gid: Uid, query: DeviceQuery, body: LimitsIn) -> Reply:
        """Set a group's limits on a device, as a user's are set."""
        return change(QuotaType.GROUP, gid, query, body)

    @api.route(
        "PUT",
        "/remote-api/quotas/projects/{project_id}",
        access="write",
        errors=REFUSALS,
        answer=ChangedProjectRowOut,
        if_match=True,
    )
    def set_project_limits(project_id: Uid, query: DeviceQuery, body: LimitsIn) -> Reply:
        """Set a project's limits on a device, as a user's are set."""
        return change(QuotaType.PROJECT, project_id, query, body)

    @api.route("POST", "/remote-api/quotas/batch", access="write", errors=REFUSALS, answer=BatchOut)
    def set_many_limits(body: BatchIn) -> Reply:
        """Set the same limits for many ids of a device, as one by one: a result for each, in the order named.

        One that fails stops no other. An id named twice has one result. When the device no longer answers, the ids
        that are left are not tried: `device_timeout`. A dry run changes nothing and answers the rows that would stand.
        """
        return Reply(orjson.dumps({"results": services.batch.change(body)}))


def _expectation() -> Expectation | None:
    """What the If-Match of this request expects, None where there is none or it is `*`."""
    expected = request.if_match
    if "If-Match" not in request.headers or expected.star_tag:
        return None
    known = etags_in(expected)
    return lambda etag: etag in known
