"""Builds what the master shows and keeps of Docker's objects on its hosts."""

from app.db.engine import Database
from app.master.changes.slave_calls import SlaveCalls
from app.master.changes.trail import Trail
from app.master.collector.slave_client import SlaveClient
from app.master.docker.accounts import DockerAccounts
from app.master.docker.history import ObjectHistories
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
    accounts = DockerAccounts(database, settings.MAPPING_SAME_NAME)
    pages = DockerPages(database, fleet, readings, clock, accounts)
    trail = Trail(database, clock, settings.REQUIRE_REASON)
    attributions = Attributions(database, fleet, SlaveCalls(client), trail, readings, clock)
    claims = Claims(database, accounts, clock)
    add_docker_objects(api, pages, ObjectHistories(database), attributions, claims)
    return readings
