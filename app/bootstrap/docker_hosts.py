"""Builds what the master shows and keeps of Docker's objects on its hosts."""

from app.db.engine import Database
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Trail
from app.master.collector.slave_client import SlaveClient
from app.master.docker.pages import DockerPages
from app.master.docker.reading import DockerReadings
from app.master.docker.saying import Attributions, Claims
from app.master.fleet import Fleet
from app.master.routes.docker_objects import add_docker_objects
from app.quota.clock import Clock
from app.settings.master import MasterSettings
from app.web.router import Api


def add_docker(
    api: Api, settings: MasterSettings, fleet: Fleet, database: Database, clock: Clock, client: SlaveClient
) -> DockerReadings:
    """Its routes; gives what reads the hosts."""
    readings = DockerReadings(database, fleet, client, clock)
    pages = DockerPages(database, fleet, readings, clock, settings.MAPPING_SAME_NAME)
    trail = Trail(database, clock, settings.REQUIRE_REASON)
    attributions = Attributions(database, fleet, SlaveCalls(client), trail, readings, clock)
    add_docker_objects(api, pages, attributions, Claims(database, pages, clock))
    return readings
