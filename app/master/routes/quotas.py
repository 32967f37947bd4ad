"""Quotas of all hosts, for admins: read from what is stored."""

from app.master.pages.overview import OverviewPages
from app.master.pages.quotas import QuotaPages, QuotasOut, QuotasQuery
from app.master.pages.rows import RowPages
from app.master.wire.overview import AttentionOut, OverviewOut
from app.master.wire.rows import RowsOut, RowsQuery
from app.web.router import Api
from app.web.wire import JsonObject


def add_quotas(api: Api, quotas: QuotaPages, rows: RowPages, overview: OverviewPages) -> None:
    """`/api/quotas`, `/api/rows`, `/api/overview`, `/api/attention`."""

    @api.route("GET", "/api/quotas", access="admin", errors=(404,), answer=QuotasOut, cache="content")
    def list_quotas(query: QuotasQuery) -> JsonObject:
        """All devices and quotas of all hosts, by host id, as last read."""
        return quotas.all_hosts(query)

    @api.route("GET", "/api/rows", access="admin", answer=RowsOut, cache="page")
    def list_rows(query: RowsQuery) -> JsonObject:
        """Every quota of every host: filtered, sorted and paged; the fullest first."""
        return rows.page(query)

    @api.route("GET", "/api/overview", access="admin", cache="page")
    def get_overview() -> OverviewOut:
        """The fleet in numbers."""
        return overview.overview()

    @api.route("GET", "/api/attention", access="admin", answer=AttentionOut, cache="page")
    def get_attention() -> JsonObject:
        """Hosts, devices and quotas that need attention, at most 50 of each with counts of all."""
        return overview.attention()
