"""What the routes need, made by the bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from app.quota.clock import Clock
from app.slave.batch import BatchChanger
from app.slave.changes import LimitChanger
from app.slave.defaults import DefaultLimits
from app.slave.docker_events import DockerEvents
from app.slave.docker_objects import DockerObjects
from app.slave.grace import GraceChanger
from app.slave.guard import InFlight
from app.slave.inventory import Inventory
from app.slave.keys.changes import KeyChanger
from app.slave.metrics.page import MetricsPage
from app.slave.names import NameBook
from app.slave.reading import Reader

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class SlaveServices:
    """The use cases of a slave. `docker` and `docker_events` are None where there is no Docker.

    `check_database` raises DatabaseUnavailableError where there is none to write to.
    """

    host_id: str
    inventory: Inventory
    reader: Reader
    changer: LimitChanger
    batch: BatchChanger
    defaults: DefaultLimits
    grace: GraceChanger
    names: NameBook
    clock: Clock
    check_database: Callable[[], None]
    metrics: MetricsPage
    metrics_allow: tuple[Network, ...]
    in_flight: InFlight
    keys: KeyChanger
    docker: DockerObjects | None = None
    docker_events: DockerEvents | None = None
    has_areas: bool = False
