"""What the routes need, made by the bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass

from app.quota.clock import Clock
from app.slave.changes import LimitChanger
from app.slave.inventory import Inventory
from app.slave.names import NameBook
from app.slave.reading import Reader


@dataclass(frozen=True, slots=True)
class SlaveServices:
    """The use cases of a slave. `check_database` raises DatabaseUnavailableError where there is none to write to."""

    host_id: str
    inventory: Inventory
    reader: Reader
    changer: LimitChanger
    names: NameBook
    clock: Clock
    check_database: Callable[[], None]
    has_docker: bool = False
    has_areas: bool = False
