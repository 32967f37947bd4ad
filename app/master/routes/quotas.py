"""Quotas of all hosts, for admins: read from what is stored, changed through to the slave."""

from typing import Annotated

import orjson
from pydantic import Field

from app.auth.caller import Caller
from app.master.changes import SetLimits
from app.master.pages.overview import OverviewPages
from app.master.pages.quotas import QuotaPages, QuotasOut, QuotasQuery
from app.master.pages.rows import RowPages
from app.master.wire.changes import ChangeIn, ChangeOut, ChangeQuery
from app.master.wire.overview import AttentionOut, OverviewOut
from app.master.wire.rows import RowsOut, RowsQuery
from app.web.router import Api, Reply
from app.web.wire import MAX_ID


def add_quotas(api: Api, quotas: QuotaPages, rows: RowPages, overview: OverviewPages, set_limits: SetLimits) -> None:
    """`/api/quotas`, `/api/rows`, `/api/overview`, `/api/attention`."""

    @api.route("GET", "/api/quotas", access="admin", errors=(404,), answer=QuotasOut, cache="content")
    def list_quotas(query: QuotasQuery) -> Reply:
        """All devices and quotas of all hosts, by host id, as last read."""
        return Reply(orjson.dumps(quotas.all_hosts(query)))

    @api.route("PUT", "/api/quotas/{host_id}/users/{uid}", access="admin", errors=(404, 409, 502, 503, 504, 507))
    def set_user_limits(
        caller: Caller, host_id: str, uid: Annotated[int, Field(ge=0, le=MAX_ID)], query: ChangeQuery, body: ChangeIn
    ) -> ChangeOut:
        """Sets limits of a user on a device; a missing limit stays as it is.

        The answer is the row that stands now, as read back from the backend, and the id of its audit entry.
        """
        return set_limits.of_user(caller, host_id, uid, query.device, body)

    @api.route("GET", "/api/rows", access="admin", cache="page")
    def list_rows(query: RowsQuery) -> RowsOut:
        """Every quota of every host: filtered, sorted and paged; the fullest first."""
        return rows.page(query)

    @api.route("GET", "/api/overview", access="admin", cache="page")
    def get_overview() -> OverviewOut:
        """The fleet in numbers."""
        return overview.overview()

    @api.route("GET", "/api/attention", access="admin", cache="page")
    def get_attention() -> AttentionOut:
        """Hosts, devices and quotas that need attention, at most 50 of each with counts of all."""
        return overview.attention()
