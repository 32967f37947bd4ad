"""The metrics of the fleet."""

from app.master.pages.metrics import MetricsPages
from app.web.prometheus import CONTENT_TYPE
from app.web.router import Api, Reply


def add_metrics(api: Api, pages: MetricsPages) -> None:
    """`/metrics`."""

    @api.route("GET", "/metrics", access="public", errors=(503,), media_type="text/plain")
    def get_metrics() -> Reply:
        """Counts of hosts and quotas by state, and ages, for Prometheus. Names nobody."""
        return Reply(pages.text(), content_type=CONTENT_TYPE)
