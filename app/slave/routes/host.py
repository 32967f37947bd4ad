"""Routes about the slave itself: alive, ready, who it is."""

from app import __version__
from app.quota.errors import QmanError
from app.quota.values import QuotaType
from app.slave.inventory import Look
from app.slave.services import SlaveServices
from app.slave.wire import AliveOut, BackendOut, FeaturesOut, HostOut, ReadyOut
from app.web.quota_rows import DeviceProblemOut
from app.web.router import Api


def declare_host(api: Api, services: SlaveServices) -> None:
    """Adds the routes."""

    @api.route("GET", "/remote-api/ping", access="open")
    def ping() -> AliveOut:
        """The slave answers."""
        return AliveOut(status="ok")

    @api.route("GET", "/healthz", access="open")
    def get_health() -> AliveOut:
        """The process answers."""
        return AliveOut(status="ok")

    @api.route("GET", "/readyz", access="open", errors=[503])
    def get_readiness() -> ReadyOut:
        """The slave can take requests: its database answers. A failing backend is data, and no reason to be unready."""
        services.check_database()
        return ReadyOut(status="ready")

    @api.route("GET", "/remote-api/host", access="read", errors=[503])
    def get_host() -> HostOut:
        """Which host this is, which backends are on, and what it can do."""
        look = services.inventory.look()
        types = {its for listed in look.listed.values() for its in listed.device.capabilities.quota_types}
        return HostOut(
            id=services.host_id,
            version=__version__,
            time=services.clock(),
            backends=[_backend(backend.name, look) for backend in services.inventory.backends],
            capabilities=FeaturesOut(
                quota_types=[its for its in QuotaType if its in types],
                set_limits=True,
                docker=services.docker is not None,
                areas=services.has_areas,
            ),
        )


def _backend(name: str, look: Look) -> BackendOut:
    devices = sum(listed.backend.name == name for listed in look.listed.values())
    error: QmanError | None = look.failures.get(name)
    if error is None:
        return BackendOut(name=name, status="ok", devices=devices)
    problem = DeviceProblemOut(code=error.code, detail=error.detail)
    return BackendOut(name=name, status="failed", devices=devices, problem=problem)
