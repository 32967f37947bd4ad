"""Puts together who plans the readings of a master's hosts, and who reads them."""

from collections.abc import Callable
from datetime import timedelta
from random import SystemRandom

from app.bootstrap.hosts import host_parts
from app.db.engine import Database
from app.master.collector.elsewhere import Queue, QueueDispatch
from app.master.collector.pace import Pace
from app.master.collector.reader import HostReader
from app.master.collector.rounds import Rounds
from app.master.collector.schedule import Scheduler
from app.master.collector.service import Planning
from app.master.collector.slave_client import SlaveClient
from app.master.collector.storing import Storing
from app.master.fleet import Fleet
from app.quota.clock import Clock, utc_now
from app.settings.master import MasterSettings

MOST_ENROLLED = 100
"""For so many hosts that come later connections are kept open."""

OpenQueue = Callable[[str], Queue]
"""Gives the queue of a broker's URL; connects to nobody yet."""


def pace_of(settings: MasterSettings) -> Pace:
    """How often the settings have each host read."""
    interval = timedelta(seconds=settings.COLLECT_INTERVAL_SECONDS)
    return Pace(interval, timedelta(seconds=settings.COLLECT_FAST_INTERVAL_SECONDS), SystemRandom().random)


def client_for(fleet: Fleet, clock: Clock) -> SlaveClient:
    """Connections for all of its hosts."""
    return SlaveClient(clock, hosts=max(MOST_ENROLLED, len(fleet.entries)))


def planning(
    settings: MasterSettings, database: Database, fleet: Fleet, clock: Clock, open_queue: OpenQueue
) -> Planning:
    """Who plans, with connections of its own: where the settings name a broker it sends, else it reads by itself."""
    pace = pace_of(settings)
    if settings.CELERY_BROKER_URL is None:
        return Rounds(database, fleet, client_for(fleet, clock), clock, pace)
    dispatch = QueueDispatch(database, open_queue(settings.CELERY_BROKER_URL))
    return Scheduler(database, fleet, clock, pace, dispatch)


def host_reader(settings: MasterSettings) -> HostReader:
    """Who reads what others planned. Its threads and connections are this process's own: build it after a fork."""
    database = Database(settings.DATABASE_URL)
    fleet = host_parts(settings, database).fleet
    storing = Storing(database, fleet, utc_now, pace_of(settings))
    return HostReader(database, fleet, client_for(fleet, utc_now), utc_now, storing)
