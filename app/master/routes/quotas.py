"""Quotas of all hosts, for admins: read from what is stored."""

import orjson

from app.master.pages.overview import OverviewPages
from app.master.pages.quotas import QuotaPages, QuotasOut, QuotasQuery
from app.master.pages.rows import RowPages
from app.master.wire.overview import AttentionOut, OverviewOut
from app.master.wire.rows import RowsOut, RowsQuery
from app.web.router import Api, Reply


def add_quotas(api: Api, quotas: QuotaPages, rows: RowPages, overview: OverviewPages) -> None:
    """`/api/quotas`, `/api/rows`, `/api/overview`, `/api/attention`."""

    @api.route("GET", "/api/quotas", access="admin", errors=(404,), answer=QuotasOut, cache="content")
    def list_quotas(query: QuotasQuery) -> Reply:
        """All devices and quotas of all hosts, by host id, as last read."""
        return Reply(orjson.dumps(quotas.all_hosts(query)))

    @api.route("GET", "/api/rows", access="admin", answer=RowsOut, cache="page")
    def list_rows(query: RowsQuery) -> Reply:
        """Every quota of every host: filtered, sorted and paged; the fullest first."""
        return Reply(orjson.dumps(rows.page(query)))

    @api.route("GET", "/api/overview", access="admin", cache="page")
    def get_overview() -> OverviewOut:
        """The fleet in numbers."""
        return overview.overview()

    @api.route("GET", "/api/attention", access="admin", answer=AttentionOut, cache="page")
    def get_attention() -> Reply:
        """Hosts, devices and quotas that need attention, at most 50 of each with counts of all."""
        return Reply(orjson.dumps(overview.attention()))
