"""The route of the metrics, and who may read them."""

from ipaddress import IPv6Address, ip_address

from flask import request

from app.auth.errors import ForbiddenError
from app.slave.services import SlaveServices
from app.web.prometheus import CONTENT_TYPE
from app.web.router import Api, Reply

_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


def declare_metrics(api: Api, services: SlaveServices) -> None:
    """Adds the route."""

    @api.route("GET", "/metrics", access="open", errors=[403, 503], media_type="text/plain")
    def get_metrics() -> Reply:
        """Usage, limits and state of every device and id, for Prometheus.

        Not signed: answered to callers from METRICS_ALLOW alone, by default this machine's. One who comes through a
        proxy is refused, because the address at hand is the proxy's.
        """
        _check_caller(services)
        return Reply(services.metrics.pieces(services.in_flight.count), content_type=CONTENT_TYPE)


def _check_caller(services: SlaveServices) -> None:
    if any(name in request.headers for name in _OF_PROXIES):
        raise ForbiddenError("Metrics are not for callers through a proxy.")
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        raise ForbiddenError("Metrics are for callers with an address.") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not any(address in network for network in services.metrics_allow):
        raise ForbiddenError("Metrics are not for callers from this address: METRICS_ALLOW does not name it.")
