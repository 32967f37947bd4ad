"""History and forecasts, for admins and for the people whose quotas they are."""

from app.auth.caller import Caller
from app.master.pages.history import HistoryPages
from app.master.wire.history import ForecastOut, ForecastQuery, HistoryOut, HistoryQuery, MyHistoryOut, MyHistoryQuery
from app.web.router import Api


def add_history(api: Api, pages: HistoryPages) -> None:
    """`/api/history`, `/api/me/history`, `/api/forecast`."""

    @api.route("GET", "/api/history", access="user", errors=(404,), cache="page")
    def get_history(caller: Caller, query: HistoryQuery) -> HistoryOut:
        """A quota over time, or without `id` a device. Who is no admin sees their own quotas only."""
        return pages.history(caller, query)

    @api.route("GET", "/api/me/history", access="user", cache="page")
    def get_my_history(caller: Caller, query: MyHistoryQuery) -> MyHistoryOut:
        """My quotas over time, the fullest first."""
        return pages.mine(caller, query)

    @api.route("GET", "/api/forecast", access="user", errors=(404,), cache="page")
    def get_forecast(caller: Caller, query: ForecastQuery) -> ForecastOut:
        """When a quota will be full, or without `id` a device. Who is no admin sees their own quotas only."""
        return pages.forecast(caller, query)
